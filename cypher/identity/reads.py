"""Reading tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession

_TOKEN_BY_HASH = load(__package__, "token_by_hash")
_TOKENS = load(__package__, "tokens")
_TOKENS_BY_KEYS = load(__package__, "tokens_by_keys")


async def token_by_hash(graph: GraphSession, token_hash: str) -> dict[str, Any] | None:
    row = await graph.one(_TOKEN_BY_HASH, hash=token_hash)
    return row["token"] if row else None


async def tokens(graph: GraphSession) -> list[dict[str, Any]]:
    """Every token without its hash."""
    return [row["token"] for row in await graph.rows(_TOKENS)]


async def tokens_by_keys(graph: GraphSession, keys: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Key to token, without its hash."""
    rows = await graph.rows(_TOKENS_BY_KEYS, keys=list(keys))
    return {row["token"]["key"]: row["token"] for row in rows}
