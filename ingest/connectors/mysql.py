"""MySQL and MariaDB: four queries of ``information_schema`` a database, whatever the number of tables.

View definitions are the ``SELECT`` that the server keeps, with every name qualified by its database.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from ingest.connectors.base import Capability, ConnectorConfig, Counter, Counters, Finding, connector
from ingest.connectors.figures import Dialect
from ingest.connectors.profiling import Target
from ingest.connectors.relational import LONGEST_VALUE, MOST_COUNTED, STATEMENT_TIMEOUT_S, Relational
from ingest.connectors.server import ServerConfig
from ingest.connectors.structure import Catalog, Reference, Relation, problem
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.profiles import SHAPED

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_COUNTERS = """
SELECT schema_name AS `database`, digest, digest_text AS `sql`, count_star AS calls,
       unix_timestamp(first_seen) AS since, unix_timestamp(last_seen) AS last
FROM performance_schema.events_statements_summary_by_digest
WHERE digest IS NOT NULL AND schema_name IS NOT NULL ORDER BY count_star DESC LIMIT 20000
"""
_COUNTS = "SELECT @@performance_schema"
_CANCEL_S = 2.0
_SHARE = 0.8  # of the driver's patience
_RELATIONS = """
SELECT t.table_name AS name, t.table_type AS kind, t.table_comment AS comment, t.table_rows AS row_count,
       t.data_length AS size_bytes, v.view_definition AS definition
FROM information_schema.tables t
LEFT JOIN information_schema.views v ON v.table_schema = t.table_schema AND v.table_name = t.table_name
WHERE t.table_schema = :schema AND t.table_type <> 'SEQUENCE'
"""
_COLUMNS = """
SELECT table_name AS relation, column_name AS name, column_type AS data_type, is_nullable = 'YES' AS nullable,
       ordinal_position AS ordinal, column_comment AS comment, column_key = 'PRI' AS primary_key
FROM information_schema.columns WHERE table_schema = :schema ORDER BY table_name, ordinal_position
"""
_KEYS = """
SELECT table_name AS relation, constraint_name AS name, column_name AS source, referenced_table_schema AS to_schema,
       referenced_table_name AS to_table, referenced_column_name AS target
