"""Any database with a SQLAlchemy dialect: tables, views, columns, comments, keys, row counts, samples.

View definitions are handed over as the engine writes them: a ``SELECT`` from most, ``CREATE VIEW ...`` from SQLite.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, SecretStr

from ingest.connectors.base import Capability, CheckReport, ConnectorConfig, Finding, Sample, connector
from ingest.connectors.failures import failure, missing_driver
from ingest.connectors.server import bad_url
from ingest.connectors.structure import Catalog, Place, Reference, Relation, datasets, problem
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.platforms import canonical_namespace, platform_of
from schema.domain.scans import Problem
from schema.errors import ConnectionFailed

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine, FromClause, Inspector

STATEMENT_TIMEOUT_S = 60
MOST_COUNTED = 10_000  # rows that are counted one by one where the engine has no estimate
BIG_TABLE = 100_000  # rows from which a sample is drawn by block instead of from the top
LONGEST_VALUE = 4096  # characters of a sampled value that are looked at
_MOST_SAMPLED = 64 * 1024 * 1024  # characters of one sample
_BINARY = ("bytea", "blob", "binary", "image", "raw", "geometry", "geography")
_PACKAGES = {
    "mssql": "pyodbc",
    "oracle": "oracledb",
    "snowflake": "snowflake-sqlalchemy",
    "redshift": "sqlalchemy-redshift",
    "bigquery": "sqlalchemy-bigquery",
    "databricks": "databricks-sqlalchemy",
    "trino": "trino",
    "clickhouse": "clickhouse-sqlalchemy",
    "duckdb": "duckdb-engine",
    "cockroachdb": "sqlalchemy-cockroachdb",
    "db2": "ibm-db-sa",
    "hive": "pyhive",
    "teradatasql": "teradatasqlalchemy",
}
# Parameters of a URL that cannot lead to another server or file.
_HARMLESS = frozenset(
    {
        "charset",
        "sslmode",
        "ssl",
        "encrypt",
        "trustservercertificate",
        "driver",
        "warehouse",
        "role",
        "catalog",
        "schema",
        "application_name",
        "service_name",
        "protocol",
        "timeout",
    }
)


class RelationalConfig(ConnectorConfig):
    """Connection through any installed dialect."""

    url: SecretStr = Field(description="SQLAlchemy URL: dialect+driver://user:password@host:port/database.")
    schemas: tuple[str, ...] = Field(
        default=(), description="Schemas to read; all but the system's if empty."
    )
    namespace: str = Field(default="", description="Identity of the server if it is not its address.")


@connector
class Relational:
    """The generic connector; the first-class engines refine it."""

    kind: ClassVar[str] = "relational"
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)
    Config: ClassVar[type[ConnectorConfig]] = RelationalConfig
    system_schemas: ClassVar[frozenset[str]] = frozenset(
        {"information_schema", "pg_catalog", "pg_toast", "sys"}
    )

    def __init__(self, config: Any, *, access: NetworkPolicy) -> None:
        self._config, self._access = config, access
        self._engines: dict[str, Engine] = {}
        self._namespace = self._identity()

    @property
    def namespace(self) -> str:
        return self._namespace

    def check(self) -> CheckReport:
        begun = time.perf_counter()
        with self._connection(self._first_database()) as connection:
            version = self._version(connection)
            latency_ms = (time.perf_counter() - begun) * 1000
            return CheckReport(self.namespace, version, round(latency_ms, 1), self._findings(connection))

    def discover(
        self, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> Iterator[DiscoveredDataset | Problem]:
        databases = self._databases()
        for database in databases:
            try:
                yield from self._discover_database(database, include, exclude)
            except ConnectionFailed as error:
                if len(databases) == 1:
                    raise
                yield problem(error.cause, (database,), error.message)

    def sample(self, dataset: DiscoveredDataset, rows: int) -> Sample:
        names = tuple(c.name for c in dataset.columns if not c.data_type.lower().startswith(_BINARY))
        found: list[Sequence[object]] = []
        if names and rows > 0:
            with self._connection(self._database_of(dataset), autocommit=False) as connection:
                for source in self._sources(dataset, rows):
                    found = _fetched(connection, source, names, rows)
                    if len(found) >= rows:
                        break
        return Sample(names, {name: [shortened(row[i]) for row in found] for i, name in enumerate(names)})

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()

    # What an engine may refine

    def _identity(self) -> str:
        url = _parsed(self._config.url)
        port = f":{url.port}" if url.port else ""
        return canonical_namespace(
            self._config.namespace or f"{url.get_backend_name()}://{url.host or ''}{port}"
        )

    def _first_database(self) -> str:
        return _parsed(self._config.url).database or ""

    def _databases(self) -> tuple[str, ...]:
        return (self._first_database(),)

    def _create_engine(self, database: str) -> Engine:
        from sqlalchemy import create_engine

        url = _parsed(self._config.url)
        if not self._access.allow_private and any(key.lower() not in _HARMLESS for key in url.query):
            raise bad_url("The URL has a parameter that could lead to another address.")
        if url.get_backend_name() in ("sqlite", "duckdb"):
            raise bad_url(f"Files of {url.get_backend_name()} have a connector of their own, of that type.")
        if url.host:
            port = url.port or platform_of(self.namespace).default_port or 0
            url = url.set(host=self._access.resolve(url.host, port))
        else:
            self._access.permit_socket()
        option = _TIMEOUT_OPTIONS.get(url.get_driver_name())
        return create_engine(
            url, connect_args={option: max(1, int(self._access.timeout_s))} if option else {}
        )

    def _version(self, connection: Connection) -> str:
        known = connection.dialect.server_version_info
        return f"{connection.dialect.name} {'.'.join(map(str, known))}" if known else connection.dialect.name

    def _schemas(self, connection: Connection) -> tuple[str, ...]:
        """Names of the schemas to read; an empty name is the connection's own."""
        from sqlalchemy import inspect

        if self._config.schemas:
            return tuple(self._config.schemas)
        names = inspect(connection).get_schema_names()
        return tuple(name for name in names if name.lower() not in self.system_schemas) or ("",)

    def _relations(self, connection: Connection, schema: str) -> dict[str, Relation]:
        from sqlalchemy import inspect

        inspector = inspect(connection)
        found = {name: Relation() for name in inspector.get_table_names(schema or None)}
        views = {name: Subtype.VIEW for name in _optional(inspector.get_view_names, schema)}
        views |= {
            n: Subtype.MATERIALIZED_VIEW for n in _optional(inspector.get_materialized_view_names, schema)
        }
        for name, subtype in views.items():
            found[name] = Relation(subtype, definition=_definition(inspector, name, schema))
        for name, comment in _multiple(inspector, "table_comment", schema, found).items():
            if isinstance(comment, Mapping):
                found[name] = replace(found[name], comment=comment["text"])
        return found

    def _native_types(self, connection: Connection, schema: str) -> dict[tuple[str, str], str]:
        """The engine's own text of column types where the dialect's reading of them loses something."""
        return {}

    def _sources(self, dataset: DiscoveredDataset, rows: int) -> list[FromClause]:
        """What to select a sample from, best first; the next is tried where one gives too few rows."""
        return [self._table(dataset)]

    # The same for all engines

    def _catalog(self, connection: Connection, schema: str) -> Catalog:
        from sqlalchemy import inspect

        inspector = inspect(connection)
        catalog = Catalog(self._relations(connection, schema))
        columns = _multiple(inspector, "columns", schema, catalog.relations)
        for name, found in columns.items():
            if isinstance(found, Exception):
                del catalog.relations[name]
                where = (schema, name) if schema else (name,)
                catalog.problems.append(problem("UNREADABLE", where, failure(found).message))
        keys = _multiple(inspector, "pk_constraint", schema, catalog.relations)
        for name in catalog.relations:
            primary = _primary(keys.get(name))
            catalog.columns[name] = [
                _column(each, ordinal, each["name"] in primary, connection)
                for ordinal, each in enumerate(columns.get(name, ()), start=1)
            ]
        for name, found in _multiple(inspector, "foreign_keys", schema, catalog.relations).items():
            if not isinstance(found, Exception):
                catalog.references[name] = [_reference(key, schema) for key in found]
        catalog.give_types(self._native_types(connection, schema))
        return catalog

    def _discover_database(
        self, database: str, include: Sequence[str], exclude: Sequence[str]
    ) -> Iterator[DiscoveredDataset | Problem]:
        with self._connection(database) as connection:
            for schema in self._schemas(connection):
                place = Place(self.namespace, database, schema)
                for found in datasets(self._catalog(connection, schema), place, include, exclude):
                    if isinstance(found, DiscoveredDataset) and found.row_count is None:
                        found = replace(found, row_count=self._counted(connection, found))
                    yield found

    def _counted(self, connection: Connection, dataset: DiscoveredDataset) -> int | None:
        from sqlalchemy import func, literal_column, select
        from sqlalchemy.exc import SQLAlchemyError

        if dataset.subtype is not Subtype.TABLE:
            return None
        some = (
            select(literal_column("1").label("n")).select_from(self._table(dataset)).limit(MOST_COUNTED + 1)
        )
        try:
            count = connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()
        except SQLAlchemyError:  # no right to read it; its structure is known all the same
            return None
        return int(count) if count <= MOST_COUNTED else None

    def _table(self, dataset: DiscoveredDataset) -> FromClause:
        from sqlalchemy import quoted_name, table

        path = dataset.path
        schema = quoted_name(path[-2], True) if len(path) > 1 else None
        return table(quoted_name(path[-1], True), schema=schema)

    def _database_of(self, dataset: DiscoveredDataset) -> str:
        return dataset.path[0] if len(dataset.path) == 3 else self._first_database()

    def _findings(self, connection: Connection) -> tuple[Finding, ...]:
        from sqlalchemy import literal_column, select
        from sqlalchemy.exc import SQLAlchemyError

        schemas = self._schemas(connection)
        found = [Finding(Capability.SCHEMA, bool(schemas), f"{len(schemas)} schemas are visible.")]
        place = Place(self.namespace, self._first_database(), schemas[0] if schemas else "")
        relations = self._relations(connection, place.schema) if schemas else {}
        views = [each for each in relations.values() if each.subtype is not Subtype.TABLE]
        tables = [name for name, each in relations.items() if each.subtype is Subtype.TABLE]
        message, readable = "There is no table yet.", True
        if tables:
            probe = DiscoveredDataset(place.urn(tables[0]), place.path(tables[0]))
            try:
                connection.execute(select(literal_column("1")).select_from(self._table(probe)).limit(1))
                message = "Rows can be read."
            except SQLAlchemyError as error:
                message, readable = failure(error).message, False
        found.append(Finding(Capability.SAMPLE, readable, message))
        hidden = sum(1 for view in views if not view.definition)
        told = f"{len(views) - hidden} of {len(views)} view definitions can be read."
        return (*found, Finding(Capability.LINEAGE, not hidden, told))

    @contextmanager
    def _connection(self, database: str, *, autocommit: bool = True) -> Iterator[Connection]:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            if database not in self._engines:
                self._engines[database] = self._create_engine(database)
            with self._engines[database].connect() as connection:
                # Else one failed statement would spoil the rest of a PostgreSQL transaction.
                yield connection.execution_options(isolation_level="AUTOCOMMIT") if autocommit else connection
        except (SQLAlchemyError, ImportError, OSError, *self._driver_errors()) as error:
            raise failure(error) from None

    def _driver_errors(self) -> tuple[type[Exception], ...]:
        """Errors that pass SQLAlchemy by, as those of an own way to connect."""
        return ()


