"""Who may decide about runs and samples in whose place, as the API takes and shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry

from cypher.delegations import reads
from graph_api.arguments import Reason
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.errors import ForbiddenError, InvalidInputError, NotFoundError
from graph_api.paging import After, Before, Connection, First, Last, Page
from ingest.commands import delegations as commands
from schema.domain.identity import Permission
from schema.domain.time import moment, stored
from schema.ports import SystemClock


@strawberry.type(
    description="That somebody may decide about runs and samples in the place of somebody else, for a time."
)
class ApprovalDelegation:
    delegation_id: str = strawberry.field(description="Its identity.")
    giver: str = strawberry.field(description="Who gave it; he keeps the right himself.")
    holder: str = strawberry.field(description="Identity of the token that has it.")
    starts_at: datetime | None = strawberry.field(description="From when on it holds.")
    ends_at: datetime | None = strawberry.field(description="When it ends by itself.")
    reason: str = strawberry.field(description="Why it was given.")
    created_at: datetime | None = strawberry.field(description="When it was given.")
    revoked_at: datetime | None = strawberry.field(
        description="When it was taken back; null where it was not."
    )
    revoked_by: str | None = strawberry.field(description="By whom.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            delegation_id=row["id"],
            giver=row["giver"],
            holder=row["holder"],
            starts_at=moment(row["starts_at"]),
            ends_at=moment(row["ends_at"]),
            reason=row["reason"],
            created_at=moment(row["created_at"]),
            revoked_at=moment(row.get("revoked_at")),
            revoked_by=row.get("revoked_by"),
        )


@strawberry.type(description="A page of delegations, newest first.")
class ApprovalDelegationConnection(Connection[ApprovalDelegation]): ...


@strawberry.type
class ApprovalQueries:
    @strawberry.field(
        description="Delegations of the right to approve, newest first: all of them to who has APPROVE, else the caller's own.",
        extensions=[Compiled()],
    )
    async def approval_delegations(
        self,
        info: Info,
        ended: Annotated[
            bool, strawberry.argument(description="Whether those that are over are among them.")
        ] = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ApprovalDelegationConnection:
        page = Page.of("approvalDelegations", (str, str), first=first, after=after, last=last, before=before)
        who = info.context.principal
        rows = await reads.page(
            info.context.graph,
            party=None if who.may(Permission.APPROVE) else who.id,
            at=None if ended else stored(SystemClock().now()),
            **page.keyset,
        )
        return ApprovalDelegationConnection.of(
            page, rows, key=lambda row: (row["created_at"], row["id"]), node=ApprovalDelegation.of
        )


@strawberry.type(description="The right is given.")
class ApprovalDelegateSuccess:
    delegation_id: str = strawberry.field(description="Identity of the delegation.")


@strawberry.type(description="The right is taken back.")
class ApprovalDelegationRevokeSuccess:
    delegation_id: str = strawberry.field(description="Identity of the delegation.")


ApprovalDelegateResult = Annotated[
    ApprovalDelegateSuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union("ApprovalDelegateResult", description="The delegation, or why there is none."),
]
ApprovalDelegationRevokeResult = Annotated[
    ApprovalDelegationRevokeSuccess | NotFoundError | ForbiddenError,
    strawberry.union(
        "ApprovalDelegationRevokeResult", description="The ended delegation, or why it was not ended."
    ),
]


@strawberry.type
class ApprovalMutations:
    @strawberry.mutation(
        description="Let another token decide about runs and samples in the caller's place for a time; never about what the caller asked for. Needs APPROVE."
    )
    async def approval_delegate(
        self,
        info: Info,
        to: Annotated[str, strawberry.argument(description="The tokenId of who stands in.")],
        ends_at: Annotated[
            datetime, strawberry.argument(description="When it ends; up to 92 days after it begins.")
        ],
        reason: Annotated[str, strawberry.argument(description="Why; kept and in the audit trail.")],
        starts_at: Annotated[
            datetime | None, strawberry.argument(description="When it begins; now where null.")
        ] = None,
    ) -> ApprovalDelegateResult:
        ident = await info.context.command(
            commands.delegate,
            holder=to,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason,
        )
        return ApprovalDelegateSuccess(delegation_id=ident)

    @strawberry.mutation(description="End a delegation at once. Needs to be the one who gave it, or ADMIN.")
    async def approval_delegation_revoke(
        self,
        info: Info,
        id: Annotated[str, strawberry.argument(description="The delegationId.")],
        reason: Reason = "",
    ) -> ApprovalDelegationRevokeResult:
        await info.context.command(commands.revoke, ident=id, reason=reason)
        return ApprovalDelegationRevokeSuccess(delegation_id=id)
