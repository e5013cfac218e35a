"""A classifier tried: on its own examples before it is saved, and on values before it judges columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import Any

import re2

from ml.classify.checks import check
from ml.classify.composition import Vocabulary
from ml.classify.engine import ColumnEvidence
from ml.classify.explain import Considered, explain
from ml.classify.spec import ClassifierSpec, ancestors
from ml.classify.values import words_of

MOST_MEMORY = 1 << 20  # bytes that one pattern may take, so that all of them together stay quick
_TABLE = "t"

Mistake = tuple[tuple[str, ...], str, str]  # place, why, remedy


class Outcome(StrEnum):
    """What became of one value."""

    MATCHED = "MATCHED"
    FAILED_CHECK = "FAILED_CHECK"
    NO_MATCH = "NO_MATCH"


class Recogniser:
    """One classifier's forms and words, asked value by value."""

    def __init__(self, spec: ClassifierSpec) -> None:
        self._dictionary = spec.dictionary
        self._forms = [(form, re2.compile(form.pattern)) for form in spec.values]

    def outcome(self, text: str) -> tuple[Outcome, str]:
        """What becomes of a value, and the form that it has; empty where it has none."""
        failed = ""
        for form, pattern in self._forms:
            if pattern.fullmatch(text) is not None:
                if not form.check or check(form.check)(text):
                    return Outcome.MATCHED, form.entity
                failed = failed or form.entity
        if failed:
            return Outcome.FAILED_CHECK, failed
        known = not self._dictionary.isdisjoint(words_of(text))
        return (Outcome.MATCHED if known else Outcome.NO_MATCH), ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found: each classification considered, and by its name what became of each value, in their order."""

    considered: tuple[Considered, ...]
    outcomes: dict[str, tuple[tuple[Outcome, str], ...]]
    elapsed_ms: float

    def counts(self, name: str) -> Counter[Outcome]:
        return Counter(outcome for outcome, _ in self.outcomes.get(name, ()))


def attempt(
    vocabulary: Vocabulary, columns: Sequence[ColumnEvidence], index: int, *, subject: str | None = None
) -> Trial:
    """Judge one column of a table; ``subject`` is the classification that it is about, None all of them."""
    begun = perf_counter()
    considered = explain(vocabulary.engine, columns, index, also=subject)
    asked = [subject] if subject else [each.name for each in considered if each.given]
    texts = ["" if value is None else str(value).strip() for value in columns[index].values]
    outcomes = {}
    for name in asked:
        spec = vocabulary.named(name)
        assert spec is not None
        recogniser = Recogniser(spec)
        outcomes[name] = tuple(recogniser.outcome(text) for text in texts)
    return Trial(tuple(considered), outcomes, (perf_counter() - begun) * 1_000)


def wrong_rules(spec: ClassifierSpec) -> list[Mistake]:
    """What is wrong with the rules of one classifier by themselves: patterns, checks, and what can never match."""
    found: list[Mistake] = []
    for number, form in enumerate(spec.values):
        for key, pattern in (("pattern", form.pattern), ("inside", form.inside)):
            if pattern and (why := _wrong_pattern(pattern)):
                found.append(
                    (("values", str(number), key), why, "RE2 knows no look-around and no back-references.")
                )
        if form.check:
            try:
                check(form.check)
            except Exception as error:  # whatever a name makes an import do
                remedy = str(getattr(error, "remedy", "")) or "Name a check of the documentation."
                found.append(
                    (
                        ("values", str(number), "check"),
                        f"names {form.check[:80]!r}, which is no check",
                        remedy,
                    )
                )
    if spec.accept_at is not None and spec.reject_at is not None and spec.accept_at < spec.reject_at:
        found.append((("accept_at",), "is below reject_at", "Accept what is surer than what is rejected."))
    return found


def _wrong_pattern(pattern: str) -> str:
    options: Any = re2.Options()
    options.log_errors = False
    options.max_mem = MOST_MEMORY
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        told = error.args[0] if error.args else ""
        why = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
        return f"is no pattern of RE2 within bounds: {why[:120]}"
    return ""


def wrong_examples(spec: ClassifierSpec, vocabulary: Vocabulary) -> list[Mistake]:
    """Examples that the classifier does not take, and counter-examples that it does, among all others."""
    found: list[Mistake] = []
    if not spec.abstract and not (spec.examples.values or spec.examples.names):
        found.append((("examples",), "holds no values and no names", "Give examples of what it is to find."))
    recogniser = Recogniser(spec)
    for part, examples, wanted in (
        ("examples", spec.examples, True),
        ("counter_examples", spec.counter_examples, False),
    ):
        for number, value in enumerate(examples.values):
            outcome, _ = recogniser.outcome(value.strip())
            if (outcome is Outcome.MATCHED) is not wanted:
                place = (part, "values", str(number))
                found.append((place, _told(outcome), "Change the forms of values, or this example."))
        for number, name in enumerate(examples.names):
            data_type = "varchar" if "text" in spec.types else min(spec.types, default="varchar")
            column = ColumnEvidence(_TABLE, name, data_type)
            given = [verdict.classification for verdict in vocabulary.engine.classify([column])[0]]
            if (spec.name in given) is not wanted:
                found.append(((part, "names", str(number)), *_why(spec, vocabulary, column, given, wanted)))
    return found


def _told(outcome: Outcome) -> str:
    return {
        Outcome.MATCHED: "is taken, and should not be",
        Outcome.FAILED_CHECK: "has the form and fails the check",
        Outcome.NO_MATCH: "has none of the forms",
    }[outcome]


def _why(
    spec: ClassifierSpec, vocabulary: Vocabulary, column: ColumnEvidence, given: list[str], wanted: bool
) -> tuple[str, str]:
    if not wanted:
        return "is taken by its name, and should not be", "Add what speaks against it to names.never."
    told = explain(vocabulary.engine, [column], 0, also=spec.name, most=0)
    why = next((each.against for each in told if each.name == spec.name), ())
    told_instead = f" and is {', '.join(given)} instead" if given else ""
    return (
        f"is not found by its name{told_instead}: {'; '.join(why)}",
        "Add the phrase to names.strong, or change the group.",
    )


def wrong_place(spec: ClassifierSpec, vocabulary: Vocabulary) -> list[Mistake]:
    """What is wrong with where it stands: what excludes a wider classification with rules has to share its group."""
    known = {each.name: each for each in vocabulary.specs}
    for name in ancestors(vocabulary.specs)[spec.name]:
        wider = known[name]
        if not wider.abstract and not spec.abstract and wider.group != spec.group:
            return [
                (
                    ("group",),
                    f"is {spec.group!r}, and that of {name} is {wider.group!r}",
                    "Give it the group of what is above it.",
                )
            ]
    return []
