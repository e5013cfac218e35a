"""DuckDB files, opened read-only and cut off from every other file and network.

Read through DuckDB's own catalogue functions: its SQLAlchemy dialect asks for PostgreSQL tables that DuckDB does not have.
View definitions are the whole ``CREATE VIEW`` statement.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from ingest.connectors.base import Capability, CheckReport, ConnectorConfig, Finding, Sample, connector
from ingest.connectors.embedded import EmbeddedConfig
from ingest.connectors.failures import failure
from ingest.connectors.figures import Dialect, shape
from ingest.connectors.profiling import Target, profiled
from ingest.connectors.relational import BIG_TABLE, STATEMENT_TIMEOUT_S, shortened
from ingest.connectors.structure import Catalog, Place, Reference, Relation, datasets
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.profiles import ProfileBudget, ProfiledColumn, TableProfile
from schema.domain.scans import Problem

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CLOSED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_persistent_secrets": "false",
    "threads": "2",
    "memory_limit": "1GB",
}
_BLOCK = 2048  # rows that DuckDB takes or leaves together
_MANY_BLOCKS = 5  # times the rows wanted: blocks are large, and rows drawn from many of them tell more
DIALECT = Dialect(text="CAST({0} AS VARCHAR)", shape=shape("{0}"))
_RELATIONS = """
SELECT schema_name, table_name, comment, estimated_size, NULL AS definition FROM duckdb_tables()
WHERE database_name = current_database() AND NOT internal
UNION ALL
SELECT schema_name, view_name, comment, NULL, sql FROM duckdb_views()
WHERE database_name = current_database() AND NOT internal
"""
_COLUMNS = """
SELECT schema_name, table_name, column_name, data_type, is_nullable, column_index, comment FROM duckdb_columns()
WHERE database_name = current_database() AND NOT internal ORDER BY ALL
"""
_KEYS = """
SELECT schema_name, table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names
FROM duckdb_constraints()
WHERE database_name = current_database() AND constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY')
"""


class DuckDBConfig(EmbeddedConfig):
    """One DuckDB file."""

    scheme: ClassVar[str] = "duckdb"


@connector
class DuckDB:
    kind: ClassVar[str] = "duckdb"
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability) - {Capability.USAGE}
    drivers: ClassVar[tuple[str, ...]] = ("duckdb",)
    Config: ClassVar[type[ConnectorConfig]] = DuckDBConfig

    def __init__(self, config: DuckDBConfig, *, access: NetworkPolicy) -> None:
        self._config = config
        self._path = config.file(access)
        self._open: DuckDBPyConnection | None = None

    @property
    def namespace(self) -> str:
        return self._config.identity(self._path)

    @property
    def root(self) -> str:
        return ""

    def check(self) -> CheckReport:
        import duckdb

        begun = time.perf_counter()
        with self._connection() as connection:
            schemas = self._catalogs(connection)
            latency_ms = (time.perf_counter() - begun) * 1000
        relations = [each for catalog in schemas.values() for each in catalog.relations.values()]
        views = sum(1 for each in relations if each.subtype is Subtype.VIEW)
        findings = (
            Finding(Capability.SCHEMA, bool(relations), f"{len(relations)} tables and views are visible."),
            Finding(Capability.SAMPLE, True, "Rows can be read."),
            Finding(Capability.PROFILE, True, "Rows can be read."),
            Finding(Capability.LINEAGE, True, f"{views} of {views} view definitions can be read."),
        )
        return CheckReport(self.namespace, f"DuckDB {duckdb.__version__}", round(latency_ms, 1), findings)

    def discover(
        self, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> Iterator[DiscoveredDataset | Problem]:
        with self._connection() as connection:
            database = connection.execute("SELECT current_database()").fetchall()[0][0]
            schemas = self._catalogs(connection)
        for schema, catalog in sorted(schemas.items()):
            yield from datasets(catalog, Place(self.namespace, database, schema), include, exclude)

    def sample(self, dataset: DiscoveredDataset, rows: int) -> Sample:
        names = tuple(c.name for c in dataset.columns if c.data_type != "BLOB")
        if not names or rows <= 0:
            return Sample(names, {name: [] for name in names})
        whole = ".".join(map(quoted, dataset.path))
        sources = [whole]
        if dataset.subtype is Subtype.TABLE and (dataset.row_count or 0) >= BIG_TABLE:
            percent = min(100.0, 100 * 20 * max(rows, _BLOCK) / (dataset.row_count or 1))
            sources.insert(0, f"{whole} TABLESAMPLE system({percent:.6f}%)")
        with self._connection() as connection:
            for source in sources:
                query = f"SELECT {', '.join(map(quoted, names))} FROM {source} LIMIT {int(rows)}"  # noqa: S608 - quoted
                sample = taken(connection, query, names)
                if len(sample.values[names[0]]) >= rows:
                    break
        return sample

    def profile(
        self, dataset: DiscoveredDataset, columns: Sequence[ProfiledColumn], budget: ProfileBudget
    ) -> TableProfile:
        whole = ".".join(map(quoted, dataset.path))

        def select(names: Sequence[str], rows: int) -> list[str]:
            ways = [selecting(whole, names, rows)]
            percent = 100 * _MANY_BLOCKS * rows / max(1, dataset.row_count or 0)
            if dataset.subtype is Subtype.TABLE and percent < 100:
                blocks = selecting(f"{whole} TABLESAMPLE system({percent:.6f}%)", names, None)
                ways.insert(0, f"SELECT * FROM ({blocks}) USING SAMPLE reservoir({int(rows)} ROWS)")  # noqa: S608 - quoted
            return ways

        with self._connection() as connection:
            target = Target(
                DIALECT, dataset.row_count, select, lambda query, s: answered(connection, query, s)
            )
            return profiled(dataset, columns, budget, target)

    def interrupt(self) -> None:
        if (opened := self._open) is not None:
            opened.interrupt()

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None

    def _catalogs(self, connection: DuckDBPyConnection) -> dict[str, Catalog]:
        found: dict[str, Catalog] = {}
        wanted = self._config.schemas
        for schema, name, comment, rows, definition in connection.execute(_RELATIONS).fetchall():
            if not wanted or schema in wanted:
                subtype = Subtype.VIEW if definition else Subtype.TABLE
                relation = Relation(subtype, comment, definition, rows)
                found.setdefault(schema, Catalog()).relations[name] = relation
        primary: set[tuple[str, str, str]] = set()
        for schema, name, kind, columns, table, targets in connection.execute(_KEYS).fetchall():
            if kind == "PRIMARY KEY":
                primary |= {(schema, name, column) for column in columns}
            elif schema in found:
                key = Reference(tuple(columns), schema, table, tuple(targets))
                found[schema].references.setdefault(name, []).append(key)
        for schema, name, column, data_type, nullable, index, comment in connection.execute(
            _COLUMNS
        ).fetchall():
            if schema in found:
                found[schema].columns.setdefault(name, []).append(
                    DiscoveredColumn(
                        column, data_type, nullable, index, comment, (schema, name, column) in primary
                    )
                )
        for catalog in found.values():
            for columns in catalog.columns.values():
                columns.sort(key=lambda each: each.ordinal)
        return found

    @contextmanager
    def _connection(self) -> Iterator[DuckDBPyConnection]:
        import duckdb

        try:
            if self._open is None:
                self._open = duckdb.connect(str(self._path), read_only=True, config=CLOSED)
            with deadline(self._open):
                yield self._open
        except duckdb.Error as error:
            raise failure(error) from None


@contextmanager
def deadline(
    connection: DuckDBPyConnection,
    seconds: float = STATEMENT_TIMEOUT_S,
    waited: Callable[[], float] = lambda: 0.0,
) -> Iterator[None]:
    """Interrupt the connection's statement when ``seconds`` are over, those apart that it ``waited`` for its turn."""
    ended, before = threading.Event(), waited()

    def watch() -> None:
        left, counted = seconds, before
        while left > 0:
            if ended.wait(left):
                return
            left, counted = waited() - counted, waited()
        connection.interrupt()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def quoted(name: str) -> str:
    """An identifier in DuckDB's spelling."""
    return '"' + name.replace('"', '""') + '"'


