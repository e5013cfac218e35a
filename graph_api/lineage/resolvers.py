"""Lineage entry points: parse, walk or command, map."""

from __future__ import annotations

import asyncio
from typing import Annotated

import strawberry

from graph_api.arguments import Reason
from graph_api.as_of import AsOf, When
from graph_api.catalog.types import Asset, IncludeIndirect, load_asset, required_asset
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import Direction, ImpactGrouping
from graph_api.errors import ForbiddenError, InvalidInputError, NotFoundError
from graph_api.lineage.changes import MAX_CHANGES, report
from graph_api.lineage.filters import ImpactFilter, LineageEdgeFilter, narrowed, walk_of
from graph_api.lineage.paths import Ways, ways_between
from graph_api.lineage.types import (
    ChangeImpact,
    Completeness,
    ImpactConnection,
    ImpactCount,
    ImpactGroup,
    ImpactGroups,
    LineagePath,
    LineagePaths,
    ProposedChange,
    edge_of,
)
from graph_api.lineage.walks import Counted, counts, groups, reach, unread
from graph_api.paging import MAX_PAGE, After, Before, First, Last, Page
from graph_api.pictures.questions import MOST_COLUMNS, question_of
from graph_api.pictures.reading import surroundings
from graph_api.pictures.types import Lineage
from ingest.commands import lineage as commands
from schema.domain.lineage import Incomplete
from schema.errors import BadPage, InvalidInput

Urn = Annotated[
    str,
    strawberry.argument(
        description="Urn of the asset where the walk starts: a dataset, a column, a job's product."
    ),
]
Way = Annotated[Direction, strawberry.argument(description="Which way to walk.")]
MaxHops = Annotated[
    int | None, strawberry.argument(description="How far to walk, 1 or more; null to the end.")
]
Only = Annotated[
    ImpactFilter | None, strawberry.argument(description="Narrows what is told of; the walk passes all.")
]
Edges = Annotated[LineageEdgeFilter | None, strawberry.argument(description="Narrows what the walk passes.")]

From = Annotated[
    str,
    strawberry.argument(
        name="from", description="Urn of one end; it feeds the other where the way is DOWNSTREAM."
    ),
]
To = Annotated[str, strawberry.argument(description="Urn of the other end.")]
Between = Annotated[
    Direction,
    strawberry.argument(description="Which way from `from` to `to` lies; edges always point downstream."),
]


