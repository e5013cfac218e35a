"""Versions of the trained model: what people's verdicts teach it, how they are divided, and when another model takes the place of the present."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

FEWEST, FEWEST_HELD_OUT, FEWEST_LEARNT = 40, 10, 20
"""Verdicts that a retraining needs: in all, to be tried on, and to learn from."""
NEW_CLASS = 5
"""Confirmed columns from which a classification is learnt that the shipped model does not know."""
HELD_OUT, MOST_HELD_OUT = 0.3, 0.5
LEVEL = 0.05
"""The probability, at most, that a model which is no better would have been as much better by chance."""
TOLERANCE, TOLERANCE_FALSE = 0.01, 0.005
"""How much smaller the share of right columns of the built-in evaluation may be than the shipped model's, and how much larger that of
false alarms."""
_Z = 1.96
_COPIES = frozenset(
    [
        "archive",
        "archived",
        "backup",
        "bak",
        "copy",
        "current",
        "dev",
        "development",
        "hist",
        "history",
        "int",
        "new",
        "old",
        "orig",
        "original",
        "prd",
        "prod",
        "production",
        "qa",
        "sandbox",
        "snap",
        "snapshot",
        "stage",
        "staging",
        "stg",
        "sync",
        "temp",
        "temporary",
        "test",
        "testing",
        "tmp",
        "tst",
        "uat",
    ]
)
"""Words in the name of a table that tell one copy of it from another."""
_WORD = re.compile(r"[^\W\d_]{2,}")


class ModelStatus(StrEnum):
    """QUEUED and TRAINING go on; a CANDIDATE passed the gate; PRESENT judges, RETIRED did; REFUSED did not pass."""

    QUEUED = "QUEUED"
    TRAINING = "TRAINING"
    CANDIDATE = "CANDIDATE"
    PRESENT = "PRESENT"
    RETIRED = "RETIRED"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


AT_WORK = frozenset((ModelStatus.QUEUED, ModelStatus.TRAINING))
SHIPPED = 0
"""Number of the model that comes with the product."""


@dataclass(frozen=True, slots=True)
class PersonsVerdict:
    """What a person decided about one column that the rules leave open, with what is kept of the column; ``doubted`` where machines suggest something else that nobody decided."""

    source: str
    dataset: str
    column: str
    table: str
    name: str
    comment: str | None
    data_type: str
    note: str | None
    classification: str
    confirmed: bool
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class Division:
    """Verdicts to learn from and verdicts to be tried on; no group, a source or a dataset, is on both sides."""

    by: str
    groups: tuple[str, ...]
    learnt: tuple[PersonsVerdict, ...]
    held_out: tuple[PersonsVerdict, ...]


def chosen(
    sizes: Mapping[tuple[str, str], int], before: Collection[str] = ()
) -> tuple[str, frozenset[str]] | None:
    """Which groups to hold out of verdicts counted by (source, dataset), and whether a group is a ``source`` or a ``dataset``.

    Some three tenths, by source, or by dataset where sources do not divide so; None where neither does. ``before`` are the groups
    that were held out for the present model: they come first, so that it is not asked what it learnt. The others are ordered by the
    digests of their names: the same verdicts are always divided alike.
    """
    total = sum(sizes.values())
    for part, by in enumerate(("source", "dataset")):
        groups: Counter[str] = Counter()
        for names, count in sizes.items():
            groups[names[part]] += count
        held = frozenset(_held_out(groups, before))
        count = sum(groups[name] for name in held)
        if total >= FEWEST and count >= FEWEST_HELD_OUT and total - count >= FEWEST_LEARNT:
            return by, held
    return None


def _held_out(sizes: Mapping[str, int], before: Collection[str]) -> list[str]:
    total, held = sum(sizes.values()), 0
    found: list[str] = []
    for name in sorted(sizes, key=lambda n: (n not in before, hashlib.sha256(n.encode()).digest())):
        if held >= HELD_OUT * total:
            break
        if held + sizes[name] <= MOST_HELD_OUT * total:
            found.append(name)
            held += sizes[name]
    return found


def divided(verdicts: Sequence[PersonsVerdict], before: Collection[str] = ()) -> Division | None:
    """The verdicts on both sides, as ``chosen`` divides them; None where that leaves too few.

    Copies of a table, such as those of a year or of a test system, are never on both sides, or the model would be asked what it was told;
    and what is said of several copies of a column is held out once, or one column would pass for many.
    """
    of_source = {each.dataset: each.source for each in verdicts}
    for by, group in (("source", of_source), ("dataset", _copies(verdicts))):
        sizes = Counter(group[each.dataset] for each in verdicts)
        apart = set(_held_out(sizes, {*before, *(group[name] for name in before if name in group)}))
        held = [each for each in verdicts if group[each.dataset] in apart]
        asked = {_likeness(each) for each in held}
        learnt = [
            each for each in verdicts if group[each.dataset] not in apart and _likeness(each) not in asked
        ]
        once = {(_likeness(each), each.classification, each.confirmed): each for each in held}
        if len(verdicts) >= FEWEST and len(once) >= FEWEST_HELD_OUT and len(learnt) >= FEWEST_LEARNT:
            names = {each.source if by == "source" else each.dataset for each in held}
            return Division(by, tuple(sorted(names)), tuple(learnt), tuple(once.values()))
    return None


def _likeness(verdict: PersonsVerdict) -> tuple[str, str]:
    """What copies of a column share: its name, and that of its table without numbers and words for copies."""
    table = verdict.table.lower()
    words = [word for word in _WORD.findall(table) if word not in _COPIES]
    return " ".join(words) or table, verdict.name.lower()


def _copies(verdicts: Sequence[PersonsVerdict]) -> dict[str, str]:
    """For each dataset the first one that it is a copy of, itself where it is none: two that share a column are."""
    group: dict[str, str] = {each.dataset: each.dataset for each in verdicts}

    def first(name: str) -> str:
        while group[name] != name:
            group[name] = name = group[group[name]]
        return name

    seen: dict[tuple[str, str], str] = {}
    for each in verdicts:
        one, other = first(each.dataset), first(seen.setdefault(_likeness(each), each.dataset))
        group[max(one, other)] = min(one, other)
    return {name: first(name) for name in group}


@dataclass(frozen=True, slots=True)
class Paired:
    """How often two models were right about the same verdicts: both, one of them alone, neither."""

    both: int = 0
    better: int = 0
    worse: int = 0
    neither: int = 0

    @classmethod
    def of(cls, candidate: Sequence[bool], present: Sequence[bool]) -> Paired:
        counts = Counter(zip(candidate, present, strict=True))
        return cls(counts[True, True], counts[True, False], counts[False, True], counts[False, False])

    @property
    def verdicts(self) -> int:
        return self.both + self.better + self.worse + self.neither

    @property
    def candidate_right(self) -> int:
        return self.both + self.better

    @property
    def present_right(self) -> int:
        return self.both + self.worse

    @property
    def chance(self) -> float:
        """The probability that of as many verdicts that only one model got right chance gives the candidate as many.

        Source: McNemar's test, exact and one-sided.
        """
        n = self.better + self.worse
        ways = term = math.comb(n, self.better)
        for k in range(self.better, n):
            term = term * (n - k) // (k + 1)
            ways += term
        return ways / (1 << n)

    @property
    def difference(self) -> tuple[float, float, float]:
        """The candidate's share of right verdicts less the present model's, with a 95% interval.

        Source: Agresti and Min, "Simple improved confidence intervals for comparing matched proportions" (2005).
        """
        b, c, n = self.better + 0.5, self.worse + 0.5, self.verdicts + 2
        middle, half = (b - c) / n, _Z * math.sqrt(b + c - (b - c) ** 2 / n) / n
        observed = (self.better - self.worse) / max(1, self.verdicts)
        return observed, max(-1.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """How a model does on the built-in evaluation: ``right`` of ``columns``, ``false`` alarms of ``nothing``, columns that hold nothing."""

    columns: int
    nothing: int
    right: int
    false: int


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a candidate takes the present model's place, and a sentence for each rule."""

    passed: bool
    reasons: tuple[str, ...]


