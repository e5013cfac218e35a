"""All arq code: the queue that carries "work is waiting", and the worker that listens to it. The work itself is in the graph.

arq's own guarantees are not relied on: tasks are claimed in the graph under a lease, a signal without work does nothing, and a sweep every
few seconds looks for work that nobody was told of, whoever died or whatever Redis lost.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from arq import create_pool, cron, func
from arq.connections import ArqRedis, RedisSettings
from arq.worker import Worker
from redis.exceptions import RedisError

from cypher.orchestration import reads as orchestration
from cypher.scanning import reads
from cypher.session import GraphSession
from ingest.alerts import delivery
from ingest.commands import events, plans
from ingest.orchestration.runner import Runner
from ingest.progress import Progressor
from schema.errors import PursightError
from schema.ports import Embedder
from schema.settings import Settings

QUEUE = "pursight:queue"
_SWEEP_S = 3
_SLOTS = 4
_JOBS = 10
_log = structlog.get_logger("pursight.worker")


class ArqQueue:
    """``schema.ports.JobQueue`` over arq; when Redis is away the sweep of a worker finds the run later."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._pool: ArqRedis | None = None

    async def signal(self) -> None:
        try:
            if self._pool is None:
                self._pool = await create_pool(_redis(self._redis_url), default_queue_name=QUEUE)
            await self._pool.enqueue_job("work")
        except (RedisError, OSError) as error:
            _log.warning("not signalled, the sweep will find it", error=type(error).__name__)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()


def _redis(url: str) -> RedisSettings:
    settings = RedisSettings.from_dsn(url)
    settings.conn_timeout, settings.conn_retries = 1, 2
    return settings


async def work(ctx: dict[str, Any]) -> int:
    """Read the SQL that events brought, then take tasks until none waits that this worker may have."""
    if not ctx["reading"].locked():  # two workers that read the same do harm to nobody
        async with ctx["reading"]:
            await events.read_queued_sql(ctx["graph"])
    runner: Runner = ctx["runner"]
    return await runner.drain()


async def sweep(ctx: dict[str, Any]) -> bool:
    """Signal for what waits for a worker; returns whether there was any."""
    try:
        await plans.run_due(ctx["graph"])
        sql = await reads.queued_sql(ctx["graph"], first=1)
        waiting = bool(sql) or await orchestration.waiting(ctx["graph"])
    except PursightError:
        return False
    if waiting:
        await ctx["redis"].enqueue_job("work")
    await delivery.tend(ctx["graph"], ctx["config"])
    return waiting


def worker(
    graph: GraphSession, *, redis_url: str, config: Settings, embedder: Embedder | None, burst: bool = False
) -> Worker:
    """A worker on an open graph; ``burst`` ends it when nothing waits."""
    queue, progressor = ArqQueue(redis_url), Progressor(redis_url)
    runner = Runner(graph, config=config, embedder=embedder, progressor=progressor, queue=queue, slots=_SLOTS)

    async def stop(_: dict[str, Any]) -> None:
        await runner.close()
        await queue.close()
        await progressor.close()

    # The lease in the graph bounds a task; arq's own time-out would only end one that is alive.
    return Worker(
        functions=[func(work, name="work", timeout=7 * 24 * 3600, keep_result=0, max_tries=1)],
        cron_jobs=[
            cron(sweep, second=set(range(0, 60, _SWEEP_S)), run_at_startup=True, keep_result=0, unique=False)
        ],
        redis_settings=_redis(redis_url),
        queue_name=QUEUE,
        ctx={"graph": graph, "config": config, "runner": runner, "reading": asyncio.Lock()},
        on_shutdown=stop,
        max_jobs=_JOBS,
        poll_delay=0.1,
        handle_signals=not burst,
        burst=burst,
        health_check_interval=5,
        health_check_key=f"{QUEUE}:health:{runner.name}",
    )


async def serve(graph: GraphSession, *, redis_url: str, config: Settings, embedder: Embedder | None) -> None:
    """Work until the process is told to stop."""
    working = worker(graph, redis_url=redis_url, config=config, embedder=embedder)
    try:
        await working.async_run()  # unlike main(), it is what arq's signal handlers end
    except asyncio.CancelledError:
        pass
    finally:
        await working.close()
