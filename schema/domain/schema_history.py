"""What is known of the schema of one dataset over time: its versions, what lay between them, who is to thank for a column.

A version says when and by whom; what the columns were then is told by the columns' own states (``schema.domain.time``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from schema.domain.catalog import DiscoveredDataset
from schema.domain.platforms import fold_column, platform_of
from schema.domain.renames import Profile, SchemaColumn
from schema.domain.schemas import Change, ChangeKind, DatasetSchema, diff
from schema.domain.time import ALWAYS
from schema.errors import InvalidInput
from schema.ids import Urn

_BY_POSITION = (".csv", ".tsv", ".psv", ".csv.gz", ".tsv.gz", ".txt")
_FILES = {"file", "s3", "gcs", "azure", "hdfs"}


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """One version: ``valid_from`` when it began to hold, ``recorded_at`` since when the catalogue has it so, both stored times.

    ``source`` is who described the dataset, ``actor`` and ``run`` who recorded it; None where that was not kept.
    """

    number: int
    valid_from: str
    recorded_at: str
    actor: str | None
    run: str | None
    source: str | None
    ordered: bool
    gone: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> SchemaVersion:
        return cls(
            row["number"],
            row["valid_from"],
            row["recorded_at"],
            row.get("actor"),
            row.get("run"),
            row.get("source"),
            bool(row["ordered"]),
            bool(row["gone"]),
        )


@dataclass(frozen=True, slots=True)
class Blame:
    """A column as it is, the version since which it is so, and what changed of it, the newest first, by version.

    ``since`` is None where that is longer ago than the versions that were read.
    """

    column: SchemaColumn
    since: SchemaVersion | None
    changes: tuple[tuple[SchemaVersion, Change], ...]


@dataclass(frozen=True, slots=True)
class SchemaHistory:
    """Versions, the oldest first, and columns with their states as they were read; of those that a reader may see."""

    urn: Urn
    versions: tuple[SchemaVersion, ...]
    columns: tuple[Mapping[str, Any], ...]
    ordered: bool
    gone: bool

    def version(self, number: int) -> SchemaVersion:
        """Raise ``InvalidInput`` where there is none."""
        found = next((each for each in self.versions if each.number == number), None)
        if found is None:
            raise InvalidInput(
                f"The dataset has no version {number} of its schema.",
                remedy="Name one that schemaVersions lists.",
            )
        return found

    def before(self, version: SchemaVersion) -> SchemaVersion | None:
        """The version that it followed."""
        return next((old for old, new in pairwise(self.versions) if new == version), None)

    def at(self, version: SchemaVersion | None) -> DatasetSchema:
        """The schema of a version; None is now."""
        if version is None:
            return self.known_at(ALWAYS, ordered=self.ordered, gone=self.gone)
        return self.known_at(version.recorded_at, ordered=version.ordered, gone=version.gone)

    def known_at(self, moment: str, *, ordered: bool, gone: bool = False) -> DatasetSchema:
        """What the schema was taken for at a stored time."""
        states = [] if gone else [(column, _state(column, moment)) for column in self.columns]
        rows = [
            {**column, **state}
            for column, state in states
            if state is not None and state["status"] == "ACTIVE" and not state["stub"]
        ]
        return schema_of(self.urn, rows, ordered=ordered, gone=gone)

    def changes(self, version: SchemaVersion) -> tuple[Change, ...]:
        """What became another with a version; nothing with the first."""
        old = self.before(version)
        return () if old is None else diff(self.at(old), self.at(version))

    def blame(self) -> list[Blame]:
        """Each column of now, in order."""
        schema = self.at(None)
        named = {column.identity: column.identity for column in schema.columns}
        changed: dict[str, list[tuple[SchemaVersion, Change]]] = {c.identity: [] for c in schema.columns}
        for version in reversed(self.versions):
            found = self.changes(version)
            for change in found:
                if change.after is not None and change.after.identity in named:
                    changed[named[change.after.identity]].append((version, change))
            # Further back the column is looked for by the name that it had.
            renamed = [c for c in found if c.kind is ChangeKind.RENAMED]
            earlier = {
                c.before.identity: named.pop(c.after.identity)
                for c in renamed
                if c.before and c.after and c.after.identity in named
            }
            named |= earlier
        first = self.versions[0] if self.versions else None
        oldest = first if first is not None and first.number == 1 else None
        return [
            Blame(
                column,
                changed[column.identity][0][0] if changed[column.identity] else oldest,
                tuple(changed[column.identity]),
            )
            for column in schema.columns
        ]


def schema_of(
    urn: Urn, rows: Iterable[Mapping[str, Any]], *, ordered: bool, gone: bool = False
) -> DatasetSchema:
    """The schema that rows of columns are, which have ``urn``, ``name``, ``data_type``, ``nullable``, ``ordinal``."""
    columns = sorted(rows, key=lambda row: (row["ordinal"] or 0, row["urn"]))
    return _schema(urn, tuple(_column(row) for row in columns), ordered=ordered, gone=gone)


def told_schema(dataset: DiscoveredDataset, *, ordered: bool) -> DatasetSchema:
    """The schema of a dataset as its source describes it."""
    platform = platform_of(dataset.urn.namespace)
    placed = sorted(enumerate(dataset.columns, start=1), key=lambda each: each[1].ordinal or each[0])
    columns = tuple(
        SchemaColumn(c.name, fold_column(platform, c.name), c.data_type, c.nullable) for _, c in placed
    )
    return _schema(dataset.urn, columns, ordered=ordered)


def _schema(
    urn: Urn, columns: tuple[SchemaColumn, ...], *, ordered: bool, gone: bool = False
) -> DatasetSchema:
    platform = platform_of(urn.namespace).name
    by_position = platform in _FILES and urn.name.lower().endswith(_BY_POSITION)
    return DatasetSchema(columns, platform, ordered, by_position, gone)


def _column(row: Mapping[str, Any]) -> SchemaColumn:
    rows = row.get("rows")
    return SchemaColumn(
        row["name"],
        Urn.parse(row["urn"]).column or "",
        row["data_type"] or "",
        row["nullable"],
        row.get("description"),
        None if rows is None else Profile(rows, row.get("nulls") or 0, row.get("distinct") or 0),
        Urn.parse(row["renamed_to"]).column if row.get("renamed_to") else None,
    )


def _state(column: Mapping[str, Any], moment: str) -> Mapping[str, Any] | None:
    """Of what was recorded by then, what began last; the rule of ``cypher/catalog/_state.cypher``."""
    known = [state for state in column["states"] if state["recorded_at"] <= moment]
    return max(known, key=lambda state: (state["valid_from"], state["recorded_at"]), default=None)
