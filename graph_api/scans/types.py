"""Runs and what they report, as the API shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self

import strawberry

from graph_api.context import Info
from graph_api.enums import Band, RunAspect, RunState, ScanStage, Severity, StageState, TaskState, UndoState
from graph_api.node import Node, global_id
from graph_api.paging import After, Before, Connection, First, Last, Page
from graph_api.scans import loaders
from graph_api.scans.changes import RunChange, RunChangeConnection, RunChangeCount
from graph_api.sources import loaders as source_loaders
from graph_api.sources.types import Source
from graph_api.values import Long, stored_json
from schema.domain.forecasts import remaining
from schema.domain.orchestration import progress
from schema.domain.scans import ScanStage as Stages
from schema.domain.time import moment
from schema.ports import SystemClock

_COUNT = "count_"


@strawberry.type(description="Something a run could not do.")
class ScanProblem:
    stage: ScanStage = strawberry.field(description="The stage it happened in.")
    code: str = strawberry.field(description="Stable name of the problem, for programs.")
    subject: str = strawberry.field(description="The object it is about.")
    message: str = strawberry.field(description="What happened; no data value and no secret.")
    severity: Severity = strawberry.field(description="How bad it is.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            stage=ScanStage(row["stage"]),
            code=row["code"],
            subject=row["subject"],
            message=row["message"],
            severity=Severity(row["severity"]),
        )


@strawberry.type(description="A page of problems, in the order they were met.")
class ScanProblemConnection(Connection[ScanProblem]): ...


@strawberry.type(description="How many of one thing a run counted.")
class RunCount:
    name: str = strawberry.field(description="What was counted.")
    count: Long = strawberry.field(description="How many.")


@strawberry.type(
    description="Something that conditions of a workflow see: what a stage found out, or an input."
)
class Fact:
    name: str = strawberry.field(description="What it is called in conditions.")
    value: str = strawberry.field(description="The value as JSON.")


@strawberry.type(description="One stage of a run.")
class RunStage:
    row: strawberry.Private[Mapping[str, Any]]
    name: str = strawberry.field(
        description="Its name in the workflow; `undo:` begins those that take back another."
    )
    batches: int = strawberry.field(description="Over how many tasks it fans out.")
    done: int = strawberry.field(description="Tasks that succeeded.")
    failed: int = strawberry.field(description="Tasks that were given up.")
    reason: str | None = strawberry.field(description="Why it was skipped or failed.")
    started_at: datetime | None = strawberry.field(description="When its first task was made.")
    finished_at: datetime | None = strawberry.field(description="When it was over.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            row=row,
            name=row["name"],
            batches=row["batches"],
            done=row["done"],
            failed=row["failed"],
            reason=row.get("reason") or None,
            started_at=moment(row.get("started_at")),
            finished_at=moment(row.get("finished_at")),
        )

    @strawberry.field(description="Where it stands.")
    def state(self) -> StageState:
        return StageState(self.row["state"])

    @strawberry.field(description="What it found out, by name.")
    def facts(self) -> list[Fact]:
        known = stored_json(self.row["facts"]) or {}
        return [Fact(name=name, value=json.dumps(known[name])) for name in sorted(known)]


@strawberry.type(description="One try at a task.")
class RunAttempt:
    number: int = strawberry.field(description="Counts from 1.")
    worker: str = strawberry.field(description="Who tried.")
    state: str = strawberry.field(
        description="How it ended: RUNNING, SUCCEEDED, FAILED, STOPPED or HANDED_BACK."
    )
    kind: str | None = strawberry.field(description="What kind of failure it was.")
    error: str | None = strawberry.field(description="Why it failed; no data value and no secret.")
    started_at: datetime | None = strawberry.field(description="When the worker took it.")
    waited_ms: Long = strawberry.field(description="How long it had waited for a worker, milliseconds.")
    took_ms: Long | None = strawberry.field(description="How long it took, milliseconds; null while it runs.")
    limited_ms: Long = strawberry.field(
        description="How long of that it waited for the requests per minute that the plan of its source allows, milliseconds."
    )


@strawberry.type(description="One batch of a stage, which one worker at a time has under a lease.")
class RunTask:
    row: strawberry.Private[Mapping[str, Any]]
    task_id: str = strawberry.field(description="Its identity: run, stage and number.")
    stage: str = strawberry.field(description="Name of its stage.")
    number: int = strawberry.field(description="Which batch of the stage it is; counts from 0.")
    held: str | None = strawberry.field(
        description="Why it waits though it could run: RETRY, SOURCE_BUSY, BLACKOUT, BUDGET, CIRCUIT, DEPENDENCY, SUSPECT, EXTRAS or PAUSED."
    )
    error: str | None = strawberry.field(description="Why its last try failed.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            row=row,
            task_id=row["id"],
            stage=row["stage"],
            number=row["n"],
            held=row.get("held"),
            error=row.get("error"),
        )

    @strawberry.field(description="Where it stands.")
    def state(self) -> TaskState:
        return TaskState(self.row["state"])

    @strawberry.field(description="Tries at it, the last one first, twenty at most.")
    def attempts(self) -> list[RunAttempt]:
        return [
            RunAttempt(
                number=each["number"],
                worker=each["worker"],
                state=each["state"],
                kind=each.get("kind"),
                error=each.get("error"),
                started_at=moment(each["started_at"]),
                waited_ms=Long(each["waited_ms"]),
                took_ms=None if each.get("took_ms") is None else Long(each["took_ms"]),
                limited_ms=Long(each.get("limited_ms") or 0),
            )
            for each in self.row["attempts"]
        ]


@strawberry.type(description="A page of tasks, by stage and number.")
class RunTaskConnection(Connection[RunTask]): ...


@strawberry.type(description="When a run is likely to be over; four of five are within the interval.")
class RunForecast:
    at: datetime = strawberry.field(description="The middle: half of such runs are over by then.")
    earliest: datetime = strawberry.field(description="Beginning of the interval.")
    latest: datetime = strawberry.field(description="End of the interval.")
    basis: str = strawberry.field(description="What it rests on.")


@strawberry.type(description="A run that needs somebody to agree, and what was decided.")
class RunApproval:
    why: str = strawberry.field(description="Why it needs approval.")
    until: datetime | None = strawberry.field(description="When it ends where nobody decides.")
    decided_by: str | None = strawberry.field(description="Who decided; null where nobody has.")
    on_behalf_of: str | None = strawberry.field(
        description="In whose place, where who decided had the right from somebody else."
    )
    decided_at: datetime | None = strawberry.field(description="When.")
    reason: str | None = strawberry.field(description="Why it was decided so.")


@strawberry.type(description="By what a run was made, as it was when it was asked for.")
class RunRecipe:
    connector: str = strawberry.field(description="Kind of connector.")
    config_digest: str = strawberry.field(
        description="SHA-256 of the sealed configuration; another one after each registration."
    )
    options: str = strawberry.field(description="The options that were in force, as JSON.")
    workflow_digest: str = strawberry.field(description="The version of the workflow.")
    rules_version: str = strawberry.field(description="The version of the rules that classify.")


@strawberry.type(description="The undo of a run.")
class RunUndo:
    state: UndoState = strawberry.field(description="How far it is.")
    by: str = strawberry.field(description="Who asked for it.")
    began_at: datetime | None = strawberry.field(description="When it was begun.")
    at: datetime | None = strawberry.field(description="When it was done; null while it is not.")


@strawberry.type(description="One run of a workflow over one source; a scan is one.")
class Run(Node):
    row: strawberry.Private[Mapping[str, Any]]
    run_id: str = strawberry.field(description="Readable identity, as the command line and logs show it.")
    done: Long = strawberry.field(description="Objects of the present stage that are done.")
    total: Long | None = strawberry.field(description="Objects of the present stage; null while unknown.")
    attempt: int = strawberry.field(description="How many attempts at its tasks workers made.")
    requested_by: str = strawberry.field(description="Who asked for it.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When a worker first took it.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")
    error: str | None = strawberry.field(description="Why it failed.")
    problem_count: int = strawberry.field(description="How many problems it met.")
    workflow: str = strawberry.field(description="Name of the workflow it follows.")
    workflow_version: int | None = strawberry.field(
        description="Which version of it, to the end of the run; null for one that is built in."
    )
    trigger: str = strawberry.field(
        description="What started it: MANUAL, SCHEDULE, DEPENDENCY, REPLAY or VOCABULARY."
    )
    deadline: datetime | None = strawberry.field(description="By when it should be done; null without one.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        created = moment(row["created_at"])
        assert created is not None
        return cls(
            id=global_id("Run", row["key"]),
            row=row,
            run_id=row["id"],
            done=Long(row.get("done") or 0),
            total=None if row.get("total") is None else Long(row["total"]),
            attempt=row.get("attempt") or 0,
            requested_by=row.get("requested_by") or "",
            created_at=created,
            started_at=moment(row.get("started_at")),
            finished_at=moment(row.get("finished_at")),
            error=row.get("error"),
            problem_count=row.get("problem_count") or 0,
            workflow=row.get("workflow") or "",
            workflow_version=row.get("workflow_version"),
            trigger=row.get("trigger") or "MANUAL",
            deadline=None
            if row.get("deadline_ms") is None
            else datetime.fromtimestamp(row["deadline_ms"] / 1_000, UTC),
        )

    @strawberry.field(description="Where it stands.")
    def state(self) -> RunState:
        return RunState(self.row["state"])

    @strawberry.field(description="The present or last stage; null before the first.")
    def stage(self) -> ScanStage | None:
        return ScanStage(Stages.of(self.row["stage"]).value) if self.row.get("stage") else None

    @strawberry.field(description="How urgent it is.")
    def band(self) -> Band:
        return Band(self.row.get("band") or "NORMAL")

    @strawberry.field(description="Who had to agree to it and what was decided; null where nobody had to.")
    def approval(self) -> RunApproval | None:
        row = self.row
        if not row.get("approval_why"):
            return None
        return RunApproval(
            why=row["approval_why"],
            until=datetime.fromtimestamp(row["approval_until_ms"] / 1_000, UTC),
            decided_by=row.get("approved_by"),
            on_behalf_of=row.get("approved_for"),
            decided_at=moment(row.get("approved_at")),
            reason=row.get("approval_reason"),
        )

    @strawberry.field(description="What the workflow was given, with what was left out, by name.")
    def inputs(self) -> list[Fact]:
        given = stored_json(self.row.get("inputs") or "{}") or {}
        return [Fact(name=name, value=json.dumps(given[name])) for name in sorted(given)]

    @strawberry.field(description="Why it was asked for.")
    def reason(self) -> str:
        return str(self.row.get("reason") or "")

    @strawberry.field(description="By what it was made; null for runs from before that was kept.")
    def recipe(self) -> RunRecipe | None:
        row = self.row
        if not row.get("workflow_digest"):
            return None
        return RunRecipe(
            connector=row["connector"],
            config_digest=row["config_digest"],
            options=row["options_used"],
            workflow_digest=row["workflow_digest"],
            rules_version=row["rules_version"],
        )

    @strawberry.field(description="Its undo; null where nobody asked for one.")
    def undo(self) -> RunUndo | None:
        row = self.row
        if not row.get("undo_state"):
            return None
        return RunUndo(
            state=UndoState(row["undo_state"]),
            by=row["undone_by"],
            began_at=moment(row.get("undo_began_at")),
            at=moment(row.get("undone_at")),
        )

    @strawberry.field(
        description="What it changed, of what the caller may see, with what an undo would do about it now."
    )
    async def changes(
        self,
        info: Info,
        aspect: Annotated[RunAspect, strawberry.argument(description="What kind of thing.")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> RunChangeConnection:
        page = Page.of("changes", (str,), first=first, after=after, last=last, before=before)
        found = await info.context.loader(loaders.changes).load((self.run_id, (page, aspect.value)))
        return RunChangeConnection.of(page, found, key=lambda each: (each.key,), node=RunChange.of)

    @strawberry.field(description="How much it changed of what the caller may see.")
    async def change_counts(self, info: Info) -> list[RunChangeCount]:
        counts = await info.context.loader(loaders.change_counts).load(self.run_id)
        return [RunChangeCount(aspect=RunAspect(each.value), count=Long(n)) for each, n in counts.items()]

    @strawberry.field(
        description="When it is likely to be over, from earlier runs of its source and how far it has come; null unless it runs."
    )
    async def forecast(self, info: Info) -> RunForecast | None:
        if self.row["state"] != "RUNNING" or self.started_at is None:
            return None
        before = await info.context.loader(loaders.forecasts).load(self.row["source_urn"])
        now = SystemClock().now()
        elapsed_s = max((now - self.started_at).total_seconds(), 0.0)
        stages = await info.context.loader(loaders.stages).load(self.run_id)
        done, total = progress([(stage["state"], stage["batches"], stage["done"]) for stage in stages])
        left = remaining(before, elapsed_s, done, total)
        ends = (now + timedelta(seconds=each) for each in (left.point_s, left.low_s, left.high_s))
        at, earliest, latest = ends
        return RunForecast(at=at, earliest=earliest, latest=latest, basis=left.basis)

    @strawberry.field(description="Its stages in order; those that take back others come last.")
    async def stages(self, info: Info) -> list[RunStage]:
        return [RunStage.of(row) for row in await info.context.loader(loaders.stages).load(self.run_id)]

    @strawberry.field(description="Its tasks; with `states: [FAILED]` its dead letters.")
    async def tasks(
        self,
        info: Info,
        states: Annotated[
            list[TaskState] | None, strawberry.argument(description="One of these states.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> RunTaskConnection:
        page = Page.of("tasks", (str,), first=first, after=after, last=last, before=before)
        wanted = None if states is None else tuple(sorted(state.value for state in states))
        rows = await info.context.loader(loaders.tasks).load((self.run_id, (page, wanted)))
        return RunTaskConnection.of(page, rows, key=lambda row: (row["id"],), node=RunTask.of)

    @strawberry.field(description="What it counted so far, by name.")
    def counts(self) -> list[RunCount]:
        return [
            RunCount(name=name.removeprefix(_COUNT), count=Long(value))
            for name, value in sorted(self.row.items())
            if name.startswith(_COUNT)
        ]

    @strawberry.field(description="The source it scans.")
    async def source(self, info: Info) -> Source | None:
        row = await info.context.loader(source_loaders.by_urns).load(self.row["source_urn"])
        return None if row is None else Source.of(row)

    @strawberry.field(description="What it could not do.")
    async def problems(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ScanProblemConnection:
        page = Page.of("problems", (int,), first=first, after=after, last=last, before=before)
        rows = await info.context.loader(loaders.problems).load((self.run_id, page))
        return ScanProblemConnection.of(page, rows, key=lambda row: (row["seq"],), node=ScanProblem.of)


@strawberry.type(description="A page of runs, newest first.")
class RunConnection(Connection[Run]): ...
