"""The tiers as one: rules first, the trained model and the embeddings for what is left open, one calibrated confidence and one reason.

A column is open where rules give it nothing of sensitivity ``OPEN`` or more, or give it only with a confidence below ``SURE``.
What rules say by name and type against a classification holds for every tier, and so do values that have none of its forms.
The confidence is calibrated last: it changes what a verdict says of itself, not which verdicts there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter

import structlog

from ml.classify.calibration import calibration
from ml.classify.engine import (
    ClassificationEngine,
    ColumnEvidence,
    Examined,
    by_confidence,
)
from ml.classify.features import features, known_share, unvalued
from ml.classify.spec import ClassifierSpec
from ml.classify.trained import Guess, TrainedModel, trained_model
from ml.classify.values import shape
from ml.classify.words import people_table, titled
from ml.classify.zero_shot import LIKELY as LIKELY_MEANT
from ml.classify.zero_shot import Meanings, Named, Near, meanings_of, weights
from schema.domain.classifications import EMBEDDINGS, Classifier, Verdict, VerdictOrigin
from schema.errors import StackError
from schema.ports import Embedder

RULES_ALONE, ALL = "rules", "rules+trained+embeddings"
OPEN, SURE = 2, 0.65
SURE_OF_ELSE = 0.6
PROSE = 120  # characters of half of the values
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
TRAINED, EMBEDDED = "trained model", "embeddings"
_log = structlog.get_logger("pursight.classify")


@dataclass(frozen=True, slots=True)
class Question:
    """One open column, by its place in the table: its words, and what it may be called."""

    number: int
    words: tuple[str, ...]
    allowed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the tiers made of one column as it was seen: verdicts, best first, and what else it may be called where it is open."""

    seen: Examined
    verdicts: list[Verdict]
    may_be: frozenset[str]

    @property
    def form(self) -> str:
        """That of its values, in words."""
        return shape(self.seen.texts) if self.seen.texts else ""


class TieredClassifier:
    """All tiers behind the interface of the first; safe in several threads.

    Of the embeddings ``meant`` are the classifications that they may give; without an ``embedder`` they say nothing.
    """

    def __init__(
        self,
        engine: ClassificationEngine,
        trained: TrainedModel | None = None,
        meant: frozenset[str] = frozenset(),
        embedder: Embedder | None = None,
    ) -> None:
        self._engine, self._trained, self._meant = engine, trained, meant
        self._known = {spec.name: spec for spec in engine.specs}
        described = frozenset(name for name in meant if self._known[name].abstract)
        self._described = described
        self._meanings = (
            meanings_of(engine.version, engine.specs, described, embedder) if meant and embedder else None
        )
        versions = [
            engine.version,
            *([trained.version] if trained else []),
            *([weights()["version"]] if meant else []),
        ]
        self.version = "+".join([*versions, calibration().version])

    @property
    def classifiers(self) -> tuple[Classifier, ...]:
        """As the engine's."""
        return self._engine.classifiers

    def classify(
        self, columns: Sequence[ColumnEvidence], spent: defaultdict[str, float] | None = None
    ) -> list[list[Verdict]]:
        """Verdicts for each column of one table, best first; ``spent`` is added to as by the engine, seconds."""
        return [each.verdicts for each in self.judge(columns, spent)]

    def judge(
        self, columns: Sequence[ColumnEvidence], spent: defaultdict[str, float] | None = None
    ) -> list[Judged]:
        """As ``classify``, with what is left open."""
        return [
            replace(each, verdicts=[_calibrated(v) for v in each.verdicts])
            for each in self.weigh(columns, spent)
        ]

    def weigh(
        self, columns: Sequence[ColumnEvidence], spent: defaultdict[str, float] | None = None
    ) -> list[Judged]:
        """As ``judge``, with confidences as the tiers make them."""
        spent = defaultdict(float) if spent is None else spent
        examined = self._engine.examine(columns, spent)
        found = [list(each.verdicts) for each in examined]
        guesses: dict[int, Guess] = {}
        if self._trained is not None:
            begun = perf_counter()
            guesses = self._ask_trained(self._trained, columns, examined, found)
            spent[TRAINED] += perf_counter() - begun
        left = self._left(columns, examined, found, guesses)
        if self._meanings is not None:
            begun = perf_counter()
            self._ask_meanings(self._meanings, columns, left, found)
            spent[EMBEDDED] += perf_counter() - begun
        return [
            Judged(
                seen,
                verdicts,
                frozenset()
                if any(_settles(v) for v in verdicts)
                else left.get(n, frozenset()) - {v.classification for v in verdicts},
            )
            for n, (verdicts, seen) in enumerate(zip(found, examined, strict=True))
        ]

    def _left(
        self,
        columns: Sequence[ColumnEvidence],
        examined: Sequence[Examined],
        found: Sequence[list[Verdict]],
        guesses: Mapping[int, Guess],
    ) -> dict[int, frozenset[str]]:
        """What columns that no tier settled so far may be called; where the trained model is nearly sure of nothing, only what it does not know."""
        left = {}
        for number, (column, seen) in enumerate(zip(columns, examined, strict=True)):
            if any(_settles(v) for v in found[number]) or seen.kind == "boolean":
                continue
            may = self._engine.allowed(column.name, seen.kind)
            may = frozenset(n for n in may if n in self._described or not self._known[n].abstract)
            if number in guesses and guesses[number].nothing >= UNLIKELY:
                may &= self._described
            if may:
                left[number] = may
        return left

    def _ask_meanings(
        self,
        meanings: Meanings,
        columns: Sequence[ColumnEvidence],
        left: Mapping[int, frozenset[str]],
        found: list[list[Verdict]],
    ) -> None:
        """Add what an open column means by its text, where that is likely and nothing excludes it."""
        asked = {n: may & self._meant for n, may in left.items() if may & self._meant}
        named = [Named(columns[n].table, columns[n].name, columns[n].comment) for n in asked]
        try:
            nearest = meanings.nearest(named, list(asked.values()), 1)
        except StackError as error:
            _log.warning("no embeddings", why=error.message, remedy=error.remedy)
            return
        for number, near in zip(asked, nearest, strict=True):
            groups = {self._known[v.classification].group for v in found[number]}
            for each in near:
                spec = self._known[each.classification]
                if each.probability >= LIKELY_MEANT and spec.group not in groups:
                    found[number] = sorted(
                        [*found[number], _meant(spec, columns[number], each)], key=by_confidence
                    )

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
    ) -> dict[int, Guess]:
        """The guess for each open column, by its place; what follows from it is written into ``found``."""
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
                and not self._untold(guess.label, column, seen)
                and not self._engine.contradicted(guess.label, seen)
            ):
                spec = self._known[guess.label]
                verdict = Verdict(
                    spec.name, spec.sensitivity, round(guess.probability, 3), _reason(column, seen, guess, named[n]),
                    VerdictOrigin.ML, 2, spec.name.lower(), f"trained+{model.version}",
                )  # fmt: skip
                others = [v for v in verdicts if self._known[v.classification].group != spec.group]
                found[question.number] = sorted([verdict, *others], key=by_confidence)
        return {question.number: guess for question, guess in zip(asked, guesses, strict=True)}

    def _untold(self, label: str, column: ColumnEvidence, seen: Examined) -> bool:
        """Whether a name that says no more than ``name`` is taken for a person's in a table of something else, of which nobody saw a value."""
        group = self._known[label].group
        if (
            seen.texts
        ):  # "Entity" of names of countries is one of countries; prose is no name, place or street
            else_ = any(
                v.confidence >= SURE_OF_ELSE and self._known[v.classification].group == group
                for v in seen.verdicts
            )
            return else_ or (label in TOLD_BY_VALUES and median(map(len, seen.texts)) > PROSE)
        return group == "NAME" and bool(titled(column.name)) and not people_table(column.table)


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


