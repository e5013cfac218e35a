"""What is said of one edge of lineage, by each who says it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from graph_api.catalog import loaders
from graph_api.context import Info
from graph_api.enums import EdgeOrigin, Transformation
from schema.domain.time import moment

if TYPE_CHECKING:
    from graph_api.catalog.types import Asset


@strawberry.type(
    description="One assertion of an edge of lineage: who says so, since when, and what happens on the way."
)
class LineageAssertion:
    job_urn: strawberry.Private[str]
    transformation: Transformation = strawberry.field(description="What happens to the value on its way.")
    transformations: list[Transformation] = strawberry.field(
        description="All that happens to it, the main one first."
    )
    indirect: bool = strawberry.field(
        description="True where no value flows: a column only filters, joins, groups or orders."
    )
    origin: EdgeOrigin = strawberry.field(description="Who says so.")
    author: str = strawberry.field(description="The principal that recorded it.")
    confidence: float = strawberry.field(description="How sure the origin is, 0 to 1.")
    first_seen: datetime | None = strawberry.field(description="When it was first asserted.")
    last_seen: datetime | None = strawberry.field(description="When it was last asserted.")

    @classmethod
    def of(cls, edge: Mapping[str, Any]) -> Self:
        return cls(
            job_urn=edge.get("job") or "",
            transformation=Transformation(edge.get("transformation") or "UNKNOWN"),
            transformations=[Transformation(each) for each in edge.get("transformations") or ()],
            indirect=edge["type"] == "INFLUENCES",
            origin=EdgeOrigin(edge.get("origin") or "FOREIGN"),
            author=edge.get("author") or "",
            confidence=float(edge.get("confidence") or 0.0),
            first_seen=moment(edge.get("first_seen")),
            last_seen=moment(edge.get("last_seen")),
        )

    @strawberry.field(
        description="The job that makes it; null where none is known or the caller may not see it."
    )
    async def job(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")] | None:
        from graph_api.catalog.types import Asset

        row = await info.context.loader(loaders.by_urns).load(self.job_urn) if self.job_urn else None
        return None if row is None else Asset.of(row)


def assertions(edges: list[Mapping[str, Any]]) -> list[LineageAssertion]:
    """In a stable order, whatever order the graph keeps them in."""
    ordered = sorted(
        edges, key=lambda edge: (edge["type"], edge.get("assertion") or "", edge.get("job") or "")
    )
    return [LineageAssertion.of(edge) for edge in ordered]
