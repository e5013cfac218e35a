"""What a document of another tool says, in the catalogue's own values and ready for the graph."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from schema.domain.catalog import DiscoveredDataset, DiscoveredJob, Subtype
from schema.domain.data_tests import DataTest
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.domain.platforms import canonical_namespace, dataset_urn, platform_of, split_name
from schema.domain.scans import Problem
from schema.errors import BadDocument, InvalidInput
from schema.ids import MAX_URN, Urn


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL to analyse later: what it fills, who runs it, and where its bare names resolve.

    ``target`` is set where the text is a query that does not say itself where its result goes.
    ``namespace`` is the warehouse whose tables it names; ``dialect`` is sqlglot's name, empty where unknown.
    """

    sql: str = field(repr=False)
    dialect: str
    target: Urn | None
    job: Urn | None
    namespace: str
    default_db: str | None = None
    default_schema: str | None = None


class AliasKind(StrEnum):
    SYMLINK = "SYMLINK"  # two names of one dataset at the same time
    RENAME = "RENAME"  # the name the dataset had before


@dataclass(frozen=True, slots=True)
class Alias:
    """``alias`` is another name of the dataset that the graph keeps as ``canonical``."""

    alias: Urn
    canonical: Urn
    kind: AliasKind = AliasKind.SYMLINK


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One state of one run of a job; ``error`` is the kind of error, never its text, which may quote data."""

    run_id: str
    job: Urn
    state: str
    event_time: datetime
    error: str | None = None
    parent_run_id: str | None = None
    parent_job: Urn | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """Datasets (columns may be unknown), jobs, edges and SQL of one document, and what it left unclear.

    ``aliases`` are resolved already in everything else here; keep them to resolve later documents. ``made_at`` is when
    the document was made, None where it does not say, or where its parts have times of their own. ``unread`` are the
    datasets whose SQL the document should hold and does not: what is known of their lineage stays. ``tests`` are jobs too.
    """

    datasets: tuple[DiscoveredDataset, ...] = ()
    jobs: tuple[DiscoveredJob, ...] = ()
    edges: tuple[LineageEdge, ...] = ()
    problems: tuple[Problem, ...] = ()
    statements: tuple[Statement, ...] = ()
    aliases: tuple[Alias, ...] = ()
    runs: tuple[RunInfo, ...] = ()
    origin: EdgeOrigin = EdgeOrigin.FOREIGN
    made_at: datetime | None = None
    unread: tuple[Urn, ...] = ()
    tests: tuple[DataTest, ...] = ()


class Namespaces:
    """Spells namespaces canonically, and replaces those declared to be another name of an instance."""

    def __init__(self, aliases: Mapping[str, str] | None = None) -> None:
        self._aliases = {canonical_namespace(k): canonical_namespace(v) for k, v in (aliases or {}).items()}

    def __call__(self, namespace: str) -> str:
        found = canonical_namespace(namespace)
        return self._aliases.get(found, found)

    def dataset(self, namespace: str, name: str | Sequence[str]) -> Urn:
        """The dataset's urn; raises ``InvalidInput`` where the name is not one the catalogue can hold."""
        urn = dataset_urn(self(namespace), name)
        if len(str(urn)) > MAX_URN:
            raise InvalidInput("A dataset name is too long.", path=("name",), remedy="Use a shorter name.")
        return urn

    def job(self, namespace: str, name: str) -> Urn:
        """The job's urn: OpenLineage's namespace and name of it."""
        return Urn("job", self(namespace), name)


def path_of(urn: Urn, name: str) -> tuple[str, ...]:
    """Segments of ``name`` in the spelling of its source."""
    return split_name(platform_of(urn.namespace), name)


class EdgeSet:
    """Edges by their ends and job: what is said twice is kept once, with all its transformations and its first time.

    ``observed_at`` is that of the edges which are added next.
    """

    def __init__(self) -> None:
        self._edges: dict[tuple[Urn, Urn, Urn | None], dict[Transformation, None]] = {}
        self._times: dict[tuple[Urn, Urn, Urn | None], datetime | None] = {}
        self.observed_at: datetime | None = None

    def add(
        self, upstream: Urn, downstream: Urn, kinds: Iterable[Transformation] = (), job: Urn | None = None
    ) -> None:
        """Note one edge; a dataset that feeds itself (a merge, an incremental model) gets none."""
        if upstream != downstream:
            key = (upstream, downstream, job)
            self._edges.setdefault(key, {}).update(dict.fromkeys(kinds))
            self._times.setdefault(key, self.observed_at)

    def edges(self) -> tuple[LineageEdge, ...]:
        """All edges in the order of their first mention."""
        return tuple(
            LineageEdge(up, down, _named(kinds), 1.0, job, self._times[up, down, job])
            for (up, down, job), kinds in self._edges.items()
        )


def _named(kinds: Iterable[Transformation]) -> tuple[Transformation, ...]:
    known = tuple(kind for kind in kinds if kind is not Transformation.UNKNOWN)
    return known or (Transformation.UNKNOWN,)


def merge_datasets(old: DiscoveredDataset, new: DiscoveredDataset) -> DiscoveredDataset:
    """What is known of the dataset after ``new``: the later word counts, silence takes nothing away.

    It was so since ``old`` where ``new`` adds nothing.
    """
    merged = replace(
        new,
        # A path that is the urn's own name was made up for want of the source's spelling.
        path=old.path if new.path == path_of(new.urn, new.urn.name) else new.path,
        subtype=old.subtype if new.subtype is Subtype.UNKNOWN else new.subtype,
        columns=new.columns or old.columns,
        comment=new.comment or old.comment,
        row_count=old.row_count if new.row_count is None else new.row_count,
        size_bytes=old.size_bytes if new.size_bytes is None else new.size_bytes,
        tags=tuple(dict.fromkeys((*old.tags, *new.tags))),
        owners=new.owners or old.owners,
        properties={**old.properties, **new.properties},
    )
    return replace(merged, observed_at=old.observed_at) if merged == old else merged


def merge_jobs(old: DiscoveredJob, new: DiscoveredJob) -> DiscoveredJob:
    """What is known of the job after ``new``; what it read and wrote adds up. Its time is that of ``new``."""
    return replace(
        new,
        subtype=old.subtype if new.subtype is Subtype.TASK else new.subtype,
        comment=new.comment or old.comment,
        definition=new.definition or old.definition,
        inputs=tuple(dict.fromkeys((*old.inputs, *new.inputs))),
        outputs=tuple(dict.fromkeys((*old.outputs, *new.outputs))),
        tags=tuple(dict.fromkeys((*old.tags, *new.tags))),
        owners=new.owners or old.owners,
        properties={**old.properties, **new.properties},
    )


def load_json(body: bytes | str, what: str, path: tuple[str, ...] = ()) -> Any:
    """The value in ``body``; raises ``BadDocument`` that names document and offset, and quotes nothing."""
    remedy = f"Send {what} complete, as UTF-8 JSON."
    try:
        return json.loads(body)
    except json.JSONDecodeError as error:
        where = f"at offset {error.pos} of {len(body)}"
        raise BadDocument(f"{what} is not JSON: {error.msg} {where}.", path=path, remedy=remedy) from None
    except UnicodeDecodeError as error:
        raise BadDocument(f"{what} is not UTF-8 at byte {error.start}.", path=path, remedy=remedy) from None
    except (RecursionError, ValueError):
        raise BadDocument(f"{what} cannot be read as JSON.", path=path, remedy=remedy) from None
