"""``publish``: writes a batch."""

from __future__ import annotations

from dataclasses import asdict

from ingest.commands import (
    catalog,
    classifications,
    classifiers,
    reclassification,
)
from ingest.orchestration.outcomes import Done
from ingest.orchestration.scan.handed import (
    VECTORS,
    batch_of,
    examined_before,
    outline_of,
    written,
)
from ingest.orchestration.task import Task, action
from ingest.orchestration.vectors import publish_vectors
from schema.domain.identity import SYSTEM


@action("publish")
async def publish(task: Task) -> Done:
    """Write a batch: datasets with their columns, then profiles, verdicts and vectors."""
    graph, run, n = task.graph, task.run, task.claim.n
    batch, outline, examined = await batch_of(task), await outline_of(task), await examined_before(task)
    vectors = (await task.chunks.take("vectors", [n], VECTORS)).get(n) or ()
    counts: dict[str, int] = {}
    task.at(0, len(batch.datasets))
    await written(
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
            await written(task, classifiers.sync_vocabulary(graph))
        published = await written(
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
        await written(
            task,
            reclassification.mark_judged(graph, examined.datasets, version=examined.version, run=run),
        )
    # After the verdicts, since values of columns that they make too sensitive are not kept.
    profiles = [asdict(each) for each in examined.profiles]
    await written(task, catalog.publish_profiles(graph, SYSTEM, profiles, run=run, tables=examined.tables))
    if vectors:
        counts["embeddings"] = await publish_vectors(task, vectors)
    task.at(len(batch.datasets), len(batch.datasets))
    return Done(counts=counts)
