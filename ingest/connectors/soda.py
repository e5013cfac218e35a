"""Soda by the results of its scans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ingest.connectors.base import ConnectorConfig, connector
from ingest.connectors.exports import Export, TestsConfig
from ingest.formats import soda
from ingest.formats.exports import File
from ingest.formats.extract import Extract


class SodaConfig(TestsConfig):
    """JSON files of scan results as `soda scan --scan-results-file` writes them; its data sources are the `databases`."""


@connector
class Soda(Export):
    """Checks as data tests, and how their scans went."""

    kind: ClassVar[str] = "soda"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)
    Config: ClassVar[type[ConnectorConfig]] = SodaConfig

    def _extract(self, files: Sequence[File]) -> Extract:
        config = self._config
        return soda.extract(
            files, namespace=config.namespace, warehouses=config.warehouses(), tables=config.tables
        )
