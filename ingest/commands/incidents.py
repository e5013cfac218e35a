"""Commands on incidents: opened where a schema broke somebody, acknowledged and resolved by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cypher.incidents import reads, writes
from cypher.lineage.reads import UNLIMITED
from cypher.schemas import reads as schemas
from cypher.session import GraphSession
from ingest.commands.unit import Unit, execute
from schema.domain.identity import EVERYTHING, Permission, Principal
from schema.domain.incidents import IncidentKind, IncidentState, schema_incident_id
from schema.domain.platforms import column_urn
from schema.domain.schema_history import SchemaHistory
from schema.domain.schemas import Change
from schema.errors import Conflict, InvalidInput, NotFound, QueryTimeout

MOST_PER_RUN = 100
"""Incidents that one run opens; of more breaking changes those of datasets that feed most."""

_MOST_AFFECTED = 100
_MOST_TOUCHED = 200
_SHORT = 3
_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Opened:
    """What a run came to: incidents that were opened now, and breaking changes that were too many to have one each."""

    incidents: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Breaking:
    """A breaking version before its incident is opened."""

    dataset: str
    version: int
    gone: bool
    touched: tuple[str, ...]
    changes: int

    @property
    def ident(self) -> str:
        return schema_incident_id(self.dataset, self.version)

    @property
    def starts(self) -> tuple[str, ...]:
        return (self.dataset,) if self.gone else self.touched


async def open_for_schema_changes(graph: GraphSession, actor: Principal, *, run: str) -> Opened:
    """One incident for each breaking version of a schema that ``run`` made, each a command of its own.

    To be called after the structure is published and before lineage is: edges of what is gone are still there. What has
    an incident gets no other one, so that a run may be repeated.
    """
    done, waiting, rows = await reads.to_open(graph, run, first=MOST_PER_RUN)
    rows = rows[: max(0, MOST_PER_RUN - done)]
    if rows:
        histories = await schemas.histories(graph, [row["urn"] for row in rows], EVERYTHING)
        breaking = [_breaking(histories[row["urn"]], row) for row in rows]
        reach = await _reach(graph, breaking)
        for each in breaking:
            await _open(graph, actor, each, run, *reach[each.ident])
    return Opened(len(rows), waiting - len(rows))


def _breaking(history: SchemaHistory, row: Mapping[str, object]) -> _Breaking:
    number = int(str(row["version"]))
    changes = [change for change in history.changes(history.version(number)) if change.breaking]
    urn = str(row["urn"])
    touched = () if row["gone"] else _touched(history, changes)
    return _Breaking(urn, number, bool(row["gone"]), touched, len(changes))


def _touched(history: SchemaHistory, changes: Sequence[Change]) -> tuple[str, ...]:
    """The columns as they were called before, since those are what is read."""
    names = [(change.before or change.after) for change in changes]
    urns = [str(column_urn(history.urn, column.identity)) for column in names if column is not None]
    return tuple(dict.fromkeys(urns))[:_MOST_TOUCHED]


_Reach = tuple[int, list[reads.Row], bool]


async def _reach(graph: GraphSession, breaking: Sequence[_Breaking]) -> dict[str, _Reach]:
    """Id to how much lies downstream, the nearest of it, and whether that is all that there is."""
    found: dict[str, _Reach] = {}
    for start in range(0, len(breaking), _AT_ONCE):
        some = {each.ident: each.starts for each in breaking[start : start + _AT_ONCE]}
        for max_hops in (UNLIMITED, _SHORT):
            try:
                rows = await reads.reached(graph, some, max_hops=max_hops, first=_MOST_AFFECTED)
            except QueryTimeout:
                continue  # what is near is better than nothing
            found |= {ident: (*row, max_hops == UNLIMITED) for ident, row in rows.items()}
            break
    # Where even that took too long there is an incident all the same.
    return {each.ident: found.get(each.ident, (0, [], False)) for each in breaking}


async def _open(
    graph: GraphSession,
    actor: Principal,
    each: _Breaking,
    run: str,
    total: int,
    nearest: Sequence[reads.Row],
    complete: bool,
) -> None:
    props = {
        "kind": IncidentKind.BREAKING_SCHEMA_CHANGE.value,
        "version": each.version,
        "gone": each.gone,
        "run": run,
        "downstream_count": total,
        "complete": complete,
    }

    async def work(unit: Unit) -> None:
        opened = await writes.open_incident(
            unit.tx,
            ident=each.ident,
            dataset=each.dataset,
            props=props,
            touched=each.touched,
            affected=nearest,
            at=unit.at,
        )
        unit.subjects += [each.ident, each.dataset]
        unit.details |= {**props, "opened": opened, "changes": each.changes}
        if opened:
            told = {"incident": each.ident, "dataset": each.dataset, "changes": each.changes}
            unit.outbox.append(("incident.opened", told | props))

    await execute(graph, actor, "incident.open", work)


async def acknowledge(graph: GraphSession, actor: Principal, *, key: int, reason: str = "") -> None:
    """Somebody sees to it. Raise ``NotFound``, or ``Conflict`` where somebody does already or it is resolved."""
    await _move(graph, actor, key, "acknowledge", (IncidentState.OPEN,), IncidentState.ACKNOWLEDGED, reason)


async def resolve(graph: GraphSession, actor: Principal, *, key: int, reason: str) -> None:
    """It is seen to. Raise ``NotFound``, ``InvalidInput`` without a reason, ``Conflict`` where it is resolved already."""
    if not reason.strip():
        raise InvalidInput(
            "An incident is resolved with a reason.", path=("reason",), remedy="Say what was done about it."
        )
    states = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
    await _move(graph, actor, key, "resolve", states, IncidentState.RESOLVED, reason)


async def _move(
    graph: GraphSession,
    actor: Principal,
    key: int,
    verb: str,
    states: Sequence[IncidentState],
    state: IncidentState,
    reason: str,
) -> None:
    actor.require(Permission.EDIT)
    name = state.value.lower()

    async def work(unit: Unit) -> None:
        props = {f"{name}_by": unit.by, f"{name}_at": unit.at, f"{name}_reason": reason}
        row = await writes.move(unit.tx, key=key, states=states, state=state, props=props, scope=actor.scope)
        if row is None:
            raise NotFound("incident", str(key), path=("id",))
        if not row["applied"]:
            raise Conflict(f"The incident is {row['was'].lower()}.", path=("id",), remedy="Read it again.")
        unit.subjects += [row["id"], row["dataset"]]
        unit.details["was"] = row["was"]
        unit.outbox.append((f"incident.{name}", {"incident": row["id"], "dataset": row["dataset"]}))

    await execute(graph, actor, f"incident.{verb}", work, reason=reason)
