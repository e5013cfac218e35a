"""Batched reads of sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.sources import reads
from graph_api.context import Context
from schema.domain.sources import source_urn
from schema.errors import NotFound

Row = dict[str, Any]


async def by_urns(context: Context, urns: list[str]) -> Sequence[Row | None]:
    found = await reads.by_urns(context.graph, urns, context.scope)
    return [found.get(urn) for urn in urns]


async def visible(context: Context, name: str) -> Row:
    """The source of this name as it is now; raises ``NotFound`` where the caller may not know of it."""
    context.loaders.clear()  # what was read before a change is out of date
    row = await context.loader(by_urns).load(str(source_urn(name))) if name else None
    if row is None:
        raise NotFound("source", name, path=("source",))
    return row


async def by_keys(context: Context, keys: list[int]) -> Sequence[Row | None]:
    found = await reads.by_keys(context.graph, keys, context.scope)
    return [found.get(key) for key in keys]
