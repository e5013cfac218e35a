"""What surrounds an asset in lineage, as the API shows it: ready to be drawn, or drawn already."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import strawberry

from cypher.lineage.reads import Walk
from graph_api.catalog.edges import assertions
from graph_api.catalog.types import Asset, required_asset
from graph_api.context import Context, Info
from graph_api.enums import AssetKind, LineageExportFormat
from graph_api.lineage.types import Completeness, LineageEdge
from graph_api.pictures import layout
from graph_api.pictures.formats import Document
from graph_api.pictures.model import Holder, Node, Picture
from graph_api.pictures.reading import Surroundings, drawings


async def pictures(context: Context, keys: list[Surroundings]) -> Sequence[tuple[Picture, layout.Layout]]:
    """Pictures with their layouts, which all nodes of an answer share."""
    return await drawings(context, keys)


async def _drawn(info: Info, of: Surroundings) -> tuple[Picture, layout.Layout]:
    return await info.context.loader(pictures).load(of)


@strawberry.type(
    description="A rectangle of the drawing, in pixels of CSS from its upper left corner. Boxes stand in layers from left to right."
)
class LineagePlace:
    layer: int = strawberry.field(
        description="Layer of the box: 0 that of the start, upstream below it. Edges lead to a higher layer, but for circles."
    )
    order: int = strawberry.field(
        description="Position from the top, from 0: of boxes in their layer, so that few edges cross; of columns in their dataset."
    )
    x: float = strawberry.field(description="Left end.")
    y: float = strawberry.field(description="Upper end.")
    width: float = strawberry.field(description="Width.")
    height: float = strawberry.field(description="Height.")

    @classmethod
    def of(cls, place: layout.Place) -> LineagePlace:
        return cls(
            layer=place.layer,
            order=place.order,
            x=float(place.x),
            y=float(place.y),
            width=float(place.width),
            height=float(place.height),
        )


@strawberry.type(
    description="What holds assets of a neighbourhood: the dataset of columns, the schema, database or source of all else."
)
class LineageGroup:
    kind: AssetKind = strawberry.field(description="What it is.")
    key: str = strawberry.field(description="Its urn: the same in every answer.")
    label: str = strawberry.field(description="Its dotted name.")
    parent: str | None = strawberry.field(
        description="Key of the group that holds this one; null where there is none or the caller may not see it."
    )
    place: LineagePlace | None = strawberry.field(
        description="Its box, for the dataset of columns; null for the others, which are not drawn as boxes."
    )

    @classmethod
    def of(cls, holder: Holder, parent: Holder | None, place: layout.Place | None) -> LineageGroup:
        return cls(
            kind=AssetKind(holder.kind),
            key=holder.urn,
            label=holder.path or holder.name,
            parent=parent.urn if parent else None,
            place=LineagePlace.of(place) if place else None,
        )


@strawberry.type(description="An asset of a neighbourhood.")
class LineageNode:
    surroundings: strawberry.Private[Surroundings]
    urn: str = strawberry.field(description="Urn of the asset.")
    level: int = strawberry.field(
        description="Distance from the start: negative upstream, 0 the start itself; a column that `columns` added has that of its dataset."
    )

    @strawberry.field(description="The asset itself.")
    async def asset(self, info: Info) -> Asset:
        return await required_asset(info, self.urn)

    async def _node(self, info: Info) -> Node | None:
        picture, _ = await _drawn(info, self.surroundings)
        return picture.by_urn.get(self.urn)

    @strawberry.field(
        description="Key of the group that it belongs to; null where none holds it or the caller may not see it."
    )
    async def group(self, info: Info) -> str | None:
        node = await self._node(info)
        return node.holders[0].urn if node and node.holders else None

    @strawberry.field(
        description="How many assets feed it directly and are not in the answer; `lineage` of this asset shows them."
    )
    async def more_upstream(self, info: Info) -> int:
        node = await self._node(info)
        return node.more_upstream if node else 0

    @strawberry.field(
        description="How many assets it feeds directly that are not in the answer; `lineage` of this asset shows them."
    )
    async def more_downstream(self, info: Info) -> int:
        node = await self._node(info)
        return node.more_downstream if node else 0

    @strawberry.field(description="Where it is drawn: a dataset as a box, its columns as rows in it.")
    async def place(self, info: Info) -> LineagePlace | None:
        _, found = await _drawn(info, self.surroundings)
        place = found.places.get(self.urn)
        return LineagePlace.of(place) if place else None


@strawberry.type(description="What surrounds an asset in lineage, ready to be drawn.")
class Lineage:
    surroundings: strawberry.Private[Surroundings]
    nodes: list[LineageNode] = strawberry.field(
        description="The start and what is nearest to it, by level and urn; at most 101, and 1,000 columns where these are wanted."
    )
    edges: list[LineageEdge] = strawberry.field(description="All edges among the nodes.")
    completeness: Completeness = strawberry.field(
        description="Whether the neighbourhood has everything; ask for that of a node at its rim to go on."
    )

    @strawberry.field(
        description="What holds the nodes, and what holds that, by key; as many as the nodes need."
    )
    async def groups(self, info: Info) -> list[LineageGroup]:
        picture, found = await _drawn(info, self.surroundings)
        above = {inner.urn: outer for node in picture.nodes for inner, outer in pairwise(node.holders)}
        return [
            LineageGroup.of(holder, above.get(urn), found.places.get(urn))
            for urn, holder in sorted(picture.holders.items())
        ]

    @classmethod
    def of(cls, found: Surroundings) -> Lineage:
        by_level = sorted(found.levels.items(), key=lambda pair: (pair[1], pair[0]))
        return cls(
            surroundings=found,
            nodes=[LineageNode(surroundings=found, urn=urn, level=level) for urn, level in by_level],
            edges=[
                LineageEdge(upstream=up, downstream=down, assertions=assertions(said))
                for (up, down), said in sorted(found.edges.items())
            ]
            + [
                LineageEdge(upstream=up, downstream=down, assertions=[], past_hidden=True)
                for up, down in sorted(found.past_hidden)
            ],
            completeness=Completeness.of(found.lacks, found.limit, walk=found.question.walk),
        )


@strawberry.type(description="A picture of lineage as a document.")
class LineageExport:
    format: LineageExportFormat = strawberry.field(description="Its format.")
    media_type: str = strawberry.field(description="Its media type.")
    file_name: str = strawberry.field(description="A name for its file.")
    content: str = strawberry.field(description="The document.")
    completeness: Completeness = strawberry.field(
        description="Whether it has everything; the document says it as well."
    )

    @classmethod
    def of(cls, document: Document, picture: Picture, walk: Walk) -> LineageExport:
        return cls(
            format=LineageExportFormat(document.format.value),
            media_type=document.media_type,
            file_name=document.file_name,
            content=document.content.decode(),
            completeness=Completeness.of(picture.lacks, picture.limit, walk=walk),
        )
