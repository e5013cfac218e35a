"""All arq code: the queue that carries "work is waiting", and the worker that listens to it. The work itself is in the graph.

arq's own guarantees are not relied on: tasks are claimed in the graph under a lease, a signal without work does nothing, and every worker
looks every few seconds for work that nobody was told of, whoever died, whatever Redis lost, and while it is away.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
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
from ingest.commands import events, plans, run_tasks
from ingest.connectors.base import openable
from ingest.health.checking import Checker
from ingest.neighbours import is_gone, place
from ingest.orchestration.runner import Runner
from ingest.orchestration.task import load_actions
from ingest.progress import Progressor
from ingest.propagation import Propagator
from ingest.reclassification import Reclassifier
from ingest.retraining import Trainer
from schema.errors import PursightError
from schema.ports import Embedder
from schema.settings import Settings

QUEUE = "pursight:queue"
_ENDS = (signal.SIGTERM, signal.SIGINT)
_SWEEP_S = 3
_BESIDE_S = 1
_PROPAGATE_S = 1
_RECLASSIFY_S = 5
_RECONNECT_S = 1
# A signal ends at once; arq keeps those of a worker that died for so long and then gives them to another.
_SIGNAL_S = 20
_LONG_AGO, _KEPT = datetime(1970, 1, 2, tzinfo=UTC), timedelta(days=1)
_BURST_S = 7 * 24 * 3600
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
            # By the time that it was sent, a worker with a slow clock would not take it yet.
            await self._pool.enqueue_job("work", _defer_until=_LONG_AGO, _expires=_KEPT)
        except (RedisError, OSError) as error:
            _log.warning("not signalled, the sweep will find it", error=type(error).__name__)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()


def _redis(url: str) -> RedisSettings:
    settings = RedisSettings.from_dsn(url)
    settings.conn_timeout, settings.conn_retries = 1, 2
    return settings


async def work(ctx: dict[str, Any]) -> None:
    """Set this worker to work. The job itself ends at once, or arq would keep the signal of a worker that dies for as long as a job may take."""
    task: asyncio.Task[None] = asyncio.create_task(_at_work(ctx))
    ctx["at_work"].add(task)
    task.add_done_callback(ctx["at_work"].discard)
    if ctx["burst"]:
        await task


async def _at_work(ctx: dict[str, Any]) -> None:
    """Read the SQL that events brought, then take tasks until none waits that this worker may have."""
    try:
        if not ctx["reading"].locked():  # two workers that read the same do harm to nobody
            async with ctx["reading"]:
                await events.read_queued_sql(ctx["graph"])
        await ctx["runner"].drain()
    except Exception as error:
        _log.exception("not at work, the sweep tries again", error=type(error).__name__)


async def sweep(ctx: dict[str, Any]) -> bool:
    """Set to work for what waits without a signal; returns whether there was any."""
    try:
        await plans.run_due(ctx["graph"])
        sql = await reads.queued_sql(ctx["graph"], first=1)
        waiting = bool(sql) or await orchestration.waiting(ctx["graph"])
    except PursightError:
        return False
    if waiting:
        await work(ctx)
    return waiting


def prepare() -> None:
    """Import and read what all work needs, which takes a second: before a worker is forked, or in a thread, so that its event loop goes on."""
    from ml.classify.engine import standard_engine

    openable()
    load_actions()
    standard_engine()


def worker(
    graph: GraphSession, *, redis_url: str, config: Settings, embedder: Embedder | None, burst: bool = False
) -> Worker:
    """arq's worker on an open graph, for whoever runs and closes it himself; ``burst`` ends it when nothing waits."""
    ctx = _context(graph, redis_url, config, embedder)

    async def stop(_: dict[str, Any]) -> None:
        await _close(ctx)

    return _listener(ctx, redis_url, burst=burst, on_shutdown=stop)


async def serve(graph: GraphSession, *, redis_url: str, config: Settings, embedder: Embedder | None) -> bool:
    """Work until the process is told to stop, also while Redis or the graph is away.

    Returns whether all that ran has ended. Where something did not that was to, its thread would keep the process from ending: whoever
    started the process ends it, and starts another one.
    """
    await asyncio.to_thread(prepare)
    ctx = _context(graph, redis_url, config, embedder) | {"burst": False}
    own = asyncio.current_task()
    assert own is not None
    loop = asyncio.get_running_loop()

    def end() -> None:
        # Told twice, as by a terminal and by the process that stands by, it still ends in order.
        if not own.cancelling():
            own.cancel()

    for number in _ENDS:
        loop.add_signal_handler(number, end)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_sweep_for_ever(ctx))
            group.create_task(_listen_for_ever(ctx, redis_url))
            group.create_task(_tend_for_ever(graph, config))
            group.create_task(_check_for_ever(graph, config, ctx["progressor"]))
            group.create_task(_look_beside_for_ever(ctx))
            group.create_task(_propagate_for_ever(graph, config))
            group.create_task(_train_for_ever(graph))
            group.create_task(_reclassify_for_ever(graph, config))
            await ctx["runner"].spent.wait()
            own.cancel()
    except asyncio.CancelledError:
        pass
    finally:
        await _close(ctx)
        for number in _ENDS:
            loop.remove_signal_handler(number)
    return not ctx["runner"].spent.is_set()


