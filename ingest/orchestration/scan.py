"""The actions of a scan. Everything is read before anything is written, so that a source which fails half way changes nothing.

``discover`` reads the structure and cuts what changed into batches; ``examine`` and ``embed`` work on a batch; ``lineage`` on all SQL;
``publish`` writes a batch; ``conclude`` writes what concerns the whole. What is written is idempotent by natural key, so that a task done
again by another worker ends in the same graph.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter

from cypher.lineage import reads as lineage_reads
from cypher.reclassification import reads as judged_reads
from cypher.scanning import reads
from cypher.session import GraphSession
from ingest.commands import (
    catalog,
    classifications,
    classifiers,
    data_tests,
    incidents,
    lineage,
    reclassification,
    review,
    stale,
)
from ingest.commands.rows import fingerprint
from ingest.connectors.base import Capability, Connector, selected
from ingest.formats.extract import Extract
from ingest.language_model.asking import suggest
from ingest.language_model.prompt import OpenTable
from ingest.orchestration.outcomes import Done
from ingest.orchestration.rules import plan_of
from ingest.orchestration.task import Task, action
from ingest.orchestration.vectors import Vectors, publish_vectors, vectors_of
from ingest.reclassification import PAGE, Look, current_basis
from ingest.stages import embed as embedding
from ingest.stages import lineage as sql
from ingest.stages.classify import classify
from ingest.stages.discover import Discovery, discover
from ingest.stages.profile import look_ahead, profile
from ingest.stages.sample import counts_of, sample
from ingest.usage.collecting import collect_usage
from ingest.vocabulary import current_vocabulary
from ml.classify.decision import TieredClassifier
from schema.domain.catalog import DiscoveredDataset
from schema.domain.classifications import Verdict
from schema.domain.identity import EVERYTHING, SYSTEM
from schema.domain.lineage import Direction, EdgeOrigin, LineageEdge
from schema.domain.platforms import platform_of, split_name
from schema.domain.profiles import ColumnProfile, TableProfile
from schema.domain.scans import Problem, ScanStage
from schema.domain.sources import source_urn
from schema.errors import Conflict
from schema.ids import Urn
from schema.ports import SystemClock

_MOST_GONE = 0.75
_FEW = 10
_AHEAD = 50
_CHUNKS = 5
_MOST_FEEDING = 1_000
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


_OUTLINE = TypeAdapter(Outline)
_BATCH = TypeAdapter(Batch)
_TEXTS = TypeAdapter(Texts)
_EXAMINED = TypeAdapter(Examined)
_EDGES = TypeAdapter(Edges)
_VECTORS: TypeAdapter[Vectors] = TypeAdapter(Vectors)


@action("discover")
async def discover_source(task: Task) -> Done:
    """Read the structure of the source; raises ``ConnectionFailed``, and ``Conflict`` where most of it is gone."""
    options = task.options
    connector = await asyncio.to_thread(task.open)
    try:
        found = await asyncio.to_thread(discover, connector, options, task.stop, task.at)
    finally:
        await asyncio.to_thread(connector.close)
    marks = await asyncio.to_thread(_marks, found, options.sample_rows)
    known = await reads.fingerprints(task.graph, task.source)
    gone = _gone(task, found, known)
    unchanged = [str(d.urn) for d in found.datasets if known.get(str(d.urn)) == (marks[str(d.urn)], "ACTIVE")]
    version, again, passed = await _to_be_judged(task, unchanged)
    same = [urn for urn in unchanged if urn not in again]
    keeps = set(same)
    changed = [d for d in found.datasets if str(d.urn) not in keeps]
    mine = await _mine(task, changed)

    task.stop.check()
    extract = found.extract
    # A document tells of when it was made.
    seen_at = extract.made_at if extract is not None and extract.made_at is not None else task.now
    unread = tuple(problem.subject for problem in found.problems)
    outline = Outline(
        seen_at, tuple(same), tuple(gone), extract, unread, found.complete, tuple(passed), version
    )
    await task.chunks.keep("outline", 0, outline, _OUTLINE)
    batches = list(catalog.batches(changed))
    for n, datasets in enumerate(batches):
        task.stop.check()
        urns = [str(d.urn) for d in datasets]
        batch = Batch(tuple(datasets), {u: marks[u] for u in urns}, frozenset(mine.intersection(urns)))
        await task.chunks.keep("batch", n, batch, _BATCH)
    wanted = options.lineage and (changed or gone or extract)
    texts = await asyncio.to_thread(sql.tasks, found.datasets, extract) if wanted else []
    if texts:
        await task.chunks.keep("texts", 0, Texts(tuple(texts), _tables(found.datasets)), _TEXTS)
    columns = sum(len(d.columns) for d in found.datasets)
    counts = {
        "datasets": len(found.datasets),
        "columns": columns,
        "changed": len(changed),
        "unchanged": len(same),
    }
    facts = counts | {
        "gone": len(gone),
        "batches": len(batches),
        "texts": len(texts),
        "complete": found.complete,
    }
    return Done(facts | {"document": extract is not None}, counts, found.problems)


def _marks(found: Discovery, sample_rows: int) -> dict[str, str]:
    """What a dataset looked like, and how much of it is read; by what it was judged is noted apart."""
    return {str(d.urn): f"{fingerprint(d)}:{sample_rows}" for d in found.datasets}


async def _to_be_judged(task: Task, unchanged: Sequence[str]) -> tuple[str, set[str], list[str]]:
    """What is in force, and of datasets that look the same those that it may judge otherwise or that were not judged, and those it cannot."""
    if not task.options.classify:
        return "", set(), []
    basis = await current_basis(task.graph, task.config.classify_tiers)
    await reclassification.keep_version(task.graph, basis.version)
    judged = await judged_reads.judged_by(task.graph, task.source)
    again = {urn for urn in unchanged if urn not in judged}
    passed: list[str] = []
    look, others = (
        Look(task.graph, basis),
        [u for u in unchanged if judged.get(u, basis.ident) != basis.ident],
    )
    for start in range(0, len(others), PAGE):
        task.stop.check()
        rows = await judged_reads.tables(task.graph, others[start : start + PAGE])
        concerned, not_concerned = await look.concerned(rows)
        again.update(str(each.dataset.urn) for each in concerned)
        passed += not_concerned
    return basis.ident, again, passed


def _gone(task: Task, found: Discovery, known: dict[str, tuple[str, str]]) -> list[str]:
    """Datasets the scan looked for and did not find; raises ``Conflict`` where they are most of the source."""
    active = {urn for urn, (_, status) in known.items() if status == "ACTIVE" and _looked_for(task, urn)}
    # What is there and could not be read is not gone.
    unread = {problem.subject for problem in found.problems}
    gone = sorted(active - {str(d.urn) for d in found.datasets})
    gone = [urn for urn in gone if not unread & {Urn.parse(urn).name, urn}]
    if not found.complete:
        return []
    if len(active) >= _FEW and len(gone) > _MOST_GONE * len(active):
        raise Conflict(
            f"{len(gone)} of {len(active)} datasets are missing; nothing was changed.",
            remedy="Check the connection's database and rights; remove the source if its data is gone.",
        )
    return gone


def _looked_for(task: Task, urn: str) -> bool:
    parsed, options = Urn.parse(urn), task.options
    path = split_name(platform_of(parsed.namespace), parsed.name)
    return selected(path, options.include, options.exclude)


async def _mine(task: Task, datasets: Sequence[DiscoveredDataset]) -> set[str]:
    """All but those of another registered source, which judges them by their values; a document has names alone."""
    registered = await reads.namespaces(task.graph)
    owners = [(str(dataset.urn), registered.owner(dataset.urn)) for dataset in datasets]
    return {u for u, owner in owners if owner.name == task.source or not registered.is_registered(owner)}


def _tables(
    datasets: Sequence[DiscoveredDataset],
) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    known = sql.schemas(datasets)
    return tuple(
        (space, name, columns) for space, tables in known.items() for name, columns in tables.items()
    )


@action("examine")
async def examine(task: Task) -> Done:
    """Sample and classify one dataset of the batch after the other; values live no longer than their dataset's turn."""
    batch = await _batch(task)
    datasets = [d for d in batch.datasets if str(d.urn) in batch.mine]
    # Before the rules: where they change in between, what they judge counts as judged by those that are gone.
    basis = await current_basis(task.graph, task.config.classify_tiers)
    if task.options.classify:
        await reclassification.keep_version(task.graph, basis.version)
    vocabulary = await current_vocabulary(task.graph)
    classifier = vocabulary.tiered(task.config.classify_tiers, task.embedder)
    connector = await asyncio.to_thread(task.open)
    left: list[OpenTable] = []
    try:
        spent: defaultdict[str, float] = defaultdict(float)
        examined, problems, rows = await asyncio.to_thread(
            _examined, task, connector, classifier, datasets, spent, left
        )
    finally:
        await asyncio.to_thread(connector.close)
    task.stop.check()
    suggested = await suggest(
        task.graph,
        task.config,
        left,
        vocabulary.classifiers,
        run=task.run,
        source=task.source,
        stop=task.stop,
    )
    examined = replace(examined, verdicts=(*examined.verdicts, *suggested.verdicts))
    problems += suggested.problems
    if task.options.classify:
        examined = replace(examined, version=basis.ident, datasets=tuple(str(d.urn) for d in datasets))
    await task.chunks.keep("examined", task.claim.n, examined, _EXAMINED)
    return Done(problems=problems, rows=rows, rules=spent)


