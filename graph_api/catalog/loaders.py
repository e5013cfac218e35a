"""Batched reads of assets and of what hangs on them: one query per field and answer, however many assets it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cypher.catalog import reads
from cypher.lineage import reads as lineage_reads
from graph_api.context import Context
from graph_api.paging import Page
from graph_api.values import by_arguments
from schema.domain.lineage import Direction

Row = dict[str, Any]


class ChildrenOf(NamedTuple):
    """Arguments of a page of children."""

    page: Page
    kind: str | None
    stale: bool


class ReferencesOf(NamedTuple):
    """Arguments of a page of foreign keys."""

    page: Page
    inverse: bool


class NeighboursOf(NamedTuple):
    """Arguments of a page of direct neighbours."""

    page: Page
    direction: Direction
    indirect: bool


async def by_urns(context: Context, urns: list[str]) -> Sequence[Row | None]:
    found = await reads.by_urns(context.graph, urns, context.scope)
    return [found.get(urn) for urn in urns]


async def by_keys(context: Context, keys: list[int]) -> Sequence[Row | None]:
    found = await reads.by_keys(context.graph, keys, context.scope)
    return [found.get(key) for key in keys]


async def ancestors(context: Context, urns: list[str]) -> Sequence[list[Row]]:
    found = await reads.ancestors(context.graph, urns, context.scope)
    return [found.get(urn, []) for urn in urns]


async def content_sensitivity(context: Context, urns: list[str]) -> Sequence[int]:
    found = await reads.content_sensitivity(context.graph, urns, context.scope)
    return [found.get(urn, 0) for urn in urns]


async def definitions(context: Context, urns: list[str]) -> Sequence[str | None]:
    found = await reads.definitions(context.graph, urns, context.scope)
    return [found.get(urn) for urn in urns]


async def labels(context: Context, urns: list[str]) -> Sequence[tuple[list[Row], list[Row]]]:
    found = await reads.labels(context.graph, urns, context.scope)
    return [found.get(urn, ([], [])) for urn in urns]


async def tags_by_keys(context: Context, keys: list[int]) -> Sequence[Any]:
    found = await reads.tags_by_keys(context.graph, keys, context.scope)
    return [found.get(key) for key in keys]


async def children(context: Context, keys: list[tuple[str, ChildrenOf]]) -> Sequence[list[Row]]:
    async def read(urns: list[str], wanted: ChildrenOf) -> dict[str, list[Row]]:
        page = wanted.page
        return await reads.children(
            context.graph,
            urns,
            context.scope,
            kind=wanted.kind,
            stale=wanted.stale,
            **page.keyset,
        )

    return await by_arguments(keys, read, list)


async def references(
    context: Context, keys: list[tuple[str, ReferencesOf]]
) -> Sequence[list[tuple[str, str]]]:
    async def read(urns: list[str], wanted: ReferencesOf) -> dict[str, list[tuple[str, str]]]:
        page = wanted.page
        return await reads.references(
            context.graph,
            urns,
            context.scope,
            inverse=wanted.inverse,
            **page.keyset,
        )

    return await by_arguments(keys, read, list)


async def neighbours(context: Context, keys: list[tuple[str, NeighboursOf]]) -> Sequence[list[Row]]:
    async def read(urns: list[str], wanted: NeighboursOf) -> dict[str, list[Row]]:
        page = wanted.page
        return await lineage_reads.neighbours(
            context.graph,
            urns,
            wanted.direction,
            context.scope,
            indirect=wanted.indirect,
            **page.keyset_of_one,
        )

    return await by_arguments(keys, read, list)
