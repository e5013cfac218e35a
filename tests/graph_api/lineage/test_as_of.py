"""Lineage as of a past instant, on the axis of what held and on that of what was known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cypher.session import GraphSession
from ingest.commands import lineage
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge
from tests.graph_api.asking import Counting, api
from tests.seed import fill, warehouse

CHAIN = warehouse("chain", "", datasets=4, columns=3)
IMPACT = """query ($u: String!, $w: AsOf, $d: Direction! = DOWNSTREAM, $n: Int, $a: String, $l: Int, $b: String) {
  impact(urn: $u, asOf: $w, direction: $d, first: $n, after: $a, last: $l, before: $b) {
    edges { hops node { urn } path { urn } } pageInfo { endCursor startCursor } completeness { complete reason } } }"""
LINEAGE = """query ($u: String!, $w: AsOf) { lineage(urn: $u, asOf: $w) {
  nodes { urn level } edges { upstream downstream assertions { origin } } completeness { complete } } }"""


class History:
    """Three instants: before any edge, while dataset 1 fed 2, and after it fell silent and 0 fed 3 instead."""

    before: str
    during: str
    after: str


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


@pytest.fixture
async def history(graph: GraphSession, admin: Principal) -> History:
    found = History()
    urns = [dataset.urn for dataset in CHAIN.datasets]
    found.before = now()
    await fill(graph, admin, CHAIN, embedded=False, fan=1)
    found.during = now()
    await lineage.publish_edges(
        graph,
        admin,
        [LineageEdge(urns[0], urns[3])],
        origin=EdgeOrigin.SQL,
        assertion="source:chain",
        run="r2",
        closes=[urns[2], urns[3]],
    )
    found.after = now()
    return found


async def reached(graph: GraphSession, start: int, **when: str) -> list[tuple[int, int]]:
    found = await api(graph).ask(IMPACT, u=CHAIN.urn(start), w=when or None)
    return [(int(hit["node"]["urn"][-4:]), hit["hops"]) for hit in found["impact"]["edges"]]


async def test_impact_before_and_after_an_edge_closed(graph: GraphSession, history: History) -> None:
    today = [(1, 1), (3, 1)]
    chain = [(1, 1), (2, 2), (3, 3)]
    assert await reached(graph, 0) == today
    assert await reached(graph, 0, validAt=history.before) == []
    assert await reached(graph, 0, validAt=history.during) == chain
    assert await reached(graph, 0, validAt=history.after) == today
    assert await reached(graph, 0, knownAt=history.before) == []
    assert await reached(graph, 0, knownAt=history.during) == chain
    assert await reached(graph, 0, knownAt=history.after) == today


async def test_what_was_believed_then_of_now_is_not_what_held_then(
    graph: GraphSession, history: History
) -> None:
    chain = [(1, 1), (2, 2), (3, 3)]
    assert await reached(graph, 0, validAt=history.after, knownAt=history.during) == chain
    assert await reached(graph, 0, validAt=history.during, knownAt=history.after) == chain
    assert await reached(graph, 0, validAt=history.before, knownAt=history.after) == []
    assert await reached(graph, 0, validAt=history.after, knownAt=history.before) == []


async def test_the_past_has_paths_pages_and_the_other_direction(
    graph: GraphSession, history: History
) -> None:
    when = {"validAt": history.during}
    found = (await api(graph).ask(IMPACT, u=CHAIN.urn(3), w=when, d="UPSTREAM"))["impact"]
    assert [hit["node"]["urn"] for hit in found["edges"]] == [CHAIN.urn(n) for n in (2, 1, 0)]
    assert [step["urn"] for step in found["edges"][-1]["path"]] == [CHAIN.urn(n) for n in (3, 2, 1, 0)]
    assert found["completeness"] == {"complete": True, "reason": None}

    first = (await api(graph).ask(IMPACT, u=CHAIN.urn(0), w=when, n=2))["impact"]
    rest = await api(graph).ask(IMPACT, u=CHAIN.urn(0), w=when, n=2, a=first["pageInfo"]["endCursor"])
    back = (
        await api(graph).ask(IMPACT, u=CHAIN.urn(0), w=when, l=5, b=rest["impact"]["pageInfo"]["startCursor"])
    )["impact"]
    assert first["completeness"] == {"complete": False, "reason": "LIMIT"}
    assert [hit["node"]["urn"] for hit in rest["impact"]["edges"]] == [CHAIN.urn(3)]
    assert back["edges"] == first["edges"]


async def test_a_neighbourhood_of_the_past_has_the_edges_of_the_past(
    graph: GraphSession, history: History
) -> None:
    async def edges(**when: str) -> set[tuple[int, int]]:
        found = (await api(graph).ask(LINEAGE, u=CHAIN.urn(1), w=when or None))["lineage"]
        assert all(edge["assertions"][0]["origin"] == "SQL" for edge in found["edges"])
        return {(int(edge["upstream"][-4:]), int(edge["downstream"][-4:])) for edge in found["edges"]}

    assert await edges() == {(0, 1)}
    assert await edges(validAt=history.during) == {(0, 1), (1, 2), (2, 3)}
    assert await edges(validAt=history.before) == set()


async def test_the_past_hides_what_is_hidden_now(graph: GraphSession, history: History) -> None:
    await graph.schema_statement(f"MATCH (a:Asset) WHERE a.urn = '{CHAIN.urn(2)}' SET a.sensitivity = 4")
    reader = api(graph, Role.READER, Scope(3))
    found = (await reader.ask(IMPACT, u=CHAIN.urn(0), w={"validAt": history.during}))["impact"]
    assert [hit["node"]["urn"] for hit in found["edges"]] == [CHAIN.urn(1), CHAIN.urn(3)]
    stops = replace(reader, past_hidden=False)
    found = (await stops.ask(IMPACT, u=CHAIN.urn(0), w={"validAt": history.during}))["impact"]
    assert [hit["node"]["urn"] for hit in found["edges"]] == [CHAIN.urn(1)]


async def test_questions_of_today_never_read_closed_edges(graph: GraphSession, history: History) -> None:
    counting = Counting(graph)
    await api(counting).ask(IMPACT, u=CHAIN.urn(0), w={})
    await api(counting).ask(LINEAGE, u=CHAIN.urn(0))
    assert not [name for name in counting.asked if "past" in name]
