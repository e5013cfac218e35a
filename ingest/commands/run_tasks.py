"""What workers do with tasks of runs: take them, say that they live, tell how they ended.

It is kept in the attempts of the tasks and changes nothing that is governed: that is the one write without an audit event. The end of a run
and a task that is given up have one each.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cypher.orchestration import writes
from cypher.session import GraphSession, Transaction
from ingest.commands.held_runs import HeldRun, facts_of
from ingest.commands.unit import Unit, hold, record
from ingest.orchestration.actions import DISCOVER
from ingest.orchestration.holds import candidate, day, limits_of
from ingest.orchestration.outcomes import (
    OUT_OF_MEMORY,
    WORKER_LOST,
    Claim,
    Done,
    Failed,
    Halted,
    Outcome,
    Settled,
)
from ingest.rate_limit import Grant, RateLimiter
from schema.domain.dispatch import ORDER, Band, Candidate, Room, Taker, choose
from schema.domain.identity import SYSTEM
from schema.domain.orchestration import UNDO, TaskState, known
from schema.domain.scans import RunState
from schema.domain.time import stored
from schema.errors import CommitUnknown
from schema.ports import Clock, SystemClock

LEASE_MS = 8_000
_HEADS = 8
_LOOKS = 4  # each is a transaction that other workers wait for
_PARKED_MS = 1_000
_SUSPECT_TRIES = 2  # one lost worker may have died of anything
_BESIDE = 2  # where so many workers for each try were lost of late without the task, something else ends them: it is not suspected, and has more tries
_CLOCK = SystemClock()


async def claim(
    graph: GraphSession, *, worker: str, slots: int, extras: Sequence[str] = (), clock: Clock = _CLOCK
) -> list[Claim]:
    """Take up to ``slots`` waiting tasks; what a dead worker had is put back into the queue first.

    ``extras`` are the kinds of sources that this worker can open. A task of another kind is left to a worker that can; where none that lives
    can, it is taken all the same, and fails with what is missing.
    """
    at = stored(clock.now())
    lost: list[Mapping[str, Any]] = []
    again = False
    rows: list[dict[str, Any]] = []
    put_aside = 0

    async def work(tx: Transaction) -> list[dict[str, Any]]:
        nonlocal put_aside
        put_aside = 0
        bands, today = [f"{n}|" for n in range(len(ORDER))], day(clock.now())
        seen = await writes.look(tx, worker=worker, bands=bands, first=_HEADS, day=today, lease_ms=LEASE_MS)
        if not again and seen["lost"]:  # it was begun, and goes before what was not
            lost[:] = seen["lost"]
            return []
        limits = limits_of(seen["limits"])
        spent = limits.spent(seen["used_ms"], seen["used_rows"])
        waiting: dict[Band, list[Candidate]] = {band: [] for band in ORDER}
        for row in seen["candidates"]:
            band = ORDER[int(row["band"][0])]
            now = datetime.fromtimestamp(seen["now"] / 1_000, UTC)
            waiting[band].append(candidate(row, band, now, limits, spent=spent))
        needed = {kind for each in waiting.values() for task in each for kind in task.needs} - {*extras}
        if needed and (nobody := needed - {*await writes.able(tx)}):
            waiting = {
                band: [replace(task, needs={*task.needs} - nobody) for task in each]
                for band, each in waiting.items()
            }
        passes = dict(zip(ORDER, seen["passes"] or [], strict=False))
        choice = choose(
            waiting,
            slots=slots - len(rows),
            running={row["source"]: row["tasks"] for row in seen["running"]},
            passes=passes,
            extras=extras,
            taker=Taker(**seen["taker"]),
            room=Room(**seen["room"]) if seen["room"] else None,
            now_ms=seen["now"],
            kinds={row["kind"]: row["tasks"] for row in seen["kinds"]},
        )
        parked = [
            {"id": ident, "held": hold.value, "until_ms": until, "wait_ms": _PARKED_MS}
            for ident, (hold, until) in choice.parked.items()
        ]
        if not choice.given and not parked:
            return []
        put_aside = len(parked)
        return await writes.give(
            tx,
            worker=worker,
            given=choice.given,
            parked=parked,
            passes=[choice.passes.get(band, passes.get(band, 0.0)) for band in ORDER],
            room=choice.room,
            lease_ms=LEASE_MS,
            at=at,
        )

    rows += await graph.write("run.claim", work)
    if lost:
        again = True
        await lose(graph, lost)
        rows += await graph.write("run.claim", work)
    for _ in range(_LOOKS):
        # Behind those that were put aside others may wait that can run.
        if not put_aside or len(rows) >= slots:
            break
        rows += await graph.write("run.claim", work)
    return [_claim(row) for row in rows]


async def lose(graph: GraphSession, tasks: Sequence[Mapping[str, Any]]) -> None:
    """The ``worker`` of each task (``id``, ``attempt``) died or cannot be heard: that was a try, and after as many as may be it is given up."""
    for lost in tasks:

        async def work(unit: Unit, lost: Mapping[str, Any] = lost) -> Settled | None:
            error = f"Its worker {lost['worker']} was lost."
            return await _settle(unit, lost["id"], lost["attempt"], Failed(WORKER_LOST, error, 0), lost=True)

        await _written(graph, work)


async def forget_workers(graph: GraphSession) -> None:
    """Forget workers that have not been heard of for a day; each process makes one."""
    await graph.write("run.forget_workers", writes.forget_workers)


async def beat(
    graph: GraphSession, *, worker: str, props: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]]
) -> dict[str, RunState]:
    """Renew the leases of a worker's tasks (``id``, ``attempt``, ``done``, ``total``) and say that it lives.

    Returns the state of the run of every task that it still holds.
    """

    async def work(tx: Transaction) -> dict[str, str]:
        return await writes.beat(tx, worker=worker, props=props, tasks=tasks, lease_ms=LEASE_MS)

    return {ident: RunState(state) for ident, state in (await graph.write("run.beat", work)).items()}


async def take_requests(graph: GraphSession, source: str) -> Grant:
    """Let a task ask its source, a urn, the next times, within what the plan of the source allows all its tasks together."""

    async def work(tx: Transaction) -> dict[str, Any]:
        return await writes.take_requests(tx, source=source)

    row = await graph.write("run.take_requests", work)
    return Grant(row["wait_ms"] / 1_000, row["requests"], row["per_minute"])


def limiter_of(graph: GraphSession, source: Mapping[str, Any]) -> RateLimiter | None:
    """The limit that whoever reads a source now shares with all others; None where its plan sets none."""
    if source.get("requests_per_minute") is None:
        return None
    return RateLimiter(lambda: take_requests(graph, source["urn"]))


async def settle(
    graph: GraphSession, claimed: Claim, outcome: Outcome, *, limited_s: float = 0.0
) -> Settled | None:
    """End an attempt and do what follows of it; None where another attempt holds the task now, and then nothing is written.

    ``limited_s`` is for how long it waited because its source may not be asked more often.
    """

    async def work(unit: Unit) -> Settled | None:
        limited_ms = int(limited_s * 1_000)
        return await _settle(unit, claimed.task, claimed.attempt, outcome, limited_ms=limited_ms)

    return await _written(graph, work)


async def _written(graph: GraphSession, work: Any) -> Settled | None:
    async def transaction(tx: Transaction) -> Settled | None:
        unit = Unit(tx=tx, at=stored(_CLOCK.now()), by=SYSTEM.id)
        settled: Settled | None = await work(unit)
        if unit.subjects:
            await record(unit, SYSTEM, unit.details.pop("action"), event_id=str(uuid.uuid4()))
        return settled

    try:
        return await graph.write("run.settle", transaction)
    except CommitUnknown:
        # An attempt ends once: where this one did, nothing is written now.
        return await graph.write("run.settle", transaction)


async def _settle(
    unit: Unit, task: str, attempt: int, outcome: Outcome, *, lost: bool = False, limited_ms: int = 0
) -> Settled | None:
    state, wait_ms, note = _ended(outcome)
    props = {"state": state.value, "held": "RETRY" if wait_ms is not None else None, "error": note["error"]}
    reads = not lost and not isinstance(outcome, Halted)
    rows = outcome.rows if isinstance(outcome, Done) else 0
    used = {"day": day(_CLOCK.now()), "reads": int(reads), "rows": rows}
    note["limited_ms"] = limited_ms
    row = await writes.settle_task(
        unit.tx, ident=task, attempt=attempt, props=props, outcome=note, wait_ms=wait_ms, used=used
    )
    if row is None:
        return None
    held = HeldRun.of(row)
    if row["task"]["reads"]:
        await held.hear(unit, outcome)
    stage, tries = row["task"]["stage"], (row["task"]["tries"] or 0) + isinstance(outcome, Failed)
    if isinstance(outcome, Failed):
        most, innocent = held.spec(stage).retry.tries, False
        if lost:
            beside = await writes.note_loss(unit.tx, ident=task, attempt=attempt)
            innocent = beside >= _BESIDE * min(tries, most)
        if innocent:
            most *= 2
        given_up = wait_ms is None or tries >= most
        # Those that memory ran out with are kept apart from then on: one of them took it.
        suspect = outcome.kind == OUT_OF_MEMORY or (lost and tries >= _SUSPECT_TRIES and not innocent)
        await held.note_try(unit, task, tries, given_up, suspect=suspect)
        state = TaskState.FAILED if given_up else TaskState.PARKED
    undoes = stage.startswith(UNDO)  # what takes back is done to its end, whatever the run is on its way to
    if state is TaskState.PARKED and held.state is RunState.CANCELLING and not undoes:
        await writes.withdraw(unit.tx, run=held.ident, state=TaskState.CANCELLED.value, held=None)
        state = TaskState.CANCELLED  # this task is the only one that waited: the others left with the cancel
    if state is TaskState.PARKED:
        return Settled(held.state, 0)
    return await held.go_on(unit, stage, state, outcome)


def _ended(outcome: Outcome) -> tuple[TaskState, int | None, dict[str, Any]]:
    """The state of the task, the wait before its next try, and what its attempt notes."""
    match outcome:
        case Done():
            note = {"state": "SUCCEEDED", "error": None}
            return TaskState.SUCCEEDED, None, note | _rule_times(outcome.rules)
        case Failed(kind, error, wait_ms):
            state = TaskState.FAILED if wait_ms is None else TaskState.PARKED
            return state, wait_ms, {"state": "FAILED", "kind": kind, "error": error}
        case Halted(handed_back):
            if handed_back:
                return TaskState.PARKED, 0, {"state": "HANDED_BACK", "error": None}
            return TaskState.CANCELLED, None, {"state": "STOPPED", "error": None}


def _rule_times(rules: Mapping[str, float]) -> dict[str, Any]:
    if not rules:
        return {}
    return {"rule_names": list(rules), "rule_ms": [round(seconds * 1_000, 3) for seconds in rules.values()]}


def _claim(row: Mapping[str, Any]) -> Claim:
    held = HeldRun.of(row)
    task = row["task"]
    spec = held.spec(task["stage"])
    names = [stage.name for stage in held.workflow.stages]
    found = [held.stages[each.name].facts for each in held.workflow.stages if each.uses == DISCOVER]
    return Claim(
        task["id"],
        task["attempt"],
        task["tries"] or 0,
        spec,
        task["n"],
        held.run,
        held.source,
        held.workflow,
        known(facts_of(held.run, held.source), held.stages, names, spec.inside),
        batches=int(found[0].get("batches", 0)) if found else 0,
    )


def chunk_id(run: str, name: str, n: int) -> str:
    return f"{run}/{name}/{n}"


async def keep_chunk(graph: GraphSession, *, run: str, name: str, n: int, data: str) -> None:
    """Keep what a stage hands to a later one, under its lease; raises ``LeaseLost``. It is dropped with the end of the run."""

    async def work(tx: Transaction) -> None:
        await hold(tx)
        await writes.keep_chunk(tx, run=run, ident=chunk_id(run, name, n), name=name, n=n, data=data)

    await graph.write("run.keep_chunk", work)
