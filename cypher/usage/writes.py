"""Writing what was asked of assets. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction

_HOLD = load(__package__, "hold")
_MOVE_ON = load(__package__, "move_on")
_ADD_USES = load(__package__, "add_uses")
_ADD_JOINS = load(__package__, "add_joins")
_NAME_ACCOUNTS = load(__package__, "name_accounts")
_FORGET_USES = load(__package__, "forget_uses")
_FORGET_JOINS = load(__package__, "forget_joins")

Row = Mapping[str, Any]


async def hold(tx: Transaction, *, ident: str, source: str, reader: str, at: str) -> str:
    """The position of a reader, which no other transaction can change meanwhile."""
    row = await tx.one(_HOLD, id=ident, source=source, reader=reader, at=at)
    return str(row["position"]) if row else ""


async def move_on(tx: Transaction, *, ident: str, position: str) -> None:
    await tx.one(_MOVE_ON, id=ident, position=position)


async def add_uses(tx: Transaction, rows: Sequence[Row], *, source: str) -> int:
    """Maps of ``id`` (of asset, source and day), ``urn``, ``day``, ``queries``, ``accounts`` (ids), ``last_used``."""
    row = await tx.one(_ADD_USES, rows=list(rows), source=source)
    return int(row["written"]) if row else 0


async def add_joins(tx: Transaction, rows: Sequence[Row], *, source: str) -> int:
    """Maps of ``one``, ``other`` (urns in order), ``day``, ``queries``."""
    row = await tx.one(_ADD_JOINS, rows=list(rows), source=source)
    return int(row["written"]) if row else 0


async def name_accounts(tx: Transaction, rows: Sequence[Row], *, source: str) -> int:
    """Maps of ``id``, ``name``."""
    row = await tx.one(_NAME_ACCOUNTS, rows=list(rows), source=source)
    return int(row["written"]) if row else 0


async def forget(tx: Transaction, *, source: str, before: str, limit: int) -> int:
    """At most ``limit`` days of assets, and of joins, that lie before the day ``before``."""
    found = [
        await tx.one(query, source=source, before=before, limit=limit)
        for query in (_FORGET_USES, _FORGET_JOINS)
    ]
    return sum(int(row["forgotten"]) for row in found if row)
