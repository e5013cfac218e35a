"""Taking back what a run changed: a dry run that writes nothing, and the undo itself.

Nothing that was recorded is deleted: assets get new states, edges and verdicts are closed or made again, as of now. A small run is taken
back in one command; a large one in batches, each a command of its own, which may be repeated: what is done is found done.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cypher.governance import writes as governance
from cypher.session import GraphSession, Transaction
from cypher.undo import reads, writes
from ingest.commands import schemas
from ingest.commands.unit import Unit, execute
from ml.text import name_tokens
from schema.domain.identity import EVERYTHING, Permission, Principal, Scope
from schema.domain.scans import FINAL, RunState
from schema.domain.undo import UNDONE_BY, Action, Aspect, Change, Outcome, Tally, plan, settle_containers
from schema.errors import Conflict, NotFound
from schema.ids import Urn, dataset_of

SMALL = 2_000
"""Changes that are taken back in one transaction; of more, each batch of as many."""

UNDOING, UNDONE = "UNDOING", "UNDONE"
_AT_ONCE = 1_000
_ORDER = (Aspect.INCIDENT, Aspect.EDGE, Aspect.VERDICT, Aspect.REFERENCE, Aspect.LABEL, Aspect.ASSET)
_REASON = "The run that opened it was undone."
_Planned = tuple[list[Change], str | None]


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did, or would do: of what the caller may see."""

    run: str
    dry_run: bool
    tally: Tally


async def undo_run(
    graph: GraphSession,
    actor: Principal,
    *,
    run: str,
    dry_run: bool,
    reason: str = "",
    batch: int = SMALL,
    from_within: bool = False,
) -> Undone:
    """Take back what ``run`` changed and nothing changed since; with ``dry_run`` only tell what that is.

    What was begun and not finished is gone on with. ``from_within`` is said by the run itself, which is not over while it takes itself back;
    where it was taken back already, nothing is done. Raises ``NotFound``, or ``Conflict`` where the run or another one of its source is
    not over, or the run was undone.
    """
    actor.require(Permission.SCAN)
    if dry_run:
        await _check(graph, run)
        return Undone(run, True, await _told(graph, run, actor.scope))

    if from_within:
        row = await reads.state(graph, run)
        if row is not None and row["undo_state"] == UNDONE:
            return Undone(run, False, Tally())
    # Told before it is done: afterwards all is found done.
    told = await _told(graph, run, actor.scope)
    if sum((await reads.counts(graph, run, EVERYTHING)).values()) <= batch:

        async def whole(unit: Unit) -> None:
            await _begin(unit, run, from_within)
            tally = Tally()
            for aspect in _ORDER:
                changes, _ = await _page(unit.tx, aspect, run, None, batch + 1)
                await _take_back(unit, run, aspect, changes, tally)
            await _take_back(unit, run, Aspect.ASSET, await _containers(unit.tx, run), tally)
            await _finish(unit, run, tally)

        await execute(graph, actor, "scan.undo", whole, reason=reason)
    else:
        await _in_batches(graph, actor, run, batch, reason, from_within)
    return Undone(run, False, told)


async def _in_batches(
    graph: GraphSession, actor: Principal, run: str, batch: int, reason: str, from_within: bool
) -> None:
    tally = Tally()

    async def begin(unit: Unit) -> None:
        await _begin(unit, run, from_within)
        unit.subjects.append(run)

    await execute(graph, actor, "scan.undo_begin", begin, reason=reason)
    for aspect in _ORDER:
        key: str | None = None
        while True:

            async def some(unit: Unit, aspect: Aspect = aspect, key: str | None = key) -> _Planned:
                await _hold(unit, run, from_within)
                changes, last = await _page(unit.tx, aspect, run, key, batch)
                await _take_back(unit, run, aspect, changes, Tally())
                unit.subjects.append(run)
                return changes, last

            changes, key = await execute(graph, actor, "scan.undo_batch", some, reason=reason)
            for change in changes:
                tally.add(change)
            if key is None:
                break

    async def finish(unit: Unit) -> None:
        await _hold(unit, run, from_within)
        whole = replace(tally, counts=dict(tally.counts))  # this may be tried twice
        await _take_back(unit, run, Aspect.ASSET, await _containers(unit.tx, run), whole)
        await _finish(unit, run, whole)

    await execute(graph, actor, "scan.undo", finish, reason=reason)


