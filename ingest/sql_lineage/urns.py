"""The edges of a script between urns of one namespace."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ingest.sql_lineage.model import OUTPUT, UNNAMED, ColumnRef, ScriptLineage, StatementLineage, Table
from ingest.sql_lineage.naming import is_path
from schema.domain.lineage import LineageEdge, Transformation
from schema.domain.platforms import Platform, column_urn, dataset_urn, platform_of
from schema.ids import Urn

Note = Callable[[Urn, Urn, Iterable[Transformation], float], None]


def edges(
    script: ScriptLineage, *, namespace: str, job: Urn | None = None, unnamed: bool = False
) -> list[LineageEdge]:
    """One edge per pair of datasets, of columns, and of column and dataset it steers; temporary targets are left out.

    Short names are completed by the script's defaults and the platform's. An asset does not feed itself. Columns of a
    result that have no name are left out unless ``unnamed`` asks for them.
    """
    naming = Urns(namespace, script.default_db, script.default_schema)
    found: dict[tuple[Urn, Urn], tuple[dict[Transformation, None], float]] = {}

    def note(up: Urn, down: Urn, kinds: Iterable[Transformation], confidence: float) -> None:
        if down in (up, up.dataset()):
            return
        known, best = found.setdefault((up, down), ({}, 0.0))
        known.update(dict.fromkeys(kinds))
        found[up, down] = known, max(best, confidence)

    for statement in script.statements:
        if statement.temporary or statement.target in (None, OUTPUT):
            continue
        _statement(statement, naming, note, unnamed)
    return [
        LineageEdge(up, down, tuple(kinds) or (Transformation.UNKNOWN,), confidence, job)
        for (up, down), (kinds, confidence) in found.items()
    ]


def _statement(statement: StatementLineage, naming: Urns, note: Note, unnamed: bool) -> None:
    strength: dict[Table, dict[Transformation, None]] = {}
    for up, down, kinds in statement.columns:
        strength.setdefault(up.table, {}).update(dict.fromkeys(kinds))
        if unnamed or not down.column.startswith(UNNAMED):
            note(naming.column(up), naming.column(down), kinds, statement.confidence)
    for up, target, kinds in statement.dependencies:
        strength.setdefault(up.table, {}).update(dict.fromkeys(kinds))
        note(naming.column(up), naming.dataset(target), kinds, statement.confidence)
    for source, target in statement.tables:
        if source is not None:
            note(
                naming.dataset(source), naming.dataset(target), strength.get(source, {}), statement.confidence
            )


class Urns:
    """Urns of the tables and columns of one namespace, short names completed."""

    def __init__(self, namespace: str, db: str | None, schema: str | None) -> None:
        self.namespace, self.db, self.schema = namespace, db, schema
        self.platform: Platform = platform_of(namespace)
        self._datasets: dict[Table, Urn] = {}

    def dataset(self, table: Table) -> Urn:
        urn = self._datasets.get(table)
        if urn is None:
            urn = self._datasets[table] = self._urn(table)
        return urn

    def column(self, ref: ColumnRef) -> Urn:
        return column_urn(self.dataset(ref.table), ref.column)

    def _urn(self, table: Table) -> Urn:
        if is_path(table):
            return _location(table[0], self.namespace)
        levels = len(self.platform.levels)
        schema = self.schema or self.platform.default_schema
        name = list(table)
        if levels == 2 and len(name) == 3 and not name[1]:
            name[1] = self.platform.default_schema or ""
        if len(name) == 1 and levels and (schema or self.db):
            name.insert(0, schema or self.db or "")
        if len(name) == levels and levels == 2 and self.db:
            name.insert(0, self.db)
        return dataset_urn(self.namespace, [part for part in name if part])


def _location(text: str, namespace: str) -> Urn:
    """A file by the naming of its store: ``s3://bucket`` and the key; a stage belongs to the database."""
    scheme, found, rest = text.partition("://")
    if not found:
        return dataset_urn(namespace if text.startswith("@") else "file", [text.strip("/") or text])
    authority, _, key = rest.partition("/")
    return dataset_urn(f"{scheme.lower()}://{authority}", [key.strip("/") or "/"])
