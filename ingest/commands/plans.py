"""Plans of sources, and what they bring about by themselves: scans that are due, approvals that nobody gave."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import structlog

from cypher.orchestration import reads, writes
from cypher.session import GraphSession
from ingest.commands import runs
from ingest.commands.runs import Firing
from ingest.commands.unit import Unit, execute
from ingest.commands.workflows import Reader, require_runnable
from ingest.orchestration.rules import plan_of, plan_text
from schema.domain.dispatch import Hold
from schema.domain.identity import SYSTEM, Permission, Principal
from schema.domain.intervals import NEWEST, Bounds, Decision, History, Visit, adapt
from schema.domain.plans import ScanPlan
from schema.domain.schedules import blackout_end, due, next_after
from schema.domain.sources import source_urn
from schema.domain.time import stored
from schema.errors import ConditionFailed, Conflict, InvalidInput, NotFound
from schema.ports import Clock, SystemClock

_CLOCK = SystemClock()
_log = structlog.get_logger("pursight.schedule")


async def set_plan(
    graph: GraphSession,
    actor: Principal,
    *,
    source: str,
    plan: ScanPlan,
    reason: str = "",
    clock: Clock = _CLOCK,
) -> None:
    """Say how scans of a source are run; raises ``NotFound``, and ``InvalidInput`` as ``plan_props``."""
    actor.require(Permission.SCAN)
    now = clock.now()

    async def work(unit: Unit) -> None:
        urn = str(source_urn(source))
        props = await plan_props(unit.tx, source, plan, now)
        if not await writes.save_plan(unit.tx, source=urn, plan=plan_text(plan), props=props, at=stored(now)):
            raise NotFound("source", source, path=("source",))
        await wake_held(unit, urn)
        unit.subjects.append(urn)

    await execute(graph, actor, "source.plan", work, reason=reason)


async def wake_held(unit: Unit, source: str) -> None:
    """Let what an earlier plan of the source, a urn, held up be looked at by the new one."""
    woken = await writes.wake(unit.tx, Hold.BUDGET, Hold.BLACKOUT, Hold.SOURCE_BUSY, source=source)
    if woken:
        unit.details["woken"] = woken


async def plan_props(reader: Reader, source: str, plan: ScanPlan, now: datetime) -> dict[str, Any]:
    """What a source keeps of its plan besides the text of it; raises ``InvalidInput`` where it waits for itself or its workflow cannot run."""
    if source in plan.after:
        raise InvalidInput("A source cannot wait for itself.", path=("plan", "after"), remedy="Leave it out.")
    await require_runnable(reader, plan.workflow, ("plan", "workflow"))
    props = {
        "most_tasks": plan.most_tasks,
        "requests_per_minute": plan.requests_per_minute,
        "after": [str(source_urn(name)) for name in plan.after],
        "scan_workflow": plan.workflow or None,
        "next_check_ms": _ms(now),  # by the new interval from there
    }
    due = {"next_due_ms": _ms(now), "interval_s": None}
    return props | (_next(plan, now, None) if plan.bounds is None else due)


async def run_due(graph: GraphSession, *, clock: Clock = _CLOCK) -> list[str]:
    """Begin what is due by the plans of sources, each once however many ask; returns the ids of the runs."""
    now = clock.now()
    begun = []
    for row in await reads.due_sources(graph, _ms(now)):
        if ident := await _fire(graph, row, now):
            begun.append(ident)
    for run in await reads.expired_approvals(graph):
        try:
            await runs.expire(graph, run=run)
        except Conflict:
            _log.info("decided meanwhile", run=run)
    return begun


async def _fire(graph: GraphSession, row: dict[str, Any], now: datetime) -> str | None:
    plan, last = plan_of(row["plan"]), datetime.fromisoformat(row["last_fired"] or row["plan_at"])
    props, why = _next(plan, now, row["interval_s"]), "It was due."
    if plan.bounds is not None:
        decision = await _decided(graph, row, plan, plan.bounds)
        props = _adapted(decision, now)
        why = f"It was due. {decision.reason}"
    elif plan.schedule is not None:
        found = due(plan.schedule, last, now)
        if found is None:  # held back by a blackout, or too late to be made up for
            await _move(graph, row, props)
            return None
        missed = found.missed
        why = f"It was planned for {found.planned:%Y-%m-%d %H:%M} UTC." + (
            f" It makes up for {missed} more that did not take place." if missed else ""
        )
    props["last_fired"] = stored(now)
    try:
        return await runs.request(
            graph,
            SYSTEM,
            source=row["name"],
            trigger="SCHEDULE",
            reason=why,
            due=Firing(row["next_due_ms"], props),
        )
    except Conflict as conflict:
        _log.info("not begun", source=row["name"], why=conflict.message)
        return None
    except (InvalidInput, ConditionFailed, NotFound) as error:
        # Its workflow cannot be run as it is now; that holds up no other source, and the audit trail says why.
        _log.warning("cannot be run", source=row["name"], code=error.code, why=error.message)
        await _move(graph, row, props, f"{error.code}: {error.message}")
        return None


async def _move(graph: GraphSession, row: dict[str, Any], props: dict[str, Any], why: str = "") -> None:
    async def work(unit: Unit) -> None:
        await writes.set_due(unit.tx, source=row["urn"], due_ms=row["next_due_ms"], props=props)
        unit.subjects.append(row["urn"])
        if why:
            unit.details["why"] = why

    await execute(graph, SYSTEM, "source.not_due", work)


async def _decided(graph: GraphSession, row: dict[str, Any], plan: ScanPlan, bounds: Bounds) -> Decision:
    visits = _visits(await reads.visits(graph, row["urn"], NEWEST + 1))
    return adapt(History(visits, row["interval_s"], None, plan.criticality), bounds)


def _visits(newest_first: Sequence[dict[str, Any]]) -> list[Visit]:
    scans = list(newest_first)[::-1]
    return [
        Visit((scan["created_ms"] - before["created_ms"]) / 1_000, scan["changes"] > 0)
        for before, scan in pairwise(scans)
    ]


def _adapted(decision: Decision, now: datetime) -> dict[str, Any]:
    due_at = now + timedelta(seconds=decision.interval_s)
    known: dict[str, Any] = {"next_due_ms": _ms(due_at), "interval_s": decision.interval_s}
    return known | ({"interval_reason": decision.reason} if decision.changed else {})


def _next(plan: ScanPlan, now: datetime, interval_s: float | None) -> dict[str, Any]:
    """When a source by its cron, or by the interval it has, is due next."""
    if plan.schedule is not None:
        at = next_after(plan.schedule, now)
    elif plan.bounds is not None:
        at = now + timedelta(seconds=interval_s or plan.bounds.middle_s)
    else:
        at = None
    if at is not None:
        at = blackout_end(plan.blackouts, at) or at
    return {"next_due_ms": None if at is None else _ms(at)}


def _ms(moment: datetime) -> int:
    return math.floor(moment.astimezone(UTC).timestamp() * 1_000)
