"""What people and plans ask of runs. A run is in the graph before anything signals a worker, so that no signal can lose it."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from cypher.orchestration import writes
from cypher.session import GraphSession
from ingest.commands.delegations import in_place_of, require_approver, require_reason
from ingest.commands.held_runs import HeldRun, facts_of, stage_rows, task_row
from ingest.commands.unit import Unit, execute
from ingest.commands.workflows import resolved
from ingest.orchestration.rules import RULES, plan_of, spec_of
from ingest.vocabulary import current_vocabulary, tiers_version
from ingest.workflows.library import SCAN
from schema.domain.dispatch import Band
from schema.domain.identity import SYSTEM, Permission, Principal
from schema.domain.orchestration import Rules, StageState, Step, TaskState, advance, begin
from schema.domain.plans import CRITICALITIES, ScanPlan
from schema.domain.scans import FINAL, RunState
from schema.domain.sources import source_urn
from schema.domain.workflows import Stage, Workflow
from schema.errors import ConditionFailed, Conflict, NotFound
from schema.ports import Clock, SystemClock
from schema.settings import settings

_MOST_QUEUED = 50_000
_PAUSED = "PAUSED"
APPROVAL = "APPROVAL"
APPROVAL_MS = 7 * 24 * 3600 * 1_000
_CLOCK = SystemClock()
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Firing:
    """A schedule that fires: the time at which it was due, epoch ms, and what the source remembers of it."""

    due_ms: int
    props: Mapping[str, Any]


async def request(
    graph: GraphSession,
    actor: Principal,
    *,
    source: str,
    workflow: Workflow | str = "",
    inputs: Mapping[str, Any] | None = None,
    options: str = "{}",
    band: Band | None = None,
    deadline: datetime | None = None,
    trigger: str = "MANUAL",
    reason: str = "",
    due: Firing | None = None,
    needs: Permission = Permission.SCAN,
    clock: Clock = _CLOCK,
) -> str:
    """Queue a run of ``workflow`` over the source called ``source``; returns the run's id. The plan of the source says what is not given.

    What the workflow says now is what the run follows to its end. ``due`` is the firing of a schedule that this run is; ``needs`` is what
    ``actor`` has to have for it. Raises
    ``NotFound`` where there is no such source or workflow, ``Conflict`` where a run of it is not finished, the queue is full, or somebody
    else did what was due, ``BadWorkflow`` where the workflow cannot be run as it is, ``InvalidInput`` on wrong inputs, and
    ``ConditionFailed`` where the first condition cannot be answered.
    """
    actor.require(needs)
    urn, ident = str(source_urn(source)), str(uuid.uuid4())
    rules = tiers_version(await current_vocabulary(graph), settings())

    async def work(unit: Unit) -> str:
        found = await writes.source(unit.tx, urn=urn)
        if found is None:
            raise NotFound("source", source, path=("source",))
        if due is not None and not await writes.set_due(
            unit.tx, source=urn, due_ms=due.due_ms, props=due.props
        ):
            raise Conflict("What was due has been done.", path=("source",), remedy="Nothing is to be done.")
        plan = plan_of(found["plan"])
        wanted_workflow = (workflow or plan.workflow or SCAN) if isinstance(workflow, str) else workflow
        followed = await resolved(unit.tx, wanted_workflow, inputs or {})
        wanted = json.loads(options) or json.loads(found["options"] or "{}")
        approval = await _approval(unit, plan, wanted, source, found["sensitivity"])
        now_ms = int(clock.now().timestamp() * 1_000)
        run = {
            "id": ident,
            "source": source,
            "state": RunState.QUEUED.value,
            "workflow": followed.workflow.name,
            "workflow_version": followed.version,
            "inputs": json.dumps(dict(followed.inputs)),
            "requested_by": actor.id,
            "trigger": trigger,
            "reason": reason,
            "options": options,
            **_recipe(found, wanted, followed.workflow, rules),
            "band": (band or plan.band).value,
            "criticality": CRITICALITIES.index(plan.criticality),
            "deadline_ms": None if deadline is None else int(deadline.timestamp() * 1_000),
            "place_ms": now_ms,
            "stage": "",
            "done": 0,
            "problem_count": 0,
        }
        step = _first_step(followed.workflow, run, found | {"name": source})
        tasks = [task_row(run, urn, each, followed.workflow, started=False) for each in step.tasks]
        run |= {"state": step.run.value, "error": step.error or None}
        if step.run in FINAL:
            run |= {"finished_at": unit.at, "finished_ms": now_ms}
        if approval and step.run is RunState.QUEUED:
            until = now_ms + APPROVAL_MS
            run |= {
                "state": RunState.AWAITING_APPROVAL.value,
                "approval_why": approval,
                "approval_until_ms": until,
            }
            tasks = [t | {"state": TaskState.PARKED.value, "held": APPROVAL, "queue": None} for t in tasks]
        row = await writes.create_run(
            unit.tx,
            ident=ident,
            source=urn,
            props=run,
            workflow=spec_of(followed.workflow),
            stages=stage_rows(ident, {}, step, unit.at, followed.workflow),
            tasks=tasks,
            at=unit.at,
            most_queued=_MOST_QUEUED,
        )
        assert row is not None
        if row["full"]:
            raise Conflict(
                f"{_MOST_QUEUED} runs wait already.",
                path=("source",),
                remedy="Try again later, or add workers.",
            )
        if row["id"] is None:
            raise Conflict(
                "A scan of this source is not finished.",
                path=("source",),
                remedy=f"Wait for run {row['busy'][0]}, or cancel it.",
            )
        unit.subjects += [urn, ident]
        unit.details |= {"workflow": run["workflow"], "band": run["band"], "trigger": trigger}
        if followed.version is not None:
            unit.details["version"] = followed.version
        topic = f"run.{str(run['state']).lower()}"
        unit.outbox.append((topic, {"run": ident, "source": source}))
        return ident

    return await execute(graph, actor, "scan.request", work, reason=reason)


def _first_step(workflow: Workflow, run: Mapping[str, Any], source: Mapping[str, Any]) -> Step:
    """What begins at once; raises ``ConditionFailed`` where that cannot be told, before there is a run."""
    failures: list[ConditionFailed] = []

    def asked(rule: Callable[[Stage, Mapping[str, Any]], _T]) -> Callable[[Stage, Mapping[str, Any]], _T]:
        def ask(stage: Stage, facts: Mapping[str, Any]) -> _T:
            try:
                return rule(stage, facts)
            except ConditionFailed as failure:
                failures.append(failure)
                raise

        return ask

    rules = Rules(asked(RULES.holds), asked(RULES.count))
    step = advance(workflow, RunState.QUEUED, begin(workflow), facts_of(run, source), rules)
    if failures and step.run is RunState.FAILED:
        raise failures[0]
    return step


def _recipe(
    source: Mapping[str, Any], options: Mapping[str, Any], workflow: Workflow, rules: str
) -> dict[str, str]:
    """By what a run is made, as it is now; the digest of the configuration is taken of what is sealed."""
    return {
        "connector": source["connector"] or "",
        "config_digest": hashlib.sha256((source["config"] or "").encode()).hexdigest(),
        "options_used": json.dumps(options, sort_keys=True),
        "workflow_digest": spec_of(workflow)["digest"],
        "rules_version": rules,
    }


async def _approval(
    unit: Unit, plan: ScanPlan, options: Mapping[str, Any], source: str, sensitivity: int
) -> str | None:
    """Why the run needs approval; None where it does not."""
    if plan.approval_from is not None:
        sensitivity = max(sensitivity or 0, await writes.holds(unit.tx, name=source))
    return plan.needs_approval(options, sensitivity or 0)


async def approve(
    graph: GraphSession, actor: Principal, *, run: str, approved: bool, reason: str
) -> RunState:
    """Let a run that waits for approval begin, or end it. Who asked for it may not decide, and a reason is needed.

    Who has not the permission himself decides in the place of who gave it to him. Raises ``InvalidInput`` without a reason,
    ``Conflict`` to the requester and to who stands in for him, and as ``cancel``.
    """
    await require_approver(graph, actor)
    require_reason(reason)

    async def work(unit: Unit) -> RunState:
        held = await _held(unit, run)
        if held.state is not RunState.AWAITING_APPROVAL:
            raise _cannot("approved or rejected", held.state)
        giver = await in_place_of(
            unit, actor, requester=str(held.run["requested_by"]), about=held.source, path="run"
        )
        unit.details |= {"approved": approved, "why": held.run.get("approval_why")}
        decided = {"approved_by": actor.id, "approved_at": unit.at, "approval_reason": reason}
        if giver is not None:
            decided["approved_for"] = giver
        if approved:
            await writes.requeue(unit.tx, run=run, state=TaskState.PARKED.value, held=APPROVAL)
            held.change(RunState.QUEUED, decided)
        else:
            await held.withdraw(unit)
            held.change(RunState.CANCELLING, decided | {"error": f"REJECTED: {reason}"})
        return await _applied(unit, held)

    return await execute(graph, actor, "scan.approve" if approved else "scan.reject", work, reason=reason)


async def expire(graph: GraphSession, *, run: str) -> RunState:
    """End a run that nobody approved in time. Raises as ``cancel``."""

    async def work(unit: Unit) -> RunState:
        held = await _held(unit, run)
        if held.state is not RunState.AWAITING_APPROVAL:
            raise _cannot("expired", held.state)
        await held.withdraw(unit)
        held.change(RunState.CANCELLING, {"error": "EXPIRED: Nobody approved it in time."})
        return await _applied(unit, held)

    return await execute(graph, SYSTEM, "scan.expire", work)


async def cancel(graph: GraphSession, actor: Principal, *, run: str, reason: str = "") -> RunState:
    """Ask a run to stop; returns the state it is in now. Who asked for it may take that back, whatever else he may.

    Raises ``Forbidden``, ``NotFound``, or ``Conflict`` where it is over.
    """

    async def work(unit: Unit) -> RunState:
        row = await writes.hold_run(unit.tx, ident=run)
        if row is None or row["run"]["requested_by"] != actor.id:
            actor.require(Permission.SCAN)
        held = _held_of(row, run)
        unit.details["was"] = held.state.value
        await held.withdraw(unit)
        held.change(RunState.CANCELLING)  # what it has begun to take back is gone on with
        return await _applied(unit, held)

    return await execute(graph, actor, "scan.cancel", work, reason=reason)


async def pause(graph: GraphSession, actor: Principal, *, run: str, reason: str = "") -> RunState:
    """Begin nothing more of a run until it is resumed; what was begun is finished. Raises as ``cancel``."""
    actor.require(Permission.SCAN)

    async def work(unit: Unit) -> RunState:
        held = await _held(unit, run)
        if held.state not in (RunState.QUEUED, RunState.RUNNING):
            raise _cannot("paused", held.state)
        await writes.withdraw(unit.tx, run=run, state=TaskState.PARKED.value, held=_PAUSED)
        held.change(RunState.PAUSED)
        return await _applied(unit, held)

    return await execute(graph, actor, "scan.pause", work, reason=reason)


async def resume(graph: GraphSession, actor: Principal, *, run: str, reason: str = "") -> RunState:
    """Go on with a paused run. Raises as ``cancel``."""
    actor.require(Permission.SCAN)

    async def work(unit: Unit) -> RunState:
        held = await _held(unit, run)
        if held.state is not RunState.PAUSED:
            raise _cannot("resumed", held.state)
        await writes.requeue(unit.tx, run=run, state=TaskState.PARKED.value, held=_PAUSED)
        begun = held.run.get("started_at") is not None
        held.change(RunState.RUNNING if begun else RunState.QUEUED)
        return await _applied(unit, held)

    return await execute(graph, actor, "scan.resume", work, reason=reason)


async def replay(
    graph: GraphSession,
    actor: Principal,
    *,
    run: str,
    tasks: Sequence[str] | None = None,
    reason: str = "",
) -> RunState:
    """Try dead letters of a run again, all or those named; a run that failed by them goes on where it stopped.

    Raises ``NotFound``, or ``Conflict`` where there are none, what the run kept is gone, or its source is being scanned.
    """
    actor.require(Permission.SCAN)

    async def work(unit: Unit) -> RunState:
        held = await _held(unit, run, over=True)
        if held.state not in (RunState.FAILED, RunState.RUNNING, RunState.PAUSED):
            raise _cannot("replayed", held.state)
        back = await writes.requeue(unit.tx, run=run, state=TaskState.FAILED.value, ids=tasks)
        if not back:
            raise Conflict("The run has no such dead letter.", path=("tasks",), remedy="Look at its tasks.")
        if held.state is RunState.FAILED:
            held.reopen()
        for stage, count in back.items():
            status = held.stages[stage]
            held.stages[stage] = replace(
                status, state=StageState.RUNNING, failed=status.failed - count, reason=""
            )
        unit.details["tasks"] = sum(back.values())
        return await _applied(unit, held)

    return await execute(graph, actor, "scan.replay", work, reason=reason)


async def _applied(unit: Unit, held: HeldRun) -> RunState:
    unit.subjects.append(held.ident)
    action = dict(unit.details)
    settled = await held.apply(unit)
    unit.details.pop("action", None)
    unit.details |= action
    return settled.run


async def _held(unit: Unit, run: str, *, over: bool = False) -> HeldRun:
    return _held_of(await writes.hold_run(unit.tx, ident=run), run, over=over)


def _held_of(row: Mapping[str, Any] | None, run: str, *, over: bool = False) -> HeldRun:
    if row is None:
        raise NotFound("run", run, path=("run",))
    held = HeldRun.of(row)
    if held.state in FINAL and not over:
        raise Conflict(
            f"The run is over: {held.state.value}.", path=("run",), remedy="Start a new scan if you need one."
        )
    return held


def _cannot(what: str, state: RunState) -> Conflict:
    return Conflict(
        f"A run that is {state.value} cannot be {what}.", path=("run",), remedy="Look at its state."
    )
