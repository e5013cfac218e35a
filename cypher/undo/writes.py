"""Taking back what a run changed. Only ``ingest.commands`` may import this module.

``mark`` is what is noted as the run of what an undo makes or closes; ``run`` is the one that is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cypher.catalogue import Query, load
from cypher.session import Transaction

_HOLD = load(__package__, "hold")
_MARK = load(__package__, "mark")
_RESTORE_ASSETS = load(__package__, "restore_assets")
_LOOK_AGAIN = load(__package__, "look_again")
_CLOSE_EDGES = load(__package__, "close_edges")
_REOPEN_EDGES = load(__package__, "reopen_edges")
_WITHDRAW_VERDICTS = load(__package__, "withdraw_verdicts")
_GIVE_VERDICTS = load(__package__, "give_verdicts")
_RESTORE_EVIDENCE = load(__package__, "restore_evidence")
_DROP_REFERENCES = load(__package__, "drop_references")
_RESTORE_REFERENCES = load(__package__, "restore_references")
_TAKE_TAGS = load(__package__, "take_tags")
_RESOLVE_INCIDENTS = load(__package__, "resolve_incidents")

Row = Mapping[str, Any]


async def hold(tx: Transaction, run: str) -> dict[str, Any] | None:
    """The run's ``state``, ``undo_state`` and the ``busy`` runs of its source, locked; None where there is no such run."""
    return await tx.one(_HOLD, run=run)


async def mark(tx: Transaction, run: str, props: Mapping[str, Any]) -> None:
    await tx.rows(_MARK, run=run, props=dict(props))


async def restore_assets(tx: Transaction, rows: Sequence[Row], *, at: str, by: str, run: str) -> None:
    """Rows of ``urn``, ``since`` (when what was read of it was recorded) and the ``props`` that it gets back."""
    tx.touch(row["urn"] for row in rows)
    await tx.rows(_RESTORE_ASSETS, rows=list(rows), at=at, by=by, run=run)


async def close_edges(tx: Transaction, rows: Sequence[Row], *, at: str, run: str, mark: str) -> None:
    """Rows of ``up``, ``down``, ``type``, ``assertion``, ``job``."""
    await _edges(tx, _CLOSE_EDGES, rows, at=at, run=run, mark=mark)


async def reopen_edges(tx: Transaction, rows: Sequence[Row], *, at: str, run: str, mark: str) -> None:
    """Rows as for ``close_edges``."""
    await _edges(tx, _REOPEN_EDGES, rows, at=at, run=run, mark=mark)


async def _edges(tx: Transaction, query: Query, rows: Sequence[Row], **params: Any) -> None:
    if rows:
        tx.touch(row["down"] for row in rows)
        found = await tx.one(query, rows=list(rows), **params)
        tx.mark(found["marked"] if found else ())
        await _look_again(tx, (row["down"] for row in rows))


async def withdraw_verdicts(tx: Transaction, rows: Sequence[Row], *, at: str, run: str, mark: str) -> None:
    """Rows of ``urn`` and ``classification``."""
    await _verdicts(tx, _WITHDRAW_VERDICTS, rows, at=at, run=run, mark=mark)


async def give_verdicts(tx: Transaction, rows: Sequence[Row], *, at: str, run: str, mark: str) -> None:
    """Rows as for ``withdraw_verdicts``."""
    await _verdicts(tx, _GIVE_VERDICTS, rows, at=at, run=run, mark=mark)


async def restore_evidence(tx: Transaction, rows: Sequence[Row], *, run: str) -> None:
    """Rows as for ``withdraw_verdicts``."""
    await _verdicts(tx, _RESTORE_EVIDENCE, rows, run=run)


async def _verdicts(tx: Transaction, query: Query, rows: Sequence[Row], **params: Any) -> None:
    if rows:
        await tx.rows(query, rows=list(rows), **params)
        await _look_again(tx, (row["urn"] for row in rows))


async def drop_references(tx: Transaction, rows: Sequence[Row], *, run: str) -> None:
    """Rows of ``from`` and ``to``."""
    if rows:
        await tx.rows(_DROP_REFERENCES, rows=list(rows), run=run)
        await _look_again(tx, (row["from"] for row in rows))


async def restore_references(tx: Transaction, rows: Sequence[Row], *, at: str, run: str, mark: str) -> None:
    """Rows as for ``drop_references``."""
    if rows:
        await tx.rows(_RESTORE_REFERENCES, rows=list(rows), at=at, run=run, mark=mark)
        await _look_again(tx, (row["from"] for row in rows))


async def take_tags(tx: Transaction, rows: Sequence[Row], *, at: str, by: str, run: str) -> None:
    """Rows of ``urn`` and ``name`` of the tag."""
    await tx.rows(_TAKE_TAGS, rows=list(rows), at=at, by=by, run=run)
    await _look_again(tx, (row["urn"] for row in rows))


async def resolve_incidents(tx: Transaction, ids: Sequence[str], *, props: Mapping[str, Any]) -> None:
    await tx.rows(_RESOLVE_INCIDENTS, ids=list(ids), props=dict(props))


async def _look_again(tx: Transaction, urns: Iterable[str]) -> None:
    await tx.rows(_LOOK_AGAIN, urns=sorted(set(urns)))
