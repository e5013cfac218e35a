"""Lineage as of a past instant, on the axis of what held and on that of what was known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cypher.session import GraphSession
from ingest.commands import lineage
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge
from tests.graph_api.asking import Counting, api, nodes
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


COUNT = """query ($u: String!, $w: AsOf) { impactCount(urn: $u, asOf: $w) { total byHop { hops count } completeness { complete } } }"""
GROUPS = """query ($u: String!, $w: AsOf) { impactGroups(urn: $u, by: SCHEMA, asOf: $w) { groups { count nearestHop } } }"""
PATHS = """query ($f: String!, $t: String!, $w: AsOf) {
  lineagePaths(from: $f, to: $t, asOf: $w) { paths { hops assets { urn } } completeness { complete } }
  lineagePath(from: $f, to: $t, asOf: $w) { hops edges { upstream assertions { origin } } } }"""
BREAKS = """query ($c: [ProposedChange!]!, $w: AsOf) { changeImpact(changes: $c, asOf: $w) {
  effects { effect hops asset { urn } } jobs { urn } } }"""
NEXT = """query ($u: String!, $w: AsOf) { assetByUrn(urn: $u, asOf: $w) {
  feeds { edges { node { asset { urn status } assertions { origin indirect job { urn } } } } }
  fedBy { edges { node { asset { urn } } } } } }"""


async def test_counts_and_groups_of_the_past_are_those_of_the_walk(
    graph: GraphSession, history: History
) -> None:
    async def told(**when: str) -> tuple[int, list[int], int]:
        count = (await api(graph).ask(COUNT, u=CHAIN.urn(0), w=when or None))["impactCount"]
        found = (await api(graph).ask(GROUPS, u=CHAIN.urn(0), w=when or None))["impactGroups"]["groups"]
        assert sum(group["count"] for group in found) == count["total"]
        return count["total"], [hop["hops"] for hop in count["byHop"]], len(found)

    assert await told() == (2, [1], 2)
    assert await told(validAt=history.during) == (3, [1, 2, 3], 3)
    assert await told(knownAt=history.during) == (3, [1, 2, 3], 3)
    assert await told(validAt=history.before) == (0, [], 0)


async def test_ways_of_the_past_pass_edges_of_the_past(graph: GraphSession, history: History) -> None:
    async def ways(**when: str) -> tuple[list[list[int]], int | None]:
        found = await api(graph).ask(PATHS, f=CHAIN.urn(0), t=CHAIN.urn(3), w=when or None)
        assert found["lineagePaths"]["completeness"] == {"complete": True}
        shortest = found["lineagePath"]
        return (
            [[int(step["urn"][-4:]) for step in way["assets"]] for way in found["lineagePaths"]["paths"]],
            shortest and shortest["hops"],
        )

    assert await ways() == ([[0, 3]], 1)
    assert await ways(validAt=history.during) == ([[0, 1, 2, 3]], 3)
    assert await ways(validAt=history.before) == ([], None)


async def test_a_dry_run_of_the_past_tells_what_a_change_would_have_broken(
    graph: GraphSession, history: History
) -> None:
    async def told(**when: str) -> tuple[list[int], list[str]]:
        change = {"kind": "DROP_DATASET", "urn": CHAIN.urn(1)}
        found = (await api(graph).ask(BREAKS, c=[change], w=when or None))["changeImpact"][0]
        broken = [each["asset"]["urn"] for each in found["effects"] if each["effect"] == "BREAKS"]
        return (
            [int(urn[-4:]) for urn in broken if urn.startswith("dataset:")],
            [job["urn"].rpartition("~")[2] for job in found["jobs"]],
        )

    assert await told() == ([], [])
    assert await told(validAt=history.during) == ([2, 3], ["load_1", "load_2"])


async def test_neighbours_of_an_asset_as_it_was_are_those_of_then(
    graph: GraphSession, history: History
) -> None:
    async def beside(**when: str) -> tuple[list[int], list[int]]:
        found = (await api(graph).ask(NEXT, u=CHAIN.urn(1), w=when or None))["assetByUrn"]
        ends = [
            [int(each["asset"]["urn"][-4:]) for each in nodes(found[side])] for side in ("fedBy", "feeds")
        ]
        return ends[0], ends[1]

    assert await beside() == ([0], [])
    assert await beside(validAt=history.during) == ([0], [2])
    assert await beside(knownAt=history.during) == ([0], [2])


async def test_an_edge_that_closed_and_came_back_has_a_gap(
    graph: GraphSession, admin: Principal, history: History
) -> None:
    urns = [dataset.urn for dataset in CHAIN.datasets]
    await lineage.publish_edges(
        graph,
        admin,
        [LineageEdge(urns[1], urns[2])],
        origin=EdgeOrigin.SQL,
        assertion="source:chain",
        run="r3",
    )
    assert await reached(graph, 1) == [(2, 1)]
    assert await reached(graph, 1, validAt=history.after) == []
    assert await reached(graph, 1, validAt=history.during) == [(2, 1), (3, 2)]


async def test_what_a_source_saw_earlier_held_earlier_and_was_not_known(
    graph: GraphSession, admin: Principal, history: History
) -> None:
    """Valid yesterday, recorded today: the two axes answer differently."""
    urns = [dataset.urn for dataset in CHAIN.datasets]
    yesterday, earlier = (datetime(2026, 5, day, tzinfo=UTC) for day in (20, 10))

    async def said(seen: datetime) -> None:
        edge = LineageEdge(urns[3], urns[0], observed_at=seen)
        await lineage.publish_edges(
            graph, admin, [edge], origin=EdgeOrigin.OPENLINEAGE, assertion="openlineage:j", run="e"
        )

    await said(yesterday)
    first = now()
    await said(earlier)
    await said(earlier)

    assert await reached(graph, 3, validAt="2026-05-21T00:00:00") == [(0, 1)]
    assert await reached(graph, 3, validAt="2026-05-21T00:00:00", knownAt=history.after) == []
    assert await reached(graph, 3, validAt="2026-05-11T00:00:00", knownAt=first) == []
    assert await reached(graph, 3, validAt="2026-05-11T00:00:00") == [(0, 1)]
    assert await reached(graph, 3, validAt="2026-05-09T00:00:00") == []
    assert (0, 1) in await reached(graph, 3)
    found = await api(graph).ask(LINEAGE, u=CHAIN.urn(3), w={"validAt": "2026-05-11T00:00:00"})
    assert [len(edge["assertions"]) for edge in found["lineage"]["edges"]] == [1]


async def test_an_edge_ends_when_the_document_that_leaves_it_out_was_made(
    graph: GraphSession, admin: Principal, history: History
) -> None:
    urns = [dataset.urn for dataset in CHAIN.datasets]
    made = [datetime(2026, 5, day, tzinfo=UTC) for day in (1, 10)]
    for edges, run, at in (([LineageEdge(urns[3], urns[0])], "d1", made[0]), ([], "d2", made[1])):
        await lineage.publish_edges(
            graph,
            admin,
            edges,
            origin=EdgeOrigin.DBT,
            assertion="source:dbt",
            run=run,
            closes=[urns[0]],
            valid_at=at,
        )
    assert (0, 1) in await reached(graph, 3, validAt="2026-05-05T00:00:00")
    assert await reached(graph, 3, validAt="2026-05-15T00:00:00") == []
    assert await reached(graph, 3) == []
