"""One statement: what it writes, and how the columns of its queries land in the columns of its targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from ingest.sql_lineage.context import Context
from ingest.sql_lineage.ctes import frame_of
from ingest.sql_lineage.expressions import flow_of
from ingest.sql_lineage.landing import Landing, emptied, land, reads, writes
from ingest.sql_lineage.merges import merge_lineage, multi_insert
from ingest.sql_lineage.model import OUTPUT, ReasonCode
from ingest.sql_lineage.movements import alter_lineage, copy_lineage, swapped_partitions
from ingest.sql_lineage.names import is_temporary_name
from ingest.sql_lineage.queries import evaluate
from ingest.sql_lineage.relations import Relation
from ingest.sql_lineage.scopes import Frame, Scope
from ingest.sql_lineage.targets import column_names, into_clause, is_temporary, written
from ingest.sql_lineage.updates import delete_lineage, returned, update_lineage, upserted

_NO_DATA = (
    exp.Drop, exp.TruncateTable, exp.Use, exp.Describe, exp.Show, exp.Grant, exp.Analyze, exp.Refresh,
    exp.Uncache, exp.Pragma, exp.Transaction, exp.Commit, exp.Rollback, exp.Comment, exp.Kill,
    exp.Semicolon, exp.Attach, exp.Detach, exp.Revoke, exp.Summarize,
)  # fmt: skip


def statement_lineage(node: Any, context: Context, frame: Frame | None = None) -> list[Landing]:
    """The lineage of ``node`` for each of its targets; empty for statements that move no data."""
    handler = _HANDLERS.get(type(node))
    if handler is not None:
        return handler(node, context, frame)
    if isinstance(node, (exp.Query, exp.Values, exp.Pivot)):
        return _query(node, context, frame)
    if isinstance(node, _NO_DATA):
        return _dropped(node, context)
    if node.find(exp.Query, exp.Table) is None:
        return []  # the expression that a function returns
    context.reason(ReasonCode.UNSUPPORTED_STATEMENT)
    return [reads(OUTPUT, context)] if context.read else []


def returning(node: Any, frame: Frame | None, context: Context) -> Relation:
    """A data-changing statement inside a WITH: its own lineage is kept aside, its returned rows are handed on."""
    before, uses = context.read, context.uses
    context.read, context.uses = {}, {}
    context.nested += statement_lineage(node, context, frame)
    context.read, context.uses = before, uses
    return returned(node, frame, context)


def _query(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    into = into_clause(node)
    partitions = swapped_partitions(node, context)
    if partitions:
        return partitions
    relation = evaluate(node, frame, None, context)
    if into is None:
        return [land(OUTPUT, _assigned(node, relation, context), context)]
    names = [item.name.lower() for item in (into.this, *into.expressions) if item is not None]
    if names and all(name in context.variables for name in names):
        if len(names) == 1:
            context.rows[names[0]] = relation
        context.variables.update(zip(names, (flow for _, flow in relation.columns), strict=False))
        return [reads(OUTPUT, context)] if context.read else []
    target = written(into.this, context)
    temporary = bool(into.args.get("temporary")) or is_temporary_name(target)
    return [land(target, relation, context, temporary=temporary, creates=True)]


def _assigned(node: Any, relation: Relation, context: Context) -> Relation:
    """T-SQL's ``SELECT @a = x``: the variable keeps what feeds it, and nothing is put out."""
    items = node.expressions if isinstance(node, exp.Select) else []
    columns = list(relation.columns)
    if len(items) != len(columns):
        return relation
    kept = []
    for item, (name, flow) in zip(items, columns, strict=True):
        if isinstance(item, exp.EQ) and isinstance(item.this, exp.Parameter):
            context.variables["@" + item.this.name.lower()] = flow
        else:
            kept.append((name, flow))
    return Relation(kept, relation.opens)