async def _check(graph: GraphSession, run: str) -> None:
    """As for the undo itself, without holding anything."""
    row = await reads.state(graph, run)
    _refuse(row, run)


def _refuse(row: reads.Row | None, run: str, from_within: bool = False) -> None:
    if row is None:
        raise NotFound("run", run, path=("run",))
    if row["undo_state"] == UNDONE:
        raise Conflict("The run was undone.", path=("run",), remedy="Look at who did it and when.")
    if RunState(row["state"]) not in FINAL and not from_within:
        raise Conflict(
            f"The run is {row['state']}.", path=("run",), remedy="Wait for its end, or cancel it first."
        )
    if row["busy"]:
        raise Conflict(
            "Another run of the source is not over.",
            path=("run",),
            remedy=f"Wait for run {row['busy'][0]}, or cancel it.",
        )


async def _begin(unit: Unit, run: str, from_within: bool) -> None:
    _refuse(await writes.hold(unit.tx, run), run, from_within)
    # What it had read is of no use any more: a failed run that was taken back is not replayed.
    props = {"undo_state": UNDOING, "undone_by": unit.by, "undo_began_at": unit.at, "kept": False}
    await writes.mark(unit.tx, run, props)


async def _hold(unit: Unit, run: str, from_within: bool) -> None:
    row = await writes.hold(unit.tx, run)
    _refuse(row, run, from_within)
    if row is None or row["undo_state"] != UNDOING:
        raise Conflict("The undo was not begun.", path=("run",), remedy="Ask for it again.")


async def _finish(unit: Unit, run: str, tally: Tally) -> None:
    counts = {outcome.value.lower(): tally.number(outcome) for outcome in Outcome}
    props = {f"undo_{name}": count for name, count in counts.items()}
    await writes.mark(
        unit.tx, run, props | {"undo_state": UNDONE, "undone_by": unit.by, "undone_at": unit.at}
    )
    unit.subjects.append(run)
    unit.details |= {"run": run, **counts}
    unit.outbox.append(("run.undone", {"run": run, **counts}))


async def _page(reader: reads.Reader, aspect: Aspect, run: str, key: str | None, first: int) -> _Planned:
    """Everybody's changes of one aspect, databases and schemas apart; with the key to go on behind, None at the end."""
    narrowed = False if aspect is Aspect.ASSET else None
    rows = await reads.changes(
        reader, aspect, run, EVERYTHING, key=key, first=first, whole=True, containers=narrowed
    )
    return [plan(aspect, run, row) for row in rows], rows[-1]["key"] if len(rows) == first else None


async def _pages(
    reader: reads.Reader, aspect: Aspect, run: str, scope: Scope, *, containers: bool | None = None
) -> AsyncIterator[Change]:
    key: str | None = None
    while True:
        rows = await reads.changes(
            reader, aspect, run, scope, key=key, first=_AT_ONCE, whole=True, containers=containers
        )
        for row in rows:
            yield plan(aspect, run, row)
        if len(rows) < _AT_ONCE:
            return
        key = rows[-1]["key"]


async def _told(graph: GraphSession, run: str, scope: Scope) -> Tally:
    """What would be done, of what ``scope`` may see; what it may not see counts for what else can be done alone."""
    tally, gone = Tally(), dict[str, int]()
    for aspect in Aspect:
        containers = False if aspect is Aspect.ASSET else None
        async for change in _pages(graph, aspect, run, scope, containers=containers):
            if change.seen:
                tally.add(change)
            if (
                change.aspect is Aspect.ASSET
                and change.action is Action.MADE
                and change.outcome is Outcome.UNDO
            ):
                parent = change.row["asset"]["parent"]
                gone[parent] = gone.get(parent, 0) + 1
    rest = [each async for each in _pages(graph, Aspect.ASSET, run, scope, containers=True)]
    for change in settle_containers(rest, gone):
        if change.seen:
            tally.add(change)
    return tally


async def _containers(tx: Transaction, run: str) -> list[Change]:
    """Databases and schemas, when all else is done."""
    rest = [each async for each in _pages(tx, Aspect.ASSET, run, EVERYTHING, containers=True)]
    return settle_containers(rest, {})


