"""Rules in, verdicts out: joins the evidence of names, data types and values for the columns of one table.

Confidence is ``1 - (1 - n)(1 - v)``, as of two independent witnesses. ``n`` is the name's score
(``ml.classify.names``). ``v`` is the share of distinct values that fit, times what they prove: the form's ``alone``
without a fitting name, at least ``SUPPORT`` with one that decides. Values of no form of a closed classifier divide ``n`` instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import re2

from ml.classify.names import NameEvidence, NameMatcher, people_table
from ml.classify.spec import ClassifierSpec, ValueFormat, built_in
from ml.classify.values import ValueEvidence, ValueMatcher, accepts, data_kind, distinct_texts, shape
from schema.domain.classifications import Classifier, Verdict

THRESHOLD = 0.5
SUPPORT = 0.7
SYNTHETIC = 0.3  # right form, wrong check digit: test data, or another number of the same form
FEW, CERTAIN = 3, 0.95  # fewer distinct values may pass a check digit by chance, unless the form is certain
CONTRADICTED = 0.4


@dataclass(frozen=True, slots=True)
class ColumnEvidence:
    """What is known of one column; ``values`` may be empty, then the name decides with lower confidence."""

    table: str
    name: str
    data_type: str = ""
    comment: str | None = None
    values: Sequence[object] = field(default=(), repr=False)  # a log that prints the column prints no data


class ClassificationEngine:
    """The first tier; pure, without state between calls, safe in several threads."""

    def __init__(self, classifiers: Sequence[ClassifierSpec] | None = None) -> None:
        self._specs = tuple(built_in() if classifiers is None else classifiers)
        self._names, self._values = NameMatcher(self._specs), ValueMatcher(self._specs)
        digest = hashlib.sha256(repr(sorted((s.name, s.version, s.digest) for s in self._specs)).encode())
        self.version = digest.hexdigest()[:12]

    @property
    def classifiers(self) -> tuple[Classifier, ...]:
        """What the graph stores about the classifications, without the rules."""
        return tuple(spec.classifier() for spec in self._specs)

    def classify(self, columns: Sequence[ColumnEvidence]) -> list[list[Verdict]]:
        """Verdicts for each column of one table, best first; the columns are each other's context."""
        if not columns:
            return []
        around = self._names.surroundings(columns[0].table, (column.name for column in columns))
        people = people_table(columns[0].table)
        return [self._column(column, around, people) for column in columns]

    def _column(self, column: ColumnEvidence, around: frozenset[str], people: bool) -> list[Verdict]:
        kind = data_kind(column.data_type, column.values)
        if kind == "boolean":
            return []
        texts = distinct_texts(column.values)
        named = self._names.evidence(column.name, column.comment, around, people)
        valued = self._values.evidence(texts, named.keys(), kind)
        best: dict[str, Verdict] = {}
        for index in named.keys() | valued.keys():
            spec = self._specs[index]
            if kind not in spec.types and kind != "other":
                continue
            verdict = self._judge(
                spec, column.name, named.get(index), valued.get(index, ValueEvidence()), texts
            )
            if verdict.confidence < THRESHOLD:
                continue
            rival = best.get(spec.group)
            if rival is None or _order(verdict) < _order(rival):
                best[spec.group] = verdict
        return sorted(best.values(), key=_order)

    def _judge(
        self,
        spec: ClassifierSpec,
        column: str,
        name: NameEvidence | None,
        values: ValueEvidence,
        texts: Sequence[str],
    ) -> Verdict:
        n, v, why = name.score if name else 0.0, 0.0, []
        support = SUPPORT if name and name.decides else 0.0
        if name:
            why.append(
                f"name {column!r} says {name.phrase!r}" + (" and its table agrees" if name.context else "")
            )
        count = f"{len(texts)} distinct value{'s' if len(texts) != 1 else ''}"
        if values.form and values.passed >= spec.min_match:
            v = values.passed * max(values.form.alone, support)
            if values.form.check and len(texts) < FEW and values.form.alone < CERTAIN:
                v /= 2
            what = (
                f"pass {values.form.check}" if values.form.check else f"have the form of {values.form.entity}"
            )
            why.append(f"{values.passed:.0%} of {count} {what}, {shape(texts)}")
        elif values.form and name and values.formed >= spec.min_match:
            v = SYNTHETIC * values.formed
            why.append(
                f"{values.formed:.0%} of {count} have the form but fail {values.form.check}: probably synthetic"
            )
        if values.words >= (spec.min_match if not name else spec.min_match / 2):
            v = max(v, values.words * max(spec.dictionary_alone, support))
            why.append(f"{values.words:.0%} of {count} hold a known word")
        if texts and not v and spec.closed:
            n *= CONTRADICTED
            why.append(f"but {count} are of another form, {shape(texts)}")
        return Verdict(
            spec.name, spec.sensitivity, round(1 - (1 - n) * (1 - v), 3), "; ".join(why),
            classifier=spec.name.lower(), classifier_version=f"{spec.version}+{self.version}",
        )  # fmt: skip


def _order(verdict: Verdict) -> tuple[float, int, str]:
    return (-verdict.confidence, -verdict.sensitivity, verdict.classification)


@cache
def _entities() -> dict[str, list[tuple[ValueFormat, Any]]]:
    found: dict[str, list[tuple[ValueFormat, Any]]] = {}
    for spec in built_in():
        for form in spec.values:
            found.setdefault(form.entity, []).append((form, re2.compile(form.pattern)))
    return found


def validate_value(entity: str, text: str) -> bool | None:
    """Whether the whole text is a value of the entity; None where no built-in classifier knows the entity."""
    forms = _entities().get(entity)
    return None if forms is None else any(accepts(form, text.strip(), compiled) for form, compiled in forms)
