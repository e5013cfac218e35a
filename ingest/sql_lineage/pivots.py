"""PIVOT and UNPIVOT: which columns the turned table has, and what feeds them."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from ingest.sql_lineage.expressions import collect, flow_of
from ingest.sql_lineage.flows import AGGREGATE, CONDITIONAL, GROUP_BY, Flow, add, union
from ingest.sql_lineage.model import UNNAMED, ReasonCode
from ingest.sql_lineage.relations import Column, Relation
from ingest.sql_lineage.scopes import Scope, Source

_COMMENT = re.compile(r"\s*/\*.*?\*/", re.DOTALL)


def pivoted(relation: Relation, pivot: Any, scope: Scope) -> Relation:
    """``relation`` after ``pivot``; columns that are neither aggregated nor turned pass through."""
    inner = Scope(scope.context, scope.frame, scope.parent, [Source("", relation)])
    return _unpivot(relation, pivot, inner) if pivot.args.get("unpivot") else _pivot(relation, pivot, inner)


def _used(nodes: list[Any], scope: Scope) -> frozenset[str]:
    naming = scope.context.naming
    return frozenset(
        naming.column(column.name, bool(column.this.args.get("quoted")))
        for node in nodes
        for column in (node.find_all(exp.Column) if isinstance(node, exp.Expression) else ())
        if isinstance(column.this, exp.Identifier)
    )


def _pivot(relation: Relation, pivot: Any, scope: Scope) -> Relation:
    naming = scope.context.naming
    aggregates = list(pivot.expressions)
    fields = [field.this for field in pivot.args.get("fields") or () if isinstance(field, exp.In)]
    gone = _used([*aggregates, *fields], scope)
    steering: Flow = {}
    for field in fields:
        collect(field, scope, CONDITIONAL, steering)
    flows: list[Flow] = []
    for aggregate in aggregates:
        flow: Flow = {}
        collect(aggregate, scope, AGGREGATE, flow)
        add(flow, steering, CONDITIONAL)
        flows.append(flow)
    columns: list[Column] = [(name, flow) for name, flow in relation.columns if name not in gone]
    made = [
        naming.column(_COMMENT.sub("", c.name).strip("'"), bool(c.args.get("quoted")))
        for c in pivot.args.get("columns") or ()
    ]
    # A name made from an expression may hold a value of the SQL.
    made = [f"{UNNAMED}{i}" if "'" in name else name for i, name in enumerate(made)]
    columns += [(name, flows[i % len(flows)]) for i, name in enumerate(made) if flows]
    opens = [(owner, hidden | gone) for owner, hidden in relation.opens]
    if not made:
        # The values that become columns are only known at run time.
        scope.context.reason(ReasonCode.DYNAMIC_NAME, pivot)
    return Relation(columns, opens, rest=union(flows) if flows and not made else None)


def turned(pivot: Any, scope: Scope) -> Relation:
    """DuckDB's statements ``PIVOT t ON ... USING ... GROUP BY ...`` and ``UNPIVOT t ON ... INTO ...``; ``scope`` holds ``t``."""
    relation = scope.sources[0].relation
    if pivot.args.get("unpivot"):
        into = pivot.args.get("into")
        flow = union([flow_of(cell, scope) for cell in pivot.expressions] or [{}])
        gone = _used(list(pivot.expressions), scope)
        made: list[Column] = [(into.this.name.lower(), {})] if into is not None else []
        made += [(c.name.lower(), flow) for c in (into.expressions if into is not None else ())]
        kept = [(name, each) for name, each in relation.columns if name not in gone]
        return Relation([*kept, *made], [(owner, hidden | gone) for owner, hidden in relation.opens])
    values: Flow = {}
    for aggregate in pivot.args.get("using") or ():
        collect(aggregate, scope, AGGREGATE, values)
    for field in pivot.expressions:
        collect(field, scope, CONDITIONAL, values)
    scope.context.reason(ReasonCode.DYNAMIC_NAME, pivot)
    group = pivot.args.get("group")
    if group is None:
        gone = _used([*pivot.expressions, *(pivot.args.get("using") or ())], scope)
        kept = [(name, each) for name, each in relation.columns if name not in gone]
        return Relation(kept, [(owner, hidden | gone) for owner, hidden in relation.opens], rest=values)
    for key in group.expressions:
        collect(key, scope, GROUP_BY, scope.context.uses)
    return Relation([(k.name.lower(), flow_of(k, scope)) for k in group.expressions], rest=values)


def _unpivot(relation: Relation, pivot: Any, scope: Scope) -> Relation:
    naming = scope.context.naming
    columns: list[Column] = []
    gone: frozenset[str] = frozenset()
    names = [n.name for value in pivot.expressions for n in (value.find_all(exp.Identifier))]
    for field in pivot.args.get("fields") or ():
        if not isinstance(field, exp.In):
            continue
        gone |= _used(list(field.expressions), scope)
        flows: list[list[Flow]] = [[] for _ in names]
        for item in field.expressions:
            item = item.this if isinstance(item, (exp.PivotAlias, exp.Alias)) else item
            cells = item.expressions if isinstance(item, exp.Tuple) else [item]
            for i, cell in enumerate(cells[: len(names)]):
                flows[i].append(flow_of(cell, scope))
        columns.append((naming.column(field.this.name), {}))
        columns += [(naming.column(name), union(f or [{}])) for name, f in zip(names, flows, strict=True)]
    kept: list[Column] = [(name, flow) for name, flow in relation.columns if name not in gone]
    return Relation([*kept, *columns], [(owner, hidden | gone) for owner, hidden in relation.opens])
