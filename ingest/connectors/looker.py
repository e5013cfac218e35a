"""Looker by its LookML: views, explores and dashboards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ingest.connectors.base import ConnectorConfig, connector
from ingest.connectors.exports import Export, ReportsConfig
from ingest.formats import lookml
from ingest.formats.exports import File
from ingest.formats.extract import Extract


class LookerConfig(ReportsConfig):
    """A project of LookML: a folder of .lkml files, and of .lookml files for dashboards; its connections are the `databases`."""


@connector
class Looker(Export):
    """Views with their fields, the explores over them, dashboards, and the tables and columns that they read."""

    kind: ClassVar[str] = "looker"
    suffixes: ClassVar[tuple[str, ...]] = (".lkml", ".lookml")
    Config: ClassVar[type[ConnectorConfig]] = LookerConfig

    def _extract(self, files: Sequence[File]) -> Extract:
        config = self._config
        return lookml.extract(
            files, namespace=config.namespace, warehouses=config.warehouses(), url=config.url
        )
