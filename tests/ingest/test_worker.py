"""What a worker does while what it depends on fails, without a process of its own; ``tests/faults`` has the processes."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import arq.connections
import pytest
import redis.asyncio

from cypher.catalogue import Query
from cypher.session import GraphSession
from graph_api.stack.redis import EmbeddedRedis
from ingest.commands import run_tasks, runs, scans, sources, workflows
from ingest.neighbours import process_name
from ingest.orchestration import task
from ingest.orchestration.outcomes import Done, Halted
from ingest.orchestration.runner import Runner
from ingest.orchestration.scan.discovering import discover_source
from ingest.orchestration.task import Task
from ingest.progress import Progressor
from ingest.worker import QUEUE, ArqQueue, give_back_beside, serve
from ml.classify import engine
from ml.classify.engine import ClassificationEngine
from schema.domain.identity import Principal
from schema.domain.sources import ScanOptions, SourceSpec
from schema.settings import Settings

DEADLINE_S = 60
STATE = Query(
    "test",
    "CYPHER 25 MATCH (r:Run {id: $id}) RETURN r.state AS state",
    "read",
    frozenset({"id"}),
    ("state",),
    1000,
)
TASKS = Query(
    "test",
    "CYPHER 25 MATCH (t:RunTask) RETURN t.source AS source, t.state AS state, t.worker AS worker ORDER BY source",
    "read",
    frozenset(),
    ("source", "state", "worker"),
    1000,
)

ENDS = Query(
    "test",
    "CYPHER 25 MATCH (t:RunTask)-[:TRIED]->(a) RETURN t.state AS state, t.error AS error, t.suspect AS suspect, a.kind AS kind",
    "read",
    frozenset(),
    ("state", "error", "suspect", "kind"),
    1000,
)
# Nothing is tried twice, and a second is long.
HASTY = """
workflow: hasty
stages:
  discover: {uses: discover, timeout: 1s, retry: {tries: 1}}
