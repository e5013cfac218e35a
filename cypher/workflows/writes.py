"""Writing workflows of one's own. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction

_HOLD = load(__package__, "hold")
_SAVE = load(__package__, "save")
_DELETE = load(__package__, "delete")

Row = dict[str, Any]


async def hold(tx: Transaction, *, name: str, at: str, by: str) -> Row:
    """The workflow of this name, ``deleted`` where there is none, locked."""
    row = await tx.one(_HOLD, name=name, at=at, by=by)
    assert row is not None
    return dict(row["definition"])


async def save(
    tx: Transaction, *, name: str, version: int, props: Mapping[str, Any], at: str, by: str
) -> Row:
    """The workflow with its new version; ``props`` hold ``text``, ``digest``, ``description`` and ``calls``."""
    row = await tx.one(_SAVE, name=name, version=version, props=dict(props), at=at, by=by)
    assert row is not None
    return dict(row["definition"])


async def delete(tx: Transaction, *, name: str) -> None:
    await tx.one(_DELETE, name=name)
