"""Writing what columns inherit and what stops it. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction
from schema.domain.identity import Scope
from schema.domain.propagation import Change

_MARK = load(__package__, "mark")
_TAKE = load(__package__, "take")
_HOLD = load(__package__, "hold")
_BEGIN = load(__package__, "begin")
_FINISH = load(__package__, "finish")
_GIVE = load(__package__, "give")
_CHANGE = load(__package__, "change")
_WITHDRAW = load(__package__, "withdraw")
_LEVELS = load(__package__, "levels")
_BLOCK = load(__package__, "block")
_UNBLOCK = load(__package__, "unblock")
_SWITCH_OFF = load(__package__, "switch_off")
_SWITCH_ON = load(__package__, "switch_on")
_KEYS = 10_000
_LEVELS_AT_ONCE = 2_000

Row = dict[str, Any]


async def mark(tx: Transaction, keys: Iterable[int], *, at: str) -> None:
    """Note columns, by key, of which something changed that those downstream of them follow from."""
    wanted = sorted(keys)
    for start in range(0, len(wanted), _KEYS):
        some = wanted[start : start + _KEYS]
        await tx.rows(_MARK, id=str(uuid.uuid4()), at=at, keys=some, whole=False, levels=False)


async def mark_levels(tx: Transaction, keys: Sequence[int], *, at: str) -> None:
    """Note assets, by key, whose level is to be computed anew; each mark is what one command can do."""
    for start in range(0, len(keys), _LEVELS_AT_ONCE):
        some = list(keys[start : start + _LEVELS_AT_ONCE])
        await tx.rows(_MARK, id=str(uuid.uuid4()), at=at, keys=some, whole=False, levels=True)


async def mark_all(tx: Transaction, *, at: str) -> None:
    """Note that all of it is to be computed anew."""
    await tx.rows(_MARK, id=str(uuid.uuid4()), at=at, keys=[], whole=True, levels=False)


async def take(tx: Transaction, *, holder: str, lease_ms: int) -> Row:
    """Whether ``holder`` has the job for so long, the ``rules`` it was last done by, and whether the ``whole`` of it is due."""
    (row,) = await tx.rows(_TAKE, holder=holder, lease_ms=lease_ms)
    return row


async def hold(tx: Transaction, *, holder: str, lease_ms: int) -> bool:
    """Whether ``holder`` still has the job; nobody else gets it before the transaction ends."""
    return await tx.one(_HOLD, holder=holder, lease_ms=lease_ms) is not None


async def begin(tx: Transaction) -> None:
    """Note that some of what follows from a change is written, and some is not."""
    await tx.rows(_BEGIN)


async def finish(tx: Transaction, ids: Sequence[str], state: Mapping[str, Any]) -> None:
    """Drop the marks and note how the job stands."""
    await tx.rows(_FINISH, ids=list(ids), state=dict(state))


async def apply(tx: Transaction, changes: Sequence[Change], *, at: str) -> dict[str, int]:
    """Write what columns inherit now, and the level that follows; how many were ``given``, ``changed``, ``withdrawn``, ``raised``, ``lowered``."""
    counts = dict.fromkeys(("given", "changed", "withdrawn"), 0)
    for name in sorted({each.classification for each in changes}):
        some = [each for each in changes if each.classification == name]
        given = [_row(each) for each in some if each.reasons and not each.before]
        changed = [_row(each) for each in some if each.reasons and each.before]
        gone = [each.column for each in some if not each.reasons]
        for query, key, params in (
            (_GIVE, "given", {"rows": given}),
            (_CHANGE, "changed", {"rows": changed}),
            (_WITHDRAW, "withdrawn", {"keys": gone}),
        ):
            if any(params.values()):
                row = await tx.one(query, classification=name, at=at, **params)
                counts[key] += int(row[key]) if row else 0
    keys = sorted({each.column for each in changes})
    row = await tx.one(_LEVELS, keys=keys)
    assert row is not None
    tx.touch(row["datasets"])
    return counts | {"raised": int(row["raised"]), "lowered": int(row["lowered"])}


def _row(change: Change) -> list[Any]:
    hops, origins, via, confidences = (list(each) for each in zip(*change.reasons, strict=True))
    return [change.column, hops, origins, via, confidences, max(confidences)]


async def block(tx: Transaction, props: Mapping[str, Any]) -> bool:
    """Whether there is such a classification."""
    return await tx.one(_BLOCK, props=dict(props)) is not None


async def unblock(tx: Transaction, ident: str, scope: Scope) -> Row | None:
    """What the block was; None where there is none for this actor."""
    row = await tx.one(_UNBLOCK, id=ident, **scope.parameters())
    return row and row["block"]


async def switch(
    tx: Transaction, *, up: str, down: str, enabled: bool, at: str, by: str, reason: str
) -> tuple[int, bool]:
    """Let classifications pass from ``up`` to ``down`` or not; the key of ``down``, and whether that is something else than before."""
    row = (
        await tx.one(_SWITCH_ON, up=up, down=down)
        if enabled
        else await tx.one(_SWITCH_OFF, up=up, down=down, at=at, by=by, reason=reason)
    )
    assert row is not None
    return int(row["key"]), bool(row["changed"])
