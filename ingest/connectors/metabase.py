"""Metabase by answers of its API, kept as files: questions, dashboards, databases, tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ingest.connectors.base import ConnectorConfig, connector
from ingest.connectors.exports import Export, ReportsConfig
from ingest.formats import metabase
from ingest.formats.exports import File
from ingest.formats.extract import Extract


class MetabaseConfig(ReportsConfig):
    """Answers of /api/card, /api/dashboard/:id, /api/database/:id and /api/table/:id (or its query_metadata), one or more a file."""


@connector
class Metabase(Export):
    """Questions and dashboards, and the tables and columns that they read."""

    kind: ClassVar[str] = "metabase"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)
    Config: ClassVar[type[ConnectorConfig]] = MetabaseConfig

    def _extract(self, files: Sequence[File]) -> Extract:
        config = self._config
        return metabase.extract(
            files, namespace=config.namespace, warehouses=config.warehouses(), url=config.url
        )