def gate(held_out: Paired, candidate: BuiltIn, shipped: BuiltIn) -> Gate:
    """Better on the verdicts held out beyond chance, and on the built-in evaluation not worse than the shipped model beyond the tolerances.

    The shipped model is the measure there, so that tolerances of one retraining after the other do not add up.
    """
    difference, low, high = held_out.difference
    better = held_out.chance <= LEVEL
    said = (
        f"right about {held_out.candidate_right} of {held_out.verdicts} verdicts held out, the present model about {held_out.present_right} "
        f"({difference:+.1%}, 95% interval {low:+.1%} to {high:+.1%}): {held_out.better} are right by this one alone, {held_out.worse} by the "
        f"present one alone; by chance with a probability of {held_out.chance:.2g}, and {LEVEL:g} is allowed"
    )
    reasons = [("Better: " if better else "Not better: ") + said + "."]
    passed = better
    for now, then, of, most, what in (
        (candidate.right, shipped.right, candidate.columns, -TOLERANCE, "right about"),
        (candidate.false, shipped.false, candidate.nothing, TOLERANCE_FALSE, "with false alarms in"),
    ):
        change = (now - then) / max(1, of)
        fine = change >= most if most < 0 else change <= most
        passed = passed and fine
        reasons.append(
            f"{'Not worse' if fine else 'Worse'} on the built-in evaluation: {what} {now} of {of} columns, the shipped model {then} "
            f"({change:+.1%}; {most:+.1%} is allowed)."
        )
    return Gate(passed, tuple(reasons))


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Of one classification: verdicts of people, columns that taught it, and verdicts held out with how many each model got right."""

    classification: str
    confirmed: int = 0
    rejected: int = 0
    learnt: int = 0
    held_out: int = 0
    candidate_right: int = 0
    present_right: int = 0


@dataclass(frozen=True, slots=True)
class Trained:
    """A candidate and how it did; ``data`` is its artefact."""

    data: bytes = field(repr=False)
    digest: str
    labels: tuple[str, ...]
    held_out: Paired
    candidate: BuiltIn
    present: BuiltIn
    shipped: BuiltIn
    classes: tuple[ClassFigures, ...]
    memory_mb: int
    seconds: float
