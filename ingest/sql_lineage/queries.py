"""The result of a query: every output column with what feeds it, each scope walked once."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from ingest.sql_lineage.context import Context
from ingest.sql_lineage.ctes import frame_of, scalars
from ingest.sql_lineage.equalities import note_equalities
from ingest.sql_lineage.expressions import collect, flow_of
from ingest.sql_lineage.flows import CONDITIONAL, FILTER, GROUP_BY, IDENTITY, SORT, Flow, add, union
from ingest.sql_lineage.matches import matched
from ingest.sql_lineage.model import UNNAMED, ReasonCode
from ingest.sql_lineage.pivots import turned
from ingest.sql_lineage.relations import Column, Open, Relation
from ingest.sql_lineage.scopes import Frame, Scope
from ingest.sql_lineage.sources import add_sources
from ingest.sql_lineage.stars import chosen, expand, is_star

_CLAUSES = (("where", FILTER), ("prewhere", FILTER), ("connect", FILTER))
_LATE_CLAUSES = (
    ("group", GROUP_BY),
    ("having", FILTER),
    ("qualify", FILTER),
    ("order", SORT),
    ("sort", SORT),
    ("cluster", SORT),
)


def evaluate(node: Any, frame: Frame | None, parent: Scope | None, context: Context) -> Relation:
    """The result of the query ``node``; ``parent`` is the scope it is nested in, for correlated columns."""
    if isinstance(node, exp.Select):
        return _select(node, frame, parent, context)
    if isinstance(node, exp.SetOperation):
        return _set_operation(node, frame, parent, context)
    if isinstance(node, exp.Subquery):
        return _wrapped(node, frame, parent, context)
    if isinstance(node, exp.Values):
        return values(node, Scope(context, frame, parent))
    if isinstance(node, exp.Paren):
        return evaluate(node.this, frame, parent, context)
    if isinstance(node, exp.Pivot):
        scope = Scope(context, frame, parent)
        add_sources(scope, node.this)
        return turned(node, scope)
    if isinstance(node, (exp.Table, exp.Tuple)):
        scope = Scope(context, frame, parent)
        if isinstance(node, exp.Table):
            add_sources(scope, node)
            return Relation(*expand(exp.Star(), scope))
        return Relation([(f"{UNNAMED}{i}", flow_of(e, scope)) for i, e in enumerate(node.expressions)])
    context.reason(ReasonCode.UNSUPPORTED_STATEMENT, node)
    return Relation()


def _select(node: Any, frame: Frame | None, parent: Scope | None, context: Context) -> Relation:
    args = node.args
    frame = frame_of(args.get("with_"), frame, parent, context)
    scope = Scope(context, frame, parent)
    for name, expression in scalars(args.get("with_")):
        scope.aliases[name] = flow_of(expression, scope)
    origin = args.get("from_")
    if origin is not None:
        add_sources(scope, origin.this)
    for key in ("joins", "laterals"):
        for item in args.get(key) or ():
            add_sources(scope, item)
    for window in args.get("windows") or ():
        scope.windows[window.name.lower()] = window
    for key, kind in _CLAUSES:
        if args.get(key) is not None:
            collect(args[key], scope, kind, context.uses)
            note_equalities(args[key], scope)
    match = args.get("match")
    if match is not None:
        scope.sources = [matched(scope, match)]
    columns, opens = _projections(node, scope)
    scope.late = True
    for key, kind in _LATE_CLAUSES:
        clause = args.get(key)
        if clause is not None and clause.args.get("all"):
            _all_keys(node, scope)
        elif clause is not None:
            _keys(clause, scope, columns, kind)
    return Relation(columns, opens)


def _projections(node: Any, scope: Scope) -> tuple[list[Column], list[Open]]:
    columns: list[Column] = []
    opens: list[Open] = []
    context = scope.context
    chooses = context.naming.parser == "duckdb"
    for i, item in enumerate(node.expressions):
        if is_star(item):
            more, unknown = expand(item, scope)
            columns += more
            opens += unknown
            continue
        if chooses and item.find(exp.Columns) is not None:
            more, unknown = chosen(item, scope)
            columns += more
            opens += unknown
            continue
        flow = flow_of(item, scope)
        if context.settings.count_star and item.find(exp.Count):
            flow = _count_star(item, flow, scope)
        for name in _names(item, i, context):
            columns.append((name, flow))
            if isinstance(item, exp.Alias) and name not in scope.guessed:
                scope.aliases[name] = flow
    return columns, opens


def _names(item: Any, index: int, context: Context) -> list[str]:
    """Output names; a text that SQL itself would invent is replaced by the position, so that no literal leaks."""
    if isinstance(item, exp.Aliases):
        return [context.naming.column(a.name) for a in item.args.get("expressions") or ()]
    if isinstance(item, exp.QueryTransform) and item.args.get("schema") is not None:
        return [context.naming.column(c.name) for c in item.args["schema"].expressions]
    inner = item
    if isinstance(item, exp.Alias):
        inner = item.args.get("alias")
        if not isinstance(inner, exp.Identifier):
            context.reason(ReasonCode.DYNAMIC_NAME, item)
            return []
    while isinstance(inner, (exp.Paren, exp.Cast, exp.Column)) and not isinstance(inner, exp.Identifier):
        if isinstance(inner, (exp.Paren, exp.Cast)) and context.naming.parser not in ("postgres", "redshift"):
            break
        inner = inner.this
    if isinstance(inner, exp.Dot):
        inner = inner.expression
    if isinstance(inner, exp.Identifier):
        return [context.naming.column(inner.this, bool(inner.args.get("quoted")))]
    return [f"{UNNAMED}{index}"]


def _count_star(item: Any, flow: Flow, scope: Scope) -> Flow:
    flows = [flow]
    if any(isinstance(count.this, exp.Star) for count in item.find_all(exp.Count)):
        columns, opens = expand(exp.Star(), scope)
        flows += [f for _, f in columns]
        flows += [r.guess("*")[0] or {} for r, _ in opens]
    return union(flows)


def _keys(clause: Any, scope: Scope, columns: list[Column], kind: int) -> None:
    """GROUP BY and ORDER BY: positions and output names stand for items of the SELECT."""
    context = scope.context
    for key in clause.expressions or [clause.this]:
        bare = key.this if isinstance(key, exp.Ordered) else key
        if isinstance(bare, exp.Literal):
            position = int(bare.name) - 1 if bare.name.isdigit() else -1
            if 0 <= position < len(columns):
                add(context.uses, columns[position][1], kind)
        elif kind == SORT and isinstance(bare, exp.Column) and bare.name.lower() in scope.aliases:
            add(context.uses, scope.aliases[bare.name.lower()], kind)
        elif bare is not None:
            collect(bare, scope, kind, context.uses)
    for key in ("grouping_sets", "cube", "rollup"):
        for part in clause.args.get(key) or ():
            if isinstance(part, exp.Expression):
                collect(part, scope, kind, context.uses)


def _all_keys(node: Any, scope: Scope) -> None:
    """GROUP BY ALL: every item that does not aggregate."""
    for item in node.expressions:
        if is_star(item):
            for _, flow in expand(item, scope)[0]:
                add(scope.context.uses, flow, GROUP_BY)
        elif item.find(exp.AggFunc) is None:
            collect(item, scope, GROUP_BY, scope.context.uses)


def _set_operation(node: Any, frame: Frame | None, parent: Scope | None, context: Context) -> Relation:
    """All branches by position, named by the first; the right side of EXCEPT only steers."""
    frame = frame_of(node.args.get("with_"), frame, parent, context)
    branches: list[tuple[Any, int]] = []
    while isinstance(node, exp.SetOperation) and (not node.args.get("with_") or not branches):
        branches.append((node.expression, CONDITIONAL if isinstance(node, exp.Except) else IDENTITY))
        by_name = node.args.get("by_name")
        node = node.this
    first = evaluate(node, frame, parent, context)
    results = [(evaluate(branch, frame, parent, context), kind) for branch, kind in reversed(branches)]
    return merge(first, results, by_name=bool(by_name))


def merge(first: Relation, others: list[tuple[Relation, int]], *, by_name: bool = False) -> Relation:
    """``first`` and what the others add to its columns, by position (or by name)."""
    columns: list[Column] = []
    for position, (name, flow) in enumerate(first.columns):
        into = dict(flow)
        for relation, kind in others:
            if by_name:
                add(into, relation.find(name) or {}, kind)
            elif position < len(relation.columns):
                add(into, relation.columns[position][1], kind)
        columns.append((name, into))
    opens = list(first.opens)
    for relation, _ in others:
        if not first.columns or by_name:
            known = {name for name, _ in columns}
            columns += [(name, flow) for name, flow in relation.columns if name not in known]
        opens += relation.opens
    return Relation(columns, opens)


def _wrapped(node: Any, frame: Frame | None, parent: Scope | None, context: Context) -> Relation:
    """A query in parentheses, perhaps with its own WITH, ORDER BY, joins or pivots."""
    frame = frame_of(node.args.get("with_"), frame, parent, context)
    if node.args.get("joins") or node.args.get("pivots") or isinstance(node.this, exp.Table):
        scope = Scope(context, frame, parent)
        add_sources(scope, node)
        return Relation(*expand(exp.Star(), scope))
    return evaluate(node.this, frame, parent, context)


def values(node: Any, scope: Scope) -> Relation:
    """Rows written out; sub-queries in them are read."""
    flows: list[Flow] = []
    for row in node.expressions:
        cells = row.expressions if isinstance(row, exp.Tuple) else [row]
        for i, cell in enumerate(cells):
            if i >= len(flows):
                flows.append({})
            if not isinstance(cell, exp.Literal):
                collect(cell, scope, IDENTITY, flows[i])
    return Relation([(f"{UNNAMED}{i}", flow) for i, flow in enumerate(flows)])
