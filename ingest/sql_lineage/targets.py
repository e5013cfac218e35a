"""What a statement names as its target: full name, column list, whether it is temporary."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from ingest.sql_lineage.context import Context
from ingest.sql_lineage.model import OUTPUT, ReasonCode, Table
from ingest.sql_lineage.names import is_temporary_name, table_name


def written(node: Any, context: Context) -> Table:
    """The full name of a written table, ``OUTPUT`` where it is only known at run time."""
    name = table_name(node, context.naming)
    if name is None:
        context.reason(ReasonCode.DYNAMIC_NAME, node)
        return OUTPUT
    return context.scoped(name)


def is_temporary(node: Any, target: Table) -> bool:
    """True for ``CREATE TEMPORARY ...`` and names that say so."""
    properties = node.args.get("properties")
    found = properties.find(exp.TemporaryProperty, exp.VolatileProperty) if properties is not None else None
    return found is not None or is_temporary_name(target)


def column_names(schema: Any, context: Context) -> list[str] | None:
    """The column list after a table's name; None where there is none."""
    if not isinstance(schema, exp.Schema):
        return None
    names = []
    for item in schema.expressions:
        inner = item.this if isinstance(item, (exp.ColumnDef, exp.Column)) else item
        if isinstance(inner, exp.Identifier):
            names.append(context.naming.column(inner.this, bool(inner.args.get("quoted"))))
    return names or None


def into_clause(node: Any) -> Any:
    while isinstance(node, (exp.SetOperation, exp.Subquery)):
        node = node.this
    return node.args.get("into") if isinstance(node, exp.Select) else None