def selecting(source: str, names: Sequence[str], rows: int | None) -> str:
    """``SELECT ... AS c0, ... AS c1 ...`` of at most ``rows`` rows, None for all."""
    chosen = ", ".join(f"{quoted(name)} AS c{n}" for n, name in enumerate(names))
    limit = "" if rows is None else f" LIMIT {int(rows)}"
    return f"SELECT {chosen} FROM {source}{limit}"  # noqa: S608 - quoted


def answered(
    connection: DuckDBPyConnection,
    query: str,
    seconds: float,
    parameters: Any = None,
    waited: Callable[[], float] = lambda: 0.0,
) -> Sequence[Sequence[Any]]:
    """Rows of a statement within ``seconds``; raises ``ConnectionFailed``."""
    import duckdb

    try:
        with deadline(connection, seconds, waited):
            rows: Sequence[Sequence[Any]] = connection.execute(query, parameters).fetchall()
            return rows
    except duckdb.Error as error:
        raise failure(error) from None


def taken(connection: DuckDBPyConnection, query: str, names: Sequence[str], parameters: Any = None) -> Sample:
    """The answer of a query as columns; long texts are cut."""
    rows = connection.execute(query, parameters).fetchall()
    return Sample(tuple(names), {name: [shortened(row[i]) for row in rows] for i, name in enumerate(names)})
