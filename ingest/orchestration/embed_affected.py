"""The action that has search know of what was judged anew: texts tell of classifications, so those that became others are embedded again."""

from __future__ import annotations

from dataclasses import replace

from cypher.reclassification import reads
from ingest.known import known_dataset
from ingest.orchestration.outcomes import Done
from ingest.orchestration.reclassify import judged_of
from ingest.orchestration.task import Task, action
from ingest.orchestration.vectors import publish_vectors, vectors_of
from ingest.stages import embed as embedding


@action("embed_affected")
async def embed_affected(task: Task) -> Done:
    """Vectors of the datasets of a batch, and of their columns that were judged anew, where their texts are others now."""
    if task.embedder is None:
        return Done()
    judged = await judged_of(task)
    wanted = {urn for each in judged for urn in (each.urn, *each.judged, *each.restated)}
    labels: dict[str, list[str]] = {}
    datasets = []
    for row in await reads.described(task.graph, [each.urn for each in judged]):
        known = known_dataset(row, row["columns"])
        datasets.append(replace(known, comment=row["comment"], tags=tuple(row["tags"])))
        labels |= {column["urn"]: column["labels"] for column in row["columns"]}
    texts = embedding.texts(datasets, (), labels)
    vectors, problems = await vectors_of(task, {urn: text for urn, text in texts.items() if urn in wanted})
    written = await publish_vectors(task, vectors)
    return Done(counts={"embeddings": written}, problems=problems)
