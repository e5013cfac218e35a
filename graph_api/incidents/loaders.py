"""Batched reads of incidents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.incidents import reads
from graph_api.context import Context
from graph_api.paging import Page
from graph_api.values import by_arguments

Row = dict[str, Any]


async def by_keys(context: Context, keys: list[int]) -> Sequence[Row | None]:
    found = await reads.by_keys(context.graph, keys, context.scope)
    return [found.get(key) for key in keys]


async def affected(context: Context, keys: list[tuple[str, Page]]) -> Sequence[tuple[int, list[Row]]]:
    """How many assets an incident names, and a page of them, by id and arguments."""

    async def read(ids: list[str], page: Page) -> dict[str, tuple[int, list[Row]]]:
        return await reads.affected(
            context.graph,
            ids,
            context.scope,
            **page.keyset,
        )

    return await by_arguments(keys, read, lambda: (0, []))
