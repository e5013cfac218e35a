"""Batched reads about suggestions and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cypher.review import reads
from graph_api.context import Context
from graph_api.paging import Page
from graph_api.values import by_arguments

Row = dict[str, Any]


class PeriodsOf(NamedTuple):
    """Arguments of a page of what stood."""

    page: Page
    inherited: bool | None


async def downstream(context: Context, urns: list[str]) -> Sequence[int]:
    found = await reads.downstream(context.graph, urns, context.scope)
    return [found.get(urn, 0) for urn in urns]


async def levels(context: Context, pairs: list[tuple[str, str]]) -> Sequence[tuple[int, int]]:
    """Levels of an asset's own without one verdict and with it, by (urn, classification)."""
    found = await reads.otherwise(context.graph, pairs, context.scope)
    return [found.get(n, (0, 0)) for n in range(len(pairs))]


async def periods(context: Context, keys: list[tuple[str, PeriodsOf]]) -> Sequence[list[Row]]:
    """Pages of what stood, by urn and arguments."""

    async def read(urns: list[str], wanted: PeriodsOf) -> dict[str, list[Row]]:
        return await reads.periods(
            context.graph, urns, context.scope, inherited=wanted.inherited, **wanted.page.keyset
        )

    return await by_arguments(keys, read, list)
