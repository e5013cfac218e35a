"""What the stages of a scan hand to each other, and how each finds what is meant for it."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter

from ingest.connectors.base import selected
from ingest.formats.extract import Extract
from ingest.orchestration.task import Task
from ingest.orchestration.vectors import Vectors
from ingest.stages import lineage as sql
from schema.domain.catalog import DiscoveredDataset
from schema.domain.classifications import Verdict
from schema.domain.lineage import LineageEdge
from schema.domain.platforms import platform_of, split_name
from schema.domain.profiles import ColumnProfile, TableProfile
from schema.ids import Urn

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Outline:
    """What a discovery found besides the datasets that changed. ``same`` and ``gone`` are urns; ``seen_at`` is when it was read.

    ``passed`` are those of ``same`` that what changed up to ``version`` of the vocabulary does not concern. ``unread`` are names or urns of what is there and could not be read; ``complete`` is whether what is not here is gone.
    """

    seen_at: datetime
    same: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    extract: Extract | None = None
    unread: tuple[str, ...] = ()
    complete: bool = False
    passed: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Datasets that changed, the marks by which the next scan knows them, and the urns of those that are this source's own."""

    datasets: tuple[DiscoveredDataset, ...]
    marks: Mapping[str, str]
    mine: frozenset[str]


@dataclass(frozen=True, slots=True)
class Texts:
    """SQL to read, and the columns of the tables it may name as (namespace, name, columns)."""

    tasks: tuple[sql.Task, ...]
    tables: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Examined:
    """(column urn, verdict) pairs, figures of tables and, where there are none, counts of samples, all columns that were judged, and by
    column what a model can learn from.

    ``version`` is what judged them, ``datasets`` the urns of theirs.
    """

    verdicts: tuple[tuple[str, Verdict], ...] = ()
    profiles: tuple[ColumnProfile, ...] = ()
    tables: tuple[TableProfile, ...] = ()
    judged: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    datasets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edges:
    """What SQL told: edges, the datasets they are told of anew, and why others could not be read."""

    edges: tuple[LineageEdge, ...] = ()
    spoken_of: tuple[Urn, ...] = ()
    unread: Mapping[str, str | None] = field(default_factory=dict)


OUTLINE = TypeAdapter(Outline)
BATCH = TypeAdapter(Batch)
TEXTS = TypeAdapter(Texts)
EXAMINED = TypeAdapter(Examined)
EDGES = TypeAdapter(Edges)
VECTORS: TypeAdapter[Vectors] = TypeAdapter(Vectors)


async def batch_of(task: Task) -> Batch:
    """The batch that a task works on."""
    n = task.claim.n
    return (await task.chunks.take("batch", [n], BATCH))[n]


async def outline_of(task: Task) -> Outline:
    """What the discovery of a task's run found."""
    return (await task.chunks.take("outline", [0], OUTLINE))[0]


async def examined_before(task: Task) -> Examined:
    """What was found in the batch that a task works on; nothing where it was not examined."""
    n = task.claim.n
    return (await task.chunks.take("examined", [n], EXAMINED)).get(n) or Examined()


def looked_for(task: Task, urn: str) -> bool:
    """Whether a scan with these options reads a dataset, if it is there."""
    parsed, options = Urn.parse(urn), task.options
    path = split_name(platform_of(parsed.namespace), parsed.name)
    return selected(path, options.include, options.exclude)


async def written(task: Task, work: Awaitable[_T]) -> _T:
    """The answer of a command, unless the task was told to stop."""
    task.stop.check()
    return await work
