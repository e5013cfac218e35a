"""Writing what checks of sources found. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction

_TAKE = load(__package__, "take")
_HOLD = load(__package__, "hold")
_RECORD = load(__package__, "record")
_HOURS = load(__package__, "hours")
_SET = load(__package__, "set")
_SWAP_CONFIG = load(__package__, "swap_config")
_PRUNE = load(__package__, "prune")
_MOST_LATENCIES = 240
_KEPT = 100

Row = dict[str, Any]


async def take(tx: Transaction, *, urn: str, due_ms: int, lease_ms: int) -> Row | None:
    """``source`` and the time ``now``, epoch milliseconds; None where the check is not due any more."""
    return await tx.one(_TAKE, urn=urn, due_ms=due_ms, lease_ms=lease_ms)


async def hold(tx: Transaction, *, urn: str) -> Row | None:
    """``source`` as it is, locked, and ``dead_letters`` of its last scan; None where it is not registered."""
    return await tx.one(_HOLD, urn=urn)


async def record(
    tx: Transaction, *, urn: str, hour: str, at: str, ok: bool, cause: str, latency_ms: float | None, by: str
) -> None:
    await tx.one(
        _RECORD,
        urn=urn,
        id=str(uuid.uuid4()),
        hour=hour,
        at=at,
        ok=ok,
        cause=cause,
        latency_ms=latency_ms,
        by=by,
        most_latencies=_MOST_LATENCIES,
        kept=_KEPT,
    )


async def hours(tx: Transaction, *, urn: str, since: str) -> list[Row]:
    """The hours of a source, those that this transaction wrote among them."""
    return await tx.rows(_HOURS, urn=urn, since=since)


async def change(tx: Transaction, *, urn: str, props: Mapping[str, Any], wait_ms: int | None = None) -> None:
    """Set properties of a source; ``wait_ms`` from now its next check is due."""
    await tx.one(_SET, urn=urn, props=dict(props), wait_ms=wait_ms)


async def swap_config(tx: Transaction, *, urn: str, before: str, config: str) -> bool:
    """False where the configuration is not ``before`` any more."""
    return await tx.one(_SWAP_CONFIG, urn=urn, before=before, config=config) is not None


async def prune(tx: Transaction, *, before: str, first: int) -> int:
    row = await tx.one(_PRUNE, before=before, first=first)
    return int(row["removed"]) if row else 0
