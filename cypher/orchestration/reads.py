"""Reading what waits and what stages kept, for workers; what people may see of runs is read in ``cypher.runs``."""

from __future__ import annotations

from collections.abc import Sequence

from cypher.catalogue import load
from cypher.session import GraphSession

_WAITING = load(__package__, "waiting")
_CHUNKS = load(__package__, "chunks")


async def waiting(graph: GraphSession) -> bool:
    """Whether a worker would find something to do."""
    row = await graph.one(_WAITING)
    return bool(row and row["waiting"])


async def chunks(graph: GraphSession, ids: Sequence[str]) -> dict[str, str]:
    return {row["id"]: row["data"] for row in await graph.rows(_CHUNKS, ids=list(ids))}