def _calibrated(verdict: Verdict) -> Verdict:
    """What the embeddings say is a probability already."""
    if verdict.tier >= EMBEDDINGS:
        return verdict
    return replace(verdict, confidence=calibration()(verdict.confidence))


def _settles(verdict: Verdict) -> bool:
    """Whether nobody else is asked about the column."""
    return verdict.sensitivity >= OPEN and verdict.confidence >= SURE


def _meant(spec: ClassifierSpec, column: ColumnEvidence, near: Near) -> Verdict:
    why = (
        f"the text of name {column.name!r} in {column.table!r} is near to the meaning of {spec.title!r}, {near.nearness:.2f}, "
        f"and {near.ahead:.2f} nearer than to any other"
    )
    return Verdict(
        spec.name, spec.sensitivity, round(near.probability, 3), why,
        VerdictOrigin.AI, EMBEDDINGS, spec.name.lower(), str(weights()["version"]),
    )  # fmt: skip


def is_open(seen: Examined) -> bool:
    """Whether the other tiers are asked about a column."""
    best = max((v.confidence for v in seen.verdicts if v.sensitivity >= OPEN), default=0.0)
    return seen.kind != "boolean" and best < SURE


def _words(column: ColumnEvidence, seen: Examined, around: set[str]) -> list[str]:
    return features(column.table, column.name, column.comment, seen.kind, seen.figures, around)


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


def tiered(
    engine: ClassificationEngine,
    tiers: str,
    described: frozenset[str] = frozenset(),
    embedder: Embedder | None = None,
    trained: TrainedModel | None = None,
) -> TieredClassifier:
    """The named tiers over these rules, with the shipped model unless another is ``trained``; ``described`` are classifications without
    rules, which the embeddings alone may give.

    What has rules is not asked of the embeddings: they were measured to add false alarms and nothing else (ADR 37).
    """
    model = None if tiers == RULES_ALONE else trained or trained_model()
    return TieredClassifier(engine, model, described if tiers == ALL else frozenset(), embedder)