async def _batch(task: Task) -> Batch:
    n = task.claim.n
    return (await task.chunks.take("batch", [n], _BATCH))[n]


def _examined(
    task: Task,
    connector: Connector,
    classifier: TieredClassifier,
    datasets: Sequence[DiscoveredDataset],
    spent: defaultdict[str, float],
    left: list[OpenTable],
) -> tuple[Examined, list[Problem], int]:
    options = task.options
    verdicts: list[tuple[str, Verdict]] = []
    profiles: list[ColumnProfile] = []
    tables: list[TableProfile] = []
    judged: list[str] = []
    notes: dict[str, str] = {}
    problems: list[Problem] = []
    rows = 0
    values_wanted = options.sample_rows > 0 and Capability.SAMPLE in connector.capabilities
    for done, dataset in enumerate(datasets):
        task.stop.check()
        task.at(done, len(datasets))
        if options.profile and done % _AHEAD == 0:
            look_ahead(connector, datasets[done : done + _AHEAD])
        values: dict[str, list[object]] = {}
        if values_wanted:
            taken = sample(connector, dataset, options.sample_rows)
            if isinstance(taken, Problem):
                problems.append(taken)
            else:
                values = taken.values
                rows += max(map(len, values.values()), default=0)
        found: list[tuple[str, Verdict]] = []
        if options.classify:
            told = classify(classifier, dataset, values, spent)
            found = told.verdicts
            notes |= told.notes
            left += told.left
            verdicts += found
            judged += [str(dataset.column_urn(c.name)) for c in dataset.columns]
        # Without classification nothing says that values may be kept: figures go without them.
        table = profile(connector, dataset, found, silent=not options.classify) if options.profile else None
        if isinstance(table, Problem):
            problems.append(table)
        elif table is not None:
            rows += table.sampled
            tables.append(replace(table, problems=()))
            problems += table.problems
        if table is None and values:
            profiles += counts_of(dataset, values)
    return Examined(tuple(verdicts), tuple(profiles), tuple(tables), tuple(judged), notes), problems, rows


