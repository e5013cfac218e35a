"""Lineage, as the API shows it: hits of walks, neighbourhoods, and how far an answer can be trusted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import strawberry

from cypher.lineage import reads
from cypher.lineage.reads import Hit, Walk
from graph_api.catalog import loaders as catalog_loaders
from graph_api.catalog.data_tests import DataTest, tests_by_urns
from graph_api.catalog.edges import LineageAssertion, assertions
from graph_api.catalog.types import Asset, load_asset, required_asset
from graph_api.context import Context, Info
from graph_api.enums import AssetKind, HiddenAssets, ImpactGrouping, Incompleteness, Sensitivity
from graph_api.errors import QueryTimeoutError
from graph_api.lineage.changes import Affected, ChangeKind, Effect, Reader, Report
from graph_api.lineage.paths import Way, Ways, hops_of
from graph_api.lineage.walks import hidden, unread
from graph_api.paging import Connection
from graph_api.values import by_arguments
from schema.domain.lineage import Incomplete
from schema.errors import QueryTimeout

_LATE = QueryTimeoutError(
    message="The time was up before the walk had reached everything.",
    code=QueryTimeout.code,
    path=[],
    remedy="Ask for fewer hops, or narrow the edges.",
)


@strawberry.type(
    description="Whether an answer about lineage has everything; if not, why, and where to go on."
)
class Completeness:
    walk: strawberry.Private[Walk | None]
    complete: bool = strawberry.field(description="Whether nothing is known to be missing.")
    reason: Incompleteness | None = strawberry.field(
        description="Why something may be missing; the most severe reason."
    )
    limit: int | None = strawberry.field(
        description="The limit that was met: rows for LIMIT, hops for HOPS and TIMEOUT."
    )
    cursor: str | None = strawberry.field(description="Where to go on, for LIMIT.")
    error: QueryTimeoutError | None = strawberry.field(description="What happened, for TIMEOUT.")

    @classmethod
    def of(
        cls,
        reason: Incomplete | None,
        limit: int | None = None,
        cursor: str | None = None,
        *,
        walk: Walk | None = None,
    ) -> Completeness:
        return cls(
            walk=walk,
            error=_LATE if reason is Incomplete.TIMEOUT else None,
            complete=reason is None,
            reason=None if reason is None else Incompleteness(reason.value),
            limit=limit,
            cursor=cursor,
        )

    @strawberry.field(description="What the walk does at assets that the caller may not see.")
    def hidden_assets(self, info: Info) -> HiddenAssets:
        return HiddenAssets.PASSED if info.context.past_hidden else HiddenAssets.STOP

    @strawberry.field(
        description="How many assets that the caller may not see lie where the walk goes; null for a caller who may not know. May cost a query of its own."
    )
    async def hidden_count(self, info: Info) -> int | None:
        return None if self.walk is None else await hidden(info.context, self.walk)


async def paths(context: Context, keys: list[tuple[str, Walk]]) -> Sequence[list[str]]:
    """One shortest path to each hit of a walk."""

    async def read(urns: list[str], walk: Walk) -> dict[str, list[str]]:
        return await reads.paths(context.graph, walk, urns, context.scope)

    return await by_arguments(keys, read, list)


@strawberry.type(
    description="One asset that a walk over lineage reaches, how far away it is and on which way."
)
class ImpactEdge:
    walk: strawberry.Private[Walk]
    urn: strawberry.Private[str]
    cursor: str = strawberry.field(description="Pass it as `after` or `before` to continue from this asset.")
    hops: int = strawberry.field(description="Shortest distance from the start, 1 or more.")
    way: strawberry.Private[tuple[str, ...] | None] = None

    @strawberry.field(description="The asset itself.")
    async def node(self, info: Info) -> Asset:
        return await required_asset(info, self.urn)

    @strawberry.field(
        description="One shortest path, the start first, the hit last; assets on it that the caller may not see are left out, so it can be shorter than `hops`."
    )
    async def path(self, info: Info) -> list[Asset]:
        rows = await info.context.loader(catalog_loaders.by_urns).load_many(
            await self.path_urns(info.context)
        )
        return [Asset.of(row) for row in rows if row is not None]

    async def path_urns(self, context: Context) -> Sequence[str]:
        """Urns of that path, those of hidden assets, if any, among them."""
        return self.way or await context.loader(paths).load((self.urn, self.walk))


@strawberry.type(description="A page of what a walk reaches, nearest first.")
class ImpactConnection(Connection[Asset]):
    edges: list[ImpactEdge] = strawberry.field(description="The assets with their cursors.")  # type: ignore[assignment]
    walk: strawberry.Private[Walk]
    lacks: strawberry.Private[Incomplete | None]
    size: strawberry.Private[int]

    @strawberry.field(
        description="Whether the pages up to this one have everything. May cost a query of its own."
    )
    async def completeness(self, info: Info) -> Completeness:
        if self.lacks is Incomplete.TIMEOUT:
            return Completeness.of(self.lacks, self.walk.max_hops, walk=self.walk)
        if self.page_info.has_next_page:
            return Completeness.of(Incomplete.LIMIT, self.size, self.page_info.end_cursor, walk=self.walk)
        reason = self.lacks or await unread(info.context, self.walk)
        return Completeness.of(
            reason, self.walk.max_hops if reason is Incomplete.HOPS else None, walk=self.walk
        )


def edge_of(walk: Walk) -> Callable[[str, Hit], ImpactEdge]:
    """Maker of the edges of one walk."""
    return lambda cursor, hit: ImpactEdge(cursor=cursor, walk=walk, urn=hit.urn, hops=hit.hops, way=hit.path)


@strawberry.type(description="Assets of one kind.")
class KindCount:
    kind: AssetKind = strawberry.field(description="The kind.")
    count: int = strawberry.field(description="How many assets.")


@strawberry.type(description="Assets of one level.")
class SensitivityCount:
    sensitivity: Sensitivity = strawberry.field(description="The level.")
    count: int = strawberry.field(description="How many assets.")


@strawberry.type(description="Assets at one distance.")
class HopCount:
    hops: int = strawberry.field(description="Shortest distance from the start.")
    count: int = strawberry.field(description="How many assets.")


@strawberry.type(description="Assets of one domain.")
class DomainCount:
    domain: str = strawberry.field(description="The domain; empty for none.")
    count: int = strawberry.field(description="How many assets.")


@strawberry.type(description="Assets of one source.")
class SourceCount:
    source: str = strawberry.field(description="Name of the source.")
    count: int = strawberry.field(description="How many assets.")


@strawberry.type(description="How many assets a walk reaches, grouped; only what the caller may see counts.")
class ImpactCount:
    total: int = strawberry.field(description="All assets that are reached.")
    by_kind: list[KindCount] = strawberry.field(description="By kind, most first.")
    by_sensitivity: list[SensitivityCount] = strawberry.field(description="By level, the highest first.")
    by_hop: list[HopCount] = strawberry.field(description="By distance, the nearest first.")
    by_domain: list[DomainCount] = strawberry.field(description="By domain, most first.")
    by_source: list[SourceCount] = strawberry.field(description="By source, most first.")
    completeness: Completeness = strawberry.field(description="Whether the counts have everything.")

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], completeness: Completeness) -> ImpactCount:
        def grouped(name: str, empty: Any) -> dict[Any, int]:
            sums: dict[Any, int] = {}
            for row in rows:
                value = empty if row[name] is None else row[name]
                sums[value] = sums.get(value, 0) + row["assets"]
            return sums

        def most_first(sums: dict[Any, int]) -> list[tuple[Any, int]]:
            return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))

        return cls(
            total=sum(row["assets"] for row in rows),
            by_kind=[
                KindCount(kind=AssetKind(k), count=n) for k, n in most_first(grouped("kind", "DATASET"))
            ],
            by_sensitivity=[
                SensitivityCount(sensitivity=Sensitivity(level), count=n)
                for level, n in sorted(grouped("sensitivity", 0).items(), reverse=True)
            ],
            by_hop=[HopCount(hops=hops, count=n) for hops, n in sorted(grouped("hops", 0).items())],
            by_domain=[DomainCount(domain=d, count=n) for d, n in most_first(grouped("domain", ""))],
            by_source=[SourceCount(source=s, count=n) for s, n in most_first(grouped("source", ""))],
            completeness=completeness,
        )


@strawberry.type(description="Assets that a walk reaches and that one thing holds.")
class ImpactGroup:
    by: strawberry.Private[ImpactGrouping]
    key: str = strawberry.field(
        description="Urn of the dataset or schema, name of the source or domain; empty for what has none."
    )
    count: int = strawberry.field(description="How many assets; a dataset counts as its own part.")
    nearest_hop: int = strawberry.field(description="Shortest distance of one of them from the start.")

    @strawberry.field(description="The dataset or schema; null for sources, domains and what has none.")
    async def asset(self, info: Info) -> Asset | None:
        return await load_asset(info, self.asset_urn) if self.asset_urn else None

    @property
    def asset_urn(self) -> str:
        """Its urn; empty for what is no asset."""
        return self.key if self.by in (ImpactGrouping.DATASET, ImpactGrouping.SCHEMA) else ""


@strawberry.type(description="What a walk reaches, put together by what holds it.")
class ImpactGroups:
    groups: list[ImpactGroup] = strawberry.field(description="The groups, those with most assets first.")
    completeness: Completeness = strawberry.field(
        description="Whether the groups and their counts have everything."
    )


@strawberry.input(description="A change that nobody has made yet.")
class ProposedChange:
    kind: ChangeKind = strawberry.field(description="What is to be changed.")
    urn: str = strawberry.field(description="Urn of the column, dataset or source.")


@strawberry.type(description="What a change does to one asset.")
class ChangeEffect:
    found: strawberry.Private[Affected]
    effect: Effect = strawberry.field(description="How badly.")
    hops: int = strawberry.field(description="Shortest distance from what changes.")

    @strawberry.field(description="The asset itself.")
    async def asset(self, info: Info) -> Asset:
        return await required_asset(info, self.found.urn)

    @strawberry.field(description="One shortest path to it, what changes first.")
    async def path(self, info: Info) -> list[Asset]:
        rows = await info.context.loader(catalog_loaders.by_urns).load_many(list(self.found.path))
        return [Asset.of(row) for row in rows if row is not None]


@strawberry.type(description="Something that reads what a change reaches.")
class ChangeReader:
    found: strawberry.Private[Reader]

    @strawberry.field(description="The test or report itself.")
    async def asset(self, info: Info) -> Asset:
        return await required_asset(info, self.found.urn)

    @strawberry.field(
        description="How the test stands; null for a report, and for a test that was only seen to run."
    )
    async def data_test(self, info: Info) -> DataTest | None:
        row = None if self.found.is_report else await info.context.loader(tests_by_urns).load(self.found.urn)
        return None if row is None else DataTest.of(row)

    @strawberry.field(description="One shortest path to what it reads, what changes first.")
    async def path(self, info: Info) -> list[Asset]:
        rows = await info.context.loader(catalog_loaders.by_urns).load_many(list(self.found.path))
        return [Asset.of(row) for row in rows if row is not None]


@strawberry.type(description="What one proposed change would do; nothing is written.")
class ChangeImpact:
    kind: ChangeKind = strawberry.field(description="What would be changed.")
    urn: str = strawberry.field(description="Urn of the column or dataset.")
    effects: list[ChangeEffect] = strawberry.field(
        description="What it reaches, what breaks before what only warns, nearest first; at most 100."
    )
    owners: list[str] = strawberry.field(description="Who owns something of that, by name.")
    tags: list[str] = strawberry.field(description="Tags that something of that carries, by name.")
    classifications: list[str] = strawberry.field(
        description="What something of that is classified as, by name; policies follow from it."
    )
    jobs: list[Asset] = strawberry.field(description="Jobs that carry it there, by urn.")
    quality_rules: list[ChangeReader] = strawberry.field(
        description="Data tests over what changes or over one of the effects, by urn; with the others the 200 nearest."
    )
    reports: list[ChangeReader] = strawberry.field(
        description="Dashboards and other reports over what changes or over one of the effects, by urn; with the others the 200 nearest."
    )
    completeness: Completeness = strawberry.field(description="Whether these are all effects.")

    @classmethod
    def of(cls, change: ProposedChange, found: Report) -> ChangeImpact:
        return cls(
            kind=change.kind,
            urn=change.urn,
            effects=[ChangeEffect(found=each, effect=each.effect, hops=each.hops) for each in found.affected],
            owners=found.owners,
            tags=found.tags,
            classifications=found.classifications,
            jobs=found.jobs,
            quality_rules=[ChangeReader(found=each) for each in found.readers if not each.is_report],
            reports=[ChangeReader(found=each) for each in found.readers if each.is_report],
            completeness=Completeness.of(found.lacks, found.limit),
        )


@strawberry.type(description="An edge of a neighbourhood.")
class LineageEdge:
    upstream: str = strawberry.field(description="Urn of the asset that feeds.")
    downstream: str = strawberry.field(description="Urn of the asset that is fed.")
    assertions: list[LineageAssertion] = strawberry.field(description="Who asserts the edge, and how.")
    past_hidden: bool = strawberry.field(
        default=False,
        description="True where it stands for a way over assets alone that the caller may not see.",
    )

    @strawberry.field(
        description="Stable identity: the same for the same two ends in every answer, so that answers can be merged."
    )
    def id(self) -> strawberry.ID:
        ends = f"{self.upstream}\0{self.downstream}".encode()
        return strawberry.ID(hashlib.blake2b(ends, digest_size=12).hexdigest())


@strawberry.type(description="One way from an asset downstream to another; it passes no asset twice.")
class LineagePath:
    urns: strawberry.Private[tuple[str, ...]]
    hops: int = strawberry.field(
        description="Its length in edges, those from and to assets that the caller may not see included."
    )
    edges: list[LineageEdge] = strawberry.field(description="Its edges, from the start on.")

    @strawberry.field(description="Its assets that the caller may see, the start first.")
    async def assets(self, info: Info) -> list[Asset]:
        rows = await info.context.loader(catalog_loaders.by_urns).load_many(list(self.urns))
        return [Asset.of(row) for row in rows if row is not None]

    @classmethod
    def of(cls, way: Way, found: Ways) -> LineagePath:
        edges = [
            LineageEdge(
                upstream=up, downstream=down, assertions=assertions(said or []), past_hidden=said is None
            )
            for up, down, said in hops_of(way, found.edges)
        ]
        return cls(urns=way.urns, hops=way.hops, edges=edges)


@strawberry.type(description="Ways from an asset downstream to another.")
class LineagePaths:
    paths: list[LineagePath] = strawberry.field(description="The ways, shortest first.")
    completeness: Completeness = strawberry.field(description="Whether these are all ways.")
