"""Fourth stage: edges read from SQL, of views and of what jobs ran; what could not be read is said, per dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ingest.formats.extract import Extract
from ingest.isolation import Isolated, Lost
from schema.domain.catalog import DiscoveredDataset, Subtype
from schema.domain.lineage import LineageEdge, Transformation
from schema.domain.platforms import column_urn, platform_of, split_name
from schema.domain.scans import Problem, ScanStage, Severity
from schema.ids import Urn

_TIMEOUT_S = 10.0
_VIEWS = frozenset({Subtype.VIEW, Subtype.MATERIALIZED_VIEW})
# These leave columns without edges; the others are notes about what no SQL can tell.
_UNREAD = frozenset(
    {"PARSE_ERROR", "UNSUPPORTED_STATEMENT", "COMMAND_FALLBACK", "TOO_DEEP", "TIMEOUT", "CRASHED", "MEMORY"}
)

_ELSEWHERE = ("pursight result of a query",)  # stands for a target that no name of the warehouse can mean

Schema = dict[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Task:
    """One SQL text to read: what it fills (a view, a model), who runs it, and where its bare names resolve."""

    sql: str
    dialect: str
    namespace: str
    target: Urn | None = None
    job: Urn | None = None
    default_db: str | None = None
    default_schema: str | None = None

    @property
    def subject(self) -> Urn | None:
        return self.target or self.job


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text told: its edges, and the codes of what it left open with the place in the text."""

    edges: tuple[LineageEdge, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Outcome:
    """``spoken_of`` are the datasets whose edges are known anew; ``unread`` maps datasets to a code, or None if all was read."""

    edges: list[LineageEdge] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    spoken_of: list[Urn] = field(default_factory=list)
    unread: dict[str, str | None] = field(default_factory=dict)


def tasks(datasets: Iterable[DiscoveredDataset], extract: Extract | None) -> list[Task]:
    """The SQL of views and of the jobs of a document."""
    found = [
        Task(
            dataset.definition,
            platform_of(namespace).dialect,
            namespace,
            dataset.urn,
            None,
            *_defaults(dataset.urn),
        )
        for dataset in datasets
        for namespace in [dataset.urn.namespace]
        if dataset.definition and dataset.subtype in _VIEWS
    ]
    for s in extract.statements if extract else ():
        dialect = s.dialect or platform_of(s.namespace).dialect
        found.append(Task(s.sql, dialect, s.namespace, s.target, s.job, s.default_db, s.default_schema))
    return found


def _defaults(urn: Urn) -> tuple[str | None, str | None]:
    """Database and schema in which the bare names of a view's text resolve: its own."""
    platform = platform_of(urn.namespace)
    named = dict(zip(platform.levels, split_name(platform, urn.name)[:-1], strict=False))
    return named.get("database"), named.get("schema")


def schemas(datasets: Iterable[DiscoveredDataset]) -> dict[str, Schema]:
    """Namespace to the columns of its tables, in order."""
    found: dict[str, Schema] = {}
    for dataset in datasets:
        if dataset.columns:
            found.setdefault(dataset.urn.namespace, {})[_segments(dataset.urn)] = tuple(
                c.name for c in dataset.columns
            )
    return found


def schema_of(known: Iterable[tuple[Urn, Sequence[str]]]) -> Schema:
    """The same from what the graph knows."""
    return {_segments(urn): tuple(columns) for urn, columns in known}


def _segments(urn: Urn) -> tuple[str, ...]:
    return split_name(platform_of(urn.namespace), urn.name)


_known: dict[str, Schema] = {}


def _prepare(known: Mapping[str, Schema]) -> None:
    # Naming a function loads the parser, seconds on a busy machine: here, outside of any item's time.
    from ingest.sql_lineage import analyse_script  # noqa: F401

    _known.update(known)


def read(task: Task) -> Reading:
    """Edges of one text; runs in the child process."""
    from ingest.sql_lineage import Catalog, analyse_script, edges, view_lineage

    catalog = Catalog(_known.get(task.namespace, {}), dialect=task.dialect)
    target = task.target
    if target is not None:
        elsewhere = target.kind != "dataset" or target.namespace != task.namespace
        script = view_lineage(
            task.sql,
            _ELSEWHERE if elsewhere else _segments(target),
            dialect=task.dialect,
            catalog=catalog,
            default_db=task.default_db,
            default_schema=task.default_schema,
        )
    else:
        script = analyse_script(
            task.sql,
            dialect=task.dialect,
            catalog=catalog,
            default_db=task.default_db,
            default_schema=task.default_schema,
        )
    # A report shows a column that has no name like any other.
    shown = target is not None and target.kind == "dashboard"
    found = edges(script, namespace=task.namespace, job=task.job, unnamed=shown)
    if target is not None and elsewhere:
        found = _into(target, found)
    reasons = [*script.reasons, *(r for statement in script.statements for r in statement.reasons)]
    told = dict.fromkeys((r.code.value, f"line {r.line}" if r.line else "") for r in reasons)
    return Reading(tuple(found), tuple(told))


def _into(target: Urn, edges: Iterable[LineageEdge]) -> list[LineageEdge]:
    """Edges of a query into what lies outside its warehouse: a dataset of a tool, whose columns are those of the query, or a report."""

    def end(urn: Urn) -> Urn:
        return column_urn(target, urn.column) if target.kind == "dataset" and urn.column else target

    here = _ELSEWHERE[-1]
    inner = (
        e for e in edges if split_name(platform_of(e.downstream.namespace), e.downstream.name)[-1] == here
    )
    return merged(replace(edge, downstream=end(edge.downstream)) for edge in inner)


async def analyse(
    work: Sequence[Task], known: Mapping[str, Schema], done: Callable[[int], None] = lambda _: None
) -> Outcome:
    """Read all texts in a child process; a text that crashes or hangs it costs itself alone."""
    outcome = Outcome()
    if not work:
        return outcome
    isolated: Isolated[Task, Reading] = Isolated(read, _prepare, (dict(known),), timeout_s=_TIMEOUT_S)
    for task, result in zip(work, await isolated.map(work, done), strict=True):
        reading = Reading((), ((result.code, ""),)) if isinstance(result, Lost) else result
        outcome.edges += reading.edges
        codes = [code for code, _ in reading.reasons]
        outcome.problems += [
            Problem(
                ScanStage.LINEAGE,
                code,
                str(task.subject or task.namespace),
                f"Lineage of this SQL may lack something: {code}{' at ' + place if place else ''}.",
                Severity.WARNING if code in _UNREAD else Severity.INFO,
            )
            for code, place in reading.reasons
        ]
        if task.target is not None:
            lost = next((code for code in codes if code in _UNREAD), None)
            outcome.unread[str(task.target)] = lost
            if lost is None:
                # What could not be read says nothing new: its older edges stay.
                outcome.spoken_of.append(task.target)
    outcome.edges = merged(outcome.edges)
    return outcome


def filled_by(edges: Iterable[LineageEdge]) -> list[Urn]:
    """The datasets and reports that ``edges`` lead into."""
    ends = dict.fromkeys(edge.downstream for edge in edges)
    return list(
        dict.fromkeys(
            end.dataset() if end.kind == "column" else end
            for end in ends
            if end.kind in ("dataset", "column", "dashboard")
        )
    )


def merged(edges: Iterable[LineageEdge]) -> list[LineageEdge]:
    """One edge per pair of ends and job, with everything that was said of it, from the first time to the last; what is known beats UNKNOWN."""
    found: dict[tuple[Urn, Urn, Urn | None], LineageEdge] = {}
    for edge in edges:
        key = (edge.upstream, edge.downstream, edge.job)
        if (other := found.get(key)) is not None:
            kinds = dict.fromkeys((*other.transformations, *edge.transformations))
            if len(kinds) > 1:
                kinds.pop(Transformation.UNKNOWN, None)
            edge = replace(
                edge,
                transformations=tuple(kinds),
                confidence=max(edge.confidence, other.confidence),
                observed_at=_of(min, edge.observed_at, other.observed_at),
                last_at=_of(max, edge.last_at, other.last_at),
            )
        found[key] = edge
    return list(found.values())


def _of(choose: Callable[..., datetime], one: datetime | None, other: datetime | None) -> datetime | None:
    """Where one does not say when, it is now: the last time that there can be."""
    return None if one is None or other is None else choose(one, other)