@strawberry.type
class LineageQueries:
    @strawberry.field(
        description="What a change of an asset reaches, or what it is made from, nearest first. Null where the caller may not see the asset.",
        extensions=[Compiled()],
    )
    async def impact(
        self,
        info: Info,
        urn: Urn,
        direction: Way = Direction.DOWNSTREAM,
        max_hops: MaxHops = 20,
        filter: Only = None,
        edges: Edges = None,
        as_of: When = None,
        include_indirect: IncludeIndirect = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ImpactConnection | None:
        walk = walk_of(info.context, urn, direction, max_hops, include_indirect, edges, as_of)
        page = Page.of("impact", (int, str), first=first, after=after, last=last, before=before)
        root, reached = await asyncio.gather(
            load_asset(info, urn),
            reach(
                info.context,
                walk,
                narrowed=narrowed(filter),
                **page.keyset,
            ),
        )
        if root is None:
            return None
        return ImpactConnection.of(
            page,
            reached.hits,
            key=lambda hit: (hit.hops, hit.urn),
            edge=edge_of(reached.walk),
            walk=reached.walk,
            lacks=reached.lacks,
            size=page.size,
        )

    @strawberry.field(
        description="How many assets such a walk reaches, grouped. Null where the caller may not see the asset.",
        extensions=[Compiled()],
    )
    async def impact_count(
        self,
        info: Info,
        urn: Urn,
        direction: Way = Direction.DOWNSTREAM,
        max_hops: MaxHops = 20,
        filter: Only = None,
        edges: Edges = None,
        as_of: When = None,
        include_indirect: IncludeIndirect = False,
    ) -> ImpactCount | None:
        walk = walk_of(info.context, urn, direction, max_hops, include_indirect, edges, as_of)
        root, counted = await asyncio.gather(
            load_asset(info, urn), counts(info.context, walk, narrowed=narrowed(filter))
        )
        return None if root is None else ImpactCount.of(counted.rows, await _of_counts(info, counted))

    @strawberry.field(
        description="What such a walk reaches, put together by what holds it. Null where the caller may not see the asset.",
        extensions=[Compiled()],
    )
    async def impact_groups(
        self,
        info: Info,
        urn: Urn,
        by: Annotated[ImpactGrouping, strawberry.argument(description="What to put together by.")],
        direction: Way = Direction.DOWNSTREAM,
        max_hops: MaxHops = 20,
        filter: Only = None,
        edges: Edges = None,
        as_of: When = None,
        include_indirect: IncludeIndirect = False,
        first: Annotated[
            int, strawberry.argument(description="Groups to tell of, the largest, 1 to 100.")
        ] = MAX_PAGE,
    ) -> ImpactGroups | None:
        _check_size(first)
        walk = walk_of(info.context, urn, direction, max_hops, include_indirect, edges, as_of)
        root, counted = await asyncio.gather(
            load_asset(info, urn), groups(info.context, walk, by=by.value, narrowed=narrowed(filter))
        )
        if root is None:
            return None
        if counted.lacks is not Incomplete.TIMEOUT and len(counted.rows) > first:
            completeness = Completeness.of(Incomplete.LIMIT, first, walk=walk)
        else:
            completeness = await _of_counts(info, counted)
        shown = [
            ImpactGroup(by=by, key=row["group"] or "", count=row["assets"], nearest_hop=row["nearest"])
            for row in counted.rows
        ]
        shown.sort(key=lambda group: (-group.count, group.nearest_hop, group.key))
        return ImpactGroups(groups=shown[:first], completeness=completeness)

    @strawberry.field(
        description="All ways between two assets, shortest first, each in the direction of its edges. Null where the caller may not see both.",
        extensions=[Compiled()],
    )
    async def lineage_paths(
        self,
        info: Info,
        from_: From,
        to: To,
        direction: Between = Direction.DOWNSTREAM,
        max_hops: MaxHops = 20,
        as_of: When = None,
        include_indirect: IncludeIndirect = False,
        first: Annotated[
            int, strawberry.argument(description="Ways to tell of, the shortest, 1 to 100.")
        ] = 20,
    ) -> LineagePaths | None:
        _check_size(first)
        sides = await _ways(info, from_, to, direction, max_hops, include_indirect, as_of, first)
        if sides is None:
            return None
        ways = _shortest(sides)
        lacks = {side.lacks for side in sides} | ({Incomplete.LIMIT} if len(ways) > first else set())
        reason = next((each for each in Incomplete if each in lacks), None)
        for side in sides:
            reason = reason or await unread(info.context, side.walk)
        limit = {
            Incomplete.LIMIT: min(len(ways), first),
            Incomplete.HOPS: max_hops,
            Incomplete.TIMEOUT: min(side.walk.max_hops for side in sides),
        }
        return LineagePaths(
            paths=ways[:first],
            completeness=Completeness.of(
                reason, None if reason is None else limit.get(reason), walk=sides[0].walk
            ),
        )

    @strawberry.field(
        description="What proposed changes would break, or would have broken, each by itself; a dry run, nothing is written.",
        extensions=[Compiled()],
    )
    async def change_impact(
        self,
        info: Info,
        changes: Annotated[list[ProposedChange], strawberry.argument(description="1 to 10 changes.")],
        max_hops: MaxHops = 20,
        as_of: When = None,
    ) -> list[ChangeImpact]:
        if not 1 <= len(changes) <= MAX_CHANGES:
            raise InvalidInput(
                f"1 to {MAX_CHANGES} changes, not {len(changes)}.",
                path=("changes",),
                remedy="Ask in parts.",
            )
        walks = [
            walk_of(info.context, change.urn, Direction.DOWNSTREAM, max_hops, as_of=as_of)
            for change in changes
        ]
        found = await asyncio.gather(
            *(report(info.context, change.kind, walk) for change, walk in zip(changes, walks, strict=True))
        )
        return [ChangeImpact.of(change, each) for change, each in zip(changes, found, strict=True)]

    @strawberry.field(
        description="The shortest way between two assets; of several the first by urn. Null where there is none or the caller may not see both.",
        extensions=[Compiled()],
    )
    async def lineage_path(
        self,
        info: Info,
        from_: From,
        to: To,
        direction: Between = Direction.DOWNSTREAM,
        max_hops: MaxHops = 20,
        as_of: When = None,
        include_indirect: IncludeIndirect = False,
    ) -> LineagePath | None:
        sides = await _ways(info, from_, to, direction, max_hops, include_indirect, as_of, 1)
        return next(iter(_shortest(sides or [])), None)

    @strawberry.field(
        description="What surrounds an asset in lineage, with all edges. Null where the caller may not see the asset.",
        extensions=[Compiled()],
    )
    async def lineage(
        self,
        info: Info,
        urn: Urn,
        direction: Annotated[
            Direction, strawberry.argument(description="Which ways to walk.")
        ] = Direction.BOTH,
        max_hops: MaxHops = 3,
        include_indirect: IncludeIndirect = False,
        as_of: When = None,
        first: Annotated[
            int, strawberry.argument(description="Assets besides the start, the nearest, 1 to 100.")
        ] = MAX_PAGE,
        edges: Edges = None,
        columns: Annotated[
            bool,
            strawberry.argument(
                description="For a dataset: also those columns of the assets that exchange something with its columns, at most 1,000."
            ),
        ] = False,
    ) -> Lineage | None:
        _check_size(first)
        found = await surroundings(
            info.context,
            question_of(
                info.context,
                urn,
                direction,
                max_hops,
                include_indirect,
                edges,
                as_of,
                most=first,
                most_columns=MOST_COLUMNS if columns else 0,
            ),
        )
        return None if found is None else Lineage.of(found)


def _check_size(first: int) -> None:
    if not 1 <= first <= MAX_PAGE:
        raise BadPage(
            f"An answer has 1 to {MAX_PAGE} rows, not {first}.", path=("first",), remedy="Ask for fewer."
        )


async def _of_counts(info: Info, counted: Counted) -> Completeness:
    walk = counted.walk
    reason = counted.lacks or await unread(info.context, walk)
    return Completeness.of(reason, walk.max_hops if counted.lacks else None, walk=walk)


async def _ways(
    info: Info,
    start: str,
    end: str,
    direction: Direction,
    max_hops: int | None,
    indirect: bool,
    as_of: AsOf | None,
    first: int,
) -> list[Ways] | None:
    """Ways in the one or two directions that are asked for; None where an end is not there for the caller."""
    ends = {Direction.DOWNSTREAM: (start, end), Direction.UPSTREAM: (end, start)}
    wanted = list(ends.values()) if direction is Direction.BOTH else [ends[direction]]
    *seen, found = await asyncio.gather(
        load_asset(info, start),
        load_asset(info, end),
        asyncio.gather(
            *(
                ways_between(
                    info.context,
                    walk_of(info.context, up, Direction.DOWNSTREAM, max_hops, indirect, as_of=as_of),
                    down,
                    first=first,
                )
                for up, down in wanted
            )
        ),
    )
    return None if None in seen else found


def _shortest(sides: list[Ways]) -> list[LineagePath]:
    """Their ways, shortest first."""
    found = [(way.hops, way.urns, LineagePath.of(way, side)) for side in sides for way in side.ways]
    return [path for _, _, path in sorted(found, key=lambda each: each[:2])]


@strawberry.type(description="The edge is recorded.")
class LineageLinkSuccess:
    upstream: Asset = strawberry.field(description="The asset that feeds.")
    downstream: Asset = strawberry.field(description="The asset that is fed.")


@strawberry.type(description="The edge is closed; history keeps it.")
class LineageUnlinkSuccess:
    upstream: Asset = strawberry.field(description="The asset that fed.")
    downstream: Asset = strawberry.field(description="The asset that was fed.")


LineageLinkResult = Annotated[
    LineageLinkSuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union("LineageLinkResult", description="The edge, or why there is none."),
]
LineageUnlinkResult = Annotated[
    LineageUnlinkSuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union("LineageUnlinkResult", description="The closed edge, or why it stays."),
]
Upstream = Annotated[str, strawberry.argument(description="Urn of the asset that feeds.")]
Downstream = Annotated[str, strawberry.argument(description="Urn of the asset that is fed.")]


@strawberry.type
class LineageMutations:
    @strawberry.mutation(description="Record by hand that one asset feeds another. Needs EDIT.")
    async def lineage_link(
        self, info: Info, upstream: Upstream, downstream: Downstream, reason: Reason = ""
    ) -> LineageLinkResult:
        await commands.link(
            info.context.graph,
            info.context.principal,
            upstream=upstream,
            downstream=downstream,
            reason=reason,
        )
        return LineageLinkSuccess(
            upstream=await required_asset(info, upstream), downstream=await required_asset(info, downstream)
        )

    @strawberry.mutation(description="Close an edge that people drew; what sources assert stays. Needs EDIT.")
    async def lineage_unlink(
        self, info: Info, upstream: Upstream, downstream: Downstream, reason: Reason = ""
    ) -> LineageUnlinkResult:
        await commands.unlink(
            info.context.graph,
            info.context.principal,
            upstream=upstream,
            downstream=downstream,
            reason=reason,
        )
        return LineageUnlinkSuccess(
            upstream=await required_asset(info, upstream), downstream=await required_asset(info, downstream)
        )
