"""Writing sources and runs. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction
from schema.ids import new_key

_SAVE_SOURCE = load(__package__, "save_source")
_ADOPT_NAMESPACE = load(__package__, "adopt_namespace")
_QUEUE_SQL = load(__package__, "queue_sql")
_SETTLE_SQL = load(__package__, "settle_sql")


async def save_source(
    tx: Transaction, *, urn: str, props: Mapping[str, Any], at: str, by: str, replace: bool
) -> bool:
    """Whether it was saved; False where the name is taken and ``replace`` is not set."""
    tx.touch([urn])
    row = await tx.one(
        _SAVE_SOURCE, urn=urn, key=new_key(), props=dict(props), at=at, by=by, run=None, replace=replace
    )
    return bool(row and row["applied"])


async def adopt_namespace(tx: Transaction, *, urn: str, stub: str, source: str) -> int:
    tx.touch([urn], below=True)
    row = await tx.one(_ADOPT_NAMESPACE, urn=urn, stub=stub, source=source)
    return int(row["moved"]) if row else 0


async def queue_sql(tx: Transaction, rows: Sequence[Mapping[str, Any]], *, at: str) -> int:
    """Queue SQL of jobs to be read; returns how many texts are new."""
    row = await tx.one(_QUEUE_SQL, rows=[dict(r) for r in rows], at=at)
    return int(row["queued"]) if row else 0


async def settle_sql(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> int:
    row = await tx.one(_SETTLE_SQL, rows=[{"id": r["id"], "at": r["at"]} for r in rows])
    return int(row["settled"]) if row else 0
