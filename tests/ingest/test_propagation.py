"""What columns inherit in the graph, kept by the job after every kind of command."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from cypher.catalogue import Query
from cypher.propagation import reads
from cypher.session import GraphSession
from ingest.commands import catalog, classifications, lineage, undo
from ingest.commands import propagation as commands
from ingest.propagation import Propagator, plan_all
from schema.domain.classifications import Verdict, VerdictStatus
from schema.domain.identity import Principal
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.domain.propagation import Reason
from schema.settings import Settings
from tests.propagating import inherited
from tests.seed import CLASSIFIERS, know, register, warehouse

SHOP = warehouse("shop", "", datasets=8, columns=4, schemas=2)
COLUMNS = [str(dataset.column_urn(c.name)) for dataset in SHOP.datasets for c in dataset.columns]
NAMES = ("EMAIL", "SSN")
LEVEL = {"EMAIL": 3, "SSN": 4}

STORED = Query(
    "test.inherits",
    "CYPHER 25 MATCH (a:Column)-[i:INHERITS]->(c:Classification) "
    "RETURN a.urn AS urn, c.name AS name, i.hops AS hops, i.origins AS origins, i.via AS via, i.confidences AS sure",
    "read",
    frozenset(),
    (),
    1000,
)
LEVELS = Query(
    "test.levels",
    "CYPHER 25 MATCH (a:Column) RETURN a.urn AS urn, a.key AS key, a.sensitivity AS level, a.own_sensitivity AS own",
    "read",
    frozenset(),
    (),
    1000,
)
PAST = Query(
    "test.past",
    "CYPHER 25 MATCH (a:Column {urn: $urn})-[i:WAS_INHERITS]->(c) "
    "RETURN c.name AS name, i.origins AS origins, i.valid_from < i.valid_to AS lasted ORDER BY i.closed_at",
    "read",
    frozenset({"urn"}),
    (),
    1000,
)


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    await register(graph, SHOP)
    await catalog.publish_datasets(graph, admin, SHOP.datasets, run="r1", by="shop")
    await know(graph, CLASSIFIERS)
    return graph


async def follow(graph: GraphSession) -> None:
    """Let a worker do all that waits."""
    propagator = Propagator(graph, Settings())
    while await propagator.tend():
        pass
    assert (await reads.state(graph))["pending"] == 0


async def keys_of(graph: GraphSession) -> dict[str, int]:
    return {row["urn"]: row["key"] for row in await graph.rows(LEVELS)}


async def stored(graph: GraphSession) -> dict[str, dict[str, tuple[Reason, ...]]]:
    found: dict[str, dict[str, tuple[Reason, ...]]] = {}
    for row in await graph.rows(STORED):
        reasons = tuple(map(Reason, row["hops"], row["origins"], row["via"], row["sure"]))
        found.setdefault(row["urn"], {})[row["name"]] = reasons
    return found


async def levels(graph: GraphSession) -> dict[str, int]:
    rows = await graph.rows(LEVELS)
    assert all(row["level"] == row["own"] for row in rows)  # nothing above is sensitive here
    return {row["urn"]: row["level"] for row in rows if row["level"]}


def edge(up: int, down: int, *kinds: Transformation) -> LineageEdge:
    from schema.ids import Urn

    ends = Urn.parse(COLUMNS[up]), Urn.parse(COLUMNS[down])
    return LineageEdge(*ends, kinds or (Transformation.IDENTITY,))


async def assert_edges(
    graph: GraphSession, actor: Principal, edges: list[LineageEdge], *, run: str, by: str = "shop"
) -> None:
    """All that ``by`` says now; what it said before and does not say again closes."""
    await lineage.publish_edges(
        graph,
        actor,
        edges,
        origin=EdgeOrigin.SQL,
        assertion=f"source:{by}",
        run=run,
        closes=[d.urn for d in SHOP.datasets],
    )


async def judge(graph: GraphSession, actor: Principal, says: Mapping[int, float], *, run: str) -> None:
    """E-mail addresses in these columns, as sure as that, and nothing in all others."""
    verdicts = [(COLUMNS[n], Verdict("EMAIL", LEVEL["EMAIL"], sure, "seen")) for n, sure in says.items()]  # type: ignore[arg-type]
    await classifications.publish_verdicts(graph, actor, verdicts, COLUMNS, run=run)


async def test_a_chain_inherits_with_its_hops_and_its_level(shop: GraphSession, admin: Principal) -> None:
    await judge(shop, admin, {0: 0.9}, run="r2")
    await assert_edges(shop, admin, [edge(0, 4), edge(4, 8), edge(8, 12)], run="r2")
    assert (await reads.state(shop))["pending"] == 4  # one column says something, three are fed
    await follow(shop)
    keys = await keys_of(shop)
    assert (await stored(shop))[COLUMNS[12]] == {
        "EMAIL": (Reason(3, keys[COLUMNS[0]], keys[COLUMNS[8]], 0.9),)
    }
    assert await levels(shop) == {COLUMNS[n]: 3 for n in (0, 4, 8, 12)}


async def test_what_breaks_the_value_breaks_the_inheritance(shop: GraphSession, admin: Principal) -> None:
    kinds = Transformation
    passing = [
        (kinds.CAST,),
        (kinds.EXPRESSION, kinds.CONDITIONAL),
        (kinds.AGGREGATE, kinds.SELECTION),
        (kinds.UNKNOWN,),
        (kinds.MASK, kinds.EXPRESSION),
    ]
    breaking = [(kinds.MASK,), (kinds.AGGREGATE,), (kinds.WINDOW,), (kinds.CONDITIONAL,)]
    await judge(shop, admin, {0: 0.9}, run="r2")
    drawn = [edge(0, n + 1, *some) for n, some in enumerate(passing + breaking)]
    await assert_edges(shop, admin, drawn, run="r2")
    await follow(shop)
    assert set(await stored(shop)) == {COLUMNS[n + 1] for n in range(len(passing))}


async def test_a_closed_edge_takes_what_came_along_it_and_leaves_it_in_the_past(
    shop: GraphSession, admin: Principal
) -> None:
    await judge(shop, admin, {0: 0.9, 1: 0.9}, run="r2")
    await assert_edges(shop, admin, [edge(0, 4), edge(1, 4), edge(4, 8)], run="r2")
    await follow(shop)
    keys = await keys_of(shop)
    both = sorted((keys[COLUMNS[0]], keys[COLUMNS[1]]))
    await assert_edges(shop, admin, [edge(1, 4), edge(4, 8)], run="r3")
    await follow(shop)
    assert (await stored(shop))[COLUMNS[8]]["EMAIL"] == (Reason(2, keys[COLUMNS[1]], keys[COLUMNS[4]], 0.9),)
    await assert_edges(shop, admin, [edge(4, 8)], run="r4")
    await follow(shop)
    assert await stored(shop) == {}
    assert await levels(shop) == {COLUMNS[0]: 3, COLUMNS[1]: 3}
    assert [row["origins"] for row in await shop.rows(PAST, urn=COLUMNS[8])] == [both, [keys[COLUMNS[1]]]]


async def test_an_edge_that_two_say_carries_until_the_last_of_them_is_gone(
    shop: GraphSession, admin: Principal
) -> None:
    await judge(shop, admin, {0: 0.9}, run="r2")
    await assert_edges(shop, admin, [edge(0, 4)], run="r2")
    await lineage.link(shop, admin, upstream=COLUMNS[0], downstream=COLUMNS[4])
    await assert_edges(shop, admin, [], run="r3")
    await follow(shop)
    assert COLUMNS[4] in await stored(shop)
    await lineage.unlink(shop, admin, upstream=COLUMNS[0], downstream=COLUMNS[4])
    await follow(shop)
    assert await stored(shop) == {}


async def test_a_rejection_stops_it_there_and_behind_and_its_level_falls_at_once(
    shop: GraphSession, admin: Principal
) -> None:
    await judge(shop, admin, {0: 0.9}, run="r2")
    await assert_edges(shop, admin, [edge(0, 4), edge(4, 8)], run="r2")
    await follow(shop)
    await classifications.decide(
        shop, admin, urn=COLUMNS[4], classification="EMAIL", status=VerdictStatus.REJECTED
    )
    assert await levels(shop) == {COLUMNS[0]: 3, COLUMNS[8]: 3}
    await follow(shop)
    assert await stored(shop) == {}
    assert await levels(shop) == {COLUMNS[0]: 3}
    await classifications.decide(
        shop, admin, urn=COLUMNS[4], classification="EMAIL", status=VerdictStatus.CONFIRMED
    )
    await follow(shop)
    assert (await stored(shop))[COLUMNS[8]]["EMAIL"][0].confidence == 1.0


async def test_an_unsure_verdict_is_inherited_once_somebody_confirms_it(
    shop: GraphSession, admin: Principal
) -> None:
    await judge(shop, admin, {0: 0.5}, run="r2")
    await assert_edges(shop, admin, [edge(0, 4)], run="r2")
    await follow(shop)
    assert await stored(shop) == {}
    await classifications.decide(
        shop, admin, urn=COLUMNS[0], classification="EMAIL", status=VerdictStatus.CONFIRMED
    )
    await follow(shop)
    assert set(await stored(shop)) == {COLUMNS[4]}


async def test_an_edge_that_was_switched_off_stays_so_when_it_is_read_again(
    shop: GraphSession, admin: Principal
) -> None:
    await judge(shop, admin, {0: 0.9}, run="r2")
    await assert_edges(shop, admin, [edge(0, 4)], run="r2")
    await commands.set_propagation(
        shop, admin, up=COLUMNS[0], down=COLUMNS[4], enabled=False, reason="a code"
    )
    await follow(shop)
    assert await stored(shop) == {}
    await assert_edges(shop, admin, [], run="r3")
    await assert_edges(shop, admin, [edge(0, 4)], run="r4")
    await follow(shop)
    assert await stored(shop) == {}
    await commands.set_propagation(
        shop, admin, up=COLUMNS[0], down=COLUMNS[4], enabled=True, reason="no code"
    )
    await follow(shop)
    assert set(await stored(shop)) == {COLUMNS[4]}


async def test_a_block_keeps_a_subtree_free_and_what_lies_behind_it(
    shop: GraphSession, admin: Principal
) -> None:
    await judge(shop, admin, {0: 0.9}, run="r2")
    await assert_edges(shop, admin, [edge(0, 4), edge(4, 8), edge(0, 12)], run="r2")
    await follow(shop)
    ident = await commands.block(
        shop, admin, classification="EMAIL", under=SHOP.urn(1), reason="synthetic data"
    )
    await follow(shop)
    assert set(await stored(shop)) == {COLUMNS[12]}
    everywhere = await commands.block(shop, admin, classification="EMAIL", under=None, reason="noise")
    await follow(shop)
    assert await stored(shop) == {}
    for each in (ident, everywhere):
        await commands.unblock(shop, admin, ident=each)
    await follow(shop)
    assert set(await stored(shop)) == {COLUMNS[4], COLUMNS[8], COLUMNS[12]}


async def test_an_undone_run_takes_its_edges_and_what_came_along_them(
    shop: GraphSession, admin: Principal
) -> None:
    from tests.seed import scan

    await judge(shop, admin, {0: 0.9}, run="r2")
    run = await scan(shop, admin, "shop")
    await assert_edges(shop, admin, [edge(0, 4), edge(4, 8)], run=run)
    await follow(shop)
    assert set(await stored(shop)) == {COLUMNS[4], COLUMNS[8]}
    await undo.undo_run(shop, admin, run=run, dry_run=False)
    await follow(shop)
    assert await stored(shop) == {}


async def test_a_worker_that_dies_half_way_leaves_what_the_next_one_completes(
    shop: GraphSession, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await judge(shop, admin, {0: 0.9}, run="r2")
    await assert_edges(shop, admin, [edge(n, n + 4) for n in range(0, 28, 4)], run="r2")
    monkeypatch.setattr(commands, "_BATCH", 2)
    written = commands.writes.apply
    calls: list[Any] = []

    async def dying(*args: Any, **kwargs: Any) -> dict[str, int]:
        calls.append(args)
        if len(calls) == 3:
            raise ConnectionError
        return await written(*args, **kwargs)

    monkeypatch.setattr(commands.writes, "apply", dying)
    with pytest.raises(ConnectionError):
        await Propagator(shop, Settings()).tend()
    assert len(await stored(shop)) == 4
    assert await Propagator(shop, Settings()).tend() is False  # the dead one's turn is not over yet
    monkeypatch.setattr(commands.writes, "apply", written)
    await shop.schema_statement("MATCH (p:Propagation) SET p.until_ms = 0")
    await follow(shop)
    assert len(await stored(shop)) == 7


async def test_another_threshold_is_noticed_and_everything_is_computed_anew(
    shop: GraphSession, admin: Principal
) -> None:
    await judge(shop, admin, {0: 0.6}, run="r2")
    await assert_edges(shop, admin, [edge(0, 4)], run="r2")
    await follow(shop)
    assert await stored(shop) == {}
    while await Propagator(shop, Settings(propagation_confidence=0.5)).tend():
        pass
    assert set(await stored(shop)) == {COLUMNS[4]}


@pytest.mark.parametrize("seed", range(2))
async def test_after_every_kind_of_command_the_graph_holds_what_a_computation_from_scratch_finds(
    shop: GraphSession, admin: Principal, seed: int
) -> None:
    chance = random.Random(seed)
    keys = await keys_of(shop)
    some = chance.sample(range(len(COLUMNS)), 12)
    edges: dict[tuple[int, int], Transformation] = {}
    machine: dict[int, float] = {}
    people: dict[tuple[int, str], VerdictStatus] = {}
    off: set[tuple[int, int]] = set()
    blocks: dict[tuple[str, int], str] = {}
    for step in range(8):
        run = f"step{step}"
        for _ in range(chance.randrange(1, 4)):
            one, other = chance.sample(some, 2)
            match chance.randrange(6):
                case 0 | 1:
                    for _ in range(5):
                        ends = tuple(chance.sample(some, 2))
                        edges[ends] = chance.choice((Transformation.IDENTITY, Transformation.MASK))  # type: ignore[index]
                    for ends in [each for each in edges if chance.random() < 0.2]:
                        del edges[ends]
                    said = [edge(*ends, kind) for ends, kind in edges.items()]
                    await assert_edges(shop, admin, said, run=run + str(chance.random()))
                case 2:
                    machine = {n: chance.choice((0.5, 0.85, 0.9)) for n in chance.sample(some, 4)}
                    await judge(shop, admin, machine, run=run + str(chance.random()))
                case 3:
                    name = chance.choice(NAMES)
                    status = chance.choice((VerdictStatus.CONFIRMED, VerdictStatus.REJECTED))
                    people[one, name] = status
                    await classifications.decide(
                        shop, admin, urn=COLUMNS[one], classification=name, status=status
                    )
                case 4 if (one, other) in edges:
                    off ^= {(one, other)}
                    await commands.set_propagation(
                        shop,
                        admin,
                        up=COLUMNS[one],
                        down=COLUMNS[other],
                        enabled=(one, other) not in off,
                        reason="why",
                    )
                case _:
                    name, under = chance.choice(NAMES), one // 4
                    if ident := blocks.pop((name, under), None):
                        await commands.unblock(shop, admin, ident=ident)
                    else:
                        blocks[name, under] = await commands.block(
                            shop, admin, classification=name, under=SHOP.urn(under), reason="why"
                        )
        await follow(shop)
        says: dict[int, dict[str, float]] = {}
        for n, sure in machine.items():
            if sure >= 0.8 and (n, "EMAIL") not in people:
                says.setdefault(keys[COLUMNS[n]], {})["EMAIL"] = sure
        closed = {(keys[COLUMNS[n]], name) for name, d in blocks for n in range(d * 4, d * 4 + 4)}
        for (n, name), status in people.items():
            if status is VerdictStatus.CONFIRMED:
                says.setdefault(keys[COLUMNS[n]], {})[name] = 1.0
            else:
                closed.add((keys[COLUMNS[n]], name))
        carrying = [
            (keys[COLUMNS[up]], keys[COLUMNS[down]])
            for (up, down), kind in edges.items()
            if kind is Transformation.IDENTITY and (up, down) not in off
        ]
        expected = inherited(carrying, says, closed)
        urns = {key: urn for urn, key in keys.items()}
        assert await stored(shop) == {urns[key]: lists for key, lists in expected.items()}
        assert (await plan_all(shop, 0.8)).changes == []
        want: dict[str, int] = {}
        for key, lists in expected.items():
            want[urns[key]] = max(LEVEL[name] for name in lists)
        for n in machine:
            if people.get((n, "EMAIL")) is not VerdictStatus.REJECTED:
                want[COLUMNS[n]] = max(want.get(COLUMNS[n], 0), LEVEL["EMAIL"])
        for (n, name), status in people.items():
            if status is VerdictStatus.CONFIRMED:
                want[COLUMNS[n]] = max(want.get(COLUMNS[n], 0), LEVEL[name])
        assert await levels(shop) == want
