"""Watching a run: its row in the graph is the truth, a signal over Redis only says when to look."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from cypher.runs import reads
from graph_api.context import Info
from graph_api.scans.types import Run
from graph_api.watching import moments
from schema.domain.identity import Permission
from schema.domain.scans import FINAL, RunState
from schema.errors import NotFound


@strawberry.type
class ScanSubscriptions:
    @strawberry.subscription(
        description="A run whenever it moved, from now to its end; the last one is final."
    )
    async def run_progress(
        self, info: Info, id: Annotated[str, strawberry.argument(description="The runId of a run.")]
    ) -> AsyncGenerator[Run, None]:
        from ingest.progress import signals

        context = info.context
        context.require(Permission.READ)
        shown: tuple[object, ...] | None = None
        async for _ in moments(context, lambda url: signals(url, id)):
            row = (await reads.by_ids(context.graph, [id], context.scope)).get(id)
            if row is None:
                raise NotFound("run", id, path=("id",))
            now = tuple(row.get(name) for name in ("state", "stage", "done", "total", "attempt"))
            if now != shown:
                shown = now
                yield Run.of(row)
            if RunState(row["state"]) in FINAL:
                return
