"""What the embeddings are worth: for built-in classifications behind the other tiers, and for one of one's own that has a description and no rules.

For the second, each built-in classification that a part holds twice or more is taken in turn for one of one's own: it keeps title and description and
loses its rules, and the trained model may not name it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import numpy as np

from ml.classify.decision import OPEN, TieredClassifier
from ml.classify.engine import ClassificationEngine, ColumnEvidence
from ml.classify.spec import ClassifierSpec, Examples, Names, ancestors, built_in
from ml.classify.trained import trained_model
from ml.classify.zero_shot import Named, meanings_of, weights
from ml.embedding import OnnxEmbedder
from schema.settings import Settings
from tests.ml.classify import reliability
from tests.ml.classify.reliability import Pair

OWN = "OWN"
_FIRST = (1, 3, 5)


class Remembering:
    """An embedder that makes each vector once."""

    def __init__(self, embedder: OnnxEmbedder) -> None:
        self.model, self.dimensions = embedder.model, embedder.dimensions
        self._embedder, self._known = embedder, dict[str, np.ndarray]()

    def __call__(self, texts: Sequence[str]) -> list[np.ndarray]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= dict(zip(new, np.array(self._embedder(new), np.float32), strict=True))
        return [self._known[text] for text in texts]


def remembering() -> Remembering:
    return Remembering(OnnxEmbedder(Settings().cache_dir))


def described_alone(label: str) -> list[ClassifierSpec]:
    """The built-in classifications, with that one under the name ``OWN`` and without rules; what is below it stands below what is above it."""
    (of,) = [spec for spec in built_in() if spec.name == label]
    bare = replace(
        of, name=OWN, names=Names(), values=(), dictionary=frozenset(), examples=Examples(), digest=f"{of.digest} bare"
    )  # fmt: skip
    others = (spec for spec in built_in() if spec.name != label)
    return [*(replace(s, parent=of.parent) if s.parent == label else s for s in others), bare]


@dataclass
class Found:
    """Of suggestions: how many were right, wrong and missing, and (probability, right) of all columns that were asked about."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    pairs: list[Pair] = field(default_factory=list)


def _sum(found: Iterable[Found]) -> Found:
    total = Found()
    for each in found:
        total.right, total.wrong, total.missed = (
            total.right + each.right,
            total.wrong + each.wrong,
            total.missed + each.missed,
        )
    return total


def _tables(rows: Sequence[dict[str, Any]]) -> list[tuple[list[dict[str, Any]], list[ColumnEvidence]]]:
    tables = []
    for _, group in groupby(rows, lambda row: (row["set"], row["source"], row["table"])):
        table = list(group)
        columns = [
            ColumnEvidence(r["table"], r["column"], r["type"], None, r.get("values", ())) for r in table
        ]
        tables.append((table, columns))
    return tables


def _akin(due: str | None, name: str, above: dict[str, tuple[str, ...]]) -> bool:
    return due is not None and (due == name or due in above[name] or name in above[due])


def leave_one_out(rows: Sequence[dict[str, Any]], embedder: Remembering) -> dict[str, Found]:
    """By set what is found of classifications from their description alone, behind the other tiers; of those that the rows hold twice or more."""
    above = ancestors(built_in())
    held = Counter(row["label"] for row in rows if row["label"] and not row.get("ignore"))
    level = {spec.name: spec.sensitivity for spec in built_in()}
    tables, result = _tables(rows), defaultdict[str, Found](Found)
    for label in sorted(n for n, count in held.items() if count >= 2 and level[n] >= OPEN):
        engine = ClassificationEngine(described_alone(label))
        tiers = TieredClassifier(engine, trained_model(), frozenset((OWN,)), embedder)
        meanings = meanings_of(engine.version, engine.specs, frozenset((OWN,)), embedder)
        for table, columns in tables:
            for row, column, judged in zip(table, columns, tiers.judge(columns), strict=True):
                if row.get("ignore"):
                    continue
                due, found = _akin(row["label"], label, above), result[row["set"]]
                given = any(v.classification == OWN for v in judged.verdicts)
                found.right += given and due
                found.wrong += given and not due
                found.missed += due and not given
                if given or OWN in judged.may_be:
                    named = Named(column.table, column.name, column.comment)
                    (near,) = meanings.nearest([named], [(OWN,)])
                    found.pairs.append((near[0].probability, due))
    return result


