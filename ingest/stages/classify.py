"""Third stage: what the columns of one dataset hold, judged from names, types and the sample."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ingest.language_model.prompt import MOST_BESIDE, MOST_COLUMNS, OpenColumn, OpenTable
from ml.classify.decision import Judged, TieredClassifier
from ml.classify.engine import ColumnEvidence
from ml.classify.remembered import notes
from schema.domain.catalog import DiscoveredDataset
from schema.domain.classifications import Verdict


@dataclass(frozen=True, slots=True)
class Classified:
    """(column urn, verdict) pairs, by column urn what is kept for a model to learn from where values were read, and what all tiers
    leave open, without a value."""

    verdicts: list[tuple[str, Verdict]]
    notes: dict[str, str]
    left: list[OpenTable]


def classify(
    classifier: TieredClassifier,
    dataset: DiscoveredDataset,
    values: Mapping[str, Sequence[object]],
    spent: defaultdict[str, float],
) -> Classified:
    """``values`` may lack columns, whose names then decide alone. ``spent`` is added to as by the classifier."""
    evidence = [
        ColumnEvidence(dataset.name, c.name, c.data_type, c.comment, values.get(c.name, ()))
        for c in dataset.columns
    ]
    judged = classifier.judge(evidence, spent)
    found = [each.verdicts for each in judged]
    urns = [str(dataset.column_urn(column.name)) for column in dataset.columns]
    pairs = [(urn, verdict) for urn, verdicts in zip(urns, found, strict=True) for verdict in verdicts]
    kept = dict(zip(urns, notes([each.seen for each in judged], found), strict=True)) if values else {}
    return Classified(pairs, kept, _left(dataset, judged))


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
