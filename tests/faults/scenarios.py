"""The scenarios: which fault strikes when, and what is required of the scans that it strikes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import neo4j
import redis.asyncio
from redis.exceptions import RedisError

from cypher.catalogue import Query
from graph_api.stack.neo4j import EmbeddedNeo4j
from graph_api.stack.server import EmbeddedServer
from ingest.commands import catalog
from ingest.worker import QUEUE, ArqQueue
from schema.domain.scans import RunState
from schema.domain.sources import source_urn
from schema.errors import CommitUnknown, PursightError
from tests.faults.api import asked, refused_and_back, unaffected
from tests.faults.checker import RESUMED_S, Row, Tasks, checked, doubled, export
from tests.faults.clock import skewed
from tests.faults.history import History
from tests.faults.proxy import Mood
from tests.faults.world import ADMIN, HASTY, Scan, World, ask, hasty, scanning, struck

LEASE_S = 8.0
MOODS = (Mood.CUT, Mood.SILENT, Mood.SLOW, Mood.HALF, Mood.FLOOD)
MOST_TRIES = 3
FOUND_AGAIN_S = 60.0
START_DELAY_S = 1.0
MOST_SLOWED = 10.0
# Throughput is told until so many tasks are done: at the end too few are left for both cores.
MOST = 0.9
_REASONS = {
    "exit": "was lost",
    "raise": "RuntimeError",
    "loop": "was lost",
    "thread": "TIMEOUT",
    "memory": "OUT_OF_MEMORY",
    "query": "TIMEOUT",
}
_ENDING = ("exit", "loop", "thread")
_LEDGER = Query(
    "faults.ledger",
    "CYPHER 25 MATCH (:Asset {urn: $urn})-[e:TAGGED]->(t:Tag) RETURN t.name AS tag, count(e) AS times",
    "read",
    frozenset({"urn"}),
    ("tag", "times"),
    1_000,
)
_DEAD = Query(
    "faults.dead",
    "CYPHER 25 MATCH (e:AuditEvent {action: 'run.dead_letter'}) RETURN e.details AS details",
    "read",
    frozenset(),
    ("details",),
    1_000,
)
_STALE = Query(
    "faults.stale",
    "CYPHER 25 MATCH (a:Asset {status: 'STALE'}) RETURN count(a) AS assets",
    "read",
    frozenset(),
    ("assets",),
    1_000,
)


@dataclass(slots=True)
class Course:
    """A run of scenarios: the world, what it looks like undisturbed, how often faults strike."""

    world: World
    moments: int
    rounds: int = 1
    expected: Sequence[str] = ()
    undisturbed_s: float = 0.0
    rows: list[Row] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [spec.name for spec in self.world.sources.specs]

    @property
    def small(self) -> list[str]:
        """The sources of one batch."""
        return [name for name in self.names if not name.startswith("big")]


Scenario = Callable[[Course], Awaitable[list[Row]]]
SCENARIOS: dict[str, Scenario] = {}


def scenario(function: Scenario) -> Scenario:
    SCENARIOS[function.__name__] = function
    return function


async def undisturbed(course: Course) -> list[Row]:
    """Without faults: what the others are compared with."""
    async with scanning(course.world, "undisturbed") as scan:
        whole = await struck(scan, None, course.names)
        course.expected = await export(course.world.graph)
        course.undisturbed_s = scan.took_s
        rows = await checked("undisturbed", scan, course.expected, whole=whole)
        tasks = await Tasks.of(course.world.graph)
    twice = doubled(course.expected)
    rows.append(Row("undisturbed", "doubled edges, verdicts, states: 0", str(len(twice)), not twice, twice))
    told = f"{scan.took_s:.0f} s, {len(scan.runs)} runs, {len(tasks.rows)} tasks"
    return [*rows, Row("undisturbed", "(the measure of the others)", told, True)]


@scenario
async def kill(course: Course) -> list[Row]:
    """SIGKILL of a worker that holds tasks, at random moments; the next one when all are there again."""
    rng = course.world.rng

    async def nemesis(scan: Scan) -> None:
        for _ in range(course.moments):
            await asyncio.sleep(rng.uniform(0.2, 2.0))
            scan.fleet.kill(await scan.busy())
            await all_listen(scan)

    async with scanning(course.world, "kill") as scan:
        whole = await struck(scan, nemesis, course.names)
        rows = await checked("kill", scan, course.expected, whole=whole)
        tasks = await Tasks.of(course.world.graph)
    resumed = tasks.resumed_s(scan.history)
    kills, begun = len(scan.history.of("kill")), [each.begun_s for each in resumed] or [0.0]
    longest, noticed = max(begun), max((each.noticed_s for each in resumed), default=0.0)
    told = (
        f"{kills} kills, {len(resumed)} tasks redone, after {median(begun):.1f} s, longest {longest:.1f} s, "
        f"of which until it was noticed {noticed:.1f} s at most"
    )
    rows.append(
        Row(
            "kill",
            f"next attempt <= {RESUMED_S:g} s after a kill",
            told,
            longest <= RESUMED_S,
            [f"{each.begun_s:.1f} s: {each.told}" for each in resumed if each.begun_s > RESUMED_S],
            timed=True,
        )
    )
    return [*rows, _time("kill", scan, course)]


@scenario
async def stall(course: Course) -> list[Row]:
    """SIGSTOP for longer than a lease, then SIGCONT: what was given to others is not written by the first holder. Signals come many
    times at once meanwhile."""
    rng = course.world.rng

    async def signals(scan: Scan) -> None:
        queues = [ArqQueue(scan.world.redis.url) for _ in range(4)]
        while True:
            await asyncio.gather(*(queue.signal() for queue in queues for _ in range(10)))
            scan.history.note("nemesis", "signals", 40)
            await asyncio.sleep(rng.uniform(0.5, 2.0))

    async def nemesis(scan: Scan) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(signals(scan))
            for _ in range(max(2, course.moments // 4)):
                await asyncio.sleep(rng.uniform(0.2, 2.0))
                group.create_task(scan.fleet.stall(await scan.busy(), LEASE_S + rng.uniform(1, 4)))

    # They are to go on where they were stopped, not to end because they were.
    variables = {n: {"PURSIGHT_WORKER_HANG_S": "60"} for n in range(4)}
    async with scanning(course.world, "stall", variables=variables) as scan:
        whole = await struck(scan, nemesis, course.names)
        rows = await checked("stall", scan, course.expected, whole=whole)
        tasks = await Tasks.of(course.world.graph)
    resumed = tasks.resumed_s(scan.history, "stall")
    told = f"{len(scan.history.of('stall'))} stalls, {len(resumed)} tasks taken over"
    rows.append(Row("stall", "what a stalled worker held is taken over", told, bool(resumed)))
    return [*rows, _time("stall", scan, course)]


@scenario
async def redis_lost(course: Course) -> list[Row]:
    """kill -9 of Redis and restart, and FLUSHALL, at random moments."""
    world, rng, back = course.world, course.world.rng, list[float]()

    async def nemesis(scan: Scan) -> None:
        for _ in range(max(2, course.moments // 5)):
            await asyncio.sleep(rng.uniform(0.5, 3.0))
            scan.history.note("redis", "kill")
            await _killed(world.redis, rng.uniform(0.0, 3.0))
            started = time.monotonic()
            await all_listen(scan)
            back.append(time.monotonic() - started)
            await asyncio.sleep(rng.uniform(0.5, 2.0))
            await _flush(scan)

    async with scanning(world, "redis_lost") as scan, asked(scan):
        whole = await struck(scan, nemesis, course.names)
        rows = await checked("redis_lost", scan, course.expected, whole=whole)
        flushed = scan.history.of("flushall")
        end_ms = scan.history.note("client", "all over").at_ms
    longest = max(back, default=0.0)
    told = f"{len(back)} kills, longest {longest:.1f} s"
    rows.append(
        Row(
            "redis_lost",
            f"workers back <= {RESUMED_S:g} s after Redis",
            told,
            longest <= RESUMED_S,
            timed=True,
        )
    )
    told = f"{len(flushed)} times FLUSHALL, end {(end_ms - flushed[-1].at_ms) / 1_000 if flushed else 0:.0f} s later"
    rows.append(Row("redis_lost", "runs go on after FLUSHALL", told, whole))
    rows.append(unaffected("redis_lost", scan.history))
    return [*rows, _time("redis_lost", scan, course)]


@scenario
async def signals_lost(course: Course) -> list[Row]:
    """FLUSHALL while runs are asked for: no worker hears of them, and all are found."""
    async with scanning(course.world, "signals_lost") as scan:
        await all_listen(scan)
        begun = time.monotonic()
        for name in course.small:
            await ask(scan, [name])
            await _flush(scan)
        whole = await scan.over()
        scan.took_s = time.monotonic() - begun
        rows = await checked("signals_lost", scan, course.expected, whole=whole)
    told = f"{len(scan.runs)} runs done in {scan.took_s:.0f} s"
    required = f"all done <= {FOUND_AGAIN_S:g} s after FLUSHALL"
    return [*rows, Row("signals_lost", required, told, whole and scan.took_s <= FOUND_AGAIN_S, timed=True)]


@scenario
async def neo4j_killed(course: Course) -> list[Row]:
    """kill -9 of Neo4j in the middle of writes, and restart; a client writes meanwhile and notes what was acknowledged."""
    world, rng = course.world, course.world.rng
    assert isinstance(world.neo4j, EmbeddedNeo4j)
    server, ledger = world.neo4j, str(source_urn(world.sources.ledger.name))
    outages: list[float] = []

    async def client(scan: Scan) -> None:
        for n in range(100_000):
            tag = f"op-{n}"
            try:
                await catalog.apply_tag(world.graph, ADMIN, urns=[ledger], tag=tag)
                scan.history.note("client", "acknowledged", tag)
            except CommitUnknown:
                scan.history.note("client", "unknown", tag)
            except PursightError:
                scan.history.note("client", "refused", tag)
            await asyncio.sleep(0.1)

    async def nemesis(scan: Scan) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(client(scan))
            for _ in range(max(2, course.moments * 3 // 5)):
                await scan.busy()
                await asyncio.sleep(rng.uniform(0.5, 4.0))
                scan.history.note("neo4j", "kill")
                begun = time.monotonic()
                await _killed(server)
                outages.append(time.monotonic() - begun)
                scan.history.note("neo4j", "start")
                # Its port is open long before it answers: what the API is measured by is what a bare driver gets.
                await asyncio.to_thread(_answered, server)
                scan.history.note("neo4j", "answers")

    async with scanning(world, "neo4j_killed") as scan, asked(scan):
        whole = await struck(scan, nemesis, course.names)
        times = {row["tag"]: row["times"] for row in await world.graph.rows(_LEDGER, urn=ledger)}
        rows = await checked("neo4j_killed", scan, course.expected, whole=whole)
    acknowledged = [event.value for event in scan.history.of("acknowledged")]
    lost = [tag for tag in acknowledged if tag not in times]
    told = f"{len(lost)} of {len(acknowledged)}, {len(scan.history.of('unknown'))} unknown"
    rows.append(Row("neo4j_killed", "acknowledged writes lost: 0", told, not lost, lost))
    told = f"{len(outages)} kills, Neo4j back after {max(outages, default=0):.0f} s at most"
    rows.append(
        Row(
            "neo4j_killed",
            "workers outlive it",
            f"{told}, {scan.fleet.restarts} restarts",
            not scan.fleet.restarts,
        )
    )
    rows += refused_and_back("neo4j_killed", scan.history)
    return [*rows, _time("neo4j_killed", scan, course)]


@scenario
async def poison(course: Course) -> list[Row]:
    """Sources that end their worker, raise, stop its event loop, a thread or a statement for ever, take all memory.

    They cost their tries and nothing else, all at once: the others end as they do undisturbed. And each by itself hardly slows the others.
    """
    poisons = [spec.name for spec in course.world.sources.poisons]
    acts = ",".join(f"{name}={_act(name)}" for name in poisons)
    variables = {n: {"FAULTS_POISON": acts, "PURSIGHT_WORKER_MEMORY_MB": "2048"} for n in range(4)}

    async def others(name: str, some: Sequence[str]) -> tuple[float, float]:
        """How many tasks a second all sources but the poisons get done, until nine of ten are, and the seconds until all are."""
        async with scanning(course.world, name, variables=variables) as scan:
            await hasty(scan)
            await all_listen(scan)
            await ask(scan, some, workflow=HASTY)
            await struck(scan, None, course.names)
            return paced(await Tasks.of(course.world.graph), scan.history)

    def paced(tasks: Tasks, history: History) -> tuple[float, float]:
        number = sum(task["source"] in course.names for task in tasks.rows)
        most_s = tasks.over_s(history, course.names, MOST)
        return MOST * number / most_s, tasks.over_s(history, course.names)

    async with scanning(course.world, "poison", variables=variables) as scan:
        await hasty(scan)
        await all_listen(scan)
        await ask(scan, poisons, workflow=HASTY)
        whole = await struck(scan, None, course.names)
        rows = await checked("poison", scan, course.expected, whole=whole, failing=poisons)
        tasks = await Tasks.of(course.world.graph)
        events = [json.loads(row["details"])["task"] for row in await course.world.graph.rows(_DEAD)]
    dead = {task["source"]: task for task in tasks.dead_letters()}
    most = max((task["tries"] for task in dead.values()), default=0)
    told = f"{len(dead)} of {len(poisons)} dead letters, at most {most} tries: " + "; ".join(
        f"{_act(name)}: {_reason(task)}" for name, task in sorted(dead.items())
    )
    wrong = [name for name in poisons if name not in dead or not _is_told(dead[name])]
    right = not wrong and most <= MOST_TRIES
    rows.append(Row("poison", f"dead letters with reason after <= {MOST_TRIES} tries", told, right, wrong))
    once = sorted(events) == sorted(task["id"] for task in dead.values())
    rows.append(Row("poison", "one audit event each", str(len(events)), once))
    tries = sum(len(dead[name]["attempts"]) for name in dead if _act(name) in _ENDING)
    told = f"{scan.fleet.restarts} restarts, {tries} tries of what ends or hangs a worker"
    rows.append(Row("poison", "at most one restart a try", told, scan.fleet.restarts <= tries))
    # What a scan takes differs from one to the next, so that each is measured beside undisturbed ones, in several rounds.
    without, with_each = [], defaultdict[str, list[tuple[float, float]]](list)
    for n in range(course.rounds):
        without.append(await others(f"poison-none-{n}", []))
        for name in poisons:
            with_each[_act(name)].append(await others(f"poison-{_act(name)}-{n}", [name]))
    without.append(await others("poison-none-again", []))
    rate = median(per_second for per_second, _ in without)

    def slowed(per_second: float) -> float:
        return 100 * (rate - per_second) / rate

    def compared(found: Sequence[tuple[float, float]]) -> str:
        return f"{slowed(median(each for each, _ in found)):+.0f} % ({median(end for _, end in found):.0f} s)"

    spread = " ".join(f"{slowed(each):+.0f}" for each, _ in without)
    told = f"{compared([paced(tasks, scan.history)])}; {len(without)} without poison differ from their median by {spread} %"
    rows.append(Row("poison", "(all six at once: fewer tasks of others a second, their end)", told, True))
    told = ", ".join(f"{act} {compared(found)}" for act, found in with_each.items())
    slowest = min(median(each for each, _ in found) for found in with_each.values())
    held = slowed(slowest) < MOST_SLOWED
    required = f"one costs others < {MOST_SLOWED:g} % of their tasks a second (their end)"
    rows.append(Row("poison", required, told, held, timed=True))
    return rows


def _act(poison: str) -> str:
    return poison.partition("-")[2]


def _reason(task: Mapping[str, Any]) -> str:
    return re.sub(r"worker \S+ was", "worker was", task["error"].split(". ")[0].rstrip("."))


def _is_told(task: Mapping[str, Any]) -> bool:
    return _REASONS[_act(task["source"])] in task["error"]


@scenario
async def clock(course: Course) -> list[Row]:
    """One of two workers has a clock a minute ahead, then a minute behind."""
    rows = []
    for seconds in (60, -60):
        name = f"clock{seconds:+}"
        async with scanning(course.world, name, workers=2, variables={0: skewed(seconds)}) as scan:
            await all_listen(scan)
            whole = True
            for each in course.small[:6]:
                await ask(scan, [each])
                whole = await scan.over() and whole
            rows += await checked(name, scan, course.expected, whole=whole)
            waited = (await Tasks.of(course.world.graph)).waited_s()
        slow = sorted(waited)[int(len(waited) * 0.95)]
        told = f"{slow:.2f} s, longest {max(waited):.2f} s, of {len(waited)} tasks"
        rows.append(
            Row(
                name,
                f"95 % of tasks start <= {START_DELAY_S:g} s after they may",
                told,
                slow <= START_DELAY_S,
                timed=True,
            )
        )
    return rows


@scenario
async def source(course: Course) -> list[Row]:
    """A proxy before PostgreSQL resets connections, accepts them and says nothing, answers drop by drop, falls silent in the middle of an
    answer, answers without end; a source answers with ten GiB."""
    there = course.world.sources
    proxy, huge = there.proxy, there.huge
    names = [name for name in course.small if name.startswith("postgres")][:3]
    if proxy is None or huge is None or len(names) < 3:
        return [Row("source", "(no PostgreSQL in this world)", "not run", True)]
    others = [name for name in course.small if "postgres" not in name]
    told, alone = [], []
    variables = {n: {"PURSIGHT_WORKER_MEMORY_MB": "1024"} for n in range(4)}
    async with scanning(course.world, "source", variables=variables) as scan:
        await hasty(scan)
        await struck(scan, None, names, workflow=HASTY)
        for n, mood in enumerate(MOODS):
            name, other = names[n % len(names)], others[n % len(others)]
            proxy.mood = mood
            try:
                ended = await struck(scan, None, [name, other], workflow=HASTY)
            finally:
                proxy.mood = Mood.HONEST
            state = await _state(scan, name)
            told.append(f"{mood} {state} in {scan.took_s:.0f} s")
            if not ended or await _state(scan, other) is not RunState.SUCCEEDED:
                alone.append(f"{mood}: {other} did not succeed, or one did not end")
        stale = (await course.world.graph.rows(_STALE))[0]["assets"]
        ended = await struck(scan, None, [huge.name])
        told.append(f"10 GiB {await _state(scan, huge.name)} in {scan.took_s:.0f} s")
        whole = await struck(scan, None, names) and ended
        odd = {*names, huge.name}
        rows = await checked("source", scan, course.expected, whole=whole, failing={huge.name}, may_fail=odd)
        tasks = await Tasks.of(course.world.graph)
    rows.append(Row("source", "each fails alone or is retried", "; ".join(told), not alone, alone))
    lost, restarts = tasks.lost(), scan.fleet.restarts
    rows.append(Row("source", "workers outlive it", f"{restarts} restarts, {lost} tasks lost", not restarts))
    rows.append(Row("source", "assets retired by a partial scan: 0", str(stale), not stale))
    return rows


async def _state(scan: Scan, name: str) -> RunState:
    """Of the last run of a source."""
    return (await scan.states())[next(run for run in reversed(scan.runs) if scan.runs[run] == name)]


async def _killed(server: EmbeddedServer, down_s: float = 0.0) -> None:
    """kill -9, and start again after a while; whoever stops the nemesis waits for that too."""
    again = asyncio.create_task(asyncio.to_thread(_kill_and_start, server, down_s))
    try:
        await asyncio.shield(again)
    finally:
        await again


def _answered(server: EmbeddedNeo4j) -> None:
    with neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        driver.execute_query("RETURN 1")


def _kill_and_start(server: EmbeddedServer, down_s: float) -> None:
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    time.sleep(down_s)
    server.start()


async def all_listen(scan: Scan) -> None:
    """Wait until every worker that runs has said in Redis that it listens."""
    async with redis.asyncio.from_url(scan.world.redis.url) as client:
        while True:
            with suppress(RedisError):
                keys = [key.decode() async for key in client.scan_iter(f"{QUEUE}:health:*")]
                pids = {int(key.split(":")[-2]) for key in keys}
                if all(slot.worker in pids for slot in scan.fleet.slots):
                    return
            await asyncio.sleep(0.1)


async def _flush(scan: Scan) -> None:
    async with redis.asyncio.from_url(scan.world.redis.url) as client:
        with suppress(RedisError):
            await client.flushall()
            scan.history.note("redis", "flushall")


def _time(name: str, scan: Scan, course: Course) -> Row:
    return Row(name, "(time)", f"{scan.took_s:.0f} s, undisturbed {course.undisturbed_s:.0f} s", True)