def behind_the_tiers(rows: Sequence[dict[str, Any]], embedder: Remembering) -> list[str]:
    """Lines of a table: what the embeddings would add for built-in classifications, by part."""
    engine = ClassificationEngine()
    concrete = frozenset(spec.name for spec in engine.specs if not spec.abstract)
    level, above = {s.name: s.sensitivity for s in engine.specs}, ancestors(engine.specs)
    meanings = meanings_of(engine.version, engine.specs, frozenset(), embedder)
    lines = [
        "| Part | Tiers | To find | Precision | Recall | F1 | Of the missed among the nearest 1 | 3 | 5 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for part in ("tuned", "held-out"):
        tables = _tables([row for row in rows if row["part"] == part])
        for name, meant in (("without", frozenset[str]()), ("with embeddings", concrete)):
            tiers = TieredClassifier(engine, trained_model(), meant, embedder)
            found = false = missed = 0
            ranks: list[int] = []
            for table, columns in tables:
                for row, column, judged in zip(table, columns, tiers.judge(columns), strict=True):
                    if row.get("ignore"):
                        continue
                    due = row["label"] if row["label"] and level[row["label"]] >= OPEN else None
                    given = any(v.sensitivity >= OPEN for v in judged.verdicts)
                    found, false, missed = (
                        found + bool(due and given), false + (given and not due), missed + bool(due and not given)
                    )  # fmt: skip
                    if due and not given and not meant:
                        named = Named(column.table, column.name, column.comment)
                        (near,) = meanings.nearest([named], [engine.allowed(column.name, "other")])
                        ranks.append(
                            next(
                                (n for n, e in enumerate(near) if _akin(due, e.classification, above)),
                                len(near),
                            )
                        )
            precision, recall = found / max(1, found + false), found / max(1, found + missed)
            f1 = 2 * precision * recall / max(1e-9, precision + recall)
            first = (
                [f"{sum(rank < most for rank in ranks)} of {len(ranks)}" for most in _FIRST]
                if ranks
                else ["", "", ""]
            )
            lines.append(
                f"| {part} | {name} | {found + missed} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {' | '.join(first)} |"
            )
    return lines


PAGE = """# What the embeddings are worth

Written by `make eval-classify`; do not edit. The third tier compares the text of a column (its name, comment and table, never a value) with the texts of what
classifications mean, by `all-MiniLM-L6-v2` (int8). Its two weights were fitted on {origin}.
Neither part of [the evaluation](classification-evaluation.md) was fitted on; on the tuned part the texts were chosen: the name, with the vector of the table's name at 0.4 beside it,
did better than the name alone, than one sentence of both, and than any text with the names of neighbours in it.

## Built-in classifications, behind the other tiers

A suggestion counts as a detection where its probability is one half or more.

{behind}

They add false alarms and find next to nothing: what rules and the trained model leave is left because its name says nothing, or says something else. **So they are not asked about classifications that have rules.**
The last three columns are why the nearest five are shown to people who ask (`classificationExplanation`) and are no suggestions.

## A classification of one's own that has a description and no rules

Each built-in classification that a part holds twice or more is taken in turn for one of one's own: title and description are kept, rules are taken away, and the trained model may not name it.
Nothing else can find these columns: without this tier the recall is 0.

{alone}

Probabilities of all columns that were asked about, held-out:

{bins}

Expected calibration error {error:.3f}, Brier score {brier:.4f}, over {count} columns. Most columns are far from the meaning, and make the error small; from one half on the probabilities are somewhat too high.
Six of ten suggestions are right, which is good enough for a question to people. Descriptions are English, and so is the model: columns in other languages, most of the generated held-out ones, are found seldom. **So they are asked about classifications without rules by default, and only suggest unless `accept_at` says otherwise.**
"""


def page(rows: Sequence[dict[str, Any]]) -> str:
    """The text of ``docs/classification-embeddings.md``."""
    embedder = remembering()
    lines = ["| Part | Columns of | To find | Suggested | Precision | Recall |", "|---|---|---|---|---|---|"]
    held: list[Pair] = []
    for part in ("tuned", "held-out"):
        found = leave_one_out([row for row in rows if row["part"] == part], embedder)
        held = [pair for each in found.values() for pair in each.pairs]
        for name, each in (*sorted(found.items()), ("all", _sum(found.values()))):
            due, given = each.right + each.missed, each.right + each.wrong
            lines.append(
                f"| {part} | {name} | {due} | {given} | {each.right / max(1, given):.2f} | {each.right / max(1, due):.2f} |"
            )
    return PAGE.format(
        origin=weights()["origin"].partition(";")[0],
        behind="\n".join(behind_the_tiers(rows, embedder)),
        alone="\n".join(lines),
        bins="\n".join(reliability.table(held)),
        error=reliability.expected_error(held),
        brier=reliability.brier(held),
        count=len(held),
    )
