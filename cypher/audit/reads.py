"""Reading the audit trail and proving it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession
from schema.domain.audit import GENESIS, AuditEvent, Break, event_hash

_EXISTS = load(__package__, "exists")
_GRAPH_VERSION = load(__package__, "graph_version")
_LANE = load(__package__, "lane")
_BY_PLACES = load(__package__, "by_places")
_HEADS = load(__package__, "heads")
_EVENTS = load(__package__, "events")
_EVENTS_BEFORE = load(__package__, "events_before")
_CHUNK = 5_000


async def happened(graph: GraphSession, event_id: str) -> bool:
    """Whether the command with this operation id was committed."""
    return await graph.one(_EXISTS, id=event_id) is not None


async def graph_version(graph: GraphSession) -> int:
    """Grows by at least one with every committed command."""
    row = await graph.one(_GRAPH_VERSION)
    return int(row["version"]) if row else 0


async def events(
    graph: GraphSession,
    *,
    first: int,
    key: tuple[str, str] | None = None,
    backward: bool = False,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
) -> list[dict[str, Any]]:
    """Events newest first, keyset-paged by (at, id); oldest first, of those newer than ``key``, where ``backward``."""
    wanted = {"actor": actor, "action": action, "subject": subject, "first": first}
    if backward:
        at, ident = key or ("", "")
        rows = await graph.rows(_EVENTS_BEFORE, after_at=at, after_id=ident, **wanted)
    else:
        at, ident = key or ("9999", "")
        rows = await graph.rows(_EVENTS, before_at=at, before_id=ident, **wanted)
    return [row["event"] for row in rows]


async def events_at(
    graph: GraphSession, places: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], dict[str, Any]]:
    """Place (lane, number) to event."""
    rows = await graph.rows(_BY_PLACES, places=[list(place) for place in places])
    return {(row["event"]["lane"], row["event"]["seq"]): row["event"] for row in rows}


def _event(stored: Mapping[str, Any]) -> AuditEvent:
    return AuditEvent(
        id=stored["id"],
        at=stored["at"],
        actor=stored["actor"],
        action=stored["action"],
        subjects=tuple(stored["subjects"]),
        reason=stored["reason"],
        details=json.loads(stored["details"]),
    )


async def verify(graph: GraphSession) -> tuple[int, list[Break]]:
    """Recompute every hash; the number of events that were checked and every place where a chain does not hold."""
    checked, breaks = 0, []
    for head in await graph.rows(_HEADS):
        lane, seq, previous = int(head["lane"]), 0, GENESIS
        while stretch := await graph.rows(_LANE, lane=lane, after=seq, first=_CHUNK):
            for row in stretch:
                stored = row["event"]
                if stored["seq"] != seq + 1:
                    breaks.append(
                        Break(lane, seq + 1, f"events {seq + 1} to {stored['seq'] - 1} are missing")
                    )
                elif stored["previous"] != previous:
                    breaks.append(
                        Break(lane, stored["seq"], "it does not name the hash of the event before it")
                    )
                seq = int(stored["seq"])
                if stored["hash"] != event_hash(
                    _event(stored), lane=lane, seq=seq, previous=stored["previous"]
                ):
                    breaks.append(Break(lane, seq, "its content is not what its hash was made of"))
                previous = stored["hash"]
                checked += 1
        if (seq, previous) != (int(head["seq"]), head["hash"]):
            breaks.append(Break(lane, seq, "the lane ends before its head"))
    return checked, breaks
