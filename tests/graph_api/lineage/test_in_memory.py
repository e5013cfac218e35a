"""Impact answered from the adjacency in memory, through the API."""

from __future__ import annotations

import pytest

from cypher.adjacency.live import Live
from cypher.session import GraphSession
from ingest.commands import lineage
from schema.domain.identity import Principal
from schema.domain.lineage import EdgeOrigin, LineageEdge
from tests.graph_api.asking import Counting, api
from tests.seed import fill, warehouse

SHOP = warehouse("shop", "", datasets=30, columns=10)
DOCUMENT = """query ($u: String!) {
  impact(urn: $u, first: 20, includeIndirect: true) { edges { hops node { urn } path { urn } } completeness { complete reason } }
  impactCount(urn: $u) { total byKind { kind count } bySensitivity { sensitivity count } }
  impactGroups(urn: $u, by: SCHEMA) { groups { key count nearestHop asset { name } } } }"""
WALKS = {"lineage.page_down", "lineage.counts_down", "lineage.groups_down", "lineage.problems_down", "lineage.paths_down"}  # fmt: skip


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    await fill(graph, admin, SHOP, embedded=False, fan=3)
    return graph


async def test_memory_answers_without_a_walk_in_the_graph(shop: GraphSession) -> None:
    live, counting = Live(shop), Counting(shop)
    await live.load()
    remembered = await api(counting, adjacency=live).ask(DOCUMENT, u=SHOP.urn(0))
    asked = await api(shop).ask(DOCUMENT, u=SHOP.urn(0))

    assert not WALKS & set(counting.asked)
    for answer in (remembered, asked):
        for edge in answer["impact"]["edges"]:
            steps = edge.pop("path")
            assert len(steps) == edge["hops"] + 1
            assert (steps[0]["urn"], steps[-1]["urn"]) == (SHOP.urn(0), edge["node"]["urn"])
    assert remembered == asked


async def test_an_edge_that_was_just_drawn_is_in_the_next_answer(
    shop: GraphSession, admin: Principal
) -> None:
    live = Live(shop)
    await live.load()
    document = "query ($u: String!) { impact(urn: $u, maxHops: 1) { edges { node { urn } } } }"
    before = await api(shop, adjacency=live).ask(document, u=SHOP.urn(0))
    edge = LineageEdge(SHOP.datasets[0].urn, SHOP.datasets[29].urn)
    await lineage.publish_edges(shop, admin, [edge], origin=EdgeOrigin.DBT, assertion="dbt", run="r2")
    after = await api(shop, adjacency=live).ask(document, u=SHOP.urn(0))

    assert [e["node"]["urn"] for e in after["impact"]["edges"]] == sorted(
        [*(e["node"]["urn"] for e in before["impact"]["edges"]), SHOP.urn(29)]
    )
