"""Rules in, verdicts out: joins the evidence of names, data types and values for the columns of one table.

Confidence is ``1 - (1 - n)(1 - v)``, as of two independent witnesses. ``n`` is the name's score
(``ml.classify.names``). ``v`` is the share of distinct values that fit, times what they prove: the form's ``alone``
without a fitting name, at least ``SUPPORT`` with one that decides. Values of no form of a closed classifier divide ``n`` instead.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from time import perf_counter
from typing import Any

import re2

from ml.classify.features import figures
from ml.classify.names import NameEvidence, NameMatcher, rule_parents
from ml.classify.spec import ClassifierSpec, ValueFormat, built_in, classifiers_of
from ml.classify.values import (
    ValueEvidence,
    ValueMatcher,
    accepts,
    data_kind,
    distinct_texts,
    only_flags,
    shape,
    worded,
)
from ml.classify.words import people_table
from schema.domain.classifications import Classifier, Verdict

THRESHOLD = 0.5
# "Yes" and "no" tell who is married or smokes; they are no name, no place and no number.
TRAITS = frozenset(("DEMOGRAPHIC", "HEALTH", "EMPLOYMENT"))
SUPPORT = 0.7
SYNTHETIC = 0.3  # right form, wrong check digit: test data, or another number of the same form
FEW, CERTAIN = 3, 0.95  # fewer distinct values may pass a check digit by chance, unless the form is certain
AT_LEAST = 2  # values that hold a known word: one "Emma" among ships is a ship
CONTRADICTED = 0.4
DOUBTFUL = 0.7  # values that prove no more than this need a name that does not speak of something else
UNTOLD = 0.94  # the number of an invoice may have any form; what is certain is certain there too
TYPICAL = 0.8
NAMES, REST = "names of columns", "weighing and the rest"
CONTAINS = 0.5  # prose that mentions a valid value: worth a look, whatever the share


@dataclass(frozen=True, slots=True)
class ColumnEvidence:
    """What is known of one column; ``values`` may be empty, then the name decides with lower confidence."""

    table: str
    name: str
    data_type: str = ""
    comment: str | None = None
    values: Sequence[object] = field(default=(), repr=False)  # a log that prints the column prints no data


@dataclass(frozen=True, slots=True)
class Traces:
    """What there is of evidence for one column before it is weighed, by the classifier's index, weak traces among it.

    ``needed`` is the proof that values need by themselves: more where the name says that the column holds something else.
    """

    kind: str
    texts: Sequence[str] = field(repr=False)
    named: Mapping[int, NameEvidence]
    valued: Mapping[int, ValueEvidence]
    refused: Mapping[int, str]
    needed: float


@dataclass(frozen=True)
class Examined:
    """One column as the rules saw it: its kind of data type, its distinct values, how many rows have one, their verdicts, best first."""

    kind: str
    texts: Sequence[str] = field(repr=False)
    filled: int
    verdicts: list[Verdict] = field(default_factory=list)

    @classmethod
    def of(cls, column: ColumnEvidence) -> Examined:
        """Before any rule was asked."""
        filled = sum(value is not None and value != "" for value in column.values)
        return cls(data_kind(column.data_type, column.values), distinct_texts(column.values), filled)

    @cached_property
    def figures(self) -> list[str]:
        """What a model is told of the values."""
        return figures(self.texts, self.filled)


class ClassificationEngine:
    """The first tier; pure, without state between calls, safe in several threads."""

    def __init__(self, classifiers: Sequence[ClassifierSpec] | None = None) -> None:
        self._specs = tuple(built_in() if classifiers is None else classifiers)
        self._names, self._values = NameMatcher(self._specs), ValueMatcher(self._specs)
        self._above = rule_parents(self._specs)
        self._below: dict[int, list[int]] = {}
        for index, above in enumerate(self._above):
            for wider in above:
                self._below.setdefault(wider, []).append(index)
        digest = hashlib.sha256(repr(sorted((s.name, s.version, s.digest) for s in self._specs)).encode())
        self.version = digest.hexdigest()[:12]

    @property
    def specs(self) -> tuple[ClassifierSpec, ...]:
        """The rules, in their order."""
        return self._specs

    @property
    def classifiers(self) -> tuple[Classifier, ...]:
        """What the graph stores about the classifications, without the rules."""
        return classifiers_of(self._specs)

    def classify(
        self, columns: Sequence[ColumnEvidence], spent: defaultdict[str, float] | None = None
    ) -> list[list[Verdict]]:
        """Verdicts for each column of one table, best first; the columns are each other's context.

        What it took is added to ``spent``, seconds: by classification for its checks and its search of prose, and by part of the engine
        (``NAMES``, ``FORMS``, ``WORDS``, ``REST``) for what all classifications share and none takes by itself.
        """
        return [each.verdicts for each in self.examine(columns, spent)]

    def examine(
        self, columns: Sequence[ColumnEvidence], spent: defaultdict[str, float] | None = None
    ) -> list[Examined]:
        """As ``classify``, with what the other tiers go on from."""
        if not columns:
            return []
        spent = defaultdict(float) if spent is None else spent
        begun, before = perf_counter(), sum(spent.values())
        examined = self._table(columns, spent)
        spent[REST] += perf_counter() - begun - (sum(spent.values()) - before)
        return examined

    def traces(self, columns: Sequence[ColumnEvidence], index: int) -> Traces:
        """All evidence for one of the columns of a table, also what ``classify`` need not look at; for explanations."""
        column = columns[index]
        kind, texts = data_kind(column.data_type, column.values), distinct_texts(column.values)
        around = self._names.surroundings(column.table, (each.name for each in columns))
        people = people_table(column.table)
        named = self._names.evidence(column.name, column.comment, around, people, column.table, worded(texts))
        valued = self._values.evidence(texts, range(len(self._specs)), kind, defaultdict(float))
        return Traces(
            kind, texts, named, valued, self._names.refused(column.name), self._needed(column.name, named)
        )

    def weighed(self, index: int, column: str, traces: Traces) -> Verdict:
        """What the evidence for one classification alone amounts to, whatever else there is."""
        name, values = traces.named.get(index), traces.valued.get(index, ValueEvidence())
        if name is None and len(traces.texts) >= FEW:
            name = self._name_of_wider(index, traces.named, values)
        return self._verdict(self._specs[index], column, name, values, traces.texts)

    def allowed(self, name: str, kind: str) -> frozenset[str]:
        """Classifications that neither the data type nor a word of the name rules out, whichever tier asks."""
        if kind == "boolean":
            return frozenset()
        refused = self._names.ruled_out(name)
        return frozenset(
            spec.name for index, spec in enumerate(self._specs)
            if index not in refused and (kind in spec.types or kind == "other")
        )  # fmt: skip

    def contradicted(self, classification: str, examined: Examined) -> bool:
        """Whether the values have none of the forms that the classification knows, where it knows all."""
        index = next(i for i, spec in enumerate(self._specs) if spec.name == classification)
        spec = self._specs[index]
        if spec.category not in TRAITS and only_flags(examined.texts):
            return True
        if not (spec.closed and examined.texts):
            return False
        seen = self._values.evidence(examined.texts, {index}, examined.kind, defaultdict(float)).get(index)
        return seen is None or seen.formed < spec.min_match

    def _table(self, columns: Sequence[ColumnEvidence], spent: defaultdict[str, float]) -> list[Examined]:
        found = [Examined.of(column) for column in columns]
        begun = perf_counter()
        around = self._names.surroundings(columns[0].table, (column.name for column in columns))
        people = people_table(columns[0].table)
        named = [
            {}
            if seen.kind == "boolean"
            else self._names.evidence(
                column.name, column.comment, around, people, column.table, worded(seen.texts)
            )
            for column, seen in zip(columns, found, strict=True)
        ]
        spent[NAMES] += perf_counter() - begun
        for column, seen, names in zip(columns, found, named, strict=True):
            if seen.kind != "boolean":
                seen.verdicts.extend(self._column(column, seen.kind, seen.texts, names, spent))
        return found

    def _column(
        self,
        column: ColumnEvidence,
        kind: str,
        texts: Sequence[str],
        named: Mapping[int, NameEvidence],
        spent: defaultdict[str, float],
    ) -> list[Verdict]:
        supported = named.keys() | {i for wider in named for i in self._below.get(wider, ())}
        valued = self._values.evidence(texts, supported, kind, spent)
        needed, flags = self._needed(column.name, named), only_flags(texts)
        held: dict[int, Verdict] = {}
        for index in named.keys() | valued.keys():
            spec, values = self._specs[index], valued.get(index, ValueEvidence())
            name = named.get(index)
            if name is None and len(texts) >= FEW:
                name = self._name_of_wider(index, named, values)
            proof = values.form.alone if values.form else spec.dictionary_alone
            if flags and spec.category not in TRAITS:
                continue
            if (kind not in spec.types and kind != "other") or (needed and not name and proof <= needed):
                continue
            verdict = self._verdict(spec, column.name, name, values, texts)
            if verdict.confidence >= THRESHOLD:
                held[index] = verdict
        wider = {i for index in held for i in self._above[index]}
        chosen: dict[str, Verdict] = {}
        for index, verdict in sorted(held.items(), key=self._rank):
            if index not in wider:  # the narrower classification says it already
                chosen.setdefault(self._specs[index].group, verdict)
        if kind in ("text", "other"):
            for index, (count, read) in self._values.within(texts, spent).items():
                spec = self._specs[index]
                chosen.setdefault(
                    spec.group, self._made(spec, CONTAINS, f"{count} of {read} texts contain one")
                )
        return sorted(chosen.values(), key=by_confidence)

    def _needed(self, column: str, named: Mapping[int, NameEvidence]) -> float:
        """What the values of a form must prove by themselves, against a name that speaks of something else."""
        if self._names.identifies_thing(column):
            return UNTOLD
        told = self._names.speaks_of_things(column) or any(name.decides for name in named.values())
        return DOUBTFUL if told else 0.0

    def _rank(self, item: tuple[int, Verdict]) -> tuple[int, tuple[float, int, str]]:
        return -self._specs[item[0]].priority, by_confidence(item[1])

    def _name_of_wider(
        self, index: int, named: Mapping[int, NameEvidence], values: ValueEvidence
    ) -> NameEvidence | None:
        """A name that says "national id" speaks for the country whose numbers the values are."""
        form = values.form
        if not (form and (form.check or form.alone) and values.passed >= self._specs[index].min_match):
            return None
        return next((named[wider] for wider in self._above[index] if wider in named), None)

    def _verdict(
        self,
        spec: ClassifierSpec,
        column: str,
        name: NameEvidence | None,
        values: ValueEvidence,
        texts: Sequence[str],
    ) -> Verdict:
        n, v, why = name.score if name else 0.0, 0.0, []
        if name:
            why.append(
                f"name {column!r} says {name.phrase!r}" + (", as its table does" if name.context else "")
            )
        if texts:
            v, found = _weigh(spec, name, values, texts)
            why += found
            if not v and spec.closed and values.formed < spec.min_match:
                n *= CONTRADICTED
                why.append(f"but the {_count(texts)} are of another form, {shape(texts)}")
        return self._made(spec, 1 - (1 - n) * (1 - v), "; ".join(why))

    def _made(self, spec: ClassifierSpec, confidence: float, reason: str) -> Verdict:
        return Verdict(
            spec.name, spec.sensitivity, round(confidence, 3), reason,
            classifier=spec.name.lower(), classifier_version=f"{spec.version}+{self.version}",
        )  # fmt: skip


def _count(texts: Sequence[str]) -> str:
    return f"{len(texts)} distinct value{'s' if len(texts) != 1 else ''}"


def _weigh(
    spec: ClassifierSpec, name: NameEvidence | None, values: ValueEvidence, texts: Sequence[str]
) -> tuple[float, list[str]]:
    """The weight ``v`` of the values, and the reasons."""
    support, form, count = SUPPORT if name and name.decides else 0.0, values.form, _count(texts)
    v, why = 0.0, []
    if form and values.passed >= spec.min_match:
        v = values.passed * max(form.alone, support)
        if form.check and len(texts) < FEW and form.alone < CERTAIN:
            v /= 2
        what = f"pass {form.check}" if form.check else f"have the form of {form.entity}"
        why.append(f"{values.passed:.0%} of {count} {what}, {shape(texts)}")
    elif form and name and values.formed >= spec.min_match:
        v = SYNTHETIC * values.formed
        why.append(f"{values.formed:.0%} of {count} have the form but fail {form.check}: probably synthetic")
    known = values.words >= (spec.min_match / 2 if name else spec.min_match)
    told = support > 0 or values.words * len(texts) >= AT_LEAST
    if told and (known or (values.typical >= TYPICAL and values.words >= spec.min_match / 2)):
        v = max(v, (values.words if known else 1.0) * max(spec.dictionary_alone, support))
        why.append(f"{values.words:.0%} of {count} hold a known word")
    return v, why


def by_confidence(verdict: Verdict) -> tuple[float, int, str]:
    """The order of a column's verdicts, best first."""
    return (-verdict.confidence, -verdict.sensitivity, verdict.classification)


@cache
def standard_engine() -> ClassificationEngine:
    """The engine of the built-in classifiers; made once, since reading its rules takes a moment."""
    return ClassificationEngine()


Entities = dict[str, list[tuple[ValueFormat, Any]]]


def entities_of(specs: Iterable[ClassifierSpec]) -> Entities:
    """The forms of values by entity, with their compiled patterns."""
    found: Entities = {}
    for spec in specs:
        for form in spec.values:
            found.setdefault(form.entity, []).append((form, re2.compile(form.pattern)))
    return found


@cache
def _standard_entities() -> Entities:
    return entities_of(built_in())


def validate_value(entity: str, text: str, known: Entities | None = None) -> bool | None:
    """Whether the whole text is a value of the entity; None where none of ``known``, or else no built-in classifier, knows the entity."""
    forms = (_standard_entities() if known is None else known).get(entity)
    return None if forms is None else any(accepts(form, text.strip(), compiled) for form, compiled in forms)
