"""What the catalogue holds: assets and their kinds, as connectors and formats hand them to the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from schema.domain.platforms import column_urn
from schema.ids import Urn


class AssetKind(StrEnum):
    """Kind of an asset; also its second label in the graph."""

    SOURCE = "SOURCE"
    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    DATASET = "DATASET"
    COLUMN = "COLUMN"
    JOB = "JOB"
    DASHBOARD = "DASHBOARD"
    MODEL = "MODEL"
    DATA_PRODUCT = "DATA_PRODUCT"


LABELS = {
    AssetKind.SOURCE: "Source",
    AssetKind.DATABASE: "Database",
    AssetKind.SCHEMA: "Schema",
    AssetKind.DATASET: "Dataset",
    AssetKind.COLUMN: "Column",
    AssetKind.JOB: "Job",
    AssetKind.DASHBOARD: "Dashboard",
    AssetKind.MODEL: "Model",
    AssetKind.DATA_PRODUCT: "DataProduct",
}


class Subtype(StrEnum):
    """What a dataset, job or report is on its own platform."""

    TABLE = "TABLE"
    VIEW = "VIEW"
    MATERIALIZED_VIEW = "MATERIALIZED_VIEW"
    FOREIGN_TABLE = "FOREIGN_TABLE"
    FILE = "FILE"
    FOLDER = "FOLDER"
    TOPIC = "TOPIC"
    SEED = "SEED"
    SNAPSHOT = "SNAPSHOT"
    EPHEMERAL = "EPHEMERAL"
    DBT_MODEL = "DBT_MODEL"
    DBT_TEST = "DBT_TEST"
    DATA_TEST = "DATA_TEST"
    QUERY = "QUERY"
    TASK = "TASK"
    BI_DATASET = "BI_DATASET"
    CHART = "CHART"
    DASHBOARD = "DASHBOARD"
    EXPLORE = "EXPLORE"
    UNKNOWN = "UNKNOWN"


class AssetStatus(StrEnum):
    """Whether the object was there when its source was last read."""

    ACTIVE = "ACTIVE"
    STALE = "STALE"
    DEPRECATED = "DEPRECATED"  # for longer than the plan of its source allows
    DELETED = "DELETED"  # its history alone is left


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """``columns`` of the holder refer to ``to_columns`` of ``to`` in the same order."""

    columns: tuple[str, ...]
    to: Urn
    to_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DiscoveredColumn:
    """One column as its source describes it; ``ordinal`` starts at 1."""

    name: str
    data_type: str = ""
    nullable: bool | None = None
    ordinal: int = 0
    comment: str | None = None
    primary_key: bool = False


@dataclass(frozen=True, slots=True)
class DiscoveredDataset:
    """One table, view, file or topic as its source describes it.

    ``path`` are the segments of its name in the source's own spelling; ``urn`` is their folded identity.
    ``row_count`` may be the engine's estimate; ``definition`` is the SQL of a view. ``observed_at`` is when the source saw
    it so, where that may be long before it is told; None where it tells of now. ``keys_known`` is whether all foreign keys
    are told, so that others are there no more.
    """

    urn: Urn
    path: tuple[str, ...]
    subtype: Subtype = Subtype.TABLE
    columns: tuple[DiscoveredColumn, ...] = ()
    comment: str | None = None
    definition: str | None = None
    row_count: int | None = None
    size_bytes: int | None = None
    foreign_keys: tuple[ForeignKey, ...] = ()
    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    observed_at: datetime | None = field(default=None, compare=False)
    keys_known: bool = field(default=True, compare=False)

    @property
    def name(self) -> str:
        return self.path[-1]

    def column_urn(self, column: str) -> Urn:
        return column_urn(self.urn, column)


@dataclass(frozen=True, slots=True)
class DiscoveredJob:
    """Something that reads and writes datasets: a dbt model, a Spark application, a query; ``observed_at`` as for datasets."""

    urn: Urn
    name: str
    subtype: Subtype = Subtype.TASK
    comment: str | None = None
    definition: str | None = None
    inputs: tuple[Urn, ...] = ()
    outputs: tuple[Urn, ...] = ()
    tags: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    owners: tuple[str, ...] = ()
    observed_at: datetime | None = field(default=None, compare=False)
