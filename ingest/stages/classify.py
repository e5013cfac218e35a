"""Third stage: what the columns of one dataset hold, judged from names, types and the sample."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice

from ingest.language_model.prompt import MOST_BESIDE, MOST_COLUMNS, OpenColumn, OpenTable
from ml.classify.decision import Judged, TieredClassifier
from ml.classify.engine import ColumnEvidence
from schema.domain.catalog import DiscoveredDataset
from schema.domain.classifications import Verdict


def classify(
    classifier: TieredClassifier,
    dataset: DiscoveredDataset,
    values: Mapping[str, Sequence[object]],
    spent: defaultdict[str, float],
    left: list[OpenTable] | None = None,
) -> list[tuple[str, Verdict]]:
    """(column urn, verdict) pairs; ``values`` may lack columns, whose names then decide alone. ``spent`` is added to as by the classifier.

    What all tiers leave open is added to ``left``, without a value.
    """
    evidence = [
        ColumnEvidence(dataset.name, c.name, c.data_type, c.comment, values.get(c.name, ()))
        for c in dataset.columns
    ]
    judged = classifier.judge(evidence, spent)
    if left is not None:
        left += _left(dataset, judged)
    return [
        (str(dataset.column_urn(column.name)), verdict)
        for column, found in zip(dataset.columns, judged, strict=True)
        for verdict in found.verdicts
    ]


def _left(dataset: DiscoveredDataset, judged: Sequence[Judged]) -> list[OpenTable]:
    urns = {column.name: str(dataset.column_urn(column.name)) for column in dataset.columns}
    open_columns = [
        OpenColumn(urns[c.name], c.name, c.data_type, c.comment, found.may_be, found.form)
        for c, found in zip(dataset.columns, judged, strict=True)
        if found.may_be
    ]
    tables = []
    for start in range(0, len(open_columns), MOST_COLUMNS):
        some = open_columns[start : start + MOST_COLUMNS]
        asked = {column.name for column in some}
        beside = dict(islice(((n, u) for n, u in urns.items() if n not in asked), MOST_BESIDE))
        tables.append(OpenTable(str(dataset.urn), dataset.name, dataset.comment, tuple(some), beside))
    return tables
