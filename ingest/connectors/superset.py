"""Superset by an export of its dashboards, charts, datasets and databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ingest.connectors.base import ConnectorConfig, connector
from ingest.connectors.exports import Export, ReportsConfig
from ingest.formats import superset
from ingest.formats.exports import File
from ingest.formats.extract import Extract


class SupersetConfig(ReportsConfig):
    """An export as Superset writes it: a ZIP archive or folder of YAML files."""


@connector
class Superset(Export):
    """Dashboards and charts, the datasets under them, and the tables and columns that these read."""

    kind: ClassVar[str] = "superset"
    suffixes: ClassVar[tuple[str, ...]] = (".yaml", ".yml")
    Config: ClassVar[type[ConnectorConfig]] = SupersetConfig

    def _extract(self, files: Sequence[File]) -> Extract:
        config = self._config
        return superset.extract(
            files, namespace=config.namespace, warehouses=config.warehouses(), url=config.url
        )
