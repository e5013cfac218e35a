"""Writing edges of lineage. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction
from schema.domain.lineage import EdgeOrigin, LineageEdge
from schema.domain.time import stored

_UPSERT_FEEDS = load(__package__, "upsert_feeds")
_UPSERT_INFLUENCES = load(__package__, "upsert_influences")
_EXTEND_BACK = load(__package__, "extend_back")
_CLOSE_STALE = load(__package__, "close_stale")
_CLOSE_UNUSED = load(__package__, "close_unused")
_UNLINK = load(__package__, "unlink")
_SET_PROBLEMS = load(__package__, "set_problems")


def _row(edge: LineageEdge, *, origin: EdgeOrigin, author: str, valid: str, at: str) -> dict[str, Any]:
    return {
        "up": str(edge.upstream),
        "down": str(edge.downstream),
        "job": str(edge.job) if edge.job else "",
        "valid": valid,
        "used": origin is EdgeOrigin.QUERY_LOG,
        "seen": at if edge.last_at is None else min(stored(edge.last_at), at),
        "props": {
            "origin": origin.value,
            "transformation": edge.transformations[0].value,
            "transformations": [t.value for t in edge.transformations],
            "confidence": edge.confidence,
            "author": author,
        },
    }


async def upsert_edges(
    tx: Transaction,
    edges: Iterable[tuple[LineageEdge, str]],
    *,
    origin: EdgeOrigin,
    assertion: str,
    author: str,
    at: str,
    run: str,
) -> int:
    """Create or refresh edges whose ends exist, each with since when it holds; ``assertion`` names who says so.

    Returns how many were written. Where the source saw one before it was known, the past is amended.
    """
    direct: list[dict[str, Any]] = []
    indirect: list[dict[str, Any]] = []
    observed: list[dict[str, Any]] = []
    for edge, valid in edges:
        row = _row(edge, origin=origin, author=author, valid=valid, at=at)
        (indirect if edge.indirect else direct).append(row)
        if edge.observed_at is not None:
            observed.append(row)
    tx.touch(row["down"] for row in (*direct, *indirect))
    written = 0
    for query, rows in ((_UPSERT_FEEDS, direct), (_UPSERT_INFLUENCES, indirect)):
        if rows:
            found = await tx.one(query, rows=rows, assertion=assertion, at=at, run=run)
            written += int(found["written"]) if found else 0
            tx.mark(found["marked"] if found else ())
    if observed:
        await tx.rows(_EXTEND_BACK, rows=observed, assertion=assertion, at=at, run=run)
    return written


async def close_stale(
    tx: Transaction, downs: Sequence[str], *, assertion: str, at: str, valid: str, run: str
) -> int:
    """Close what ``assertion`` said before about the datasets ``downs`` and did not say again in ``run``: it held until ``valid``."""
    tx.touch(downs)
    row = await tx.one(_CLOSE_STALE, downs=list(downs), assertion=assertion, at=at, valid=valid, run=run)
    tx.mark(row["marked"] if row else ())
    return int(row["closed"]) if row else 0


async def close_unused(tx: Transaction, *, assertion: str, before: str, at: str, run: str, limit: int) -> int:
    """Close at most ``limit`` edges of each kind that ``assertion``, a log, tells no use of since ``before``."""
    row = await tx.one(_CLOSE_UNUSED, assertion=assertion, before=before, at=at, run=run, limit=limit)
    tx.touch(row["downs"] if row else ())
    tx.mark(row["marked"] if row else ())
    return int(row["closed"]) if row else 0


async def unlink(tx: Transaction, *, up: str, down: str, at: str) -> int:
    """Close the edges that people drew from ``up`` to ``down``; returns how many there were."""
    tx.touch([down])
    row = await tx.one(_UNLINK, up=up, down=down, origin=EdgeOrigin.MANUAL.value, at=at)
    tx.mark(row["marked"] if row else ())
    return int(row["closed"]) if row else 0


async def set_problems(tx: Transaction, codes: Mapping[str, str | None]) -> int:
    """Dataset urn to the code of what could not be read in its SQL; None clears it."""
    tx.touch(codes)
    row = await tx.one(_SET_PROBLEMS, rows=[{"urn": urn, "code": code} for urn, code in codes.items()])
    return int(row["written"]) if row else 0
