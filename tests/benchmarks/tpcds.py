"""Our own statements of the class of TPC-DS over its schema, for the benchmark and for the check against another engine."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from ingest.sql_lineage import Catalog

_FOLDER = Path(__file__).parents[1] / "data" / "tpcds"


@cache
def schema() -> dict[str, list[str]]:
    """Columns by table."""
    read = json.loads((_FOLDER / "schema.json").read_text())
    return {table: columns.split() for table, columns in read.items()}


@cache
def catalog() -> Catalog:
    tables = {(table,): columns for table, columns in schema().items()}
    return Catalog({**tables, ("wide",): [f"c{i}" for i in range(2000)]}, dialect="postgres")


@cache
def statements() -> tuple[str, ...]:
    text = (_FOLDER / "statements.sql").read_text()
    return tuple(part.strip() for part in text.split(";\n") if part.strip())
