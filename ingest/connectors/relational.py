"""Any database with a SQLAlchemy dialect: tables, views, columns, comments, keys, row counts, samples.

View definitions are handed over as the engine writes them: a ``SELECT`` from most, ``CREATE VIEW ...`` from SQLite.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, SecretStr

from ingest.connectors import reflection
from ingest.connectors.base import Capability, CheckReport, ConnectorConfig, Finding, Sample, connector
from ingest.connectors.dialects import engine, parsed
from ingest.connectors.failures import failure
from ingest.connectors.figures import Dialect
from ingest.connectors.profiling import Target, profiled
from ingest.connectors.structure import Catalog, Place, Relation, datasets, problem
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.platforms import canonical_namespace
from schema.domain.profiles import ProfileBudget, ProfiledColumn, TableProfile
from schema.domain.scans import Problem, Severity
from schema.errors import ConnectionFailed, InvalidInput

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Engine, FromClause, Select

STATEMENT_TIMEOUT_S = 60
MOST_COUNTED = 10_000  # rows that are counted one by one where the engine has no estimate
BIG_TABLE = 100_000  # rows from which a sample is drawn by block instead of from the top
LONGEST_VALUE = 4096  # characters of a sampled value that are looked at
_MOST_SAMPLED = 64 * 1024 * 1024  # characters of one sample
_OBEYS_S, _LOOK_S = 1.0, 0.02  # how long a statement may take to end after it was cancelled
_BINARY = ("bytea", "blob", "binary", "image", "raw", "geometry", "geography")


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
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability) - {Capability.USAGE}
    drivers: ClassVar[tuple[str, ...]] = ("sqlalchemy",)
    Config: ClassVar[type[ConnectorConfig]] = RelationalConfig
    system_schemas: ClassVar[frozenset[str]] = frozenset(
        {"information_schema", "pg_catalog", "pg_toast", "sys"}
    )

    def __init__(self, config: Any, *, access: NetworkPolicy) -> None:
        self._config, self._access = config, access
        self._engines: dict[str, Engine] = {}
        self._busy: list[Any] = []  # connections of the driver that may be waiting for an answer
        self._namespace = self._identity()

    @property
    def namespace(self) -> str:
        return self._namespace

    @property
    def root(self) -> str:
        return ""

    def check(self) -> CheckReport:
        with self._connection(self._first_database()) as connection:
            begun = time.perf_counter()
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
                yield problem(error.cause, (database,), error.message, Severity.ERROR)

    def sample(self, dataset: DiscoveredDataset, rows: int) -> Sample:
        columns = [c for c in dataset.columns if not c.data_type.lower().startswith(_BINARY)]
        names = tuple(column.name for column in columns)
        chosen = [self._beginning(column) for column in columns]
        found: list[Sequence[object]] = []
        if names and rows > 0:
            with self._connection(self._database_of(dataset), autocommit=False) as connection:
                for source in self._sources(dataset, rows):
                    found = _fetched(connection, source, chosen, rows)
                    if len(found) >= rows:
                        break
        return Sample(names, {name: [shortened(row[i]) for row in found] for i, name in enumerate(names)})

    def profile(
        self, dataset: DiscoveredDataset, columns: Sequence[ProfiledColumn], budget: ProfileBudget
    ) -> TableProfile:
        with self._connection(self._database_of(dataset), autocommit=False) as connection:
            return profiled(dataset, columns, budget, self._target(connection, dataset))

    def close(self) -> None:
        for each in self._engines.values():
            each.dispose()
        self._engines.clear()

    # What an engine may refine

    def _identity(self) -> str:
        url = parsed(self._config.url)
        port = f":{url.port}" if url.port else ""
        return canonical_namespace(
            self._config.namespace or f"{url.get_backend_name()}://{url.host or ''}{port}"
        )

    def _first_database(self) -> str:
        return parsed(self._config.url).database or ""

    def _databases(self) -> tuple[str, ...]:
        return (self._first_database(),)

    def _create_engine(self, database: str) -> Engine:
        return engine(self._config.url, self._access)

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
        return reflection.relations(connection, schema)

    def _native_types(self, connection: Connection, schema: str) -> dict[tuple[str, str], str]:
        """The engine's own text of column types where the dialect's reading of them loses something."""
        return {}

    def _sources(self, dataset: DiscoveredDataset, rows: int) -> list[FromClause]:
        """What to select a sample from, best first; the next is tried where one gives too few rows."""
        return [self._table(dataset)]

    def _beginning(self, column: DiscoveredColumn) -> ColumnElement[Any]:
        """As much of a value as is looked at, where the engine can cut it: a text may have a GiB."""
        from sqlalchemy import column as named
        from sqlalchemy import quoted_name

        return named(quoted_name(column.name, True))

    def _target(self, connection: Connection, dataset: DiscoveredDataset) -> Target:
        """What a profile is computed with."""
        return Target(
            Dialect(text="CAST({0} AS VARCHAR(100))", shared=False),
            dataset.row_count,
            lambda names, rows: [selecting(connection, self._table(dataset), names, rows)],
            lambda query, seconds: self._answer(connection, query, seconds),
        )

    def _limit(self, connection: Connection, seconds: float) -> None:
        """Bound the next statement where the engine can."""

    def _lift(self, connection: Connection) -> None:
        """Bound statements as before, where ``_limit`` outlives its transaction."""

    # The same for all engines

    def _answer(self, connection: Connection, query: str, seconds: float) -> list[Sequence[Any]]:
        """Rows of a statement without parameters, in a transaction of its own."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            self._limit(connection, seconds)
            # Without parameters no driver takes a % in a name for one.
            found = connection.execution_options(no_parameters=True).exec_driver_sql(query).fetchall()
            return [tuple(row) for row in found]
        except (SQLAlchemyError, OSError, self._driver_error()) as error:
            raise failure(error) from None
        finally:
            connection.rollback()
            self._lift(connection)

    def _catalog(self, connection: Connection, schema: str) -> Catalog:
        catalog = reflection.catalog(connection, schema, self._relations(connection, schema))
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
        some: Select[*tuple[Any, ...]] = (
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
        found += [Finding(each, readable, message) for each in (Capability.SAMPLE, Capability.PROFILE)]
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
                driver = connection.connection.dbapi_connection
                self._busy.append(driver)
                try:
                    # Else one failed statement would spoil the rest of a PostgreSQL transaction.
                    isolated = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
                    yield connection.execution_options(**isolated)
                finally:
                    self._busy.remove(driver)
        except (ConnectionFailed, InvalidInput):
            raise
        except Exception as error:
            # Texts that are not in the encoding that the source says are no reason to fail for a whole batch.
            if isinstance(
                error, SQLAlchemyError | ImportError | OSError | UnicodeError | self._driver_error()
            ):
                raise failure(error) from None
            raise

    def interrupt(self) -> None:
        asked = list(self._busy)
        for connection in asked:
            with suppress(Exception):  # it may be closing just now, or the server out of reach
                self._cancel(connection)
        deadline = time.monotonic() + _OBEYS_S
        while (left := self._still_busy(asked)) and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
        for connection in left:
            with suppress(Exception):
                self._hang_up(connection)

    def _still_busy(self, asked: Sequence[Any]) -> list[Any]:
        return [each for each in asked if any(each is busy for busy in self._busy)]

    def _hang_up(self, connection: Any) -> None:
        """Let whoever waits for the server see the end of the connection: it may be half open, with nobody at the other end."""
        if (descriptor := self._descriptor(connection)) is not None:
            with socket.socket(fileno=os.dup(descriptor)) as same:
                same.shutdown(socket.SHUT_RDWR)

    def _descriptor(self, connection: Any) -> int | None:
        """The socket of a connection of the driver, where it has one."""
        return None

    def _cancel(self, connection: Any) -> None:
        """End the statement that a connection of the driver waits for, where the driver can."""
        cancel = getattr(connection, "interrupt", None) or getattr(connection, "cancel", None)
        if cancel is not None:
            cancel()

    def _driver_error(self) -> type[Exception]:
        """Base of the errors that pass SQLAlchemy by, as those of an own way to connect."""
        return OSError


def _fetched(
    connection: Connection, source: FromClause, chosen: Sequence[ColumnElement[Any]], rows: int
) -> list[Sequence[object]]:
    from sqlalchemy import select

    query: Select[*tuple[Any, ...]] = select(*chosen).select_from(source).limit(rows)
    found: list[Sequence[object]] = []
    size = 0
    with connection.execution_options(stream_results=True, max_row_buffer=50).execute(query) as result:
        for row in result:
            found.append(tuple(row))
            size += sum(len(value) for value in row if isinstance(value, str))
            if size > _MOST_SAMPLED:
                break
    return found


def selecting(connection: Connection, source: FromClause, names: Sequence[str], rows: int) -> str:
    """``SELECT ... AS c0, ... AS c1 ...`` of at most ``rows`` rows in the spelling of the connection's engine."""
    from sqlalchemy import column, quoted_name, select

    chosen: list[Any] = [column(quoted_name(name, True)).label(f"c{n}") for n, name in enumerate(names)]
    query: Select[*tuple[Any, ...]] = select(*chosen).select_from(source).limit(rows)
    text = str(query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
    # Drivers that mark parameters by % get each % of a name twice, and would here get it so without parameters.
    return text.replace("%%", "%") if connection.dialect.paramstyle in ("format", "pyformat") else text


def shortened(value: object) -> object:
    """A sampled value as far as it is looked at."""
    return value[:LONGEST_VALUE] if isinstance(value, str) else value
