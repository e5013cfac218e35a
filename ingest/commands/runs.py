"""Commands on runs and their tasks. A run is in the graph before anything signals a worker, so that no signal can lose it.

What a worker does with tasks (claim, beat, settle) is kept in their attempts and changes nothing that is governed: that is the one write
without an audit event. Whatever people ask for, the end of a run, and a task that is given up have one each.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from cypher.orchestration import writes
from cypher.session import GraphSession, Transaction
from ingest.commands.unit import Unit, execute, hold, record
from ingest.orchestration.actions import READING
from ingest.orchestration.holds import breaker_of, breaker_text, candidate, day
from ingest.orchestration.rules import RULES, plan_of, spec_of, workflow_of
from schema.domain.dispatch import ORDER, Band, Candidate, choose, place
from schema.domain.failures import FailureKind
from schema.domain.identity import SYSTEM, Permission, Principal
from schema.domain.orchestration import (
    OVER,
    UNDO,
    StageState,
    StageStatus,
    Step,
    TaskState,
    advance,
    begin,
    merged_facts,
)
from schema.domain.plans import CRITICALITIES, ScanPlan
from schema.domain.retries import after_failure, after_success
from schema.domain.scans import FINAL, Problem, RunState, ScanStage, Severity
from schema.domain.sources import ScanOptions, source_urn
from schema.domain.time import stored
from schema.domain.workflows import Stage, Workflow
from schema.errors import CommitUnknown, Conflict, InvalidInput, NotFound
from schema.ports import Clock, SystemClock

LEASE_MS = 8_000
_HEADS = 8
_PARKED_MS = 1_000
_SUSPECT_TRIES = 2  # one lost worker may have died of anything
_MOST_QUEUED = 50_000
_PAUSED = "PAUSED"
APPROVAL = "APPROVAL"
APPROVAL_MS = 7 * 24 * 3600 * 1_000
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Claim:
    """A task that this worker holds; later writes name ``attempt``, so that a worker that was taken for dead cannot write.

    ``facts`` are what conditions see: run, source and finished stages. ``tries`` are the attempts that failed before.
    """

    task: str
    attempt: int
    tries: int
    stage: Stage
    n: int
    run: Mapping[str, Any]
    source: Mapping[str, Any]
    workflow: Workflow
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """What a task found out: ``facts`` for conditions, ``counts`` for the run, and what it could not do.

    ``rows`` is how many rows of the source it read.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a task failed, of which ``kind``, and after how many ms it is tried again; None gives it up.

    ``source_kind`` is set where the failure says something about the source: its circuit breaker hears of it.
    """

    kind: str
    error: str
    wait_ms: int | None = None
    source_kind: FailureKind | None = None


@dataclass(frozen=True, slots=True)
class Halted:
    """The task was stopped because its run is cancelled, or handed back because its worker ends."""

    handed_back: bool = False


@dataclass(frozen=True, slots=True)
class Firing:
    """A schedule that fires: the time at which it was due, epoch ms, and what the source remembers of it."""

    due_ms: int
    props: Mapping[str, Any]


Outcome = Done | Failed | Halted


@dataclass(frozen=True, slots=True)
class Settled:
    """What followed: the state of the run, and how many tasks wait for a worker now that did not before."""

    run: RunState
    made: int


async def request(
    graph: GraphSession,
    actor: Principal,
    *,
    source: str,
    workflow: Workflow,
    options: str = "{}",
    band: Band | None = None,
    deadline: datetime | None = None,
    trigger: str = "MANUAL",
    reason: str = "",
    due: Firing | None = None,
    clock: Clock = _CLOCK,
) -> str:
    """Queue a run of ``workflow`` over the source called ``source``; returns the run's id. The plan of the source says what is not given.

    ``due`` is the firing of a schedule that this run is. Raises ``NotFound`` where there is no such source, ``Conflict`` where a run of
    it is not finished, the queue is full, or somebody else did what was due.
    """
    actor.require(Permission.SCAN)
    urn, ident = str(source_urn(source)), str(uuid.uuid4())

    async def work(unit: Unit) -> str:
        found = await writes.source(unit.tx, urn=urn)
        if found is None:
            raise NotFound("source", source, path=("source",))
        if due is not None and not await writes.set_due(
            unit.tx, source=urn, due_ms=due.due_ms, props=due.props
        ):
            raise Conflict("What was due has been done.", path=("source",), remedy="Nothing is to be done.")
        plan = plan_of(found["plan"])
        wanted = json.loads(options) or json.loads(found["options"] or "{}")
        approval = await _approval(unit, plan, wanted, source, found["sensitivity"])
        now_ms = int(clock.now().timestamp() * 1_000)
        run = {
            "id": ident,
            "source": source,
            "state": RunState.QUEUED.value,
            "workflow": workflow.name,
            "requested_by": actor.id,
            "trigger": trigger,
            "reason": reason,
            "options": options,
            **_recipe(found, wanted, workflow),
            "band": (band or plan.band).value,
            "criticality": CRITICALITIES.index(plan.criticality),
            "deadline_ms": None if deadline is None else int(deadline.timestamp() * 1_000),
            "place_ms": now_ms,
            "stage": "",
            "done": 0,
            "problem_count": 0,
        }
        step = advance(workflow, RunState.QUEUED, begin(workflow), _facts(run, {"name": source}), RULES)
        tasks = [_task_row(run, urn, each, workflow, started=False) for each in step.tasks]
        run |= {"state": step.run.value, "error": step.error or None}
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
            workflow=spec_of(workflow),
            stages=_stage_rows(ident, {}, step, unit.at, workflow),
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
        unit.details |= {"workflow": workflow.name, "band": run["band"], "trigger": trigger}
        topic = "run.awaiting_approval" if run["state"] == RunState.AWAITING_APPROVAL else "run.queued"
        unit.outbox.append((topic, {"run": ident, "source": source}))
        return ident

    return await execute(graph, actor, "scan.request", work, reason=reason)


def _recipe(source: Mapping[str, Any], options: Mapping[str, Any], workflow: Workflow) -> dict[str, str]:
    """By what a run is made, as it is now; the digest of the configuration is taken of what is sealed."""
    return {
        "connector": source["connector"] or "",
        "config_digest": hashlib.sha256((source["config"] or "").encode()).hexdigest(),
        "options_used": json.dumps(options, sort_keys=True),
        "workflow_digest": spec_of(workflow)["digest"],
        "rules_version": _rules_version(),
    }


def _rules_version() -> str:
    from ml.classify.engine import standard_engine  # costs a moment that other commands need not wait

    return standard_engine().version


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

    Raises ``InvalidInput`` without a reason, ``Conflict`` to the requester, and as ``cancel``.
    """
    actor.require(Permission.APPROVE)
    if not reason.strip():
        raise InvalidInput(
            "An approval without a reason tells an auditor nothing.", path=("reason",), remedy="Say why."
        )

    async def work(unit: Unit) -> RunState:
        held = await _held(unit, run)
        if held.state is not RunState.AWAITING_APPROVAL:
            raise _cannot("approved or rejected", held.state)
        if held.run["requested_by"] == actor.id:
            raise Conflict(
                "Who asked for a run may not decide about it.",
                path=("run",),
                remedy="Ask somebody else who has the permission APPROVE.",
            )
        unit.details |= {"approved": approved, "why": held.run.get("approval_why")}
        decided = {"approved_by": actor.id, "approved_at": unit.at, "approval_reason": reason}
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


