"""Incidents and what they reach, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import strawberry

from graph_api.catalog.evolution import SchemaChangeConnection, changes_page
from graph_api.catalog.evolution import histories as schema_histories
from graph_api.catalog.types import Asset, required_asset
from graph_api.context import Info
from graph_api.enums import IncidentKind, IncidentState
from graph_api.incidents import loaders
from graph_api.node import Node, global_id
from graph_api.paging import After, Before, Connection, First, Last, Page
from schema.domain.time import moment


@strawberry.type(description="An asset downstream of what changed.")
class AffectedAsset:
    urn: strawberry.Private[str]
    hops: int = strawberry.field(description="How many edges of lineage away it was.")

    @strawberry.field(description="The asset as it is now.")
    async def asset(self, info: Info) -> Asset:
        return await required_asset(info, self.urn)


@strawberry.type(description="A page of assets downstream, the nearest first.")
class AffectedAssetConnection(Connection[AffectedAsset]): ...


@strawberry.type(description="Something that happened to a dataset and that somebody has to see to.")
class Incident(Node):
    row: strawberry.Private[Mapping[str, Any]]
    version: int = strawberry.field(description="The version of the dataset's schema that broke.")
    run: str | None = strawberry.field(description="The run that found it.")
    opened_at: datetime | None = strawberry.field(description="When it was opened.")
    acknowledged_by: str | None = strawberry.field(description="Who sees to it.")
    acknowledged_at: datetime | None = strawberry.field(description="Since when.")
    resolved_by: str | None = strawberry.field(description="Who resolved it.")
    resolved_at: datetime | None = strawberry.field(description="When it was resolved.")
    resolution: str | None = strawberry.field(description="What was done about it.")
    dataset_gone: bool = strawberry.field(description="True where the dataset went as a whole.")
    complete: bool = strawberry.field(
        description="False where the walk downstream took too long, so that more may be affected."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            id=global_id("Incident", row["key"]),
            row=row,
            version=row["version"],
            run=row["run"],
            opened_at=moment(row["opened_at"]),
            acknowledged_by=row.get("acknowledged_by"),
            acknowledged_at=moment(row.get("acknowledged_at")),
            resolved_by=row.get("resolved_by"),
            resolved_at=moment(row.get("resolved_at")),
            resolution=row.get("resolved_reason"),
            dataset_gone=row["gone"],
            complete=row["complete"],
        )

    @strawberry.field(description="What it is about.")
    def kind(self) -> IncidentKind:
        return IncidentKind(self.row["kind"])

    @strawberry.field(description="How far somebody saw to it.")
    def state(self) -> IncidentState:
        return IncidentState(self.row["state"])

    @strawberry.field(description="The dataset.")
    async def dataset(self, info: Info) -> Asset:
        return await required_asset(info, self.row["dataset"])

    @strawberry.field(description="What changed of the columns that the caller may see.")
    async def changes(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> SchemaChangeConnection:
        page = Page.of("schemaChanges", (int,), first=first, after=after, last=last, before=before)
        history = await info.context.loader(schema_histories).load(self.row["dataset"])
        found = () if history is None else history.changes(history.version(self.version))
        return changes_page(page, found)

    @strawberry.field(
        description="How many assets were downstream when it was opened; for a caller who may not see all, how many of `affected` he may."
    )
    async def downstream_count(self, info: Info) -> int:
        if info.context.scope.is_everything:
            return int(self.row["downstream_count"])
        page = Page.of("affected", (int, str), first=0)
        seen, _ = await info.context.loader(loaders.affected).load((self.row["id"], page))
        return seen

    @strawberry.field(
        description="The nearest assets downstream when it was opened, at most 100 in all; edges may have gone since."
    )
    async def affected(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> AffectedAssetConnection:
        page = Page.of("affected", (int, str), first=first, after=after, last=last, before=before)
        _, rows = await info.context.loader(loaders.affected).load((self.row["id"], page))
        return AffectedAssetConnection.of(
            page,
            rows,
            key=lambda row: (row["hops"], row["urn"]),
            node=lambda row: AffectedAsset(urn=row["urn"], hops=row["hops"]),
        )


@strawberry.type(description="A page of incidents, newest first.")
class IncidentConnection(Connection[Incident]): ...
