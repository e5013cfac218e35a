"""PostgreSQL: the catalogue in a few queries, estimates of row counts, samples by block.

View definitions are the ``SELECT`` of ``pg_get_viewdef``. Partitions are not datasets of their own: their parent is.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from ingest.connectors.base import Capability, ConnectorConfig, Counter, Counters, Finding, connector
from ingest.connectors.figures import Dialect, Family, shape
from ingest.connectors.profiling import Target
from ingest.connectors.relational import BIG_TABLE, LONGEST_VALUE, STATEMENT_TIMEOUT_S, Relational
from ingest.connectors.selects import selecting
from ingest.connectors.server import ServerConfig
from ingest.connectors.structure import Catalog, Relation
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.errors import ConnectionFailed
from schema.ids import Urn

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection, Engine, FromClause

_NO_STATEMENTS = "The extension pg_stat_statements is not in the source's first database."
_CREATE = (
    "Load it by shared_preload_libraries, CREATE EXTENSION pg_stat_statements, and grant pg_read_all_stats."
)
_CANCEL_S = 2.0
_MARGIN_S = 5  # the server itself ends a statement before we stop listening
_SUBTYPES = {"v": Subtype.VIEW, "m": Subtype.MATERIALIZED_VIEW, "f": Subtype.FOREIGN_TABLE}
_RELATIONS = """
SELECT c.relname AS name, c.relkind AS kind, obj_description(c.oid, 'pg_class') AS comment,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
       CASE WHEN c.relkind IN ('r', 'm', 'p') AND c.reltuples >= 0 AND c.relpages > 0 THEN c.reltuples END AS row_count,
       CASE WHEN c.relkind IN ('r', 'm') THEN c.relpages::bigint * current_setting('block_size')::int END AS size_bytes
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
"""
# What SQLAlchemy would read in three statements, and turn into types of its own, which takes several times as long.
_COLUMNS = """
SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
       NOT (a.attnotnull OR t.typtype = 'd' AND t.typnotnull), d.description, coalesce(a.attnum = ANY(k.conkey), false)
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
LEFT JOIN pg_catalog.pg_description d
  ON d.objoid = c.oid AND d.objsubid = a.attnum AND d.classoid = 'pg_catalog.pg_class'::regclass
WHERE n.nspname = :schema AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY c.relname, a.attnum
"""
_DATABASES = """
SELECT datname FROM pg_catalog.pg_database
WHERE datallowconn AND NOT datistemplate AND has_database_privilege(datname, 'CONNECT') ORDER BY datname
"""
_SCHEMAS = """
SELECT nspname FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND has_schema_privilege(oid, 'USAGE') ORDER BY nspname
"""
_STATEMENTS = """
SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
"""
_COUNTERS = """
SELECT r.rolname AS account, d.datname AS database, s.queryid, left(min(s.query), 200000) AS sql, sum(s.calls) AS calls
FROM {schema}.pg_stat_statements s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
JOIN pg_catalog.pg_roles r ON r.oid = s.userid
WHERE r.rolname <> current_user
GROUP BY r.rolname, d.datname, s.queryid ORDER BY calls DESC LIMIT 20000
"""
_EXPLAIN = "EXPLAIN (FORMAT JSON) "
_EXPLAIN_PARTS = "EXPLAIN (VERBOSE, FORMAT JSON) "
_TEXTS = ("text", "varchar", "bpchar", "name", 0)  # 0 stands for types that the driver does not know
_AIM = 0.8  # of the rows wanted, so that the limit seldom cuts off the blocks that come last
_DRAWN = (Subtype.TABLE, Subtype.MATERIALIZED_VIEW)  # what TABLESAMPLE takes
_STATISTICS = """
SELECT c.relname, a.attname, t.typcategory, t.typname, s.n_distinct
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
  AND s.inherited = (c.relkind = 'p')
