"""Walks over lineage with what is known of their completeness; a walk that takes too long is tried again, shorter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from cypher.adjacency.live import Live, View
from cypher.catalog.filters import AssetFilter
from cypher.lineage import reads
from cypher.lineage.reads import Hit, Walk
from graph_api.context import Context
from graph_api.http.metrics import WALKS
from schema.domain.identity import Permission
from schema.domain.lineage import Incomplete
from schema.errors import InvalidInput, QueryTimeout

SHORT = 3


@dataclass(frozen=True, slots=True)
class Reached:
    """What one page of a walk found; ``lacks`` says what is known to be missing by the walk itself."""

    walk: Walk
    hits: list[Hit]
    lacks: Incomplete | None = None


def checked_walk(walk: Walk) -> Walk:
    """Raise ``InvalidInput`` where it may go nowhere."""
    if walk.max_hops < 1:
        raise InvalidInput(
            f"A walk has 1 hop or more, not {walk.max_hops}.",
            path=("maxHops",),
            remedy="Name a greater number, or null to walk to the end.",
        )
    return walk


async def reach(
    context: Context,
    walk: Walk,
    *,
    narrowed: AssetFilter | None = None,
    key: tuple[int, str] | None = None,
    backward: bool = False,
    first: int,
) -> Reached:
    """A page of hits by (hops, urn)."""
    timed_out = False
    for attempt in attempts(walk):
        try:
            hits, beyond = await _ask(
                context,
                attempt,
                "reach",
                narrowed=narrowed,
                key=key,
                backward=backward,
                first=first,
            )
        except QueryTimeout:
            timed_out = True
            continue
        return Reached(attempt, hits, _lacks(timed_out, beyond))
    return Reached(walk, [], Incomplete.TIMEOUT)


@dataclass(frozen=True, slots=True)
class Counted:
    """Numbers of assets that a walk reaches; ``lacks`` as of ``Reached``."""

    walk: Walk
    rows: list[dict[str, Any]]
    lacks: Incomplete | None = None


async def counts(context: Context, walk: Walk, *, narrowed: AssetFilter | None = None) -> Counted:
    """Numbers of assets by all that people group them by."""
    timed_out = False
    for attempt in attempts(walk):
        try:
            rows, beyond = await _ask(context, attempt, "counts", narrowed=narrowed)
        except QueryTimeout:
            timed_out = True
            continue
        return Counted(attempt, rows, _lacks(timed_out, beyond))
    return Counted(walk, [], Incomplete.TIMEOUT)


async def groups(context: Context, walk: Walk, *, by: str, narrowed: AssetFilter | None = None) -> Counted:
    """Numbers of assets by what holds them."""
    timed_out = False
    for attempt in attempts(walk):
        try:
            rows, beyond = await _ask(context, attempt, "groups", by=by, narrowed=narrowed)
        except QueryTimeout:
            timed_out = True
            continue
        return Counted(attempt, rows, _lacks(timed_out, beyond))
    return Counted(walk, [], Incomplete.TIMEOUT)


def _lacks(timed_out: bool, beyond: bool) -> Incomplete | None:
    return Incomplete.TIMEOUT if timed_out else Incomplete.HOPS if beyond else None


async def unread(context: Context, walk: Walk) -> Incomplete | None:
    """UNPARSED_SQL where the walk touches a dataset whose SQL could not be read; else ACCESS where the caller may know of hidden ones."""
    try:
        if await _ask(context, walk, "unread_sql"):
            return Incomplete.UNPARSED_SQL
        return Incomplete.ACCESS if await hidden(context, walk) else None
    except QueryTimeout:
        return Incomplete.TIMEOUT


async def hidden(context: Context, walk: Walk) -> int | None:
    """How many assets that the caller may not see lie where the walk goes; None for a caller who may not know.

    Raises ``QueryTimeout``.
    """
    if not context.principal.may(Permission.ADMIN):
        return None
    if context.scope.is_everything:
        return 0
    return int(await _ask(context, replace(walk, past_hidden=True), "hidden"))


async def _views(context: Context, memories: list[Live]) -> list[View | None]:
    """One version for all questions of an operation."""
    return [await memory.view() for memory in memories]


async def _ask(context: Context, walk: Walk, question: str, **more: Any) -> Any:
    """The answer of the adjacency in memory where it has one, else that of the query of the same name."""
    live = context.services.get("adjacency")
    if live is not None:
        view = await context.loader(_views).load(live)
        found = None if view is None else await getattr(view, question)(walk, context.scope, **more)
        WALKS.labels("graph" if found is None else "memory").inc()
        if found is not None:
            return found
    return await getattr(reads, question)(context.graph, walk, context.scope, **more)


def attempts(walk: Walk) -> list[Walk]:
    """The walk, and the shorter one to try where it takes too long."""
    return [walk, replace(walk, max_hops=SHORT)] if walk.max_hops > SHORT else [walk]
