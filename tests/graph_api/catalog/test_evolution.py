"""Versions of a dataset's schema over the API: listed, compared, blamed; nothing hidden is named or counted."""

from __future__ import annotations

from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import catalog, classifications
from schema.domain.catalog import DiscoveredColumn
from schema.domain.classifications import Sensitivity, Verdict
from schema.domain.identity import Principal, Role, Scope
from tests.graph_api.asking import Counting, api, nodes
from tests.ingest.commands.test_schemas import ORDERS, RENAMED, URN, WIDER, with_columns
from tests.seed import CLASSIFIERS, know, register, warehouse

VERSIONS = """query ($u: String!, $n: Int, $a: String, $l: Int, $b: String) { assetByUrn(urn: $u) {
  schemaVersions(first: $n, after: $a, last: $l, before: $b) {
    edges { node { number run describedBy gone breaking changeCount columnCount
      changes(first: 9) { edges { node { kind breaking before { name } after { name dataType } } } }
      columns(first: 9) { edges { node { name } } } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
DIFF = """query ($u: String!, $f: Int, $t: Int, $n: Int, $a: String) { schemaDiff(dataset: $u, from: $f, to: $t) {
  fromVersion { number } toVersion { number } changeCount breakingCount
  changes(first: $n, after: $a) { edges { node { kind breaking reason position retyping confidence evidence
    before { name dataType nullable } after { name dataType nullable } } }
    pageInfo { hasNextPage endCursor } } } }"""
BLAME = """query ($u: String!) { assetByUrn(urn: $u) { schemaBlame { edges { node {
  column { name } since { number run describedBy actor }
  changes(first: 9) { edges { node { version { number } change { kind before { name } } } } } } } } } }"""
SECRET = with_columns(*ORDERS.columns, DiscoveredColumn("ssn", "text", True, 4))
LOW = Scope(clearance=int(Sensitivity.INTERNAL))


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    await register(graph, warehouse("shop", "", datasets=1, columns=1))
    for run, dataset in (("r1", ORDERS), ("r2", WIDER), ("r3", RENAMED)):
        await catalog.publish_datasets(graph, admin, [dataset], run=run, by="shop")
    return graph


async def versions(graph: Any, **variables: Any) -> dict[str, Any]:
    found = await api(graph).ask(VERSIONS, u=URN, **variables)
    connection: dict[str, Any] = found["assetByUrn"]["schemaVersions"]
    return connection


async def test_versions_are_listed_newest_first_with_what_changed(shop: GraphSession) -> None:
    listed = nodes(await versions(shop))
    assert [(v["number"], v["run"], v["breaking"], v["changeCount"]) for v in listed] == [
        (3, "r3", True, 2),
        (2, "r2", False, 1),
        (1, "r1", False, 0),
    ]
    assert [(c["kind"], c["before"]["name"], c["after"]["name"]) for c in nodes(listed[0]["changes"])] == [
        ("RETYPED", "total", "total"),
        ("RENAMED", "note", "notes"),
    ]
    assert [c["name"] for c in nodes(listed[2]["columns"])] == ["id", "total", "note"]
    assert {v["describedBy"] for v in listed} == {"shop"}


async def test_pages_of_versions_make_up_the_list_from_both_ends(shop: GraphSession) -> None:
    first = await versions(shop, n=2)
    rest = await versions(shop, n=2, a=first["pageInfo"]["endCursor"])
    assert [v["number"] for v in nodes(first) + nodes(rest)] == [3, 2, 1]
    last = await versions(shop, l=2)
    assert [v["number"] for v in nodes(last)] == [2, 1]
    assert [v["number"] for v in nodes(await versions(shop, l=2, b=last["pageInfo"]["startCursor"]))] == [3]


async def test_a_list_of_versions_with_changes_is_two_queries(shop: GraphSession) -> None:
    counting = Counting(shop)
    await versions(counting)
    assert sorted(counting.asked)[-2:] == ["schemas.histories_past", "schemas.versions"]
    assert len(counting.asked) == 3


async def test_any_two_versions_are_compared_and_any_with_now(shop: GraphSession) -> None:
    async def kinds(**numbers: int) -> list[str]:
        found = (await api(shop).ask(DIFF, u=URN, **numbers))["schemaDiff"]
        return [each["kind"] for each in nodes(found["changes"])]

    assert await kinds(f=1, t=2) == ["RETYPED"]
    assert await kinds(f=1, t=3) == ["RENAMED"]
    assert await kinds(f=3, t=1) == ["RENAMED"]
    assert await kinds(f=3) == []
    assert await kinds() == ["RETYPED", "RENAMED"]
    assert await kinds(t=2) == ["RETYPED"]


async def test_a_difference_tells_whom_it_breaks_and_how_sure_a_rename_is(shop: GraphSession) -> None:
    found = (await api(shop).ask(DIFF, u=URN, f=2, t=3))["schemaDiff"]
    assert (found["changeCount"], found["breakingCount"]) == (2, 2)
    retyped, renamed = nodes(found["changes"])
    assert (retyped["retyping"], retyped["position"]) == ("NARROWED", 2)
    assert renamed["confidence"] > 0.9
    assert renamed["evidence"] == ["NAME", "TYPE", "PLACE"]
    assert renamed["reason"] == "Who reads it by name fails."
    page = (await api(shop).ask(DIFF, u=URN, f=2, t=3, n=1))["schemaDiff"]["changes"]
    after = (await api(shop).ask(DIFF, u=URN, f=2, t=3, n=1, a=page["pageInfo"]["endCursor"]))["schemaDiff"]
    assert nodes(after["changes"]) == [renamed]


async def test_what_is_not_there_is_said(shop: GraphSession) -> None:
    assert await api(shop).refused(DIFF, u=URN, f=9) == "INVALID_INPUT"
    assert (await api(shop).ask(DIFF, u="dataset:postgres://shop:5432~shop.public.gone"))[
        "schemaDiff"
    ] is None


async def test_a_column_is_blamed_on_the_version_that_made_it_so(shop: GraphSession) -> None:
    rows = nodes((await api(shop).ask(BLAME, u=URN))["assetByUrn"]["schemaBlame"])
    assert [(row["column"]["name"], row["since"]["number"], row["since"]["run"]) for row in rows] == [
        ("id", 1, "r1"),
        ("total", 3, "r3"),
        ("notes", 3, "r3"),
    ]
    total = [(c["version"]["number"], c["change"]["kind"]) for c in nodes(rows[1]["changes"])]
    assert total == [(3, "RETYPED"), (2, "RETYPED")]
    assert nodes(rows[2]["changes"])[0]["change"]["before"] == {"name": "note"}
    assert {row["since"]["actor"] for row in rows} == {"person:ada"}


async def test_a_hidden_column_is_neither_named_nor_counted(shop: GraphSession, admin: Principal) -> None:
    await catalog.publish_datasets(shop, admin, [SECRET], run="r4", by="shop")
    await know(shop, CLASSIFIERS)
    hidden = str(ORDERS.column_urn("ssn"))
    verdict = Verdict("SSN", Sensitivity.RESTRICTED, 0.9, "the name is ssn")
    await classifications.publish_verdicts(shop, admin, [(hidden, verdict)], [hidden], run="r4")

    reader = api(shop, Role.READER, LOW)
    for document, variables in ((VERSIONS, {}), (DIFF, {"f": 1, "n": 50}), (BLAME, {})):
        answer = str(await reader.ask(document, u=URN, **variables))
        assert "ssn" not in answer
        assert "ssn" in str(await api(shop).ask(document, u=URN, **variables))
    newest = nodes((await reader.ask(VERSIONS, u=URN))["assetByUrn"]["schemaVersions"])[0]
    seen = nodes(await versions(shop))[0]
    assert (newest["columnCount"], seen["columnCount"]) == (3, 4)
    assert newest["changeCount"] == seen["changeCount"] - 1


async def test_a_dataset_that_is_hidden_has_no_versions(shop: GraphSession) -> None:
    other = api(shop, Role.READER, Scope(clearance=4, domains=("hr",)))
    assert (await other.ask(VERSIONS, u=URN))["assetByUrn"] is None
    assert (await other.ask(DIFF, u=URN))["schemaDiff"] is None
