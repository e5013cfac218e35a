"""Fifth stage: the sentence about each asset, and the vectors of those whose sentence changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from ml.text import asset_text
from schema.domain.catalog import DiscoveredDataset, DiscoveredJob
from schema.ports import Embedder

BATCH = 256


def texts(
    datasets: Iterable[DiscoveredDataset],
    jobs: Iterable[DiscoveredJob],
    verdicts: Mapping[str, Sequence[str]],
) -> dict[str, str]:
    """Urn to sentence for datasets, columns and jobs; ``verdicts`` are the classifications by column urn, in any order."""
    made: dict[str, str] = {}
    for dataset in datasets:
        columns = [(c, str(dataset.column_urn(c.name))) for c in dataset.columns]
        held = sorted({label for _, urn in columns for label in verdicts.get(urn, ())})
        names = [c.name for c, _ in columns]
        made[str(dataset.urn)] = asset_text(
            dataset.subtype.value,
            dataset.name,
            dataset.path[:-1],
            dataset.comment,
            names,
            held,
            sorted(dataset.tags),
        )
        for column, urn in columns:
            labels = sorted(verdicts.get(urn, ()))
            made[urn] = asset_text("column", column.name, dataset.path, column.comment, (), labels)
    for job in jobs:
        made[str(job.urn)] = asset_text(
            job.subtype.value, job.name, (), job.comment, (), (), sorted(job.tags)
        )
    return made


def text_hash(model: str, text: str) -> str:
    """Changes when the text or the model does."""
    return hashlib.blake2b(f"{model}\n{text}".encode(), digest_size=12).hexdigest()


def embed(embedder: Embedder, batch: Sequence[tuple[str, str]]) -> list[tuple[str, list[float], str]]:
    """(urn, vector, hash of its text) for a batch of (urn, text) pairs."""
    vectors = embedder([text for _, text in batch])
    return [
        (urn, vector, text_hash(embedder.model, text))
        for (urn, text), vector in zip(batch, vectors, strict=True)
    ]
