"""Writing runs, stages and tasks. Only ``ingest.commands`` may import this module; all waits and leases are milliseconds of the server's clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.orchestration.reads import ALIVE_MS
from cypher.session import Transaction
from schema.domain.dispatch import Hold, Room
from schema.ids import new_key

_CREATE_RUN = load(__package__, "create_run")
_SOURCE = load(__package__, "source")
_HOLDS = load(__package__, "holds")
_SAVE_PLAN = load(__package__, "save_plan")
_SET_BREAKER = load(__package__, "set_breaker")
_SET_DUE = load(__package__, "set_due")
_LOOK = load(__package__, "look")
_SET_LIMITS = load(__package__, "set_limits")
_WAKE = load(__package__, "wake")
_ABLE = load(__package__, "able")
_GIVE = load(__package__, "give")
_HOLD_TASK = load(__package__, "hold_task")
_HOLD_RUN = load(__package__, "hold_run")
_FORGET_WORKERS = load(__package__, "forget_workers")
_TAKE_REQUESTS = load(__package__, "take_requests")
_BEAT = load(__package__, "beat")
_SETTLE_TASK = load(__package__, "settle_task")
_SET_TASK = load(__package__, "set_task")
_NOTE_LOSS = load(__package__, "note_loss")
_TELL_ONCE = load(__package__, "tell_once")
_APPLY_STEP = load(__package__, "apply_step")
_WITHDRAW = load(__package__, "withdraw")
_REQUEUE = load(__package__, "requeue")
_REPORT = load(__package__, "report")
_KEEP_CHUNK = load(__package__, "keep_chunk")
_MOST_PROBLEMS = 1_000

Row = dict[str, Any]


async def create_run(
    tx: Transaction,
    *,
    ident: str,
    source: str,
    props: Mapping[str, Any],
    workflow: Mapping[str, Any],
    stages: Sequence[Mapping[str, Any]],
    tasks: Sequence[Mapping[str, Any]],
    at: str,
    most_queued: int,
) -> Row | None:
    """``id`` is None where the source is ``busy`` or the queue ``full``; None where there is no such source."""
    return await tx.one(
        _CREATE_RUN,
        id=ident,
        key=new_key(),
        source=source,
        props=dict(props),
        workflow=dict(workflow),
        stages=list(stages),
        tasks=list(tasks),
        at=at,
        most_queued=most_queued,
    )


async def source(tx: Transaction, *, urn: str) -> Row | None:
    """What decides how a run of a registered source begins, and what its conditions see of it."""
    return await tx.one(_SOURCE, source=urn)


async def holds(tx: Transaction, *, name: str) -> int:
    """The highest sensitivity among the datasets of a source."""
    row = await tx.one(_HOLDS, name=name)
    return int(row["sensitivity"]) if row else 0


async def save_plan(tx: Transaction, *, source: str, plan: str, props: Mapping[str, Any], at: str) -> bool:
    return await tx.one(_SAVE_PLAN, source=source, plan=plan, props=dict(props), at=at) is not None


async def set_due(tx: Transaction, *, source: str, due_ms: int, props: Mapping[str, Any]) -> bool:
    """False where the source is not due at ``due_ms`` any more."""
    return await tx.one(_SET_DUE, source=source, due_ms=due_ms, props=dict(props)) is not None


async def look(
    tx: Transaction, *, worker: str, bands: Sequence[str], first: int, day: str, lease_ms: int
) -> Row:
    """The ``first`` tasks of each band, what runs, what was lost, and where there are limits what was used of them on ``day``; no other
    worker looks until the transaction ends."""
    row = await tx.one(_LOOK, worker=worker, bands=list(bands), first=first, day=day, lease_ms=lease_ms)
    assert row is not None
    return row


async def set_limits(tx: Transaction, limits: str | None) -> None:
    """What all workers together may do, as text."""
    await tx.one(_SET_LIMITS, limits=limits)


async def wake(tx: Transaction, *held: Hold, source: str | None = None) -> int:
    """How many tasks that were put aside for one of these reasons, of a source where one is named, may be looked at again."""
    row = await tx.one(_WAKE, source=source, held=[each.value for each in held])
    return int(row["tasks"]) if row else 0


async def able(tx: Transaction) -> list[str]:
    """Kinds of sources that some worker which lives can open."""
    row = await tx.one(_ABLE, alive_ms=ALIVE_MS)
    return list(row["kinds"]) if row else []


async def give(
    tx: Transaction,
    *,
    worker: str,
    given: Sequence[str],
    parked: Sequence[Mapping[str, Any]],
    passes: Sequence[float],
    room: Room | None,
    lease_ms: int,
    at: str,
) -> list[Row]:
    """The given tasks, each with its run, source, workflow and stages."""
    return await tx.rows(
        _GIVE,
        worker=worker,
        given=list(given),
        parked=list(parked),
        passes=list(passes),
        room=[room.worker, room.task] if room else None,
        room_until=room.until_ms if room else None,
        lease_ms=lease_ms,
        at=at,
    )


async def hold_task(tx: Transaction, *, ident: str, attempt: int) -> bool:
    return await tx.one(_HOLD_TASK, id=ident, attempt=attempt) is not None


async def hold_run(tx: Transaction, *, ident: str) -> Row | None:
    return await tx.one(_HOLD_RUN, id=ident)


async def forget_workers(tx: Transaction) -> None:
    await tx.one(_FORGET_WORKERS)


async def take_requests(tx: Transaction, *, source: str) -> Row:
    """``wait_ms`` until the first of ``requests`` may be sent, at ``per_minute``, which is null where there is no limit any more."""
    row = await tx.one(_TAKE_REQUESTS, source=source)
    return row or {"wait_ms": 0.0, "requests": 1, "per_minute": None}


async def beat(
    tx: Transaction,
    *,
    worker: str,
    props: Mapping[str, Any],
    tasks: Sequence[Mapping[str, Any]],
    lease_ms: int,
) -> dict[str, str]:
    """Task id to the state of its run, of those that this worker still holds."""
    rows = await tx.rows(_BEAT, worker=worker, props=dict(props), tasks=list(tasks), lease_ms=lease_ms)
    return {row["id"]: row["state"] for row in rows}


async def settle_task(
    tx: Transaction,
    *,
    ident: str,
    attempt: int,
    props: Mapping[str, Any],
    outcome: Mapping[str, Any],
    wait_ms: int | None,
    used: Mapping[str, Any],
) -> Row | None:
    """``wait_ms`` puts the task aside for so long; None ends it. ``used`` counts against the budget of the source.

    None where another attempt holds the task.
    """
    return await tx.one(
        _SETTLE_TASK,
        id=ident,
        attempt=attempt,
        props=dict(props),
        outcome=dict(outcome),
        wait_ms=wait_ms,
        used=dict(used),
    )


async def set_breaker(tx: Transaction, *, source: str, breaker: str | None) -> None:
    await tx.one(_SET_BREAKER, source=source, breaker=breaker)


async def set_task(tx: Transaction, *, ident: str, tries: int, given_up: bool, suspect: bool) -> None:
    await tx.one(_SET_TASK, id=ident, tries=tries, given_up=given_up, suspect=suspect)


async def note_loss(tx: Transaction, *, ident: str, attempt: int) -> int:
    """How many workers were lost of late that never held the task."""
    row = await tx.one(_NOTE_LOSS, id=ident, attempt=attempt)
    return int(row["beside"]) if row else 0


async def tell_once(tx: Transaction, *, ident: str) -> bool:
    """Note that a task told what it is to tell; False where an earlier attempt did."""
    row = await tx.one(_TELL_ONCE, id=ident)
    return bool(row and row["first"])


async def apply_step(
    tx: Transaction,
    *,
    run: str,
    props: Mapping[str, Any],
    stages: Sequence[Mapping[str, Any]],
    tasks: Sequence[Mapping[str, Any]],
    over: bool,
    drop: bool,
    at: str,
) -> None:
    """``drop`` lets go of what the stages of the run, and of those of its source that are over, handed to each other."""
    await tx.one(
        _APPLY_STEP,
        run=run,
        props=dict(props),
        stages=list(stages),
        tasks=list(tasks),
        over=over,
        drop=drop,
        at=at,
    )


async def withdraw(tx: Transaction, *, run: str, state: str, held: str | None) -> dict[str, int]:
    """Stage to the number of its tasks that left the queue."""
    rows = await tx.rows(_WITHDRAW, run=run, state=state, held=held)
    return {row["stage"]: row["tasks"] for row in rows}


async def requeue(
    tx: Transaction, *, run: str, state: str, held: str | None = None, ids: Sequence[str] | None = None
) -> dict[str, int]:
    """Stage to the number of its tasks that are in the queue again."""
    rows = await tx.rows(_REQUEUE, run=run, state=state, held=held, ids=None if ids is None else list(ids))
    return {row["stage"]: row["tasks"] for row in rows}


async def report(tx: Transaction, *, run: str, problems: Sequence[Mapping[str, Any]]) -> None:
    await tx.one(_REPORT, run=run, problems=list(problems), most=_MOST_PROBLEMS)


async def keep_chunk(tx: Transaction, *, run: str, ident: str, name: str, n: int, data: str) -> None:
    await tx.one(_KEEP_CHUNK, run=run, id=ident, name=name, n=n, data=data)
