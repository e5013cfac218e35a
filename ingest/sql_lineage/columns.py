"""Which upstream columns a column reference stands for."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from ingest.sql_lineage.context import Context
from ingest.sql_lineage.flows import DIRECT, EXPRESSION, IDENTITY, Flow, after, union
from ingest.sql_lineage.model import ColumnRef, ReasonCode
from ingest.sql_lineage.naming import is_placeholder
from ingest.sql_lineage.scopes import Scope, Source, is_pseudo

_LATERAL = frozenset({"snowflake", "redshift", "databricks", "spark", "teradata", "duckdb", "clickhouse"})
_STRUCTS = frozenset({"bigquery", "databricks", "spark", "hive", "duckdb", "trino", "athena", "clickhouse"})
# Their own compilers record the column, not the field.
_WHOLE_STRUCTS = frozenset({"spark", "hive", "databricks"})
_UNKNOWN: Flow = {}


def resolve(node: Any, scope: Scope) -> Flow:
    """The flow of a ``Column``, or of a chain of ``Dot`` on one."""
    names = _parts(node, scope.context)
    if not names:
        return _UNKNOWN
    if len(names) == 1:
        return _unqualified(names[0], node, scope)
    for size in range(len(names) - 1, 0, -1):
        source = scope.outward(tuple(name.lower() for name in names[:size]))
        if source is None and size == len(names) - 1 and scope.implied:
            source = _unlisted(names[:size], scope)
        if source is not None:
            name, fields = names[size], names[size + 1 :]
            relation = source.relation
            flow = relation.find(name)
            if flow is None:
                flow, candidates = relation.guess(name)
                if flow is None and len(candidates) > 1:
                    scope.context.ambiguous(name, candidates, node)
                    return _UNKNOWN
            if flow is None:
                flow = relation.rest
            if flow is None:
                scope.missing(name, node)
                return _UNKNOWN
            return _path(flow, fields, scope.context)
    return _struct(names, node, scope)


def _unlisted(names: list[str], scope: Scope) -> Source:
    """Teradata: a table that is only named in a condition is joined."""
    table = scope.context.scoped(tuple(scope.context.naming.segment(name) for name in names))
    source = Source(names[-1].lower(), scope.context.relation(table), table, hidden=True)
    scope.sources.append(source)
    return source


def _parts(node: Any, context: Context) -> list[str]:
    fields: list[str] = []
    while isinstance(node, (exp.Dot, exp.Paren)):
        if isinstance(node, exp.Paren):
            node = node.this
            continue
        if isinstance(node.expression, exp.Identifier):
            fields.append(
                context.naming.column(node.expression.this, bool(node.expression.args.get("quoted")))
            )
        node = node.this
    if not isinstance(node, exp.Column):
        return []
    names = []
    args = node.args
    for key in ("catalog", "db", "table", "this"):
        part = args.get(key)
        if part is None:
            continue
        if isinstance(part, exp.Identifier):
            names.append(context.naming.column(part.this, bool(part.args.get("quoted"))))
        else:
            return []
    return names + fields[::-1]


def _unqualified(name: str, node: Any, scope: Scope) -> Flow:
    context = scope.context
    flow, candidates, certain = scope.local(name)
    if certain and flow is not None:
        return flow
    alias = scope.aliases.get(name)
    if alias is not None and ((flow is None and not candidates) or scope.late or _lateral(context)):
        return alias
    if not certain and not _quoted(node) and is_pseudo(name, context.naming.parser, listed=False):
        return _UNKNOWN
    if is_placeholder(name):
        return _UNKNOWN
    if name in context.variables and not certain:
        return context.variables[name]
    if flow is not None:
        scope.guessed.add(name)
        return flow
    if candidates:
        context.ambiguous(name, candidates, node)
        return _UNKNOWN
    if scope.parent is not None:
        found = _outer(name, scope.parent)
        if found is not None:
            return found
    whole = _row(name, scope)
    if whole is not None:
        return whole
    if is_pseudo(name, context.naming.parser):
        return _UNKNOWN
    listed = scope.unlisted(name)
    scope.missing(name, node)
    return listed if listed is not None else _UNKNOWN


def _quoted(node: Any) -> bool:
    return isinstance(node, exp.Column) and bool(getattr(node.this, "args", {}).get("quoted"))


def _outer(name: str, scope: Scope | None) -> Flow | None:
    while scope is not None:
        flow, candidates, _ = scope.local(name)
        if flow is not None:
            return flow
        if candidates:
            return None
        if name in scope.aliases:
            return scope.aliases[name]
        scope = scope.parent
    return None


def _lateral(context: Context) -> bool:
    allowed = context.settings.lateral_aliases
    return context.naming.parser in _LATERAL if allowed is None else allowed


def _row(name: str, scope: Scope) -> Flow | None:
    """A source's name used as a value: its whole row."""
    source = scope.outward((name.lower(),))
    if source is None:
        return None
    if source.relation.open:
        scope.context.reason(ReasonCode.STAR_WITHOUT_SCHEMA, subject=name)
    flows = [flow for _, flow in source.relation.columns]
    if source.relation.rest is not None:
        flows.append(source.relation.rest)
    return union(flows) if flows else _UNKNOWN


def _struct(names: list[str], node: Any, scope: Scope) -> Flow:
    flow, _, certain = scope.local(names[0])
    if flow is not None and (certain or scope.context.naming.parser in _STRUCTS):
        return _path(flow, names[1:], scope.context)
    outer = _outer(names[0], scope.parent) if scope.context.naming.parser in _STRUCTS else None
    if outer is not None:
        return _path(outer, names[1:], scope.context)
    scope.context.reason(ReasonCode.UNKNOWN_QUALIFIER, node, ".".join(names[:-1]))
    return _UNKNOWN


def _path(flow: Flow, fields: list[str], context: Context) -> Flow:
    """The fields of a struct that is carried over as it is."""
    if not fields:
        return flow
    paths = context.settings.struct_paths
    if not (context.naming.parser not in _WHOLE_STRUCTS if paths is None else paths):
        return {ref: after(EXPRESSION, mask) for ref, mask in flow.items()}
    path = "." + ".".join(fields)
    return {
        (ColumnRef(ref.table, ref.column + path) if mask & DIRECT == IDENTITY else ref): mask
        for ref, mask in flow.items()
    }
