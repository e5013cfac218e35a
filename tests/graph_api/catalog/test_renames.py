"""A person says that a column was renamed: what people said of it comes along, and it is known as the same one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import catalog, classifications
from schema.domain.catalog import DiscoveredColumn
from schema.domain.classifications import Sensitivity, Verdict, VerdictStatus
from schema.domain.identity import Principal, Role, Scope
from tests.graph_api.asking import Api, api, nodes
from tests.ingest.commands.test_schemas import ORDERS, URN, with_columns
from tests.seed import CLASSIFIERS, know, register, warehouse

OLD, NEW = str(ORDERS.column_urn("note")), str(ORDERS.column_urn("value_17"))
AFTER = with_columns(
    *ORDERS.columns[:2],
    DiscoveredColumn("value_17", "varchar(9)", False, 3),
    DiscoveredColumn("extra", "date"),
)
CONFIRM = """mutation ($f: String!, $t: String!) { columnRenameConfirm(from: $f, to: $t, reason: "The ticket says so.") { __typename
  ... on ColumnRenameConfirmSuccess { column { name description tags { name } renamedFrom { name status }
    classifications { status decidedBy classification { name } } } } } }"""
DIFF = "query ($u: String!) { schemaDiff(dataset: $u, from: 1) { changes { edges { node { kind confidence evidence before { name } after { name } } } } } }"
RENAMED = "query ($u: String!) { assetByUrn(urn: $u) { renamedTo { name } renamedFrom { name } } }"


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    """A column that a person described, tagged and judged; then it goes, and one of another name and type comes."""
    await register(graph, warehouse("shop", "", datasets=1, columns=1))
    await catalog.publish_datasets(graph, admin, [ORDERS], run="r1", by="shop")
    await know(graph, CLASSIFIERS)
    for name, status in (("EMAIL", VerdictStatus.REJECTED), ("COUNTRY", VerdictStatus.CONFIRMED)):
        await classifications.decide(graph, admin, urn=OLD, classification=name, status=status)
    await classifications.publish_verdicts(
        graph, admin, [(OLD, Verdict("SSN", Sensitivity.RESTRICTED, 0.6, "a guess"))], [OLD], run="r1"
    )
    await catalog.describe(graph, admin, urn=OLD, description="What the customer wants.")
    await catalog.apply_tag(graph, admin, urns=[OLD], tag="free text")
    await catalog.publish_datasets(graph, admin, [AFTER], run="r2", by="shop")
    return graph


async def confirm(who: Api, old: str = OLD, new: str = NEW) -> dict[str, Any]:
    found: dict[str, Any] = (await who.ask(CONFIRM, f=old, t=new))["columnRenameConfirm"]
    return found


async def changes(graph: GraphSession) -> list[tuple[str, list[str]]]:
    found = (await api(graph).ask(DIFF, u=URN))["schemaDiff"]["changes"]
    return [(each["kind"], each["evidence"]) for each in nodes(found)]


async def test_what_people_said_of_a_column_comes_along_with_its_new_name(shop: GraphSession) -> None:
    found = (await confirm(api(shop)))["column"]
    assert found["description"] == "What the customer wants."
    assert [tag["name"] for tag in found["tags"]] == ["free text"]
    assert found["renamedFrom"] == {"name": "note", "status": "STALE"}
    verdicts = {v["classification"]["name"]: v["status"] for v in found["classifications"]}
    assert verdicts == {"EMAIL": "REJECTED", "COUNTRY": "CONFIRMED"}
    assert (await api(shop).ask(RENAMED, u=OLD))["assetByUrn"]["renamedTo"] == {"name": "value_17"}


async def test_a_difference_tells_of_a_confirmed_rename_as_of_one(shop: GraphSession) -> None:
    assert [kind for kind, _ in await changes(shop)] == ["ADDED", "ADDED", "REMOVED"]
    await confirm(api(shop))
    assert await changes(shop) == [
        ("RENAMED", ["CONFIRMED"]),
        ("RETYPED", []),
        ("NULLABILITY", []),
        ("ADDED", []),
    ]


async def test_what_was_said_of_the_new_name_itself_stays(shop: GraphSession, admin: Principal) -> None:
    await catalog.describe(shop, admin, urn=NEW, description="Value number 17.")
    await classifications.decide(shop, admin, urn=NEW, classification="EMAIL", status=VerdictStatus.CONFIRMED)
    found = (await confirm(api(shop)))["column"]
    assert found["description"] == "Value number 17."
    assert {"EMAIL": "CONFIRMED"}.items() <= {
        v["classification"]["name"]: v["status"] for v in found["classifications"]
    }.items()


async def test_a_rename_is_confirmed_once_and_of_columns_that_fit(
    shop: GraphSession, admin: Principal
) -> None:
    who, extra = api(shop), str(ORDERS.column_urn("extra"))
    ident, nobody = str(ORDERS.column_urn("id")), str(ORDERS.column_urn("nobody"))
    assert (await confirm(who, ident, NEW))["__typename"] == "InvalidInputError"
    assert (await confirm(who, OLD, OLD))["__typename"] == "InvalidInputError"
    assert (await confirm(who, OLD, nobody))["__typename"] == "NotFoundError"
    assert (await confirm(who))["__typename"] == "ColumnRenameConfirmSuccess"
    assert (await confirm(who))["__typename"] == "ColumnRenameConfirmSuccess"
    assert (await confirm(who, OLD, extra))["__typename"] == "ConflictError"
    assert (await confirm(api(shop, Role.EDITOR)))["__typename"] == "ForbiddenError"


async def test_who_may_not_see_a_column_cannot_rename_it(shop: GraphSession) -> None:
    # The guess at a social security number hides the old column.
    low = replace(api(shop, Role.STEWARD, Scope(clearance=int(Sensitivity.SENSITIVE))))
    assert (await confirm(low))["__typename"] == "NotFoundError"
