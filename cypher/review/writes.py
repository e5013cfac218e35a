"""Writing what people said and what follows from it. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction

_HOLD = load(__package__, "hold")
_HOLD_SUGGESTIONS = load(__package__, "hold_suggestions")
_SET_REACHES = load(__package__, "set_reaches")
_SAVE_EXCEPTION = load(__package__, "save_exception")
_REMOVE_EXCEPTION = load(__package__, "remove_exception")
_SETTLE_EXCEPTION = load(__package__, "settle_exception")
_WITHDRAW = load(__package__, "withdraw")


async def hold(tx: Transaction, urns: Sequence[str]) -> None:
    """Nobody else decides on these assets until the transaction ends."""
    await tx.rows(_HOLD, urns=sorted(set(urns)))


async def hold_suggestions(
    tx: Transaction, urns: Sequence[str], *, classification: str
) -> list[tuple[str, float]]:
    """As ``hold``; urns and confidences of what is still suggested and undecided."""
    rows = await tx.rows(_HOLD_SUGGESTIONS, urns=sorted(set(urns)), classification=classification)
    return [(row["urn"], row["confidence"]) for row in rows]


async def set_reaches(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> int:
    """Rows of ``urn`` and ``reach``; returns how many suggestions got another place."""
    row = await tx.one(_SET_REACHES, rows=list(rows))
    return int(row["moved"]) if row else 0


async def save_exception(tx: Transaction, *, ident: str, props: Mapping[str, Any]) -> None:
    await tx.rows(_SAVE_EXCEPTION, id=ident, props=dict(props))


async def remove_exception(tx: Transaction, *, ident: str, at: str) -> dict[str, Any] | None:
    """What it was; None where there is none. It is gone once it is settled."""
    row = await tx.one(_REMOVE_EXCEPTION, id=ident, at=at)
    return None if row is None else dict(row["props"])


async def settle_exception(tx: Transaction, *, ident: str) -> None:
    await tx.rows(_SETTLE_EXCEPTION, id=ident)


async def withdraw(
    tx: Transaction, urns: Sequence[str], *, classification: str, by: str, at: str, reason: str
) -> int:
    """End what machines say of ``urns``; returns how many verdicts that were."""
    row = await tx.one(_WITHDRAW, urns=list(urns), classification=classification, by=by, at=at, reason=reason)
    return int(row["withdrawn"]) if row else 0
