"""Retraining the second tier by what people decided. Runs in a process of its own, which ends with it.

It starts from the shipped model's weights and is reminded of columns that the shipped model learnt from. The same verdicts give the
same artefact.
"""

from __future__ import annotations

import math
import os
import resource
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ml.classify.artefact import digest_of, packed, widened
from ml.classify.composition import Definition, composed, usable
from ml.classify.decision import LIKELY, NAMED, TOLD_BY_VALUES
from ml.classify.engine import ClassificationEngine, standard_engine
from ml.classify.features import UNKNOWN, unvalued
from ml.classify.fitting import artefact_of, fit, pipeline_of
from ml.classify.remembered import EVALUATION, TRAINING, Remembered, labelled, recalled
from ml.classify.spec import ClassifierSpec
from ml.classify.trained import NONE, Guess, TrainedModel, shipped
from schema.domain.models import NEW_CLASS, BuiltIn, ClassFigures, Division, Paired, PersonsVerdict, Trained

SEED, EPOCHS = 20, 4
_WEIGHT, _MOST_OFTEN = (
    0.25,
    8,
)  # what people decided is repeated up to this share of the rest, and so often at most
_NICE = 10  # scans go first
_MIB = 1024


@dataclass(frozen=True, slots=True)
class Order:
    """What to train from, and the model that the candidate has to beat: the shipped one where ``present`` is None."""

    division: Division
    present: bytes | None = field(default=None, repr=False)
    digest: str = ""
    disabled: tuple[str, ...] = ()
    definitions: tuple[Definition, ...] = ()


def prepare() -> None:
    """What the process does first."""
    os.nice(_NICE)


def retrain(order: Order) -> Trained:
    """A candidate, and how it and the present model do on the verdicts held out and on the built-in evaluation.

    Raises ``BadArtefact`` where the present model is none.
    """
    begun = time.monotonic()
    first = TrainedModel()
    present = first if order.present is None else TrainedModel(order.present, order.digest)
    vocabulary = composed(order.disabled, usable(order.definitions))
    specs = {spec.name: spec for spec in vocabulary.specs if spec.name not in order.disabled}
    columns = lessons(order.division.learnt, specs, first.labels)
    data = _trained(columns)
    candidate = TrainedModel(data, digest_of(data))
    asked = [_recalled(each) for each in order.division.held_out]
    right = {
        model: _right(order.division.held_out, given(model, vocabulary.engine, asked))
        for model in {candidate, present}
    }
    return Trained(
        data,
        digest_of(data),
        tuple(sorted(candidate.labels)),
        Paired.of(right[candidate], right[present]),
        _built_in(candidate, first.labels),
        _built_in(present, first.labels),
        _built_in(first, first.labels),
        _figures(order.division, columns, right[candidate], right[present]),
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MIB,
        round(time.monotonic() - begun, 1),
    )


def lessons(
    verdicts: Sequence[PersonsVerdict], specs: Mapping[str, ClassifierSpec], known: frozenset[str]
) -> list[tuple[str, Remembered]]:
    """What each column is to be called: the most sensitive of what people confirmed there, or ``NONE`` where they rejected something
    and nothing else is suggested. A classification that is not ``known`` takes some columns to be learnt.
    """
    by_column: dict[str, list[PersonsVerdict]] = {}
    for each in sorted(verdicts, key=lambda v: (v.column, v.classification)):
        by_column.setdefault(each.column, []).append(each)
    found: list[tuple[str, Remembered]] = []
    for decided in by_column.values():
        confirmed = [each.classification for each in decided if each.confirmed]
        if confirmed:
            fitting = [name for name in confirmed if name in specs]
            label = min(fitting, key=lambda name: (-specs[name].sensitivity, name), default="")
        else:
            label = NONE if not any(each.doubted for each in decided) else ""
        if label:
            found.append((label, _recalled(decided[0])))
    counts = Counter(label for label, _ in found)
    return [each for each in found if each[0] == NONE or each[0] in known or counts[each[0]] >= NEW_CLASS]


