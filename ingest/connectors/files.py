"""Files and folders of CSV, JSON and Parquet, through fsspec and DuckDB; only heads and footers are read.

A folder of partitions (``year=2024/month=01``), or of numbered files of one shape, is one dataset.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
from ingest.connectors.duckdb import CLOSED, deadline, quoted, taken
from ingest.connectors.failures import failure
from ingest.connectors.listing import FORMATS, Group, Storage, grouped, open_storage
from ingest.connectors.structure import problem
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.platforms import canonical_namespace, dataset_urn
from schema.domain.scans import Problem
from schema.errors import ConnectionFailed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_MOST_COMPARED = 20  # files of a folder whose shape is looked at
_MOST_FOOTERS = 500  # Parquet files of a folder whose rows are counted
_OPTIONS = {
    "csv": ", sample_size=20480, parallel=false",
    "json": ", sample_size=20480, maximum_object_size=16777216",
    "parquet": "",
}
_READERS = {"csv": "read_csv", "json": "read_json", "parquet": "read_parquet"}


class FilesConfig(ConnectorConfig):
    """Where the files are."""

    path: str = Field(min_length=1, description="A file, a folder, or a URL of an object store.")
    namespace: str = Field(default="", description="Identity of the place if it is not its address.")


@connector
class Files:
    kind: ClassVar[str] = "files"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SCHEMA, Capability.SAMPLE})
    Config: ClassVar[type[ConnectorConfig]] = FilesConfig

    def __init__(self, config: FilesConfig, *, access: NetworkPolicy) -> None:
        self._storage: Storage = open_storage(config.path, access)
        self._namespace = canonical_namespace(config.namespace or self._storage.namespace)
        self._open: DuckDBPyConnection | None = None
        self._groups: dict[str, Group] = {}

    @property
    def namespace(self) -> str:
        return self._namespace

    @property
    def root(self) -> str:
        return self._storage.root

    def check(self) -> CheckReport:
        begun = time.perf_counter()
        if not self._storage.exists():
            raise ConnectionFailed(
                "NOT_FOUND", "There is no such file or folder.", "Check the path.", path=("config", "path")
            )
        with self._connection():
            groups, problems = grouped(self._storage)
        latency_ms = (time.perf_counter() - begun) * 1000
        told = f"{len(groups)} datasets are visible" + (
            f", {len(problems)} files are not." if problems else "."
        )
        findings = (
            Finding(Capability.SCHEMA, bool(groups), told),
            Finding(Capability.SAMPLE, True, f"Read as {', '.join(sorted(_READERS))}."),
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
        with self._connection() as connection:
            chosen = ", ".join(map(quoted, names))
            query = f"SELECT {chosen} FROM {_reader(group)} LIMIT {int(rows)}"  # noqa: S608 - quoted
            return taken(connection, query, names, [[self._storage.literal(f) for f in group.some(3)]])

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
        self._groups = {group.name: group for group in whole}
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
        if group.partitions or len(group.files) == 1:
            return True
        shapes = set()
        for file in group.some(_MOST_COMPARED):
            try:
                with self._connection() as connection:
                    shapes.add(tuple(_relation(connection, group, [self._storage.literal(file)]).columns))
            except ConnectionFailed:
                return False
        return len(shapes) == 1

    def _described(self, group: Group) -> Iterator[DiscoveredDataset | Problem]:
        try:
            with self._connection() as connection:
                files = [self._storage.literal(file) for file in group.some(_MOST_COMPARED)]
                relation = _relation(connection, group, files)
                columns = tuple(
                    DiscoveredColumn(name, str(kind), None, ordinal)
                    for ordinal, (name, kind) in enumerate(
                        zip(relation.columns, relation.types, strict=True), start=1
                    )
                )
                rows = self._rows(connection, group)
        except ConnectionFailed:
            what = FORMATS[group.format]
            yield problem(
                "UNREADABLE",
                (group.name,),
                f"Not valid {what} in UTF-8, truncated, or not readable by this user.",
            )
            return
        if not group.size:
            yield problem("EMPTY_FILE", (group.name,), "The file is empty.")
            return
        properties = {"format": group.format, "files": str(len(group.files))}
        if group.partitions:
            properties["partition_keys"] = ",".join(group.partitions)
        yield DiscoveredDataset(
            urn=dataset_urn(self.namespace, group.name),
            path=(group.name,),
            subtype=Subtype.FOLDER if group.folder else Subtype.FILE,
            columns=columns,
            row_count=rows,
            size_bytes=group.size,
            properties=properties,
        )

    def _rows(self, connection: DuckDBPyConnection, group: Group) -> int | None:
        if group.format != "parquet" or len(group.files) > _MOST_FOOTERS:
            return None
        files = [self._storage.literal(file) for file in group.files]
        return int(
            connection.execute("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [files]).fetchall()[0][0]
        )

    @contextmanager
    def _connection(self) -> Iterator[DuckDBPyConnection]:
        import duckdb

        try:
            if self._open is None:
                self._open = self._closed_connection()
            with deadline(self._open):
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


def _reader(group: Group) -> str:
    hive = "true" if group.partitions else "false"
    return (
        f"{_READERS[group.format]}(?, union_by_name=true, hive_partitioning={hive}{_OPTIONS[group.format]})"
    )


def _relation(connection: DuckDBPyConnection, group: Group, files: list[str]) -> DuckDBPyRelation:
    return connection.sql(f"SELECT * FROM {_reader(group)}", params=[files])  # noqa: S608 - no outside text