async def claim(
    graph: GraphSession, *, worker: str, slots: int, extras: Sequence[str] = (), clock: Clock = _CLOCK
) -> list[Claim]:
    """Take up to ``slots`` waiting tasks; what a dead worker had is put back into the queue first."""
    at = stored(clock.now())
    lost: list[Mapping[str, Any]] = []

    async def work(tx: Transaction) -> list[dict[str, Any]]:
        seen = await writes.look(tx, worker=worker, bands=[f"{n}|" for n in range(len(ORDER))], first=_HEADS)
        lost[:] = seen["lost"]
        waiting: dict[Band, list[Candidate]] = {band: [] for band in ORDER}
        for row in seen["candidates"]:
            band = ORDER[int(row["band"][0])]
            waiting[band].append(candidate(row, band, datetime.fromtimestamp(seen["now"] / 1_000, UTC)))
        passes = dict(zip(ORDER, seen["passes"] or [], strict=False))
        choice = choose(
            waiting,
            slots=slots,
            running={row["source"]: row["tasks"] for row in seen["running"]},
            passes=passes,
            extras=extras,
            suspects=seen["suspects"],
        )
        parked = [
            {"id": ident, "held": hold.value, "until_ms": until, "wait_ms": _PARKED_MS}
            for ident, (hold, until) in choice.parked.items()
        ]
        if not choice.given and not parked:
            return []
        return await writes.give(
            tx,
            worker=worker,
            given=choice.given,
            parked=parked,
            passes=[choice.passes.get(band, passes.get(band, 0.0)) for band in ORDER],
            lease_ms=LEASE_MS,
            at=at,
        )

    rows = await graph.write("run.claim", work)
    if lost:
        for row in lost:
            await _lose(graph, row)
        rows = rows or await graph.write("run.claim", work)
    return [_claim(row) for row in rows]


