"""Nodes of identity by key; for administrators alone, to others they do not exist."""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from typing import Any

from cypher.audit import reads as audit
from cypher.catalog import reads as catalog
from cypher.identity import reads
from graph_api.context import Context
from graph_api.values import stored_json
from schema.domain.audit import place_of
from schema.domain.identity import EVERYTHING, Permission

_SPEAKING = frozenset(("prompt", "answer", "given"))  # of `languageModel.ask`


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
            leave_out(event, hidden)
    return [found.get(place_of(key)) for key in keys]


def leave_out(event: dict[str, Any], hidden: Set[str]) -> None:
    """Take what the reader may not see out of a row of the trail: subjects, and all that a question to a language model said of them."""
    kept = [subject for subject in event["subjects"] if subject not in hidden]
    if len(kept) < len(event["subjects"]):
        details = stored_json(event["details"]) or {}
        event["details"] = json.dumps({key: value for key, value in details.items() if key not in _SPEAKING})
    event["subjects"] = kept
