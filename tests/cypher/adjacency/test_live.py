"""The adjacency in memory answers what the queries answer, and stays at the version of the graph."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from cypher.adjacency.live import Live, View
from cypher.catalog.filters import AssetFilter
from cypher.lineage import reads
from cypher.lineage.reads import UNLIMITED, Walk
from cypher.session import GraphSession
from ingest.commands import catalog, classifications, lineage
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.domain.lineage import Direction, EdgeOrigin, LineageEdge, Transformation
from schema.ids import Urn
from tests.conftest import empty
from tests.seed import Warehouse, edges, fill, warehouse

EAST = warehouse("east", "", datasets=24, columns=10)
WEST = warehouse("west", "hr", datasets=12, columns=10)
ADA = Principal("person:ada", "Ada", Role.ADMIN, EVERYTHING)
SCOPES = [EVERYTHING, Scope(2), Scope(4, ("",)), Scope(3, ("hr",)), Scope(0)]
FILTERS = [
    None,
    AssetFilter(kinds=("COLUMN",), status=None),
    AssetFilter(domain="hr", at_most=2, status=None),
    AssetFilter(tag="gold", status=None),
    AssetFilter(classification="EMAIL", status=None),
    AssetFilter(owner="ada@example.com", at_least=0, status=None),
]


def some_edges(chance: random.Random, of: list[Warehouse], count: int) -> list[LineageEdge]:
    """Random edges among datasets and among columns, circles included, and columns that filter datasets."""
    datasets = [dataset for each in of for dataset in each.datasets]
    kinds = [t for t in Transformation if t is not Transformation.UNKNOWN]
    found = []
    for _ in range(count):
        up, down = chance.sample(datasets, 2)
        said = (chance.choice(kinds),)
        match chance.randrange(3):
            case 0:
                found.append(LineageEdge(up.urn, down.urn, said))
            case 1:
                ends = (each.column_urn(chance.choice(each.columns).name) for each in (up, down))
                found.append(LineageEdge(*ends, said))
            case _:
                found.append(LineageEdge(up.column_urn(chance.choice(up.columns).name), down.urn, said))
    return found


@pytest.fixture(scope="module")
async def tangled(migrated: GraphSession) -> AsyncIterator[GraphSession]:
    """Two warehouses with lineage of their own, and random edges between them by three asserters."""
    await empty(migrated)
    for each in (EAST, WEST):
        await fill(migrated, ADA, each, embedded=False)
    chance = random.Random(7)
    for origin in (EdgeOrigin.DBT, EdgeOrigin.MANUAL, EdgeOrigin.OPENLINEAGE):
        said = some_edges(chance, [EAST, WEST], 60)
        await lineage.publish_edges(migrated, ADA, said, origin=origin, assertion=f"test:{origin}", run="r1")
    await lineage.publish_problems(migrated, ADA, {WEST.urn(3): "UNSUPPORTED"}, run="r1")
    yield migrated
    await empty(migrated)


async def same(
    graph: GraphSession, live: Live, walk: Walk, scope: Scope, narrowed: AssetFilter | None
) -> int:
    """Compare all questions; the number of hits."""
    view = await seen(live)
    asked: dict[str, dict[str, Any]] = {
        "counts": {"narrowed": narrowed},
        "groups": {"by": "DATASET", "narrowed": narrowed},
        "unread_sql": {},
        "hidden": {},
    }
    for question, more in asked.items():
        this = replace(walk, past_hidden=True) if question == "hidden" else walk
        mine = await getattr(view, question)(this, scope, **more)
        theirs = await getattr(reads, question)(graph, this, scope, **more)
        assert settled(mine) == settled(theirs), (question, this, scope, narrowed)
    hits: list[tuple[str, int]] = []
    page: dict[str, Any] = {"narrowed": narrowed, "backward": False, "first": 40}
    key = None
    while True:
        mine = await (await seen(live)).reach(walk, scope, key=key, **page)
        theirs = await reads.reach(graph, walk, scope, key=key, **page)
        assert mine is not None
        assert ([replace(hit, path=None) for hit in mine[0]], mine[1]) == theirs, (walk, scope, narrowed)
        hits += [(hit.urn, hit.hops) for hit in mine[0]]
        if len(mine[0]) < 40:
            break
        key = (mine[0][-1].hops, mine[0][-1].urn)
    for before in (None, (hits[-1][1], hits[-1][0]) if hits else None):
        more = page | {"backward": True, "key": before}
        mine, theirs = (
            await (await seen(live)).reach(walk, scope, **more),
            await reads.reach(graph, walk, scope, **more),
        )
        assert mine is not None
        assert ([replace(hit, path=None) for hit in mine[0]], mine[1]) == theirs
    return len(hits)


async def seen(live: Live) -> View:
    view = await live.view()
    assert view is not None
    return view


def settled(answer: Any) -> Any:
    """Without the order of its rows, and without the difference between no name and an empty one."""
    if not isinstance(answer, tuple):
        return answer
    rows = [{name: value or "" for name, value in row.items()} for row in answer[0]]
    return sorted(rows, key=str), answer[1]


@pytest.mark.timeout(900)  # a new server plans each walk anew for each mix of filters that are given
async def test_memory_and_graph_give_the_same_answers(tangled: GraphSession) -> None:
    live = Live(tangled)
    await live.load()
    chance = random.Random(39)
    found = 0
    for number in range(10):
        of = chance.choice([EAST, WEST])
        dataset = chance.choice(of.datasets)
        start = chance.choice([dataset.urn, dataset.column_urn(chance.choice(dataset.columns).name)])
        walk = Walk(
            str(start),
            chance.choice(list(Direction)),
            chance.choice([2, 5, UNLIMITED, UNLIMITED]),
            indirect=chance.random() < 0.7,
            origins=chance.choice([None, None, ("SQL", "DBT")]),
            transformations=chance.choice([None, None, ("IDENTITY", "CAST", "MASK", "FILTER")]),
            past_hidden=chance.random() < 0.5,
        )
        found += await same(tangled, live, walk, SCOPES[number % 5], FILTERS[number % 6])
    assert found > 300


@pytest.mark.parametrize("top", ["source:west", EAST.urn(4), "schema:postgres://east:5432~shop.layer1"])
async def test_walks_from_all_that_an_asset_contains_agree(tangled: GraphSession, top: str) -> None:
    live = Live(tangled)
    await live.load()
    for scope, past_hidden in ((EVERYTHING, False), (Scope(2), False), (Scope(2), True)):
        walk = Walk(top, Direction.DOWNSTREAM, 4, indirect=True, past_hidden=past_hidden, contained=True)
        more: dict[str, Any] = {
            "narrowed": AssetFilter(not_source="west", status=None),
            "key": None,
            "backward": False,
            "first": 101,
        }
        mine, theirs = (
            await (await seen(live)).reach(walk, scope, **more),
            await reads.reach(tangled, walk, scope, **more),
        )
        assert mine is not None
        assert [(hit.urn, hit.hops) for hit in mine[0]] == [(hit.urn, hit.hops) for hit in theirs[0]]
        assert mine[1] == theirs[1]
        if not past_hidden:
            assert all(len(hit.path or ()) == hit.hops + 1 for hit in (*mine[0], *theirs[0]))
        assert mine[0]


async def test_a_path_in_memory_is_a_path_of_the_graph_and_as_short(tangled: GraphSession) -> None:
    live = Live(tangled)
    await live.load()
    for direction in Direction:
        walk = Walk(EAST.urn(5), direction, UNLIMITED, indirect=True)
        found = await (await seen(live)).reach(
            walk, EVERYTHING, narrowed=None, key=None, backward=False, first=100
        )
        assert found is not None
        hits, _ = found
        theirs = await reads.paths(tangled, walk, [hit.urn for hit in hits], EVERYTHING)
        steps = {step for hit in hits for step in zip(hit.path or (), (hit.path or ())[1:], strict=False)}
        rows = await reads.edges_between(
            tangled, sorted({u for s in steps for u in s}), EVERYTHING, indirect=True
        )
        known = {(row["up"], row["down"]) for row in rows}
        assert len(hits) > 20
        for hit in hits:
            assert hit.path is not None
            assert len(hit.path) == hit.hops + 1 == len(theirs[hit.urn])
        assert all(step in known or step[::-1] in known for step in steps)


@pytest.fixture
async def followed(graph: GraphSession) -> Live:
    """A loaded adjacency of a graph that is about to change."""
    await fill(graph, ADA, EAST, embedded=False)
    live = Live(graph, patience_s=60)
    await live.load()
    return live


async def agree(graph: GraphSession, live: Live, *starts: str) -> None:
    here = live.here
    assert here is not None
    for start in starts:
        for direction in Direction:
            await same(
                graph,
                live,
                Walk(start, direction, UNLIMITED, indirect=True, past_hidden=True),
                Scope(2),
                None,
            )
            await same(graph, live, Walk(start, direction, UNLIMITED), EVERYTHING, None)


async def test_it_follows_every_command_that_changes_lineage(graph: GraphSession, followed: Live) -> None:
    first = followed.here
    new = warehouse("new", "hr", datasets=3, columns=12)
    starts = (EAST.urn(0), str(EAST.datasets[2].column_urn("email")), new.urn(1))

    await fill(graph, ADA, new, embedded=False)
    await agree(graph, followed, *starts)
    across = [
        LineageEdge(EAST.datasets[3].urn, new.datasets[0].urn),
        LineageEdge(EAST.datasets[2].column_urn("email"), new.datasets[1].column_urn("note")),
        LineageEdge(new.datasets[2].urn, Urn("dataset", "postgres://unheard:5432", "a.b.c")),
    ]
    await lineage.publish_edges(graph, ADA, across, origin=EdgeOrigin.DBT, assertion="dbt", run="r1")
    await agree(graph, followed, *starts)
    await lineage.publish_edges(
        graph,
        ADA,
        across[:1],
        origin=EdgeOrigin.DBT,
        assertion="dbt",
        run="r2",
        closes=[d.urn for d in new.datasets],
    )
    await agree(graph, followed, *starts)
    await lineage.link(graph, ADA, upstream=new.urn(2), downstream=EAST.urn(1))
    await agree(graph, followed, *starts)
    await lineage.unlink(graph, ADA, upstream=new.urn(2), downstream=EAST.urn(1))
    await lineage.publish_problems(graph, ADA, {EAST.urn(4): "UNSUPPORTED"}, run="r2")
    await agree(graph, followed, *starts)
    await classifications.decide(
        graph,
        ADA,
        urn=str(EAST.datasets[2].column_urn("note")),
        classification="SSN",
        status=VerdictStatus.CONFIRMED,
    )
    await agree(graph, followed, *starts)

    assert followed.here is not first
    assert len(followed.here.nodes) > len(first.nodes)  # type: ignore[union-attr]


async def test_a_command_that_changes_no_lineage_costs_no_reading_of_it(
    graph: GraphSession, followed: Live
) -> None:
    before = followed.here
    await catalog.apply_tag(graph, ADA, urns=[EAST.urn(0)], tag="seen")
    assert await followed.current() is not None
    assert followed.here is not before
    assert followed.here.down is before.down  # type: ignore[union-attr]


async def test_where_events_are_missing_it_answers_nothing_until_it_is_loaded_anew(
    graph: GraphSession, followed: Live
) -> None:
    await lineage.link(graph, ADA, upstream=EAST.urn(0), downstream=EAST.urn(20))
    await graph.schema_statement("MATCH (o:OutboxEvent) WHERE o.topic = 'lineage.changed' DETACH DELETE o")
    await graph.schema_statement("MATCH (o:OutboxEvent) WHERE o.topic = 'lineage.link' DETACH DELETE o")

    assert await followed.view() is None
    await followed.load()
    await agree(graph, followed, EAST.urn(0))


async def test_the_past_and_names_are_asked_of_the_graph(graph: GraphSession, followed: Live) -> None:
    from datetime import UTC, datetime

    from schema.domain.time import AsOf

    walk = Walk(EAST.urn(0), Direction.DOWNSTREAM, 3)
    past = replace(walk, as_of=AsOf(datetime.now(UTC)))
    view = await seen(followed)
    assert await view.counts(past, EVERYTHING, narrowed=None) is None
    assert await view.counts(walk, EVERYTHING, narrowed=AssetFilter(name_prefix="a")) is None


async def test_an_empty_graph_has_nothing_to_answer_from_and_is_read_again_when_asked(
    graph: GraphSession,
) -> None:
    live = Live(graph)
    await live.load()
    assert await live.current() is None
    await fill(graph, ADA, EAST, embedded=False)
    await live.load()
    assert await live.current() is not None
    assert len(edges(EAST)) <= live.here.edges  # type: ignore[union-attr]
