"""Run entry points: parse, read or command, map."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from cypher.orchestration import reads as orchestration
from cypher.runs import reads
from graph_api.arguments import Reason
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import Band, RunState
from graph_api.errors import (
    BadWorkflowError,
    ConditionFailedError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from graph_api.paging import After, Before, First, Last, Page
from graph_api.scans import loaders
from graph_api.scans.changes import RunChange, UndoCount, undo_counts
from graph_api.scans.changing import changed, run_now, signal
from graph_api.scans.queue import Queue
from graph_api.scans.types import Run, RunConnection
from graph_api.sources import loaders as source_loaders
from graph_api.values import values_of
from ingest.commands import runs
from ingest.commands import scans as commands
from ingest.commands import undo as undoing
from ingest.commands.delegations import require_approver
from schema.domain import dispatch as bands
from schema.domain.identity import Permission
from schema.domain.sources import source_urn

RunId = Annotated[str, strawberry.argument(description="The runId of a run.")]


@strawberry.input(description="Narrows a list of runs; all that is given must hold.")
class RunFilter:
    source: str | None = strawberry.field(default=None, description="Name of the source.")
    states: list[RunState] | None = strawberry.field(default=None, description="One of these states.")


@strawberry.type
class ScanQueries:
    @strawberry.field(description="Runs, newest first.", extensions=[Compiled()])
    async def runs(
        self,
        info: Info,
        filter: Annotated[RunFilter | None, strawberry.argument(description="Narrows the list.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> RunConnection:
        page = Page.of("runs", (str, str), first=first, after=after, last=last, before=before)
        given = filter or RunFilter()
        rows = await reads.page(
            info.context.graph,
            info.context.scope,
            source=str(source_urn(given.source)) if given.source else None,
            states=values_of(given.states),
            **page.keyset,
        )
        return RunConnection.of(page, rows, key=lambda row: (row["created_at"], row["id"]), node=Run.of)

    @strawberry.field(
        description="What waits for workers and who works, now. Needs SCAN.", extensions=[Compiled()]
    )
    async def queue(self, info: Info) -> Queue:
        info.context.require(Permission.SCAN)
        return Queue.of(await orchestration.queue_state(info.context.graph))

    @strawberry.field(
        description="One run by its runId; null where there is none or the caller may not see its source.",
        extensions=[Compiled()],
    )
    async def run(self, info: Info, id: RunId) -> Run | None:
        row = await info.context.loader(loaders.by_ids).load(id)
        return None if row is None else Run.of(row)


@strawberry.type(description="The scan waits for a worker.")
class ScanStartSuccess:
    run: Run = strawberry.field(description="The new run.")


@strawberry.type(description="The run begins nothing more.")
class ScanPauseSuccess:
    run: Run = strawberry.field(description="The run as it is now.")


@strawberry.type(description="The run goes on.")
class ScanResumeSuccess:
    run: Run = strawberry.field(description="The run as it is now.")


@strawberry.type(description="Dead letters of the run are tried again.")
class ScanReplaySuccess:
    run: Run = strawberry.field(description="The run as it is now.")


@strawberry.type(description="It was decided about the run.")
class ScanApproveSuccess:
    run: Run = strawberry.field(description="The run as it is now.")


@strawberry.type(description="The run stops, or has stopped.")
class ScanCancelSuccess:
    run: Run = strawberry.field(description="The run as it is now.")


@strawberry.type(description="What the undo of a run did, or would do, of what the caller may see.")
class ScanUndoSuccess:
    run: Run = strawberry.field(description="The run as it is now.")
    dry_run: bool = strawberry.field(description="Whether nothing was written.")
    counts: list[UndoCount] = strawberry.field(description="How many changes come to which end.")
    conflicts: list[RunChange] = strawberry.field(
        description="Changes that are left alone because of something later; the first hundred."
    )


ScanUndoResult = Annotated[
    ScanUndoSuccess | NotFoundError | ConflictError | ForbiddenError,
    strawberry.union("ScanUndoResult", description="What was taken back, or why nothing was."),
]
ScanStartResult = Annotated[
    ScanStartSuccess
    | NotFoundError
    | ConflictError
    | ForbiddenError
    | InvalidInputError
    | BadWorkflowError
    | ConditionFailedError,
    strawberry.union("ScanStartResult", description="The new run, or why there is none."),
]
ScanPauseResult = Annotated[
    ScanPauseSuccess | NotFoundError | ConflictError | ForbiddenError,
    strawberry.union("ScanPauseResult", description="The run as it is now, or why it goes on."),
]
ScanResumeResult = Annotated[
    ScanResumeSuccess | NotFoundError | ConflictError | ForbiddenError,
    strawberry.union("ScanResumeResult", description="The run as it is now, or why it does not go on."),
]
ScanReplayResult = Annotated[
    ScanReplaySuccess | NotFoundError | ConflictError | ForbiddenError,
    strawberry.union("ScanReplayResult", description="The run as it is now, or why nothing is tried again."),
]
ScanApproveResult = Annotated[
    ScanApproveSuccess | NotFoundError | ConflictError | ForbiddenError | InvalidInputError,
    strawberry.union("ScanApproveResult", description="The run as it is now, or why nothing was decided."),
]
ScanCancelResult = Annotated[
    ScanCancelSuccess | NotFoundError | ConflictError | ForbiddenError,
    strawberry.union("ScanCancelResult", description="The run, or why it goes on."),
]


@strawberry.type
class ScanMutations:
    @strawberry.mutation(
        description="Scan a registered source now, by the workflow that its plan names. Needs SCAN."
    )
    async def scan_start(
        self,
        info: Info,
        source: Annotated[str, strawberry.argument(description="Name of the source.")],
        band: Annotated[
            Band | None,
            strawberry.argument(description="How urgent it is; as the source's plan says where null."),
        ] = None,
        deadline: Annotated[
            datetime | None, strawberry.argument(description="By when it should be done.")
        ] = None,
        reason: Reason = "",
    ) -> ScanStartResult:
        context = info.context
        context.require(Permission.SCAN)
        await source_loaders.visible(context, source)
        ident = await context.command(
            commands.request,
            source=source,
            band=None if band is None else bands.Band(band.value),
            deadline=deadline,
            reason=reason,
        )
        await signal(context)
        return ScanStartSuccess(run=await run_now(context, ident))

    @strawberry.mutation(description="Begin nothing more of a run until it is resumed. Needs SCAN.")
    async def scan_pause(self, info: Info, run: RunId, reason: Reason = "") -> ScanPauseResult:
        return ScanPauseSuccess(run=await changed(info, runs.pause, run, reason=reason))

    @strawberry.mutation(description="Go on with a paused run. Needs SCAN.")
    async def scan_resume(self, info: Info, run: RunId, reason: Reason = "") -> ScanResumeResult:
        return ScanResumeSuccess(run=await changed(info, runs.resume, run, reason=reason))

    @strawberry.mutation(
        description="Let a run that waits for approval begin, or end it; not by who asked for it. Needs APPROVE, or a delegation by who has it."
    )
    async def scan_approve(
        self,
        info: Info,
        run: RunId,
        approved: Annotated[bool, strawberry.argument(description="Whether it may begin.")],
        reason: Annotated[
            str, strawberry.argument(description="Why; kept with the run and in the audit trail.")
        ],
    ) -> ScanApproveResult:
        context = info.context
        await context.command(require_approver)
        await run_now(context, run)
        await context.command(runs.approve, run=run, approved=approved, reason=reason)
        await signal(context)
        return ScanApproveSuccess(run=await run_now(context, run))

    @strawberry.mutation(
        description="Try the dead letters of a run again; a run that failed by them goes on. Needs SCAN."
    )
    async def scan_replay(
        self,
        info: Info,
        run: RunId,
        tasks: Annotated[
            list[str] | None, strawberry.argument(description="The taskIds of some; all where null.")
        ] = None,
        reason: Reason = "",
    ) -> ScanReplayResult:
        return ScanReplaySuccess(run=await changed(info, runs.replay, run, tasks=tasks, reason=reason))

    @strawberry.mutation(
        description="Take back what a run changed and nothing changed since; a dry run only tells what that is. Needs SCAN."
    )
    async def scan_undo(
        self,
        info: Info,
        run: RunId,
        dry_run: Annotated[
            bool, strawberry.argument(description="Whether to tell what would be done, and write nothing.")
        ],
        reason: Reason = "",
    ) -> ScanUndoResult:
        context = info.context
        context.require(Permission.SCAN)
        await run_now(context, run)
        done = await context.command(undoing.undo_run, run=run, dry_run=dry_run, reason=reason)
        return ScanUndoSuccess(
            run=await run_now(context, run),
            dry_run=dry_run,
            counts=undo_counts(done.tally),
            conflicts=[RunChange.of(each) for each in done.tally.conflicts],
        )

    @strawberry.mutation(
        description="Ask a run to stop. Needs SCAN, or to have asked for the run, as for a preview of classifiers."
    )
    async def scan_cancel(self, info: Info, run: RunId, reason: Reason = "") -> ScanCancelResult:
        return ScanCancelSuccess(run=await changed(info, runs.cancel, run, own=True, reason=reason))
