"""Assets, as the API shows them. One type for all kinds: what a kind does not have is null."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry
from strawberry.scalars import JSON

from graph_api.catalog import evolution, loaders
from graph_api.catalog.data_tests import DataTest, DataTestConnection, TestsOf, tests_of_assets
from graph_api.catalog.edges import LineageAssertion, assertions
from graph_api.catalog.evolution import (
    ColumnBlame,
    ColumnBlameConnection,
    SchemaVersion,
    SchemaVersionConnection,
)
from graph_api.catalog.history import AssetChange, AssetChangeConnection, HistoryOf, histories
from graph_api.catalog.loaders import ChildrenOf, NeighboursOf, ReferencesOf
from graph_api.catalog.profiles import ColumnProfile, TableProfile
from graph_api.catalog.usage import AssetUsage, usages
from graph_api.classifications import loaders as classification_loaders
from graph_api.classifications.inherited import InheritedClassification, inherited
from graph_api.classifications.types import ClassificationVerdict
from graph_api.context import Info
from graph_api.enums import AssetKind, AssetStatus, AssetSubtype, DataTestStatus, Sensitivity
from graph_api.node import Node, global_id
from graph_api.paging import After, Before, Connection, First, Last, Page, numbered
from graph_api.review.history import ClassificationPeriodConnection, Inherited, periods_of
from graph_api.sources import loaders as source_loaders
from graph_api.sources.types import Source
from graph_api.values import Long, stored_json
from schema.domain.lineage import Direction
from schema.domain.sources import source_urn
from schema.domain.time import moment
from schema.errors import NotFound

IncludeStale = Annotated[
    bool, strawberry.argument(description="Also objects that their source did not show any more.")
]
IncludeIndirect = Annotated[
    bool,
    strawberry.argument(description="Also columns that only filter, join, group or order what they reach."),
]


@strawberry.type(description="A free label on assets.")
class Tag(Node):
    key: strawberry.Private[int]
    assets: strawberry.Private[int | None]
    name: str = strawberry.field(description="The label itself.")
    description: str = strawberry.field(description="What it means.")

    @classmethod
    def of(cls, row: Mapping[str, Any], assets: int | None = None) -> Self:
        return cls(
            id=global_id("Tag", row["key"]),
            key=row["key"],
            assets=assets,
            name=row["name"],
            description=row["description"] or "",
        )

    @strawberry.field(description="Assets that carry it and that the caller may see.")
    async def asset_count(self, info: Info) -> int:
        if self.assets is not None:
            return self.assets
        found = await info.context.loader(loaders.tags_by_keys).load(self.key)
        return int(found["assets"]) if found else 0


@strawberry.type(description="A page of tags, by name.")
class TagConnection(Connection[Tag]): ...


@strawberry.type(description="Somebody who owns assets.")
class Person:
    name: str = strawberry.field(description="Name or address, as the source or a colleague gave it.")


@strawberry.type(description="The latest run of a job, as events told it.")
class JobRun:
    run_id: str = strawberry.field(description="Its identity at the producer.")
    state: str = strawberry.field(description="Its last known state, in OpenLineage's words.")
    at: datetime | None = strawberry.field(description="When that was.")
    error: str | None = strawberry.field(description="Why it failed.")


@strawberry.type(description="Anything the catalogue describes.")
class Asset(Node):
    row: strawberry.Private[Mapping[str, Any]]
    urn: str = strawberry.field(description="Stable readable identity; accepted wherever an asset is named.")
    name: str = strawberry.field(description="Its own name.")
    path: str = strawberry.field(description="Dotted name from the database down.")
    platform: str = strawberry.field(description="Platform, such as postgres.")
    namespace: str = strawberry.field(description="OpenLineage namespace of its instance.")
    description: str | None = strawberry.field(
        description="What a person wrote about it, else the source's own comment."
    )
    source_description: str | None = strawberry.field(description="The source's own comment.")
    data_type: str | None = strawberry.field(description="Type of a column, in the source's words.")
    nullable: bool | None = strawberry.field(description="Whether a column may hold nulls.")
    ordinal: int | None = strawberry.field(description="Position of a column, from 1.")
    primary_key: bool | None = strawberry.field(description="Whether a column is part of the primary key.")
    domain: str = strawberry.field(description="Domain it belongs to; empty if none.")
    stub: bool = strawberry.field(description="True where lineage mentions it and no scan has described it.")
    version: int = strawberry.field(
        description="Goes up with every change a person makes; pass it to detect lost updates."
    )
    lineage_problem: str | None = strawberry.field(
        description="Why its SQL could not be read; null where it could."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            id=global_id("Asset", row["key"]),
            row=row,
            urn=row["urn"],
            name=row["name"] or "",
            path=row["path"] or row["name"] or "",
            platform=row["platform"] or "other",
            namespace=row["namespace"] or "",
            description=row["description"] or row["comment"],
            source_description=row["comment"],
            data_type=row["data_type"],
            nullable=row["nullable"],
            ordinal=row["ordinal"],
            primary_key=row["primary_key"],
            domain=row["domain"] or "",
            stub=bool(row["stub"]),
            version=row["version"] or 0,
            lineage_problem=row["lineage_problem"],
        )

    @strawberry.field(description="What kind of asset it is.")
    def kind(self) -> AssetKind:
        return AssetKind(self.row["kind"])

    @strawberry.field(description="What it is on its own platform.")
    def subtype(self) -> AssetSubtype | None:
        return AssetSubtype(self.row["subtype"]) if self.row["subtype"] else None

    @strawberry.field(description="Whether its source still showed it.")
    def status(self) -> AssetStatus:
        return AssetStatus(self.row["status"] or "ACTIVE")

    @strawberry.field(
        description="Why the plan of its source deprecated it, deleted it, or may not delete it; null for anything else."
    )
    def status_reason(self) -> str | None:
        return None if self.row["status"] == "ACTIVE" else self.row["status_reason"]

    @strawberry.field(
        description="Its level: the highest of its own verdicts and of what holds it. Access is decided by it."
    )
    def sensitivity(self) -> Sensitivity:
        return Sensitivity(self.row["sensitivity"] or 0)

    @strawberry.field(description="The highest level among it and all below it that the caller may see.")
    async def content_sensitivity(self, info: Info) -> Sensitivity:
        if self.row["kind"] == "COLUMN":
            return Sensitivity(self.row["sensitivity"] or 0)
        return Sensitivity(await self._content_sensitivity(info))

    async def _content_sensitivity(self, info: Info) -> int:
        return await info.context.loader(loaders.content_sensitivity).load(self.urn)

    @strawberry.field(description="Rows of a dataset; may be the engine's estimate.")
    def row_count(self) -> Long | None:
        return self.row["row_count"]  # type: ignore[no-any-return]

    @strawberry.field(description="Size of a dataset in bytes.")
    def size_bytes(self) -> Long | None:
        return self.row["size_bytes"]  # type: ignore[no-any-return]

    @strawberry.field(description="Further properties that its source gives it.")
    def properties(self) -> JSON | None:
        return stored_json(self.row["properties"])  # type: ignore[no-any-return]

    @strawberry.field(description="When it became known.")
    def first_seen(self) -> datetime | None:
        return moment(self.row["first_seen"])

    @strawberry.field(description="When it was last seen in its source or mentioned by lineage.")
    def last_seen(self) -> datetime | None:
        return moment(self.row["last_seen"])

    @strawberry.field(description="What a sample told of a column; null where none was taken.")
    def profile(self) -> ColumnProfile | None:
        return None if self.row["sampled_rows"] is None else ColumnProfile.of(self.row)

    @strawberry.field(description="How many rows a table has, as its profile told; null where it has none.")
    def table_profile(self) -> TableProfile | None:
        return None if self.row.get("table_profile") is None else TableProfile.of(self.row)

    @strawberry.field(description="The latest run of a job; null for anything else, and where none is known.")
    def last_job_run(self) -> JobRun | None:
        row = self.row
        if row["job_run_id"] is None:
            return None
        return JobRun(
            run_id=row["job_run_id"],
            state=row["job_run_state"] or "",
            at=moment(row["job_run_at"]),
            error=row["job_run_error"],
        )

    @strawberry.field(description="SQL of a view, or code of a job.")
    async def definition(self, info: Info) -> str | None:
        if self.row["kind"] not in ("DATASET", "JOB", "DASHBOARD"):
            return None
        return await self._definition(info)

    async def _definition(self, info: Info) -> str | None:
        return await info.context.loader(loaders.definitions).load(self.urn)

    @strawberry.field(description="The source it belongs to.")
    async def source(self, info: Info) -> Source | None:
        if not self.row["source"]:
            return None
        row = await info.context.loader(source_loaders.by_urns).load(str(source_urn(self.row["source"])))
        return None if row is None else Source.of(row)

    @strawberry.field(description="What holds it directly.")
    async def parent(self, info: Info) -> Asset | None:
        above = await self._above(info)
        return above[-1] if above else None

    @strawberry.field(description="All that holds it, the source first, the parent last.")
    async def ancestors(self, info: Info) -> list[Asset]:
        return await self._above(info)

    async def _above(self, info: Info) -> list[Asset]:
        return [Asset.of(row) for row in await info.context.loader(loaders.ancestors).load(self.urn)]

    @strawberry.field(description="What it contains: columns by position, all else by urn.")
    async def children(
        self,
        info: Info,
        kind: Annotated[AssetKind | None, strawberry.argument(description="Only this kind.")] = None,
        include_stale: IncludeStale = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> AssetConnection:
        page = Page.of("children", (int, str), first=first, after=after, last=last, before=before)
        return await self._children(info, page, None if kind is None else kind.value, include_stale)

    @strawberry.field(description="The columns of a dataset, by position.")
    async def columns(
        self,
        info: Info,
        include_stale: IncludeStale = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> AssetConnection:
        page = Page.of("columns", (int, str), first=first, after=after, last=last, before=before)
        return await self._children(info, page, "COLUMN", include_stale)

    async def _children(self, info: Info, page: Page, kind: str | None, stale: bool) -> AssetConnection:
        wanted = ChildrenOf(page, kind, stale)
        found = [] if self.row["kind"] == "COLUMN" else await self._contained(info, wanted)
        return AssetConnection.of(
            page, found, key=lambda each: (each.ordinal or 0, each.urn), node=lambda each: each
        )

    async def _contained(self, info: Info, wanted: ChildrenOf) -> list[Asset]:
        return [Asset.of(row) for row in await info.context.loader(loaders.children).load((self.urn, wanted))]

    @strawberry.field(description="Labels it carries, by name.")
    async def tags(self, info: Info) -> list[Tag]:
        tags, _ = await self._labels(info)
        return [Tag.of(row) for row in tags]

    @strawberry.field(description="Who owns it, by name.")
    async def owners(self, info: Info) -> list[Person]:
        _, owners = await self._labels(info)
        return [Person(name=row["name"]) for row in owners]

    async def _labels(self, info: Info) -> tuple[list[loaders.Row], list[loaders.Row]]:
        return await info.context.loader(loaders.labels).load(self.urn)

    @strawberry.field(description="What it was classified as, the surest first, rejected verdicts last.")
    async def classifications(self, info: Info) -> list[ClassificationVerdict]:
        return [ClassificationVerdict.of(row, self._now) for row in await self._verdicts(info)]

    @property
    def _now(self) -> str | None:
        """Its urn, where it is shown as it is now."""
        return self.urn

    @strawberry.field(
        description="What it inherits along lineage and from what holds it, by name, with the reasons; also where it is classified as such itself. As of now."
    )
    async def propagation(self, info: Info) -> list[InheritedClassification]:
        return [
            InheritedClassification.of(row) for row in await info.context.loader(inherited).load(self.urn)
        ]

    async def _verdicts(self, info: Info) -> list[loaders.Row]:
        return await info.context.loader(classification_loaders.verdicts).load(self.urn)

    @strawberry.field(
        description="What changed of it, the newest first, with what it was before, and of classifications why. The first change is that it became known."
    )
    async def history(
        self,
        info: Info,
        include_columns: Annotated[
            bool, strawberry.argument(description="Of a dataset, also what changed of its columns.")
        ] = False,
        since: Annotated[
            datetime | None,
            strawberry.argument(description="What was recorded from then on; without an offset it is UTC."),
        ] = None,
        until: Annotated[
            datetime | None, strawberry.argument(description="What was recorded before then; null for now.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> AssetChangeConnection:
        page = Page.of("history", (str, str, str), first=first, after=after, last=last, before=before)
        rows = await info.context.loader(histories).load(
            (self.urn, HistoryOf.between(page, include_columns, since, until))
        )
        return AssetChangeConnection.of(
            page, rows, key=lambda row: (row["at"], row["urn"], row["what"]), node=AssetChange.of
        )

    @strawberry.field(
        description="Every verdict on it that ever stood and all that it inherited along lineage, with the time in which it did, the newest first: what, who or what said so, and why."
    )
    async def classification_history(
        self,
        info: Info,
        inherited: Inherited = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ClassificationPeriodConnection:
        return await periods_of(
            info, self.urn, inherited=inherited, first=first, after=after, last=last, before=before
        )

    @strawberry.field(
        description="What logs of queries tell of a dataset or column; null where none of the last 90 days is known."
    )
    async def usage(self, info: Info) -> AssetUsage | None:
        return await self._usage(info) if self.row["kind"] in ("DATASET", "COLUMN") else None

    async def _usage(self, info: Info) -> AssetUsage | None:
        row = await info.context.loader(usages).load(self.urn)
        return None if row is None else AssetUsage.of(self.urn, row)

    @strawberry.field(
        description="Versions of a dataset's schema, the newest first: one for each schema that was another than the one before."
    )
    async def schema_versions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> SchemaVersionConnection:
        page = Page.of("schemaVersions", (int,), first=first, after=after, last=last, before=before)
        found = await info.context.loader(evolution.versions).load((self.urn, page))
        return SchemaVersionConnection.of(
            page, found, key=lambda each: (each.number,), node=lambda each: SchemaVersion.of(self.urn, each)
        )

    @strawberry.field(
        description="Since which version each column of a dataset is as it is, by whom, and what changed of it before; by position."
    )
    async def schema_blame(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ColumnBlameConnection:
        page = Page.of("schemaBlame", (int,), first=first, after=after, last=last, before=before)
        history = await info.context.loader(evolution.histories).load(self.urn)
        rows = numbered(page, [] if history is None else history.blame())
        return ColumnBlameConnection.of(
            page, rows, key=lambda row: (row[0],), node=lambda row: ColumnBlame.of(self.urn, row[1])
        )

    @strawberry.field(
        description="The column that this one was before it was renamed, where a person confirmed that."
    )
    async def renamed_from(self, info: Info) -> Asset | None:
        before, _ = await info.context.loader(evolution.renamed).load(self.urn)
        return None if before is None else await load_asset(info, before)

    @strawberry.field(
        description="The column that this one is since it was renamed, where a person confirmed that."
    )
    async def renamed_to(self, info: Info) -> Asset | None:
        _, after = await info.context.loader(evolution.renamed).load(self.urn)
        return None if after is None else await load_asset(info, after)

    @strawberry.field(
        description="Data tests of a dataset or column by urn, as far as the caller may see what they test; as they are now."
    )
    async def data_tests(
        self,
        info: Info,
        include_columns: Annotated[
            bool, strawberry.argument(description="Of a dataset, also the tests of its columns.")
        ] = True,
        statuses: Annotated[
            list[DataTestStatus] | None,
            strawberry.argument(description="Only tests whose latest result is one of these."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> DataTestConnection:
        page = Page.of("dataTests", (str,), first=first, after=after, last=last, before=before)
        names = None if statuses is None else tuple(sorted(each.value for each in statuses))
        rows = await info.context.loader(tests_of_assets).load(
            (self.urn, TestsOf(page, include_columns, names))
        )
        return DataTestConnection.of(
            page, rows, key=lambda row: (row["urn"],), node=DataTest.of, urn=self.urn, columns=include_columns
        )

    @strawberry.field(description="Foreign keys that a column, or a column of a dataset, has.")
    async def references(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ForeignKeyConnection:
        page = Page.of("references", (str, str), first=first, after=after, last=last, before=before)
        return await self._foreign_keys(info, ReferencesOf(page, inverse=False))

    @strawberry.field(description="Foreign keys that refer to a column, or to a column of a dataset.")
    async def referenced_by(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ForeignKeyConnection:
        page = Page.of("referencedBy", (str, str), first=first, after=after, last=last, before=before)
        return await self._foreign_keys(info, ReferencesOf(page, inverse=True))

    async def _foreign_keys(self, info: Info, wanted: ReferencesOf) -> ForeignKeyConnection:
        pairs: list[tuple[str, str]] = []
        if self.row["kind"] in ("DATASET", "COLUMN"):
            pairs = await info.context.loader(loaders.references).load((self.urn, wanted))

        def node(pair: tuple[str, str]) -> ForeignKey:
            own, other = pair
            return (
                ForeignKey(from_urn=other, to_urn=own)
                if wanted.inverse
                else ForeignKey(from_urn=own, to_urn=other)
            )

        return ForeignKeyConnection.of(wanted.page, pairs, key=lambda pair: pair, node=node)

    @strawberry.field(description="Assets that it feeds directly, by urn.")
    async def feeds(
        self,
        info: Info,
        include_indirect: IncludeIndirect = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> NeighbourConnection:
        page = Page.of("feeds", (str,), first=first, after=after, last=last, before=before)
        return await self._neighbours(info, NeighboursOf(page, Direction.DOWNSTREAM, include_indirect))

    @strawberry.field(description="Assets that feed it directly, by urn.")
    async def fed_by(
        self,
        info: Info,
        include_indirect: IncludeIndirect = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> NeighbourConnection:
        page = Page.of("fedBy", (str,), first=first, after=after, last=last, before=before)
        return await self._neighbours(info, NeighboursOf(page, Direction.UPSTREAM, include_indirect))

    async def _neighbours(self, info: Info, wanted: NeighboursOf) -> NeighbourConnection:
        return NeighbourConnection.of(
            wanted.page,
            await self._linked(info, wanted),
            key=lambda each: (each.urn,),
            node=lambda each: each,
        )

    async def _linked(self, info: Info, wanted: NeighboursOf) -> list[Neighbour]:
        rows = await info.context.loader(loaders.neighbours).load((self.urn, wanted))
        return [Neighbour.of(row) for row in rows]


Count = Callable[[], Awaitable[int]]
MOST_COUNTED = 10_000


@strawberry.type(description="A page of assets.")
class AssetConnection(Connection[Asset]):
    count: strawberry.Private[Count | None] = None

    @strawberry.field(
        description="How many assets the whole list has; null above 10,000, and for lists inside of an asset. Costs a query of its own."
    )
    async def total_count(self) -> int | None:
        total = None if self.count is None else await self.count()
        return total if total is not None and total <= MOST_COUNTED else None


async def load_asset(info: Info, urn: str) -> Asset | None:
    """The asset with this urn; None where the caller may not see it."""
    row = await info.context.loader(loaders.by_urns).load(urn)
    return None if row is None else Asset.of(row)


async def required_asset(info: Info, urn: str) -> Asset:
    """The asset with this urn, which was seen a moment ago; raises ``NotFound`` where it is gone by now."""
    asset = await load_asset(info, urn)
    if asset is None:
        raise NotFound("asset", urn)
    return asset


@strawberry.type(description="A pair of columns of a foreign key.")
class ForeignKey:
    from_urn: strawberry.Private[str]
    to_urn: strawberry.Private[str]

    @strawberry.field(name="from", description="The column that refers.")
    async def from_(self, info: Info) -> Asset:
        return await required_asset(info, self.from_urn)

    @strawberry.field(description="The column it refers to.")
    async def to(self, info: Info) -> Asset:
        return await required_asset(info, self.to_urn)


@strawberry.type(description="A page of foreign keys, by their columns.")
class ForeignKeyConnection(Connection[ForeignKey]): ...


@strawberry.type(description="A direct neighbour in lineage, with what is said of the edge to it.")
class Neighbour:
    urn: strawberry.Private[str]
    assertions: list[LineageAssertion] = strawberry.field(description="Who asserts the edge, and how.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(urn=row["urn"], assertions=assertions(row["edges"]))

    @strawberry.field(description="The neighbour itself.")
    async def asset(self, info: Info) -> Asset:
        return await self._asset(info)

    async def _asset(self, info: Info) -> Asset:
        return await required_asset(info, self.urn)


@strawberry.type(description="A page of direct neighbours in lineage, by urn.")
class NeighbourConnection(Connection[Neighbour]): ...
