"""The shape of what changes a run: who may, whether he may see it, the command, the signal to workers, the run as it is then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from graph_api.context import Context, Info
from graph_api.scans import loaders
from graph_api.scans.types import Run
from schema.domain.identity import Permission
from schema.errors import NotFound


async def signal(context: Context) -> None:
    """Let workers know that something waits, where this process can; the sweep of a worker finds it otherwise."""
    if (queue := context.services.get("queue")) is not None:
        await queue.signal()


async def run_now(context: Context, ident: str) -> Run:
    """A run as it is now; raises ``NotFound`` where the caller may not see its source."""
    row = await context.loader(loaders.by_ids).load(ident)
    if row is None:
        raise NotFound("run", ident, path=("run",))
    return Run.of(row)


async def changed(
    info: Info, command: Callable[..., Awaitable[Any]], run: str, *, own: bool = False, **given: Any
) -> Run:
    """The run after ``command`` by the caller, who needs SCAN, or with ``own`` to have asked for it himself.

    Raises ``NotFound`` where he may not see it, and as the command.
    """
    context = info.context
    before = await context.loader(loaders.by_ids).load(run)
    if not (own and before is not None and before["requested_by"] == context.principal.id):
        context.require(Permission.SCAN)
    await run_now(context, run)
    await context.command(command, run=run, **given)
    await signal(context)
    return await run_now(context, run)
