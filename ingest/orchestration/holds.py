"""Why a task that could run may not now: by the plan of its source, and by what became of it lately."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from ingest.orchestration.rules import plan_of
from schema.domain.dispatch import Band, Candidate, Hold
from schema.domain.limits import QueueLimits
from schema.domain.retries import Breaker, Circuit, circuit
from schema.domain.schedules import blackout_end

_BREAKERS = TypeAdapter(Breaker)
_LIMITS = TypeAdapter(QueueLimits)
_NONE = QueueLimits()
_AGAIN = timedelta(seconds=5)


@lru_cache(maxsize=4_096)
def breaker_of(text: str | None) -> Breaker:
    """The breaker as ``breaker_text`` wrote it down; a closed one where there is none."""
    return _BREAKERS.validate_json(text) if text else Breaker()


def breaker_text(breaker: Breaker) -> str | None:
    return None if breaker == Breaker() else _BREAKERS.dump_json(breaker).decode()


@lru_cache(maxsize=16)
def limits_of(text: str | None) -> QueueLimits:
    """The limits as ``limits_text`` wrote them down; none where there is no text."""
    return _LIMITS.validate_json(text) if text else QueueLimits()


def limits_text(limits: QueueLimits) -> str | None:
    return None if limits == QueueLimits() else _LIMITS.dump_json(limits).decode()


def candidate(
    row: Mapping[str, Any], band: Band, now: datetime, limits: QueueLimits = _NONE, *, spent: bool = False
) -> Candidate:
    """A row of ``look`` as what ``choose`` chooses from; ``spent`` where what may be read of all sources today was read."""
    hold, until = _held(row, now) or (None, None)
    if hold is None and spent and row["reads"]:
        hold, until = Hold.BUDGET, midnight(now)
    return Candidate(
        row["id"],
        band,
        row["source"],
        row["limit"],
        held=hold,
        until_ms=None if until is None else int(until.timestamp() * 1_000),
        needs=(row["connector"],) if row["reads"] else (),
        suspect=row["suspect"],
        waited_ms=row["waited_ms"],
        # Who tries it out is known by the lease of the task, so that nobody waits for a worker that died meanwhile.
        alone=bool(row["reads"]) and circuit(breaker_of(row["breaker"]), now) is Circuit.HALF_OPEN,
        kind=row["connector"] if row["reads"] else "",
        kind_limit=limits.tasks_per_kind.get(row["connector"]) if row["reads"] else None,
    )


def _held(row: Mapping[str, Any], now: datetime) -> tuple[Hold, datetime] | None:
    if row["awaited"]:
        return Hold.DEPENDENCY, now + _AGAIN
    return source_hold(row, now) if row["reads"] else None


def source_hold(row: Mapping[str, Any], now: datetime) -> tuple[Hold, datetime] | None:
    """Why a source, by its properties, may not be read now, and until when; None where it may."""
    plan, breaker = plan_of(row.get("plan")), breaker_of(row.get("breaker"))
    windows = (*plan.blackouts, *(plan.schedule.blackouts if plan.schedule else ()))
    if end := blackout_end(windows, now):
        return Hold.BLACKOUT, end
    if breaker.open_until is not None and circuit(breaker, now) is Circuit.OPEN:
        return Hold.CIRCUIT, breaker.open_until
    if row.get("used_day") == day(now):
        spent = plan.seconds_per_day is not None and (row.get("used_ms") or 0) >= plan.seconds_per_day * 1_000
        if spent or (plan.rows_per_day is not None and (row.get("used_rows") or 0) >= plan.rows_per_day):
            return Hold.BUDGET, midnight(now)
    return None


def day(now: datetime) -> str:
    """The day in UTC that budgets are counted in."""
    return now.astimezone(UTC).date().isoformat()


def midnight(now: datetime) -> datetime:
    """When the next day begins, in UTC."""
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return start + timedelta(days=1)
