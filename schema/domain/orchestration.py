"""The life of a run as a state machine: which stages begin, which are skipped, when it ends. Decides; reads and writes nothing.

A run holds stages, a stage tasks (one, or one for each batch it fans out over), a task attempts. Whoever changed the state of a task asks
``advance`` what follows, and stores the answer in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from schema.domain.scans import FINAL, RunState
from schema.domain.workflows import Inside, OnFailure, Stage, Workflow
from schema.errors import PursightError

UNDO = "undo:"
MOST_BATCHES = 10_000


class StageState(StrEnum):
    """BLOCKED waits for other stages, RUNNING has tasks; the others are final."""

    BLOCKED = "BLOCKED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"


class TaskState(StrEnum):
    """READY waits for a worker, PARKED for a time; FAILED is a dead letter: it was tried as often as it may be."""

    READY = "READY"
    PARKED = "PARKED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


OVER = frozenset({StageState.SUCCEEDED, StageState.FAILED, StageState.SKIPPED, StageState.CANCELLED})
TASK_OVER = frozenset({TaskState.SUCCEEDED, TaskState.FAILED, TaskState.CANCELLED})


@dataclass(frozen=True, slots=True)
class StageStatus:
    """Where a stage stands: of ``batches`` tasks so many were ``released`` to the queue, ``done``, ``failed`` or ``cancelled``."""

    state: StageState = StageState.BLOCKED
    batches: int = 0
    released: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""

    @property
    def in_flight(self) -> int:
        """Tasks that are in the queue or with a worker."""
        return self.released - self.done - self.failed - self.cancelled


class Rules:
    """How conditions are answered: by whoever can read their language. Both may raise ``PursightError``."""

    def __init__(
        self,
        holds: Callable[[Stage, Mapping[str, Any]], bool],
        count: Callable[[Stage, Mapping[str, Any]], int],
    ) -> None:
        self.holds, self.count = holds, count


@dataclass(frozen=True, slots=True)
class Step:
    """What follows: the state of the run, of every stage, and the tasks to make, as (stage, number) pairs."""

    run: RunState
    stages: Mapping[str, StageStatus]
    tasks: tuple[tuple[str, int], ...] = ()
    error: str = ""


def begin(workflow: Workflow) -> dict[str, StageStatus]:
    """The stages of a run that nobody has looked at yet."""
    return {stage.name: StageStatus() for stage in workflow.stages}


def known(
    facts: Mapping[str, Any], stages: Mapping[str, StageStatus], names: Iterable[str], inside: Inside | None
) -> dict[str, Any]:
    """What conditions ``inside`` a sub-workflow, or of the run itself, see: ``facts``, the inputs there, and of ``stages`` those ``names``.

    Facts of a sub-workflow are within those of the stage that runs it: ``stages.scan.discover.changed``.
    """
    prefix, told = inside.prefix if inside else "", dict[str, Any]()
    for name in sorted(names):
        if name.startswith(prefix):
            at = told
            for part in name.removeprefix(prefix).split("."):
                at = at.setdefault(part, {})
            at |= dict(stages[name].facts) | {"state": stages[name].state.value}
    return {**facts, "stages": told} | ({"inputs": dict(inside.inputs)} if inside else {})


def advance(
    workflow: Workflow,
    run: RunState,
    stages: Mapping[str, StageStatus],
    facts: Mapping[str, Any],
    rules: Rules,
) -> Step:
    """What follows from the states of all stages; asking again of its own answer changes nothing.

    ``facts`` are those of the run and its source; the facts of finished stages are added as ``stages``.
    """
    if run in FINAL or run in (RunState.PAUSED, RunState.AWAITING_APPROVAL):
        return Step(run, dict(stages))
    machine = _Machine(workflow, dict(stages), facts, rules)
    if run is RunState.CANCELLING:
        return machine.wind_up(RunState.CANCELLED)
    machine.go_on()
    if machine.failed:
        return machine.wind_up(RunState.FAILED)
    over = all(machine.stages[stage.name].state in OVER for stage in workflow.stages)
    unfinished = run if run is RunState.QUEUED else RunState.RUNNING
    state = RunState.SUCCEEDED if over else unfinished
    return Step(state, machine.stages, tuple(machine.tasks))


class _Machine:
    def __init__(
        self, workflow: Workflow, stages: dict[str, StageStatus], facts: Mapping[str, Any], rules: Rules
    ) -> None:
        self.workflow, self.stages, self.rules = workflow, stages, rules
        self.facts = facts
        self.tasks: list[tuple[str, int]] = []

    @property
    def failed(self) -> Stage | None:
        """The first stage whose failure fails the run."""
        for stage in self.workflow.stages:
            if stage.on_failure is OnFailure.FAIL and (
                self.stages[stage.name].state is StageState.FAILED or self.stages[stage.name].failed
            ):
                return stage
        return None

    def go_on(self) -> None:
        """Settle stages whose tasks are over, and begin those that wait for nothing any more; the order of stages suffices."""
        for stage in self.workflow.stages:
            status = self.stages[stage.name]
            if (
                status.state is StageState.BLOCKED
                and not self.failed
                and all(self.stages[name].state in OVER for name in stage.after)
            ):
                status = self._begun(stage)
            if status.state is StageState.RUNNING and not self.failed:
                status = self._released(stage.name, status, stage.parallel, stage.on_failure)
            self.stages[stage.name] = status

    def _begun(self, stage: Stage) -> StageStatus:
        try:
            if (gate := self._closed(stage)) is not None:
                return StageStatus(StageState.SKIPPED, reason=gate)
            batches = self.rules.count(stage, self._known(stage, stage.inside)) if stage.for_each else 1
        except PursightError as error:
            return StageStatus(StageState.FAILED, reason=f"{error.code}: {error.message}")
        if batches > MOST_BATCHES:
            return StageStatus(StageState.FAILED, reason=f"{batches} batches, more than {MOST_BATCHES}")
        if stage.workflow:  # its stages are those of the run, and they are over
            batches = 0
        return StageStatus(StageState.RUNNING, batches=max(0, batches))

    def _closed(self, stage: Stage) -> str | None:
        """Why a stage does not run: its own condition, or that of a stage which runs the workflow it is part of."""
        gates = [(stage.inside, stage.condition, "its condition does not hold")]
        around = stage.inside
        while around is not None:
            why = f"the condition of {around.prefix.rstrip('.')} does not hold"
            gates.append((around.within, around.condition, why))
            around = around.within
        for inside, condition, why in reversed(gates):  # what is within may speak of what only then is there
            asked = replace(stage, condition=condition)
            if condition and not self.rules.holds(asked, self._known(stage, inside)):
                return why
        return None

    def _known(self, stage: Stage, inside: Inside | None) -> dict[str, Any]:
        return known(self.facts, self.stages, self.workflow.before(stage.name), inside)

    def _released(
        self, name: str, status: StageStatus, parallel: int, on_failure: OnFailure = OnFailure.FAIL
    ) -> StageStatus:
        stopped = status.failed and on_failure is OnFailure.FAIL
        more = 0 if stopped else min(parallel - status.in_flight, status.batches - status.released)
        self.tasks += [(name, status.released + n) for n in range(more)]
        status = replace(status, released=status.released + max(0, more))
        if status.in_flight or (not stopped and status.released < status.batches):
            return status
        ended = StageState.FAILED if status.failed else StageState.SUCCEEDED
        return replace(status, state=ended)

    def wind_up(self, end: RunState) -> Step:
        """Begin nothing more, wait for what is in flight, take back what says how, then end."""
        running = {n: s for n, s in self.stages.items() if s.in_flight and not n.startswith(UNDO)}
        for name, status in self.stages.items():
            if status.state not in OVER and name not in running and not name.startswith(UNDO):
                self.stages[name] = replace(status, state=_ended(status))
        failed = self.failed
        error = "" if failed is None or end is not RunState.FAILED else self._why(failed)
        unfinished = RunState.CANCELLING if end is RunState.CANCELLED else RunState.RUNNING
        if running:
            return Step(unfinished, self.stages, tuple(self.tasks), error)
        for stage in reversed(self.workflow.stages):
            if not stage.compensate or not self._did(stage):
                continue
            name = UNDO + stage.name
            status = self.stages.get(name) or StageStatus(StageState.RUNNING, batches=1)
            if status.state is StageState.RUNNING:
                self.stages[name] = self._released(name, status, 1)
            if self.stages[name].state not in OVER:  # one after the other, last stage first
                return Step(unfinished, self.stages, tuple(self.tasks), error)
        return Step(end, self.stages, tuple(self.tasks), error)

    def _did(self, stage: Stage) -> bool:
        """Whether there is something to take back: a task of the stage, or of the workflow that it runs, succeeded."""
        if not stage.workflow:
            return self.stages[stage.name].done > 0
        return any(status.done for name, status in self.stages.items() if name.startswith(f"{stage.name}."))

    def _why(self, stage: Stage) -> str:
        reason = self.stages[stage.name].reason
        return f"Stage {stage.name} failed{': ' + reason if reason else ''}."


def _ended(status: StageStatus) -> StageState:
    """The last state of a stage whose run winds up: what it has done is not denied."""
    if status.failed:
        return StageState.FAILED
    whole = status.state is StageState.RUNNING and status.done == status.batches
    return StageState.SUCCEEDED if whole else StageState.CANCELLED


def progress(stages: Sequence[tuple[str, int, int]]) -> tuple[int, int | None]:
    """Batches done and in all, of stages as (state, batches, done); the second is None while a stage has not begun.

    Before that nobody knows over how many batches it fans out.
    """
    if any(state == StageState.BLOCKED for state, _, _ in stages):
        return 0, None
    return sum(done for _, _, done in stages), sum(batches for _, batches, _ in stages)


def merged_facts(before: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a stage over its batches: numbers add up, truths must all hold, of other values the last stays."""
    merged = dict(before)
    for name, value in more.items():
        known = merged.get(name)
        if isinstance(value, bool):
            merged[name] = value and known is not False
        elif isinstance(value, int | float) and isinstance(known, int | float):
            merged[name] = known + value
        else:
            merged[name] = value
    return merged
