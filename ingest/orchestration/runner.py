"""One worker's share: takes tasks while it has free slots, keeps their leases, and says how each ended."""

from __future__ import annotations

import asyncio
import math
import os
import socket
import time
import traceback
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import structlog

from cypher.session import GraphSession
from ingest.commands import run_tasks
from ingest.commands.unit import fenced
from ingest.neighbours import process_name
from ingest.orchestration.actions import READING
from ingest.orchestration.outcomes import OUT_OF_MEMORY, Claim, Done, Failed, Halted, Outcome
from ingest.orchestration.task import Action, Task, action_named
from ingest.progress import Progressor
from ingest.rate_limit import RateLimiter
from ingest.stages.stop import Stopped
from ml.failures.classify import classify_failure
from schema.domain.failures import Failure as FailureOf
from schema.domain.failures import FailureKind
from schema.domain.orchestration import UNDO
from schema.domain.retries import next_wait
from schema.domain.scans import RunState
from schema.errors import (
    CommitUnknown,
    ConnectionFailed,
    GraphUnavailable,
    LeaseLost,
    PursightError,
    QueryTimeout,
)
from schema.ports import Embedder, JobQueue, SystemClock
from schema.settings import Settings

_log = structlog.get_logger("pursight.worker")
_BEAT_S = 1.0
_IDLE_BEAT_S = 5.0
_GRACE_S = 5.0
# How long a worker that has to end, since something in it does not, lets what else it does go on.
_LEAVE_S = 60.0
# How long what was told to stop may take to its next item, and what was interrupted may take to end, before it counts as stuck.
_STOP_S = 60.0
_INTERRUPTED_S = 10.0
# How long a task waits for a graph that is away. Its lease ends meanwhile; where nobody took it, it goes on.
_PATIENCE_S = 60.0
# Errors of the graph that pass.
_PASSING = (GraphUnavailable, QueryTimeout, CommitUnknown)


class _Overrun(Exception):
    """A task took longer than its stage may."""


class Runner:
    """The tasks of one worker process; ``queue`` tells other workers of what this one has no slots for.

    ``spent`` is set once something did not stop that was to: its thread cannot be ended, so the process should be.
    """

    def __init__(
        self,
        graph: GraphSession,
        *,
        config: Settings,
        embedder: Embedder | None,
        progressor: Progressor,
        queue: JobQueue,
        slots: int = 4,
        extras: Sequence[str] = (),
    ) -> None:
        self._graph, self._config, self._embedder = graph, config, embedder
        self._patient = graph.patient(_PATIENCE_S)
        self._progressor, self._queue, self._slots, self._extras = progressor, queue, slots, extras
        # The part at random keeps two workers apart whose machines gave them one name and one process id.
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
        self._tasks: dict[asyncio.Task[None], Task] = {}
        self._wake = asyncio.Event()
        self.spent = asyncio.Event()
        self._draining = False
        self._closing = False
        self._beating: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None

    async def drain(self) -> int:
        """Work until nothing waits; returns how many tasks were done. A second call only wakes the first."""
        if self._draining:
            self._wake.set()
            return 0
        self._draining = True
        done = 0
        try:
            if self._beating is None:
                await (
                    self._beat()
                )  # before it takes something: who looks for workers that are gone has to know it
                self._beating = asyncio.create_task(self._beat_for_ever())
            while not self._closing:
                self._wake.clear()
                await self._take()
                if not self._tasks:
                    break
                woken = asyncio.create_task(self._wake.wait())
                await asyncio.wait({*self._tasks, woken}, return_when=asyncio.FIRST_COMPLETED)
                woken.cancel()
                for each in [each for each in self._tasks if each.done()]:
                    del self._tasks[each]
                    done += 1
        finally:
            self._draining = False
        return done

    async def close(self) -> None:
        """Take nothing more, stop what runs and hand it back; returns when that is done or after a few seconds."""
        self._closing = True
        if self._tasks:
            for task in self._tasks.values():
                task.halt_aside()
            _, left = await asyncio.wait(self._tasks, timeout=_GRACE_S)
            if left:
                self.spent.set()
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating

    async def _take(self) -> None:
        free = self._slots - len(self._tasks)
        if free <= 0 or self._closing or self._leaving is not None:
            return
        try:
            claims = await run_tasks.claim(self._graph, worker=self.name, slots=free, extras=self._extras)
        except PursightError as error:
            _log.warning("cannot take tasks", code=error.code)
            return
        for claimed in claims:
            task = Task(self._patient, claimed, self._config, self._embedder, SystemClock().now())
            task.limiter = self._limiter(claimed)
            self._tasks[asyncio.create_task(self._work(task))] = task

    def _limiter(self, claimed: Claim) -> RateLimiter | None:
        if claimed.stage.uses not in READING:
            return None
        return run_tasks.limiter_of(self._patient, claimed.source)

    async def _work(self, task: Task) -> None:
        outcome = await self._outcome(task)
        if outcome is not None and not task.lost:
            await self._settle(task, outcome)
        if task.stuck and self._leaving is None:
            _log.error("stuck, the worker ends", task=task.claim.task, source=task.source)
            self._leaving = asyncio.create_task(self._leave())

    async def _leave(self) -> None:
        """Take nothing more; what else is at work may end first, for a while."""
        if left := [each for each in self._tasks if not each.done()]:
            await asyncio.wait(left, timeout=_LEAVE_S)
        self.spent.set()

    async def _settle(self, task: Task, outcome: Outcome) -> None:
        try:
            settled = await run_tasks.settle(self._patient, task.claim, outcome, limited_s=task.limited_s)
        except PursightError as error:
            # The lease ends by itself, and another worker does the task again.
            _log.warning("not settled", task=task.claim.task, code=error.code)
            return
        await self._progressor.moved(task.run)
        if settled is not None and settled.made > self._slots - len(self._tasks) + 1:
            await self._queue.signal()

    async def _outcome(self, task: Task) -> Outcome | None:
        """How an attempt ended; None where another worker holds the task now."""
        claimed = task.claim
        try:
            action = action_named(claimed.stage.uses)
            with fenced(claimed.task, claimed.attempt):
                return await _carried_out(action, task)
        except Stopped:
            return None if task.lost else Halted(handed_back=self._closing)
        except LeaseLost:
            return None
        except _Overrun:
            error = f"TIMEOUT: It took longer than {claimed.stage.timeout_s:g} s."
            return failed(claimed, FailureOf(FailureKind.TRANSIENT, True, 1.0), error)
        except PursightError as failure:
            if task.stop.is_set:  # an interrupted source says that it failed
                return None if task.lost else Halted(handed_back=self._closing)
            error = f"{failure.code}: {failure.message} {failure.remedy}".strip()
            return failed(claimed, kind_of(failure), error)
        except MemoryError as failure:
            traceback.clear_frames(failure.__traceback__)  # they hold what was too much
            error = "OUT_OF_MEMORY: It needed more memory than PURSIGHT_WORKER_MEMORY_MB leaves to a worker."
            again = failed(claimed, FailureOf(FailureKind.TRANSIENT, True, 1.0), error)
            return replace(again, kind=OUT_OF_MEMORY, source_kind=None)
        except Exception as failure:
            # The text of an unexpected error may quote data, so only its type is stored; the log has the place.
            _log.exception("task failed", task=claimed.task, source=task.source)
            error = f"INTERNAL: {type(failure).__name__}. The worker's log has more."
            return failed(claimed, kind_of(failure), error)

    async def _beat_for_ever(self) -> None:
        with suppress(PursightError):
            await run_tasks.forget_workers(self._graph)
        idle_since = 0.0
        while True:
            if self._tasks or time.monotonic() - idle_since > _IDLE_BEAT_S:
                idle_since = time.monotonic()
                await self._beat()
            await asyncio.sleep(_BEAT_S)

    async def _beat(self) -> None:
        tasks = [task for each, task in self._tasks.items() if not each.done()]
        rows = [
            {"id": t.claim.task, "attempt": t.claim.attempt, "done": t.done, "total": t.total} for t in tasks
        ]
        props = {
            "slots": self._slots,
            "busy": len(tasks),
            "extras": list(self._extras),
            "process": process_name(os.getpid()),
        }
        try:
            states = await run_tasks.beat(self._graph, worker=self.name, props=props, tasks=rows)
        except Exception as error:
            # Whatever it was, the next one may succeed, and the leases may still hold; without any this worker would lose all it holds.
            _log.warning("heartbeat failed", error=type(error).__name__)
            return
        for task in tasks:
            state = states.get(task.claim.task)
            task.lost = state is None
            takes_back = task.claim.stage.name.startswith(UNDO)
            if state is None or (state is RunState.CANCELLING and not takes_back):
                task.halt_aside()
            await self._progressor.moved(task.run)


