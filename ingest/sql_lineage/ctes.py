"""WITH: which query a name means, evaluated when it is first read; recursion by repeating until nothing is added."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from ingest.sql_lineage.context import Context
from ingest.sql_lineage.flows import IDENTITY, add
from ingest.sql_lineage.relations import Relation
from ingest.sql_lineage.scopes import Cte, Frame, Scope

# Dialects where a CTE may read itself without the word RECURSIVE.
_IMPLICIT = frozenset({"tsql", "oracle", "snowflake", "teradata", "db2", ""})
_ROUNDS = 4


def frame_of(node: Any, frame: Frame | None, parent: Scope | None, context: Context) -> Frame | None:
    """The frame under which the query that carries this WITH is evaluated."""
    if node is None:
        return frame
    recursive = bool(node.args.get("recursive"))
    ctes: dict[str, Cte] = {}
    inner = Frame(ctes, len(node.expressions), frame)
    for index, cte in enumerate(node.expressions):
        if cte.args.get("scalar"):
            continue
        self_reading = isinstance(_bare(cte.this), exp.SetOperation) and (
            recursive or context.naming.parser in _IMPLICIT
        )
        ctes[cte.alias.lower()] = Cte(cte, Frame(ctes, index, frame), index, self_reading)
    if context.settings.unused_ctes:
        for cte in ctes.values():
            read(cte, parent, context)
    for cte in ctes.values():
        if isinstance(cte.node.this, (exp.Insert, exp.Update, exp.Delete, exp.Merge)):
            read(cte, parent, context)
    return inner


def scalars(node: Any) -> list[tuple[str, Any]]:
    """ClickHouse: the names of a WITH that stand for values, and their expressions."""
    if node is None:
        return []
    return [(cte.alias.lower(), cte.this) for cte in node.expressions if cte.args.get("scalar")]


def _bare(node: Any) -> Any:
    while isinstance(node, (exp.Subquery, exp.Paren)):
        node = node.this
    return node


def read(cte: Cte, parent: Scope | None, context: Context) -> Relation:
    """The rows of ``cte``; what it reads is noted again for every statement part that reads it."""
    if cte.relation is None:
        before, uses = context.read, context.uses
        context.read, context.uses = {}, {}
        cte.running = True
        cte.relation = _evaluate(cte, parent, context)
        cte.running = False
        cte.read, cte.uses = context.read, context.uses
        context.read, context.uses = before, uses
    if not cte.running:
        context.read.update(cte.read)
        for ref, mask in cte.uses.items():
            context.uses[ref] = context.uses.get(ref, 0) | mask
    return cte.relation


def _evaluate(cte: Cte, parent: Scope | None, context: Context) -> Relation:
    node = cte.node
    names = [context.naming.column(c.name, bool(c.args.get("quoted"))) for c in node.args["alias"].columns]
    body = _bare(node.this)
    if not cte.recursive:
        return _query(cte, parent, context).renamed(names)
    anchor = body
    while isinstance(anchor, exp.SetOperation):
        anchor = _bare(anchor.this)
    cte.recursive = False
    result = context.evaluate(anchor, cte.frame, parent, context).renamed(names)
    cte.recursive = True
    for _ in range(_ROUNDS):
        cte.relation = result
        found = context.evaluate(node.this, cte.frame, parent, context).renamed(names)
        if [f for _, f in found.columns] == [f for _, f in result.columns]:
            break
        result = _grown(result, found)
    return result


def _query(cte: Cte, parent: Scope | None, context: Context) -> Relation:
    if isinstance(cte.node.this, (exp.Insert, exp.Update, exp.Delete, exp.Merge)):
        return context.returning(cte.node.this, cte.frame, context)
    return context.evaluate(cte.node.this, cte.frame, parent, context)


def _grown(before: Relation, after: Relation) -> Relation:
    columns = []
    for i, (name, flow) in enumerate(before.columns):
        into = dict(flow)
        if i < len(after.columns):
            add(into, after.columns[i][1], IDENTITY)
        columns.append((name, into))
    return Relation(columns or after.columns, after.opens)
