"""OpenLineage names: which dataset each name in a document stands for, symlinks included."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import openlineage_facets as fx
from ingest.formats.extract import Alias, Namespaces
from ingest.formats.openlineage_events import Dataset, Job
from schema.domain.platforms import canonical_namespace, column_urn, platform_of
from schema.domain.scans import Problem, ScanStage
from schema.errors import InvalidInput
from schema.ids import MAX_URN, Urn


def name_of(thing: Dataset | Job) -> fx.Name:
    """The name an event gives a dataset or a job."""
    return fx.Name(thing.namespace, thing.name)


class Names:
    """Which urn each name in a document stands for, once the symlinks of the whole document are known."""

    def __init__(self, names: Namespaces, problems: dict[Problem, None]) -> None:
        self._names, self._problems = names, problems
        self._canonical: dict[Urn, Urn] = {}
        self.tables: set[Urn] = set()

    def learn(self, dataset: Dataset) -> None:
        """Note the other names of ``dataset``."""
        chosen = self._chosen(dataset)
        links = [(self.plain(name), table) for name, table in fx.symlinks(dataset.facets)]
        self.tables.update(urn for urn, table in links if urn and table)
        for urn in (self.plain(name_of(dataset)), *(urn for urn, _ in links)):
            if urn and chosen and urn != chosen:
                # The first word stands: a folder that two tables share must not make one of them.
                self._canonical.setdefault(urn, chosen)

    def aliases(self) -> Iterator[Alias]:
        """Every name that another stands for."""
        yield from (Alias(urn, self.resolve(urn)) for urn in self._canonical if self.resolve(urn) != urn)

    def plain(self, name: fx.Name) -> Urn | None:
        """The urn that the name alone gives; None, and a problem noted, where it gives none."""
        try:
            return self._names.dataset(name.namespace, name.name)
        except InvalidInput as error:
            subject = f"{canonical_namespace(name.namespace)} {name.name}"
            self._problems[Problem(ScanStage.LINEAGE, "BAD_NAME", subject[:300], error.message)] = None
            return None

    def column(self, dataset: Urn, name: str) -> Urn | None:
        """The urn of a column; None, and a problem noted, where its name is too long for one."""
        urn = column_urn(dataset, name)
        if len(str(urn)) <= MAX_URN:
            return urn
        self._problems[Problem(ScanStage.LINEAGE, "BAD_NAME", str(dataset), "A column name is too long.")] = (
            None
        )
        return None

    def resolve(self, urn: Urn) -> Urn:
        """The name the dataset goes by; names that point at each other in a circle stay as they are."""
        seen = [urn]
        while (following := self._canonical.get(seen[-1])) and following not in seen:
            seen.append(following)
        return min(seen[seen.index(following) :]) if following else seen[-1]

    def referred(self, name: fx.Name) -> Urn | None:
        """The urn of a dataset that is only mentioned."""
        urn = self.plain(name)
        return self.resolve(urn) if urn else None

    def described(self, dataset: Dataset) -> Urn | None:
        """The urn of a dataset that comes with its facets."""
        urn = self._chosen(dataset)
        return self.resolve(urn) if urn else None

    def job(self, name: fx.Name) -> Urn:
        """The urn of a job."""
        return self._names.job(name.namespace, name.name)

    def _chosen(self, dataset: Dataset) -> Urn | None:
        own = self.plain(name_of(dataset))
        if own is None or platform_of(own.namespace).levels:
            return own
        tables = [urn for name, table in fx.symlinks(dataset.facets) if table and (urn := self.plain(name))]
        return min(tables, key=lambda urn: not platform_of(urn.namespace).levels, default=own)