@action("lineage")
async def read_lineage(task: Task) -> Done:
    """Read the SQL of views and documents, each text on its own."""
    texts = (await task.chunks.take("texts", [0], _TEXTS))[0]
    outline = await _outline(task)
    schemas: dict[str, sql.Schema] = {}
    for space, name, columns in texts.tables:
        schemas.setdefault(space, {})[name] = columns
    for namespace in {each.namespace for each in texts.tasks}:
        if namespace not in schemas or outline.extract is not None:
            # Documents list some columns, in any order; whoever read the tables themselves knows better.
            foreign = await _foreign_schema(task.graph, namespace)
            schemas[namespace] = schemas.get(namespace, {}) | foreign
    total = len(texts.tasks)
    outcome = await sql.analyse(texts.tasks, schemas, lambda done: task.at(done, total))
    task.stop.check()
    edges = Edges(tuple(outcome.edges), tuple(outcome.spoken_of), outcome.unread)
    await task.chunks.keep("edges", 0, edges, _EDGES)
    return Done(problems=outcome.problems)


async def _outline(task: Task) -> Outline:
    return (await task.chunks.take("outline", [0], _OUTLINE))[0]


async def _foreign_schema(graph: GraphSession, namespace: str) -> sql.Schema:
    """Columns of the tables that another source read; a name that nobody read has none."""
    registered = await reads.namespaces(graph)
    known = {
        urn: columns
        for name in registered.names(namespace)
        for urn, columns in (await reads.known_columns(graph, name)).items()
    }
    return sql.schema_of((Urn.parse(urn), columns) for urn, columns in known.items())


