"""Batched reads of the health of sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.health import reads
from graph_api.context import Context
from graph_api.paging import Page
from graph_api.values import by_arguments

Row = dict[str, Any]


async def dead_letters(context: Context, urns: list[str]) -> Sequence[int]:
    found = await reads.dead_letters(context.graph, urns, context.scope)
    return [found.get(urn, 0) for urn in urns]


async def history(context: Context, keys: list[tuple[str, Page]]) -> Sequence[list[Row]]:
    async def read(urns: list[str], page: Page) -> dict[str, list[Row]]:
        key = None if page.key is None else str(page.key[0])
        return await reads.history(
            context.graph, urns, context.scope, key=key, backward=page.backward, first=page.limit
        )

    return await by_arguments(keys, read, list)


async def checks(context: Context, keys: list[tuple[str, Page]]) -> Sequence[list[Row]]:
    async def read(urns: list[str], page: Page) -> dict[str, list[Row]]:
        key = None if page.key is None else (str(page.key[0]), str(page.key[1]))
        return await reads.checks(
            context.graph, urns, context.scope, key=key, backward=page.backward, first=page.limit
        )

    return await by_arguments(keys, read, list)