FROM information_schema.key_column_usage
WHERE table_schema = :schema AND referenced_table_name IS NOT NULL
ORDER BY table_name, constraint_name, ordinal_position
"""
# By bytes: letters of one case would else be those of the other, as most collations have it.
_BYTES = "CAST({0} AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin"
_SHAPE = f"LEFT({_BYTES}, {SHAPED})"
for _pattern, _kind in (
    ("[0-9]", "9"), ("[^ -~]", "~"), ("[a-z]", "a"), ("[A-Z]", "A"), ("a{{4,}}", "a+"), ("A{{4,}}", "A+"),
):  # fmt: skip
    _SHAPE = f"REGEXP_REPLACE({_SHAPE}, '{_pattern}', '{_kind}')"
_DIALECT = Dialect(length="char_length({0})", shape=_SHAPE, shared=False)


class MySQLConfig(ServerConfig):
    """Connection to a MySQL or MariaDB server; its schemas are its databases."""

    schemes: ClassVar[tuple[str, ...]] = ("mysql", "mariadb")
    default_port: ClassVar[int] = 3306


@connector
class MySQL(Relational):
    kind: ClassVar[str] = "mysql"
    drivers: ClassVar[tuple[str, ...]] = ("sqlalchemy.dialects.mysql.pymysql", "pymysql")
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)
    Config: ClassVar[type[ConnectorConfig]] = MySQLConfig
    system_schemas: ClassVar[frozenset[str]] = frozenset(
        {"information_schema", "mysql", "performance_schema", "sys"}
    )

    def counters(self) -> Counters:
        """Of performance_schema, which tells no accounts, and does not leave out what PurSight itself asked."""
        with self._connection(self._first_database()) as connection:
            rows = connection.exec_driver_sql(_COUNTERS).all()
            [at] = connection.exec_driver_sql("SELECT unix_timestamp(now(6))").one()
        chosen = [row for row in rows if not self._config.chosen or row.database in self._config.chosen]
        return Counters(
            datetime.fromtimestamp(float(at), UTC),
            "",
            tuple(
                Counter(
                    f"{row.database}:{row.digest}",
                    row.sql or "",
                    int(row.calls),
                    "",
                    row.database,
                    datetime.fromtimestamp(float(row.since), UTC),
                    datetime.fromtimestamp(float(row.last), UTC),
                )
                for row in chosen
            ),
        )

    def _cancel(self, connection: Any) -> None:
        other = self._connect("", _CANCEL_S)
        try:
            other.cursor().execute(f"KILL QUERY {int(connection.thread_id())}")
        finally:
            other.close()

    def _descriptor(self, connection: Any) -> int | None:
        return None if connection._sock is None else int(connection._sock.fileno())

    def _findings(self, connection: Connection) -> tuple[Finding, ...]:
        counts = bool(connection.exec_driver_sql(_COUNTS).scalar_one())
        told = "Statements are counted." if counts else "The server runs without performance_schema=ON."
        return (*super()._findings(connection), Finding(Capability.USAGE, counts, told))

    def _identity(self) -> str:
        return str(self._config.identity())

    def _first_database(self) -> str:
        return str((*self._config.chosen, "")[0])

    def _create_engine(self, database: str) -> Engine:
        from sqlalchemy import create_engine

        return create_engine("mysql+pymysql://", creator=lambda: self._connect(database), pool_size=1)

    def _connect(self, database: str, most_s: float = STATEMENT_TIMEOUT_S) -> Any:
        import pymysql

        config, (host, port) = self._config, self._config.address
        seconds = min(self._access.timeout_s, most_s)
        pinned = self._access.resolve(host, port)
        connection = pymysql.connect(
            host=host,  # stays the name that TLS verifies; the socket below goes to the pinned address
            port=port,
            user=config.user,
            password=config.password.get_secret_value(),
            database=database or None,
            charset="utf8mb4",
            read_timeout=seconds,
            write_timeout=seconds,
            program_name="pursight",
            defer_connect=True,
            **self._tls(),
        )
        _greeted(connection, socket.create_connection((pinned, port), seconds), seconds)
        limit = min(seconds, STATEMENT_TIMEOUT_S)
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            _bounded(cursor.execute, limit)
        return connection

    def _tls(self) -> dict[str, Any]:
        mode = self._config.sslmode
        if mode in ("disable", "prefer"):
            return {"ssl_disabled": True} if mode == "disable" else {}
        authorities = self._config.sslrootcert
        known = str(self._access.local_path(authorities, field="sslrootcert")) if authorities else None
        context = ssl.create_default_context(cafile=known)
        context.check_hostname = mode == "verify-full"
        context.verify_mode = ssl.CERT_NONE if mode == "require" else ssl.CERT_REQUIRED
        return {"ssl": context}

    def _driver_error(self) -> type[Exception]:
        import pymysql

        error: type[Exception] = pymysql.MySQLError
        return error

    def _version(self, connection: Connection) -> str:
        from sqlalchemy import text

        version = str(connection.execute(text("SELECT version()")).scalar_one())
        return version if "MariaDB" in version else f"MySQL {version}"

    def _schemas(self, connection: Connection) -> tuple[str, ...]:
        return tuple(self._config.chosen) or super()._schemas(connection)

    def _relations(self, connection: Connection, schema: str) -> dict[str, Relation]:
        from sqlalchemy import text

        return {row.name: _relation(row) for row in connection.execute(text(_RELATIONS), {"schema": schema})}

    def _beginning(self, column: DiscoveredColumn) -> str:
        is_text = column.data_type.lower().endswith("text")
        return f"substr({{0}}, 1, {LONGEST_VALUE})" if is_text else "{0}"

    def _target(self, connection: Connection, dataset: DiscoveredDataset) -> Target:
        return replace(super()._target(connection, dataset), dialect=_DIALECT)

    def _limit(self, connection: Connection, seconds: float) -> None:
        # Before the driver gives up on its socket, so that the connection outlives a slow column.
        _bounded(
            connection.exec_driver_sql, min(seconds, _SHARE * self._access.timeout_s, STATEMENT_TIMEOUT_S)
        )

    def _lift(self, connection: Connection) -> None:
        if not connection.invalidated:
            _bounded(connection.exec_driver_sql, min(self._access.timeout_s, STATEMENT_TIMEOUT_S))

    def _catalog(self, connection: Connection, schema: str) -> Catalog:
        from sqlalchemy import text

        catalog = Catalog(self._relations(connection, schema))
        for row in connection.execute(text(_COLUMNS), {"schema": schema}):
            catalog.columns.setdefault(row.relation, []).append(
                DiscoveredColumn(
                    row.name,
                    row.data_type,
                    bool(row.nullable),
                    row.ordinal,
                    row.comment or None,
                    bool(row.primary_key),
                )
            )
        for name in catalog.relations.keys() - catalog.columns.keys():
            del catalog.relations[name]
            why = "Its columns cannot be read: it refers to something that is gone or hidden from this user."
            catalog.problems.append(problem("UNREADABLE", (schema, name), why))
        keys: dict[tuple[str, str], Reference] = {}
        for row in connection.execute(text(_KEYS), {"schema": schema}):
            before = keys.get((row.relation, row.name), Reference((), row.to_schema, row.to_table, ()))
            keys[row.relation, row.name] = Reference(
                (*before.columns, row.source), row.to_schema, row.to_table, (*before.to_columns, row.target)
            )
        for (relation, _), key in keys.items():
            catalog.references.setdefault(relation, []).append(key)
        return catalog


def _bounded(execute: Callable[[str], object], seconds: float) -> None:
    """Let the server end statements after ``seconds``: the one setting is MariaDB's, the other MySQL's."""
    import pymysql
    from sqlalchemy.exc import SQLAlchemyError

    for statement in (
        f"SET max_statement_time = {seconds}",
        f"SET max_execution_time = {int(seconds * 1000)}",
    ):
        with contextlib.suppress(pymysql.MySQLError, SQLAlchemyError):
            execute(statement)


def _greeted(connection: Any, opened: socket.socket, seconds: float) -> None:
    """Sign in within ``seconds``, though the driver bounds only the wait for each single byte."""
    late = threading.Event()

    def give_up() -> None:
        late.set()
        with contextlib.suppress(OSError):
            opened.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        connection.connect(opened)
    except Exception:
        if late.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()


def _relation(row: Any) -> Relation:
    if "VIEW" in row.kind:
        return Relation(Subtype.VIEW, definition=row.definition or None)
    # InnoDB's estimate of a small or new table is far off, and counting it costs nothing.
    rows = row.row_count if (row.row_count or 0) > MOST_COUNTED else None
    return Relation(Subtype.TABLE, row.comment, None, rows, row.size_bytes)
