"""Batched reads of sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.sources import reads
from graph_api.context import Context

Row = dict[str, Any]


async def by_urns(context: Context, urns: list[str]) -> Sequence[Row | None]:
    found = await reads.by_urns(context.graph, urns, context.scope)
    return [found.get(urn) for urn in urns]


async def by_keys(context: Context, keys: list[int]) -> Sequence[Row | None]:
    found = await reads.by_keys(context.graph, keys, context.scope)
    return [found.get(key) for key in keys]
