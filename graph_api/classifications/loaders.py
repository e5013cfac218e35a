"""Batched reads of classifications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.classifiers import reads as classifiers
from cypher.governance import reads
from graph_api.context import Context
from graph_api.paging import Page
from graph_api.values import by_arguments

Row = dict[str, Any]


async def verdicts(context: Context, urns: list[str]) -> Sequence[list[Row]]:
    found = await reads.verdicts(context.graph, urns, context.scope)
    return [found.get(urn, []) for urn in urns]


async def asset_counts(context: Context, names: list[str]) -> Sequence[int]:
    found = await reads.classified_counts(context.graph, names, context.scope)
    return [found.get(name, 0) for name in names]


async def asset_counts_below(context: Context, names: list[str]) -> Sequence[int]:
    found = await reads.classified_counts(context.graph, names, context.scope, narrower=True)
    return [found.get(name, 0) for name in names]


async def by_keys(context: Context, keys: list[int]) -> Sequence[Row | None]:
    found = await reads.classifications_by_keys(context.graph, keys)
    return [found.get(key) for key in keys]


async def by_names(context: Context, names: list[str]) -> Sequence[Row | None]:
    found = await reads.classifications_by_names(context.graph, names)
    return [found.get(name) for name in names]


async def parents(context: Context, names: list[str]) -> Sequence[Row | None]:
    found = await reads.parents(context.graph, names)
    return [found.get(name) for name in names]


async def narrower(context: Context, keys: list[tuple[str, Page]]) -> Sequence[list[Row]]:
    async def read(names: list[str], page: Page) -> dict[str, list[Row]]:
        return await reads.narrower(context.graph, names, **page.keyset_of_one)

    return await by_arguments(keys, read, list)


async def definitions(context: Context, names: list[str]) -> Sequence[Row | None]:
    found = await classifiers.by_names(context.graph, names)
    return [found.get(name) for name in names]


async def versions(context: Context, keys: list[tuple[str, Page]]) -> Sequence[list[Row]]:
    async def read(names: list[str], page: Page) -> dict[str, list[Row]]:
        return await classifiers.versions(context.graph, names, **page.keyset_of_one)

    return await by_arguments(keys, read, list)
