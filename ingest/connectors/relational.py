"""Any database with a SQLAlchemy dialect: tables, views, columns, comments, keys, row counts, samples.

View definitions are handed over as the engine writes them: a ``SELECT`` from most, ``CREATE VIEW ...`` from SQLite.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, SecretStr

from ingest.connectors import reflection
from ingest.connectors.base import Capability, CheckReport, ConnectorConfig, Finding, Sample, connector
from ingest.connectors.dialects import engine, limited, parsed
from ingest.connectors.failures import failure
from ingest.connectors.figures import Dialect
from ingest.connectors.profiling import Target, profiled
from ingest.connectors.selects import counting, selecting, spelled
from ingest.connectors.structure import Catalog, Place, Relation, datasets, problem
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.platforms import canonical_namespace
from schema.domain.profiles import ProfileBudget, ProfiledColumn, TableProfile
from schema.domain.scans import Problem, Severity
from schema.errors import ConnectionFailed, InvalidInput
from schema.ids import Urn

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, FromClause

STATEMENT_TIMEOUT_S = 60
MOST_COUNTED = 10_000  # rows that are counted one by one where the engine has no estimate
_TOGETHER = 50  # tables that are counted by one statement
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

    transactional: ClassVar[bool] = True

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
        chosen = {column.name: self._beginning(column) for column in columns}
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
            target = self._target(connection, dataset)
            return profiled(dataset, columns, budget, target, waited=self._access.limited_s)

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

    def _columns(
        self, connection: Connection, schema: str, found: Catalog
    ) -> dict[str, list[DiscoveredColumn]]:
        """Columns by relation, with types as the engine itself spells them where it can say them."""
        return reflection.columns(connection, schema, found)

    def _sources(self, dataset: DiscoveredDataset, rows: int) -> list[FromClause]:
        """What to select a sample from, best first; the next is tried where one gives too few rows."""
        return [self._table(dataset)]

    def _beginning(self, column: DiscoveredColumn) -> str:
        """As much of a value as is looked at, ``{0}`` being the column, where the engine can cut it: a text may have a GiB."""
        return "{0}"

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
        catalog = Catalog(self._relations(connection, schema))
        catalog.columns = self._columns(connection, schema, catalog)
        catalog.references = reflection.references(connection, schema, catalog)
        return catalog

    def _discover_database(
        self, database: str, include: Sequence[str], exclude: Sequence[str]
    ) -> Iterator[DiscoveredDataset | Problem]:
        with self._connection(database) as connection:
            for schema in self._schemas(connection):
                place = Place(self.namespace, database, schema)
                told = datasets(self._catalog(connection, schema), place, include, exclude)
                while some := list(islice(told, _TOGETHER)):
                    yield from self._counted(connection, some)

    def _counted(
        self, connection: Connection, found: Sequence[DiscoveredDataset | Problem]
    ) -> Iterator[DiscoveredDataset | Problem]:
        """With the rows of the tables of which the engine has no estimate, where they are few."""
        lacking = [
            each
            for each in found
            if isinstance(each, DiscoveredDataset)
            and each.subtype is Subtype.TABLE
            and each.row_count is None
        ]
        counts = self._counts(connection, lacking)
        for each in found:
            yield (
                each
                if isinstance(each, Problem)
                else replace(each, row_count=counts.get(each.urn, each.row_count))
            )

    def _counts(self, connection: Connection, tables: Sequence[DiscoveredDataset]) -> dict[Urn, int]:
        from sqlalchemy.exc import SQLAlchemyError

        if not tables:
            return {}
        sources = [self._table(each) for each in tables]
        query = counting(connection, sources, MOST_COUNTED + 1)
        try:
            rows = connection.execution_options(no_parameters=True).exec_driver_sql(query).fetchall()
        except SQLAlchemyError:  # no right to read one; its structure is known all the same
            if len(tables) == 1:
                return {}
            return {urn: n for each in tables for urn, n in self._counts(connection, [each]).items()}
        return {tables[int(n)].urn: int(count) for n, count in rows if count <= MOST_COUNTED}

    def _table(self, dataset: DiscoveredDataset) -> FromClause:
        from sqlalchemy import table

        path = dataset.path
        dialect = next((engine.dialect for engine in self._engines.values()), None)
        schema = spelled(path[-2], dialect) if len(path) > 1 else None
        return table(spelled(path[-1], dialect), schema=schema)

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
                self._engines[database] = limited(self._create_engine(database), self._access)
            with self._engines[database].connect() as connection:
                driver = connection.connection.dbapi_connection
                self._busy.append(driver)
                try:
                    # Else one failed statement would spoil the rest of a PostgreSQL transaction.
                    isolated = {"isolation_level": "AUTOCOMMIT"} if autocommit and self.transactional else {}
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
    connection: Connection, source: FromClause, chosen: Mapping[str, str], rows: int
) -> list[Sequence[object]]:
    query = selecting(connection, source, list(chosen), rows, list(chosen.values()))
    streaming = connection.execution_options(stream_results=True, max_row_buffer=50, no_parameters=True)
    found: list[Sequence[object]] = []
    size = 0
    with streaming.exec_driver_sql(query) as result:
        for row in result:
            found.append(tuple(row))
            size += sum(len(value) for value in row if isinstance(value, str))
            if size > _MOST_SAMPLED:
                break
    return found


def shortened(value: object) -> object:
    """A sampled value as far as it is looked at."""
    return value[:LONGEST_VALUE] if isinstance(value, str) else value
