"""Watching the review queue: the graph is the truth, signals over Redis only say when to look."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from cypher.review import reads
from graph_api.context import Info
from graph_api.review.types import ReviewFilter, ReviewItem, wanted
from graph_api.watching import moments
from schema.domain.identity import Permission

_LEAST_S = 0.5
_TOP = 10
_BOUND = 10_000


@strawberry.type(description="The review queue at a moment at which it changed.")
class ReviewQueueState:
    waiting: int = strawberry.field(
        description="How many suggestions wait that the caller may see, at most 10,000, whatever the filter."
    )
    waiting_is_bounded: bool = strawberry.field(description="Whether there are more.")
    top: list[ReviewItem] = strawberry.field(
        description="The ten most useful to decide, that the filter means."
    )
    appeared: list[ReviewItem] = strawberry.field(
        description="Those of them that were not among the ten before; all at first."
    )


@strawberry.type
class ReviewSubscriptions:
    @strawberry.subscription(
        description="The review queue as it is at once, and whenever its length or its ten first suggestions changed."
    )
    async def review_queue_changed(
        self,
        info: Info,
        filter: Annotated[
            ReviewFilter | None, strawberry.argument(description="Narrows the suggestions.")
        ] = None,
    ) -> AsyncGenerator[ReviewQueueState, None]:
        from ingest.progress import queue_signals

        context = info.context
        context.require(Permission.READ)
        asked, shown = wanted(filter), None
        known: set[str] = set()
        async for _ in moments(context, queue_signals, least_s=_LEAST_S):
            waiting = await reads.depth(context.graph, context.scope, bound=_BOUND + 1)
            rows = await reads.queue(context.graph, context.scope, asked, first=_TOP)
            places = [str(row["review"]) for row in rows]
            if (waiting, places) == shown:
                continue
            shown = (waiting, places)
            context.loaders.clear()  # what was read for the last event is past
            yield ReviewQueueState(
                waiting=min(waiting, _BOUND),
                waiting_is_bounded=waiting > _BOUND,
                top=[ReviewItem.of(row) for row in rows],
                appeared=[ReviewItem.of(row) for row in rows if row["review"] not in known],
            )
            known = set(places)
