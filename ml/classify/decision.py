"""The tiers as one: rules first, the trained model and the embeddings for what rules left open, one confidence and one reason.

A column is open where rules give it nothing of sensitivity ``OPEN`` or more, or give it only with a confidence below ``SURE``.
What rules say by name and type against a classification holds for every tier, and so do values that have none of its forms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from time import perf_counter

from ml.classify.engine import ClassificationEngine, ColumnEvidence, Examined, standard_engine
from ml.classify.features import features
from ml.classify.trained import TrainedModel, trained_model
from ml.classify.values import shape
from schema.domain.classifications import Classifier, Verdict, VerdictOrigin

OPEN, SURE = 2, 0.65
LIKELY = 0.5  # calibrated probability from which the trained model's guess is a verdict
UNLIKELY = 0.97  # share for "nothing personal" that takes an unsure verdict of the rules back
TRAINED = "trained model"


class TieredClassifier:
    """All tiers behind the interface of the first; safe in several threads."""

    def __init__(self, engine: ClassificationEngine, trained: TrainedModel | None = None) -> None:
        self._engine, self._trained = engine, trained
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
        open_ = [number for number, each in enumerate(examined) if _is_open(each)]
        if self._trained is not None and open_:
            begun = perf_counter()
            self._ask_trained(self._trained, columns, examined, open_, found)
            if spent is not None:
                spent[TRAINED] += perf_counter() - begun
        return found

    def _ask_trained(
        self,
        model: TrainedModel,
        columns: Sequence[ColumnEvidence],
        examined: Sequence[Examined],
        open_: Sequence[int],
        found: list[list[Verdict]],
    ) -> None:
        labels = [each.verdicts[0].classification if each.verdicts else None for each in examined]
        known = {spec.name: spec for spec in self._engine.specs}
        asked, words, allowed = [], [], []
        for number in open_:
            column, seen = columns[number], examined[number]
            may = self._engine.allowed(column.name, seen.kind) & model.labels
            if not may:
                continue
            around = {label for other, label in enumerate(labels) if label and other != number}
            asked.append(number)
            allowed.append(may)
            words.append(_words(column, seen, around))
        for number, guess in zip(asked, model(words, allowed), strict=True):
            column, seen = columns[number], examined[number]
            if found[number]:
                found[number] = _reconsidered(found[number], guess.label, guess.probability, guess.nothing)
            elif guess.probability >= LIKELY and not self._engine.contradicted(guess.label, seen):
                spec = known[guess.label]
                found[number] = [
                    Verdict(
                        spec.name, spec.sensitivity, round(guess.probability, 3), _reason(column, seen),
                        VerdictOrigin.ML, 2, spec.name.lower(), f"trained+{model.version}",
                    )
                ]  # fmt: skip


def _is_open(seen: Examined) -> bool:
    best = max((v.confidence for v in seen.verdicts if v.sensitivity >= OPEN), default=0.0)
    return seen.kind != "boolean" and best < SURE


def _words(column: ColumnEvidence, seen: Examined, around: set[str]) -> list[str]:
    filled = sum(value is not None and value != "" for value in column.values)
    return features(column.table, column.name, column.comment, seen.kind, seen.texts, filled, around)


def _reconsidered(verdicts: list[Verdict], label: str, probability: float, nothing: float) -> list[Verdict]:
    """Unsure verdicts of the rules, with what the model thinks of them."""
    changed = []
    for verdict in verdicts:
        if verdict.sensitivity < OPEN or verdict.confidence >= SURE:
            changed.append(verdict)
        elif verdict.classification == label and probability >= LIKELY:
            sure = 1 - (1 - verdict.confidence) * (1 - probability)
            why = f"{verdict.reason}; the trained model agrees, {probability:.0%}"
            changed.append(replace(verdict, confidence=round(sure, 3), reason=why))
        elif nothing < UNLIKELY:
            changed.append(verdict)
    return changed


def _reason(column: ColumnEvidence, seen: Examined) -> str:
    values = f" and {len(seen.texts)} distinct values, {shape(seen.texts)}" if seen.texts else ""
    return f"the trained model goes by name {column.name!r}, table, type{values}"


@lru_cache(maxsize=4)
def standard_classifier(tiers: tuple[str, ...] = ("rules", "trained", "zero-shot")) -> TieredClassifier:
    """The tiers of the built-in classifiers, made once; their models are loaded by the first column that asks for them."""
    return TieredClassifier(standard_engine(), trained_model() if "trained" in tiers else None)
