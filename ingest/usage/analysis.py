"""From logged statements to figures of assets: each text is read once, in a child process, and then forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ingest.isolation import Isolated, Lost
from ingest.stages.lineage import Schema, merged
from schema.domain.lineage import LineageEdge
from schema.domain.platforms import column_urn, platform_of, split_name
from schema.domain.scans import Problem, ScanStage, Severity
from schema.domain.usage import AssetUse, JoinUse, LoggedUse, UsageLog, UsageReport
from schema.ids import Urn

_TIMEOUT_S = 10.0

Text = tuple[str, str, str]
"""SQL, and the database and schema in which its bare names resolve."""


@dataclass(frozen=True, slots=True)
class Task:
    """One text to read."""

    sql: str = field(repr=False)
    dialect: str
    namespace: str
    database: str
    schema: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a statement reads, joins and moves; ``codes`` say what could not be read."""

    datasets: tuple[Urn, ...] = ()
    columns: tuple[Urn, ...] = ()
    joins: tuple[tuple[Urn, Urn], ...] = ()
    edges: tuple[LineageEdge, ...] = ()
    codes: tuple[str, ...] = ()


_known: Schema = {}
_read: dict[Text, Reading] = {}


def _prepare(known: Schema) -> None:
    from ingest.sql_lineage import analyse_script  # noqa: F401 - loads the parser, outside of any item's time

    _known.update(known)


def read(task: Task) -> Reading:
    """Runs in the child process. Values are taken out first, so that no name can be made of one."""
    from ingest.usage.statements import without_values

    try:
        plain = without_values(task.sql, task.dialect)
    except ValueError:
        return Reading(codes=("PARSE_ERROR",))
    key = (plain, task.database, task.schema)
    if key not in _read:
        _read[key] = _analysed(plain, task)
    return _read[key]


def _analysed(sql: str, task: Task) -> Reading:
    from ingest.sql_lineage import Catalog, Conventions, analyse_script, edges, reads

    script = analyse_script(
        sql,
        dialect=task.dialect,
        catalog=Catalog(_known, dialect=task.dialect),
        default_db=task.database or None,
        default_schema=task.schema or None,
        settings=Conventions(join_pairs=True),
    )
    found = reads(script, namespace=task.namespace)
    moved = tuple(edges(script, namespace=task.namespace))
    codes = tuple(dict.fromkeys(reason.code.value for reason in script.reasons))
    return Reading(found.datasets, found.columns, found.joins, moved, codes)


async def analysed(
    log: UsageLog, *, namespace: str, known: Mapping[Urn, Sequence[str]], schema: Schema
) -> UsageReport:
    """What ``log`` tells of the datasets in ``known``, whose columns it lists; all else is left out.

    ``schema`` is the same in segments, as ``ingest.stages.lineage.schema_of`` makes it.
    """
    texts = list(dict.fromkeys((use.sql, use.database, use.schema) for use in log.uses))
    dialect, only = platform_of(namespace).dialect, _only_database(known, namespace)
    isolated: Isolated[Task, Reading] = Isolated(read, _prepare, (schema,), timeout_s=_TIMEOUT_S)
    tasks = [Task(sql, dialect, namespace, database or only, place) for sql, database, place in texts]
    results = await isolated.map(tasks) if tasks else []
    readings = {
        text: Reading(codes=(result.code,)) if isinstance(result, Lost) else result
        for text, result in zip(texts, results, strict=True)
    }
    return _Figures(Known(known)).report(log, readings, namespace)


def _only_database(known: Iterable[Urn], namespace: str) -> str:
    """Where the bare names of a log without databases resolve, if the instance has but one."""
    platform = platform_of(namespace)
    if not platform.levels:
        return ""
    found = {split_name(platform, urn.name)[0] for urn in known}
    return found.pop() if len(found) == 1 else ""


class Known:
    """Whether an asset is in the catalogue; columns are looked at as their datasets come up."""

    def __init__(self, datasets: Mapping[Urn, Sequence[str]]) -> None:
        self._datasets = datasets
        self._columns: dict[Urn, Collection[Urn]] = {}

    def __contains__(self, urn: Urn) -> bool:
        dataset = urn.dataset()
        if dataset not in self._datasets or urn.kind != "column":
            return dataset in self._datasets and urn.kind == "dataset"
        if dataset not in self._columns:
            self._columns[dataset] = {column_urn(dataset, name) for name in self._datasets[dataset]}
        return urn in self._columns[dataset]


@dataclass(slots=True)
class _Use:
    queries: int = 0
    accounts: dict[str, None] = field(default_factory=dict)
    last: datetime | None = None

    def add(self, use: LoggedUse) -> None:
        self.queries += use.calls
        self.accounts[use.account] = None
        self.last = use.last if self.last is None else max(self.last, use.last)


class _Figures:
    def __init__(self, known: Known) -> None:
        self._known = known
        self._uses: dict[tuple[Urn, str], _Use] = {}
        self._joins: dict[tuple[Urn, Urn, str], int] = {}
        self._edges: list[LineageEdge] = []

    def report(self, log: UsageLog, readings: Mapping[Text, Reading], namespace: str) -> UsageReport:
        for use in log.uses:
            self._add(use, readings[use.sql, use.database, use.schema])
        assets = tuple(
            AssetUse(urn, day, use.queries, tuple(filter(None, use.accounts)), use.last)
            for (urn, day), use in self._uses.items()
            if use.last is not None
        )
        joins = tuple(JoinUse(*key, count) for key, count in self._joins.items())
        queries = sum(use.calls for use in log.uses)
        problems = (*log.problems, *_unread(readings.values(), namespace))
        edges = tuple(merged(self._edges))
        return UsageReport(log.reader, log.before, log.after, queries, assets, joins, edges, problems)

    def _add(self, use: LoggedUse, reading: Reading) -> None:
        for urn in (*reading.datasets, *reading.columns) if use.calls else ():
            if urn in self._known:
                self._uses.setdefault((urn, use.day), _Use()).add(use)
        for pair in reading.joins if use.calls else ():
            if all(column in self._known for column in pair):
                one, other = sorted(pair, key=str)
                self._joins[one, other, use.day] = self._joins.get((one, other, use.day), 0) + use.calls
        for edge in reading.edges:
            if edge.upstream in self._known and edge.downstream in self._known:
                self._edges.append(replace(edge, observed_at=use.first, last_at=use.last))


def _unread(readings: Iterable[Reading], namespace: str) -> list[Problem]:
    counts: dict[str, int] = {}
    for reading in readings:
        for code in reading.codes:
            counts[code] = counts.get(code, 0) + 1
    return [
        Problem(
            ScanStage.LINEAGE,
            code,
            namespace,
            f"{count} logged statements could not be read to the end.",
            Severity.INFO,
        )
        for code, count in sorted(counts.items())
    ]