WHERE n.nspname = :schema AND c.relname = ANY(:names) AND a.attnum > 0 AND NOT a.attisdropped
"""
# Domains have the category of what they are made of; an enumeration is a text to whoever reads it.
_FAMILIES = {"N": Family.NUMBER, "D": Family.TIME, "S": Family.TEXT, "E": Family.TEXT, "B": Family.COMPARED}
_DIALECT = Dialect(
    text="CAST({0} AS text)", length="length(CAST({0} AS text))", shape=shape("CAST({0} AS text)")
)


@dataclass(frozen=True, slots=True)
class _Estimates:
    """Rows of a dataset as the planner expects them; of its columns name, category and name of the type, and distinct values."""

    rows: int
    columns: Sequence[Sequence[Any]]


class PostgresConfig(ServerConfig):
    """Connection to a PostgreSQL server; a host that begins with a slash is the folder of its socket."""

    schemes: ClassVar[tuple[str, ...]] = ("postgres", "postgresql")
    default_port: ClassVar[int] = 5432


@connector
class Postgres(Relational):
    kind: ClassVar[str] = "postgres"
    drivers: ClassVar[tuple[str, ...]] = ("sqlalchemy.dialects.postgresql.psycopg", "psycopg")
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)
    Config: ClassVar[type[ConnectorConfig]] = PostgresConfig

    def __init__(self, config: Any, *, access: NetworkPolicy) -> None:
        super().__init__(config, access=access)
        self._ahead: dict[Urn, _Estimates] = {}

    def counters(self) -> Counters:
        """Of pg_stat_statements; raises ``ConnectionFailed`` where it is not installed in the first database."""
        from sqlalchemy import text

        with self._connection(self._first_database()) as connection:
            schema = connection.execute(text(_STATEMENTS)).scalar_one_or_none()
            if schema is None:
                raise ConnectionFailed("NOT_FOUND", _NO_STATEMENTS, _CREATE)
            quoted = '"' + str(schema).replace('"', '""') + '"'
            rows = connection.exec_driver_sql(_COUNTERS.replace("{schema}", quoted)).all()
            info = f"SELECT stats_reset FROM {quoted}.pg_stat_statements_info"  # noqa: S608 - quoted
            reset = connection.exec_driver_sql(info).scalar_one()
            at = connection.exec_driver_sql("SELECT now()").scalar_one()
        told = [row for row in rows if row.queryid is not None]
        chosen = [row for row in told if not self._config.chosen or row.database in self._config.chosen]
        return Counters(
            at.astimezone(UTC),
            reset.isoformat(),
            tuple(
                Counter(
                    f"{row.account}:{row.database}:{row.queryid}",
                    row.sql,
                    int(row.calls),
                    row.account,
                    row.database,
                    reset.astimezone(UTC),
                )
                for row in chosen
            ),
            len(rows) - len(told),
        )

    def _identity(self) -> str:
        return str(self._config.identity())

    def _first_database(self) -> str:
        return str((*self._config.chosen, "postgres")[0])

    def _databases(self) -> tuple[str, ...]:
        from sqlalchemy import text

        if self._config.chosen:
            return tuple(self._config.chosen)
        with self._connection(self._first_database()) as connection:
            return tuple(connection.execute(text(_DATABASES)).scalars())

    def _findings(self, connection: Connection) -> tuple[Finding, ...]:
        from sqlalchemy import text

        found = connection.execute(text(_STATEMENTS)).scalar_one_or_none() is not None
        told = "Statements are counted by pg_stat_statements." if found else f"{_NO_STATEMENTS} {_CREATE}"
        return (*super()._findings(connection), Finding(Capability.USAGE, found, told))

    def _create_engine(self, database: str) -> Engine:
        from sqlalchemy import create_engine

        return create_engine(
            "postgresql+psycopg://", creator=lambda: self._connect(database), pool_size=1, max_overflow=1
        )

    def _connect(self, database: str) -> Any:
        import psycopg

        config, (host, port) = self._config, self._config.address
        options: dict[str, Any] = {"sslmode": config.sslmode}
        if config.sslrootcert:
            options["sslrootcert"] = str(self._access.local_path(config.sslrootcert, field="sslrootcert"))
        if host.startswith("/"):
            self._access.permit_socket(host)
        else:
            options["hostaddr"] = self._access.resolve(
                host, port
            )  # the host itself stays the name that TLS verifies
        connection = _bounded().connect(
            host=host,
            port=port,
            user=config.user or None,
            password=config.password.get_secret_value(),
            passfile="/dev/null",  # no password of this machine's user may go to a source
            dbname=database,
            connect_timeout=max(2, int(self._access.timeout_s)),
            application_name="pursight",
            autocommit=True,
            **options,
        )
        with contextlib.suppress(psycopg.Error):  # engines that only speak like PostgreSQL lack some of them
            connection.execute("SET default_transaction_read_only = on")
            connection.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT_S}s'")
            connection.execute("SET lock_timeout = '5s'")
        if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
            _read_leniently(connection)
        connection.autocommit = False
        return connection

    def _cancel(self, connection: Any) -> None:
        connection.cancel_safe(timeout=_CANCEL_S)

    def _descriptor(self, connection: Any) -> int | None:
        return int(connection.fileno())

    def _driver_error(self) -> type[Exception]:
        import psycopg

        return psycopg.Error

    def _version(self, connection: Connection) -> str:
        from sqlalchemy import text

        return "PostgreSQL " + str(connection.execute(text("SHOW server_version")).scalar_one())

    def _schemas(self, connection: Connection) -> tuple[str, ...]:
        from sqlalchemy import text

        return tuple(self._config.schemas or connection.execute(text(_SCHEMAS)).scalars())

    def _relations(self, connection: Connection, schema: str) -> dict[str, Relation]:
        from sqlalchemy import text

        return {
            row.name: Relation(
                _SUBTYPES.get(row.kind, Subtype.TABLE),
                row.comment,
                row.definition,
                None if row.row_count is None else int(row.row_count),
                row.size_bytes,
            )
            for row in connection.execute(text(_RELATIONS), {"schema": schema})
        }

    def _columns(
        self, connection: Connection, schema: str, catalog: Catalog
    ) -> dict[str, list[DiscoveredColumn]]:
        from sqlalchemy import text

        found: dict[str, list[DiscoveredColumn]] = {name: [] for name in catalog.relations}
        rows = connection.execute(text(_COLUMNS), {"schema": schema})
        for relation, name, data_type, nullable, comment, primary in rows:
            if (columns := found.get(relation)) is not None:
                columns.append(
                    DiscoveredColumn(name, data_type, nullable, len(columns) + 1, comment or None, primary)
                )
        return found

    def _sources(self, dataset: DiscoveredDataset, rows: int) -> list[FromClause]:
        from sqlalchemy import func, tablesample

        whole = self._table(dataset)
        if dataset.subtype is not Subtype.TABLE or (dataset.row_count or 0) < BIG_TABLE:
            return [whole]
        percent = min(100.0, 20 * 100 * rows / (dataset.row_count or 1))
        return [tablesample(whole, func.system(percent)), whole]

    def look_ahead(self, datasets: Sequence[DiscoveredDataset]) -> None:
        by_place: dict[tuple[str, str], list[DiscoveredDataset]] = {}
        for dataset in datasets:
            by_place.setdefault((self._database_of(dataset), dataset.path[-2]), []).append(dataset)
        self._ahead = {}
        for (database, _), some in by_place.items():
            with self._connection(database, autocommit=False) as connection:
                self._ahead |= self._estimates(connection, some)

    def _estimates(
        self, connection: Connection, datasets: Sequence[DiscoveredDataset]
    ) -> dict[Urn, _Estimates]:
        """What the engine thinks of datasets of one schema; the planner may leave out some of several."""
        from sqlalchemy import text

        found: dict[str, list[Sequence[Any]]] = {dataset.path[-1]: [] for dataset in datasets}
        asked = {"schema": datasets[0].path[-2], "names": list(found)}
        for name, *row in connection.execute(text(_STATISTICS), asked):
            found[name].append(row)
        rows = self._planned_rows(connection, [self._table(dataset) for dataset in datasets])
        return {d.urn: _Estimates(rows[n], found[d.path[-1]]) for n, d in enumerate(datasets) if n in rows}

    def _beginning(self, column: DiscoveredColumn) -> str:
        kind = column.data_type.lower()
        is_text = kind == "text" or (kind.startswith("character varying") and not kind.endswith("]"))
        return f"substr({{0}}, 1, {LONGEST_VALUE})" if is_text else "{0}"

    def _target(self, connection: Connection, dataset: DiscoveredDataset) -> Target:
        from sqlalchemy import func, literal_column, tablesample

        whole = self._table(dataset)
        ahead = self._ahead.pop(dataset.urn, None)
        estimates = ahead or self._estimates(connection, [dataset])[dataset.urn]
        rows, known = estimates.rows, estimates.columns

        def select(names: Sequence[str], wanted: int) -> list[str]:
            sources = [whole]
            if dataset.subtype in _DRAWN and rows > 2 * wanted:
                percent = func.system(100 * _AIM * wanted / rows)
                # Of an unchanged table the same blocks, for all columns and at every scan.
                sources.insert(0, tablesample(whole, percent, seed=literal_column("1")))
            return [selecting(connection, source, names, wanted) for source in sources]

        return Target(
            _DIALECT,
            rows,
            select,
            lambda query, seconds: self._answer(connection, query, seconds),
            {column: _family(category, kind) for column, category, kind, _ in known},
            {column: float(share) for column, _, _, share in known if share},
        )

    def _planned_rows(self, connection: Connection, sources: Sequence[FromClause]) -> dict[int, int]:
        """What the planner expects of each, of views too; it looks at the files' present sizes and reads no row."""
        from sqlalchemy import literal_column, select

        parts: list[Any] = [
            select(literal_column(str(n))).select_from(source) for n, source in enumerate(sources)
        ]
        query = " UNION ALL ".join(str(part.compile(dialect=connection.dialect)) for part in parts)
        options = connection.execution_options(no_parameters=True)
        if len(parts) > 1:
            # A plan for several processes would tell of the rows of one.
            options.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather = 0")
        explain = _EXPLAIN if len(parts) == 1 else _EXPLAIN_PARTS
        [[plan]] = options.exec_driver_sql(explain + query.replace("%%", "%")).fetchall()
        connection.rollback()
        if len(parts) == 1:
            return {0: int(plan[0]["Plan"]["Plan Rows"])}
        rows: dict[int, int] = {}
        # Parts of parts stand beside each other here, as partitions do: their number tells of which source they are.
        for part in plan[0]["Plan"]["Plans"]:
            if len(part.get("Output", ())) == 1 and part["Output"][0].isdecimal():
                n = int(part["Output"][0])
                rows[n] = rows.get(n, 0) + int(part["Plan Rows"])
        return rows

    def _limit(self, connection: Connection, seconds: float) -> None:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")