async def _lose(graph: GraphSession, lost: Mapping[str, Any]) -> None:
    """The worker of a task died or cannot be heard: that was a try, and after as many as may be the task is given up."""

    async def work(unit: Unit) -> Settled | None:
        error = f"Its worker {lost['worker']} was lost."
        return await _settle(unit, lost["id"], lost["attempt"], Failed("worker_lost", error, 0), lost=True)

    await _written(graph, work)


async def forget_workers(graph: GraphSession) -> None:
    """Forget workers that have not been heard of for a day; each process makes one."""
    await graph.write("run.forget_workers", writes.forget_workers)


async def beat(
    graph: GraphSession, *, worker: str, props: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]]
) -> dict[str, RunState]:
    """Renew the leases of a worker's tasks (``id``, ``attempt``, ``done``, ``total``) and say that it lives.

    Returns the state of the run of every task that it still holds.
    """

    async def work(tx: Transaction) -> dict[str, str]:
        return await writes.beat(tx, worker=worker, props=props, tasks=tasks, lease_ms=LEASE_MS)

    return {ident: RunState(state) for ident, state in (await graph.write("run.beat", work)).items()}


async def settle(graph: GraphSession, claimed: Claim, outcome: Outcome) -> Settled | None:
    """End an attempt and do what follows of it; None where another attempt holds the task now, and then nothing is written."""

    async def work(unit: Unit) -> Settled | None:
        return await _settle(unit, claimed.task, claimed.attempt, outcome)

    return await _written(graph, work)


async def _written(graph: GraphSession, work: Any) -> Settled | None:
    async def transaction(tx: Transaction) -> Settled | None:
        unit = Unit(tx=tx, at=stored(_CLOCK.now()), by=SYSTEM.id)
        settled: Settled | None = await work(unit)
        if unit.subjects:
            await record(unit, SYSTEM, unit.details.pop("action"), event_id=str(uuid.uuid4()))
        return settled

    try:
        return await graph.write("run.settle", transaction)
    except CommitUnknown:
        # An attempt ends once: where this one did, nothing is written now.
        return await graph.write("run.settle", transaction)


async def _settle(
    unit: Unit, task: str, attempt: int, outcome: Outcome, *, lost: bool = False
) -> Settled | None:
    state, wait_ms, note = _ended(outcome)
    props = {"state": state.value, "held": "RETRY" if wait_ms is not None else None, "error": note["error"]}
    reads = not lost and not isinstance(outcome, Halted)
    rows = outcome.rows if isinstance(outcome, Done) else 0
    used = {"day": day(_CLOCK.now()), "reads": int(reads), "rows": rows}
    row = await writes.settle_task(
        unit.tx, ident=task, attempt=attempt, props=props, outcome=note, wait_ms=wait_ms, used=used
    )
    if row is None:
        return None
    held = _Held.of(row)
    if row["task"]["reads"]:
        await held.hear(unit, outcome)
    stage, tries = row["task"]["stage"], (row["task"]["tries"] or 0) + isinstance(outcome, Failed)
    if isinstance(outcome, Failed):
        given_up = wait_ms is None or tries >= held.spec(stage).retry.tries
        await held.note_try(unit, task, tries, given_up, suspect=lost and tries >= _SUSPECT_TRIES)
        state = TaskState.FAILED if given_up else TaskState.PARKED
    if state is TaskState.PARKED and held.state is RunState.CANCELLING:
        await writes.withdraw(unit.tx, run=held.ident, state=TaskState.CANCELLED.value, held=None)
        state = TaskState.CANCELLED  # this task is the only one that waited: the others left with the cancel
    if state is TaskState.PARKED:
        return Settled(held.state, 0)
    return await held.go_on(unit, stage, state, outcome)


