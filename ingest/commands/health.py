"""What becomes of a check of a source: it is kept, the circuit hears of it, and people are told once where health gets better or worse.

A check on schedule has no audit event, like a heartbeat: the check itself is kept. What follows of it for people has one each.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cypher.health import reads, writes
from cypher.orchestration import writes as orchestration
from cypher.session import GraphSession, Transaction
from ingest.commands.unit import Unit, execute, record
from ingest.health.facts import source_health
from ingest.orchestration.holds import breaker_of, breaker_text
from ingest.orchestration.rules import plan_of
from ml.failures.classify import classify_failure
from schema.domain.credentials import CredentialState, credential_state
from schema.domain.dispatch import Hold
from schema.domain.health import (
    MONTH,
    HealthGrade,
    Hour,
    figures_of,
    grade_after,
    wait_before_check,
)
from schema.domain.identity import SYSTEM
from schema.domain.retries import Breaker, after_failure, after_success
from schema.domain.time import moment, stored
from schema.errors import ConnectionFailed, PursightError
from schema.ports import Clock, SystemClock
from schema.settings import Settings

LEASE_MS = 120_000
"""After how long a check whose worker died is due again."""

_CLOCK = SystemClock()
_UNCHECKED_S = 900.0  # how often a source is looked at that is never checked
_AT_ONCE = 5_000
_GRADES = tuple(HealthGrade)
_TOPICS = {HealthGrade.DEGRADED: "source.degraded", HealthGrade.UNHEALTHY: "source.unhealthy"}
_EXPIRY_TOPICS = {
    CredentialState.EXPIRING: "source.credential_expiring",
    CredentialState.EXPIRED: "source.credential_expired",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: how long it took in milliseconds, or why it failed."""

    latency_ms: float | None = None
    failure: PursightError | None = None

    @property
    def cause(self) -> str:
        """One of ``ConnectionFailed.CAUSES``; empty where it succeeded."""
        if self.failure is None:
            return ""
        # A reference that leads nowhere, a sealed secret that does not open.
        return self.failure.cause if isinstance(self.failure, ConnectionFailed) else "CREDENTIALS"


async def take(graph: GraphSession, *, urn: str, due_ms: int) -> tuple[dict[str, Any], datetime] | None:
    """A source whose check is due, and the server's time; None where another worker has it."""

    async def work(tx: Transaction) -> dict[str, Any] | None:
        return await writes.take(tx, urn=urn, due_ms=due_ms, lease_ms=LEASE_MS)

    row = await graph.write("health.take", work)
    return (row["source"], datetime.fromtimestamp(row["now"] / 1_000, UTC)) if row else None


async def settle(
    graph: GraphSession, *, urn: str, found: Checked | None, config: Settings, clock: Clock = _CLOCK
) -> HealthGrade | None:
    """Keep what a scheduled check found, None where none was made; returns the grade, None where there is no such source."""

    async def work(tx: Transaction) -> HealthGrade | None:
        unit = Unit(tx=tx, at=stored(clock.now()), by=SYSTEM.id)
        grade = await note(unit, urn, found, config=config)
        if unit.subjects:
            await record(unit, SYSTEM, "source.health", event_id=str(uuid.uuid4()))
        return grade

    return await graph.write("health.settle", work)


async def note(
    unit: Unit, urn: str, found: Checked | None, *, config: Settings, schedule: bool = True
) -> HealthGrade | None:
    """Keep what a check found within a command, and what follows of it; ``unit.subjects`` names the source where people are told.

    ``schedule`` moves the next check on by the interval of the plan.
    """
    held = await writes.hold(unit.tx, urn=urn)
    if held is None:
        return None
    source, now = held["source"], datetime.fromisoformat(unit.at)
    plan = plan_of(source.get("plan"))
    props: dict[str, Any] = {}
    if found is not None:
        props |= await _kept(unit, urn, found, now)
        props |= await _heard(unit, source, found, now)
    warning = timedelta(days=config.credential_warning_days)
    health = source_health(source | props, held["dead_letters"], now=now, warning=warning)
    before = HealthGrade(source["health_grade"]) if source.get("health_grade") else None
    grade = grade_after(before, health.score)
    props |= {"health_grade": grade.value, "health_score": health.score}
    _tell(unit, source, before, grade, health.score)
    props |= _told_of_expiry(unit, source, now, warning)
    wait_s = wait_before_check(plan.check_every_s or _UNCHECKED_S, f"{urn}@{unit.at}")
    breaker = breaker_of(props.get("breaker", source.get("breaker")))
    if breaker.open_until is not None and breaker.open_until > now and plan.check_every_s:
        wait_s = min(
            wait_s, (breaker.open_until - now).total_seconds() + 1
        )  # it is tried out as soon as it may be
    await writes.change(unit.tx, urn=urn, props=props, wait_ms=int(wait_s * 1_000) if schedule else None)
    return grade


