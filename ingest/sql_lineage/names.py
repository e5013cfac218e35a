"""The table that a piece of SQL names: identifiers, files, stages, table variables, ``IDENTIFIER(...)``."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from ingest.sql_lineage.model import Table
from ingest.sql_lineage.naming import Naming

_FORMATS = frozenset(
    {"parquet", "csv", "json", "orc", "delta", "text", "avro", "binaryfile", "iceberg", "hudi", "xml"}
)


def is_function(node: Any) -> bool:
    """True for a table function: it has columns of its own, and no name in the database."""
    inner = node.this
    return isinstance(inner, exp.Func) and not _is_identifier_call(inner)


def table_name(node: Any, naming: Naming) -> Table | None:
    """The written name in folded segments; None where it is only known at run time."""
    while isinstance(node, (exp.Schema, exp.Directory, exp.Paren, exp.Subquery)):
        node = node.this
    if isinstance(node, exp.Literal):
        return (node.name,)
    if not isinstance(node, exp.Table):
        return None
    inner = node.this
    if not isinstance(inner, exp.Expression):
        return None
    if isinstance(inner, exp.DynamicIdentifier):
        return _computed(inner.this, naming)
    if isinstance(inner, exp.Anonymous):
        return _computed(inner.expressions[0], naming) if _is_identifier_call(inner) else None
    parts = node.parts
    if isinstance(inner, (exp.Literal, exp.Var)):
        return (inner.name,)
    if isinstance(inner, exp.Parameter):
        return ("@" + inner.name.lower(),)
    if len(parts) == 2 and parts[0].name.lower() in _FORMATS and ("/" in inner.name or "." in inner.name):
        return (inner.name.strip("'"),)
    if len(parts) == 1 and "://" in inner.name:
        return (inner.name,)
    if inner.name.startswith("$"):
        return None
    names = []
    for part in parts:
        if not isinstance(part, exp.Identifier):
            return None
        names.append(_segment(part, naming))
    return tuple(names) if all(names[:1] + names[-1:]) else None


def _segment(part: Any, naming: Naming) -> str:
    name = naming.segment(part.this, bool(part.args.get("quoted")))
    if naming.parser == "bigquery":
        name = name.partition("$")[0]  # a partition decorator names a part of the table
    if part.args.get("global_"):
        return "##" + name
    return "#" + name if part.args.get("temporary") else name


def is_temporary_name(table: Table) -> bool:
    """T-SQL's ``#temporary`` tables and ``@table`` variables."""
    return table[-1].startswith("#") or (len(table) == 1 and table[0].startswith("@") and "/" not in table[0])


def _is_identifier_call(node: Any) -> bool:
    return isinstance(node, exp.DynamicIdentifier) or (
        isinstance(node, exp.Anonymous)
        and str(node.this).upper() == "IDENTIFIER"
        and len(node.expressions) == 1
    )


def _computed(argument: Any, naming: Naming) -> Table | None:
    if isinstance(argument, exp.Literal) and argument.is_string:
        return tuple(naming.segment(part.strip('"`')) for part in argument.name.split("."))
    if isinstance(argument, exp.Column) and all(isinstance(p, exp.Identifier) for p in argument.parts):
        return tuple(_segment(part, naming) for part in argument.parts)
    return None