def _ended(outcome: Outcome) -> tuple[TaskState, int | None, dict[str, Any]]:
    """The state of the task, the wait before its next try, and what its attempt notes."""
    match outcome:
        case Done():
            return TaskState.SUCCEEDED, None, {"state": "SUCCEEDED", "error": None}
        case Failed(kind, error, wait_ms):
            state = TaskState.FAILED if wait_ms is None else TaskState.PARKED
            return state, wait_ms, {"state": "FAILED", "kind": kind, "error": error}
        case Halted(handed_back):
            if handed_back:
                return TaskState.PARKED, 0, {"state": "HANDED_BACK", "error": None}
            return TaskState.CANCELLED, None, {"state": "STOPPED", "error": None}


class _Held:
    """A run inside a transaction that has it locked."""

    def __init__(self, run: dict[str, Any], source: dict[str, Any], workflow: Workflow, stages: Any) -> None:
        self.run, self.source, self.workflow = run, source, workflow
        self.rows: dict[str, dict[str, Any]] = {row["name"]: row for row in stages}
        self.stages = {name: _status(row) for name, row in self.rows.items()}
        self.busy: Sequence[str] = ()
        self._changed: dict[str, Any] = {}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> _Held:
        held = cls(row["run"], row["source"], workflow_of(row["workflow"]), row["stages"])
        held.busy = row.get("busy") or ()
        return held

    @property
    def ident(self) -> str:
        return str(self.run["id"])

    @property
    def state(self) -> RunState:
        return RunState(self.run["state"])

    def spec(self, stage: str) -> Stage:
        if stage.startswith(UNDO):
            undone = self.workflow.stage(stage.removeprefix(UNDO))
            return replace(undone, name=stage, uses=undone.compensate, arguments={})
        return self.workflow.stage(stage)

    def change(self, state: RunState, props: Mapping[str, Any] | None = None) -> None:
        """What a person or a time decided; ``apply`` stores it with what follows."""
        self._changed |= props or {}
        self.run |= {"state": state.value, **(props or {})}

    async def withdraw(self, unit: Unit) -> None:
        """Take what waits out of the queue for good."""
        gone = await writes.withdraw(unit.tx, run=self.ident, state=TaskState.CANCELLED.value, held=None)
        for stage, tasks in gone.items():
            status = self.stages[stage]
            self.stages[stage] = replace(status, cancelled=status.cancelled + tasks)

    def reopen(self) -> None:
        """Let a failed run go on: what was not begun may begin, unless something was taken back."""
        if self.busy:
            raise Conflict(
                "The source is being scanned.",
                path=("run",),
                remedy=f"Wait for run {self.busy[0]}, which may make this unnecessary.",
            )
        if self.run.get("kept") is False or any(name.startswith(UNDO) for name in self.stages):
            raise Conflict(
                "What the run had read is not kept any more.",
                path=("run",),
                remedy="Start a new scan instead.",
            )
        for name, status in self.stages.items():
            if status.state is StageState.CANCELLED:
                whole = status.released > 0
                state = StageState.RUNNING if whole else StageState.BLOCKED
                self.stages[name] = replace(status, state=state)
        self.change(RunState.RUNNING, {"error": None, "finished_at": None, "finished_ms": None})

    async def hear(self, unit: Unit, outcome: Outcome) -> None:
        """Let the circuit breaker of the source know how reading it went."""
        before = breaker_of(self.source.get("breaker"))
        if isinstance(outcome, Done):
            after = after_success(before)
        elif isinstance(outcome, Failed) and outcome.source_kind is not None:
            after = after_failure(before, _CLOCK.now(), outcome.source_kind)
        else:
            return
        if after != before:
            await writes.set_breaker(unit.tx, source=self.source["urn"], breaker=breaker_text(after))
            if after.open_until is not None:
                message = {"source": self.source["name"], "until": stored(after.open_until)}
                unit.outbox.append(("source.circuit_open", message))

    async def note_try(self, unit: Unit, task: str, tries: int, given_up: bool, *, suspect: bool) -> None:
        await writes.set_task(unit.tx, ident=task, tries=tries, given_up=given_up, suspect=suspect)
        if given_up:
            unit.subjects += [self.ident, task]
            unit.details |= {"action": "run.dead_letter", "task": task, "tries": tries}
            unit.outbox.append(("run.dead_letter", {"run": self.ident, "task": task}))

    async def go_on(self, unit: Unit, stage: str, state: TaskState, outcome: Outcome) -> Settled:
        status = self.stages[stage]
        if state is TaskState.SUCCEEDED:
            assert isinstance(outcome, Done)
            facts = merged_facts(status.facts, outcome.facts)
            status = replace(status, done=status.done + 1, facts=facts)
            await self._count(unit, outcome)
        elif state is TaskState.FAILED:
            assert isinstance(outcome, Failed)
            status = replace(status, failed=status.failed + 1, reason=outcome.error)
            await self._report(unit, [_dead(stage, outcome, self.source)])
        else:
            status = replace(status, cancelled=status.cancelled + 1)
        self.stages[stage] = status
        return await self.apply(unit)

    async def _count(self, unit: Unit, outcome: Done) -> None:
        for name, number in outcome.counts.items():
            prop = f"count_{name}"
            self.run[prop] = self.run.get(prop, 0) + number
        await self._report(unit, outcome.problems)

    async def _report(self, unit: Unit, problems: Sequence[Problem]) -> None:
        known = self.run.get("problem_count") or 0
        rows = [
            {"id": f"{self.ident}:{known + n}", "seq": known + n, **{k: str(v) for k, v in asdict(p).items()}}
            for n, p in enumerate(problems)
        ]
        if rows:
            await writes.report(unit.tx, run=self.ident, problems=rows)
            self.run["problem_count"] = known + len(rows)

    async def apply(self, unit: Unit) -> Settled:
        """Store what follows of the present states; the end of the run with its audit event and message."""
        step = advance(self.workflow, self.state, self.stages, _facts(self.run, self.source), RULES)
        over = step.run in FINAL and self.state not in FINAL
        props = {name: value for name, value in self.run.items() if name.startswith("count_")}
        props |= {"state": step.run.value, "error": step.error or self.run.get("error")}
        props = self._changed | props
        started = self.run.get("started_at") is not None
        urn = self.source["urn"]
        await writes.apply_step(
            unit.tx,
            run=self.ident,
            props=props,
            stages=_stage_rows(self.ident, self.rows, step, unit.at, self.workflow),
            tasks=[_task_row(self.run, urn, each, self.workflow, started=started) for each in step.tasks],
            over=over,
            # A failed run may be replayed from where it stopped.
            drop=over and step.run is not RunState.FAILED,
            at=unit.at,
        )
        if over:
            self._end(unit, step)
        return Settled(step.run, len(step.tasks))

    def _end(self, unit: Unit, step: Step) -> None:
        counts = {k.removeprefix("count_"): v for k, v in self.run.items() if k.startswith("count_")}
        unit.subjects += [self.ident, self.source["urn"]]
        unit.details |= {"action": "scan.finish", "state": step.run.value, **counts}
        unit.details["problems"] = self.run.get("problem_count") or 0
        message = {"run": self.ident, "source": self.source["name"]}
        unit.outbox.append((f"run.{step.run.value.lower()}", message))


