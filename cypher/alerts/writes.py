"""Writing channels and deliveries, and emptying the outbox. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction
from schema.domain.alerts import DeliveryState

_SAVE_CHANNEL = load(__package__, "save_channel")
_REMOVE_CHANNEL = load(__package__, "remove_channel")
_SPREAD = load(__package__, "spread")
_CLAIM = load(__package__, "claim")
_SETTLE = load(__package__, "settle")
_PRUNE = load(__package__, "prune")
_FORGET_DELIVERIES = load(__package__, "forget_deliveries")

Row = dict[str, Any]


async def save_channel(
    tx: Transaction, *, name: str, ident: str, key: int, props: Mapping[str, Any], at: str, by: str
) -> Row:
    """The channel as it is then; ``ident`` and ``key`` are those of a new one."""
    row = await tx.one(_SAVE_CHANNEL, name=name, id=ident, key=key, props=dict(props), at=at, by=by)
    assert row is not None
    channel: Row = row["channel"]
    return channel


async def remove_channel(tx: Transaction, *, name: str) -> str | None:
    """The id of the channel that was; None where there is none."""
    row = await tx.one(_REMOVE_CHANNEL, name=name)
    return row["id"] if row else None


async def spread(
    tx: Transaction,
    *,
    ident: str,
    before: Sequence[int],
    after: Sequence[int],
    deliveries: Sequence[Mapping[str, Any]],
) -> bool:
    """False where the channel is not at ``before`` any more, and nothing was done."""
    rows = [dict(each) for each in deliveries]
    return (
        await tx.one(_SPREAD, id=ident, before=list(before), after=list(after), deliveries=rows) is not None
    )


async def claim(tx: Transaction, *, ident: str, lease_ms: int, first: int) -> tuple[Row, list[Row]] | None:
    """A channel and its deliveries that are due; None where it is paused or gone."""
    row = await tx.one(_CLAIM, id=ident, lease_ms=lease_ms, first=first)
    return (row["channel"], row["deliveries"]) if row else None


async def settle(
    tx: Transaction,
    *,
    ident: str,
    tries: int,
    state: DeliveryState,
    error: str | None,
    wait_ms: int | None,
    at: str,
) -> bool:
    """False where try number ``tries`` is not the last one that was begun."""
    row = await tx.one(_SETTLE, id=ident, tries=tries, state=state.value, error=error, wait_ms=wait_ms, at=at)
    return row is not None


async def prune(tx: Transaction, stretches: Sequence[tuple[int, int]]) -> int:
    """How many messages were removed, up to a number in each lane."""
    row = await tx.one(_PRUNE, stretches=[list(each) for each in stretches])
    return int(row["removed"]) if row else 0


async def forget_deliveries(tx: Transaction, *, before: str, first: int) -> int:
    """How many deliveries were forgotten."""
    row = await tx.one(_FORGET_DELIVERIES, before=before, first=first)
    return int(row["removed"]) if row else 0
