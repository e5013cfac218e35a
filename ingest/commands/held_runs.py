"""A run inside a transaction that has it locked: what became of a task, what follows, and the rows that say so."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from cypher.orchestration import writes
from ingest.commands.unit import Unit
from ingest.orchestration.actions import READING
from ingest.orchestration.holds import breaker_of, breaker_text
from ingest.orchestration.outcomes import Done, Failed, Outcome, Settled
from ingest.orchestration.rules import RULES, workflow_of
from schema.domain.dispatch import Band, place
from schema.domain.orchestration import (
    OVER,
    UNDO,
    StageState,
    StageStatus,
    Step,
    TaskState,
    advance,
    merged_facts,
)
from schema.domain.retries import after_failure, after_success
from schema.domain.scans import FINAL, Problem, RunState, ScanStage, Severity
from schema.domain.sources import ScanOptions
from schema.domain.time import stored
from schema.domain.workflows import Stage, Workflow
from schema.errors import Conflict
from schema.ports import SystemClock

_CLOCK = SystemClock()


class HeldRun:
    """A run inside a transaction that has it locked."""

    def __init__(self, run: dict[str, Any], source: dict[str, Any], workflow: Workflow, stages: Any) -> None:
        self.run, self.source, self.workflow = run, source, workflow
        self.rows: dict[str, dict[str, Any]] = {row["name"]: row for row in stages}
        self.stages = {name: _status(row) for name, row in self.rows.items()}
        self.busy: Sequence[str] = ()
        self._changed: dict[str, Any] = {}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> HeldRun:
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
            return replace(undone, name=stage, uses=undone.compensate, arguments=undone.compensate_with)
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
        step = advance(self.workflow, self.state, self.stages, facts_of(self.run, self.source), RULES)
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
            stages=stage_rows(self.ident, self.rows, step, unit.at, self.workflow),
            tasks=[task_row(self.run, urn, each, self.workflow, started=started) for each in step.tasks],
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


def _dead(stage: str, outcome: Failed, source: Mapping[str, Any]) -> Problem:
    place = ScanStage.of(stage)
    return Problem(place, "DEAD_LETTER", str(source["name"]), outcome.error, Severity.ERROR)


def facts_of(run: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    options = json.loads(run.get("options") or "{}") or json.loads(source.get("options") or "{}")
    return {
        "run": {
            "id": run["id"],
            "workflow": run["workflow"],
            "trigger": run["trigger"],
            "band": run["band"],
            "error": run.get("error") or "",
            "options": asdict(ScanOptions(**options)),
        },
        "inputs": json.loads(run.get("inputs") or "{}"),
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


def stage_rows(
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


def task_row(
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
