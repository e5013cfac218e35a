"""Writing rules of masking, purposes, and the key of marks. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction
from schema.domain.masking import MaskingRule

_SET_RULE = load(__package__, "set_rule")
_REMOVE_RULE = load(__package__, "remove_rule")
_KEEP_KEY = load(__package__, "keep_key")
_BIND_CLASSIFICATION = load(__package__, "bind_classification")
_BIND_TOKEN = load(__package__, "bind_token")


async def set_rule(tx: Transaction, rule: MaskingRule) -> str | None:
    """The mask that was set before, None where it was as shipped."""
    props = {
        "id": rule.id,
        "subject": rule.subject.value,
        "name": rule.name,
        "mask": rule.mask.value,
        "set_by": rule.set_by,
        "set_at": rule.set_at,
    }
    row = await tx.one(_SET_RULE, props=props)
    return row["before"] if row else None


async def remove_rule(tx: Transaction, ident: str) -> str | None:
    """The mask that was set; None where there was none."""
    row = await tx.one(_REMOVE_RULE, id=ident)
    return row["mask"] if row else None


async def keep_key(tx: Transaction, *, sealed: str, at: str) -> str:
    """The sealed key that is kept now, which may be another's."""
    row = await tx.one(_KEEP_KEY, sealed=sealed, at=at)
    assert row is not None
    return str(row["sealed"])


async def bind_classification(
    tx: Transaction, *, name: str, purposes: Sequence[str]
) -> dict[str, Any] | None:
    """Its ``sensitivity`` and the purposes ``before``; None where there is no such classification."""
    return await tx.one(_BIND_CLASSIFICATION, name=name, purposes=list(purposes))


async def bind_token(tx: Transaction, *, ident: str, purposes: Sequence[str]) -> dict[str, Any] | None:
    """The purposes ``before``; None where there is no such token."""
    return await tx.one(_BIND_TOKEN, id=ident, purposes=list(purposes))
