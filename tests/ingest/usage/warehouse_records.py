"""What warehouses record themselves, as their makers document it, in DuckDB: the statements of the connectors are run there, translated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import duckdb
import sqlglot

from ingest.connectors.recorded import ACCESS_HISTORY, LINEAGE_TABLES

_TABLES = """
ATTACH ':memory:' AS snowflake; CREATE SCHEMA snowflake.account_usage;
CREATE TABLE snowflake.account_usage.access_history (query_id VARCHAR, query_start_time TIMESTAMPTZ, user_name VARCHAR,
  direct_objects_accessed JSON, base_objects_accessed JSON, objects_modified JSON);
ATTACH ':memory:' AS unity; CREATE SCHEMA unity.access;
CREATE TABLE unity.access.table_lineage (source_table_full_name VARCHAR, source_type VARCHAR, target_table_full_name VARCHAR,
  target_type VARCHAR, entity_type VARCHAR, event_time TIMESTAMPTZ, event_date DATE);
CREATE TABLE unity.access.column_lineage (source_table_full_name VARCHAR, source_type VARCHAR, source_column_name VARCHAR,
  target_table_full_name VARCHAR, target_type VARCHAR, target_column_name VARCHAR, entity_type VARCHAR, event_time TIMESTAMPTZ,
  event_date DATE);
"""


def named(name: str, *columns: str, domain: str = "Table") -> dict[str, Any]:
    """An object as ACCESS_HISTORY names it."""
    told = {"objectDomain": domain, "objectId": len(name), "objectName": name}
    return told | {"columns": [{"columnId": n, "columnName": each} for n, each in enumerate(columns)]}


def written(name: str, domain: str = "Table", **columns: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """One that was modified: each column with the (object, column) pairs that it was directly filled from."""
    return {
        "objectDomain": domain,
        "objectId": len(name),
        "objectName": name,
        "columns": [
            {
                "columnId": n,
                "columnName": column,
                "directSources": [
                    {"columnName": one, "objectDomain": "Table", "objectId": 1, "objectName": table}
                    for table, one in sources
                ],
                "baseSources": [],
            }
            for n, (column, sources) in enumerate(columns.items())
        ],
    }


class Records:
    """The views of both makers; ``asked`` are the statements as the connectors wrote them."""

    def __init__(self) -> None:
        self._db = duckdb.connect()
        self._db.execute(_TABLES)
        self.asked: list[str] = []

    def access(self, at: datetime, accessed: list[Any], modified: list[Any]) -> None:
        row = ("01b2", at, "ETL", json.dumps(accessed), "[]", json.dumps(modified))
        self._db.execute("INSERT INTO snowflake.account_usage.access_history VALUES (?, ?, ?, ?, ?, ?)", row)

    def flow(self, at: datetime, source: str | None, target: str | None, *columns: str | None) -> None:
        """A row of the column lineage where two columns are named, else of the table lineage."""
        place = (at, at.date())
        if columns:
            row = (source, "TABLE", columns[0], target, "TABLE", columns[1], "JOB", *place)
            self._db.execute(
                "INSERT INTO unity.access.column_lineage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row
            )
        else:
            one = (source, "TABLE", target, "TABLE", "JOB", *place)
            self._db.execute("INSERT INTO unity.access.table_lineage VALUES (?, ?, ?, ?, ?, ?, ?)", one)

    def answer(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a statement of a connector, which is one of the two that it has."""
        self.asked.append(statement)
        reader = "snowflake" if statement.startswith(ACCESS_HISTORY[:40]) else "databricks"
        assert reader == "snowflake" or statement.startswith(LINEAGE_TABLES[:40])
        (here,) = sqlglot.transpile(statement, read=reader, write="duckdb")
        here = here.replace("ARRAY_LENGTH(", "json_array_length(").replace("system.access", "unity.access")
        return [tuple(row) for row in self._db.cursor().execute(here).fetchall()]
