"""Great Expectations by the results it stores, and the suites beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ingest.connectors.base import ConnectorConfig, connector
from ingest.connectors.exports import Export, TestsConfig
from ingest.formats import great_expectations
from ingest.formats.exports import File
from ingest.formats.extract import Extract


class GreatExpectationsConfig(TestsConfig):
    """JSON files of validation results, of results of checkpoints and of expectation suites; its data sources are the `databases`."""


@connector
class GreatExpectations(Export):
    """Expectations as data tests, and how their validations went."""

    kind: ClassVar[str] = "great_expectations"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)
    Config: ClassVar[type[ConnectorConfig]] = GreatExpectationsConfig

    def _extract(self, files: Sequence[File]) -> Extract:
        config = self._config
        return great_expectations.extract(
            files, namespace=config.namespace, warehouses=config.warehouses(), tables=config.tables
        )
