"""Search entry points: parse, search, map."""

from __future__ import annotations

from typing import Annotated

import strawberry

from cypher.search import reads
from graph_api.catalog.filters import AssetFilter, wanted
from graph_api.catalog.types import Asset
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import AssetKind, SearchMode
from graph_api.paging import After, Before, First, Last, Page
from graph_api.search import engine
from graph_api.search.engine import Found, Query
from graph_api.search.types import SearchConnection, SearchEdge, Suggestion
from schema.errors import BadPage

_MOST_SUGGESTED = 20


@strawberry.type
class SearchQueries:
    @strawberry.field(
        description="Assets that match a text, best first. Any text is a query; there is no syntax to know.",
        extensions=[Compiled()],
    )
    async def search(
        self,
        info: Info,
        query: Annotated[
            str, strawberry.argument(description="What to look for; the first 1,000 characters count.")
        ],
        mode: Annotated[
            SearchMode, strawberry.argument(description="How to look for it.")
        ] = SearchMode.HYBRID,
        filter: Annotated[AssetFilter | None, strawberry.argument(description="Narrows the hits.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> SearchConnection:
        asked = Query.of(query, mode.value, wanted(filter))
        page = Page.of(
            f"search:{mode.value}",
            engine.order_key(asked),
            first=first,
            after=after,
            last=last,
            before=before,
        )
        answer = await engine.run(info.context, asked, page)

        def node(hit: Found) -> Asset:
            return Asset.of(answer.assets[hit.key])

        def edge(cursor: str, hit: Found) -> SearchEdge:
            row = answer.assets[hit.key]
            return SearchEdge(cursor=cursor, node=node(hit), score=hit.score, query=asked, found=hit, row=row)

        return SearchConnection.of(
            page,
            [hit for hit in answer.hits if hit.key in answer.assets],
            key=lambda hit: (hit.score, hit.urn or hit.key),
            node=node,
            edge=edge,
            query=asked,
            answer=answer,
            vectors_ready=answer.note is None,
            note=answer.note,
            timed_out=answer.timed_out,
        )

    @strawberry.field(
        description="Names that begin with what is being typed, short ones first.", extensions=[Compiled()]
    )
    async def suggest(
        self,
        info: Info,
        prefix: Annotated[str, strawberry.argument(description="Beginning of a name, in any letter case.")],
        first: Annotated[int, strawberry.argument(description="How many names, 1 to 20.")] = 10,
    ) -> list[Suggestion]:
        if not 1 <= first <= _MOST_SUGGESTED:
            raise BadPage(
                f"1 to {_MOST_SUGGESTED} names can be suggested, not {first}.",
                path=("first",),
                remedy="Ask for fewer.",
            )
        if not prefix.strip():
            return []
        rows = await reads.suggest(
            info.context.graph, prefix[: engine.MAX_QUERY].lstrip(), info.context.scope, first=first
        )
        return [
            Suggestion(
                name=row["name"],
                kinds=[AssetKind(kind) for kind in sorted(row["kinds"])],
                asset_count=row["assets"],
            )
            for row in rows
        ]
