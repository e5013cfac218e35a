"""What assets inherit and for which reasons, as the API shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from cypher.propagation import reads
from graph_api.catalog import loaders as catalog
from graph_api.context import Context, Info
from graph_api.enums import PropagationWay
from schema.domain.time import moment

if TYPE_CHECKING:
    from graph_api.catalog.types import Asset
    from graph_api.classifications.types import Classification

Row = Mapping[str, Any]
PathKey = tuple[int, int, str]


async def inherited(context: Context, urns: list[str]) -> Sequence[Sequence[Row]]:
    found = await reads.reasons(context.graph, urns, context.scope)
    return [found.get(urn, []) for urn in urns]


async def _paths(context: Context, keys: list[PathKey]) -> Sequence[Row]:
    rows = [{"origin": origin, "heir": heir, "classification": name} for origin, heir, name in keys]
    found = await reads.paths(context.graph, rows, context.scope)
    return [found.get(key, {"path": [], "hidden": False}) for key in keys]


async def _assets(info: Info, urns: Sequence[str | None]) -> list[Asset]:
    from graph_api.catalog.types import Asset

    rows = await info.context.loader(catalog.by_urns).load_many([urn for urn in urns if urn])
    return [Asset.of(row) for row in rows if row is not None]


@strawberry.type(description="One reason why an asset inherits a classification.")
class PropagationReason:
    origin_urn: strawberry.Private[str | None]
    via_urn: strawberry.Private[str | None]
    ends: strawberry.Private[PathKey]
    way: PropagationWay = strawberry.field(description="How it came.")
    hops: int = strawberry.field(description="Over how many edges, or levels of containment.")
    confidence: float = strawberry.field(
        description="How sure it is at its origin, 0 to 1; 1 where a person confirmed it."
    )

    @classmethod
    def of(cls, row: Row, reason: Row) -> Self:
        return cls(
            origin_urn=reason["origin"],
            via_urn=reason["via"],
            ends=(reason["origin_key"], row["key"], row["classification"]["name"]),
            way=PropagationWay(row["way"]),
            hops=reason["hops"],
            confidence=reason["confidence"],
        )

    @strawberry.field(
        description="The asset in which it was found or set; null where the caller may not see it."
    )
    async def origin(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")] | None:
        return next(iter(await _assets(info, [self.origin_urn])), None)

    @strawberry.field(
        description="The column from which it came last; null where the caller may not see it, and for containment."
    )
    async def via(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")] | None:
        return next(iter(await _assets(info, [self.via_urn])), None)

    @strawberry.field(
        description="One shortest way along lineage, origin first, of what the caller may see; empty for containment."
    )
    async def path(self, info: Info) -> list[Annotated[Asset, strawberry.lazy("graph_api.catalog.types")]]:
        if self.way is PropagationWay.CONTAINMENT:
            return []
        return await _assets(info, (await info.context.loader(_paths).load(self.ends))["path"])

    @strawberry.field(description="Whether the way passes assets that the caller may not see.")
    async def past_hidden(self, info: Info) -> bool:
        if self.way is PropagationWay.CONTAINMENT:
            return False
        return bool((await info.context.loader(_paths).load(self.ends))["hidden"])


@strawberry.type(
    description="A column from which a classification was inherited along lineage, as it was then."
)
class InheritanceOrigin:
    origin_urn: strawberry.Private[str | None]
    via_urn: strawberry.Private[str | None]
    hops: int = strawberry.field(description="Over how many edges.")
    confidence: float = strawberry.field(
        description="How sure it was at its origin, 0 to 1; 1 where a person confirmed it."
    )

    @classmethod
    def of(cls, reason: Row) -> Self:
        return cls(
            origin_urn=reason["origin"],
            via_urn=reason["via"],
            hops=reason["hops"],
            confidence=reason["confidence"],
        )

    @strawberry.field(
        description="The column that said so, as it is now; null where the caller may not see it or it is gone."
    )
    async def origin(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")] | None:
        return next(iter(await _assets(info, [self.origin_urn])), None)

    @strawberry.field(
        description="The column from which it came last, as it is now; null where the caller may not see it or it is gone."
    )
    async def via(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")] | None:
        return next(iter(await _assets(info, [self.via_urn])), None)


@strawberry.type(description="A classification that an asset inherits, and why.")
class InheritedClassification:
    row: strawberry.Private[Row]
    way: PropagationWay = strawberry.field(description="How it came.")
    confidence: float = strawberry.field(description="That of the surest reason, 0 to 1.")
    valid_from: datetime | None = strawberry.field(description="Since when, for these reasons.")
    rejected: bool = strawberry.field(
        description="Whether a person rejected it on this asset, so that it is not inherited."
    )
    more_reasons: bool = strawberry.field(description="Whether there are more reasons than are listed.")
    reasons: list[PropagationReason] = strawberry.field(description="The nearest five, nearest first.")

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls(
            row=row,
            way=PropagationWay(row["way"]),
            confidence=row["confidence"],
            valid_from=moment(row["since"]),
            rejected=row["rejected"],
            more_reasons=row["more"],
            reasons=[PropagationReason.of(row, reason) for reason in row["reasons"]],
        )

    @strawberry.field(description="The kind of data.")
    def classification(
        self,
    ) -> Annotated[Classification, strawberry.lazy("graph_api.classifications.types")]:
        from graph_api.classifications.types import Classification

        return Classification.of(self.row["classification"])


async def reasons_of(info: Info, urn: str, classification: str) -> list[PropagationReason]:
    """Why ``urn`` inherits ``classification``: along lineage first."""
    rows = await info.context.loader(inherited).load(urn)
    return [
        PropagationReason.of(row, reason)
        for row in sorted(rows, key=lambda each: each["way"] == "CONTAINMENT")
        if row["classification"]["name"] == classification
        for reason in row["reasons"]
    ]