def _family(category: str, name: str) -> Family:
    return Family.COMPARED if name == "uuid" else _FAMILIES.get(category, Family.OPAQUE)


def _read_leniently(connection: psycopg.Connection[Any]) -> None:
    """The server knows no encoding: its texts are UTF-8 as a rule, and the driver would hand them over as bytes.

    As client encoding UTF-8 would not do, since then the server refuses a text that is something else.
    """
    from psycopg.adapt import Loader

    class Lenient(Loader):
        def load(self, data: bytes | bytearray | memoryview) -> str:
            return bytes(data).decode("utf-8", "replace")

    for name in _TEXTS:
        connection.adapters.register_loader(name, Lenient)


@cache
def _bounded() -> type[psycopg.Connection[Any]]:
    """A connection whose every wait ends, even for a server that accepts a statement and then says nothing."""
    import psycopg
    from psycopg.abc import RV, PQGen

    class BoundedConnection(psycopg.Connection[Any]):
        def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
            limit = timeout or STATEMENT_TIMEOUT_S + _MARGIN_S
            begun = time.monotonic()
            try:
                return super().wait(gen, interval, limit)
            except psycopg.Error:
                if time.monotonic() - begun < limit:
                    raise
                self.close()
                raise TimeoutError from None

    return BoundedConnection
