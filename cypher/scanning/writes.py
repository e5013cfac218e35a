"""Writing sources and runs. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction
from schema.ids import new_key

_SAVE_SOURCE = load(__package__, "save_source")
_ADOPT_NAMESPACE = load(__package__, "adopt_namespace")
_RECORD_CHECK = load(__package__, "record_check")
_CREATE_RUN = load(__package__, "create_run")
_CLAIM_RUN = load(__package__, "claim_run")
_ADVANCE_RUN = load(__package__, "advance_run")
_FINISH_RUN = load(__package__, "finish_run")
_CANCEL_RUN = load(__package__, "cancel_run")
_HOLD_RUN = load(__package__, "hold_run")
_QUEUE_SQL = load(__package__, "queue_sql")
_SETTLE_SQL = load(__package__, "settle_sql")


async def save_source(
    tx: Transaction, *, urn: str, props: Mapping[str, Any], at: str, by: str, replace: bool
) -> bool:
    """Whether it was saved; False where the name is taken and ``replace`` is not set."""
    tx.touch([urn])
    row = await tx.one(
        _SAVE_SOURCE, urn=urn, key=new_key(), props=dict(props), at=at, by=by, run=None, replace=replace
    )
    return bool(row and row["applied"])


async def adopt_namespace(tx: Transaction, *, urn: str, stub: str, source: str) -> int:
    tx.touch([urn], below=True)
    row = await tx.one(_ADOPT_NAMESPACE, urn=urn, stub=stub, source=source)
    return int(row["moved"]) if row else 0


async def record_check(
    tx: Transaction, *, urn: str, ok: bool, cause: str, at: str, latency_ms: float | None
) -> bool:
    row = await tx.one(_RECORD_CHECK, urn=urn, ok=ok, cause=cause, at=at, latency_ms=latency_ms)
    return row is not None


async def create_run(
    tx: Transaction, *, ident: str, source: str, props: Mapping[str, Any], at: str
) -> dict[str, Any] | None:
    """None where there is no such source; ``busy`` is the id of a run that is not finished."""
    return await tx.one(_CREATE_RUN, id=ident, key=new_key(), source=source, props=dict(props), at=at)


async def claim_run(
    tx: Transaction, *, ident: str, worker: str, now: str, until: str
) -> dict[str, Any] | None:
    """The run and its source, or None where another worker holds it or it is over."""
    return await tx.one(_CLAIM_RUN, id=ident, worker=worker, now=now, until=until)


async def advance_run(
    tx: Transaction, *, ident: str, attempt: int, until: str, progress: Mapping[str, Any]
) -> str | None:
    """The state of the run, or None where this attempt no longer holds it."""
    row = await tx.one(_ADVANCE_RUN, id=ident, attempt=attempt, until=until, progress=dict(progress))
    return str(row["state"]) if row else None


async def finish_run(
    tx: Transaction,
    *,
    ident: str,
    attempt: int,
    state: str,
    at: str,
    counts: Mapping[str, int],
    error: str | None,
    problems: Sequence[Mapping[str, Any]],
) -> bool:
    """False where this attempt no longer holds the run."""
    row = await tx.one(
        _FINISH_RUN,
        id=ident,
        attempt=attempt,
        state=state,
        at=at,
        counts=dict(counts),
        error=error,
        problems=[dict(p) for p in problems],
    )
    return row is not None


async def hold_run(tx: Transaction, *, ident: str, attempt: int) -> bool:
    """Whether ``attempt`` holds the run, and goes on to hold it until ``tx`` ends."""
    return await tx.one(_HOLD_RUN, id=ident, attempt=attempt) is not None


async def cancel_run(tx: Transaction, *, ident: str, at: str) -> dict[str, Any] | None:
    """The state it is in now and the one it was in; None where there is no such run."""
    return await tx.one(_CANCEL_RUN, id=ident, at=at)


async def queue_sql(tx: Transaction, rows: Sequence[Mapping[str, Any]], *, at: str) -> int:
    """Queue SQL of jobs to be read; returns how many texts are new."""
    row = await tx.one(_QUEUE_SQL, rows=[dict(r) for r in rows], at=at)
    return int(row["queued"]) if row else 0


async def settle_sql(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> int:
    row = await tx.one(_SETTLE_SQL, rows=[{"id": r["id"], "at": r["at"]} for r in rows])
    return int(row["settled"]) if row else 0
