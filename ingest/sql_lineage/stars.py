"""``*`` and ``t.*``: the columns they stand for, in order, with EXCEPT, REPLACE and RENAME."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from ingest.sql_lineage.expressions import flow_of
from ingest.sql_lineage.model import ReasonCode
from ingest.sql_lineage.relations import Column, Open, Relation
from ingest.sql_lineage.scopes import Scope, Source


def is_star(item: Any) -> bool:
    """True for ``*``, ``t.*`` and ``struct.*``."""
    if isinstance(item, exp.Star):
        return True
    if isinstance(item, exp.Column):
        return isinstance(item.this, exp.Star)
    return isinstance(item, exp.Dot) and isinstance(item.expression, exp.Star)


def expand(item: Any, scope: Scope) -> tuple[list[Column], list[Open]]:
    """The listed columns behind ``item``, and the relations whose columns are unknown (noted as a reason)."""
    star = (
        item if isinstance(item, exp.Star) else item.this if isinstance(item, exp.Column) else item.expression
    )
    sources = _sources(item, scope)
    if sources is None:
        return [], []
    hidden = frozenset(_name(c, scope) for c in star.args.get("except_") or ())
    replaced = {_name(a, scope): a for a in star.args.get("replace") or () if isinstance(a, exp.Alias)}
    renamed = {
        _name(a.this, scope): _name(a, scope)
        for a in star.args.get("rename") or ()
        if isinstance(a, exp.Alias)
    }
    wanted = _like(star.args.get("ilike"))
    columns: list[Column] = []
    opens: list[Open] = []
    merged: set[str] = set()
    for source in sources:
        for name, flow in source.relation.columns:
            if name in hidden or name in merged or (wanted is not None and not wanted.fullmatch(name)):
                continue
            if name in scope.using and len(sources) > 1:
                merged.add(name)
                flow = scope.local(name)[0] or flow
            if name in replaced:
                flow = flow_of(replaced[name].this, scope)
            columns.append((renamed.get(name, name), flow))
        if not source.relation.columns and source.relation.rest:
            scope.context.reason(ReasonCode.STAR_WITHOUT_SCHEMA, item, source.alias)
        if source.relation.open:
            opens.append((source.relation, hidden | replaced.keys() | renamed.keys()))
            scope.context.reason(ReasonCode.STAR_WITHOUT_SCHEMA, item, source.alias)
    if opens:
        columns += [
            (name, flow_of(a.this, scope)) for name, a in replaced.items() if name not in dict(columns)
        ]
        columns += [
            (new, _open_column(opens, old)) for old, new in renamed.items() if new not in dict(columns)
        ]
    return columns, opens


def chosen(item: Any, scope: Scope) -> tuple[list[Column], list[Open]]:
    """DuckDB: ``COLUMNS('pattern')`` and ``f(COLUMNS(*))``: the expression once for each column."""
    inner = item.find(exp.Columns).this
    pattern = inner.name if isinstance(inner, exp.Literal) else None
    columns, opens = expand(inner if isinstance(inner, exp.Star) else exp.Star(), scope)
    found: list[Column] = []
    for name, _ in columns:
        if pattern is None or re.search(pattern, name):
            one = item.copy()
            place = one.find(exp.Columns)
            column = exp.column(name, quoted=True)
            found.append((name, flow_of(column if place is one else place.replace(column).root(), scope)))
    return found, opens


def _like(pattern: Any) -> re.Pattern[str] | None:
    if not isinstance(pattern, exp.Literal):
        return None
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern.name)
    return re.compile("".join(parts), re.IGNORECASE)


def _open_column(opens: list[Open], name: str) -> Any:
    relations: list[Relation] = [relation for relation, _ in opens]
    return (relations[0].guess(name)[0] or {}) if len(relations) == 1 else {}


def _sources(item: Any, scope: Scope) -> list[Source] | None:
    if isinstance(item, exp.Star):
        outer = scope.parent if not scope.sources else None
        return outer.visible() if outer is not None else scope.visible()
    if isinstance(item, exp.Column):
        parts = [item.args.get(key) for key in ("catalog", "db", "table")]
        qualifier = tuple(part.name.lower() for part in parts if part is not None)
        source = scope.outward(qualifier)
        if source is not None:
            return [source]
    scope.context.reason(ReasonCode.STAR_WITHOUT_SCHEMA, item)
    return None


def _name(node: Any, scope: Scope) -> str:
    if isinstance(node, exp.Alias):
        node = node.args.get("alias")
    if isinstance(node, exp.Column):
        node = node.this
    quoted = isinstance(node, exp.Identifier) and bool(node.args.get("quoted"))
    return scope.context.naming.column(node.name if isinstance(node, exp.Expression) else str(node), quoted)