_TIMEOUT_OPTIONS = {
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
    "pyodbc": "timeout",
    "oracledb": "tcp_connect_timeout",
    "pg8000": "timeout",
}


def _parsed(secret: SecretStr) -> URL:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        url = make_url(secret.get_secret_value())
    except (ArgumentError, ValueError):
        raise bad_url("This is not a URL.") from None
    name = url.get_backend_name()
    try:
        url.get_dialect().import_dbapi()
    except NoSuchModuleError:
        known = _PACKAGES.get(name)
        raise missing_driver(name if known else "this dialect", known or "") from None
    except ImportError:
        raise missing_driver(name, _PACKAGES.get(name, url.get_driver_name())) from None
    return url


def _optional(read: Callable[[str | None], list[str]], schema: str) -> list[str]:
    try:
        return read(schema or None)
    except NotImplementedError:  # a dialect without such objects
        return []


def _definition(inspector: Inspector, name: str, schema: str) -> str | None:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return inspector.get_view_definition(name, schema or None)
    except (NotImplementedError, SQLAlchemyError):
        return None


def _multiple(inspector: Inspector, what: str, schema: str, relations: Mapping[str, Relation]) -> dict[str, Any]:
    """One property of all relations of a schema at once; where that fails, one by one.

    A value is what the dialect says, or the error it raised.
    """
    from sqlalchemy.engine.reflection import ObjectKind
    from sqlalchemy.exc import SQLAlchemyError

    try:
        found = getattr(inspector, f"get_multi_{what}")(schema=schema or None, kind=ObjectKind.ANY)
        return {name: value for (_, name), value in found.items() if name in relations}
    except NotImplementedError:
        return {}
    except SQLAlchemyError:
        one = getattr(inspector, f"get_{what}")
    single: dict[str, Any] = {}
    for name in relations:
        try:
            single[name] = one(name, schema or None)
        except SQLAlchemyError as error:
            single[name] = error
    return single


