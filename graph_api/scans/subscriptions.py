"""Watching a run: its row in the graph is the truth, a signal over Redis only says when to look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated

import strawberry

from cypher.runs import reads
from graph_api.context import Context, Info
from graph_api.scans.types import Run
from schema.domain.identity import Permission
from schema.domain.scans import FINAL, RunState
from schema.errors import NotFound

_LOOK_EVERY_S = 0.5


async def _moments(context: Context, run: str) -> AsyncIterator[None]:
    """When the run may have moved: by signals where the process has a Redis address, else by time."""
    url = context.services.get("redis_url")
    if url is not None:
        from ingest.progress import signals

        async for moment in signals(url, run):
            yield moment
    while True:
        yield None
        await asyncio.sleep(_LOOK_EVERY_S)


@strawberry.type
class ScanSubscriptions:
    @strawberry.subscription(
        description="A run whenever it moved, from now to its end; the last one is final."
    )
    async def run_progress(
        self, info: Info, id: Annotated[str, strawberry.argument(description="The runId of a run.")]
    ) -> AsyncGenerator[Run, None]:
        context = info.context
        context.require(Permission.READ)
        shown: tuple[object, ...] | None = None
        async for _ in _moments(context, id):
            row = (await reads.by_ids(context.graph, [id], context.scope)).get(id)
            if row is None:
                raise NotFound("run", id, path=("id",))
            now = tuple(row.get(name) for name in ("state", "stage", "done", "total", "attempt"))
            if now != shown:
                shown = now
                yield Run.of(row)
            if RunState(row["state"]) in FINAL:
                return
