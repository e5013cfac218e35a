"""Line protocol: one JSON object with SQL per line in, one with edges per line out, in order.

In: ``{"id", "sql", "dialect", "schemas": {"db.schema.table": {"column": type} or [columns]}, "default_db",
"default_schema"}``. Out: ``{"tables": [[up, down]], "columns": [[up, down]], "kinds", "dataset_dependencies",
"reasons", "confidence", "error"}``; the result of a bare query is ``<output>``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from ingest.sql_lineage.catalog import Catalog
from ingest.sql_lineage.flows import (
    AGGREGATE,
    CAST,
    CONDITIONAL,
    DIRECT,
    EXPRESSION,
    IDENTITY,
    MASK,
    MASKED,
    MASKED_AGGREGATE,
    WINDOW,
)
from ingest.sql_lineage.model import OUTPUT, ColumnRef, ScriptLineage, Table
from ingest.sql_lineage.script import analyse_script

_KINDS = (
    (IDENTITY, "IDENTITY"),
    (CAST | EXPRESSION | MASK, "TRANSFORMATION"),
    (AGGREGATE | MASKED_AGGREGATE, "AGGREGATION"),
    (CONDITIONAL, "CONDITIONAL"),
    (WINDOW, "WINDOW"),
)
"""OpenLineage's words for our kinds."""


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The lineage of one request, as plain JSON values."""
    dialect = request.get("dialect") or "ansi"
    schemas = {
        tuple(name.split(".")): list(columns) for name, columns in (request.get("schemas") or {}).items()
    }
    script = analyse_script(
        request["sql"],
        dialect=dialect,
        catalog=Catalog(schemas, dialect=dialect),
        default_db=request.get("default_db"),
        default_schema=request.get("default_schema"),
    )
    return {"id": request.get("id"), **_edges(script), "error": _error(script)}


def _edges(script: ScriptLineage) -> dict[str, Any]:
    tables: dict[tuple[str | None, str], None] = {}
    ways: dict[tuple[str, str], int] = {}
    uses: dict[str, dict[str, None]] = {}
    for statement in script.visible():
        for source, target in statement.tables:
            if source is not None or target != OUTPUT:
                tables[_name(source) if source else None, _name(target)] = None
        for (up, down, _), mask in zip(statement.columns, statement.ways, strict=True):
            pair = _column(up), _column(down)
            ways[pair] = ways.get(pair, 0) | mask
        for source, target in statement.stars:
            ways.setdefault((f"{_name(source)}.*", f"{_name(target)}.*"), IDENTITY)
        for ref, _, kinds in statement.dependencies:
            uses.setdefault(_column(ref), {}).update(dict.fromkeys(kind.value for kind in kinds))
    reasons = [*script.reasons, *(reason for statement in script.statements for reason in statement.reasons)]
    return {
        "tables": [list(edge) for edge in tables],
        "columns": [list(edge) for edge in ways],
        "kinds": [[*edge, _kinds(mask)] for edge, mask in ways.items()],
        "masked": [list(edge) for edge, mask in ways.items() if mask & DIRECT and not mask & DIRECT & ~MASKED],
        "dataset_dependencies": [[ref, list(kinds)] for ref, kinds in uses.items()],
        "reasons": [[r.code.value, r.line, r.column, r.subject] for r in dict.fromkeys(reasons)],
        "confidence": script.confidence,
    }


def _kinds(mask: int) -> list[str]:
    return [name for bits, name in _KINDS if mask & bits]


def _error(script: ScriptLineage) -> str | None:
    return script.reasons[0].code.value if script.reasons and not script.statements else None


def _name(table: Table) -> str:
    return ".".join(part for part in table if part)


def _column(ref: ColumnRef) -> str:
    return f"{_name(ref.table)}.{ref.column}"


def serve(lines: Iterable[str], out: TextIO) -> None:
    """Answer every line; a line that is no request is answered with an error."""
    for line in lines:
        if not line.strip():
            continue
        try:
            result = answer(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            result = {"tables": [], "columns": [], "error": f"BAD_REQUEST {type(error).__name__}"}
        out.write(json.dumps(result) + "\n")
        out.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
