"""Batched reads of classifications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.governance import reads
from graph_api.context import Context

Row = dict[str, Any]


async def verdicts(context: Context, urns: list[str]) -> Sequence[list[Row]]:
    found = await reads.verdicts(context.graph, urns, context.scope)
    return [found.get(urn, []) for urn in urns]


async def asset_counts(context: Context, names: list[str]) -> Sequence[int]:
    found = await reads.classified_counts(context.graph, names, context.scope)
    return [found.get(name, 0) for name in names]


async def by_keys(context: Context, keys: list[int]) -> Sequence[Row | None]:
    found = await reads.classifications_by_keys(context.graph, keys)
    return [found.get(key) for key in keys]