@action("embed")
async def embed(task: Task) -> Done:
    """Vectors of the assets of a batch whose text changed."""
    batch, examined = await _batch(task), await _examined_before(task)
    labels: dict[str, list[str]] = {}
    for urn, verdict in examined.verdicts:
        labels.setdefault(urn, []).append(verdict.classification)
    mine = [d for d in batch.datasets if str(d.urn) in batch.mine]
    vectors, problems = await vectors_of(task, embedding.texts(mine, (), labels))
    await task.chunks.keep("vectors", task.claim.n, vectors, _VECTORS)
    return Done(problems=problems)


async def _examined_before(task: Task) -> Examined:
    n = task.claim.n
    return (await task.chunks.take("examined", [n], _EXAMINED)).get(n) or Examined()


@action("publish")
async def publish(task: Task) -> Done:
    """Write a batch: datasets with their columns, then profiles, verdicts and vectors."""
    graph, run, n = task.graph, task.run, task.claim.n
    batch, outline, examined = await _batch(task), await _outline(task), await _examined_before(task)
    vectors = (await task.chunks.take("vectors", [n], _VECTORS)).get(n) or ()
    counts: dict[str, int] = {}
    task.at(0, len(batch.datasets))
    await _written(
        task,
        catalog.publish_datasets(
            graph,
            SYSTEM,
            batch.datasets,
            run=run,
            by=task.source,
            fingerprints={d.urn: batch.marks[str(d.urn)] for d in batch.datasets},
            valid_at=outline.seen_at,
        ),
    )
    if examined.judged:
        if n == 0:
            await _written(task, classifiers.sync_vocabulary(graph))
        published = await _written(
            task,
            classifications.publish_verdicts(
                graph,
                SYSTEM,
                examined.verdicts,
                examined.judged,
                run=run,
                valid_at=outline.seen_at,
                notes=examined.notes,
            ),
        )
        counts["verdicts"] = published.written
        if published.suppressed:
            counts["suppressed_verdicts"] = published.suppressed
    if examined.datasets:
        await _written(
            task,
            reclassification.mark_judged(graph, examined.datasets, version=examined.version, run=run),
        )
    # After the verdicts, since values of columns that they make too sensitive are not kept.
    profiles = [asdict(each) for each in examined.profiles]
    await _written(task, catalog.publish_profiles(graph, SYSTEM, profiles, run=run, tables=examined.tables))
    if vectors:
        counts["embeddings"] = await publish_vectors(task, vectors)
    task.at(len(batch.datasets), len(batch.datasets))
    return Done(counts=counts)


async def _written(task: Task, work: Awaitable[_T]) -> _T:
    task.stop.check()
    return await work


@action("conclude")
async def conclude(task: Task) -> Done:
    """Write what concerns the whole: keys between batches, what stayed, what is gone, jobs, lineage."""
    graph, run = task.graph, task.run
    outline, counts = await _outline(task), dict[str, int]()
    problems: list[Problem] = []
    batches = task.claim.batches
    for start in range(0, batches if batches > 1 else 0, _CHUNKS):
        kept = await task.chunks.take("batch", range(start, min(start + _CHUNKS, batches)), _BATCH)
        datasets = [dataset for batch in kept.values() for dataset in batch.datasets]
        await _written(task, catalog.publish_references(graph, SYSTEM, datasets, run=run, by=task.source))
    if outline.same:
        await _written(task, catalog.touch_datasets(graph, SYSTEM, outline.same, run=run))
    if outline.passed:
        await _written(
            task, reclassification.mark_judged(graph, outline.passed, version=outline.version, run=run)
        )
    if outline.gone:
        counts["retired"] = await _written(
            task,
            catalog.retire_missing(
                graph, SYSTEM, outline.gone, source=task.source, run=run, valid_at=outline.seen_at
            ),
        )
    # Before the lineage, which closes the edges of what went: an incident tells whom they reached.
    opened = await _written(task, incidents.open_for_schema_changes(graph, SYSTEM, run=run))
    counts["incidents"] = opened.incidents
    if opened.left_out:
        told = f"{opened.left_out} more breaking changes opened no incident."
        problems.append(Problem(ScanStage.CONCLUDE, "MANY_INCIDENTS", task.source, told))
    if (extract := outline.extract) is not None:
        jobs = extract.jobs
        counts["jobs"] = await _written(
            task, catalog.publish_jobs(graph, SYSTEM, jobs, run=run, valid_at=outline.seen_at)
        )
        if extract.tests:
            counts["tests"] = await _written(
                task, data_tests.publish_tests(graph, SYSTEM, extract.tests, run=run)
            )
        if task.options.embed:
            vectors, unmade = await vectors_of(task, embedding.texts((), jobs, {}))
            problems += unmade
            counts["embeddings"] = await publish_vectors(task, vectors)
    if task.options.lineage:
        counts |= await _publish_lineage(task, outline)
    if outline.complete:
        counts |= await _written(task, _settled(task, outline))
    # Last, when the lineage is known: what reaches far is asked about first.
    await _written(task, review.refresh_reach(graph, SYSTEM, source=task.source))
    return Done(counts=counts, problems=problems)


