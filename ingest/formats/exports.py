"""What exports of other tools have in common: reports and data tests over tables of warehouses which they call by names of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.formats.extract import EdgeSet, Extract, Namespaces, Statement
from schema.domain.catalog import DiscoveredDataset, DiscoveredJob, Subtype
from schema.domain.data_tests import DataTest, DataTestResult
from schema.domain.lineage import Transformation
from schema.domain.platforms import column_urn, platform_of, split_name
from schema.domain.scans import Problem, ScanStage, Severity
from schema.errors import InvalidInput
from schema.ids import Urn

_CREDENTIALS = re.compile(r"//[^/@]*@")


@dataclass(frozen=True, slots=True)
class Warehouse:
    """Where the tables of one database of the tool are; ``database`` and ``schema`` complete names that lack them."""

    namespace: str
    database: str | None = None
    schema: str | None = None

    def path(self, table: str, schema: str | None = None, database: str | None = None) -> tuple[str, ...]:
        """Segments of a table's name, as many as its platform has levels and are known."""
        platform = platform_of(self.namespace)
        if not platform.levels:
            return (table,)
        schema = schema or self.schema
        known = {
            "database": database or self.database,
            "schema": schema or platform.default_schema,
        }
        if platform.levels == ("database",):  # what tools call a schema is a database there
            known["database"] = schema or known["database"]
        return (*filter(None, (known[level] for level in platform.levels)), table)


@dataclass(frozen=True, slots=True)
class File:
    """One file of an export, by its path inside it."""

    name: str
    body: bytes = field(repr=False)


class Collected:
    """Collects what one export says; what it says of databases that nobody mapped is catalogued without its lineage."""

    def __init__(
        self, namespace: str, warehouses: Mapping[str, Warehouse], names: Namespaces | None = None
    ) -> None:
        self.names = names or Namespaces()
        self.namespace = self.names(namespace)
        self._warehouses = {key.lower(): value for key, value in warehouses.items()}
        self._datasets: dict[Urn, DiscoveredDataset] = {}
        self._jobs: dict[Urn, DiscoveredJob] = {}
        self._edges = EdgeSet()
        self._statements: list[Statement] = []
        self._problems: dict[Problem, None] = {}
        self._tests: dict[Urn, DataTest] = {}

    def urn(self, name: str) -> Urn:
        """The chart or dashboard ``name`` of the tool."""
        return Urn("dashboard", self.namespace, name)

    def warehouse(self, *called: str) -> Warehouse | None:
        """The warehouse that the configuration names for a database the tool knows by any of ``called``."""
        names = [name for name in called if name]
        for name in names:
            if (found := self._warehouses.get(name.lower())) is not None:
                return found
        subject = names[0] if names else "a database without a name"
        self.note(
            "UNMAPPED_DATABASE",
            subject,
            "No warehouse is named for this database, so that lineage from its tables is not read: add it to `databases`.",
        )
        return None

    def table(
        self, of: Warehouse, table: str, schema: str | None = None, database: str | None = None
    ) -> Urn | None:
        """The table's urn; None, with a problem, where the name is none."""
        try:
            return self.names.dataset(of.namespace, of.path(table, schema, database))
        except InvalidInput as error:
            self.note("BAD_NAME", table[:200], error.message)
            return None

    def named(self, of: Warehouse, name: str) -> Urn | None:
        """The table that a dotted name, of any of its segments from the end, means."""
        *above, table = split_name(platform_of(of.namespace), name)
        if platform_of(of.namespace).levels == ("database",):
            return self.table(of, table, above[-1] if above else None)
        schema, database = (above[-1] if above else None), (above[-2] if len(above) > 1 else None)
        return self.table(of, table, schema, database)

    def dataset(self, dataset: DiscoveredDataset) -> None:
        self._datasets.setdefault(dataset.urn, dataset)

    def report(
        self,
        urn: Urn,
        name: str,
        subtype: Subtype,
        *,
        comment: str = "",
        definition: str = "",
        inputs: Iterable[Urn] = (),
        tags: Iterable[str] = (),
        owners: Iterable[str] = (),
        properties: Mapping[str, object] | None = None,
    ) -> None:
        """A chart or dashboard; ``inputs`` are datasets that feed it."""
        datasets = tuple(dict.fromkeys(each for each in inputs if each.kind == "dataset"))
        for upstream in datasets:
            self._edges.add(upstream, urn)
        self._jobs[urn] = DiscoveredJob(
            urn,
            name.strip() or urn.name,
            subtype,
            comment.strip() or None,
            definition or None,
            datasets,
            tags=tuple(dict.fromkeys(tags)),
            owners=tuple(dict.fromkeys(filter(None, owners))),
            properties={
                key: str(value) for key, value in (properties or {}).items() if value not in (None, "")
            },
        )

    def test(
        self, name: str, title: str, check: str, tool: str, subjects: Iterable[Urn] = (), *, comment: str = ""
    ) -> Urn:
        """A data test; said again, what it tests adds up."""
        urn = Urn("job", self.namespace, name)
        known = self._tests.get(urn, DataTest(urn, check, tool))
        tested = tuple(dict.fromkeys((*known.subjects, *subjects)))
        self._tests[urn] = replace(known, subjects=tested)
        self._jobs[urn] = DiscoveredJob(
            urn,
            title,
            Subtype.DATA_TEST,
            comment.strip() or None,
            inputs=tuple(dict.fromkeys(each.dataset() for each in tested)),
            properties={"tool": tool, "check": check},
        )
        return urn

    def result(self, test: Urn, result: DataTestResult) -> None:
        """How a test went that was told of before."""
        known = self._tests[test]
        self._tests[test] = replace(known, results=(*known.results, result))

    def feeds(self, upstream: Urn, downstream: Urn, *kinds: Transformation) -> None:
        """An edge; of columns by way of ``column``."""
        self._edges.add(upstream, downstream, kinds)

    def column(self, dataset: Urn, column: str, report: Urn, *kinds: Transformation) -> None:
        """A column that a report, or a dataset of the tool as a whole, is made from."""
        self._edges.add(column_urn(dataset, column), report, kinds)

    def sql(self, text: str, target: Urn, of: Warehouse, *, schema: str | None = None) -> None:
        """A query in the words of a warehouse, whose result is ``target``."""
        space = self.names(of.namespace)
        self._statements.append(Statement(text, "", target, None, space, of.database, schema or of.schema))

    def note(self, code: str, subject: str, message: str, severity: Severity = Severity.WARNING) -> None:
        self._problems[Problem(ScanStage.DISCOVER, code, subject[:200], message, severity)] = None

    def extract(self) -> Extract:
        """All of it."""
        return Extract(
            tuple(self._datasets.values()),
            tuple(self._jobs.values()),
            self._edges.edges(),
            tuple(self._problems),
            tuple(self._statements),
            tests=tuple(self._tests.values()),
        )


def objects(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list; of one object itself; nothing of anything else."""
    several: Sequence[object] = value if isinstance(value, list) else [value]
    yield from (each for each in several if isinstance(each, dict))


def without_credentials(url: str) -> str:
    """The address with nobody's name and password in it."""
    return _CREDENTIALS.sub("//", url.strip())
