"""Writing tokens. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction

_CREATE_TOKEN = load(__package__, "create_token")
_REVOKE_TOKEN = load(__package__, "revoke_token")


async def create_token(tx: Transaction, props: Mapping[str, Any]) -> bool:
    """False where there is a token of this id, which then stays as it is."""
    row = await tx.one(_CREATE_TOKEN, props=dict(props))
    return bool(row and row["made"])


async def revoke_token(tx: Transaction, *, ident: str, at: str) -> bool:
    """Whether there was such a token."""
    return await tx.one(_REVOKE_TOKEN, id=ident, at=at) is not None
