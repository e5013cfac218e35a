"""Files, folders and tables of local disks and object stores, through fsspec and DuckDB; only heads and footers are read.

A folder of partitions (``year=2024/month=01``), or of numbered files of one shape, is one dataset.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from ingest.connectors.base import (
    Capability,
    CheckReport,
    ConnectorConfig,
    Finding,
    Sample,
    connector,
    selected,
)
from ingest.connectors.duckdb import CLOSED, DIALECT, answered, deadline, quoted, selecting, taken
from ingest.connectors.failures import failure
from ingest.connectors.lake import Table, Unreadable, avro_columns, avro_rows, table
from ingest.connectors.listing import FORMATS, TABLES, Group, Storage, grouped, not_there, open_storage
from ingest.connectors.profiling import Target, profiled
from ingest.connectors.relational import shortened
from ingest.connectors.stores import StoreConfig
from ingest.connectors.structure import problem
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.platforms import canonical_namespace, dataset_urn
from schema.domain.profiles import ProfileBudget, ProfiledColumn, TableProfile
from schema.domain.scans import Problem
from schema.errors import ConnectionFailed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_MOST_COMPARED = 20  # files of a folder whose shape is looked at
_MOST_PROFILED = 3  # files of a folder that are profiled
_MOST_FOOTERS = 500  # Parquet files of a folder whose rows are counted
_OPTIONS = {
    "csv": ", sample_size=20480, parallel=false",
    "json": ", sample_size=20480, maximum_object_size=16777216",
    "parquet": "",
}
# Of a store every byte costs: longer lines than these are read by the options above, at the second try.
_THRIFTY = {
    "csv": ", sample_size=1000, parallel=false, buffer_size=131072, max_line_size=65536",
    "json": ", sample_size=1000, maximum_object_size=131072",
}
# Said of a file, these mean the whole place, and the next file would only say it again.
_OF_THE_PLACE = ("CREDENTIALS", "MISSING_DRIVER")
_READERS = {"csv": "read_csv", "json": "read_json", "parquet": "read_parquet"}


class FilesConfig(StoreConfig):
    """Where the files are."""

    path: str = Field(min_length=1, description="A file, a folder, or a URL of an object store.")
    namespace: str = Field(default="", description="Identity of the place if it is not its address.")


@connector
class Files:
    kind: ClassVar[str] = "files"
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {Capability.SCHEMA, Capability.SAMPLE, Capability.PROFILE}
    )
    drivers: ClassVar[tuple[str, ...]] = ("duckdb",)
    Config: ClassVar[type[ConnectorConfig]] = FilesConfig

    def __init__(self, config: FilesConfig, *, access: NetworkPolicy) -> None:
        self._storage: Storage = open_storage(config.path, config, access)
        self._namespace = canonical_namespace(config.namespace or self._storage.namespace)
        self._limited_s = access.limited_s
        self._open: DuckDBPyConnection | None = None
        self._groups: dict[str, Group] = {}
        self._wide: set[str] = set()  # names of what has longer lines than the thrifty options take

    @property
    def namespace(self) -> str:
        return self._namespace

    @property
    def root(self) -> str:
        return self._storage.named(self._storage.root)

    def check(self) -> CheckReport:
        begun = time.perf_counter()
        if not self._storage.exists():
            raise not_there()
        with self._connection():
            groups, problems = grouped(self._storage)
        latency_ms = (time.perf_counter() - begun) * 1000
        told = f"{len(groups)} datasets are visible" + (
            f", {len(problems)} files are not." if problems else "."
        )
        findings = (
            Finding(Capability.SCHEMA, bool(groups), told),
            Finding(Capability.SAMPLE, True, f"Read as {', '.join(sorted(FORMATS))}."),
            Finding(Capability.PROFILE, True, "All but Avro."),
        )
        return CheckReport(self.namespace, f"{self._storage.protocol} files", round(latency_ms, 1), findings)

    def discover(
        self, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> Iterator[DiscoveredDataset | Problem]:
        groups, problems = self._listed()
        yield from problems
        for group in groups:
            if selected((self._storage.relative(group.name),), include, exclude):
                yield from self._described(group)

    def sample(self, dataset: DiscoveredDataset, rows: int) -> Sample:
        names = tuple(c.name for c in dataset.columns if c.data_type != "BLOB")
        if not names or rows <= 0:
            return Sample(names, {name: [] for name in names})
        group = self._group(dataset)
        try:
            if group.format == "avro":
                return self._avro_sample(group, names, rows)
            if group.format in TABLES:
                group = _data_of(group, table(self._storage, group, with_files=True))
        except Unreadable:
            raise _unreadable() from None
        if not group.files:
            return Sample(names, {name: [] for name in names})
        with self._connection() as connection:
            files = [self._storage.literal(f) for f in group.some(3)]
            there = set(self._relation(connection, group, files).columns)
            chosen = ", ".join(quoted(name) if name in there else "NULL" for name in names)
            query = f"SELECT {chosen} FROM {self._reader(group)} LIMIT {int(rows)}"  # noqa: S608 - quoted
            return taken(connection, query, names, [files])

    def profile(
        self, dataset: DiscoveredDataset, columns: Sequence[ProfiledColumn], budget: ProfileBudget
    ) -> TableProfile:
        """Of the first rows of a few files; of Avro, which DuckDB does not read here, nothing."""
        group = self._group(dataset)
        try:
            if group.format in TABLES:
                group = _data_of(group, table(self._storage, group, with_files=True))
        except Unreadable:
            raise _unreadable() from None
        if group.format == "avro" or not group.files:
            return TableProfile(str(dataset.urn), dataset.row_count, False, 0)
        some = group.some(_MOST_PROFILED)
        files = [self._storage.literal(file) for file in some]
        with self._connection() as connection:
            there = set(self._relation(connection, group, files).columns)
            wanted = [column for column in columns if column.name in there]
            ways = [self._reader(group)]
            if len(some) < len(group.files):
                ways = ways * 2  # a part of the files is a sample, however few rows they have
            target = Target(
                DIALECT,
                dataset.row_count,
                lambda names, rows: [selecting(way, names, rows) for way in ways],
                lambda query, seconds: answered(connection, query, seconds, [files], self._limited_s),
            )
            return profiled(dataset, wanted, budget, target, waited=self._limited_s)

    def _avro_sample(self, group: Group, names: tuple[str, ...], rows: int) -> Sample:
        found = avro_rows(self._storage, group.files[0], rows)
        return Sample(names, {name: [shortened(each.get(name)) for each in found] for name in names})

    def interrupt(self) -> None:
        if (opened := self._open) is not None:
            opened.interrupt()

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None

    def _listed(self) -> tuple[list[Group], list[Problem]]:
        with self._connection():
            groups, problems = grouped(self._storage)
        whole: list[Group] = []
        for group in groups:
            whole += [group] if self._is_uniform(group) else group.apart()
        self._groups = {self._storage.named(group.name): group for group in whole}
        return whole, problems

    def _group(self, dataset: DiscoveredDataset) -> Group:
        if not self._groups:
            self._listed()
        found = self._groups.get(dataset.name)
        if found is None:
            raise ConnectionFailed("NOT_FOUND", "The file is gone.", "Scan the source again.")
        return found

    def _is_uniform(self, group: Group) -> bool:
        """Whether files that look numbered have the same columns; a partitioned folder is one dataset in any case."""
        if group.partitions or len(group.files) == 1 or group.format in TABLES:
            return True
        shapes = set()
        for file in group.some(_MOST_COMPARED):
            try:
                shapes.add(tuple(column.name for column in self._columns(group, [file])))
            except (ConnectionFailed, Unreadable):
                return False
        return len(shapes) == 1

    def _described(self, group: Group) -> Iterator[DiscoveredDataset | Problem]:
        name = self._storage.named(group.name)
        try:
            if group.format in TABLES:
                found = table(self._storage, group)
            else:
                found = Table(self._columns(group, group.some(_MOST_COMPARED)), self._rows(group), group.size)
        except (ConnectionFailed, Unreadable) as error:
            if isinstance(error, ConnectionFailed) and error.cause in _OF_THE_PLACE:
                raise
            what = FORMATS[group.format]
            yield problem(
                "UNREADABLE",
                (name,),
                f"Not valid {what} in UTF-8, truncated, or not readable by this user.",
            )
            return
        if not group.size:
            yield problem("EMPTY_FILE", (name,), "The file is empty.")
            return
        properties = {"format": group.format, "files": str(len(group.files)), **found.properties}
        if group.partitions:
            properties["partition_keys"] = ",".join(group.partitions)
        yield DiscoveredDataset(
            urn=dataset_urn(self.namespace, name),
            path=(name,),
            subtype=_subtype(group),
            columns=found.columns,
            row_count=found.rows,
            size_bytes=found.size,
            properties={name: value for name, value in properties.items() if value},
        )

    def _columns(self, group: Group, files: list[str]) -> tuple[DiscoveredColumn, ...]:
        if group.format == "avro":
            keys = [DiscoveredColumn(key, "string", True, 0) for key in group.partitions]
            found = {column.name: column for file in files for column in avro_columns(self._storage, file)}
            both = [*found.values(), *(key for key in keys if key.name not in found)]
            return tuple(replace(column, ordinal=n) for n, column in enumerate(both, start=1))
        with self._connection() as connection:
            relation = self._relation(connection, group, [self._storage.literal(file) for file in files])
            return tuple(
                DiscoveredColumn(name, str(kind), None, ordinal)
                for ordinal, (name, kind) in enumerate(
                    zip(relation.columns, relation.types, strict=True), start=1
                )
            )

    def _rows(self, group: Group) -> int | None:
        if group.format != "parquet" or len(group.files) > _MOST_FOOTERS:
            return None
        files = [self._storage.literal(file) for file in group.files]
        query = "SELECT sum(num_rows) FROM parquet_file_metadata(?)"
        with self._connection() as connection:
            return int(connection.execute(query, [files]).fetchall()[0][0])

    def _relation(self, connection: DuckDBPyConnection, group: Group, files: list[str]) -> DuckDBPyRelation:
        import duckdb

        try:
            return connection.sql(f"SELECT * FROM {self._reader(group)}", params=[files])  # noqa: S608 - no outside text
        except duckdb.Error:
            if not self._is_thrifty(group):
                raise
            self._wide.add(group.name)
        return connection.sql(f"SELECT * FROM {self._reader(group)}", params=[files])  # noqa: S608 - likewise

    def _is_thrifty(self, group: Group) -> bool:
        return group.format in _THRIFTY and self._storage.protocol != "file" and group.name not in self._wide

    def _reader(self, group: Group) -> str:
        options = (_THRIFTY if self._is_thrifty(group) else _OPTIONS)[group.format]
        hive = "true" if group.partitions else "false"
        return f"{_READERS[group.format]}(?, union_by_name=true, hive_partitioning={hive}{options})"

    @contextmanager
    def _connection(self) -> Iterator[DuckDBPyConnection]:
        import duckdb

        try:
            if self._open is None:
                self._open = self._closed_connection()
            with deadline(self._open, waited=self._limited_s):
                yield self._open
        except (duckdb.Error, OSError) as error:
            raise failure(error) from None

    def _closed_connection(self) -> DuckDBPyConnection:
        import duckdb

        connection = duckdb.connect()
        if self._storage.protocol != "file":
            connection.register_filesystem(self._storage.system)
        folders = ", ".join("'" + folder.replace("'", "''") + "'" for folder in self._storage.folders)
        connection.execute(f"SET allowed_directories = [{folders}]")
        for option, value in CLOSED.items():
            connection.execute(f"SET {option} = '{value}'")
        connection.execute("SET lock_configuration = true")
        return connection


def _data_of(group: Group, found: Table) -> Group:
    """The Parquet files of a table as a group."""
    keys = tuple(filter(None, found.properties.get("partition_keys", "").split(",")))
    keys = keys if group.format == "delta" else ()  # Iceberg's files hold their partition columns
    return Group(group.name, "parquet", found.files, tuple(0 for _ in found.files), True, keys)


def _subtype(group: Group) -> Subtype:
    if group.format in TABLES:
        return Subtype.TABLE
    return Subtype.FOLDER if group.folder else Subtype.FILE


def _unreadable() -> ConnectionFailed:
    return ConnectionFailed("UNKNOWN", "The file is damaged.", "Scan the source again.")
