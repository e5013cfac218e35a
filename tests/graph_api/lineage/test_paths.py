"""Ways between two assets, and what a walk reaches put together by what holds it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from cypher.session import GraphSession
from ingest.commands import lineage
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge
from schema.errors import QueryTimeout
from tests.graph_api.asking import Counting, api
from tests.seed import fill, warehouse

FAN = warehouse("fan", "", datasets=6, columns=10, schemas=2)
PATHS = """query ($u: String!, $t: String!, $h: Int!, $n: Int!, $i: Boolean!) {
  lineagePaths(from: $u, to: $t, maxHops: $h, first: $n, includeIndirect: $i) {
    paths { hops assets { urn } edges { upstream downstream assertions { origin transformation } } }
    completeness { complete reason limit } } }"""
GROUPS = """query ($u: String!, $b: ImpactGrouping!, $n: Int!, $i: Boolean!, $f: ImpactFilter, $h: Int) {
  impactGroups(urn: $u, by: $b, first: $n, includeIndirect: $i, filter: $f, maxHops: $h) {
    groups { key count nearestHop asset { urn } } completeness { complete reason limit } } }"""


@pytest.fixture
async def fan(graph: GraphSession, admin: Principal) -> GraphSession:
    """Six datasets, each fed by the two before it."""
    await fill(graph, admin, FAN, embedded=False, fan=2)
    return graph


def between(start: str, end: str, **more: object) -> dict[str, object]:
    return {"u": start, "t": end, "h": 20, "n": 20, "i": False} | more


def numbers(path: dict[str, list[dict[str, str]]]) -> list[int]:
    return [int(step["urn"][-4:]) for step in path["assets"]]


async def test_all_ways_are_told_the_shortest_first_with_their_edges(fan: GraphSession) -> None:
    found = (await api(fan).ask(PATHS, **between(FAN.urn(0), FAN.urn(4))))["lineagePaths"]

    assert sorted(numbers(path) for path in found["paths"]) == [
        [0, 1, 2, 3, 4],
        [0, 1, 2, 4],
        [0, 1, 3, 4],
        [0, 2, 3, 4],
        [0, 2, 4],
    ]
    assert [path["hops"] for path in found["paths"]] == [2, 3, 3, 3, 4]
    for path in found["paths"]:
        steps = [step["urn"] for step in path["assets"]]
        assert [(edge["upstream"], edge["downstream"]) for edge in path["edges"]] == list(pairwise(steps))
        assert all(edge["assertions"][0]["origin"] == "SQL" for edge in path["edges"])
    assert found["completeness"] == {"complete": True, "reason": None, "limit": None}


async def test_an_edge_that_several_assert_is_one_way(fan: GraphSession, admin: Principal) -> None:
    again = [LineageEdge(FAN.datasets[0].urn, FAN.datasets[1].urn)]
    await lineage.publish_edges(fan, admin, again, origin=EdgeOrigin.DBT, assertion="dbt", run="r2")
    (path,) = (await api(fan).ask(PATHS, **between(FAN.urn(0), FAN.urn(1))))["lineagePaths"]["paths"]
    assert sorted(said["origin"] for said in path["edges"][0]["assertions"]) == ["DBT", "SQL"]


async def test_an_answer_says_that_there_are_more_ways_or_longer_ones(fan: GraphSession) -> None:
    few = (await api(fan).ask(PATHS, **between(FAN.urn(0), FAN.urn(4), n=2)))["lineagePaths"]
    assert [path["hops"] for path in few["paths"]] == [2, 3]
    assert few["completeness"] == {"complete": False, "reason": "LIMIT", "limit": 2}
    short = (await api(fan).ask(PATHS, **between(FAN.urn(0), FAN.urn(4), h=3)))["lineagePaths"]
    assert [path["hops"] for path in short["paths"]] == [2, 3, 3, 3]
    assert short["completeness"] == {"complete": False, "reason": "HOPS", "limit": 3}
    none = (await api(fan).ask(PATHS, **between(FAN.urn(0), FAN.urn(5), h=1)))["lineagePaths"]
    assert (none["paths"], none["completeness"]["reason"]) == ([], "HOPS")


async def test_a_way_round_a_circle_passes_no_asset_twice(fan: GraphSession, admin: Principal) -> None:
    back = [LineageEdge(FAN.datasets[2].urn, FAN.datasets[0].urn)]
    await lineage.publish_edges(fan, admin, back, origin=EdgeOrigin.DBT, assertion="dbt", run="r2")
    found = (await api(fan).ask(PATHS, **between(FAN.urn(1), FAN.urn(0))))["lineagePaths"]
    assert [numbers(path) for path in found["paths"]] == [[1, 2, 0]]
    onwards = (await api(fan).ask(PATHS, **between(FAN.urn(0), FAN.urn(2))))["lineagePaths"]
    assert [numbers(path) for path in onwards["paths"]] == [[0, 2], [0, 1, 2]]
    assert onwards["completeness"]["complete"] is True


async def test_the_shortest_way_alone(fan: GraphSession) -> None:
    document = "query ($u: String!, $t: String!) { lineagePath(from: $u, to: $t) { hops assets { urn } } }"
    found = (await api(fan).ask(document, u=FAN.urn(0), t=FAN.urn(3)))["lineagePath"]
    assert found["hops"] == 2
    assert await api(fan).ask(document, u=FAN.urn(3), t=FAN.urn(0)) == {"lineagePath": None}
    assert await api(fan).ask(document, u=FAN.urn(0), t="dataset:x~y") == {"lineagePath": None}
    assert await api(fan).ask(document, u=FAN.urn(0), t=FAN.urn(0)) == {"lineagePath": None}


async def test_columns_reach_datasets_by_indirect_use_when_asked(fan: GraphSession) -> None:
    start = str(FAN.datasets[0].column_urn("country"))
    plain = (await api(fan).ask(PATHS, **between(start, FAN.urn(1))))["lineagePaths"]
    assert plain["paths"] == []
    (path,) = (await api(fan).ask(PATHS, **between(start, FAN.urn(1), i=True)))["lineagePaths"]["paths"]
    assert path["edges"][0]["assertions"][0]["transformation"] == "FILTER"


async def test_a_way_does_not_pass_what_the_reader_may_not_see_where_walks_stop_there(
    fan: GraphSession,
) -> None:
    await fan.schema_statement(f"MATCH (a:Asset) WHERE a.urn = '{FAN.urn(2)}' SET a.sensitivity = 4")
    reader = replace(api(fan, Role.READER, Scope(3)), past_hidden=False)
    found = (await reader.ask(PATHS, **between(FAN.urn(0), FAN.urn(4))))["lineagePaths"]
    assert [numbers(path) for path in found["paths"]] == [[0, 1, 3, 4]]
    hidden = await reader.ask(PATHS, **between(FAN.urn(0), FAN.urn(2)))
    assert hidden == {"lineagePaths": None}


def grouped(urn: str, by: str, **more: object) -> dict[str, object]:
    return {"u": urn, "b": by, "n": 100, "i": False, "f": None, "h": 20} | more


async def test_groups_tell_where_the_impact_is_and_how_near(fan: GraphSession) -> None:
    start = str(FAN.datasets[0].column_urn("country"))
    found = (await api(fan).ask(GROUPS, **grouped(start, "DATASET", i=True)))["impactGroups"]
    assert sum(group["count"] for group in found["groups"]) == 10
    assert {(group["key"], group["count"], group["nearestHop"]) for group in found["groups"]} == {
        (FAN.urn(number), 2, (number + 1) // 2) for number in range(1, 6)
    }
    assert all(group["asset"]["urn"] == group["key"] for group in found["groups"])

    schemas = (await api(fan).ask(GROUPS, **grouped(start, "SCHEMA")))["impactGroups"]["groups"]
    assert [(group["count"], group["nearestHop"]) for group in schemas] == [(3, 1), (2, 1)]
    assert schemas[0]["asset"]["urn"].startswith("schema:")
    sources = (await api(fan).ask(GROUPS, **grouped(start, "SOURCE")))["impactGroups"]["groups"]
    assert sources == [{"key": "fan", "count": 5, "nearestHop": 1, "asset": None}]
    domains = (await api(fan).ask(GROUPS, **grouped(start, "DOMAIN")))["impactGroups"]["groups"]
    assert domains == [{"key": "", "count": 5, "nearestHop": 1, "asset": None}]


async def test_groups_say_what_they_lack_and_take_filters(fan: GraphSession) -> None:
    few = (await api(fan).ask(GROUPS, **grouped(FAN.urn(0), "DATASET", n=2)))["impactGroups"]
    assert {group["key"] for group in few["groups"]} == {FAN.urn(1), FAN.urn(2)}
    assert few["completeness"] == {"complete": False, "reason": "LIMIT", "limit": 2}
    near = (await api(fan).ask(GROUPS, **grouped(FAN.urn(0), "SCHEMA", h=1)))["impactGroups"]
    assert sum(group["count"] for group in near["groups"]) == 2
    assert near["completeness"] == {"complete": False, "reason": "HOPS", "limit": 1}
    gold = (await api(fan).ask(GROUPS, **grouped(FAN.urn(0), "DATASET", f={"tag": "gold"})))["impactGroups"]
    assert [group["key"] for group in gold["groups"]] == [FAN.urn(5)]
    assert gold["completeness"]["complete"] is True


async def test_ways_and_groups_that_take_too_long_tell_what_is_near(fan: GraphSession) -> None:
    class Slow(Counting):
        async def rows(self, query, /, **params):  # type: ignore[no-untyped-def]
            if query.name in ("lineage.between_down", "lineage.groups_down") and params["max_hops"] > 3:
                raise QueryTimeout("late")
            return await self.graph.rows(query, **params)

    ways = (await api(Slow(fan)).ask(PATHS, **between(FAN.urn(0), FAN.urn(4))))["lineagePaths"]
    assert [path["hops"] for path in ways["paths"]] == [2, 3, 3, 3]
    assert ways["completeness"] == {"complete": False, "reason": "TIMEOUT", "limit": 3}
    groups = (await api(Slow(fan)).ask(GROUPS, **grouped(FAN.urn(0), "SOURCE")))["impactGroups"]
    assert groups["completeness"]["reason"] == "TIMEOUT"
    assert groups["groups"][0]["count"] == 5


@pytest.mark.parametrize("size", [0, 101])
async def test_ways_and_groups_have_a_size(fan: GraphSession, size: int) -> None:
    document = (
        "query ($u: String!, $n: Int!) { impactGroups(urn: $u, by: DOMAIN, first: $n) { groups { key } } }"
    )
    assert await api(fan).refused(document, u=FAN.urn(0), n=size)
    document = (
        "query ($u: String!, $n: Int!) { lineagePaths(from: $u, to: $u, first: $n) { paths { hops } } }"
    )
    assert await api(fan).refused(document, u=FAN.urn(0), n=size)


@pytest.mark.parametrize(
    ("direction", "start", "end", "ways"),
    [
        ("UPSTREAM", 2, 0, 2),
        ("UPSTREAM", 0, 2, 0),
        ("BOTH", 2, 0, 2),
        ("BOTH", 0, 2, 2),
        ("DOWNSTREAM", 2, 0, 0),
    ],
)
async def test_ways_are_found_in_the_direction_that_is_asked_for(
    fan: GraphSession, direction: str, start: int, end: int, ways: int
) -> None:
    document = """query ($u: String!, $t: String!, $d: Direction!) { lineagePath(from: $u, to: $t, direction: $d) { hops }
      lineagePaths(from: $u, to: $t, direction: $d) { paths { hops assets { urn } } completeness { complete } } }"""
    found = await api(fan).ask(document, u=FAN.urn(start), t=FAN.urn(end), d=direction)

    told = found["lineagePaths"]["paths"]
    assert [path["hops"] for path in told] == [1, 2][:ways]
    assert all(numbers(path)[0] == 0 and numbers(path)[-1] == 2 for path in told)
    assert (found["lineagePath"] is None) == (ways == 0)
