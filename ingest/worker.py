"""All arq code: the queue that carries "work is waiting", and the worker that scans. The work itself is a row in the graph.

arq's own guarantees are not relied on: a run is claimed in the graph under a lease, a second signal for it does nothing,
and a sweep every few seconds signals again for every run that waits, whoever died or whatever Redis lost.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from typing import Any

import structlog
from arq import create_pool, cron, func
from arq.connections import ArqRedis, RedisSettings
from arq.worker import Worker
from redis.exceptions import RedisError

from cypher.scanning import reads
from cypher.session import GraphSession
from ingest.commands import events, scans
from ingest.progress import Progressor
from ingest.scan import Scan
from schema.errors import GraphUnavailable
from schema.ports import Embedder, SystemClock
from schema.settings import Settings

QUEUE = "pursight:queue"
_SWEEP_S = 5
_SLOTS = 4
_log = structlog.get_logger("pursight.worker")


class ArqQueue:
    """``schema.ports.JobQueue`` over arq; when Redis is away the sweep of a worker finds the run later."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._pool: ArqRedis | None = None

    async def enqueue(self, job: str, payload: Mapping[str, Any]) -> None:
        """Signal that a job waits; never fails, since the job is stored already."""
        try:
            if self._pool is None:
                self._pool = await create_pool(_redis(self._redis_url), default_queue_name=QUEUE)
            await self._pool.enqueue_job(job, **payload)
        except (RedisError, OSError) as error:
            _log.warning("not signalled, the sweep will find it", job=job, error=type(error).__name__)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()


def _redis(url: str) -> RedisSettings:
    settings = RedisSettings.from_dsn(url)
    settings.conn_timeout, settings.conn_retries = 1, 2
    return settings


async def scan(ctx: dict[str, Any], run: str) -> str:
    """Claim one run and scan its source; what another worker holds is left alone."""
    graph: GraphSession = ctx["graph"]
    claimed = await scans.claim(graph, run=run, worker=ctx["worker"])
    if claimed is None:
        return "not waiting"
    work = Scan(graph, claimed, config=ctx["config"], embedder=ctx["embedder"], progressor=ctx["progressor"])
    state = await work.run()
    return state.value if state else "taken over"


async def read_sql(ctx: dict[str, Any]) -> int:
    """Read the SQL that OpenLineage events brought; one worker's double work is harmless."""
    return await events.read_queued_sql(ctx["graph"])


async def sweep(ctx: dict[str, Any]) -> int:
    """Signal for everything that waits for a worker; returns how many runs that were."""
    try:
        waiting = await reads.waiting_runs(ctx["graph"], SystemClock().now().isoformat())
    except GraphUnavailable:
        return 0
    for run in waiting:
        await ctx["redis"].enqueue_job("scan", run=run)
    if await reads.queued_sql(ctx["graph"], first=1):
        await ctx["redis"].enqueue_job("read_sql", _job_id="pursight:read_sql")
    return len(waiting)


def worker(
    graph: GraphSession, *, redis_url: str, config: Settings, embedder: Embedder | None, burst: bool = False
) -> Worker:
    """A worker on an open graph; ``burst`` ends it when nothing waits."""
    context = {
        "graph": graph,
        "config": config,
        "embedder": embedder,
        "progressor": Progressor(redis_url),
        "worker": f"{socket.gethostname()}:{os.getpid()}",
    }
    # The lease in the graph bounds a run; arq's own time-out would only end one that is alive.
    return Worker(
        functions=[
            func(scan, name="scan", timeout=7 * 24 * 3600, keep_result=0, max_tries=1),
            func(read_sql, name="read_sql", timeout=600, keep_result=0, max_tries=1),
        ],
        cron_jobs=[
            cron(sweep, second=set(range(0, 60, _SWEEP_S)), run_at_startup=True, keep_result=0, unique=False)
        ],
        redis_settings=_redis(redis_url),
        queue_name=QUEUE,
        ctx=context,
        max_jobs=_SLOTS,
        poll_delay=0.1,
        handle_signals=not burst,
        burst=burst,
        health_check_interval=5,
        health_check_key=f"{QUEUE}:health:{context['worker']}",
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
        await working.ctx["progressor"].close()