async def cancel(graph: GraphSession, actor: Principal, *, run: str, reason: str = "") -> RunState:
    """Ask a run to stop; returns the state it is in now. Raise ``NotFound``, or ``Conflict`` where it is over."""
    actor.require(Permission.SCAN)

    async def work(unit: Unit) -> RunState:
        held = await _held(unit, run)
        unit.details["was"] = held.state.value
        await held.withdraw(unit)
        held.change(RunState.CANCELLING)
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


async def _applied(unit: Unit, held: _Held) -> RunState:
    unit.subjects.append(held.ident)
    action = dict(unit.details)
    settled = await held.apply(unit)
    unit.details.pop("action", None)
    unit.details |= action
    return settled.run


async def _held(unit: Unit, run: str, *, over: bool = False) -> _Held:
    row = await writes.hold_run(unit.tx, ident=run)
    if row is None:
        raise NotFound("run", run, path=("run",))
    held = _Held.of(row)
    if held.state in FINAL and not over:
        raise Conflict(
            f"The run is over: {held.state.value}.", path=("run",), remedy="Start a new scan if you need one."
        )
    return held


def _cannot(what: str, state: RunState) -> Conflict:
    return Conflict(
        f"A run that is {state.value} cannot be {what}.", path=("run",), remedy="Look at its state."
    )


