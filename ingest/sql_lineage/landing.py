"""How the columns of a result land in the columns of a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.sql_lineage.context import Context
from ingest.sql_lineage.flows import DIRECT, IDENTITY, Flow, add, kinds
from ingest.sql_lineage.model import CONFIDENCE, OUTPUT, ColumnRef, ReasonCode, StatementLineage, Table
from ingest.sql_lineage.relations import Column, Relation


@dataclass(slots=True)
class Landing:
    """A statement's lineage for one target, and what the target then looks like to later statements.

    ``created`` is False where the target had rows before.
    """

    lineage: StatementLineage
    relation: Relation
    created: bool
    read: dict[Table, None]
    uses: Flow


def land(
    target: Table,
    relation: Relation,
    context: Context,
    *,
    columns: Sequence[str] | None = None,
    positional: bool = True,
    creates: bool = False,
    temporary: bool = False,
    fixed: frozenset[str] = frozenset(),
    last: tuple[str, ...] = (),
) -> Landing:
    """The lineage of ``target`` from ``relation``.

    Columns are matched by position with ``columns`` (the statement's list), else with the target's known schema unless
    the statement creates it, else by name. ``fixed`` and ``last`` are partition columns.
    """
    names: Sequence[str] | None = columns
    if names is None and positional and not creates and target != OUTPUT:
        known = context.relation(target, reads=False)
        if not known.open:
            listed = [name for name, _ in known.columns if name not in fixed and name not in last]
            names = [*listed, *last]
        else:
            context.reason(ReasonCode.NO_SCHEMA)
    landed = _by_position(relation, names, context) if names is not None else relation.columns
    return from_columns(target, landed, context, relation=relation, temporary=temporary, creates=creates)


def _by_position(relation: Relation, names: Sequence[str], context: Context) -> list[Column]:
    if relation.open:
        # Positions behind an unknown star are unknown; names are the better guess.
        return relation.columns
    if len(names) < len(relation.columns):
        context.reason(ReasonCode.COLUMN_COUNT)
        return relation.columns
    return [(name, flow) for name, (_, flow) in zip(names, relation.columns, strict=False)]


def from_columns(
    target: Table,
    columns: Sequence[Column],
    context: Context,
    *,
    relation: Relation | None = None,
    temporary: bool = False,
    creates: bool = False,
) -> Landing:
    """The lineage of ``target`` whose named columns are fed by ``columns``; reads, uses and reasons from ``context``."""
    merged: dict[str, Flow] = {}
    for name, flow in columns:
        if name in merged:
            into = dict(merged[name])
            add(into, flow, IDENTITY)
            merged[name] = into
        else:
            merged[name] = flow
    found = StatementLineage(target, temporary=temporary, outputs=tuple(name for name, _ in columns))
    tables: dict[Table, None] = dict(context.read)
    own = context.settings.self_upstream
    for name, flow in merged.items():
        down = ColumnRef(target, name)
        for ref, mask in flow.items():
            if ref.table == target and not own:
                continue
            found.columns.append((ref, down, kinds(mask)))
            found.ways.append(mask)
            tables[ref.table] = None
    if relation is not None and relation.open:
        stars = [(table, target) for table in relation.bases()]
        tables.update(dict.fromkeys(table for table, _ in stars))
        found.stars = stars if context.settings.open_stars else []
        if stars and not any(r.code is ReasonCode.STAR_WITHOUT_SCHEMA for r in context.reasons):
            context.reason(ReasonCode.STAR_WITHOUT_SCHEMA)
    lands = Relation(list(merged.items()), relation.opens if relation is not None else [])
    return _finished(found, tables, context, lands, created=creates)


def emptied(landing: Landing) -> Landing:
    """``landing`` whose target has the columns of its source and no rows of it."""
    landing.relation = Relation([(name, {}) for name, _ in landing.relation.columns])
    landing.read, landing.uses = {}, {}
    return landing


def reads(target: Table, context: Context) -> Landing:
    """Table lineage alone."""
    return _finished(StatementLineage(target), dict(context.read), context, Relation(), created=False)


def writes(
    target: Table, context: Context, *, temporary: bool = False, columns: Sequence[str] | None = None
) -> Landing:
    """``target`` is written or created without a source."""
    found = StatementLineage(target, temporary=temporary)
    lands = Relation([(name, {}) for name in columns or ()])
    return _finished(found, dict(context.read), context, lands, created=columns is not None)


def _finished(
    found: StatementLineage, tables: dict[Table, None], context: Context, relation: Relation, *, created: bool
) -> Landing:
    target = found.target or OUTPUT
    uses = {ref: mask for ref, mask in context.uses.items() if mask & ~DIRECT}
    found.dependencies = [(ref, target, kinds(mask)) for ref, mask in uses.items()]
    own = context.settings.self_upstream
    found.tables = [(table, target) for table in tables if own or table != target]
    if not found.tables and target != OUTPUT:
        found.tables = [(None, target)]
    found.candidates = list(context.candidates)
    if tables and not found.columns and not found.stars and not context.reasons:
        context.reason(ReasonCode.NO_COLUMN_FLOW)
    found.reasons = tuple(context.reasons)
    confidence = 1.0
    for code in {reason.code for reason in found.reasons}:
        confidence *= CONFIDENCE[code]
    found.confidence = round(confidence, 3)
    return Landing(found, relation, created, tables, uses)