def _primary(key: Any) -> set[str]:
    return set(key.get("constrained_columns") or ()) if isinstance(key, Mapping) else set()


def _reference(key: Mapping[str, Any], schema: str) -> Reference:
    return Reference(
        tuple(key["constrained_columns"]),
        key["referred_schema"] or schema,
        key["referred_table"],
        tuple(key["referred_columns"]),
    )


def _column(
    described: Mapping[str, Any], ordinal: int, primary: bool, connection: Connection
) -> DiscoveredColumn:
    from sqlalchemy.exc import CompileError

    try:
        data_type = described["type"].compile(dialect=connection.dialect)
    except (CompileError, NotImplementedError):  # a type the dialect does not know
        data_type = ""
    return DiscoveredColumn(
        str(described["name"]),
        data_type,
        described.get("nullable"),
        ordinal,
        described.get("comment") or None,
        primary,
    )


def _fetched(
    connection: Connection, source: FromClause, names: Sequence[str], rows: int
) -> list[Sequence[object]]:
    from sqlalchemy import column, quoted_name, select

    query = select(*(column(quoted_name(name, True)) for name in names)).select_from(source).limit(rows)
    found: list[Sequence[object]] = []
    size = 0
    with connection.execution_options(stream_results=True, max_row_buffer=50).execute(query) as result:
        for row in result:
            found.append(tuple(row))
            size += sum(len(value) for value in row if isinstance(value, str))
            if size > _MOST_SAMPLED:
                break
    return found


def shortened(value: object) -> object:
    """A sampled value as far as it is looked at."""
    return value[:LONGEST_VALUE] if isinstance(value, str) else value