async def _kept(unit: Unit, urn: str, found: Checked, now: datetime) -> dict[str, Any]:
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    ok, latency_ms = found.failure is None, found.latency_ms
    await writes.record(
        unit.tx,
        urn=urn,
        hour=stored(hour),
        at=unit.at,
        ok=ok,
        cause=found.cause,
        latency_ms=latency_ms,
        by=unit.by,
    )
    rows = await writes.hours(unit.tx, urn=urn, since=stored(hour - MONTH))
    figures = figures_of([_hour(row) for row in rows], now)
    return {
        "check_ok": ok,
        "check_cause": found.cause,
        "checked_at": unit.at,
        "check_latency_ms": latency_ms,
        "health_figures": json.dumps(figures.as_json()),
    }


def _hour(row: Mapping[str, Any]) -> Hour:
    return Hour(datetime.fromisoformat(row["hour"]), row["checks"], row["ok"], tuple(row["latencies"]))


async def _heard(unit: Unit, source: Mapping[str, Any], found: Checked, now: datetime) -> dict[str, Any]:
    """What the circuit breaker makes of it; tasks that waited for the source to answer again go on at once."""
    before = breaker_of(source.get("breaker"))
    if found.failure is None:
        after = after_success(before)
    else:
        kind = classify_failure("ConnectionFailed", found.failure.message, found.cause).kind
        after = after_failure(before, now, kind)
    if after == before:
        return {}
    if after == Breaker():
        await orchestration.wake(unit.tx, Hold.CIRCUIT, source=source["urn"])
    elif after.open_until is not None and after.open_until != before.open_until:
        message = {"source": source["name"], "until": stored(after.open_until)}
        unit.outbox.append(("source.circuit_open", message))
        _subject(unit, source)
    return {"breaker": breaker_text(after)}


def _tell(
    unit: Unit, source: Mapping[str, Any], before: HealthGrade | None, grade: HealthGrade, score: int
) -> None:
    if grade is before or (before is None and grade is HealthGrade.HEALTHY):
        return
    worse = before is None or _GRADES.index(grade) > _GRADES.index(before)
    topic = _TOPICS[grade] if worse else "source.recovered"
    unit.outbox.append((topic, {"source": source["name"]}))
    unit.details |= {"grade": grade.value, "score": score}
    _subject(unit, source)


def _told_of_expiry(
    unit: Unit, source: Mapping[str, Any], now: datetime, warning: timedelta
) -> dict[str, Any]:
    expires = moment(source.get("credential_expires_at"))
    state = credential_state(expires, now, warning)
    if state.value == source.get("credential_state", CredentialState.VALID.value):
        return {}
    if state in _EXPIRY_TOPICS:
        assert expires is not None
        message = {"source": source["name"], "until": stored(expires)}
        unit.outbox.append((_EXPIRY_TOPICS[state], message))
        unit.details["credential"] = state.value
        _subject(unit, source)
    return {"credential_state": state.value}


def _subject(unit: Unit, source: Mapping[str, Any]) -> None:
    if source["urn"] not in unit.subjects:
        unit.subjects.append(source["urn"])


async def prune(graph: GraphSession, config: Settings, *, clock: Clock = _CLOCK) -> int:
    """Forget hours older than the settings say, on record, once they are a day over it; returns how many."""
    limit = clock.now() - timedelta(days=config.health_retention_days)
    if not await reads.has_older(graph, before=stored(limit - timedelta(days=1))):
        return 0

    async def work(unit: Unit) -> int:
        removed = await writes.prune(unit.tx, before=stored(limit), first=_AT_ONCE)
        unit.details |= {"hours": removed, "before": stored(limit)}
        return removed

    return await execute(graph, SYSTEM, "health.prune", work, clock=clock)
