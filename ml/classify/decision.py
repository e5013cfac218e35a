"""The tiers as one: rules first, the trained model and the embeddings for what rules left open, one confidence and one reason.

A column is open where rules give it nothing of sensitivity ``OPEN`` or more, or give it only with a confidence below ``SURE``.
What rules say by name and type against a classification holds for every tier, and so do values that have none of its forms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from ml.classify.engine import (
    ClassificationEngine,
    ColumnEvidence,
    Examined,
    by_confidence,
    standard_engine,
)
from ml.classify.features import features, known_share, unvalued
from ml.classify.trained import Guess, TrainedModel, trained_model
from ml.classify.values import shape
from schema.domain.classifications import Classifier, Verdict, VerdictOrigin

ALL = "rules+trained"
OPEN, SURE = 2, 0.65
TOLD_BY_VALUES = frozenset(("PERSON", "LOCATION", "COUNTRY", "ADDRESS", "BIRTH_PLACE"))
# Probability by the name alone that a guess needs, and that needs no values, or none with known words: below it most
# guesses were wrong on the schemas of strangers.
NAMED, SURELY_NAMED = 0.4, 0.9
KNOWN, FEWEST = (
    0.4,
    2,
)  # share of values that hold a known name, place or street, and how many those are at least
LIKELY = 0.5  # calibrated probability from which the trained model's guess is a verdict
UNLIKELY = 0.97  # share for "nothing personal" that takes an unsure verdict of the rules back
TRAINED = "trained model"


@dataclass(frozen=True, slots=True)
class Question:
    """One open column, by its place in the table: its words, and what it may be called."""

    number: int
    words: tuple[str, ...]
    allowed: frozenset[str]


class TieredClassifier:
    """All tiers behind the interface of the first; safe in several threads."""

    def __init__(self, engine: ClassificationEngine, trained: TrainedModel | None = None) -> None:
        self._engine, self._trained = engine, trained
        self._known = {spec.name: spec for spec in engine.specs}
        self.version = "+".join([engine.version, *([trained.version] if trained else [])])

    @property
    def classifiers(self) -> tuple[Classifier, ...]:
        """As the engine's."""
        return self._engine.classifiers

    def classify(
        self, columns: Sequence[ColumnEvidence], spent: defaultdict[str, float] | None = None
    ) -> list[list[Verdict]]:
        """Verdicts for each column of one table, best first; ``spent`` is added to as by the engine, seconds."""
        examined = self._engine.examine(columns, spent)
        found = [list(each.verdicts) for each in examined]
        if self._trained is not None:
            begun = perf_counter()
            self._ask_trained(self._trained, columns, examined, found)
            if spent is not None:
                spent[TRAINED] += perf_counter() - begun
        return found

    def questions(self, columns: Sequence[ColumnEvidence], examined: Sequence[Examined]) -> list[Question]:
        """What the trained model is asked about the columns of one table that the rules left open."""
        labels = [each.verdicts[0].classification if each.verdicts else None for each in examined]
        asked = []
        for number, (column, seen) in enumerate(zip(columns, examined, strict=True)):
            may = self._engine.allowed(column.name, seen.kind) if is_open(seen) else frozenset()
            if may:
                around = {label for other, label in enumerate(labels) if label and other != number}
                asked.append(Question(number, tuple(_words(column, seen, around)), may))
        return asked

    def _ask_trained(
        self,
        model: TrainedModel,
        columns: Sequence[ColumnEvidence],
        examined: Sequence[Examined],
        found: list[list[Verdict]],
    ) -> None:
        asked = self.questions(columns, examined)
        guesses = model([each.words for each in asked], [each.allowed for each in asked])
        likely = [n for n, guess in enumerate(guesses) if guess.probability >= LIKELY]
        named = dict(
            zip(
                likely,
                model([unvalued(asked[n].words) for n in likely], [asked[n].allowed for n in likely]),
                strict=True,
            )
        )
        for n, (question, guess) in enumerate(zip(asked, guesses, strict=True)):
            column, seen = columns[question.number], examined[question.number]
            verdicts = found[question.number]
            if any(v.sensitivity >= OPEN for v in verdicts):
                found[question.number] = _reconsidered(verdicts, guess)
            elif (
                n in named
                and supported(guess.label, named[n], seen.texts)
                and not self._engine.contradicted(guess.label, seen)
            ):
                spec = self._known[guess.label]
                verdict = Verdict(
                    spec.name, spec.sensitivity, round(guess.probability, 3), _reason(column, seen, guess, named[n]),
                    VerdictOrigin.ML, 2, spec.name.lower(), f"trained+{model.version}",
                )  # fmt: skip
                others = [v for v in verdicts if self._known[v.classification].group != spec.group]
                found[question.number] = sorted([verdict, *others], key=by_confidence)


def supported(label: str, by_name: Guess, texts: Sequence[str]) -> bool:
    """Whether a guess stands on more than a resemblance: on the name alone, or on values that can tell by themselves.

    ``by_name`` is what the model says of the same column without values.
    """
    if not texts:
        return by_name.label == label and by_name.probability >= SURELY_NAMED
    if label not in TOLD_BY_VALUES:
        return by_name.label == label and by_name.probability >= NAMED
    if by_name.label == label and by_name.probability >= SURELY_NAMED:
        return True
    share = known_share(label, texts)
    return share >= KNOWN and share * len(texts) >= FEWEST


def is_open(seen: Examined) -> bool:
    """Whether the other tiers are asked about a column."""
    best = max((v.confidence for v in seen.verdicts if v.sensitivity >= OPEN), default=0.0)
    return seen.kind != "boolean" and best < SURE


def _words(column: ColumnEvidence, seen: Examined, around: set[str]) -> list[str]:
    filled = sum(value is not None and value != "" for value in column.values)
    return features(column.table, column.name, column.comment, seen.kind, seen.texts, filled, around)


def _reconsidered(verdicts: Sequence[Verdict], guess: Guess) -> list[Verdict]:
    """Unsure verdicts of the rules, with what the model thinks of them."""
    changed = []
    for verdict in verdicts:
        if verdict.sensitivity < OPEN or verdict.confidence >= SURE:
            changed.append(verdict)
        elif verdict.classification == guess.label and guess.probability >= LIKELY:
            sure = 1 - (1 - verdict.confidence) * (1 - guess.probability)
            why = f"{verdict.reason}; the trained model agrees, {guess.probability:.0%}"
            changed.append(replace(verdict, confidence=round(sure, 3), reason=why))
        elif guess.nothing < UNLIKELY:
            changed.append(verdict)
    return changed


def _reason(column: ColumnEvidence, seen: Examined, guess: Guess, by_name: Guess) -> str:
    """What the model goes by: the name alone, and what the values change."""
    share = by_name.probability if by_name.label == guess.label else 0.0
    named = f"the trained model goes by name {column.name!r} in {column.table!r}, {share:.0%} alone"
    if not seen.texts:
        return named
    known = (
        f", {known_share(guess.label, seen.texts):.0%} with known words"
        if guess.label in TOLD_BY_VALUES
        else ""
    )
    count = f"{len(seen.texts)} distinct value{'s' if len(seen.texts) != 1 else ''}"
    return f"{named}; {guess.probability:.0%} with {count}, {shape(seen.texts)}{known}"


def standard_classifier(tiers: str = ALL) -> TieredClassifier:
    """The named tiers of the built-in classifiers; rules and models are read once, a model by the first column that asks for it."""
    return TieredClassifier(standard_engine(), trained_model() if tiers == ALL else None)
