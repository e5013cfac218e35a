"""Writing versions of schemas. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction

_KEEP = load(__package__, "keep")
_LINK_RENAME = load(__package__, "link_rename")


async def keep(tx: Transaction, rows: Sequence[Mapping[str, Any]], *, at: str, by: str, run: str) -> int:
    """Note the digests of ``rows``, and a version where they have one; returns how many versions."""
    row = await tx.one(_KEEP, rows=list(rows), at=at, by=by, run=run) if rows else None
    return int(row["versions"]) if row else 0


async def link_rename(
    tx: Transaction, *, old: str, new: str, owners: Sequence[str], by: str, at: str
) -> None:
    """Say that the column ``old`` is ``new`` now, and give that its owners."""
    await tx.rows(_LINK_RENAME, old=old, new=new, owners=list(owners), by=by, at=at)
