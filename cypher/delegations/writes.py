"""Writing who may decide in whose place. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction

_CREATE = load(__package__, "create")
_REVOKE = load(__package__, "revoke")


async def create(tx: Transaction, props: Mapping[str, Any]) -> None:
    await tx.rows(_CREATE, props=dict(props))


async def revoke(tx: Transaction, *, ident: str, giver: str | None, at: str, by: str) -> bool:
    """Whether there is such a one, given by ``giver`` or, where that is None, by anybody."""
    return await tx.one(_REVOKE, id=ident, giver=giver, at=at, by=by) is not None
