"""Writing the vocabulary of classifications. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.classifiers.reads import ID
from cypher.session import Transaction

_HOLD_VOCABULARY = load(__package__, "hold_vocabulary")
_SET_DIGEST = load(__package__, "set_digest")
_HOLD = load(__package__, "hold")
_SAVE = load(__package__, "save")
_REVIVE = load(__package__, "revive")
_DELETE = load(__package__, "delete")
_WITHDRAW = load(__package__, "withdraw")
_SET_THRESHOLDS = load(__package__, "set_thresholds")
_SET_ENABLED = load(__package__, "set_enabled")
_TAKE_CALLS = load(__package__, "take_calls")
_KEEP_DRAFT = load(__package__, "keep_draft")
_FORGET_DRAFTS = load(__package__, "forget_drafts")
_FORGOTTEN_AT_ONCE = 100

Row = dict[str, Any]


async def hold_vocabulary(tx: Transaction) -> tuple[str, str]:
    """Lock the vocabulary; the digest of what is in force, and of the product that was synced."""
    row = await tx.one(_HOLD_VOCABULARY, id=ID)
    assert row is not None
    return row["digest"], row["product"]


async def set_digest(tx: Transaction, digest: str, product: str) -> None:
    await tx.one(_SET_DIGEST, id=ID, digest=digest, product=product)


async def hold(tx: Transaction, *, name: str, at: str, by: str) -> Row:
    """The classifier of this name, ``deleted`` where there is none."""
    row = await tx.one(_HOLD, name=name, at=at, by=by)
    assert row is not None
    return dict(row["definition"])


async def save(tx: Transaction, *, name: str, version: int, text: str, at: str, by: str) -> Row:
    row = await tx.one(_SAVE, name=name, version=version, text=text, at=at, by=by)
    assert row is not None
    return dict(row["definition"])


async def revive(tx: Transaction, names: Sequence[str]) -> None:
    await tx.one(_REVIVE, names=list(names))


async def delete(tx: Transaction, *, name: str) -> None:
    await tx.one(_DELETE, name=name)


async def withdraw(tx: Transaction, *, name: str, at: str) -> list[str]:
    """Make all verdicts of a classification past ones; urns of the assets that carried it."""
    return [row["urn"] for row in await tx.rows(_WITHDRAW, name=name, at=at)]


async def set_thresholds(
    tx: Transaction,
    *,
    name: str,
    accept_at: float | None,
    reject_at: float | None,
    at: str | None,
    by: str | None,
) -> Row | None:
    """What they were before; None where there is no such classification. ``by`` is None where they are those of the text."""
    row = await tx.one(_SET_THRESHOLDS, name=name, accept_at=accept_at, reject_at=reject_at, at=at, by=by)
    return None if row is None else dict(row["before"])


async def set_enabled(tx: Transaction, *, name: str, enabled: bool) -> bool | None:
    """Whether it was enabled; None where there is no such classification."""
    row = await tx.one(_SET_ENABLED, name=name, enabled=enabled)
    return None if row is None else bool(row["before"])


async def take_calls(tx: Transaction, *, run: str, day: str, wanted: int, per_run: int, per_day: int) -> int:
    """How many questions to the language model are left of ``wanted``, counted from now on; none where there is no such run."""
    row = await tx.one(_TAKE_CALLS, id=ID, run=run, day=day, wanted=wanted, per_run=per_run, per_day=per_day)
    return int(row["granted"]) if row else 0


async def keep_draft(
    tx: Transaction, *, ident: str, texts: Mapping[str, str], at: str, by: str, expires_ms: int
) -> None:
    """Keep ``texts``, by name, until they expire."""
    await tx.one(
        _KEEP_DRAFT,
        id=ident,
        names=list(texts),
        texts=list(texts.values()),
        at=at,
        by=by,
        expires_ms=expires_ms,
    )


async def forget_drafts(tx: Transaction, now_ms: int) -> int:
    """Forget some of what expired; 0 once there is nothing left."""
    row = await tx.one(_FORGET_DRAFTS, now_ms=now_ms, first=_FORGOTTEN_AT_ONCE)
    return int(row["forgotten"]) if row else 0