def _set(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    """``SET @x = (SELECT ...)``, ``SET x = (SELECT ...)``."""
    scope = Scope(context, frame, None)
    for item in node.expressions:
        assignment = item.this if isinstance(item, exp.SetItem) else item
        if isinstance(assignment, exp.EQ) and isinstance(assignment.expression, exp.Query):
            left = assignment.this
            name = ("@" if isinstance(left, exp.Parameter) else "") + left.name.lower()
            context.variables[name] = flow_of(assignment.expression, scope)
    return [reads(OUTPUT, context)] if context.read else []


def _declare(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    """T-SQL's table variables."""
    found = []
    for item in node.expressions:
        names = item.this if isinstance(item.this, list) else [item.this]
        kind = item.args.get("kind")
        for name in names:
            if isinstance(kind, exp.Schema):
                columns = column_names(kind, context)
                found.append(writes(("@" + name.name.lower(),), context, temporary=True, columns=columns))
    return found


def _create(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    kind = str(node.args.get("kind") or "").upper()
    body = node.args.get("expression")
    if kind not in ("TABLE", "VIEW", "DYNAMIC TABLE") and not isinstance(body, exp.Query):
        return []
    if kind in ("FUNCTION", "PROCEDURE"):
        return [land(OUTPUT, evaluate(body, frame, None, context), context)]
    if kind in ("INDEX", "SCHEMA", "DATABASE", "TRIGGER", "SEQUENCE"):
        return []
    properties = node.args.get("properties")
    redirected = properties.find(exp.ToTableProperty) if properties is not None else None
    target = written(redirected.this if redirected is not None else node.this, context)
    temporary = is_temporary(node, target)
    names = column_names(node.this, context)
    if isinstance(body, exp.Query):
        if kind == "TABLE" and context.naming.parser == "mysql":
            names = None  # the definitions add to the query's columns, by name
        frame = frame_of(node.args.get("with_"), frame, None, context)
        relation = evaluate(body, frame, None, context)
        return [land(target, relation, context, columns=names, temporary=temporary, creates=True)]
    source = _copied(node)
    if source is not None:
        name = written(source, context)
        relation = context.relation(name)
        landing = land(target, relation, context, temporary=temporary, creates=True)
        return [landing if _with_rows(node) else emptied(landing)]
    return [writes(target, context, temporary=temporary, columns=names)]


def _with_rows(node: Any) -> bool:
    """True for copies of rows, False for those of the columns alone (LIKE)."""
    if node.args.get("clone") is not None:
        return True
    properties = node.args.get("properties")
    data = properties.find(exp.WithDataProperty) if properties is not None else None
    return data is not None and not data.args.get("no")


def _copied(node: Any) -> Any:
    clone = node.args.get("clone")
    if clone is not None:
        return clone.this
    if isinstance(node.args.get("expression"), exp.Table):
        return node.args["expression"]  # Teradata, ClickHouse: CREATE TABLE b AS a
    properties = node.args.get("properties")
    like = properties.find(exp.LikeProperty) if properties is not None else None
    if like is None and isinstance(node.this, exp.Schema):
        like = next((e for e in node.this.expressions if isinstance(e, exp.LikeProperty)), None)
    return like.this if like is not None else None


def _insert(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    frame = frame_of(node.args.get("with_"), frame, None, context)
    target = written(node.this, context)
    names = column_names(node.this, context)
    body = node.args.get("expression")
    if body is None and isinstance(node.args.get("source"), exp.Table):
        body = node.args["source"]  # Spark: INSERT INTO t TABLE s
    if body is None:
        if not node.args.get("default"):
            context.reason(ReasonCode.COMMAND_FALLBACK, node)  # the rows of a procedure
        return [writes(target, context)]
    relation = (
        evaluate(body, frame, None, context) if isinstance(body, (exp.Query, exp.Values, exp.Table)) else None
    )
    if relation is None:
        context.reason(ReasonCode.UNSUPPORTED_STATEMENT, node)
        return [writes(target, context)]
    static, dynamic = _partitions(node, context)
    if names is not None:
        names += [name for name in dynamic if name not in names]
    landing = land(
        target,
        relation,
        context,
        columns=names,
        positional=not node.args.get("by_name"),
        fixed=static,
        last=dynamic,
    )
    conflict = node.args.get("conflict")
    return [landing if conflict is None else upserted(landing, node, frame, context)]


def _partitions(node: Any, context: Context) -> tuple[frozenset[str], tuple[str, ...]]:
    """Partition columns with a value, which the query does not deliver, and those it delivers last."""
    table = node.this.this if isinstance(node.this, exp.Schema) else node.this
    partition = (table.args.get("partition") if table is not None else None) or node.args.get("partition")
    fixed, last = set(), []
    for item in partition.expressions if isinstance(partition, exp.Partition) else ():
        if isinstance(item, exp.EQ):
            fixed.add(context.naming.column(item.this.name))
        else:
            last.append(context.naming.column(item.name))
    return frozenset(fixed), tuple(last)


def _cache(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    body = node.args.get("expression")
    if body is None:
        return []
    relation = evaluate(body, frame, None, context)
    return [land(written(node.this, context), relation, context, creates=True, temporary=True)]


def _dropped(node: Any, context: Context) -> list[Landing]:
    if not isinstance(node, exp.Drop) or not context.settings.drop_writes:
        return []
    return [writes(written(table, context), context) for table in node.args.get("tables") or ()]


_HANDLERS: dict[type, Callable[[Any, Context, Frame | None], list[Landing]]] = {
    exp.Create: _create,
    exp.Insert: _insert,
    exp.Merge: merge_lineage,
    exp.Update: update_lineage,
    exp.Delete: delete_lineage,
    exp.Copy: copy_lineage,
    exp.Cache: _cache,
    exp.Alter: alter_lineage,
    exp.Declare: _declare,
    exp.Set: _set,
    exp.MultitableInserts: multi_insert,
}
