"""What holds scans up, and how many workers the coming time asks for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import strawberry

from cypher.runs import reads
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import ScanTimesBy
from graph_api.scans.loaders import past_run
from graph_api.values import Long
from ingest.orchestration.rules import plan_of
from schema.domain import bottlenecks as domain
from schema.domain.capacity import Planned, demand
from schema.domain.forecasts import NEWEST, forecast
from schema.domain.identity import Permission
from schema.domain.schedules import Schedule
from schema.domain.time import stored
from schema.errors import InvalidInput
from schema.ports import SystemClock

_MOST_TIMINGS = 20_000
_MOST_TIMES = 200
_MOST_PLANNED = 1_000
_MOST_DAYS = 31


@strawberry.type(description="What holds scans up: where, the figures that show it, and what to do.")
class ScanBottleneck:
    cause: str = strawberry.field(
        description="WORKERS: all were busy. CONNECTIONS: the source lets in no more at once. REQUESTS: its plan allows no more requests in a minute. SLOW_WORKER: one takes longer than others. WORK: the work itself."
    )
    stage: str = strawberry.field(description="Stage it is about.")
    source: str | None = strawberry.field(description="Source it is about; null where it is about all.")
    worker: str | None = strawberry.field(description="Worker it is about; null where it is about all.")
    lost_seconds: float = strawberry.field(description="What it cost in all, seconds.")
    evidence: str = strawberry.field(description="The figures that show it.")
    recommendation: str = strawberry.field(description="What to do about it.")


@strawberry.type(
    description="What the scheduled scans of a coming time ask for, if they take as long as before."
)
class ScanDemand:
    runs: int = strawberry.field(description="Scans that will begin.")
    busy_hours: float = strawberry.field(description="Work of all of them, hours.")
    peak: int = strawberry.field(description="Most scans at once.")
    peak_at: datetime | None = strawberry.field(description="When that is first so.")
    workers: int = strawberry.field(
        description="Task slots that keep up even where every scan takes as long as one of ten does."
    )
    by_hour: list[int] = strawberry.field(description="Most scans at once in each hour from now.")


@strawberry.type(
    description="What tasks of one stage, source or worker took, failed tries included; of one rule what it took in those that succeeded."
)
class ScanTime:
    name: str = strawberry.field(description="The stage, source, worker or rule.")
    tries: Long = strawberry.field(description="How many tries ended; of a rule those that it took part in.")
    failed: Long = strawberry.field(description="How many of them failed.")
    busy_seconds: float = strawberry.field(description="What all took, seconds.")
    median_seconds: float = strawberry.field(description="What half of them took at most, seconds.")
    p95_seconds: float = strawberry.field(description="What 95 of 100 took at most, seconds.")
    queued_seconds: float = strawberry.field(description="What all waited for a worker, seconds.")
    slot_seconds: float = strawberry.field(
        description="What all waited for one of the source's connections, seconds."
    )
    limited_seconds: float = strawberry.field(
        description="What all, while they worked, waited for the requests per minute that plans of sources allow, seconds."
    )


Days = Annotated[int, strawberry.argument(description="How many days, 1 to 31.")]


@strawberry.type
class ScanAnalyticsQueries:
    @strawberry.field(
        description="What the work of the last days took by stage, source, worker or rule, the longest first; at most 200. Needs SCAN.",
        extensions=[Compiled()],
    )
    async def scan_times(
        self,
        info: Info,
        by: Annotated[ScanTimesBy, strawberry.argument(description="What to tell apart.")],
        days: Days = 7,
    ) -> list[ScanTime]:
        context = info.context
        context.require(Permission.SCAN)
        since = SystemClock().now() - timedelta(days=_checked(days))
        rows = await reads.times(
            context.graph, context.scope, since=stored(since), by=by.value, first=_MOST_TIMES
        )
        return [
            ScanTime(
                name=row["name"],
                tries=Long(row["tries"]),
                failed=Long(row["failed"]),
                busy_seconds=row["took_ms"] / 1_000,
                median_seconds=row["middle_ms"] / 1_000,
                p95_seconds=row["long_ms"] / 1_000,
                queued_seconds=row["queued_ms"] / 1_000,
                slot_seconds=row["slot_ms"] / 1_000,
                limited_seconds=row["limited_ms"] / 1_000,
            )
            for row in rows
        ]

    @strawberry.field(
        description="What held scans up in the last days, the costliest first. Needs SCAN.",
        extensions=[Compiled()],
    )
    async def scan_bottlenecks(self, info: Info, days: Days = 7) -> list[ScanBottleneck]:
        context = info.context
        context.require(Permission.SCAN)
        since = SystemClock().now() - timedelta(days=_checked(days))
        rows = await reads.timings(context.graph, context.scope, since=stored(since), first=_MOST_TIMINGS)
        timings = [
            domain.Timing(
                row["source"],
                row["stage"],
                row["worker"],
                max(row["waited_ms"] - row["slot_ms"], 0) / 1_000,
                row["slot_ms"] / 1_000,
                max(row["took_ms"] - row["limited_ms"], 0) / 1_000,
                row["slots"],
                row["limited_ms"] / 1_000,
                row["per_minute"],
            )
            for row in rows
        ]
        workers = len({timing.worker for timing in timings})
        return [
            ScanBottleneck(
                cause=each.cause.value,
                stage=each.stage,
                source=each.source or None,
                worker=each.worker or None,
                lost_seconds=each.lost_s,
                evidence=each.evidence,
                recommendation=each.recommendation,
            )
            for each in domain.bottlenecks(timings, workers=workers)
        ]

    @strawberry.field(
        description="What the scheduled scans of the coming days ask for. Needs SCAN.",
        extensions=[Compiled()],
    )
    async def scan_demand(self, info: Info, days: Days = 7) -> ScanDemand:
        import asyncio

        context = info.context
        context.require(Permission.SCAN)
        _checked(days)
        sources = await reads.planned(context.graph, context.scope, first=_MOST_PLANNED)
        found = await reads.durations(
            context.graph, [row["source"] for row in sources], context.scope, first=NEWEST
        )
        past = {urn: [past_run(row) for row in reversed(rows)] for urn, rows in found.items()}
        everything = [run for runs in past.values() for run in runs]
        now = SystemClock().now()
        planned = []
        for row in sources:
            plan = plan_of(row["plan"])
            schedule = plan.schedule
            if schedule is None and plan.bounds is not None:
                every_s = row["interval_s"] or plan.bounds.middle_s
                schedule = Schedule(row["name"], every_s=every_s)
            if schedule is not None:
                planned.append(
                    Planned(schedule, forecast(past.get(row["source"], []), now, others=everything))
                )
        wanted = await asyncio.to_thread(demand, planned, now, days=days)
        return ScanDemand(
            runs=wanted.runs,
            busy_hours=wanted.busy_s / 3_600,
            peak=wanted.peak,
            peak_at=wanted.peak_at,
            workers=wanted.workers,
            by_hour=list(wanted.by_hour),
        )


def _checked(days: int) -> int:
    if not 1 <= days <= _MOST_DAYS:
        raise InvalidInput(
            f"{days} days cannot be looked at.", path=("days",), remedy=f"Use 1 to {_MOST_DAYS}."
        )
    return days
