"""Rotating credentials of sources and saying when they expire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from graph_api.arguments import Reason
from graph_api.context import Info
from graph_api.errors import (
    ConflictError,
    ConnectionFailedError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from graph_api.health.types import config_of
from graph_api.sources import loaders
from graph_api.sources.types import Source, SourceReport
from ingest.commands import credentials as commands
from schema.domain.identity import Permission
from schema.errors import InvalidInput

Name = Annotated[str, strawberry.argument(description="Name of the source.")]


@strawberry.input(description="A secret that takes the place of one.")
class CredentialSecretInput:
    name: str = strawberry.field(description="Name of the setting, such as password.")
    value: str = strawberry.field(
        description="The secret, which is sealed before it is stored, or one reference: ${env:NAME}, ${file:/path} or ${vault:mount/path#field}."
    )


@strawberry.type(description="The source took the new secrets, and they are in the place of the old ones.")
class CredentialRotateSuccess:
    source: Source = strawberry.field(description="The source with its credential.")
    report: SourceReport = strawberry.field(description="What the connection with them found.")


@strawberry.type(description="It is known until when the credential is valid.")
class CredentialExpirySetSuccess:
    source: Source = strawberry.field(description="The source with its credential.")


CredentialRotateResult = Annotated[
    CredentialRotateSuccess
    | NotFoundError
    | InvalidInputError
    | ConflictError
    | ConnectionFailedError
    | ForbiddenError,
    strawberry.union(
        "CredentialRotateResult", description="The source, or why it keeps the secrets that it has."
    ),
]
CredentialExpirySetResult = Annotated[
    CredentialExpirySetSuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union("CredentialExpirySetResult", description="The source, or why nothing was said of it."),
]


@strawberry.type
class CredentialMutations:
    @strawberry.mutation(
        description="Put other secrets in the place of those of a source, once a connection with them worked; until then it keeps the old ones. Needs SCAN."
    )
    async def credential_rotate(
        self,
        info: Info,
        source: Name,
        secrets: Annotated[
            list[CredentialSecretInput], strawberry.argument(description="The secrets, each setting once.")
        ],
        expires_at: Annotated[
            datetime | None,
            strawberry.argument(description="Until when they are valid; null where they do not end."),
        ] = None,
        reason: Reason = "",
    ) -> CredentialRotateResult:
        context = info.context
        context.require(Permission.SCAN)
        await loaders.visible(context, source)
        given = {each.name: each.value for each in secrets}
        if len(given) != len(secrets):
            raise InvalidInput("A setting is named twice.", path=("secrets",), remedy="Name each once.")
        report = await commands.rotate(
            context.graph,
            context.principal,
            source=source,
            secrets=given,
            expires_at=expires_at,
            reason=reason,
            config=config_of(info),
        )
        return CredentialRotateSuccess(
            source=Source.of(await loaders.visible(context, source)), report=SourceReport.of(report)
        )

    @strawberry.mutation(
        description="Say until when the credential of a source is valid, so that people are warned. Needs SCAN."
    )
    async def credential_expiry_set(
        self,
        info: Info,
        source: Name,
        expires_at: Annotated[
            datetime | None, strawberry.argument(description="Until when; null where it does not end.")
        ] = None,
        reason: Reason = "",
    ) -> CredentialExpirySetResult:
        context = info.context
        context.require(Permission.SCAN)
        await loaders.visible(context, source)
        await commands.set_expiry(
            context.graph,
            context.principal,
            source=source,
            expires_at=expires_at,
            reason=reason,
            config=config_of(info),
        )
        return CredentialExpirySetSuccess(source=Source.of(await loaders.visible(context, source)))
