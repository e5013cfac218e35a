"""Line protocol: one JSON object with SQL per line in, one with edges per line out, in order.

In: ``{"id", "sql", "dialect", "schemas": {"db.schema.table": {"column": type} or [columns]}, "default_db",
"default_schema", "settings"}``; without a dialect it is detected, and ``settings`` are members of ``Conventions``.
Out: ``{"id", "dialect", "tables": [[up, down]], "columns": [[up, down]], "kinds", "masked", "dataset_dependencies",
"candidates", "statements", "reasons", "confidence", "error"}``; the result of a bare query is ``<output>``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any, TextIO

from ingest.isolation import Isolated, Lost
from ingest.sql_lineage.catalog import Catalog
from ingest.sql_lineage.detection import detect
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
    SELECTION,
    WINDOW,
)
from ingest.sql_lineage.model import (
    CONFIDENCE,
    OUTPUT,
    ColumnRef,
    Conventions,
    Reason,
    ReasonCode,
    ScriptLineage,
    StatementLineage,
    Table,
)

TIMEOUT_S = 10.0
_KINDS = (
    (IDENTITY, "IDENTITY"),
    (CAST | EXPRESSION | MASK, "TRANSFORMATION"),
    (SELECTION | AGGREGATE | MASKED_AGGREGATE, "AGGREGATION"),
    (CONDITIONAL, "CONDITIONAL"),
    (WINDOW, "WINDOW"),
)
"""OpenLineage's words for our kinds."""
_conventions = Conventions()


def answer(request: Mapping[str, Any], settings: Conventions = Conventions()) -> dict[str, Any]:
    """The lineage of one request, as plain JSON values."""
    from ingest.sql_lineage.script import analyse_script

    dialect = request.get("dialect") or detect(request["sql"])
    schemas = {
        tuple(name.split(".")): list(columns) for name, columns in (request.get("schemas") or {}).items()
    }
    script = analyse_script(
        request["sql"],
        dialect=dialect,
        catalog=Catalog(schemas, dialect=dialect),
        default_db=request.get("default_db"),
        default_schema=request.get("default_schema"),
        settings=replace(settings, **(request.get("settings") or {})),
    )
    return {"id": request.get("id"), "dialect": dialect, **_edges(script), "error": _error(script)}


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
        "masked": [
            list(edge) for edge, mask in ways.items() if mask & DIRECT and not mask & DIRECT & ~MASKED
        ],
        "dataset_dependencies": [[ref, list(kinds)] for ref, kinds in uses.items()],
        "candidates": list(dict.fromkeys(c for s in script.statements for c in _candidates(s))),
        "statements": [_statement(statement) for statement in script.statements],
        "reasons": _reasons(dict.fromkeys(reasons)),
        "confidence": script.confidence,
    }


def _statement(statement: StatementLineage) -> dict[str, Any]:
    return {
        "line": statement.line,
        "target": _name(statement.target or OUTPUT),
        "confidence": statement.confidence,
        "reasons": _reasons(statement.reasons),
    }


def _candidates(statement: StatementLineage) -> list[tuple[str, tuple[str, ...]]]:
    return [(c.column, tuple(_name(table) for table in c.tables)) for c in statement.candidates]


def _reasons(reasons: Iterable[Reason]) -> list[list[Any]]:
    return [[r.code.value, r.line, r.column, r.subject] for r in reasons]


def _kinds(mask: int) -> list[str]:
    return [name for bits, name in _KINDS if mask & bits]


def _error(script: ScriptLineage) -> str | None:
    return script.reasons[0].code.value if script.reasons and not script.statements else None


def _name(table: Table) -> str:
    return ".".join(part for part in table if part)


def _column(ref: ColumnRef) -> str:
    return f"{_name(ref.table)}.{ref.column}"


def _prepare(settings: dict[str, Any]) -> None:
    import ingest.sql_lineage.script  # noqa: F401  the child's first import, outside of any line's time

    global _conventions
    _conventions = Conventions(**settings)


def _line(line: str) -> str:
    """The answer to one line; runs in the child process."""
    try:
        return json.dumps(answer(json.loads(line), _conventions))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return json.dumps({"tables": [], "columns": [], "error": f"BAD_REQUEST {type(error).__name__}"})


def _lost(line: str, code: str) -> str:
    """The answer to a line that its process did not survive."""
    empty = _edges(ScriptLineage(reasons=(Reason(ReasonCode(code)),)))
    confidence = CONFIDENCE[ReasonCode(code)]
    return json.dumps({"id": json.loads(line).get("id"), **empty, "confidence": confidence, "error": code})


def serve(
    lines: Iterable[str],
    out: TextIO,
    settings: Conventions = Conventions(),
    *,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Answer every line, in a child process; a line that is no request, or that kills the child, costs itself alone."""
    isolated: Isolated[str, str] = Isolated(_line, _prepare, (asdict(settings),), timeout_s=timeout_s)
    try:
        for line in lines:
            if line.strip():
                found = isolated.ask(line)
                out.write((_lost(line, found.code) if isinstance(found, Lost) else found) + "\n")
                out.flush()
    finally:
        isolated.stop()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
