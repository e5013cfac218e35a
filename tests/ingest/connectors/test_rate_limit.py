"""Requests per minute: one limit for all tasks that read a source, on servers that speak the real protocols."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import plans, run_tasks, runs, scans, sources
from ingest.connectors.base import open_connector
from ingest.connectors.guarded import GuardedLoop
from ingest.connectors.registry import Registry
from ingest.network import NetworkPolicy
from ingest.orchestration.runner import Runner
from ingest.progress import Progressor
from ingest.rate_limit import Grant, RateLimiter
from ingest.worker import ArqQueue
from schema.domain.identity import Principal, Role
from schema.domain.plans import ScanPlan
from schema.domain.sources import ScanOptions, SourceSpec, source_urn
from schema.errors import ConnectionFailed
from schema.settings import Settings
from tests.graph_api.asking import api, nodes
from tests.ingest.connectors.brokers import RegistryServer
from tests.ingest.connectors.test_stores import Lake, azure_lake, gcs_lake, lake, read, s3_lake, source_of
from tests.servers import Server

__all__ = ["azure_lake", "gcs_lake", "lake", "s3_lake"]  # fixtures

ATTEMPTS = Query(
    "test",
    "CYPHER 25 MATCH (r:Run {id: $id})-[:HAS_TASK]->(t)-[:TRIED]->(a) WHERE t.stage = $stage "
    "RETURN r.state AS state, a.state AS attempt, a.took_ms AS took_ms, a.limited_ms AS limited_ms",
    "read",
    frozenset({"id", "stage"}),
    ("state", "attempt", "took_ms", "limited_ms"),
    1000,
)
TIMES = "{ scanTimes(by: SOURCE, days: 1) { name busySeconds limitedSeconds } }"
RUN = (
    "query ($r: String!) { run(id: $r) { tasks { edges { node { stage attempts { tookMs limitedMs } } } } } }"
)


@dataclass
class Counted:
    """A limit without a graph, which counts what it gave out."""

    per_minute: int
    requests: int = 0
    following: float = 0.0

    async def __call__(self) -> Grant:
        self.requests += 1
        now = time.monotonic()
        at = max(self.following, now)
        self.following = at + 60 / self.per_minute
        return Grant(at - now, 1, self.per_minute)


@pytest.fixture
async def runner(graph: GraphSession, redis_url: str, config: Settings) -> AsyncIterator[Runner]:
    queue, progressor = ArqQueue(redis_url), Progressor(redis_url)
    made = Runner(
        graph, config=config, embedder=None, progressor=progressor, queue=queue, extras=("files", "postgres")
    )
    yield made
    await made.close()
    await queue.close()
    await progressor.close()


async def registered(
    graph: GraphSession, admin: Principal, config: Settings, lake: Lake, per_minute: int
) -> str:
    spec = SourceSpec(
        "lake",
        "files",
        {"path": lake.url, **lake.settings},
        options=ScanOptions(embed=False, sample_rows=0, profile=False, classify=False, lineage=False),
        plan=ScanPlan(requests_per_minute=per_minute),
    )
    await sources.register(graph, admin, spec, config=config)
    return spec.name


async def test_each_request_to_a_store_waits_for_its_turn(lake: Lake) -> None:
    for name in ("a.csv", "b/b.csv", "c/c.csv", "d/d.csv"):
        lake.put(name, b"id,name\n1,a\n2,b\n")
    counted = Counted(3_000)
    limiter = RateLimiter(counted)
    access = NetworkPolicy(allow_private=True, timeout_s=5, limiter=limiter)

    begun = time.monotonic()
    found, _ = await asyncio.to_thread(lambda: read(source_of(lake, access)))
    took_s = time.monotonic() - begun

    assert len(found) == 4
    assert counted.requests >= 5  # one list, and each file
    assert took_s >= (counted.requests - 1) * 60 / 3_000
    assert 0 < limiter.waited_s <= took_s


async def test_requests_to_a_schema_registry_wait_for_their_turn_and_an_interrupt_ends_the_wait(
    registry: RegistryServer,
) -> None:
    counted = Counted(600)
    limiter = RateLimiter(counted)
    access = NetworkPolicy(allow_private=True, timeout_s=5, limiter=limiter)

    def asked() -> float:
        loop = GuardedLoop(access)

        async def work() -> None:
            opened = Registry(
                registry.url,
                registry.user,
                registry.password,
                context=ssl.create_default_context(),
                access=access,
            )
            await asyncio.gather(*(opened.subjects() for _ in range(5)))
            await opened.close()

        begun = time.monotonic()
        try:
            loop.run(work())
        finally:
            loop.finish()
        return time.monotonic() - begun

    assert await asyncio.to_thread(asked) >= 4 * 60 / 600
    assert counted.requests == 5

    counted.per_minute = 1
    waiting = asyncio.create_task(asyncio.to_thread(asked))
    while counted.requests < 6:
        await asyncio.sleep(0.01)
    begun = time.monotonic()
    limiter.end()
    with pytest.raises(ConnectionFailed):
        await waiting
    assert time.monotonic() - begun < 5


async def test_statements_of_a_database_wait_for_their_turn(postgres: Server) -> None:
    counted = Counted(600)
    access = NetworkPolicy(allow_private=True, timeout_s=5, limiter=RateLimiter(counted))
    source = open_connector(
        "postgres",
        {
            "host": postgres.host,
            "port": postgres.port,
            "user": postgres.user,
            "password": postgres.password,
            "database": "chinook",
        },
        access=access,
    )

    begun = time.monotonic()
    found = await asyncio.to_thread(lambda: list(source.discover()))
    took_s = time.monotonic() - begun
    source.close()

    assert len(found) > 5
    assert counted.requests > 3
    assert took_s >= (counted.requests - 1) * 60 / 600


async def test_a_scan_takes_the_time_that_its_limit_says_and_tells_that_it_waited(
    graph: GraphSession, admin: Principal, config: Settings, s3_lake: Lake, runner: Runner
) -> None:
    for name in ("a.csv", "b/b.csv", "c/c.csv", "d/d.csv"):
        s3_lake.put(name, b"id,name\n1,a\n2,b\n")
    source = await registered(graph, admin, config, s3_lake, 600)
    run = await scans.request(graph, admin, source=source)
    begun = time.monotonic()
    await runner.drain()
    took_s = time.monotonic() - begun

    (first,) = await graph.rows(ATTEMPTS, id=run, stage="discover")
    assert first["state"] == "SUCCEEDED"
    # Five requests at least, the first of which waits for nobody.
    assert took_s >= first["took_ms"] / 1_000 >= 4 * 60 / 600
    assert 0 < first["limited_ms"] <= first["took_ms"]
    shown = (await api(graph, Role.OPERATOR).ask(TIMES))["scanTimes"]
    assert [each["name"] for each in shown] == ["lake"]
    assert first["limited_ms"] / 1_000 <= shown[0]["limitedSeconds"] <= shown[0]["busySeconds"]
    tasks = nodes((await api(graph, Role.OPERATOR).ask(RUN, r=run))["run"]["tasks"])
    (attempt,) = next(task["attempts"] for task in tasks if task["stage"] == "discover")
    assert 0 < attempt["limitedMs"] <= attempt["tookMs"]


async def test_two_tasks_in_two_workers_share_one_limit(graph: GraphSession, admin: Principal) -> None:
    urn = str(source_urn("shared"))
    await graph.schema_statement(
        f"CYPHER 25 MERGE (s:Asset:Source {{urn: '{urn}', key: -7, registered: true, requests_per_minute: 1200}})"
    )
    at: list[float] = []

    async def worker() -> None:
        limiter = RateLimiter(lambda: run_tasks.take_requests(graph, urn))

        def requests() -> None:
            for _ in range(10):
                limiter.acquire()
                at.append(time.monotonic())

        await asyncio.to_thread(requests)

    await asyncio.gather(worker(), worker())
    # Twenty a second, a second's worth at once at most.
    assert len(at) == 20
    assert max(at) - min(at) >= 19 * 0.05 - 0.06


async def test_a_cancel_ends_a_wait_for_the_limit_at_once(
    graph: GraphSession, admin: Principal, config: Settings, s3_lake: Lake, runner: Runner
) -> None:
    for name in ("a.csv", "b/b.csv", "c/c.csv"):
        s3_lake.put(name, b"id\n1\n")
    source = await registered(graph, admin, config, s3_lake, 1)
    run = await scans.request(graph, admin, source=source)
    working = asyncio.create_task(runner.drain())
    limited = Query(
        "test", "CYPHER 25 MATCH (s:Source {name: 'lake'}) RETURN s.next_request_ms - datetime.realtime().epochMillis AS ahead_ms",
        "read", frozenset(), ("ahead_ms",), 1000,
    )  # fmt: skip
    # The second request has its turn in a minute.
    while (((await graph.one(limited)) or {}).get("ahead_ms") or 0) < 61_000:
        await asyncio.sleep(0.02)
    begun = time.monotonic()
    await runs.cancel(graph, admin, run=run)
    await working

    assert time.monotonic() - begun < 10
    (first,) = await graph.rows(ATTEMPTS, id=run, stage="discover")
    assert (first["state"], first["attempt"]) == ("CANCELLED", "STOPPED")


async def test_a_limit_that_is_taken_away_holds_no_longer(graph: GraphSession, admin: Principal) -> None:
    urn = str(source_urn("shared"))
    await graph.schema_statement(
        f"CYPHER 25 MERGE (s:Asset:Source {{urn: '{urn}', name: 'shared', key: -7, registered: true, requests_per_minute: 1}})"
    )
    assert (await run_tasks.take_requests(graph, urn)).wait_s == 0
    assert (await run_tasks.take_requests(graph, urn)).wait_s > 50
    await plans.set_plan(graph, admin, source="shared", plan=ScanPlan())
    assert await run_tasks.take_requests(graph, urn) == Grant(0.0, 1_000, None)


async def test_nothing_is_asked_after_the_end() -> None:
    limiter = RateLimiter(Counted(1))
    limiter.end()
    with pytest.raises(ConnectionFailed):
        await asyncio.to_thread(limiter.acquire)
