"""Judging anew: what waits for it, asking for it, and what it would change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self

import strawberry

from cypher.reclassification import reads
from graph_api.arguments import Reason
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import ReclassificationChangeKind, VerdictStatus
from graph_api.errors import (
    BadWorkflowError,
    ConditionFailedError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from graph_api.paging import After, Before, Connection, First, Last, Page, numbered
from graph_api.scans.changing import run_now, signal
from graph_api.scans.types import Run
from graph_api.sources import loaders as source_loaders
from graph_api.values import Long, values_of
from ingest.commands import reclassification as commands
from ingest.reclassification import current_basis
from schema.domain.identity import Permission
from schema.domain.time import moment
from schema.ports import SystemClock
from schema.settings import settings


@strawberry.type(
    description="A source with datasets that were judged by another vocabulary than is in force."
)
class ReclassificationSource:
    source: str = strawberry.field(description="Name of the source.")
    waiting: int = strawberry.field(
        description="How many of its datasets, of those that the caller may see, nobody looked at since."
    )
    since: datetime | None = strawberry.field(description="When the one was judged that was judged first.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(source=row["source"], waiting=row["waiting"], since=moment(row["since"]))


@strawberry.type(description="A page of sources with datasets that wait to be judged anew, by name.")
class ReclassificationSourceConnection(Connection[ReclassificationSource]): ...


@strawberry.type(
    description="What the vocabulary in force is known by, and what was not yet held against it."
)
class ReclassificationState:
    rows: strawberry.Private[list[dict[str, Any]]]
    version: str = strawberry.field(
        description="What judges columns now: rules, thresholds and models, as one version."
    )
    automatic: bool = strawberry.field(description="Whether workers begin by themselves.")
    waiting: int = strawberry.field(
        description="How many datasets, of those that the caller may see, were judged by another version and not looked at since; 0 once all is as it would be judged now."
    )

    @strawberry.field(description="The sources that hold them, by name.")
    def sources(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ReclassificationSourceConnection:
        page = Page.of("reclassificationSources", (int,), first=first, after=after, last=last, before=before)
        return ReclassificationSourceConnection.of(
            page,
            numbered(page, self.rows),
            key=lambda each: (each[0],),
            node=lambda each: ReclassificationSource.of(each[1]),
        )


@strawberry.type(description="What judging anew would do to one classification of one column.")
class ReclassificationChange:
    urn: str = strawberry.field(description="Urn of the column.")
    path: str = strawberry.field(description="Its dotted path.")
    classification: str = strawberry.field(description="Name of the classification.")
    kind: ReclassificationChangeKind = strawberry.field(description="What it would do.")
    before: float | None = strawberry.field(
        description="How sure it is now, 0 to 1; null where it is not given."
    )
    after: float | None = strawberry.field(
        description="How sure it would be, 0 to 1; null where it would not be given."
    )
    reason_before: str | None = strawberry.field(description="Why it is given now.")
    reason_after: str | None = strawberry.field(
        description="Why it would be: counts and shapes, never a value."
    )
    decided: VerdictStatus | None = strawberry.field(
        description="What a person said of it, which stays; null where nobody did."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            urn=row["urn"],
            path=row["path"],
            classification=row["classification"],
            kind=ReclassificationChangeKind(row["kind"]),
            before=row.get("before"),
            after=row.get("after"),
            reason_before=row.get("reason_before"),
            reason_after=row.get("reason_after"),
            decided=None if row.get("decided") is None else VerdictStatus(row["decided"]),
        )


@strawberry.type(description="A page of what judging anew would change, dataset by dataset.")
class ReclassificationChangeConnection(Connection[ReclassificationChange]): ...


@strawberry.type(description="To how many columns judging anew would do the same with a classification.")
class ReclassificationCount:
    classification: str = strawberry.field(description="Name of the classification.")
    kind: ReclassificationChangeKind = strawberry.field(description="What it would do.")
    columns: Long = strawberry.field(description="To how many columns, of those that the caller may see.")


@strawberry.type(
    description="What a run found that it would change. Nothing of it is written until it is applied."
)
class ReclassificationPreview:
    run_id: str = strawberry.field(description="The run that made it; by this it is applied.")
    source: str = strawberry.field(description="Name of the source.")
    complete: bool = strawberry.field(description="Whether the run is over and found all there is.")
    current: bool = strawberry.field(
        description="Whether what is in force is what was judged by; otherwise it cannot be applied. Of drafts that is so once they are saved, unless something else changed."
    )
    drafts: list[str] = strawberry.field(
        description="Names of the classifiers that were tried before they were saved; empty where what was in force was."
    )
    expires_at: datetime = strawberry.field(description="Until when it is kept.")

    @classmethod
    def of(cls, row: Mapping[str, Any], version: str) -> Self:
        return cls(
            run_id=row["id"],
            source=row["source"],
            complete=row["state"] == "SUCCEEDED",
            current=row["version"] == version,
            drafts=row.get("drafted") or [],
            expires_at=datetime.fromtimestamp(row["expires_ms"] / 1_000, UTC),
        )

    @strawberry.field(description="How many columns by classification and by what would be done.")
    async def counts(self, info: Info) -> list[ReclassificationCount]:
        rows = await reads.change_counts(info.context.graph, self.run_id, info.context.scope)
        return [
            ReclassificationCount(
                classification=row["classification"],
                kind=ReclassificationChangeKind(row["kind"]),
                columns=Long(row["columns"]),
            )
            for row in rows
        ]

    @strawberry.field(description="Each change, of columns that the caller may see.")
    async def changes(
        self,
        info: Info,
        kinds: Annotated[
            list[ReclassificationChangeKind] | None, strawberry.argument(description="Only of these kinds.")
        ] = None,
        classification: Annotated[
            str | None, strawberry.argument(description="Only of this classification.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ReclassificationChangeConnection:
        page = Page.of("reclassificationChanges", (str,), first=first, after=after, last=last, before=before)
        rows = await reads.changes(
            info.context.graph,
            self.run_id,
            info.context.scope,
            kinds=values_of(kinds),
            classification=classification,
            **page.keyset_of_one,
        )
        return ReclassificationChangeConnection.of(
            page, rows, key=lambda row: (row["id"],), node=ReclassificationChange.of
        )


@strawberry.type
class ReclassificationQueries:
    @strawberry.field(
        description="How many datasets wait to be judged anew, since the vocabulary, a threshold or a model changed.",
        extensions=[Compiled()],
    )
    async def reclassification_state(self, info: Info) -> ReclassificationState:
        context, config = info.context, settings()
        basis = await current_basis(context.graph, config.classify_tiers)
        rows = await reads.state(context.graph, basis.ident, context.scope)
        return ReclassificationState(
            rows=rows,
            version=basis.ident,
            automatic=config.reclassify == "automatic",
            waiting=sum(row["waiting"] for row in rows),
        )

    @strawberry.field(
        description="What a run of `reclassify` with dryRun, or of `classifierPreview`, would change; null where there is none, it is not kept any more, or the caller may not see its source.",
        extensions=[Compiled()],
    )
    async def reclassification_preview(
        self,
        info: Info,
        run: Annotated[str, strawberry.argument(description="The runId of the run that made it.")],
    ) -> ReclassificationPreview | None:
        context = info.context
        now_ms = round(SystemClock().now().timestamp() * 1_000)
        row = (await reads.previews(context.graph, [run], context.scope, now_ms=now_ms)).get(run)
        if row is None:
            return None
        basis = await current_basis(context.graph, settings().classify_tiers)
        return ReclassificationPreview.of(row, basis.ident)


@strawberry.type(description="What waits is judged anew, or told, as soon as a worker comes to it.")
class ReclassifySuccess:
    run: Run = strawberry.field(description="The run that does it.")


ReclassifyResult = Annotated[
    ReclassifySuccess
    | NotFoundError
    | ConflictError
    | ForbiddenError
    | InvalidInputError
    | BadWorkflowError
    | ConditionFailedError,
    strawberry.union("ReclassifyResult", description="The run, or why there is none."),
]


@strawberry.type
class ReclassificationMutations:
    @strawberry.mutation(
        description="Have judged anew what changes of the vocabulary, of thresholds or of models concern in a source, and nothing else; what people decided stays. Needs SCAN."
    )
    async def reclassify(
        self,
        info: Info,
        source: Annotated[str, strawberry.argument(description="Name of the source.")],
        dry_run: Annotated[
            bool,
            strawberry.argument(
                description="Whether to only tell what would change, as `reclassificationPreview`; it samples the source and writes no verdict."
            ),
        ] = False,
        preview: Annotated[
            str | None,
            strawberry.argument(
                description="The runId of a preview: what it shows is written, and the source is not asked again."
            ),
        ] = None,
        reason: Reason = "",
    ) -> ReclassifyResult:
        context = info.context
        context.require(Permission.SCAN)
        await source_loaders.visible(context, source)
        ident = await commands.request(
            context.graph,
            context.principal,
            source=source,
            dry_run=dry_run,
            preview=preview or "",
            reason=reason,
        )
        await signal(context)
        return ReclassifySuccess(run=await run_now(context, ident))
