"""Rows that move as they are: COPY between tables and files, RENAME, SWAP, partition functions."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from ingest.sql_lineage.context import Context
from ingest.sql_lineage.landing import Landing, land, reads, writes
from ingest.sql_lineage.model import OUTPUT, ReasonCode, Table
from ingest.sql_lineage.names import table_name
from ingest.sql_lineage.queries import evaluate
from ingest.sql_lineage.scopes import Frame
from ingest.sql_lineage.targets import column_names, written

_PARTITION_FUNCTIONS = frozenset(
    {"swap_partitions_between_tables", "move_partitions_to_table", "copy_partitions_to_table"}
)


def copy_lineage(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
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


def alter_lineage(node: Any, context: Context, frame: Frame | None) -> list[Landing]:
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


def swapped_partitions(node: Any, context: Context) -> list[Landing]:
    """Vertica's partition functions: ``SELECT swap_partitions_between_tables('staging', low, high, 'target')``."""
    item = node.expressions[0] if isinstance(node, exp.Select) and len(node.expressions) == 1 else None
    if not isinstance(item, exp.Anonymous) or str(item.this).lower() not in _PARTITION_FUNCTIONS:
        return []
    ends = [item.expressions[0], item.expressions[-1]] if len(item.expressions) == 4 else []
    names = [tuple(e.name.lower().split(".")) for e in ends if isinstance(e, exp.Literal)]
    return [moved(context.scoped(names[0]), context.scoped(names[1]), context)] if len(names) == 2 else []


def moved(source: Table, target: Table, context: Context) -> Landing:
    """All rows of ``source`` become ``target`` as they are (RENAME, SWAP, EXCHANGE)."""
    context.read, context.uses = {}, {}
    return land(target, context.relation(source), context, creates=True, positional=False)
