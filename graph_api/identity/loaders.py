"""Nodes of identity by key; for administrators alone, to others they do not exist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.audit import reads as audit
from cypher.catalog import reads as catalog
from cypher.identity import reads
from graph_api.context import Context
from schema.domain.audit import place_of
from schema.domain.identity import EVERYTHING, Permission


async def tokens_by_keys(context: Context, keys: list[int]) -> Sequence[Any]:
    if not context.principal.may(Permission.ADMIN):
        return [None] * len(keys)
    found = await reads.tokens_by_keys(context.graph, keys)
    return [found.get(key) for key in keys]


async def audit_events_by_keys(context: Context, keys: list[int]) -> Sequence[Any]:
    if not context.principal.may(Permission.ADMIN):
        return [None] * len(keys)
    found = await audit.events_at(context.graph, [place_of(key) for key in keys])
    if context.scope != EVERYTHING:
        subjects = sorted({subject for event in found.values() for subject in event["subjects"]})
        hidden = await catalog.hidden(context.graph, subjects, context.scope)
        for event in found.values():
            event["subjects"] = [subject for subject in event["subjects"] if subject not in hidden]
    return [found.get(place_of(key)) for key in keys]
