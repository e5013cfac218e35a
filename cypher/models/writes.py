"""Writing versions of the trained model. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cypher.catalogue import load
from cypher.classifiers.reads import ID, Row
from cypher.session import Transaction

_REQUEST = load(__package__, "request")
_CLAIM = load(__package__, "claim")
_BEAT = load(__package__, "beat")
_SETTLE = load(__package__, "settle")
_CANCEL = load(__package__, "cancel")
_KEEP = load(__package__, "keep")
_PUT_IN_FORCE = load(__package__, "put_in_force")
_NOTE_FAULT = load(__package__, "note_fault")


async def request(tx: Transaction, props: Mapping[str, Any]) -> Row:
    """``number`` of the model to be trained, or None where ``busy`` is that of another."""
    row = await tx.one(_REQUEST, props=dict(props))
    assert row is not None
    return row


async def claim(tx: Transaction, *, holder: str, lease_ms: int, at: str) -> Row | None:
    """The model that ``holder`` has to train now; None where there is none."""
    row = await tx.one(_CLAIM, holder=holder, lease_ms=lease_ms, at=at)
    return row and row["model"]


async def beat(tx: Transaction, *, number: int, holder: str, lease_ms: int) -> bool | None:
    """Whether the training was cancelled; None where ``holder`` has it no more."""
    row = await tx.one(_BEAT, number=number, holder=holder, lease_ms=lease_ms)
    return row and row["cancelled"]


async def settle(tx: Transaction, *, number: int, holder: str, props: Mapping[str, Any]) -> bool:
    """Write how it ended; false where ``holder`` has it no more, or somebody cancelled it."""
    return await tx.one(_SETTLE, number=number, holder=holder, props=dict(props)) is not None


async def cancel(tx: Transaction, *, number: int, at: str) -> str | None:
    """The status that it had; None where there is no such model."""
    row = await tx.one(_CANCEL, number=number, at=at)
    return row and row["status"]


async def keep(tx: Transaction, *, digest: str, data: bytes, most: int) -> int:
    """Keep an artefact, and those of the ``most`` newest models; returns how many went."""
    row = await tx.one(_KEEP, digest=digest, data=data, most=most)
    return int(row["dropped"]) if row else 0


async def put_in_force(tx: Transaction, *, number: int, digest: str, at: str, by: str) -> None:
    """Have another model judge; the vocabulary must be held."""
    await tx.one(_PUT_IN_FORCE, id=ID, number=number, digest=digest, at=at, by=by)


async def note_fault(tx: Transaction, *, digest: str, why: str) -> int | None:
    """The number of the model whose fault was not known yet."""
    row = await tx.one(_NOTE_FAULT, digest=digest, why=why)
    return row and row["number"]
