"""Vectors of what tasks found: made where a text is another than the one embedded, and written in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from cypher.scanning import reads
from ingest.commands import catalog
from ingest.orchestration.task import Task
from ingest.stages import embed as embedding
from schema.domain.identity import SYSTEM
from schema.domain.scans import Problem, ScanStage
from schema.errors import StackError

Vectors = tuple[tuple[str, list[float], str], ...]
_PUBLISHED_AT_ONCE = 1_000


async def vectors_of(task: Task, texts: Mapping[str, str]) -> tuple[Vectors, list[Problem]]:
    """(urn, vector, hash of its text) of those of ``texts``, by urn, that are not what was embedded; without a model none."""
    if task.embedder is None or not texts:
        return (), []
    model = task.embedder.model
    stored = await reads.embedding_hashes(task.graph, list(texts))
    changed = [
        (urn, text) for urn, text in texts.items() if stored.get(urn) != embedding.text_hash(model, text)
    ]
    vectors: list[tuple[str, list[float], str]] = []
    for start in range(0, len(changed), embedding.BATCH):
        task.stop.check()
        task.at(start, len(changed))
        try:
            some = changed[start : start + embedding.BATCH]
            vectors += await asyncio.to_thread(embedding.embed, task.embedder, some)
        except StackError as error:
            remedy = f"{error.message} {error.remedy}"
            return tuple(vectors), [Problem(ScanStage.EMBED, "NO_MODEL", task.source, remedy)]
    return tuple(vectors), []


async def publish_vectors(task: Task, vectors: Vectors) -> int:
    """Write them; returns how many there were."""
    written = 0
    for start in range(0, len(vectors), _PUBLISHED_AT_ONCE):
        task.stop.check()
        some = vectors[start : start + _PUBLISHED_AT_ONCE]
        written += await catalog.publish_embeddings(task.graph, SYSTEM, some, run=task.run)
    return written
