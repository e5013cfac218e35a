"""Samples that somebody else has to approve first, as the API takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry

from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import SampleRequestState
from graph_api.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from graph_api.paging import After, Before, Connection, First, Last, Page
from ingest.commands import sample_requests as commands
from schema.domain import sample_requests as domain
from schema.domain.time import moment


@strawberry.type(description="That somebody asked to read masked rows of a dataset, and what was decided.")
class SampleRequest:
    row: strawberry.Private[Mapping[str, Any]]
    request_id: str = strawberry.field(description="Its identity; the audit trail has it as a subject.")
    urn: str = strawberry.field(description="Urn of the dataset.")
    source: str = strawberry.field(description="Name of the source.")
    columns: list[str] = strawberry.field(description="Names of the columns that are to be read.")
    level: int = strawberry.field(
        description="The highest effective sensitivity among them when they were asked for, 0 to 4."
    )
    purpose: str = strawberry.field(description="What they are for; empty for nothing in particular.")
    reason: str = strawberry.field(description="Why, in the words of who asked.")
    requested_by: str = strawberry.field(description="Who asked.")
    requested_at: datetime | None = strawberry.field(description="When that was.")
    waits_until: datetime | None = strawberry.field(description="Until when somebody may decide.")
    decided_by: str | None = strawberry.field(description="Who decided; null until somebody did.")
    on_behalf_of: str | None = strawberry.field(
        description="Who had given him the right; null where it was his own."
    )
    decided_at: datetime | None = strawberry.field(description="When that was.")
    decision_reason: str | None = strawberry.field(description="Why he decided so.")
    expires_at: datetime | None = strawberry.field(
        description="When the approval ends; null where there is none."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            row=row,
            request_id=row["id"],
            urn=row["dataset"],
            source=row["source"],
            columns=list(row["columns"]),
            level=row["level"],
            purpose=row["purpose"],
            reason=row["reason"],
            requested_by=row["requested_by"],
            requested_at=moment(row["requested_at"]),
            waits_until=moment(row["until"]),
            decided_by=row.get("decided_by"),
            on_behalf_of=row.get("decided_for"),
            decided_at=moment(row.get("decided_at")),
            decision_reason=row.get("decided_reason"),
            expires_at=moment(row.get("expires_at")),
        )

    @strawberry.field(description="How it stands.")
    def state(self) -> SampleRequestState:
        return SampleRequestState(self.row["state"])


@strawberry.type(description="A page of requests for samples, newest first.")
class SampleRequestConnection(Connection[SampleRequest]): ...


@strawberry.type
class SampleRequestQueries:
    @strawberry.field(
        description="Requests for samples, newest first: to who may approve all about what he may see, else the caller's own.",
        extensions=[Compiled()],
    )
    async def sample_requests(
        self,
        info: Info,
        state: Annotated[
            SampleRequestState | None, strawberry.argument(description="How they stand; null for all.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> SampleRequestConnection:
        page = Page.of("sampleRequests", (str, str), first=first, after=after, last=last, before=before)
        rows = await commands.visible(
            info.context.graph,
            info.context.principal,
            state=None if state is None else domain.SampleRequestState(state.value),
            **page.keyset,
        )
        return SampleRequestConnection.of(
            page, rows, key=lambda row: (row["requested_at"], row["id"]), node=SampleRequest.of
        )


@strawberry.input(description="Which rows somebody wants to read, and what for.")
class SampleRequestInput:
    urn: str = strawberry.field(description="Urn of a dataset, or of one of its columns.")
    reason: str = strawberry.field(description="Why; who decides reads it, and the audit trail keeps it.")
    columns: list[str] = strawberry.field(
        default_factory=list,
        description="Names of columns, at most 200; all that the caller may see if none.",
    )
    purpose: str = strawberry.field(
        default="",
        description="What the caller acts for, one of his purposes; the sample has to state the same.",
    )


@strawberry.type(description="The request waits for somebody else.")
class SampleRequestSuccess:
    request_id: str = strawberry.field(description="Identity of the request.")


@strawberry.type(description="It is decided.")
class SampleApproveSuccess:
    request_id: str = strawberry.field(description="Identity of the request.")
    approved: bool = strawberry.field(description="Whether the columns may be read.")


SampleRequestResult = Annotated[
    SampleRequestSuccess | InvalidInputError | NotFoundError | ForbiddenError,
    strawberry.union("SampleRequestResult", description="The request, or why there is none."),
]
SampleApproveResult = Annotated[
    SampleApproveSuccess | InvalidInputError | NotFoundError | ConflictError | ForbiddenError,
    strawberry.union("SampleApproveResult", description="The decision, or why nothing was decided."),
]


@strawberry.type
class SampleRequestMutations:
    @strawberry.mutation(
        description="Ask that somebody else approves samples of columns whose source asks for that. Needs SAMPLE."
    )
    async def sample_request(
        self,
        info: Info,
        input: Annotated[SampleRequestInput, strawberry.argument(description="Which columns, and why.")],
    ) -> SampleRequestResult:
        ident = await info.context.command(
            commands.request,
            urn=input.urn,
            columns=input.columns,
            purpose=input.purpose,
            reason=input.reason,
        )
        return SampleRequestSuccess(request_id=ident)

    @strawberry.mutation(
        description="Let who asked for samples read them, masked, for a time, or say no, which also takes an approval back; not by who "
        "asked for it. Needs APPROVE, or a delegation by who has it."
    )
    async def sample_approve(
        self,
        info: Info,
        request: Annotated[str, strawberry.argument(description="The requestId.")],
        approved: Annotated[bool, strawberry.argument(description="Whether they may be read.")],
        reason: Annotated[str, strawberry.argument(description="Why; kept and in the audit trail.")],
        expires_at: Annotated[
            datetime | None,
            strawberry.argument(description="When an approval ends, within 30 days; it needs one."),
        ] = None,
    ) -> SampleApproveResult:
        await info.context.command(
            commands.decide,
            request=request,
            approved=approved,
            reason=reason,
            expires_at=expires_at,
        )
        return SampleApproveSuccess(request_id=request, approved=approved)
