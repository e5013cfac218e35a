"""Channels and deliveries, as the API shows them: no secret is part of them, sealed or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self

import strawberry
from strawberry.scalars import JSON

from graph_api.alerts import loaders
from graph_api.context import Info
from graph_api.enums import AlertChannelKind, AlertDeliveryState, AlertSeverity, Sensitivity
from graph_api.node import Node, global_id
from graph_api.paging import Connection
from graph_api.sources.types import without_secrets
from graph_api.values import stored_json
from schema.domain import alerts
from schema.domain.time import moment


@strawberry.type(description="Where people are told of events.")
class AlertChannel(Node):
    row: strawberry.Private[Mapping[str, Any]]
    name: str = strawberry.field(description="Its name.")
    topics: list[str] = strawberry.field(description="Globs over the topics that it is told of.")
    domains: list[str] | None = strawberry.field(
        description="Domains its readers may know of; null for all, empty text for assets without one."
    )
    paused: bool = strawberry.field(description="Whether it is told nothing for the time being.")
    created_at: datetime | None = strawberry.field(description="When it was made.")
    created_by: str = strawberry.field(description="Who made it.")
    set_at: datetime | None = strawberry.field(description="When it was last set.")
    set_by: str = strawberry.field(description="Who set it.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            id=global_id("AlertChannel", row["key"]),
            row=row,
            name=row["name"],
            topics=row["topics"],
            domains=row.get("domains"),
            paused=row["paused"],
            created_at=moment(row["created_at"]),
            created_by=row["created_by"],
            set_at=moment(row["set_at"]),
            set_by=row["set_by"],
        )

    @strawberry.field(description="How it tells.")
    def kind(self) -> AlertChannelKind:
        return AlertChannelKind(self.row["kind"])

    @strawberry.field(description="Only events that are at least as severe are told.")
    def at_least(self) -> AlertSeverity:
        return AlertSeverity(self.row["at_least"])

    @strawberry.field(description="The highest level its readers may know of.")
    def clearance(self) -> Sensitivity:
        return Sensitivity(self.row["clearance"])

    @strawberry.field(
        description='Its settings; each secret, and the address of a webhook, reads "(sealed)".'
    )
    def config(self) -> JSON:
        return JSON(without_secrets(stored_json(self.row["config"])))


@strawberry.type(description="A page of channels, by name.")
class AlertChannelConnection(Connection[AlertChannel]): ...


@strawberry.type(description="One event that is told to one channel.")
class AlertDelivery:
    row: strawberry.Private[Mapping[str, Any]]
    delivery_id: str = strawberry.field(
        description="Its identity, and the key it is sent with each time it is tried."
    )
    event_id: str = strawberry.field(description="Identity of the event, the same in all channels.")
    topic: str = strawberry.field(description="What happened, such as run.failed.")
    severity: AlertSeverity | None = strawberry.field(
        description="How severe that is; null where the topic is not told of any more."
    )
    at: datetime | None = strawberry.field(description="When it happened.")
    tries: int = strawberry.field(description="How often sending was begun.")
    error: str | None = strawberry.field(description="Why the last try failed, as a code.")
    settled_at: datetime | None = strawberry.field(description="When it was sent or given up.")
    next_try_at: datetime | None = strawberry.field(
        description="When it is tried next at the earliest; null where it is settled."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        topic, next_ms = alerts.TOPICS.get(row["topic"]), row.get("next_ms")
        return cls(
            row=row,
            delivery_id=row["id"],
            event_id=row["event"],
            topic=row["topic"],
            severity=None if topic is None else AlertSeverity(topic.severity.value),
            at=moment(row["at"]),
            tries=row["tries"],
            error=row.get("error"),
            settled_at=moment(row.get("settled_at")),
            next_try_at=None if next_ms is None else datetime.fromtimestamp(next_ms / 1_000, UTC),
        )

    @strawberry.field(description="Whether it was sent.")
    def state(self) -> AlertDeliveryState:
        return AlertDeliveryState(self.row["state"])

    @strawberry.field(description="The channel; null where it was removed meanwhile.")
    async def channel(self, info: Info) -> AlertChannel | None:
        row = await info.context.loader(loaders.by_ids).load(self.row["channel"])
        return None if row is None else AlertChannel.of(row)


@strawberry.type(description="A page of deliveries, those of the newest events first.")
class AlertDeliveryConnection(Connection[AlertDelivery]): ...
