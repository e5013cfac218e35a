"""Propagation entry points: where the job stands, what is blocked and switched off, and computing it anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry

from cypher.propagation import reads
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.errors import ForbiddenError, InvalidInputError, NotFoundError
from graph_api.paging import After, Before, Connection, First, Last, Page
from ingest.commands import propagation as commands
from ingest.propagation import plan_all
from schema.domain.identity import Permission
from schema.domain.time import moment
from schema.ports import SystemClock
from schema.settings import settings

Reason = Annotated[str, strawberry.argument(description="Why; kept, and in the audit trail.")]


@strawberry.type(description="Where the job stands that keeps what columns inherit.")
class PropagationState:
    pending: int = strawberry.field(description="How many changed columns it has yet to look at.")
    lag_seconds: float = strawberry.field(
        description="How long the oldest of them waits; 0 where nothing waits."
    )
    whole: bool = strawberry.field(description="Whether everything is to be computed anew.")
    last_run_at: datetime | None = strawberry.field(
        description="When it last changed something; null before it did."
    )
    last_looked_at: int = strawberry.field(description="How many columns its last run looked at.")
    last_changed: int = strawberry.field(
        description="Of how many of them it changed what they inherit, counted per classification."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        noted, since = row["state"] or {}, moment(row["since"])
        waits = (SystemClock().now() - since).total_seconds() if since else 0.0
        return cls(
            pending=row["pending"],
            lag_seconds=max(0.0, waits),
            whole=bool(noted.get("whole")),
            last_run_at=moment(noted.get("ended_at")),
            last_looked_at=noted.get("looked_at") or 0,
            last_changed=noted.get("changed") or 0,
        )


@strawberry.type(description="That a classification is not inherited in an asset, or nowhere.")
class PropagationBlock:
    block_id: str = strawberry.field(description="Its identity.")
    classification: str = strawberry.field(description="Name of the classification.")
    under: str | None = strawberry.field(
        description="Urn of the asset in which, itself included; null for everywhere."
    )
    reason: str = strawberry.field(description="Why.")
    by: str = strawberry.field(description="Who blocked it.")
    at: datetime | None = strawberry.field(description="When.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            block_id=row["id"],
            classification=row["classification"],
            under=row.get("under"),
            reason=row["reason"],
            by=row["by"],
            at=moment(row["at"]),
        )


@strawberry.type(description="A page of blocks, newest first.")
class PropagationBlockConnection(Connection[PropagationBlock]): ...


@strawberry.type
class PropagationQueries:
    @strawberry.field(
        description="Where the job stands that keeps what columns inherit.", extensions=[Compiled()]
    )
    async def propagation_state(self, info: Info) -> PropagationState:
        return PropagationState.of(await reads.state(info.context.graph))

    @strawberry.field(
        description="What must not be inherited where, newest first, of places that the caller may see.",
        extensions=[Compiled()],
    )
    async def propagation_blocks(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> PropagationBlockConnection:
        page = Page.of("propagationBlocks", (str, str), first=first, after=after, last=last, before=before)
        rows = await reads.blocks(info.context.graph, info.context.scope, **page.keyset)
        return PropagationBlockConnection.of(
            page, rows, key=lambda row: (row["at"], row["id"]), node=PropagationBlock.of
        )


@strawberry.type(description="The switch is as wanted.")
class PropagationSetSuccess:
    changed: bool = strawberry.field(description="Whether it was otherwise before.")


@strawberry.type(description="The classification is blocked there.")
class PropagationBlockSuccess:
    block_id: str = strawberry.field(description="Identity of the block.")


@strawberry.type(description="The block is gone.")
class PropagationUnblockSuccess:
    block_id: str = strawberry.field(description="Identity of what was the block.")


@strawberry.type(description="What computing everything anew changes, or that it is asked for.")
class PropagationRecomputeSuccess:
    queued: bool = strawberry.field(description="Whether a worker will do it; false for a preview.")
    columns: int | None = strawberry.field(
        description="How many columns were looked at; null unless a preview."
    )
    given: int | None = strawberry.field(
        description="How many more would inherit something, counted per classification; null unless a preview."
    )
    changed: int | None = strawberry.field(
        description="How many would for other reasons; null unless a preview."
    )
    withdrawn: int | None = strawberry.field(
        description="How many would inherit something no more; null unless a preview."
    )


PropagationSetResult = Annotated[
    PropagationSetSuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union("PropagationSetResult", description="The switch, or why it stays."),
]
PropagationBlockResult = Annotated[
    PropagationBlockSuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union("PropagationBlockResult", description="The block, or why there is none."),
]
PropagationUnblockResult = Annotated[
    PropagationUnblockSuccess | NotFoundError | ForbiddenError,
    strawberry.union("PropagationUnblockResult", description="What was blocked, or why it stays."),
]
PropagationRecomputeResult = Annotated[
    PropagationRecomputeSuccess | ForbiddenError,
    strawberry.union("PropagationRecomputeResult", description="What changes, or why nothing does."),
]


@strawberry.type
class PropagationMutations:
    @strawberry.mutation(
        description="Let classifications pass from one column to another that it feeds, or not; kept when lineage is read again. Needs CLASSIFY."
    )
    async def propagation_set(
        self,
        info: Info,
        from_: Annotated[str, strawberry.argument(name="from", description="Urn of the column that feeds.")],
        to: Annotated[str, strawberry.argument(description="Urn of the column that is fed.")],
        enabled: Annotated[bool, strawberry.argument(description="Whether they pass.")],
        reason: Reason,
    ) -> PropagationSetResult:
        changed = await info.context.command(
            commands.set_propagation,
            up=from_,
            down=to,
            enabled=enabled,
            reason=reason,
        )
        return PropagationSetSuccess(changed=changed)

    @strawberry.mutation(
        description="Have a classification inherited by nothing in an asset, or by nothing at all; what is found there itself stays. Needs CLASSIFY."
    )
    async def propagation_block(
        self,
        info: Info,
        classification: Annotated[str, strawberry.argument(description="Name of the classification.")],
        reason: Reason,
        under: Annotated[
            str | None,
            strawberry.argument(
                description="Urn of the asset in which: a column, dataset, schema, database or source; null for everywhere."
            ),
        ] = None,
    ) -> PropagationBlockResult:
        ident = await info.context.command(
            commands.block,
            classification=classification,
            under=under,
            reason=reason,
        )
        return PropagationBlockSuccess(block_id=ident)

    @strawberry.mutation(description="Take a block away. Needs CLASSIFY.")
    async def propagation_unblock(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The blockId.")],
        reason: Reason = "",
    ) -> PropagationUnblockResult:
        await info.context.command(commands.unblock, ident=id, reason=reason)
        return PropagationUnblockSuccess(block_id=id)

    @strawberry.mutation(
        description="Have a worker compute anew what all columns inherit, or tell what that would change. Needs ADMIN."
    )
    async def propagation_recompute(
        self,
        info: Info,
        preview: Annotated[bool, strawberry.argument(description="Whether to only tell.")] = False,
        reason: Annotated[str, strawberry.argument(description="Why, for the audit trail.")] = "",
    ) -> PropagationRecomputeResult:
        context = info.context
        context.principal.require(Permission.ADMIN)
        if not preview:
            await context.command(commands.request_recompute, reason=reason)
            return PropagationRecomputeSuccess(
                queued=True, columns=None, given=None, changed=None, withdrawn=None
            )
        planned = await plan_all(context.graph, settings().propagation_confidence)
        return PropagationRecomputeSuccess(queued=False, columns=planned.looked_at, **planned.counts)
