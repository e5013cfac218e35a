"""Writing who asked to read rows of what. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction
from schema.domain.identity import Scope

_CREATE = load(__package__, "create")
_HOLD = load(__package__, "hold")
_DECIDE = load(__package__, "decide")


async def create(tx: Transaction, props: Mapping[str, Any]) -> None:
    await tx.rows(_CREATE, props=dict(props))


async def hold(tx: Transaction, ident: str, scope: Scope, *, now: str) -> dict[str, Any] | None:
    """The request with its ``state`` at ``now`` and the ``domain`` of its dataset; None where there is none for this reader."""
    row = await tx.one(_HOLD, id=ident, now=now, **scope.parameters())
    return row and row["request"]


async def decide(tx: Transaction, ident: str, props: Mapping[str, Any]) -> None:
    await tx.rows(_DECIDE, id=ident, props=dict(props))
