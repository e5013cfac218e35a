"""Walks over lineage with what is known of their completeness; a walk that takes too long is tried again, shorter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from cypher.catalog.filters import AssetFilter
from cypher.lineage import reads
from cypher.lineage.reads import Hit, Walk
from graph_api.context import Context
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
    """Raise ``InvalidInput`` where it may go too far or nowhere."""
    if not 1 <= walk.max_hops <= reads.MAX_HOPS:
        raise InvalidInput(
            f"A walk has 1 to {reads.MAX_HOPS} hops, not {walk.max_hops}.",
            path=("maxHops",),
            remedy="Name a number in that range.",
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
            hits, beyond = await reads.reach(
                context.graph,
                attempt,
                context.scope,
                narrowed=narrowed,
                key=key,
                backward=backward,
                first=first,
            )
        except QueryTimeout:
            timed_out = True
            continue
        lacks = Incomplete.TIMEOUT if timed_out else Incomplete.HOPS if beyond else None
        return Reached(attempt, hits, lacks)
    return Reached(walk, [], Incomplete.TIMEOUT)


async def counts(
    context: Context, walk: Walk, *, narrowed: AssetFilter | None = None
) -> tuple[list[dict[str, Any]], Incomplete | None]:
    """Numbers of assets by all that people group them by, and what is known to be missing."""
    timed_out = False
    for attempt in attempts(walk):
        try:
            rows, beyond = await reads.counts(context.graph, attempt, context.scope, narrowed=narrowed)
        except QueryTimeout:
            timed_out = True
            continue
        return rows, Incomplete.TIMEOUT if timed_out else Incomplete.HOPS if beyond else None
    return [], Incomplete.TIMEOUT


async def groups(
    context: Context, walk: Walk, *, by: str, narrowed: AssetFilter | None = None
) -> tuple[list[dict[str, Any]], Incomplete | None]:
    """Numbers of assets by what holds them, and what is known to be missing."""
    timed_out = False
    for attempt in attempts(walk):
        try:
            rows, beyond = await reads.groups(context.graph, attempt, context.scope, by=by, narrowed=narrowed)
        except QueryTimeout:
            timed_out = True
            continue
        return rows, Incomplete.TIMEOUT if timed_out else Incomplete.HOPS if beyond else None
    return [], Incomplete.TIMEOUT


async def unread(context: Context, walk: Walk) -> Incomplete | None:
    """UNPARSED_SQL where the walk touches a dataset whose SQL could not be read."""
    try:
        found = await reads.unread_sql(context.graph, walk, context.scope)
    except QueryTimeout:
        return Incomplete.TIMEOUT
    return Incomplete.UNPARSED_SQL if found else None


def attempts(walk: Walk) -> list[Walk]:
    """The walk, and the shorter one to try where it takes too long."""
    return [walk, replace(walk, max_hops=SHORT)] if walk.max_hops > SHORT else [walk]