async def _settled(task: Task, outline: Outline) -> dict[str, int]:
    """What the plan says of what this scan and earlier ones did not find, where it looked for it."""
    row = await reads.source(task.graph, str(source_urn(task.source))) or {}
    unread = set(outline.unread)

    def missed(urn: str) -> bool:
        parsed = Urn.parse(urn)
        if parsed.kind not in ("dataset", "column"):
            return True
        dataset = parsed.dataset()
        return _looked_for(task, str(dataset)) and not unread & {dataset.name, str(dataset)}

    return await stale.settle_stale(
        task.graph,
        SYSTEM,
        source=task.source,
        rule=plan_of(row.get("plan")).stale,
        run=task.run,
        now=SystemClock().now(),
        missed=missed,
    )


@action("usage")
async def count_usage(task: Task) -> Done:
    """What the source's server has counted or recorded of its statements since the last scan; nothing where it does neither."""
    connector = await asyncio.to_thread(task.open)
    try:
        counted = await collect_usage(
            task.graph,
            SYSTEM,
            connector,
            source=task.source,
            run=task.run,
            keep_days=task.config.logged_lineage_days,
        )
    finally:
        await asyncio.to_thread(connector.close)
    if counted is None:
        return Done()
    published, problems = counted
    return Done(counts={"queries": published.queries}, problems=problems)


async def _publish_lineage(task: Task, outline: Outline) -> dict[str, int]:
    told = (await task.chunks.take("edges", [0], _EDGES)).get(0) or Edges()
    assertion, unread = f"source:{task.source}", dict(told.unread)
    edges = [(EdgeOrigin.SQL, list(told.edges), list(told.spoken_of))]
    if (extract := outline.extract) is not None:
        unread |= {str(urn): "NO_COMPILED_SQL" for urn in extract.unread}
        known = await _stated_before(task.graph, extract.unread, assertion)
        kept = [e for e in extract.edges if (str(e.upstream), str(e.downstream)) not in known]
        spoken_of = [*told.spoken_of, *sql.filled_by(extract.edges)]
        spoken_of = [urn for urn in spoken_of if unread.get(str(urn)) is None]
        edges = [(extract.origin, sql.merged([*kept, *told.edges]), spoken_of)]
    counts = {"edges": 0, "closed_edges": 0}
    for origin, each, closes in edges:
        written, closed = await _written(
            task,
            lineage.publish_edges(
                task.graph,
                SYSTEM,
                each,
                origin=origin,
                assertion=assertion,
                run=task.run,
                closes=closes,
                valid_at=outline.seen_at,
            ),
        )
        counts["edges"] += written
        counts["closed_edges"] += closed
    await _written(task, lineage.publish_problems(task.graph, SYSTEM, unread, run=task.run))
    return counts


async def _stated_before(graph: GraphSession, targets: Sequence[Urn], assertion: str) -> set[tuple[str, str]]:
    """Ends of the edges into ``targets`` that this source has stated; its SQL knew more of them than the document does."""
    fed = await lineage_reads.neighbours(
        graph,
        [str(urn) for urn in targets],
        Direction.UPSTREAM,
        EVERYTHING,
        indirect=False,
        key=None,
        backward=False,
        first=_MOST_FEEDING,
    )
    return {
        (other["urn"], target)
        for target, found in fed.items()
        for other in found
        if any(edge["assertion"] == assertion for edge in other["edges"])
    }
