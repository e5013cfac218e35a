"""Writing versions of schemas. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction

_KEEP = load(__package__, "keep")


async def keep(tx: Transaction, rows: Sequence[Mapping[str, Any]], *, at: str, by: str, run: str) -> int:
    """Note the digests of ``rows``, and a version where they have one; returns how many versions."""
    row = await tx.one(_KEEP, rows=list(rows), at=at, by=by, run=run) if rows else None
    return int(row["versions"]) if row else 0
