"""SQLite files, opened read-only. View definitions are the whole ``CREATE VIEW`` statement, as SQLite keeps it."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from ingest.connectors.base import ConnectorConfig, connector
from ingest.connectors.embedded import EmbeddedConfig
from ingest.connectors.figures import Dialect
from ingest.connectors.profiling import Target
from ingest.connectors.relational import LONGEST_VALUE, STATEMENT_TIMEOUT_S, Relational
from ingest.connectors.structure import Catalog
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.profiles import shape_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_TYPES = """
SELECT m.name, c.name, c.type FROM main.sqlite_master m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table'
"""
# A column's type binds no value: a text in a column of numbers or times is not one, and must not be told.
_DIALECT = Dialect(
    text="CAST({0} AS TEXT)",
    number="CASE WHEN typeof({0}) IN ('integer', 'real') THEN {0} END",
    time="CASE WHEN typeof({0}) = 'text' THEN datetime({0}) END",
    shape="pursight_shape({0})",
)


class SQLiteConfig(EmbeddedConfig):
    """One SQLite file."""

    scheme: ClassVar[str] = "sqlite"


@connector
class SQLite(Relational):
    kind: ClassVar[str] = "sqlite"
    drivers: ClassVar[tuple[str, ...]] = ("sqlalchemy.dialects.sqlite.pysqlite",)
    Config: ClassVar[type[ConnectorConfig]] = SQLiteConfig

    def _identity(self) -> str:
        self._seconds: float = STATEMENT_TIMEOUT_S
        self._path = self._config.file(self._access)
        return str(self._config.identity(self._path))

    def _first_database(self) -> str:
        return ""

    def _create_engine(self, database: str) -> Engine:
        from sqlalchemy import create_engine, event
        from sqlalchemy.pool import QueuePool

        found = create_engine("sqlite://", creator=self._connect, poolclass=QueuePool, pool_size=1)
        event.listen(found, "before_cursor_execute", self._begin)
        return found

    def _connect(self) -> Any:
        connection = sqlite3.connect(
            f"{self._path.as_uri()}?mode=ro",
            uri=True,
            timeout=self._access.timeout_s,
            check_same_thread=False,
        )
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")  # views must not call functions with side effects
        connection.create_function("pursight_shape", 1, _shape, deterministic=True)
        return connection

    def _driver_error(self) -> type[Exception]:
        return sqlite3.Error

    def _version(self, connection: Connection) -> str:
        from sqlalchemy import text

        connection.execute(
            text("SELECT count(*) FROM main.sqlite_master")
        )  # fails here if it is another kind of file
        return f"SQLite {sqlite3.sqlite_version}"

    def _schemas(self, connection: Connection) -> tuple[str, ...]:
        return ("main",)

    def _beginning(self, column: DiscoveredColumn) -> str:
        return f"CASE WHEN typeof({{0}}) = 'text' THEN substr({{0}}, 1, {LONGEST_VALUE}) ELSE {{0}} END"

    def _target(self, connection: Connection, dataset: DiscoveredDataset) -> Target:
        return replace(super()._target(connection, dataset), dialect=_DIALECT)

    def _limit(self, connection: Connection, seconds: float) -> None:
        self._seconds = seconds

    def _lift(self, connection: Connection) -> None:
        self._seconds = STATEMENT_TIMEOUT_S

    def _begin(self, connection: Connection, *_: Any) -> None:
        """Interrupt what takes longer from now on; a connection lives longer than one statement may."""
        deadline = time.monotonic() + self._seconds
        raw: Any = connection.connection.dbapi_connection
        raw.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)

    def _columns(
        self, connection: Connection, schema: str, found: Catalog
    ) -> dict[str, list[DiscoveredColumn]]:
        from sqlalchemy import text

        kinds = {(relation, name): kind for relation, name, kind in connection.execute(text(_TYPES))}
        return {
            relation: [replace(c, data_type=kinds.get((relation, c.name), c.data_type)) for c in columns]
            for relation, columns in super()._columns(connection, schema, found).items()
        }

    def _database_of(self, dataset: DiscoveredDataset) -> str:
        return ""


def _shape(value: object) -> str | None:
    return None if value is None else shape_of(str(value))
