"""Third stage: what the columns of one dataset hold, judged from names, types and the sample."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ml.classify.decision import TieredClassifier
from ml.classify.engine import ColumnEvidence
from ml.classify.remembered import notes
from schema.domain.catalog import DiscoveredDataset
from schema.domain.classifications import Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """(column urn, verdict) pairs, and by column urn what is kept for a model to learn from, where values were read."""

    verdicts: list[tuple[str, Verdict]]
    notes: dict[str, str]


def classify(
    classifier: TieredClassifier,
    dataset: DiscoveredDataset,
    values: Mapping[str, Sequence[object]],
    spent: defaultdict[str, float],
) -> Judged:
    """``values`` may lack columns, whose names then decide alone. ``spent`` is added to as by the classifier."""
    evidence = [
        ColumnEvidence(dataset.name, c.name, c.data_type, c.comment, values.get(c.name, ()))
        for c in dataset.columns
    ]
    judged = classifier.classify(evidence, spent)
    urns = [str(dataset.column_urn(column.name)) for column in dataset.columns]
    pairs = [(urn, verdict) for urn, verdicts in zip(urns, judged, strict=True) for verdict in verdicts]
    return Judged(pairs, dict(zip(urns, notes(evidence, judged), strict=True)) if values else {})
