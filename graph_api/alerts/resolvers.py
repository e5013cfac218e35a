"""Entry points of alerts: parse, read or command, map."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from cypher.alerts import reads
from graph_api.alerts.types import (
    AlertChannel,
    AlertChannelConnection,
    AlertDelivery,
    AlertDeliveryConnection,
)
from graph_api.arguments import Reason
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import AlertChannelKind, AlertDeliveryState, AlertSeverity, Sensitivity
from graph_api.errors import ConnectionFailedError, ForbiddenError, InvalidInputError, NotFoundError
from graph_api.paging import After, Before, First, Last, Page
from graph_api.values import values_of
from ingest.commands import alerts as commands
from schema.domain.alerts import ChannelKind, ChannelSpec
from schema.domain.identity import Permission, Scope
from schema.domain.scans import Severity
from schema.errors import InvalidInput

Name = Annotated[str, strawberry.argument(description="Name of the channel.")]


@strawberry.input(description="Narrows a list of deliveries; all that is given must hold.")
class AlertDeliveryFilter:
    channel: str | None = strawberry.field(default=None, description="Name of the channel.")
    states: list[AlertDeliveryState] | None = strawberry.field(
        default=None, description="One of these states."
    )


@strawberry.type
class AlertQueries:
    @strawberry.field(
        description="Where people are told of events, by name. Needs ADMIN.", extensions=[Compiled()]
    )
    async def alert_channels(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> AlertChannelConnection:
        info.context.require(Permission.ADMIN)
        page = Page.of("alertChannels", (str,), first=first, after=after, last=last, before=before)
        rows = await reads.channels(info.context.graph)
        return AlertChannelConnection.cut(page, rows, key=lambda row: (row["name"],), node=AlertChannel.of)

    @strawberry.field(
        description="What was and is to be told, the newest events first. Needs ADMIN.",
        extensions=[Compiled()],
    )
    async def alert_deliveries(
        self,
        info: Info,
        filter: Annotated[
            AlertDeliveryFilter | None, strawberry.argument(description="Narrows the list.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> AlertDeliveryConnection:
        graph = info.context.graph
        info.context.require(Permission.ADMIN)
        page = Page.of("alertDeliveries", (str, str), first=first, after=after, last=last, before=before)
        given = filter or AlertDeliveryFilter()
        channel = None
        if given.channel is not None:  # the id of no channel where there is none of this name
            found = [row["id"] for row in await reads.channels(graph) if row["name"] == given.channel]
            channel = found[0] if found else ""
        rows = await reads.deliveries(
            graph,
            channel=channel,
            states=values_of(given.states),
            **page.keyset,
        )
        return AlertDeliveryConnection.of(
            page, rows, key=lambda row: (row["at"], row["id"]), node=AlertDelivery.of
        )


@strawberry.input(description="A channel: how and of what it is told, and what its readers may know of.")
class AlertChannelInput:
    name: str = strawberry.field(description="Its name, 1 to 100 characters.")
    kind: AlertChannelKind = strawberry.field(description="How it tells.")
    config: JSON | None = strawberry.field(
        default=None,
        description="Settings of its kind: nothing for LOG; url and secret for WEBHOOK; host, port, security, username, password, sender and recipients for EMAIL. Secrets are sealed before they are stored.",
    )
    topics: list[str] = strawberry.field(
        default_factory=lambda: ["*"], description="Globs over topics, such as run.*."
    )
    at_least: AlertSeverity = strawberry.field(
        default=AlertSeverity.WARNING, description="Only events that are at least as severe are told."
    )
    clearance: Sensitivity = strawberry.field(
        default=Sensitivity.PUBLIC, description="The highest level its readers may know of."
    )
    domains: list[str] | None = strawberry.field(
        default=None,
        description="Domains its readers may know of; null for all, empty text for assets without one.",
    )
    paused: bool = strawberry.field(
        default=False,
        description="Whether it is told nothing for the time being; what happens meanwhile is not told later.",
    )

    def spec(self) -> ChannelSpec:
        if self.config is not None and not isinstance(self.config, dict):
            raise InvalidInput(
                "The settings are no object.", path=("config",), remedy='Give {"url": …} or the like.'
            )
        return ChannelSpec(
            name=self.name,
            kind=ChannelKind(self.kind.value),
            config=self.config or {},
            topics=tuple(self.topics),
            at_least=Severity(self.at_least.value),
            scope=Scope(self.clearance.value, None if self.domains is None else tuple(self.domains)),
            paused=self.paused,
        )


@strawberry.type(description="The channel is set.")
class AlertChannelSetSuccess:
    channel: AlertChannel = strawberry.field(description="The channel as it is now.")
    secret: str | None = strawberry.field(
        description="The signing secret that was made for a webhook that was given none. It cannot be read again."
    )


@strawberry.type(description="The channel is gone, with all that it was still to be told.")
class AlertChannelRemoveSuccess:
    name: str = strawberry.field(description="Name of the channel that was.")


@strawberry.type(description="The channel was told that this is a test.")
class AlertChannelTestSuccess:
    name: str = strawberry.field(description="Name of the channel.")


AlertChannelSetResult = Annotated[
    AlertChannelSetSuccess | InvalidInputError | ConnectionFailedError | ForbiddenError,
    strawberry.union("AlertChannelSetResult", description="The channel, or why it was not set."),
]
AlertChannelRemoveResult = Annotated[
    AlertChannelRemoveSuccess | NotFoundError | ForbiddenError,
    strawberry.union("AlertChannelRemoveResult", description="That it is gone, or why it is not."),
]
AlertChannelTestResult = Annotated[
    AlertChannelTestSuccess | NotFoundError | InvalidInputError | ConnectionFailedError | ForbiddenError,
    strawberry.union("AlertChannelTestResult", description="That it was told, or why it was not."),
]


@strawberry.type
class AlertMutations:
    @strawberry.mutation(
        description="Make a channel, or set the one of this name anew with all its settings, with at most the caller's own clearance and domains. A new one begins with what happens from now on. Needs ADMIN."
    )
    async def alert_channel_set(
        self, info: Info, input: Annotated[AlertChannelInput, strawberry.argument(description="The channel.")]
    ) -> AlertChannelSetResult:
        context = info.context
        context.require(Permission.ADMIN)
        row, secret = await context.command(
            commands.set_channel, input.spec(), config=context.services.get("settings")
        )
        return AlertChannelSetSuccess(channel=AlertChannel.of(row), secret=secret)

    @strawberry.mutation(description="Remove a channel and what was and was to be told to it. Needs ADMIN.")
    async def alert_channel_remove(
        self,
        info: Info,
        name: Name,
        reason: Reason = "",
    ) -> AlertChannelRemoveResult:
        await info.context.command(commands.remove_channel, name=name, reason=reason)
        return AlertChannelRemoveSuccess(name=name)

    @strawberry.mutation(description="Tell a channel at once that this is a test. Needs ADMIN.")
    async def alert_channel_test(self, info: Info, name: Name) -> AlertChannelTestResult:
        await info.context.command(
            commands.try_channel,
            name=name,
            config=info.context.services.get("settings"),
        )
        return AlertChannelTestSuccess(name=name)