async def _carried_out(action: Action, task: Task) -> Done:
    """Do a task; raises ``_Overrun`` when its time is over and ``Stopped`` when it does not stop, whatever it is doing.

    What it waits for its source's limit of requests is not its time.
    """
    working = asyncio.ensure_future(action(task))
    ends = time.monotonic() + task.claim.stage.timeout_s
    stopping = math.inf
    while not working.done() and (left := min(ends + task.limited_s, stopping) - time.monotonic()) > 0:
        await asyncio.wait({working}, timeout=min(left, _BEAT_S))
        if task.stop.is_set:
            stopping = min(stopping, time.monotonic() + _STOP_S)
    if working.done():
        return working.result()
    stopped = task.stop.is_set
    task.halt_aside()
    done, _ = await asyncio.wait({working}, timeout=_INTERRUPTED_S)
    if not done:
        task.stuck = True
        working.cancel()
        done, _ = await asyncio.wait({working}, timeout=_GRACE_S)
    for each in done:
        _ = each.cancelled() or each.exception()  # said to be seen, or asyncio logs it
    raise Stopped if stopped else _Overrun


def kind_of(failure: Exception) -> FailureOf:
    """The kind of a failure, by what it is and what it says."""
    if isinstance(failure, ConnectionFailed):
        return classify_failure(type(failure).__name__, failure.message, failure.cause)
    if isinstance(failure, PursightError):
        ours = FailureKind.TRANSIENT if isinstance(failure, _PASSING) else FailureKind.BAD_DATA
        return FailureOf(ours, True, 1.0)
    return classify_failure(type(failure).__name__, str(failure))


def failed(claimed: Claim, failure: FailureOf, error: str) -> Failed:
    """What becomes of a try that failed: another one after a wait, or none."""
    retry = replace(claimed.stage.retry, tries=max(claimed.stage.retry.tries, 1))
    wait_s = next_wait(retry, failure, claimed.tries + 1, seed=claimed.task)
    return Failed(
        failure.kind.value,
        error,
        None if wait_s is None else int(wait_s * 1_000),
        failure.kind if claimed.stage.uses in READING else None,
    )