def given(model: TrainedModel, engine: ClassificationEngine, columns: Sequence[Remembered]) -> list[str]:
    """What a scan would let the model call each column, as far as that can be told without values; ``NONE`` for nothing."""
    allowed = [engine.allowed(column.name, column.kind) for column in columns]
    guesses = model([column.words for column in columns], allowed)
    likely = [number for number, guess in enumerate(guesses) if guess.probability >= LIKELY]
    named = model([unvalued(columns[n].words) for n in likely], [allowed[n] for n in likely])
    found = [NONE] * len(columns)
    for number, by_name in zip(likely, named, strict=True):
        if _supported(guesses[number].label, by_name, columns[number]):
            found[number] = guesses[number].label
    return found


def _supported(label: str, by_name: Guess, column: Remembered) -> bool:
    if label in TOLD_BY_VALUES and UNKNOWN not in column.others:
        return True
    return by_name.label == label and by_name.probability >= NAMED


def _recalled(verdict: PersonsVerdict) -> Remembered:
    return recalled(verdict.table, verdict.name, verdict.comment, verdict.data_type, verdict.note)


def _trained(columns: Sequence[tuple[str, Remembered]]) -> bytes:
    start = widened(shipped(), sorted({label for label, _ in columns}))
    nlp = pipeline_of(start)
    # After spaCy was imported without torch, which thinc would import otherwise.
    from thinc.api import fix_random_seed

    fix_random_seed(SEED)
    reminders = [(label, column.words) for label, column in labelled(TRAINING)]
    taught = [(label, words) for label, column in columns for words in (column.words, unvalued(column.words))]
    often = max(1, min(_MOST_OFTEN, round(_WEIGHT * len(reminders) / max(1, len(taught)))))
    # Much that is new would make it forget the rest: it never outweighs what it is reminded of.
    reminded = max(1, math.ceil(len(taught) / len(reminders)))
    fit(nlp, [*reminders * reminded, *taught * often], epochs=EPOCHS, seed=SEED)
    return packed(artefact_of(nlp, start.temperature))


def _right(verdicts: Sequence[PersonsVerdict], found: Sequence[str]) -> list[bool]:
    return [
        (label == verdict.classification) == verdict.confirmed
        for verdict, label in zip(verdicts, found, strict=True)
    ]


def _built_in(model: TrainedModel, known: frozenset[str]) -> BuiltIn:
    """Of a column whose label is not ``known`` nothing is expected, and that label is right too."""
    due, columns = zip(*labelled(EVALUATION), strict=True)
    nothing = right = false = 0
    for label, found in zip(due, given(model, standard_engine(), columns), strict=True):
        open_ = label not in known
        nothing += open_
        right += found == label or (open_ and found == NONE)
        false += open_ and found not in (NONE, label)
    return BuiltIn(len(due), nothing, right, false)


def _figures(
    division: Division,
    columns: Sequence[tuple[str, Remembered]],
    candidate: Sequence[bool],
    present: Sequence[bool],
) -> tuple[ClassFigures, ...]:
    found: dict[str, ClassFigures] = {}
    learnt = Counter(label for label, _ in columns)
    for each in (*division.learnt, *division.held_out):
        old = found.get(each.classification) or ClassFigures(
            each.classification, learnt=learnt[each.classification]
        )
        found[each.classification] = replace(
            old, confirmed=old.confirmed + each.confirmed, rejected=old.rejected + (not each.confirmed)
        )
    for each, ours, theirs in zip(division.held_out, candidate, present, strict=True):
        old = found[each.classification]
        found[each.classification] = replace(
            old,
            held_out=old.held_out + 1,
            candidate_right=old.candidate_right + ours,
            present_right=old.present_right + theirs,
        )
    return tuple(found[name] for name in sorted(found))