"""


async def registered(graph: GraphSession, admin: Principal, config: Settings, folder: Path, name: str) -> str:
    file = folder / f"{name}.sqlite"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    spec = SourceSpec(name, "sqlite", {"path": str(file)}, options=ScanOptions(embed=False))
    await sources.register(graph, admin, spec, config=config)
    return name


async def until(holds: Callable[[], Any]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not await holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_a_worker_takes_on_runs_while_redis_is_away(
    graph: GraphSession, admin: Principal, config: Settings, tmp_path: Path
) -> None:
    await registered(graph, admin, config, tmp_path, "shop")
    with EmbeddedRedis(tmp_path / "redis") as server:
        client = redis.asyncio.from_url(server.url)
        working = asyncio.create_task(serve(graph, redis_url=server.url, config=config, embedder=None))
        await until(lambda: client.keys(f"{QUEUE}:health:*"))
        os.kill(server.pid, signal.SIGKILL)
        await client.aclose()
        run = await scans.request(graph, admin, source="shop")

        async def done() -> bool:
            assert not working.done()
            return await graph.one(STATE, id=run) == {"state": "SUCCEEDED"}

        await until(done)
        working.cancel()
        await working


async def test_a_signal_is_heard_whatever_the_clock_of_who_sent_it(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ms = int(time.time() * 1_000)
    monkeypatch.setattr(arq.connections, "timestamp_ms", lambda: now_ms + 60_000)
    queue = ArqQueue(redis_url)
    await queue.signal()
    await queue.close()

    async with redis.asyncio.from_url(redis_url) as client:
        assert await client.zcount(QUEUE, 1, now_ms - 60_000) == 1


async def test_a_heartbeat_that_fails_for_any_reason_is_followed_by_the_next(
    graph: GraphSession, redis_url: str, config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats, again = [0], asyncio.Event()

    async def beat(*_: Any, **__: Any) -> dict[str, Any]:
        beats[0] += 1
        if beats[0] == 1:
            raise RuntimeError("nobody foresaw this")
        again.set()
        return {}

    monkeypatch.setattr(run_tasks, "beat", beat)
    monkeypatch.setattr("ingest.orchestration.runner._IDLE_BEAT_S", 0.0)
    queue, progressor = ArqQueue(redis_url), Progressor(redis_url)
    runner = Runner(graph, config=config, embedder=None, progressor=progressor, queue=queue)
    await runner.drain()

    await asyncio.wait_for(again.wait(), DEADLINE_S)
    await runner.close()
    await progressor.close()


async def test_a_task_that_ends_its_workers_takes_no_other_with_it_to_the_dead_letters(
    graph: GraphSession, admin: Principal, config: Settings, tmp_path: Path
) -> None:
    for name in ("poison", "sound"):
        await registered(graph, admin, config, tmp_path, name)
        await scans.request(graph, admin, source=name)

    for n in range(3):
        held = await run_tasks.claim(graph, worker=f"w{n}", slots=4)
        await graph.schema_statement("MATCH (t:RunTask) SET t.lease_until = t.lease_until - 60000")
        assert len(held) == (2 if n < 2 else 1)
    await run_tasks.claim(graph, worker="w3", slots=4)

    states = sorted(row["state"] for row in await graph.rows(TASKS))
    assert states == ["FAILED", "PARKED"] or states == ["FAILED", "RUNNING"], states


async def test_where_workers_are_killed_all_the_time_a_task_is_not_given_up_for_having_been_among_them(
    graph: GraphSession, admin: Principal, config: Settings, tmp_path: Path
) -> None:
    await registered(graph, admin, config, tmp_path, "unlucky")
    await scans.request(graph, admin, source="unlucky")
    lapse = "MATCH (t:RunTask) SET t.lease_until = t.lease_until - 60000"
    for n in range(6):
        await run_tasks.beat(graph, worker=f"other{n}", props={}, tasks=[])
    await graph.schema_statement(
        "MATCH (w:Worker) WHERE w.id STARTS WITH 'other' SET w.lost_ms = datetime.realtime().epochMillis"
    )

    for n in range(6):
        assert len(await run_tasks.claim(graph, worker=f"w{n}", slots=4)) == 1
        await graph.schema_statement(lapse)
    assert await run_tasks.claim(graph, worker="w6", slots=4) == [], "not for ever"
    assert [row["state"] for row in await graph.rows(TASKS)] == ["FAILED"]


async def test_a_task_whose_worker_was_lost_goes_before_scans_that_were_not_begun(
    graph: GraphSession, admin: Principal, config: Settings, tmp_path: Path
) -> None:
    """Also where those have a deadline."""
    for name in ("old", "lost"):
        await registered(graph, admin, config, tmp_path, name)
    await scans.request(graph, admin, source="lost")
    await run_tasks.claim(graph, worker="dies", slots=1)
    await scans.request(graph, admin, source="old", deadline=datetime(2026, 1, 1, tzinfo=UTC))
    await graph.schema_statement("MATCH (t:RunTask) SET t.lease_until = t.lease_until - 60000")

    [first] = await run_tasks.claim(graph, worker="lives", slots=1)
    assert first.source["name"] == "lost"


@pytest.mark.parametrize("ended", ["killed", "closed"])
async def test_what_a_worker_did_not_end_waited_behind_every_step_of_the_older_runs(
    graph: GraphSession, admin: Principal, config: Settings, tmp_path: Path, ended: str
) -> None:
    """Runs make new tasks all the time, and those of an older run stand before those of a younger one."""
    for name in ("old", "young"):
        await registered(graph, admin, config, tmp_path, name)
        await scans.request(graph, admin, source=name)
    old, young = await run_tasks.claim(graph, worker="dies", slots=2)
    assert [old.source["name"], young.source["name"]] == ["old", "young"]

    await run_tasks.settle(graph, old, Done(facts={"batches": 1}))
    if ended == "closed":
        await run_tasks.settle(graph, young, Halted(handed_back=True))
    else:
        await graph.schema_statement("MATCH (t:RunTask) SET t.lease_until = t.lease_until - 60000")
    first, second = await run_tasks.claim(graph, worker="lives", slots=2)
    assert [first.source["name"], second.source["name"]] == ["young", "old"]


async def test_heartbeats_go_on_while_the_first_scan_of_a_worker_reads_its_rules(
    graph: GraphSession,
    admin: Principal,
    config: Settings,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made_in: list[threading.Thread] = []

    class Watched(ClassificationEngine):
        def __init__(self) -> None:
            made_in.append(threading.current_thread())
            super().__init__()

    monkeypatch.setattr(engine, "ClassificationEngine", Watched)
    engine.standard_engine.cache_clear()
    await registered(graph, admin, config, tmp_path, "shop")
    run = await scans.request(graph, admin, source="shop")
    queue, progressor = ArqQueue(redis_url), Progressor(redis_url)
    runner = Runner(graph, config=config, embedder=None, progressor=progressor, queue=queue)
    await asyncio.wait_for(runner.drain(), DEADLINE_S)
    await runner.close()
    await progressor.close()

    assert await graph.one(STATE, id=run) == {"state": "SUCCEEDED"}
    assert made_in
    assert threading.main_thread() not in made_in


async def tried(
    graph: GraphSession,
    admin: Principal,
    config: Settings,
    redis_url: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Task], Any],
) -> tuple[Runner, dict[str, Any]]:
    """A worker's share after one try of a task that does what ``act`` does, and how the try ended."""
    assert discover_source is task.action_named("discover")
    monkeypatch.setitem(task._registered, "discover", act)
    monkeypatch.setattr("ingest.orchestration.runner._INTERRUPTED_S", 0.3)
    name = await registered(graph, admin, config, folder, "poison")
    await workflows.save(graph, admin, text=HASTY)
    await runs.request(graph, admin, source=name, workflow="hasty")
    queue, progressor = ArqQueue(redis_url), Progressor(redis_url)
    runner = Runner(graph, config=config, embedder=None, progressor=progressor, queue=queue)
    await asyncio.wait_for(runner.drain(), DEADLINE_S)
    await runner.close()
    await progressor.close()
    ended = await graph.one(ENDS)
    assert ended is not None
    return runner, ended


