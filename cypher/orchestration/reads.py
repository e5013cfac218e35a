"""Reading what waits and what stages kept, for workers; what people may see of runs is read in ``cypher.runs``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession
from schema.domain.dispatch import ORDER

_WAITING = load(__package__, "waiting")
_CHUNKS = load(__package__, "chunks")
_QUEUE_STATE = load(__package__, "queue_state")
_DUE_SOURCES = load(__package__, "due_sources")
_VISITS = load(__package__, "visits")
_EXPIRED_APPROVALS = load(__package__, "expired_approvals")
_LIMITS = load(__package__, "limits")
_NEIGHBOURS = load(__package__, "neighbours")
ALIVE_MS = 15_000


async def waiting(graph: GraphSession) -> bool:
    """Whether a worker would find something to do."""
    row = await graph.one(_WAITING)
    return bool(row and row["waiting"])


async def neighbours(graph: GraphSession, place: str) -> list[dict[str, Any]]:
    """The ``process`` of each worker of a place that holds tasks, and those ``tasks`` (``id``, ``attempt``, ``worker``)."""
    return await graph.rows(_NEIGHBOURS, place=place)


async def chunks(graph: GraphSession, ids: Sequence[str]) -> dict[str, str]:
    return {row["id"]: row["data"] for row in await graph.rows(_CHUNKS, ids=list(ids))}


async def queue_state(graph: GraphSession) -> dict[str, Any]:
    """``ready`` by band in order, ``parked`` by reason, ``running``, ``lost`` and the ``workers`` that live; times are ms."""
    row = await graph.one(_QUEUE_STATE, bands=[f"{n}|" for n in range(len(ORDER))], alive_ms=ALIVE_MS)
    assert row is not None
    bands = [{**each, "band": ORDER[int(each["band"][0])]} for each in row["ready"]]
    return {**row, "ready": bands}


async def due_sources(graph: GraphSession, now_ms: int) -> list[dict[str, Any]]:
    """Sources that are due and idle, the longest due first."""
    return [row["source"] for row in await graph.rows(_DUE_SOURCES, now_ms=now_ms)]


async def visits(graph: GraphSession, source: str, first: int) -> list[dict[str, Any]]:
    """The newest finished scans of a source: ``created_ms`` and how many ``changes`` each found."""
    return await graph.rows(_VISITS, source=source, first=first)


async def expired_approvals(graph: GraphSession) -> list[str]:
    return [row["run"] for row in await graph.rows(_EXPIRED_APPROVALS)]


async def limits(graph: GraphSession, day: str) -> dict[str, Any]:
    """The text of the ``limits``, null for none, and the ``used_ms`` and ``used_rows`` of all sources on ``day``."""
    row = await graph.one(_LIMITS, day=day)
    assert row is not None
    return row
