"""Reading channels and deliveries, and what events are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.paging import TimePages
from cypher.session import GraphSession
from schema.domain.identity import Scope

_CHANNELS = load(__package__, "channels")
_BY_KEYS = load(__package__, "by_keys")
_STANDING = load(__package__, "standing")
_EVENTS = load(__package__, "events")
_SUBJECTS = load(__package__, "subjects")
_PAGES = TimePages.of(__package__)
_STALE = load(__package__, "stale")

Row = dict[str, Any]


async def channels(graph: GraphSession) -> list[Row]:
    """All channels by name, each with its sealed ``config``."""
    return [row["channel"] for row in await graph.rows(_CHANNELS)]


async def by_keys(graph: GraphSession, keys: Sequence[int]) -> dict[int, Row]:
    return {row["channel"]["key"]: row["channel"] for row in await graph.rows(_BY_KEYS, keys=list(keys))}


async def standing(graph: GraphSession) -> tuple[list[int], list[Row]]:
    """How far the lanes are, and the channels that are not paused, with ``cursor`` and ``due``."""
    row = await graph.one(_STANDING)
    assert row is not None
    return row["heads"], row["channels"]


async def events(
    graph: GraphSession, stretches: Sequence[tuple[int, int, int]], topics: Sequence[str]
) -> list[Row]:
    """Messages of stretches (lane, behind, up to) of the outbox: ``id``, ``topic``, ``at`` and ``payload``."""
    return await graph.rows(_EVENTS, stretches=[list(each) for each in stretches], topics=list(topics))


async def subjects(
    graph: GraphSession,
    scope: Scope,
    *,
    runs: Sequence[str] = (),
    sources: Sequence[str] = (),
    incidents: Sequence[str] = (),
) -> dict[str, Row]:
    """Id, of sources the urn, to ``key``, ``source`` and ``dataset``, of those that a reader of this scope may know of."""
    rows = await graph.rows(
        _SUBJECTS,
        runs=list(runs),
        sources=list(sources),
        incidents=list(incidents),
        **scope.parameters(),
    )
    return {row["id"]: row for row in rows}


async def deliveries(
    graph: GraphSession,
    *,
    channel: str | None,
    states: Sequence[str] | None,
    key: tuple[str, str] | None,
    backward: bool,
    first: int,
) -> list[Row]:
    """Deliveries by (time of the event, id), newest first; ``channel`` is the id of one."""
    rows = await _PAGES.rows(
        graph,
        key=key,
        backward=backward,
        first=first,
        states=states,
        channel=channel,
    )
    return [row["delivery"] for row in rows]


async def stale(graph: GraphSession, *, before: str, first: int) -> list[tuple[int, int]]:
    """Lane and number up to which messages older than ``before`` may go."""
    return [(row["lane"], row["seq"]) for row in await graph.rows(_STALE, before=before, first=first)]
