"""``conclude``: writes what concerns the whole: keys between batches, what is gone, jobs, lineage."""

from __future__ import annotations

from collections.abc import Sequence

from cypher.lineage import reads as lineage_reads
from cypher.scanning import reads
from cypher.session import GraphSession
from ingest.commands import (
    catalog,
    data_tests,
    incidents,
    lineage,
    reclassification,
    review,
    stale,
)
from ingest.orchestration.outcomes import Done
from ingest.orchestration.rules import plan_of
from ingest.orchestration.scan.handed import (
    BATCH,
    EDGES,
    Edges,
    Outline,
    looked_for,
    outline_of,
    written,
)
from ingest.orchestration.task import Task, action
from ingest.orchestration.vectors import publish_vectors, vectors_of
from ingest.stages import embed as embedding
from ingest.stages import lineage as sql
from schema.domain.identity import EVERYTHING, SYSTEM
from schema.domain.lineage import Direction, EdgeOrigin
from schema.domain.scans import Problem, ScanStage
from schema.domain.sources import source_urn
from schema.ids import Urn
from schema.ports import SystemClock

_CHUNKS = 5
_MOST_FEEDING = 1_000


@action("conclude")
async def conclude(task: Task) -> Done:
    """Write what concerns the whole: keys between batches, what stayed, what is gone, jobs, lineage."""
    graph, run = task.graph, task.run
    outline, counts = await outline_of(task), dict[str, int]()
    problems: list[Problem] = []
    batches = task.claim.batches
    for start in range(0, batches if batches > 1 else 0, _CHUNKS):
        kept = await task.chunks.take("batch", range(start, min(start + _CHUNKS, batches)), BATCH)
        datasets = [dataset for batch in kept.values() for dataset in batch.datasets]
        await written(task, catalog.publish_references(graph, SYSTEM, datasets, run=run, by=task.source))
    if outline.same:
        await written(task, catalog.touch_datasets(graph, SYSTEM, outline.same, run=run))
    if outline.passed:
        await written(
            task, reclassification.mark_judged(graph, outline.passed, version=outline.version, run=run)
        )
    if outline.gone:
        counts["retired"] = await written(
            task,
            catalog.retire_missing(
                graph, SYSTEM, outline.gone, source=task.source, run=run, valid_at=outline.seen_at
            ),
        )
    # Before the lineage, which closes the edges of what went: an incident tells whom they reached.
    opened = await written(task, incidents.open_for_schema_changes(graph, SYSTEM, run=run))
    counts["incidents"] = opened.incidents
    if opened.left_out:
        told = f"{opened.left_out} more breaking changes opened no incident."
        problems.append(Problem(ScanStage.CONCLUDE, "MANY_INCIDENTS", task.source, told))
    if (extract := outline.extract) is not None:
        jobs = extract.jobs
        counts["jobs"] = await written(
            task, catalog.publish_jobs(graph, SYSTEM, jobs, run=run, valid_at=outline.seen_at)
        )
        if extract.tests:
            counts["tests"] = await written(
                task, data_tests.publish_tests(graph, SYSTEM, extract.tests, run=run)
            )
        if task.options.embed:
            vectors, unmade = await vectors_of(task, embedding.texts((), jobs, {}))
            problems += unmade
            counts["embeddings"] = await publish_vectors(task, vectors)
    if task.options.lineage:
        counts |= await _publish_lineage(task, outline)
    if outline.complete:
        counts |= await written(task, _settled(task, outline))
    # Last, when the lineage is known: what reaches far is asked about first.
    await written(task, review.refresh_reach(graph, SYSTEM, source=task.source))
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
        return looked_for(task, str(dataset)) and not unread & {dataset.name, str(dataset)}

    return await stale.settle_stale(
        task.graph,
        SYSTEM,
        source=task.source,
        rule=plan_of(row.get("plan")).stale,
        run=task.run,
        now=SystemClock().now(),
        missed=missed,
    )


async def _publish_lineage(task: Task, outline: Outline) -> dict[str, int]:
    told = (await task.chunks.take("edges", [0], EDGES)).get(0) or Edges()
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
        added, closed = await written(
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
        counts["edges"] += added
        counts["closed_edges"] += closed
    await written(task, lineage.publish_problems(task.graph, SYSTEM, unread, run=task.run))
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