def _context(
    graph: GraphSession, redis_url: str, config: Settings, embedder: Embedder | None
) -> dict[str, Any]:
    queue, progressor = ArqQueue(redis_url), Progressor(redis_url)
    runner = Runner(
        graph,
        config=config,
        embedder=embedder,
        progressor=progressor,
        queue=queue,
        slots=_SLOTS,
        extras=openable(),
    )
    return {
        "graph": graph,
        "runner": runner,
        "queue": queue,
        "progressor": progressor,
        "reading": asyncio.Lock(),
        "at_work": set(),
    }


def _listener(
    ctx: dict[str, Any], redis_url: str, *, burst: bool = False, on_shutdown: Callable[..., Any] | None = None
) -> Worker:
    limit_s = _BURST_S if burst else _SIGNAL_S
    every = set(range(0, 60, _SWEEP_S))
    looking = cron(sweep, second=every, run_at_startup=True, timeout=limit_s, keep_result=0, unique=False)
    return Worker(
        functions=[func(work, name="work", timeout=limit_s, keep_result=0, max_tries=1)],
        cron_jobs=[looking] if burst else None,
        redis_settings=_redis(redis_url),
        queue_name=QUEUE,
        ctx=ctx | {"burst": burst},
        on_shutdown=on_shutdown,
        max_jobs=_JOBS,
        poll_delay=0.1,
        handle_signals=False,
        burst=burst,
        health_check_interval=5,
        health_check_key=f"{QUEUE}:health:{ctx['runner'].name}",
    )


async def _listen_for_ever(ctx: dict[str, Any], redis_url: str) -> None:
    """arq's worker ends when Redis goes; the tasks at work do not, and another listener takes its place."""
    while True:
        listener = _listener(ctx, redis_url)
        try:
            await listener.async_run()
        except (RedisError, OSError) as error:
            _log.warning("no signals, the sweep finds what waits", error=type(error).__name__)
        finally:
            with suppress(RedisError, OSError):
                await listener.close()
        await asyncio.sleep(_RECONNECT_S)


async def _sweep_for_ever(ctx: dict[str, Any]) -> None:
    while True:
        try:
            await sweep(ctx)
        except Exception as error:  # the next one may succeed
            _log.exception("the sweep failed", error=type(error).__name__)
        await asyncio.sleep(_SWEEP_S)


async def give_back_beside(graph: GraphSession, queue: ArqQueue) -> bool:
    """Put back what workers of this machine held that are not there any more; returns whether there was any."""
    here = place()
    if here is None:
        return False
    held = await orchestration.neighbours(graph, here)
    tasks = [task for each in held if is_gone(each["process"]) for task in each["tasks"]]
    if tasks:
        await run_tasks.lose(graph, tasks)
        await queue.signal()
    return bool(tasks)


async def _look_beside_for_ever(ctx: dict[str, Any]) -> None:
    while True:
        try:
            if await give_back_beside(ctx["graph"], ctx["queue"]):
                await work(ctx)
        except Exception as error:  # their leases end by themselves
            _log.warning("did not look for workers that are gone", error=type(error).__name__)
        await asyncio.sleep(_BESIDE_S)


async def _tend_for_ever(graph: GraphSession, config: Settings) -> None:
    """Alerts go out beside the sweep: a receiver that takes its time holds up nothing else."""
    while True:
        try:
            await delivery.tend(graph, config)
        except Exception as error:  # the next one may succeed
            _log.exception("alerts were not tended", error=type(error).__name__)
        await asyncio.sleep(_SWEEP_S)


async def _check_for_ever(graph: GraphSession, config: Settings, progressor: Progressor) -> None:
    """Sources are checked beside the rest: one that does not answer holds up nothing else."""
    checker = Checker(graph, config, progressor)
    try:
        while True:
            try:
                await checker.tend()
            except Exception as error:  # the next one may succeed
                _log.exception("sources were not checked", error=type(error).__name__)
            await asyncio.sleep(_SWEEP_S)
    finally:
        checker.close()


async def _propagate_for_ever(graph: GraphSession, config: Settings) -> None:
    """What columns inherit follows what they say and what feeds them, within seconds."""
    propagator = Propagator(graph, config)
    while True:
        did = False
        try:
            did = await propagator.tend()
        except Exception as error:  # the next one may succeed
            _log.exception("classifications were not propagated", error=type(error).__name__)
        if not did:
            await asyncio.sleep(_PROPAGATE_S)


async def _train_for_ever(graph: GraphSession) -> None:
    """Models are trained beside the rest, in a process of their own."""
    trainer = Trainer(graph)
    while True:
        try:
            await trainer.tend()
        except Exception as error:  # the next one may succeed
            _log.exception("no model was trained", error=type(error).__name__)
        await asyncio.sleep(_SWEEP_S)


async def _reclassify_for_ever(graph: GraphSession, config: Settings) -> None:
    """What a change of the vocabulary concerns is judged anew; the sweep finds the runs."""
    reclassifier = Reclassifier(graph, config)
    while True:
        try:
            await reclassifier.tend()
        except Exception as error:  # the next one may succeed
            _log.exception("what to judge anew was not looked for", error=type(error).__name__)
        await asyncio.sleep(_RECLASSIFY_S)


async def _close(ctx: dict[str, Any]) -> None:
    """Hand back what runs, then let go of Redis."""
    await ctx["runner"].close()
    with suppress(RedisError, OSError):
        await ctx["queue"].close()
        await ctx["progressor"].close()
