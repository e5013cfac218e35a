"""Identity entry points: who asks, tokens, the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from cypher.audit import reads as audit
from cypher.catalog import reads as catalog
from cypher.identity import reads
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import Role, Sensitivity
from graph_api.errors import ForbiddenError, InvalidInputError, NotFoundError
from graph_api.identity import loaders
from graph_api.identity.types import AuditEvent, AuditEventConnection, Token, TokenConnection, Viewer
from graph_api.paging import After, Before, First, Last, Page
from ingest.commands import identity as commands
from schema.domain import identity
from schema.domain.identity import Permission, Scope
from schema.errors import InvalidInput


@strawberry.input(description="Narrows the audit trail; all that is given must hold.")
class AuditFilter:
    actor: str | None = strawberry.field(default=None, description="Who did it.")
    action: str | None = strawberry.field(default=None, description="What was done, such as asset.describe.")
    subject: str | None = strawberry.field(default=None, description="Urn or identity it was done to.")


@strawberry.type
class IdentityQueries:
    @strawberry.field(description="Who asks, what he may do and see.", extensions=[Compiled()])
    async def viewer(self, info: Info) -> Viewer:
        return Viewer.of(info.context.principal)

    @strawberry.field(description="All tokens, revoked ones included. Needs ADMIN.", extensions=[Compiled()])
    async def tokens(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> TokenConnection:
        info.context.require(Permission.ADMIN)
        page = Page.of("tokens", (str,), first=first, after=after, last=last, before=before)
        rows = await reads.tokens(info.context.graph)
        return TokenConnection.cut(page, rows, key=lambda row: (row["id"],), node=Token.of)

    @strawberry.field(description="The audit trail, newest first. Needs ADMIN.", extensions=[Compiled()])
    async def audit_events(
        self,
        info: Info,
        filter: Annotated[AuditFilter | None, strawberry.argument(description="Narrows the list.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> AuditEventConnection:
        context = info.context
        context.require(Permission.ADMIN)
        page = Page.of("auditEvents", (str, str), first=first, after=after, last=last, before=before)
        given = filter or AuditFilter()
        rows = await audit.events(
            context.graph,
            **page.keyset,
            actor=given.actor,
            action=given.action,
            subject=given.subject,
        )
        hidden: set[str] = set()
        if context.scope != identity.EVERYTHING:
            subjects = sorted({subject for row in rows for subject in row["subjects"]})
            hidden = await catalog.hidden(context.graph, subjects, context.scope)
            rows = [] if given.subject in hidden else rows
            for row in rows:
                loaders.leave_out(row, hidden)
        return AuditEventConnection.of(page, rows, key=lambda row: (row["at"], row["id"]), node=AuditEvent.of)


@strawberry.input(description="What a new token may do and see.")
class TokenInput:
    name: str = strawberry.field(description="What it is for, 1 to 100 characters.")
    role: Role = strawberry.field(description="What it may do.")
    clearance: Sensitivity = strawberry.field(
        default=Sensitivity.PUBLIC, description="The highest level it may see."
    )
    domains: list[str] | None = strawberry.field(
        default=None, description="Domains it may see; null for all, empty text for assets without one."
    )
    purposes: list[str] = strawberry.field(
        default_factory=list,
        description="What its holder may say he acts for when he asks for rows, such as fraud-prevention.",
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="When it ends by itself; null for never."
    )


@strawberry.type(description="The token was made.")
class TokenCreateSuccess:
    token_id: str = strawberry.field(description="Identity of the token.")
    secret: str = strawberry.field(description="The token itself. It cannot be read again.")


@strawberry.type(description="The token is revoked.")
class TokenRevokeSuccess:
    token_id: str = strawberry.field(description="Identity of the token.")


TokenCreateResult = Annotated[
    TokenCreateSuccess | InvalidInputError | ForbiddenError,
    strawberry.union("TokenCreateResult", description="The new token, or why there is none."),
]
TokenRevokeResult = Annotated[
    TokenRevokeSuccess | NotFoundError | ForbiddenError,
    strawberry.union("TokenRevokeResult", description="The revoked token, or why it was not revoked."),
]


def _within(scope: Scope, wanted: Scope) -> None:
    """Nobody hands out more than he has."""
    if wanted.clearance > scope.clearance:
        raise InvalidInput(
            "The clearance is above your own.", path=("clearance",), remedy="Give your own clearance or less."
        )
    if scope.domains is not None and (
        wanted.domains is None or not set(wanted.domains) <= set(scope.domains)
    ):
        raise InvalidInput(
            "Some domains are not yours.", path=("domains",), remedy="Name domains of your own token."
        )


@strawberry.type
class IdentityMutations:
    @strawberry.mutation(
        description="Make a token, with at most the caller's own clearance and domains. Needs ADMIN."
    )
    async def token_create(
        self, info: Info, input: Annotated[TokenInput, strawberry.argument(description="The token.")]
    ) -> TokenCreateResult:
        context = info.context
        context.require(Permission.ADMIN)
        scope = Scope(input.clearance.value, None if input.domains is None else tuple(input.domains))
        _within(context.scope, scope)
        if input.expires_at is not None and input.expires_at.tzinfo is None:
            raise InvalidInput(
                "The time has no zone.",
                path=("expiresAt",),
                remedy="End it with Z or an offset such as +01:00.",
            )
        ident, secret = await commands.create_token(
            context.graph,
            context.principal,
            name=input.name,
            role=identity.Role(input.role.value),
            scope=scope,
            purposes=input.purposes,
            expires_at=input.expires_at,
        )
        return TokenCreateSuccess(token_id=ident, secret=secret)

    @strawberry.mutation(description="Revoke a token at once. Needs ADMIN.")
    async def token_revoke(
        self, info: Info, id: Annotated[str, strawberry.argument(description="The tokenId of a token.")]
    ) -> TokenRevokeResult:
        await commands.revoke_token(info.context.graph, info.context.principal, ident=id)
        return TokenRevokeSuccess(token_id=id)
