"""Batched reads of channels; for administrators alone, to others they do not exist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.alerts import reads
from graph_api.context import Context
from schema.domain.identity import Permission

Row = dict[str, Any]


async def by_keys(context: Context, keys: list[int]) -> Sequence[Row | None]:
    if not context.principal.may(Permission.ADMIN):
        return [None] * len(keys)
    found = await reads.by_keys(context.graph, keys)
    return [found.get(key) for key in keys]


async def by_ids(context: Context, ids: list[str]) -> Sequence[Row | None]:
    if not context.principal.may(Permission.ADMIN):
        return [None] * len(ids)
    found = {row["id"]: row for row in await reads.channels(context.graph)}
    return [found.get(ident) for ident in ids]
