"""Dry runs of changes: what breaks, what only may, who is to be asked; nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from cypher.adjacency.live import Live
from cypher.audit.reads import graph_version
from cypher.session import GraphSession
from ingest.commands import catalog, lineage
from schema.domain.catalog import DiscoveredJob, Subtype
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.ids import Urn
from tests.graph_api.asking import api
from tests.seed import fill, warehouse

SHOP = warehouse("shop", "", datasets=5, columns=4)
CHANGE = """query ($k: ChangeKind!, $u: String!, $h: Int! = 20) { changeImpact(changes: [{kind: $k, urn: $u}], maxHops: $h) {
  effects { effect hops asset { urn } path { urn } } owners tags jobs { name } completeness { complete reason limit } } }"""


def column(dataset: int, name: str) -> str:
    return str(SHOP.datasets[dataset].column_urn(name))


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    """Five datasets in a row; the e-mail address of the last is masked into a column of the first."""
    await fill(graph, admin, SHOP, embedded=False, fan=1)
    masked = LineageEdge(
        SHOP.datasets[4].column_urn("email"), SHOP.datasets[0].column_urn("id"), (Transformation.MASK,)
    )
    await lineage.publish_edges(graph, admin, [masked], origin=EdgeOrigin.DBT, assertion="dbt", run="r2")
    await catalog.apply_tag(graph, admin, urns=[column(4, "country")], tag="report")
    return graph


async def asked(graph: GraphSession, kind: str, urn: str, **more: Any) -> dict[str, Any]:
    (found,) = (await api(graph).ask(CHANGE, k=kind, u=urn, **more))["changeImpact"]
    return dict(found)


@pytest.mark.parametrize("kind", ["DROP_COLUMN", "RENAME_COLUMN", "RETYPE_COLUMN"])
async def test_what_takes_the_value_breaks_and_what_filters_by_it_warns(
    shop: GraphSession, kind: str
) -> None:
    found = await asked(shop, kind, column(2, "country"))
    assert [(each["effect"], each["asset"]["urn"], each["hops"]) for each in found["effects"]] == [
        ("BREAKS", column(3, "country"), 1),
        ("BREAKS", column(4, "country"), 2),
        ("WARNS", SHOP.urn(3), 1),
        ("WARNS", SHOP.urn(4), 2),
    ]
    assert [step["urn"] for step in found["effects"][1]["path"]] == [column(n, "country") for n in (2, 3, 4)]
    assert (found["owners"], found["tags"]) == (["ada@example.com"], ["report"])
    assert [job["name"] for job in found["jobs"]] == ["load_2", "load_3"]
    assert found["completeness"] == {"complete": True, "reason": None, "limit": None}


async def test_a_mask_bears_another_type_but_not_the_loss_of_its_column(shop: GraphSession) -> None:
    start = column(4, "email")
    dropped, retyped = await asked(shop, "DROP_COLUMN", start), await asked(shop, "RETYPE_COLUMN", start)
    assert dropped["effects"][0]["effect"] == "BREAKS"
    assert retyped["effects"][0]["effect"] == "WARNS"
    assert retyped["effects"][0]["asset"]["urn"] == column(0, "id")


async def test_a_classification_goes_where_the_value_goes_and_not_through_a_mask(shop: GraphSession) -> None:
    found = await asked(shop, "CHANGE_CLASSIFICATION", column(3, "email"))
    assert [(each["effect"], each["asset"]["urn"]) for each in found["effects"]] == [
        ("WARNS", column(4, "email"))
    ]
    country = await asked(shop, "CHANGE_CLASSIFICATION", column(3, "country"))
    assert [each["asset"]["urn"] for each in country["effects"]] == [column(4, "country")]


async def test_dropping_a_dataset_breaks_all_that_is_made_from_it_as_far_as_asked(shop: GraphSession) -> None:
    found = await asked(shop, "DROP_DATASET", SHOP.urn(1), h=2)
    names = ("country", "email", "id", "parent_id")
    assert [(each["hops"], each["effect"], each["asset"]["urn"]) for each in found["effects"][:10]] == [
        (hop, "BREAKS", urn)
        for hop in (1, 2)
        for urn in (*(column(1 + hop, name) for name in names), SHOP.urn(1 + hop))
    ]
    by_urn = {each["asset"]["urn"]: [step["urn"] for step in each["path"]] for each in found["effects"]}
    assert by_urn[column(3, "email")] == [column(n, "email") for n in (1, 2, 3)]
    assert found["completeness"] == {"complete": False, "reason": "HOPS", "limit": 2}


@pytest.mark.parametrize("remembered", [False, True])
async def test_moving_a_source_breaks_what_reads_it_elsewhere_and_warns_further_on(
    shop: GraphSession, admin: Principal, remembered: bool
) -> None:
    mart = warehouse("mart", "", datasets=3, columns=4)
    await fill(shop, admin, mart, embedded=False, fan=1)
    ends = [LineageEdge(SHOP.datasets[4].column_urn("email"), mart.datasets[0].column_urn("email"))]
    await lineage.publish_edges(shop, admin, ends, origin=EdgeOrigin.DBT, assertion="dbt", run="r2")
    live = Live(shop, patience_s=60)
    await live.load()
    services = {"adjacency": live} if remembered else {}
    (found,) = (await api(shop, **services).ask(CHANGE, k="MOVE_SOURCE", u="source:shop"))["changeImpact"]

    at = [str(dataset.column_urn("email")) for dataset in mart.datasets]
    assert [(each["effect"], each["asset"]["urn"], each["hops"]) for each in found["effects"]] == [
        ("BREAKS", at[0], 1),
        ("WARNS", at[1], 2),
        ("WARNS", at[2], 3),
    ]
    assert [step["urn"] for step in found["effects"][1]["path"]] == [column(4, "email"), at[0], at[1]]


async def test_tests_and_reports_over_what_a_change_reaches_are_named_with_a_path(
    shop: GraphSession, admin: Principal
) -> None:
    urn = SHOP.datasets[3].urn
    test = DiscoveredJob(
        Urn("job", "dbt", "not_null_country"), "not_null_country", Subtype.DBT_TEST, inputs=(urn,)
    )
    report = DiscoveredJob(Urn("dashboard", "dbt", "weekly"), "weekly", inputs=(SHOP.datasets[2].urn,))
    await catalog.publish_jobs(shop, admin, [test, report], run="r2")
    document = """query ($u: String!) { changeImpact(changes: [{kind: DROP_COLUMN, urn: $u}]) {
      qualityRules { asset { name } path { urn } } reports { asset { name kind } path { urn } } classifications } }"""
    (found,) = (await api(shop).ask(document, u=column(2, "country")))["changeImpact"]

    assert found["qualityRules"] == [
        {
            "asset": {"name": "not_null_country"},
            "path": [{"urn": column(2, "country")}, {"urn": column(3, "country")}],
        }
    ]
    assert found["reports"] == [
        {"asset": {"name": "weekly", "kind": "DASHBOARD"}, "path": [{"urn": column(2, "country")}]}
    ]
    assert found["classifications"] == ["COUNTRY"]


async def test_a_dry_run_writes_nothing(shop: GraphSession) -> None:
    before = await graph_version(shop)
    await asked(shop, "DROP_DATASET", SHOP.urn(0))
    assert await graph_version(shop) == before


async def test_a_change_names_a_visible_asset_of_its_kind(shop: GraphSession) -> None:
    assert await api(shop).refused(CHANGE, k="DROP_COLUMN", u=SHOP.urn(0)) == "INVALID_INPUT"
    assert await api(shop).refused(CHANGE, k="DROP_DATASET", u="dataset:x~y") == "NOT_FOUND"
    await shop.schema_statement(
        f"MATCH (a:Asset) WHERE a.urn IN ['{SHOP.urn(1)}', '{column(3, 'country')}'] SET a.sensitivity = 4"
    )
    reader = api(shop, Role.READER, Scope(3))
    assert await reader.refused(CHANGE, k="DROP_DATASET", u=SHOP.urn(1)) == "NOT_FOUND"
    (seen,) = (await reader.ask(CHANGE, k="DROP_COLUMN", u=column(2, "country")))["changeImpact"]
    assert column(3, "country") not in {each["asset"]["urn"] for each in seen["effects"]}
    none = "{ changeImpact(changes: []) { urn } }"
    assert await api(shop).refused(none) == "INVALID_INPUT"
