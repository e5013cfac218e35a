"""Sources that are exports of another tool: one file, a folder or an archive of them, read once and never written."""

from __future__ import annotations

import time
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ingest.connectors.base import Capability, CheckReport, ConnectorConfig, Finding, Sample, selected
from ingest.formats.exports import File, Warehouse
from ingest.formats.extract import Extract, Namespaces
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredDataset
from schema.domain.scans import Problem, Severity
from schema.errors import BadDocument, ConnectionFailed

MOST_BYTES = 256 * 1024 * 1024
MOST_FILES = 20_000
_PLACE = ("config", "path")


class WarehouseConfig(BaseModel):
    """The warehouse behind a database that the tool calls by a name of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    namespace: str = Field(
        min_length=1, description="Identity of the warehouse, such as postgres://host:5432."
    )
    database: str | None = Field(default=None, description="Database of tables that are named without one.")
    schema_: str | None = Field(
        default=None, alias="schema", description="Schema of tables that are named without one."
    )

    def warehouse(self) -> Warehouse:
        return Warehouse(self.namespace, self.database, self.schema_)


class ExportConfig(ConnectorConfig):
    """Where the export is, and which warehouses it speaks of."""

    path: str = Field(min_length=1, description="A file, a folder of files, or a ZIP archive of them.")
    databases: dict[str, WarehouseConfig] = Field(
        default_factory=dict,
        description="Name of a database in the tool to the warehouse it is: `namespace`, `database`, `schema`.",
    )

    def warehouses(self) -> dict[str, Warehouse]:
        return {name: each.warehouse() for name, each in self.databases.items()}


class ReportsConfig(ExportConfig):
    """An export of a tool for reports."""

    namespace: str = Field(
        min_length=1, description="Identity of the tool, such as metabase://bi.example.com."
    )
    url: str = Field(default="", description="Address of the tool for people, for links to reports.")


class TestsConfig(ExportConfig):
    """Results of a tool that tests data."""

    namespace: str = Field(
        min_length=1, description="Identity of the tests, such as gx://shop or soda://shop."
    )
    tables: dict[str, str] = Field(
        default_factory=dict,
        description="Name that the tool has for a table (a data asset of it) to the table's dotted name, where they differ.",
    )


class Export(ABC):
    """Reads the files once, on first use. All methods that read also raise ``BadDocument``."""

    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SCHEMA, Capability.LINEAGE})
    drivers: ClassVar[tuple[str, ...]] = ()
    suffixes: ClassVar[tuple[str, ...]]

    def __init__(self, config: Any, *, access: NetworkPolicy) -> None:
        self._config, self._access = config, access
        self._found: Extract | None = None

    @abstractmethod
    def _extract(self, files: Sequence[File]) -> Extract:
        """What the files say."""

    @property
    def namespace(self) -> str:
        return Namespaces()(self._config.namespace)

    @property
    def root(self) -> str:
        return ""

    def check(self) -> CheckReport:
        begun = time.perf_counter()
        found = self.extract()
        without = sum(problem.severity is not Severity.INFO for problem in found.problems)
        message = f"{without} problems; a scan lists them." if without else ""
        version = f"export with {len(found.jobs)} reports or tests"
        return CheckReport(
            self.namespace,
            version,
            round((time.perf_counter() - begun) * 1000, 1),
            tuple(
                Finding(each, each is Capability.SCHEMA or not without, message)
                for each in Capability
                if each in self.capabilities
            ),
        )

    def discover(
        self, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> Iterator[DiscoveredDataset | Problem]:
        yield from (each for each in self.extract().datasets if selected(each.path, include, exclude))

    def extract(self) -> Extract:
        """Everything that the export states."""
        if self._found is None:
            self._found = self._extract(read_files(self._access, self._config.path, self.suffixes))
        return self._found

    def sample(self, dataset: DiscoveredDataset, rows: int) -> Sample:
        return Sample((), {})

    def interrupt(self) -> None:  # noqa: B027 - reading files waits for nobody
        pass

    def close(self) -> None:
        self._found = None


def read_files(access: NetworkPolicy, path: str, suffixes: Sequence[str]) -> list[File]:
    """Files of these suffixes in the order of their names; a single file is read whatever it is called.

    Raises ``ConnectionFailed`` where nothing can be read, ``BadDocument`` where it is too much.
    """
    real = access.local_path(path)
    remedy = "Give the path of an export that this process can read."
    try:
        if real.is_file():
            found = [*_archived(real, suffixes)] if zipfile.is_zipfile(real) else [_file(real, real.name)]
        elif real.is_dir():
            found = [*_inside(access, real, suffixes)]
        else:
            raise ConnectionFailed("NOT_FOUND", "There is no export at this path.", remedy, path=_PLACE)
    except OSError:
        raise ConnectionFailed("PERMISSION", "The export cannot be read.", remedy, path=_PLACE) from None
    except zipfile.BadZipFile:
        raise BadDocument("The archive is damaged.", path=_PLACE, remedy="Export it again.") from None
    if not found:
        names = ", ".join(suffixes)
        raise ConnectionFailed(
            "NOT_FOUND", f"There are no files of {names} at this path.", remedy, path=_PLACE
        )
    return found


def _inside(access: NetworkPolicy, folder: Path, suffixes: Sequence[str]) -> Iterator[File]:
    size = 0
    names = sorted(each for each in folder.rglob("*") if each.name.lower().endswith(tuple(suffixes)))
    _enough(len(names), 0)
    for each in names:
        real = access.local_path(each)  # a link may lead out of the folders that may be read
        if real.is_file():
            size += real.stat().st_size
            _enough(0, size)
            yield _file(real, each.relative_to(folder).as_posix())


def _file(real: Path, name: str) -> File:
    _enough(0, real.stat().st_size)
    return File(name, real.read_bytes())


def _archived(archive: Path, suffixes: Sequence[str]) -> Iterator[File]:
    with zipfile.ZipFile(archive) as held:
        parts = [each for each in held.infolist() if each.filename.lower().endswith(tuple(suffixes))]
        _enough(len(parts), sum(each.file_size for each in parts))
        for each in sorted(parts, key=lambda part: part.filename):
            if each.flag_bits & 1:
                raise BadDocument(
                    "The archive is encrypted.", path=_PLACE, remedy="Unpack it, and give the folder."
                )
            yield File(each.filename, held.read(each))


def _enough(files: int, size: int) -> None:
    if files > MOST_FILES or size > MOST_BYTES:
        raise BadDocument(
            f"The export has more than {MOST_FILES} files or {MOST_BYTES // 2**20} MiB.",
            path=_PLACE,
            remedy="Split it.",
        )
