"""Batched reads about suggestions and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.review import reads
from graph_api.context import Context

Row = dict[str, Any]


async def downstream(context: Context, urns: list[str]) -> Sequence[int]:
    found = await reads.downstream(context.graph, urns, context.scope)
    return [found.get(urn, 0) for urn in urns]


async def levels(context: Context, pairs: list[tuple[str, str]]) -> Sequence[tuple[int, int]]:
    """Levels of an asset's own without one verdict and with it, by (urn, classification)."""
    found = await reads.otherwise(context.graph, pairs, context.scope)
    return [found.get(n, (0, 0)) for n in range(len(pairs))]


async def periods(context: Context, urns: list[str]) -> Sequence[list[Row]]:
    found = await reads.periods(context.graph, urns, context.scope)
    return [found.get(urn, []) for urn in urns]
