"""Third stage: what the columns of one dataset hold, judged from names, types and the sample."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ml.classify.decision import TieredClassifier
from ml.classify.engine import ColumnEvidence
from schema.domain.catalog import DiscoveredDataset
from schema.domain.classifications import Verdict


def classify(
    classifier: TieredClassifier,
    dataset: DiscoveredDataset,
    values: Mapping[str, Sequence[object]],
    spent: defaultdict[str, float],
) -> list[tuple[str, Verdict]]:
    """(column urn, verdict) pairs; ``values`` may lack columns, whose names then decide alone. ``spent`` is added to as by the classifier."""
    evidence = [
        ColumnEvidence(dataset.name, c.name, c.data_type, c.comment, values.get(c.name, ()))
        for c in dataset.columns
    ]
    judged = classifier.classify(evidence, spent)
    return [
        (str(dataset.column_urn(column.name)), verdict)
        for column, verdicts in zip(dataset.columns, judged, strict=True)
        for verdict in verdicts
    ]
