"""UPDATE and DELETE: which of the named tables is the target, and what feeds the columns that are set."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from ingest.sql_lineage.context import Context
from ingest.sql_lineage.ctes import frame_of, read
from ingest.sql_lineage.equalities import note_equalities
from ingest.sql_lineage.expressions import collect, flow_of
from ingest.sql_lineage.flows import FILTER, IDENTITY
from ingest.sql_lineage.landing import Landing, from_columns, reads
from ingest.sql_lineage.model import OUTPUT, ReasonCode, Table
from ingest.sql_lineage.names import table_name
from ingest.sql_lineage.relations import Column, Relation
from ingest.sql_lineage.scopes import Frame, Scope, Source
from ingest.sql_lineage.sources import add_sources
from ingest.sql_lineage.stars import expand


def update_lineage(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    """One lineage per table that is set (MySQL sets several)."""
    frame = frame_of(node.args.get("with_"), frame, None, context)
    scope = Scope(context, frame, None, implied=context.naming.parser == "teradata")
    first = next((item.this for item in node.expressions if isinstance(item, exp.EQ)), None)
    target = _target(scope, node.this, node.args.get("from_"), first)
    where = node.args.get("where")
    if where is not None:
        collect(where, scope, FILTER, context.uses)
        note_equalities(where, scope)
    by_table: dict[Table, list[Column]] = {target: []}
    for name, owner, flow in assignments(node.expressions, scope, target):
        by_table.setdefault(owner, []).append((name, flow))
    if not by_table[target] and len(by_table) > 1:
        del by_table[target]
    return [
        from_columns(table, columns, _without(context, table, columns)) for table, columns in by_table.items()
    ]


def _without(context: Context, target: Table, columns: list[Column]) -> Context:
    """A target is its own upstream only where one of its values is used."""
    if not any(ref.table == target for _, flow in columns for ref in flow):
        context.read.pop(target, None)
    return context


def _target(scope: Scope, node: Any, origin: Any, changed: Any = None) -> Table:
    """Adds the target and all sources to ``scope``; the target may be named by an alias of FROM, or be a CTE (T-SQL).

    ``changed`` is the first column that is set.
    """
    context = scope.context
    name = table_name(node, context.naming)
    joined = Scope(context, scope.frame, None)
    if origin is not None:
        for item in [origin.this] if isinstance(origin.this, exp.Expression) else []:
            add_sources(joined, item)
    alias = node.args.get("alias") if isinstance(node, exp.Table) else None
    if name is None:
        context.reason(ReasonCode.DYNAMIC_NAME, node)
        scope.sources = [Source("", Relation(rest={})), *joined.sources]
        return OUTPUT
    named = joined.source(tuple(part.lower() for part in name)) if alias is None else None
    if (
        named is not None
        and named.table
        and (named.alias == name[-1].lower() or context.naming.parser == "tsql")
    ):
        scope.sources, scope.using = joined.sources, joined.using
        return named.table
    label = alias.name.lower() if alias is not None else name[-1].lower()
    view = _view(name, scope)
    if view is not None:
        table = _behind(view, changed, context) or OUTPUT
        if table == OUTPUT:
            context.reason(ReasonCode.AMBIGUOUS_COLUMN, node, name[-1])
        scope.sources.append(Source(label, view, table, view=True))
    else:
        table = context.scoped(name)
        scope.sources.append(Source(label, context.relation(table, reads=False), table))
    for join in node.args.get("joins") or ():
        add_sources(scope, join)
    scope.sources += joined.sources
    scope.using.update(joined.using)
    return table


def _view(name: Table, scope: Scope) -> Relation | None:
    """The rows of a CTE that is changed through its name."""
    cte = scope.frame.find(name[-1].lower()) if scope.frame is not None and len(name) == 1 else None
    return read(cte, None, scope.context) if cte is not None else None


def _behind(view: Relation, changed: Any, context: Context) -> Table | None:
    """The one table that a change of ``view`` changes."""
    name = context.naming.column(changed.name) if isinstance(changed, exp.Column) else None
    flow = view.find(name) or view.guess(name)[0] if name is not None else None
    tables = {ref.table for ref in flow or ()}
    if not tables:
        tables = {ref.table for _, each in view.columns for ref in each} | set(view.bases())
        tables |= {table for candidate in context.candidates for table in candidate.tables}
    return tables.pop() if len(tables) == 1 else None


def assignments(items: Any, scope: Scope, target: Table) -> list[tuple[str, Table, Any]]:
    """Column, its table, and what it is set to, for ``SET a = x, (b, c) = (SELECT ...)``."""
    found: list[tuple[str, Table, Any]] = []
    for item in items:
        if not isinstance(item, exp.EQ):
            continue
        left, right = item.this, item.expression
        if isinstance(left, (exp.Tuple, exp.Paren)):
            names = left.expressions or [left.this]
            flows = _several(right, scope)
            for i, column in enumerate(names):
                flow = flows[i] if i < len(flows) else {}
                found.append((*_owner(column, scope, target), flow))
        else:
            found.append((*_owner(left, scope, target), flow_of(right, scope)))
    return found


def _several(node: Any, scope: Scope) -> list[Any]:
    if isinstance(node, exp.Tuple):
        return [flow_of(e, scope) for e in node.expressions]
    if isinstance(node, exp.Query):
        relation = scope.context.evaluate(node, scope.frame, scope, scope.context)
        return [flow for _, flow in relation.columns]
    return [flow_of(node, scope)]


def _owner(column: Any, scope: Scope, target: Table) -> tuple[str, Table]:
    while isinstance(column, (exp.Dot, exp.Bracket)):
        column = column.this
    name = _column(column, scope)
    qualifier = column.args.get("table")
    source = scope.source((qualifier.name.lower(),)) if qualifier is not None else None
    if source is None and qualifier is not None and qualifier.name.lower() != target[-1].lower():
        # A field of a struct: what is written is the column that holds it.
        return scope.context.naming.column(qualifier.name), target
    if source is None and scope.sources:
        source = scope.sources[0] if scope.sources[0].table == target else None
    if source is not None and source.view:
        refs = list(source.relation.find(name) or ())
        return (refs[0].column, refs[0].table) if len(refs) == 1 else (name, target)
    return name, source.table if source is not None and source.table else target


def _column(column: Any, scope: Scope) -> str:
    return scope.context.naming.column(column.name, bool(getattr(column.this, "args", {}).get("quoted")))


def upserted(landing: Landing, insert: Any, frame: Frame | None, context: Context) -> Landing:
    """ON CONFLICT and ON DUPLICATE KEY: EXCLUDED is the row that was to be inserted, ``VALUES(c)`` a column of it."""
    target = landing.lineage.target or OUTPUT
    scope = Scope(context, frame, None)
    scope.sources = [
        Source(target[-1].lower(), context.relation(target, reads=False), target),
        Source("excluded", landing.relation, hidden=True),
    ]
    body = insert.args["expression"]
    if isinstance(body, exp.Values) and body.args.get("alias") is not None:
        scope.sources.append(Source(body.alias.lower(), landing.relation, hidden=True))
    if isinstance(body, exp.Select) and body.args.get("from_") is not None:
        inner = Scope(context, frame, None)
        add_sources(inner, body.args["from_"].this)
        for source in inner.sources:
            source.hidden = True
        scope.sources += inner.sources
    columns = list(landing.relation.columns)
    conflict = insert.args["conflict"]
    if conflict.args.get("where") is not None:
        collect(conflict.args["where"], scope, FILTER, context.uses)
    for change in conflict.expressions:
        for name, _, flow in assignments([change], scope, target):
            columns.append((name, flow))
            for call in change.expression.find_all(exp.Anonymous):
                if str(call.this).upper() == "VALUES" and call.expressions:
                    inserted = landing.relation.find(context.naming.column(call.expressions[0].name))
                    columns.append((name, inserted or {}))
    return from_columns(target, columns, context, relation=Relation(opens=landing.relation.opens))


def delete_lineage(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    """Rows go, no value flows: the tables that decide which rows, as table lineage and dependencies."""
    frame = frame_of(node.args.get("with_"), frame, None, context)
    scope = Scope(context, frame, None, implied=context.naming.parser == "teradata")
    if node.args.get("tables"):
        add_sources(scope, node.this)
        targets = [_named(item, scope) for item in node.args["tables"]]
        for target in targets:
            if all(source.table != target for source in scope.sources):
                relation = context.relation(target, reads=False)
                scope.sources.append(Source(target[-1].lower(), relation, target))
    else:
        targets = [_target(scope, node.this, None)]
    for item in node.args.get("using") or ():
        add_sources(scope, item)
    where = node.args.get("where")
    if where is not None:
        collect(where, scope, FILTER, context.uses)
        note_equalities(where, scope)
    for target in targets:
        context.read.pop(target, None)
    return [reads(target, context) for target in targets]


def _named(item: Any, scope: Scope) -> Table:
    name = table_name(item, scope.context.naming) or OUTPUT
    source = scope.source(tuple(part.lower() for part in name))
    return source.table if source is not None and source.table else scope.context.scoped(name)


def returned(node: Any, frame: Frame | None, context: Context) -> Relation:
    """The rows of RETURNING; the target's columns stand for the values that were written."""
    clause = node.args.get("returning")
    if clause is None:
        return Relation()
    scope = Scope(context, frame, None)
    item = node.this.this if isinstance(node.this, exp.Schema) else node.this
    add_sources(scope, item)
    columns: list[Column] = []
    opens = []
    for expression in clause.expressions:
        if isinstance(expression, exp.Star):
            more, unknown = expand(expression, scope)
            columns += more
            opens += unknown
        else:
            columns.append(
                (context.naming.column(expression.alias_or_name), flow_of(expression, scope, IDENTITY))
            )
    return Relation(columns, opens)
