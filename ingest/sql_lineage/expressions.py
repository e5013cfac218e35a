"""The upstream columns of an expression: one walk without recursion, sub-queries excepted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlglot import exp

from ingest.sql_lineage.columns import resolve
from ingest.sql_lineage.flows import (
    CONDITIONAL,
    DIRECT,
    EXPRESSION,
    IDENTITY,
    STEERING,
    WINDOW,
    Flow,
    add,
    after,
    union,
)
from ingest.sql_lineage.functions import aggregate_kind, kind_of
from ingest.sql_lineage.model import ReasonCode
from ingest.sql_lineage.scopes import Scope

Step = tuple[Any, int]

_LEAVES = frozenset(
    {
        exp.Literal, exp.Null, exp.Boolean, exp.DataType, exp.Var, exp.Identifier, exp.Placeholder, exp.Parameter,
        exp.Star, exp.JSONPath, exp.SessionParameter, exp.WindowSpec, exp.National, exp.HexString,
    }
)  # fmt: skip
# Aggregates whose WITHIN GROUP names the values themselves.
_INVERSE = (exp.PercentileCont, exp.PercentileDisc, exp.Mode)
_UNITS = frozenset(
    {"year", "quarter", "month", "week", "day", "hour", "minute", "second", "dayofweek", "isoweek"}
)


def flow_of(expression: Any, scope: Scope, kind: int = IDENTITY) -> Flow:
    """Everything that feeds ``expression``; ``kind`` is what happens to the result."""
    if not isinstance(expression, exp.Expression):
        return {}
    while type(expression) in (exp.Alias, exp.Paren):
        expression = expression.this
    if type(expression) is exp.Column and kind == IDENTITY:
        return resolve(expression, scope)
    into: Flow = {}
    collect(expression, scope, kind, into)
    return into


def collect(expression: Any, scope: Scope, kind: int, into: Flow) -> None:
    """Add what feeds ``expression`` to ``into``."""
    steering = scope.context.settings.steering_edges
    stack: list[Step] = [(expression, kind)] if isinstance(expression, exp.Expression) else []
    while stack:
        node, step = stack.pop()
        cls = type(node)
        if cls in _LEAVES:
            if cls is exp.Parameter or cls is exp.Placeholder:
                name = ("@" if cls is exp.Parameter else "") + node.name.lower()
                add(into, scope.context.variables.get(name, {}), step)
            continue
        if cls is exp.Column:
            add(into, _row(node, scope) if isinstance(node.this, exp.Star) else resolve(node, scope), step)
            continue
        rule = _RULES.get(cls)
        if rule is not None:
            for child, inner in rule(node, scope):
                if not isinstance(child, exp.Expression):
                    continue
                taken = after(inner, step)
                if not steering and taken & STEERING and step & DIRECT:
                    collect(child, scope, taken & ~DIRECT, scope.context.uses)
                    taken &= DIRECT
                if taken:
                    stack.append((child, taken))
        elif cls is exp.Exists:
            # Only whether there are rows matters: the columns it selects reach nothing.
            scope.context.evaluate(node.this, scope.frame, scope, scope.context)
        elif isinstance(node, exp.Query):
            _subquery(node, scope, step, into)
        elif cls is exp.Dot:
            _dot(node, scope, step, into, stack)
        else:
            inner = after(kind_of(node), step)
            stack.extend((child, inner) for child in node.iter_expressions())


def _row(node: Any, scope: Scope) -> Flow:
    """``f(t.*)``: all columns of a source, except where they are only counted."""
    source = scope.outward((node.args["table"].name.lower(),)) if node.args.get("table") else None
    if source is None or isinstance(node.parent, exp.Count):
        return {}
    if source.relation.open:
        scope.context.reason(ReasonCode.STAR_WITHOUT_SCHEMA, node, source.alias)
    return union([flow for _, flow in source.relation.columns] or [{}])


def _subquery(node: Any, scope: Scope, step: int, into: Flow) -> None:
    relation = scope.context.evaluate(node, scope.frame, scope, scope.context)
    for _, flow in relation.columns:
        add(into, flow, step)


def _dot(node: Any, scope: Scope, step: int, into: Flow, stack: list[Step]) -> None:
    bottom = node
    while isinstance(bottom, (exp.Dot, exp.Paren)):
        bottom = bottom.this
    if isinstance(bottom, exp.Anonymous) and str(bottom.this).lower() in scope.context.rows:
        # Oracle: ``records(i).column``.
        rows = scope.context.rows[str(bottom.this).lower()]
        add(into, rows.find(scope.context.naming.column(node.expression.name)) or rows.rest or {}, step)
    elif isinstance(bottom, exp.Column) and isinstance(node.expression, exp.Identifier):
        add(into, resolve(node, scope), step)
    else:
        stack.append((node.this, step))
        if not isinstance(node.expression, exp.Identifier):
            stack.append((node.expression, step))


def _case(node: Any, scope: Scope) -> Iterable[Step]:
    yield node.args.get("this"), CONDITIONAL
    for branch in node.args.get("ifs") or ():
        yield branch.this, CONDITIONAL
        yield branch.args.get("true"), EXPRESSION
    yield node.args.get("default"), EXPRESSION


def _if(node: Any, scope: Scope) -> Iterable[Step]:
    yield node.this, CONDITIONAL
    yield node.args.get("true"), EXPRESSION
    yield node.args.get("false"), EXPRESSION


def _decode(node: Any, scope: Scope) -> Iterable[Step]:
    """Oracle: ``DECODE(value, search, result, ..., default)``."""
    subject, *rest = node.expressions
    yield subject, CONDITIONAL
    for i, part in enumerate(rest):
        yield part, EXPRESSION if i % 2 or i == len(rest) - 1 else CONDITIONAL


def _coalesce(node: Any, scope: Scope) -> Iterable[Step]:
    """Each argument is taken only if it, or one before it, is not null."""
    for part in (node.this, *node.expressions):
        yield part, EXPRESSION | CONDITIONAL


def _nullif(node: Any, scope: Scope) -> Iterable[Step]:
    yield node.this, EXPRESSION | CONDITIONAL
    yield node.expression, CONDITIONAL


def _window(node: Any, scope: Scope) -> Iterable[Step]:
    yield node.this, EXPRESSION
    named = scope.windows.get(node.alias.lower()) if node.args.get("alias") else None
    for part in (node, named):
        if part is not None:
            for key in part.args.get("partition_by") or ():
                yield key, WINDOW
            yield part.args.get("order"), WINDOW


def _filter(node: Any, scope: Scope) -> Iterable[Step]:
    yield node.this, aggregate_kind(node.this)
    yield node.expression, CONDITIONAL


def _order(node: Any, scope: Scope) -> Iterable[Step]:
    yield node.args.get("this"), aggregate_kind(node)
    for key in node.expressions:
        yield key, WINDOW


def _within_group(node: Any, scope: Scope) -> Iterable[Step]:
    """The ordered values are what is aggregated (``percentile_cont``), or they order other values (``listagg``)."""
    inner = node.this
    steers = not isinstance(inner, _INVERSE) and next(inner.find_all(exp.Column), None) is not None
    kind = aggregate_kind(inner)
    yield inner, kind
    for key in node.expression.expressions if node.expression is not None else ():
        yield key, WINDOW if steers else kind


def _combined(node: Any, scope: Scope) -> Iterable[Step]:
    """ClickHouse: ``sumIf(value, condition)``."""
    conditional = str(node.this).lower().endswith("if") and len(node.expressions) > 1
    for i, part in enumerate(node.expressions):
        yield part, CONDITIONAL if conditional and i == len(node.expressions) - 1 else aggregate_kind(node)


def _lambda(node: Any, scope: Scope) -> Iterable[Step]:
    yield node.this, EXPRESSION


def _anonymous(node: Any, scope: Scope) -> Iterable[Step]:
    kind = kind_of(node)
    for argument in node.expressions:
        unit = (
            isinstance(argument, exp.Column)
            and not argument.args.get("table")
            and argument.name.lower() in _UNITS
        )
        if not (unit and len(node.expressions) > 1):
            yield argument, kind


def _interval(node: Any, scope: Scope) -> Iterable[Step]:
    yield node.this, EXPRESSION


_RULES: dict[type, Callable[[Any, Scope], Iterable[Step]]] = {
    exp.Case: _case,
    exp.If: _if,
    exp.Nvl2: _if,
    exp.DecodeCase: _decode,
    exp.Coalesce: _coalesce,
    exp.Nullif: _nullif,
    exp.Window: _window,
    exp.Filter: _filter,
    exp.Order: _order,
    exp.WithinGroup: _within_group,
    exp.CombinedAggFunc: _combined,
    exp.Lambda: _lambda,
    exp.Anonymous: _anonymous,
    exp.Interval: _interval,
}