def _dead(stage: str, outcome: Failed, source: Mapping[str, Any]) -> Problem:
    place = ScanStage.of(stage)
    return Problem(place, "DEAD_LETTER", str(source["name"]), outcome.error, Severity.ERROR)


def _claim(row: Mapping[str, Any]) -> Claim:
    held = _Held.of(row)
    task = row["task"]
    facts = _facts(held.run, held.source) | {"stages": {n: dict(s.facts) for n, s in held.stages.items()}}
    return Claim(
        task["id"],
        task["attempt"],
        task["tries"] or 0,
        held.spec(task["stage"]),
        task["n"],
        held.run,
        held.source,
        held.workflow,
        facts,
    )


def _facts(run: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    options = json.loads(run.get("options") or "{}") or json.loads(source.get("options") or "{}")
    return {
        "run": {"trigger": run["trigger"], "band": run["band"], "options": asdict(ScanOptions(**options))},
        "source": {
            name: source.get(name) or "" for name in ("name", "connector", "platform", "domain", "namespace")
        },
    }


def _status(row: Mapping[str, Any]) -> StageStatus:
    return StageStatus(
        StageState(row["state"]),
        row["batches"],
        row["released"],
        row["done"],
        row["failed"],
        row["cancelled"],
        json.loads(row["facts"]),
        row.get("reason") or "",
    )


def _stage_rows(
    run: str, known: Mapping[str, Mapping[str, Any]], step: Step, at: str, workflow: Workflow
) -> list[dict[str, Any]]:
    """Rows of the stages that are new or not as ``known``."""
    order = {stage.name: n for n, stage in enumerate(workflow.stages)}
    rows: list[dict[str, Any]] = []
    for name, status in step.stages.items():
        old = known.get(name)
        if old is not None and _status(old) == status:
            continue
        row = {
            "id": f"{run}/{name}",
            "name": name,
            "ordinal": order.get(name, len(order) + len(rows)),
            "state": status.state.value,
            "batches": status.batches,
            "released": status.released,
            "done": status.done,
            "failed": status.failed,
            "cancelled": status.cancelled,
            "facts": json.dumps(dict(status.facts)),
            "reason": status.reason,
        }
        if status.state is StageState.RUNNING and not (old and old.get("started_at")):
            row["started_at"] = at
        if status.state in OVER and not (old and old.get("finished_at")):
            row["finished_at"] = at
        rows.append(row)
    return rows


def _task_row(
    run: Mapping[str, Any], source: str, task: tuple[str, int], workflow: Workflow, *, started: bool
) -> dict[str, Any]:
    stage, n = task
    ident = f"{run['id']}/{stage}/{n}"
    where = place(
        Band(run["band"]),
        started=started,
        deadline_ms=run.get("deadline_ms"),
        criticality=run.get("criticality") or 0,
        created_ms=run["place_ms"],
        ident=ident,
    )
    return {
        "id": ident,
        "run": run["id"],
        "stage": stage,
        "n": n,
        "state": TaskState.READY.value,
        "source": source,
        "reads": (workflow.stage(stage).uses if not stage.startswith(UNDO) else "") in READING,
        "place": where,
        "queue": where,
        "attempt": 0,
        "tries": 0,
        "done": 0,
    }


def chunk_id(run: str, name: str, n: int) -> str:
    return f"{run}/{name}/{n}"


async def keep_chunk(graph: GraphSession, *, run: str, name: str, n: int, data: str) -> None:
    """Keep what a stage hands to a later one, under its lease; raises ``LeaseLost``. It is dropped with the end of the run."""

    async def work(tx: Transaction) -> None:
        await hold(tx)
        await writes.keep_chunk(tx, run=run, ident=chunk_id(run, name, n), name=name, n=n, data=data)

    await graph.write("run.keep_chunk", work)
