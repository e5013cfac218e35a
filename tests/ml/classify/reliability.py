"""Whether a confidence of 0.8 is right in eight of ten cases: tables by bins, expected calibration error, Brier score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ml.classify.composition import standard_vocabulary
from ml.classify.decision import ALL, Judged, TieredClassifier
from ml.classify.engine import ColumnEvidence
from ml.classify.spec import ancestors, built_in

DETECTED = 2  # as in the evaluation
BINS = 10

Pair = tuple[float, bool]  # confidence, and whether the verdict is right


def judged(
    classifier: TieredClassifier, rows: Sequence[dict[str, Any]], *, calibrated: bool
) -> Iterator[tuple[dict[str, Any], Judged]]:
    """Each column that counts with what the tiers made of it; columns of one table are each other's context."""
    for _, group in groupby(rows, lambda row: (row["set"], row["source"], row["table"])):
        table = list(group)
        columns = [
            ColumnEvidence(r["table"], r["column"], r["type"], None, r.get("values", ())) for r in table
        ]
        found = classifier.judge(columns) if calibrated else classifier.weigh(columns)
        yield from ((row, each) for row, each in zip(table, found, strict=True) if not row.get("ignore"))


def pairs(rows: Sequence[dict[str, Any]], *, calibrated: bool = True) -> list[Pair]:
    """All verdicts of sensitivity 2 or more; right is what is due, or above or below it in the hierarchy."""
    above = ancestors(built_in())
    found = []
    for row, each in judged(standard_vocabulary().tiered(ALL), rows, calibrated=calibrated):
        due = row["label"]
        for verdict in each.verdicts:
            if verdict.sensitivity >= DETECTED:
                name = verdict.classification
                right = bool(due) and (due == name or due in above[name] or name in above[due])
                found.append((verdict.confidence, right))
    return found


def left_share(rows: Sequence[dict[str, Any]]) -> float:
    """Of the columns that rules and trained model leave open, how many hold something of sensitivity 2 or more."""
    level = {spec.name: spec.sensitivity for spec in built_in()}
    left = [
        row for row, each in judged(standard_vocabulary().tiered(ALL), rows, calibrated=False) if each.may_be
    ]
    due = sum(bool(row["label"]) and level[row["label"]] >= DETECTED for row in left)
    return (due + 1) / (len(left) + 2)


def expected_error(found: Sequence[Pair]) -> float:
    """Mean distance of confidence and share of right verdicts over the bins, weighed by their size."""
    bins = _bins(found)
    return sum(abs(_mean(held) - _right(held)) * len(held) for held in bins.values()) / max(1, len(found))


def brier(found: Sequence[Pair]) -> float:
    """Mean square of what confidence and truth differ by."""
    return sum((confidence - right) ** 2 for confidence, right in found) / max(1, len(found))


def table(found: Sequence[Pair]) -> list[str]:
    return [
        "| Confidence | Verdicts | Mean | Right |",
        "|---|---|---|---|",
        *(
            f"| {n / BINS:.1f} to {(n + 1) / BINS:.1f} | {len(held)} | {_mean(held):.3f} | {_right(held):.3f} |"
            for n, held in sorted(_bins(found).items())
        ),
    ]


def _bins(found: Sequence[Pair]) -> dict[int, list[Pair]]:
    bins: dict[int, list[Pair]] = defaultdict(list)
    for pair in found:
        bins[min(int(pair[0] * BINS), BINS - 1)].append(pair)
    return bins


def _mean(held: Sequence[Pair]) -> float:
    return sum(confidence for confidence, _ in held) / len(held)


def _right(held: Sequence[Pair]) -> float:
    return sum(right for _, right in held) / len(held)


def page(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Lines for the evaluation: both parts, before and after the calibration; the bins of the held-out part after it."""
    lines = [
        "",
        "## How sure is sure",
        "",
        "Verdicts of sensitivity 2 or more, all tiers. The calibration was fitted on the tuned part of Spider, Chinook and the generated sources (`make calibrate-classifier`); on the held-out part nothing was. A confidence is right where so many",
        "of the verdicts that bear it are. The error is the mean distance over ten bins, weighed by their size. So few are wrong here that the tables show how modest",
        "the tiers were, and not how sure to be of sources that are harder.",
        "",
        "| Part | Confidence | Verdicts | Right | Expected calibration error | Brier score |",
        "|---|---|---|---|---|---|",
    ]
    after: list[Pair] = []
    for part in ("tuned", "held-out"):
        some = [row for row in rows if row["part"] == part]
        for name, calibrated in (("as the tiers make it", False), ("calibrated", True)):
            after = pairs(some, calibrated=calibrated)
            lines.append(
                f"| {part} | {name} | {len(after)} | {_right(after):.3f} | {expected_error(after):.3f} | {brier(after):.4f} |"
            )
    return [*lines, "", "Held-out, calibrated:", "", *table(after)]
