"""One statement: what it writes, and how the columns of its queries land in the columns of its targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from ingest.sql_lineage.context import Context
from ingest.sql_lineage.ctes import frame_of
from ingest.sql_lineage.expressions import flow_of
from ingest.sql_lineage.landing import Landing, land, reads, writes
from ingest.sql_lineage.merges import merge_lineage, multi_insert
from ingest.sql_lineage.model import OUTPUT, ReasonCode, Table
from ingest.sql_lineage.names import is_temporary_name, table_name
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
    if isinstance(node, (exp.Query, exp.Values)):
        return _query(node, context, frame)
    if isinstance(node, _NO_DATA):
        return _dropped(node, context)
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
    partitions = _swapped(node, context)
    if partitions:
        return partitions
    relation = evaluate(node, frame, None, context)
    if into is None:
        return [land(OUTPUT, _assigned(node, relation, context), context)]
    names = [item.name.lower() for item in (into.this, *into.expressions) if item is not None]
    if names and all(name in context.variables for name in names):
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


def _swapped(node: Any, context: Context) -> list[Landing]:
    """Vertica's partition functions: ``SELECT swap_partitions_between_tables('staging', low, high, 'target')``."""
    item = node.expressions[0] if isinstance(node, exp.Select) and len(node.expressions) == 1 else None
    if not isinstance(item, exp.Anonymous) or str(item.this).lower() not in _PARTITION_FUNCTIONS:
        return []
    ends = [item.expressions[0], item.expressions[-1]] if len(item.expressions) == 4 else []
    names = [tuple(e.name.lower().split(".")) for e in ends if isinstance(e, exp.Literal)]
    return [moved(context.scoped(names[0]), context.scoped(names[1]), context)] if len(names) == 2 else []


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
    if kind not in ("TABLE", "VIEW", "STREAM", "DYNAMIC TABLE") and not isinstance(body, exp.Query):
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
        frame = frame_of(node.args.get("with_"), frame, None, context)
        relation = evaluate(body, frame, None, context)
        return [land(target, relation, context, columns=names, temporary=temporary, creates=True)]
    source = _copied(node)
    if source is not None:
        name = written(source, context)
        relation = context.relation(name)
        return [land(target, relation, context, temporary=temporary, creates=True)]
    return [writes(target, context, temporary=temporary, columns=names)]


def _copied(node: Any) -> Any:
    clone = node.args.get("clone")
    if clone is not None:
        return clone.this
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
    if body is None:
        return [writes(target, context)]
    relation = (
        evaluate(body, frame, None, context) if isinstance(body, (exp.Query, exp.Values, exp.Table)) else None
    )
    if relation is None:
        context.reason(ReasonCode.UNSUPPORTED_STATEMENT, node)
        return [writes(target, context)]
    static, dynamic = _partitions(node, context)
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


def _copy(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    """COPY and UNLOAD between tables, files and stages; columns of files have no names."""
    files = node.args.get("files") or []
    inner = node.this
    if isinstance(inner, exp.Subquery) and not isinstance(inner.this, exp.Table):
        target = table_name(files[0], context.naming) if files else None
        return [land(target or OUTPUT, evaluate(inner, frame, None, context), context)]
    name = written(inner, context)
    if not node.args.get("kind"):
        relation = context.relation(name)
        target = table_name(files[0], context.naming) if files else None
        return [land(target or OUTPUT, relation, context)]
    for source in files:
        if isinstance(source, exp.Subquery) and isinstance(source.this, exp.Query):
            return [
                land(
                    name,
                    evaluate(source, frame, None, context),
                    context,
                    columns=column_names(inner, context),
                )
            ]
        location = table_name(source, context.naming)
        if location is not None:
            context.read[location if len(location) == 1 else context.scoped(location)] = None
    context.reason(ReasonCode.NO_SCHEMA)
    return [reads(name, context)]


def _cache(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    body = node.args.get("expression")
    if body is None:
        return []
    return [land(written(node.this, context), evaluate(body, frame, None, context), context, creates=True)]


def _alter(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
    target = written(node.this, context)
    found: list[Landing] = []
    for action in node.args.get("actions") or ():
        if isinstance(action, exp.AlterRename):
            new = table_name(action.this, context.naming)
            if new is not None:
                found.append(moved(target, _beside(new, target, context), context))
        elif isinstance(action, exp.SwapTable):
            other = written(action.this, context)
            found += [moved(target, other, context), moved(other, target, context)]
    return found or [writes(target, context)]


def _beside(new: Table, old: Table, context: Context) -> Table:
    """A new name without a schema stays in the schema of the old one."""
    return (*old[:-1], new[0]) if len(new) == 1 and len(old) > 1 else context.scoped(new)


def moved(source: Table, target: Table, context: Context) -> Landing:
    """All rows of ``source`` become ``target`` as they are (RENAME, SWAP, EXCHANGE)."""
    context.read, context.uses = {}, {}
    return land(target, context.relation(source), context, creates=True, positional=False)


def _dropped(node: Any, context: Context) -> list[Landing]:
    if not isinstance(node, exp.Drop) or not context.settings.drop_writes:
        return []
    return [writes(written(table, context), context) for table in node.args.get("tables") or ()]


_PARTITION_FUNCTIONS = frozenset(
    {"swap_partitions_between_tables", "move_partitions_to_table", "copy_partitions_to_table"}
)
_HANDLERS: dict[type, Callable[[Any, Context, Frame | None], list[Landing]]] = {
    exp.Create: _create,
    exp.Insert: _insert,
    exp.Merge: merge_lineage,
    exp.Update: update_lineage,
    exp.Delete: delete_lineage,
    exp.Copy: _copy,
    exp.Cache: _cache,
    exp.Alter: _alter,
    exp.Declare: _declare,
    exp.Set: _set,
    exp.MultitableInserts: multi_insert,
}
