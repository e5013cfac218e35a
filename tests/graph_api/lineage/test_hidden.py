"""Walks past what a reader may not see: nothing hidden is named, and nothing behind it is missed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cypher.session import GraphSession
from schema.domain.identity import Principal, Role, Scope
from tests.graph_api.asking import Api, api
from tests.seed import fill, warehouse

CHAIN = warehouse("chain", "", datasets=8, columns=10)
HIDDEN = (3, 4)
SEEN = Scope(3)


@pytest.fixture
async def chain(graph: GraphSession, admin: Principal) -> GraphSession:
    """Eight datasets in a row, of which the fourth and the fifth are above the reader."""
    await fill(graph, admin, CHAIN, embedded=False, fan=1)
    urns = [CHAIN.urn(n) for n in HIDDEN]
    await graph.schema_statement(f"MATCH (a:Asset) WHERE a.urn IN {urns} SET a.sensitivity = 4")
    return graph


def reader(graph: GraphSession, role: Role = Role.READER) -> Api:
    return api(graph, role, SEEN)


async def test_an_impact_goes_on_behind_what_is_hidden_and_does_not_name_it(chain: GraphSession) -> None:
    document = "query ($u: String!) { impact(urn: $u) { edges { hops node { urn } path { urn } } completeness { complete hiddenAssets hiddenCount } } }"
    found = (await reader(chain).ask(document, u=CHAIN.urn(1)))["impact"]

    assert [(edge["node"]["urn"], edge["hops"]) for edge in found["edges"]] == [
        (CHAIN.urn(2), 1),
        (CHAIN.urn(5), 4),
        (CHAIN.urn(6), 5),
        (CHAIN.urn(7), 6),
    ]
    assert [step["urn"] for step in found["edges"][-1]["path"]] == [CHAIN.urn(n) for n in (1, 2, 5, 6, 7)]
    assert found["completeness"] == {"complete": True, "hiddenAssets": "PASSED", "hiddenCount": None}


async def test_counts_groups_and_pages_leave_the_hidden_ones_out(chain: GraphSession) -> None:
    document = """query ($u: String!, $a: String) { impactCount(urn: $u) { total byHop { hops } }
      impactGroups(urn: $u, by: DATASET) { groups { key } }
      impact(urn: $u, first: 2, after: $a) { edges { node { urn } } pageInfo { endCursor hasNextPage } } }"""
    found = await reader(chain).ask(document, u=CHAIN.urn(1))
    rest = await reader(chain).ask(document, u=CHAIN.urn(1), a=found["impact"]["pageInfo"]["endCursor"])

    assert found["impactCount"] == {"total": 4, "byHop": [{"hops": n} for n in (1, 4, 5, 6)]}
    assert {group["key"] for group in found["impactGroups"]["groups"]} == {CHAIN.urn(n) for n in (2, 5, 6, 7)}
    pages = found["impact"]["edges"] + rest["impact"]["edges"]
    assert [edge["node"]["urn"] for edge in pages] == [CHAIN.urn(n) for n in (2, 5, 6, 7)]


async def test_who_may_know_is_told_how_many_are_hidden(chain: GraphSession) -> None:
    document = "query ($u: String!) { impact(urn: $u) { completeness { complete reason hiddenCount } } }"

    async def told(by: Api) -> Any:
        return (await by.ask(document, u=CHAIN.urn(1)))["impact"]["completeness"]

    knows = {"complete": False, "reason": "ACCESS", "hiddenCount": 2}
    assert await told(reader(chain, Role.ADMIN)) == knows
    assert await told(replace(reader(chain, Role.ADMIN), past_hidden=False)) == knows
    assert await told(api(chain)) == {"complete": True, "reason": None, "hiddenCount": 0}
    assert (await told(reader(chain)))["hiddenCount"] is None


async def test_a_picture_joins_what_only_hidden_assets_lie_between(chain: GraphSession) -> None:
    document = "query ($u: String!) { lineage(urn: $u, maxHops: 4) { nodes { urn } edges { upstream downstream pastHidden assertions { origin } } completeness { hiddenAssets } } }"
    found = (await reader(chain).ask(document, u=CHAIN.urn(2)))["lineage"]
    gaps = [edge for edge in found["edges"] if edge["pastHidden"]]

    assert gaps == [
        {"upstream": CHAIN.urn(2), "downstream": CHAIN.urn(5), "pastHidden": True, "assertions": []}
    ]
    assert not {CHAIN.urn(n) for n in HIDDEN} & {node["urn"] for node in found["nodes"]}

    stopped = (await replace(reader(chain), past_hidden=False).ask(document, u=CHAIN.urn(2)))["lineage"]
    assert not any(edge["pastHidden"] for edge in stopped["edges"])
    assert stopped["completeness"] == {"hiddenAssets": "STOP"}


async def test_a_way_over_hidden_assets_is_as_long_as_it_is_and_names_none_of_them(
    chain: GraphSession,
) -> None:
    document = "query ($u: String!, $t: String!) { lineagePaths(from: $u, to: $t) { paths { hops assets { urn } edges { upstream downstream pastHidden } } } }"
    found = (await reader(chain).ask(document, u=CHAIN.urn(1), t=CHAIN.urn(6)))["lineagePaths"]["paths"]

    assert [step["urn"] for step in found[0]["assets"]] == [CHAIN.urn(n) for n in (1, 2, 5, 6)]
    assert (len(found), found[0]["hops"]) == (1, 5)
    assert [edge["pastHidden"] for edge in found[0]["edges"]] == [False, True, False]


async def test_a_change_breaks_what_lies_behind_hidden_assets(chain: GraphSession) -> None:
    document = "query ($u: String!) { changeImpact(changes: [{kind: DROP_DATASET, urn: $u}]) { effects { effect hops asset { urn } path { urn } } } }"
    [found] = (await reader(chain).ask(document, u=CHAIN.urn(2)))["changeImpact"]

    datasets = [each for each in found["effects"] if each["asset"]["urn"].startswith("dataset:")]
    assert [effect["asset"]["urn"] for effect in datasets] == [CHAIN.urn(n) for n in (5, 6, 7)]
    assert [step["urn"] for step in datasets[0]["path"]] == [CHAIN.urn(n) for n in (2, 5)]


async def test_both_ways_are_walked_and_never_to_and_fro(chain: GraphSession) -> None:
    document = "query ($u: String!, $h: Int) { impact(urn: $u, direction: BOTH, maxHops: $h) { edges { hops node { urn } path { urn } } } impactCount(urn: $u, direction: BOTH, maxHops: $h) { total } }"
    found = await api(chain).ask(document, u=CHAIN.urn(3), h=None)

    assert [(edge["hops"], edge["node"]["urn"]) for edge in found["impact"]["edges"]] == sorted(
        (abs(n - 3), CHAIN.urn(n)) for n in (0, 1, 2, 4, 5, 6, 7)
    )
    by_urn = {edge["node"]["urn"]: edge["path"] for edge in found["impact"]["edges"]}
    assert [step["urn"] for step in by_urn[CHAIN.urn(1)]] == [CHAIN.urn(n) for n in (3, 2, 1)]
    assert found["impactCount"]["total"] == 7
