"""Deleting and deprecating what scans do not find any more. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction

_DELETE = load(__package__, "delete")
_CLOSE = load(__package__, "close")
_NOTE = load(__package__, "note")

Row = Mapping[str, Any]


async def delete(tx: Transaction, rows: Sequence[Row], *, at: str, by: str, run: str) -> int:
    """Rows of ``urn``, ``version`` and ``why``; returns how many assets went, columns with their datasets."""
    found = await tx.one(_DELETE, rows=list(rows), at=at, by=by, run=run) if rows else None
    if not found or not found["urns"]:
        return 0
    tx.touch(found["urns"])
    closed = await tx.one(_CLOSE, urns=found["urns"], at=at, run=run)
    tx.touch(closed["downs"] if closed else ())
    tx.mark(closed["marked"] if closed else ())
    return int(found["deleted"])


async def note(tx: Transaction, rows: Sequence[Row], *, at: str, by: str, run: str) -> int:
    """Rows of ``urn``, ``version``, ``status`` and ``why``; returns how many assets have it now."""
    tx.touch(row["urn"] for row in rows)
    found = await tx.one(_NOTE, rows=list(rows), at=at, by=by, run=run) if rows else None
    return int(found["noted"] or 0) if found else 0
