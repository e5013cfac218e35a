"""A dbt project by the artifacts in its target folder: relations, jobs, tests and lineage; it holds no rows to sample."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

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
from ingest.formats import dbt
from ingest.formats.extract import Extract, Namespaces
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredDataset
from schema.domain.scans import Problem
from schema.errors import BadDocument, ConnectionFailed

MOST_BYTES = 512 * 1024 * 1024


class DbtConfig(ConnectorConfig):
    """The files, and the warehouse that the project builds."""

    manifest: str = Field(
        min_length=1, description="Path of manifest.json; `dbt compile` writes it with SQL."
    )
    catalog: str | None = Field(
        default=None, description="Path of catalog.json, for columns; `dbt docs generate` writes it."
    )
    run_results: str | None = Field(
        default=None, description="Path of run_results.json, for how runs and tests went."
    )
    namespace: str = Field(
        min_length=1, description="Identity of the warehouse, such as postgres://host:5432."
    )
    project_namespace: str | None = Field(
        default=None, description="Identity of the project; dbt://<name of the project> unless given."
    )
    namespace_aliases: dict[str, str] = Field(
        default_factory=dict, description="Other identities of the same warehouse, and the one to use."
    )


@connector
class Dbt:
    """Reads the artifacts once, on first use. All methods that read also raise ``BadDocument``."""

    kind: ClassVar[str] = "dbt"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SCHEMA, Capability.LINEAGE})
    drivers: ClassVar[tuple[str, ...]] = ()
    Config: ClassVar[type[ConnectorConfig]] = DbtConfig

    def __init__(self, config: Any, *, access: NetworkPolicy) -> None:
        self._config, self._access = config, access
        self._artifacts: dbt.Artifacts | None = None
        self._extract: Extract | None = None

    @property
    def namespace(self) -> str:
        """The project's: its relations belong to the warehouse, which may be a source of its own."""
        project = self._config.project_namespace or f"dbt://{self._read().project}"
        return Namespaces(self._config.namespace_aliases)(project)

    @property
    def root(self) -> str:
        return ""

    def check(self) -> CheckReport:
        begun = time.perf_counter()
        found, artifacts = self.extract(), self._read()
        without = sum(problem.code == "NO_COMPILED_SQL" for problem in found.problems)
        columns = (
            "" if artifacts.catalog else "Without a catalog, columns are known as far as they are documented."
        )
        sql = (
            f"{without} models have no compiled SQL: run `dbt compile` for lineage by column."
            if without
            else ""
        )
        version = f"dbt manifest v{artifacts.version}" if artifacts.version else "dbt manifest"
        return CheckReport(
            self.namespace,
            version,
            round((time.perf_counter() - begun) * 1000, 1),
            (Finding(Capability.SCHEMA, True, columns), Finding(Capability.LINEAGE, not without, sql)),
        )

    def discover(
        self, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> Iterator[DiscoveredDataset | Problem]:
        yield from (
            dataset for dataset in self.extract().datasets if selected(dataset.path, include, exclude)
        )

    def extract(self) -> Extract:
        """Everything the artifacts state: jobs, edges, SQL and problems besides the datasets."""
        if self._extract is None:
            self._extract = dbt.extract(
                self._read(),
                namespace=self._config.namespace,
                project_namespace=self._config.project_namespace,
                namespace_aliases=self._config.namespace_aliases,
            )
        return self._extract

    def sample(self, dataset: DiscoveredDataset, rows: int) -> Sample:
        return Sample((), {})

    def interrupt(self) -> None:
        """Reading files does not wait for anybody."""

    def close(self) -> None:
        self._artifacts = self._extract = None

    def _read(self) -> dbt.Artifacts:
        if self._artifacts is None:
            manifest, *others = (self._bytes(field) for field in ("manifest", "catalog", "run_results"))
            try:
                self._artifacts = dbt.parse_artifacts(manifest or b"", *others)
            except BadDocument as error:
                raise BadDocument(error.message, path=("config", *error.path), remedy=error.remedy) from None
        return self._artifacts

    def _bytes(self, field: str) -> bytes | None:
        name: str | None = getattr(self._config, field)
        if name is None:
            return None
        path, place = self._access.local_path(name, field=field), ("config", field)
        remedy = "Give the path of a file that dbt wrote, readable to this process."
        try:
            if not path.is_file():
                raise ConnectionFailed("NOT_FOUND", f"There is no file for {field}.", remedy, path=place)
            with path.open("rb") as file:
                body = file.read(MOST_BYTES + 1)
        except OSError:
            raise ConnectionFailed(
                "PERMISSION", f"The file for {field} cannot be read.", remedy, path=place
            ) from None
        if len(body) > MOST_BYTES:
            limit = f"The file for {field} is larger than {MOST_BYTES // 2**20} MiB."
            raise BadDocument(limit, path=place, remedy="Split the project, or leave this artifact out.")
        return body