async def test_a_task_that_hangs_in_a_thread_fails_in_time_and_its_worker_is_replaced(
    graph: GraphSession,
    admin: Principal,
    config: Settings,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let_go = threading.Event()

    async def hang(_: Task) -> Done:
        await asyncio.to_thread(let_go.wait, DEADLINE_S)
        return Done()

    runner, ended = await tried(graph, admin, config, redis_url, tmp_path, monkeypatch, hang)
    let_go.set()
    assert (ended["state"], ended["error"]) == ("FAILED", "TIMEOUT: It took longer than 1 s.")
    assert runner.spent.is_set()


async def test_a_task_that_hangs_lets_the_others_of_its_worker_end_first(
    graph: GraphSession,
    admin: Principal,
    config: Settings,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let_go, ends = threading.Event(), asyncio.Event()

    async def act(asked: Task) -> Done:
        if asked.source == "hangs":
            await asyncio.to_thread(let_go.wait, DEADLINE_S)
        await ends.wait()
        return Done()

    monkeypatch.setitem(task._registered, "discover", act)
    monkeypatch.setattr("ingest.orchestration.runner._INTERRUPTED_S", 0.3)
    monkeypatch.setattr("ingest.orchestration.runner._GRACE_S", 0.3)
    await workflows.save(graph, admin, text=HASTY)
    await workflows.save(graph, admin, text=HASTY.replace("hasty", "calm").replace("1s", "1h"))
    for name, workflow in (("hangs", "hasty"), ("sound", "calm")):
        await registered(graph, admin, config, tmp_path, name)
        await runs.request(graph, admin, source=name, workflow=workflow)
    queue, progressor = ArqQueue(redis_url), Progressor(redis_url)
    runner = Runner(graph, config=config, embedder=None, progressor=progressor, queue=queue)
    draining = asyncio.create_task(runner.drain())

    async def given_up() -> bool:
        return any(row["state"] == "FAILED" for row in await graph.rows(TASKS))

    await until(given_up)
    await registered(graph, admin, config, tmp_path, "later")
    await runs.request(graph, admin, source="later", workflow="calm")
    await runner.drain()  # wakes it
    assert not runner.spent.is_set()
    ends.set()
    await asyncio.wait_for(draining, DEADLINE_S)
    await asyncio.wait_for(runner.spent.wait(), DEADLINE_S)
    let_go.set()
    await runner.close()
    await progressor.close()
    states = {row["source"].rpartition(":")[2]: row["state"] for row in await graph.rows(TASKS)}
    assert sorted(states.values()) == ["FAILED", "READY", "SUCCEEDED"], states


async def test_what_a_killed_worker_held_is_back_long_before_its_lease_ends(
    graph: GraphSession, admin: Principal, config: Settings, redis_url: str, tmp_path: Path
) -> None:
    """Where another worker of the machine lives; one that stands still keeps what it has."""
    killed, still = [subprocess.Popen(["sleep", "60"]) for _ in range(2)]
    for each in (killed, still):
        await registered(graph, admin, config, tmp_path, f"s{each.pid}")
        await scans.request(graph, admin, source=f"s{each.pid}")
        process = process_name(each.pid)
        await run_tasks.beat(graph, worker=f"w{each.pid}", props={"process": process}, tasks=[])
        assert await run_tasks.claim(graph, worker=f"w{each.pid}", slots=1)
    queue = ArqQueue(redis_url)
    try:
        assert not await give_back_beside(graph, queue)
        still.send_signal(signal.SIGSTOP)
        killed.kill()

        async def given_back() -> bool:
            return await give_back_beside(graph, queue)

        await until(given_back)
        states = {row["worker"]: row["state"] for row in await graph.rows(TASKS)}
        assert states == {f"w{killed.pid}": "PARKED", f"w{still.pid}": "RUNNING"}
    finally:
        await queue.close()
        for each in (killed, still):
            each.kill()
            each.wait()


async def test_a_task_that_stops_when_it_is_told_to_costs_no_worker(
    graph: GraphSession,
    admin: Principal,
    config: Settings,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def slow(asked: Task) -> Done:
        while True:
            await asyncio.to_thread(asked.stop._event.wait, 0.1)
            asked.stop.check()

    runner, ended = await tried(graph, admin, config, redis_url, tmp_path, monkeypatch, slow)
    assert ended["error"] == "TIMEOUT: It took longer than 1 s."
    assert not runner.spent.is_set()


async def test_a_task_that_memory_does_not_suffice_for_fails_alone(
    graph: GraphSession,
    admin: Principal,
    config: Settings,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def greedy(_: Task) -> Done:
        raise MemoryError

    runner, ended = await tried(graph, admin, config, redis_url, tmp_path, monkeypatch, greedy)
    assert (ended["state"], ended["kind"], ended["suspect"]) == ("FAILED", "out_of_memory", True)
    assert ended["error"].startswith("OUT_OF_MEMORY: ")
    assert not runner.spent.is_set()
