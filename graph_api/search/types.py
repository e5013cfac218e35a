"""Search answers, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry

from cypher.search import reads
from graph_api.catalog.types import Asset
from graph_api.context import Info
from graph_api.enums import AssetKind, FacetKind, MatchKind
from graph_api.paging import Connection
from graph_api.search import engine
from graph_api.search.engine import Answer, Found, Query
from graph_api.search.reasons import reasons

_MOST_VALUES = 50


@strawberry.type(description="One reason why a hit is a hit.")
class SearchReason:
    kind: MatchKind = strawberry.field(description="In which way it matches.")
    field: str | None = strawberry.field(description="The field of the asset that matches.")
    snippet: str | None = strawberry.field(description="That field, or the part of it around the match.")
    rank: int | None = strawberry.field(
        description="Its rank among hits of this kind, from 1; null where it was not ranked so."
    )


@strawberry.type(description="One hit: the asset, how well it matches and why.")
class SearchEdge:
    query: strawberry.Private[Query]
    found: strawberry.Private[Found]
    row: strawberry.Private[Mapping[str, Any]]
    cursor: str = strawberry.field(description="Pass it as `after` or `before` to continue from this hit.")
    node: Asset = strawberry.field(description="The asset itself.")
    score: float = strawberry.field(description="For the order alone; scores of two answers do not compare.")

    @strawberry.field(description="Why it is a hit, the strongest reason first.")
    def reasons(self) -> list[SearchReason]:
        return [
            SearchReason(kind=MatchKind(each.kind), field=each.field, snippet=each.snippet, rank=each.rank)
            for each in reasons(self.row, self.query.words, self.found.ranks)
        ]


@strawberry.type(description="One value of a facet.")
class FacetValue:
    value: str = strawberry.field(description="The value; levels of sensitivity as numbers from 0 to 4.")
    count: int = strawberry.field(description="Matched assets that have it and that the caller may see.")


@strawberry.type(description="The matched assets counted by one of their properties.")
class Facet:
    kind: FacetKind = strawberry.field(description="The property.")
    values: list[FacetValue] = strawberry.field(description="Its values, most frequent first, at most 50.")


@strawberry.type(description="A page of hits, best first.")
class SearchConnection(Connection[Asset]):
    edges: list[SearchEdge] = strawberry.field(description="The hits with their cursors.")  # type: ignore[assignment]
    query: strawberry.Private[Query]
    answer: strawberry.Private[Answer]
    vectors_ready: bool = strawberry.field(
        description="Whether this answer could look for meaning, where it was asked to."
    )
    note: str | None = strawberry.field(description="Why it could not.")
    timed_out: bool = strawberry.field(
        description="True where a part of the search took too long and is missing."
    )

    @strawberry.field(
        description="How many assets match that the caller may see; at most 10,000 are counted. May cost a query of its own."
    )
    async def total_count(self, info: Info) -> int:
        return min(len(await engine.matched(info.context, self.query, self.answer)), engine.BOUND)

    @strawberry.field(description="Whether there are more than totalCount says.")
    async def total_count_is_bounded(self, info: Info) -> bool:
        return len(await engine.matched(info.context, self.query, self.answer)) > engine.BOUND

    @strawberry.field(
        description="What the matched assets are, counted; only what the caller may see counts. Costs a query of its own."
    )
    async def facets(self, info: Info) -> list[Facet]:
        keys = await engine.matched(info.context, self.query, self.answer)
        found = await reads.facets(info.context.graph, keys[: engine.BOUND], info.context.scope)
        return [
            Facet(
                kind=kind,
                values=[
                    FacetValue(value=value, count=count)
                    for value, count in found.get(kind.value, [])[:_MOST_VALUES]
                ],
            )
            for kind in FacetKind
        ]


@strawberry.type(description="A name to complete what is being typed.")
class Suggestion:
    name: str = strawberry.field(description="The name.")
    kinds: list[AssetKind] = strawberry.field(description="Kinds of assets that bear it.")
    asset_count: int = strawberry.field(description="How many bear it that the caller may see.")
