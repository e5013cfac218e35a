"""MERGE and inserts into several tables."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from ingest.sql_lineage.context import Context
from ingest.sql_lineage.ctes import frame_of
from ingest.sql_lineage.equalities import note_equalities
from ingest.sql_lineage.expressions import collect, flow_of
from ingest.sql_lineage.flows import FILTER, JOIN, add
from ingest.sql_lineage.landing import Landing, from_columns, land, writes
from ingest.sql_lineage.model import OUTPUT, UNNAMED, ReasonCode, Table
from ingest.sql_lineage.names import table_name
from ingest.sql_lineage.relations import Column, Relation
from ingest.sql_lineage.scopes import Frame, Scope, Source
from ingest.sql_lineage.sources import add_sources
from ingest.sql_lineage.stars import expand
from ingest.sql_lineage.targets import column_names, written
from ingest.sql_lineage.updates import assignments


def merge_lineage(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    """All clauses of a MERGE; INSERT sees the source alone, UPDATE both sides."""
    frame = frame_of(node.args.get("with_"), frame, None, context)
    name = table_name(node.this, context.naming)
    target = context.scoped(name) if name is not None else OUTPUT
    source = Scope(context, frame, None)
    add_sources(source, node.args["using"])
    both = Scope(context, frame, None)
    if name is None:
        context.reason(ReasonCode.DYNAMIC_NAME, node.this)
        both.sources.append(Source("", Relation(rest={})))
    else:
        alias = node.this.args.get("alias")
        label = alias.name.lower() if alias is not None else name[-1].lower()
        both.sources.append(Source(label, context.relation(target, reads=False), target))
    both.sources += source.sources
    if isinstance(node.args.get("on"), exp.Expression):
        collect(node.args["on"], both, JOIN, context.uses)
        note_equalities(node.args["on"], both)
    for key in node.args.get("using_cond") or ():
        column = context.naming.column(key.name)
        for side in both.visible():
            add(context.uses, side.relation.find(column) or side.relation.guess(column)[0] or {}, JOIN)
    columns: list[Column] = []
    whole = Relation()
    for when in node.args["whens"].expressions if node.args.get("whens") is not None else ():
        then = when.args.get("then")
        conditions = [when.args.get("condition")]
        conditions += [then.args.get("where")] if isinstance(then, exp.Expression) else []
        for condition in conditions:
            if condition is not None:
                collect(condition, both, FILTER, context.uses)
        more, opens = _when(when.args.get("then"), both, source, target)
        columns += more
        whole.opens += [o for o in opens.opens if o not in whole.opens]
    if not any(ref.table == target for _, flow in columns for ref in flow):
        context.read.pop(target, None)
    return [from_columns(target, columns, context, relation=whole)]


def _when(then: Any, both: Scope, source: Scope, target: Table) -> tuple[list[Column], Relation]:
    if isinstance(then, exp.Update):
        if not then.expressions or any(isinstance(e, exp.Star) for e in then.expressions):
            return _all(source)
        return [(name, flow) for name, _, flow in assignments(then.expressions, both, target)], Relation()
    if not isinstance(then, exp.Insert):
        return [], Relation()
    by_name = isinstance(then.this, exp.Tuple) and isinstance(then.this.expressions[0], exp.Alias)
    if (
        by_name
        or isinstance(then.this, (exp.Star, exp.Var))
        or (then.this is None and not isinstance(then.expression, exp.Tuple))
    ):
        return _all(source)
    cells = then.expression.expressions if isinstance(then.expression, exp.Tuple) else []
    names = _names(then.this, cells, source.context, target)
    return [(name, flow_of(cell, source)) for name, cell in zip(names, cells, strict=False)], Relation()


def _all(source: Scope) -> tuple[list[Column], Relation]:
    """``UPDATE SET *``, ``INSERT *`` and ``INSERT ROW`` match by name."""
    columns: list[Column] = []
    opens = []
    for item in source.visible():
        columns += item.relation.columns
        if item.relation.open:
            opens.append((item.relation, frozenset[str]()))
            source.context.reason(ReasonCode.STAR_WITHOUT_SCHEMA)
    return columns, Relation(columns, opens)


def _names(listed: Any, cells: list[Any], context: Context, target: Table) -> list[str]:
    if listed is not None and listed.expressions:
        return [
            context.naming.column(c.name, bool(getattr(c.this, "args", {}).get("quoted")))
            for c in listed.expressions
        ]
    known = context.relation(target, reads=False)
    if not known.open and known.columns:
        return [name for name, _ in known.columns]
    context.reason(ReasonCode.NO_SCHEMA)
    return [
        context.naming.column(cell.name) if isinstance(cell, exp.Column) else f"{UNNAMED}{i}"
        for i, cell in enumerate(cells)
    ]


def multi_insert(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    """``FROM s INSERT ... INSERT ...`` (Hive) and ``INSERT ALL`` (Oracle, Snowflake): one lineage per insert."""
    frame = frame_of(node.args.get("with_"), frame, None, context)
    origin = Scope(context, frame, None)
    source = node.args.get("source")
    if source is not None:
        add_sources(
            origin, source if isinstance(source, (exp.Table, exp.Subquery)) else exp.Subquery(this=source)
        )
    before, uses, reasons = dict(context.read), dict(context.uses), dict(context.reasons)
    found: list[Landing] = []
    for item in node.expressions:
        insert, condition = item, None
        if isinstance(item, exp.ConditionalInsert):
            insert, condition = item.this, item.args.get("expression")
        context.read, context.uses, context.reasons = dict(before), dict(uses), dict(reasons)
        if condition is not None:
            collect(condition, origin, FILTER, context.uses)
        found.append(_branch(insert, origin, context))
    return found


def _branch(insert: Any, origin: Scope, context: Context) -> Landing:
    target = written(insert.this, context)
    names = column_names(insert.this, context)
    body = insert.args.get("expression")
    if isinstance(body, exp.Values) and body.expressions:
        row = body.expressions[0]
        cells = row.expressions if isinstance(row, exp.Tuple) else [row]
        columns = [
            (c.name.lower() if isinstance(c, exp.Column) else f"{UNNAMED}{i}", flow_of(c, origin))
            for i, c in enumerate(cells)
        ]
        return land(target, Relation(columns), context, columns=names)
    if isinstance(body, exp.Select):
        # A SELECT without FROM reads the common source, as a correlated query would.
        return land(target, context.evaluate(body, origin.frame, origin, context), context, columns=names)
    if body is None:
        return land(target, Relation(*expand(exp.Star(), origin)), context, columns=names)
    return writes(target, context)
