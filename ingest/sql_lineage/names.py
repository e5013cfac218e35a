"""The table that a piece of SQL names: identifiers, files, stages, table variables, ``IDENTIFIER(...)``."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from ingest.sql_lineage.model import Table
from ingest.sql_lineage.naming import Naming, is_placeholder

_FORMATS = frozenset(
    {"parquet", "csv", "json", "orc", "delta", "text", "avro", "binaryfile", "iceberg", "hudi", "xml"}
)


_READERS = frozenset(
    {
        "readparquet", "readcsv", "readcsvauto", "readjson", "readjsonauto", "readfiles", "deltascan", "cloudfiles",
        "openrowset", "icebergscan",
    }
)  # fmt: skip
_CLICKHOUSE_READERS = frozenset({"s3", "url", "file", "hdfs", "gcs", "s3cluster", "azureblobstorage"})


def read_location(node: Any, naming: Naming) -> Table | None:
    """The location that ``read_parquet('...')`` and the like read."""
    name = node.name if isinstance(node, exp.Anonymous) else type(node).__name__
    known = str(name).lower().replace("_", "")
    if known not in _READERS and (naming.parser != "clickhouse" or known not in _CLICKHOUSE_READERS):
        return None
    argument = next(iter(node.expressions), None) or node.args.get("this")
    return (argument.name,) if isinstance(argument, exp.Literal) and argument.is_string else None


def is_function(node: Any) -> bool:
    """True for a table function: it has columns of its own, and no name in the database."""
    inner = node.this
    return isinstance(inner, exp.Func) and not _is_identifier_call(inner)


def table_name(node: Any, naming: Naming) -> Table | None:
    """The written name in folded segments; None where it is only known at run time."""
    while isinstance(node, (exp.Schema, exp.Directory, exp.Paren, exp.Subquery)):
        if (
            isinstance(node, exp.Schema)
            and node.this.name.upper() == "IDENTIFIER"
            and _text(node.expressions)
        ):
            return _computed(node.expressions[0], naming)
        node = node.this
    if isinstance(node, exp.Func):
        return read_location(node, naming)
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
    if any(is_placeholder(name) for name in names):
        # What a template leaves open in front of a table's name is not known.
        last = max(i for i, name in enumerate(names) if is_placeholder(name))
        names = names[last + 1 :]
    return tuple(names) if names and all(names[:1] + names[-1:]) else None


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


def _text(nodes: list[Any]) -> str | None:
    """The one text that literals, perhaps put together, stand for."""
    if len(nodes) != 1:
        return None
    node = nodes[0]
    if isinstance(node, exp.Literal):
        return str(node.name) if node.is_string else None
    if isinstance(node, (exp.DPipe, exp.Add)):
        parts = [_text([node.this]), _text([node.expression])]
    elif isinstance(node, exp.Concat):
        parts = [_text([part]) for part in node.expressions]
    else:
        return None
    return "".join(part for part in parts if part) if all(part is not None for part in parts) else None


def _computed(argument: Any, naming: Naming) -> Table | None:
    text = _text([argument])
    if text:
        return tuple(naming.segment(part.strip('"`')) for part in text.split("."))
    if isinstance(argument, exp.Column) and all(isinstance(p, exp.Identifier) for p in argument.parts):
        names = tuple(_segment(part, naming) for part in argument.parts)
        return None if names[0].startswith(("$", "@", ":")) else names
    return None
