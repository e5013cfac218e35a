"""Batched reads of workflows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.workflows import reads
from graph_api.context import Context
from graph_api.paging import Page
from graph_api.values import by_arguments

Row = dict[str, Any]


async def by_names(context: Context, names: list[str]) -> Sequence[Row | None]:
    found = await reads.by_names(context.graph, names)
    return [found.get(name) for name in names]


async def versions(context: Context, keys: list[tuple[str, Page]]) -> Sequence[list[Row]]:
    async def read(names: list[str], page: Page) -> dict[str, list[Row]]:
        return await reads.versions(context.graph, names, **page.keyset_of_one)

    return await by_arguments(keys, read, list)
