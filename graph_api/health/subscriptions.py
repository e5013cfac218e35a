"""Watching the log of a run, the health of sources and the queue: the graph is the truth, signals over Redis only say when to look."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any, Self

import strawberry

from cypher.health import reads as health
from cypher.orchestration import reads as orchestration
from cypher.runs import reads as runs
from graph_api.context import Context, Info
from graph_api.enums import RunEventKind
from graph_api.health import loaders
from graph_api.health.types import SourceHealth, config_of
from graph_api.scans.queue import Queue
from graph_api.sources import loaders as sources
from graph_api.sources.types import Source
from graph_api.watching import moments
from schema.domain.identity import Permission
from schema.domain.run_log import LOOK_BACK_MS, RunEvent, Told, run_events
from schema.domain.scans import FINAL, RunState
from schema.domain.sources import source_urn
from schema.errors import BadCursor, NotFound
from schema.ids import decode_cursor, encode_cursor

_LOG = "runLog"
_LEAST_S = 0.2
_QUEUE_LEAST_S = 0.5
_QUEUE_AT_LEAST_S = 10.0
_SOURCES_AT_ONCE = 5_000


@strawberry.type(description="Something that happened in a run.")
class RunLogEvent:
    cursor: str = strawberry.field(
        description="Where to go on: pass it as `after` to hear of all that was not told up to here, and of nothing else."
    )
    at: datetime = strawberry.field(description="When, by the clock of the database.")
    state: str | None = strawberry.field(
        description="How a run, stage, task or attempt ended; null for other events."
    )
    stage: str | None = strawberry.field(description="Name of the stage; null where it is about the run.")
    task: int | None = strawberry.field(
        description="Which batch of the stage, from 0; null where it is about more."
    )
    attempt: int | None = strawberry.field(description="Which try at the task, from 1; null likewise.")
    worker: str | None = strawberry.field(description="Who tried; null where nobody did.")
    failure: str | None = strawberry.field(
        description="What kind of failure it was, such as TRANSIENT or CREDENTIALS; null where there was none."
    )
    reason: str | None = strawberry.field(
        description="Why: of a task that is held the reason as in `queue`, of a failure its text, of an attempt for how long it waited to be allowed to ask its source; no data value and no secret."
    )
    until: datetime | None = strawberry.field(
        description="When a task that waits comes back; null where that has no time or is over."
    )
    name: strawberry.Private[str]

    @classmethod
    def of(cls, event: RunEvent, told: Told) -> Self:
        return cls(
            cursor=encode_cursor(_LOG, told.place()),
            name=event.kind.value,
            at=_moment(event.at_ms),
            state=event.state or None,
            stage=event.stage or None,
            task=event.number,
            attempt=event.attempt,
            worker=event.worker or None,
            failure=event.failure or None,
            reason=event.reason or None,
            until=None if event.until_ms is None else _moment(event.until_ms),
        )

    @strawberry.field(description="What happened.")
    def kind(self) -> RunEventKind:
        return RunEventKind(self.name)


@strawberry.type
class WatchSubscriptions:
    @strawberry.subscription(
        description="What happens in a run, from its beginning or from a cursor to its end; after a cursor as if the connection had never ended."
    )
    async def run_log(
        self,
        info: Info,
        run_id: Annotated[str, strawberry.argument(description="The runId of a run.")],
        after: Annotated[
            str | None, strawberry.argument(description="Cursor of an event that was heard of.")
        ] = None,
    ) -> AsyncGenerator[RunLogEvent, None]:
        from ingest.progress import signals

        context = info.context
        context.require(Permission.READ)
        told = _told(after)
        async for _ in moments(context, lambda url: signals(url, run_id), least_s=_LEAST_S):
            row = await runs.log(context.graph, run_id, context.scope, since_ms=told.since_ms)
            if row is None:
                raise NotFound("run", run_id, path=("runId",))
            for event in told.new(run_events(row["run"], row["stages"], row["tasks"])):
                yield RunLogEvent.of(event, told)
            if RunState(row["run"]["state"]) in FINAL:
                return
            told.forget()

    @strawberry.subscription(
        description="A source whenever its health changed: one by name, as it is at once, or each that the caller may see, from now on."
    )
    async def source_health(
        self,
        info: Info,
        source: Annotated[
            str | None, strawberry.argument(description="Name of a registered source; all where null.")
        ] = None,
    ) -> AsyncGenerator[Source, None]:
        context = info.context
        context.require(Permission.READ)
        shown: dict[str, Any] = {}
        async for urns in _changed(context, source):
            context.loaders.clear()  # what was read for the last event is past
            for urn in urns:
                row = await context.loader(sources.by_urns).load(urn)
                if row is None or not row["registered"]:
                    if source is not None:
                        raise NotFound("source", source, path=("source",))
                    continue
                dead_letters = await context.loader(loaders.dead_letters).load(urn)
                found = SourceHealth.of(row, dead_letters, now=context.clock.now(), config=config_of(info))
                now = (found.known, row["checked_at"], row["health_figures"])
                if shown.get(urn) != now:
                    shown[urn] = now
                    yield Source.of(row)

    @strawberry.subscription(
        description="What waits for workers and who works, at once and whenever it changed; waits grow, so every ten seconds in any case. Needs SCAN."
    )
    async def queue_state(self, info: Info) -> AsyncGenerator[Queue, None]:
        from ingest.progress import queue_signals

        context = info.context
        context.require(Permission.SCAN)
        shown, at = None, 0.0
        async for _ in moments(context, queue_signals, least_s=_QUEUE_LEAST_S):
            row = await orchestration.queue_state(context.graph)
            now = _counted(row)
            if now != shown or time.monotonic() - at >= _QUEUE_AT_LEAST_S:
                shown, at = now, time.monotonic()
                yield Queue.of(row)


def _told(after: str | None) -> Told:
    """What a cursor of the log says; raises ``BadCursor``."""
    if after is None:
        return Told()
    since_ms, marks = decode_cursor(_LOG, after, (int, str))
    try:
        return Told(int(str(since_ms)), str(marks))
    except ValueError:
        raise BadCursor("it is not a cursor of this API") from None


async def _changed(context: Context, source: str | None) -> AsyncIterator[list[str]]:
    """Urns of sources that may have changed; of one source always that."""
    from ingest.progress import health_signals

    if source is not None:
        urn = str(source_urn(source)) if source else ""
        async for _ in moments(context, health_signals, least_s=_LEAST_S):
            yield [urn]
        return
    since_ms = begun_ms = await health.now_ms(context.graph)
    heard: dict[str, int] = {}
    async for _ in moments(context, health_signals, least_s=_LEAST_S):
        rows = await health.changed(context.graph, context.scope, since_ms=since_ms, first=_SOURCES_AT_ONCE)
        fresh = {row["urn"]: row["changed_ms"] for row in rows if heard.get(row["urn"]) != row["changed_ms"]}
        if fresh:
            since_ms = max(begun_ms, max(fresh.values()) - LOOK_BACK_MS)
            heard = {urn: at_ms for urn, at_ms in (heard | fresh).items() if at_ms >= since_ms}
            yield list(fresh)


def _counted(row: dict[str, Any]) -> tuple[Any, ...]:
    """What of the queue tells that it moved; waits and silences grow by themselves."""
    return (
        [(each["band"], each["tasks"]) for each in row["ready"]],
        sorted((each["held"], each["tasks"]) for each in row["parked"]),
        row["running"],
        row["lost"],
        sorted((each["id"], each["slots"], each["busy"]) for each in row["workers"]),
    )


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1_000, UTC)