async def _take_back(unit: Unit, run: str, aspect: Aspect, changes: Sequence[Change], tally: Tally) -> None:
    for change in changes:
        tally.add(change)
    wanted = [change for change in changes if change.outcome is Outcome.UNDO]
    if wanted:
        await _BACK[aspect](unit, run, wanted)
        unit.subjects += sorted({change.urn for change in wanted})
    unit.details[aspect.value.lower()] = unit.details.get(aspect.value.lower(), 0) + len(wanted)


async def _assets_back(unit: Unit, run: str, changes: Sequence[Change]) -> None:
    mark = UNDONE_BY + run
    rows = [
        {"urn": change.urn, "since": change.row["asset"]["at"], "props": _props(change)} for change in changes
    ]
    await writes.restore_assets(unit.tx, rows, at=unit.at, by=unit.by, run=mark)
    datasets = sorted({dataset_of(change.urn) for change in changes if _in_dataset(change)})
    await schemas.keep_versions(
        unit, [schemas.Told(Urn.parse(urn), unit.at, mark) for urn in datasets], run=mark
    )


def _in_dataset(change: Change) -> bool:
    return change.row["asset"]["kind"] in ("DATASET", "COLUMN")


def _props(change: Change) -> dict[str, Any]:
    props = dict(change.restore)
    if name := props.get("name"):
        props |= {"name_lower": name.lower(), "search_text": " ".join(name_tokens(name))}
    return props


async def _edges_back(unit: Unit, run: str, changes: Sequence[Change]) -> None:
    rows: dict[Action, list[dict[str, Any]]] = {Action.MADE: [], Action.CLOSED: []}
    for change in changes:
        edge = change.row["edge"]
        ends = {"up": change.other, "down": change.urn}
        rows[change.action].append(ends | {name: edge[name] for name in ("type", "assertion", "job")})
    await writes.close_edges(unit.tx, rows[Action.MADE], at=unit.at, run=run, mark=UNDONE_BY + run)
    await writes.reopen_edges(unit.tx, rows[Action.CLOSED], at=unit.at, run=run, mark=UNDONE_BY + run)


async def _verdicts_back(unit: Unit, run: str, changes: Sequence[Change]) -> None:
    rows: dict[Action, list[dict[str, Any]]] = {
        Action.MADE: [],
        Action.WITHDRAWN: [],
        Action.CHANGED: [],
    }
    for change in changes:
        rows[change.action].append({"urn": change.urn, "classification": change.name})
    mark = UNDONE_BY + run
    await writes.withdraw_verdicts(unit.tx, rows[Action.MADE], at=unit.at, run=run, mark=mark)
    await writes.give_verdicts(unit.tx, rows[Action.WITHDRAWN], at=unit.at, run=run, mark=mark)
    await writes.restore_evidence(unit.tx, rows[Action.CHANGED], run=run)
    await governance.refresh_sensitivity(unit.tx, sorted({change.urn for change in changes}))


async def _references_back(unit: Unit, run: str, changes: Sequence[Change]) -> None:
    rows: dict[Action, list[dict[str, Any]]] = {Action.MADE: [], Action.CLOSED: []}
    for change in changes:
        rows[change.action].append({"from": change.urn, "to": change.other})
    await writes.drop_references(unit.tx, rows[Action.MADE], run=run)
    await writes.restore_references(unit.tx, rows[Action.CLOSED], at=unit.at, run=run, mark=UNDONE_BY + run)


async def _labels_back(unit: Unit, run: str, changes: Sequence[Change]) -> None:
    rows = [{"urn": change.urn, "name": change.name} for change in changes]
    await writes.take_tags(unit.tx, rows, at=unit.at, by=unit.by, run=run)


async def _incidents_back(unit: Unit, run: str, changes: Sequence[Change]) -> None:
    props = {"resolved_by": unit.by, "resolved_at": unit.at, "resolved_reason": _REASON}
    await writes.resolve_incidents(unit.tx, [change.key for change in changes], props=props)
    for change in changes:
        unit.outbox.append(("incident.resolved", {"incident": change.key, "dataset": change.urn}))


_BACK: dict[Aspect, Callable[[Unit, str, Sequence[Change]], Awaitable[None]]] = {
    Aspect.ASSET: _assets_back,
    Aspect.EDGE: _edges_back,
    Aspect.VERDICT: _verdicts_back,
    Aspect.REFERENCE: _references_back,
    Aspect.LABEL: _labels_back,
    Aspect.INCIDENT: _incidents_back,
}
