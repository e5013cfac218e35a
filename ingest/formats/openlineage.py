"""OpenLineage events in: what they state about datasets, jobs, runs and lineage, in the catalogue's values.

Source: OpenLineage spec 2-0-2, "Naming Conventions" for identities.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ingest.formats import openlineage_facets as fx
from ingest.formats.extract import (
    Alias,
    AliasKind,
    EdgeSet,
    Extract,
    Namespaces,
    RunInfo,
    Statement,
    merge_datasets,
    merge_jobs,
    path_of,
)
from ingest.formats.openlineage_events import (
    Dataset,
    DatasetEvent,
    Event,
    Job,
    JobEvent,
    RunEvent,
    parse_event,
    parse_events,
)
from ingest.formats.openlineage_names import Names, name_of
from ingest.formats.sql_text import is_query, without_constants
from schema.domain.catalog import DiscoveredDataset, DiscoveredJob, Subtype
from schema.domain.lineage import EdgeOrigin
from schema.domain.platforms import containers, platform_of, split_name
from schema.domain.scans import Problem
from schema.ids import Urn

__all__ = [
    "Dataset",
    "DatasetEvent",
    "Event",
    "Job",
    "JobEvent",
    "RunEvent",
    "extract",
    "parse_event",
    "parse_events",
]

_FILES = frozenset({"s3", "gcs", "azure", "hdfs", "file"})


def extract(events: Iterable[Event], *, namespace_aliases: Mapping[str, str] | None = None) -> Extract:
    """Everything that ``events`` state. FAIL and ABORT state no lineage; all other states do.

    A path that is known to be a table (facet ``symlinks``) goes by the table's name in the whole result.
    """
    ordered = sorted(events, key=lambda event: event.event_time)
    reading = _Reading(Namespaces(namespace_aliases))
    for event in ordered:
        reading.learn_aliases(event)
    for event in ordered:
        reading.read(event)
    return reading.result()


class _Reading:
    """The state of one extraction."""

    def __init__(self, names: Namespaces) -> None:
        self._problems: dict[Problem, None] = {}
        self._names = Names(names, self._problems)
        self._renamed: dict[Urn, Urn] = {}
        self._datasets: dict[Urn, DiscoveredDataset] = {}
        self._jobs: dict[Urn, DiscoveredJob] = {}
        self._edges = EdgeSet()
        self._statements: dict[Statement, None] = {}
        self._runs: dict[RunInfo, None] = {}
        self._now: datetime | None = None  # the time of the event that is read

    def result(self) -> Extract:
        renamed = (Alias(old, new, AliasKind.RENAME) for old, new in self._renamed.items())
        return Extract(
            tuple(replace(d, subtype=self._subtype(d)) for d in self._datasets.values()),
            tuple(self._jobs.values()),
            self._edges.edges(),
            tuple(self._problems),
            tuple(self._statements),
            (*self._names.aliases(), *renamed),
            tuple(self._runs),
            EdgeOrigin.OPENLINEAGE,
        )

    def learn_aliases(self, event: Event) -> None:
        for dataset in _datasets(event):
            self._names.learn(dataset)

    def _subtype(self, dataset: DiscoveredDataset) -> Subtype:
        if dataset.subtype is not Subtype.UNKNOWN:
            return dataset.subtype
        if dataset.urn in self._names.tables:
            return Subtype.TABLE
        platform = platform_of(dataset.urn.namespace).name
        return (
            Subtype.TOPIC if platform == "kafka" else Subtype.FILE if platform in _FILES else Subtype.UNKNOWN
        )

    def read(self, event: Event) -> None:
        self._edges.observed_at = self._now = event.event_time
        found = {(d.namespace, d.name): urn for d in _datasets(event) if (urn := self._dataset(d))}
        if isinstance(event, DatasetEvent):
            self._facet_lineage(event.dataset, None)
            return
        job = self._names.job(name_of(event.job))
        state = event.event_type if isinstance(event, RunEvent) else None
        if isinstance(event, RunEvent):
            self._run(event, job)
        ended_badly = state in ("FAIL", "ABORT")
        inputs, outputs = (
            tuple(dict.fromkeys(urn for d in side if (urn := found.get((d.namespace, d.name)))))
            for side in (event.inputs, event.outputs)
        )
        self._job(event, job, _dialect(event.job, outputs or inputs))
        if ended_badly:
            return
        self._link(job, inputs, outputs)
        for output in outputs:
            for each in inputs:
                self._edges.add(each, output, job=job)
        for dataset in (*event.inputs, *event.outputs):
            self._facet_lineage(dataset, job)
        self._job_lineage(event.job, job)
        self._statement(event.job, job, inputs, outputs)

    def _run(self, event: RunEvent, job: Urn) -> None:
        parent = fx.facet(event.run.facets, "parent")
        run, of = fx.facet(parent, "run"), fx.name_in(fx.facet(parent, "job"))
        self._runs[
            RunInfo(
                event.run.run_id,
                job,
                event.event_type,
                event.event_time,
                fx.error_kind(event.run.facets),
                fx.text(run, "runId"),
                self._names.job(of) if of else None,
            )
        ] = None

    def _dataset(self, dataset: Dataset) -> Urn | None:
        urn, found = self._names.described(dataset), dataset.facets
        if urn is None:
            return None
        metrics = fx.facet(found, "dataQualityMetrics") or fx.facet(
            dataset.input_facets, "dataQualityMetrics"
        )
        new = DiscoveredDataset(
            urn,
            self._path(urn, dataset),
            fx.subtype(found),
            fx.columns(found),
            fx.text(fx.facet(found, "documentation"), "description"),
            row_count=fx.integer(metrics, "rowCount"),
            size_bytes=fx.integer(metrics, "bytes"),
            tags=fx.tags(found),
            owners=fx.owners(found),
            properties=fx.properties(found),
            observed_at=self._now,
        )
        self._datasets[urn] = merge_datasets(self._datasets[urn], new) if urn in self._datasets else new
        before = fx.previous_name(found)
        old = self._names.referred(before) if before else None
        if old and old != urn:
            self._renamed[old] = urn
        return urn

    def _path(self, urn: Urn, dataset: Dataset) -> tuple[str, ...]:
        names = [name_of(dataset), *(name for name, _ in fx.symlinks(dataset.facets))]
        same = (name.name for name in names if self._names.plain(name) == urn)
        return path_of(urn, next(same, urn.name))

    def _stub(self, name: fx.Name) -> Urn | None:
        """A dataset that is only referred to: kept, so that its edges have two ends."""
        return self._dataset(Dataset(namespace=name.namespace, name=name.name))

    def _job(self, event: JobEvent, urn: Urn, dialect: str) -> None:
        found, before = event.job.facets, self._jobs.get(urn)
        query = fx.text(fx.facet(found, "sql"), "query")
        properties = {"last_run_state": event.event_type} if isinstance(event, RunEvent) else {}
        new = DiscoveredJob(
            urn,
            event.job.name,
            fx.job_subtype(found),
            fx.text(fx.facet(found, "documentation"), "description"),
            without_constants(query, dialect) if query else None,
            tags=fx.tags(found),
            properties=properties,
            observed_at=self._now,
        )
        self._jobs[urn] = merge_jobs(before, new) if before else new

    def _link(self, job: Urn, inputs: tuple[Urn, ...] = (), outputs: tuple[Urn, ...] = ()) -> None:
        known = self._jobs.get(job) or DiscoveredJob(job, job.name, observed_at=self._now)
        self._jobs[job] = merge_jobs(known, replace(known, inputs=inputs, outputs=outputs))

    def _facet_lineage(self, dataset: Dataset, job: Urn | None) -> None:
        target = self._names.described(dataset)
        if target:
            self._uses(target, fx.field_uses(dataset.facets), job)
            self._entry_inputs(target, fx.facet(dataset.facets, "lineage"), job)

    def _job_lineage(self, job: Job, own: Urn) -> None:
        for entry in fx.items(fx.facet(job.facets, "lineage"), "entries"):
            name = fx.name_in(entry)
            if entry.get("type") == "DATASET" and name and (target := self._stub(name)):
                self._uses(target, fx.entry_uses(entry), own)
                self._entry_inputs(target, entry, own)
            elif entry.get("type") == "JOB":
                reader = self._names.job(name) if name else own
                read = (
                    self._stub(found) for item in fx.items(entry, "inputs") if (found := _dataset_in(item))
                )
                self._link(reader, inputs=tuple(urn for urn in read if urn))

    def _entry_inputs(self, target: Urn, entry: Mapping[str, Any], job: Urn | None) -> None:
        for item in fx.items(entry, "inputs"):
            name = _dataset_in(item)
            if name and not item.get("field") and (source := self._stub(name)):
                self._edges.add(source, target, fx.kinds_of(item), job)
            elif item.get("type") == "JOB":
                named = fx.name_in(item)
                if writer := self._names.job(named) if named else job:
                    self._link(writer, outputs=(target,))

    def _uses(self, target: Urn, uses: Iterable[tuple[str | None, fx.FieldUse]], job: Urn | None) -> None:
        for column, use in uses:
            source = self._names.referred(use.source)
            if source is None:
                continue
            if source not in self._datasets:
                self._stub(use.source)
            upstream = self._names.column(source, use.field)
            if upstream and column is None:
                self._edges.add(upstream, target, (*use.indirect, *use.direct), job)
            elif upstream and column is not None:
                if use.direct and (downstream := self._names.column(target, column)):
                    self._edges.add(upstream, downstream, use.direct, job)
                if use.indirect:
                    self._edges.add(upstream, target, use.indirect, job)

    def _statement(self, job: Job, urn: Urn, inputs: tuple[Urn, ...], outputs: tuple[Urn, ...]) -> None:
        query, known = fx.text(fx.facet(job.facets, "sql"), "query"), (*outputs, *inputs)
        spaces = {each.namespace for each in known}
        platform = platform_of(min(spaces, default=""))
        # Names in the text can only be resolved where all is in one database.
        if query is None or len(spaces) != 1 or not platform.levels:
            return
        dialect = _dialect(job, known)
        above = {up.kind: split_name(platform, up.name)[-1] for up in containers(known[0])}
        statement = Statement(
            query,
            dialect,
            outputs[0] if len(outputs) == 1 and is_query(query, dialect) else None,
            urn,
            known[0].namespace,
            above.get("database"),
            above.get("schema"),
        )
        self._statements[statement] = None


def _datasets(event: Event) -> tuple[Dataset, ...]:
    return (event.dataset,) if isinstance(event, DatasetEvent) else (*event.inputs, *event.outputs)


def _dataset_in(item: Mapping[str, Any]) -> fx.Name | None:
    return fx.name_in(item) if item.get("type") == "DATASET" else None


def _dialect(job: Job, known: tuple[Urn, ...]) -> str:
    stated = fx.text(fx.facet(job.facets, "sql"), "dialect")
    return (stated or next((platform_of(urn.namespace).dialect for urn in known), "")).lower()
