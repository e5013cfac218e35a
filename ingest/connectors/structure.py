"""From one schema as an engine describes it to datasets with identities; the same for every relational engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.connectors.base import selected
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, ForeignKey, Subtype
from schema.domain.platforms import dataset_urn, platform_of
from schema.domain.scans import Problem, ScanStage, Severity
from schema.errors import InvalidInput
from schema.ids import Urn


@dataclass(frozen=True, slots=True)
class Relation:
    """One table or view without its columns."""

    subtype: Subtype = Subtype.TABLE
    comment: str | None = None
    definition: str | None = None
    row_count: int | None = None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key whose target is still a name."""

    columns: tuple[str, ...]
    schema: str
    table: str
    to_columns: tuple[str, ...]


@dataclass(slots=True)
class Catalog:
    """Everything one schema holds, by the name of the relation."""

    relations: dict[str, Relation] = field(default_factory=dict)
    columns: dict[str, list[DiscoveredColumn]] = field(default_factory=dict)
    references: dict[str, list[Reference]] = field(default_factory=dict)
    without_keys: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a catalogue was read; parts that the platform does not have are empty."""

    namespace: str
    database: str
    schema: str

    def path(self, table: str, schema: str = "") -> tuple[str, ...]:
        """Segments of a relation's name as its platform counts them."""
        levels = len(platform_of(self.namespace).levels) or 1
        leading = [self.database, schema or self.schema][-levels:]
        return (*(part for part in leading if part), table)

    def urn(self, table: str, schema: str = "") -> Urn:
        """Identity of a relation; a platform without levels of its own takes the dotted path as one name."""
        path = self.path(table, schema)
        return dataset_urn(self.namespace, path if platform_of(self.namespace).levels else ".".join(path))


def datasets(
    catalog: Catalog, place: Place, include: Sequence[str], exclude: Sequence[str]
) -> Iterator[DiscoveredDataset | Problem]:
    """What was asked for of a catalogue, sorted by name; a name that cannot be an identity becomes a ``Problem``."""
    yield from catalog.problems
    seen: set[Urn] = set()
    for name, relation in sorted(catalog.relations.items()):
        path = place.path(name)
        if not selected(path, include, exclude):
            continue
        try:
            found = _dataset(catalog, place, name, relation)
        except InvalidInput as error:
            yield problem("BAD_NAME", path, error.message)
            continue
        if found.urn in seen:
            yield problem(
                "NAME_CLASH", path, "Another object has the same name but for letter case; it was kept."
            )
            continue
        seen.add(found.urn)
        yield found


def problem(code: str, path: Sequence[str], message: str, severity: Severity = Severity.WARNING) -> Problem:
    """A problem of discovery with one object; ERROR says that what was not found may exist all the same."""
    return Problem(ScanStage.DISCOVER, code, ".".join(path), message, severity)


def _dataset(catalog: Catalog, place: Place, name: str, relation: Relation) -> DiscoveredDataset:
    return DiscoveredDataset(
        urn=place.urn(name),
        path=place.path(name),
        subtype=relation.subtype,
        columns=tuple(catalog.columns.get(name, ())),
        comment=relation.comment or None,
        definition=relation.definition,
        row_count=relation.row_count,
        size_bytes=relation.size_bytes,
        foreign_keys=tuple(
            ForeignKey(key.columns, place.urn(key.table, key.schema), key.to_columns)
            for key in catalog.references.get(name, ())
        ),
        keys_known=name not in catalog.without_keys,
    )
