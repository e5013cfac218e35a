"""Batched reads of runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.runs import reads
from graph_api.context import Context
from graph_api.paging import Page
from graph_api.values import by_arguments

Row = dict[str, Any]


async def by_ids(context: Context, ids: list[str]) -> Sequence[Row | None]:
    found = await reads.by_ids(context.graph, ids, context.scope)
    return [found.get(ident) for ident in ids]


async def by_keys(context: Context, keys: list[int]) -> Sequence[Row | None]:
    found = await reads.by_keys(context.graph, keys, context.scope)
    return [found.get(key) for key in keys]


async def stages(context: Context, ids: list[str]) -> Sequence[list[Row]]:
    found = await reads.stages(context.graph, ids, context.scope)
    return [found.get(ident, []) for ident in ids]


async def tasks(
    context: Context, keys: list[tuple[str, tuple[Page, tuple[str, ...] | None]]]
) -> Sequence[list[Row]]:
    async def read(ids: list[str], wanted: tuple[Page, tuple[str, ...] | None]) -> dict[str, list[Row]]:
        page, states = wanted
        key = None if page.key is None else str(page.key[0])
        return await reads.tasks(
            context.graph,
            ids,
            context.scope,
            states=states,
            key=key,
            backward=page.backward,
            first=page.limit,
        )

    return await by_arguments(keys, read, list)


async def problems(context: Context, keys: list[tuple[str, Page]]) -> Sequence[list[Row]]:
    async def read(ids: list[str], page: Page) -> dict[str, list[Row]]:
        key = None if page.key is None else int(str(page.key[0]))
        return await reads.problems(
            context.graph, ids, context.scope, key=key, backward=page.backward, first=page.limit
        )

    return await by_arguments(keys, read, list)
