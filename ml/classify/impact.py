"""What the difference between two versions of the vocabulary can change: which columns have to be judged anew, and of which the graph knows enough.

Never a column too few: whatever cannot be excluded by its name, its declared type and what is said of it is judged. A classification may
have won over others without being given, by an exception or a threshold; ``hidden`` names those, and they are not excluded by what is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ml.classify.calibration import calibration
from ml.classify.decision import OPEN, SURE
from ml.classify.names import NameMatcher, Phrases, phrases_of, spoken
from ml.classify.spec import ClassifierSpec, ancestors
from ml.classify.values import data_kind
from ml.classify.versions import VocabularyVersion
from ml.classify.words import people_table
from ml.classify.zero_shot import meaning_texts
from schema.domain.reclassification import Affected, JudgedColumn, JudgedTable, Said

ANY_KIND = "other"  # the declared type says nothing: the values decide
_PROSE = frozenset({"text", ANY_KIND})
_NONE: frozenset[str] = frozenset()
PEOPLE = "people"
# Confidences are told calibrated and rounded; where rounding hides the difference the column counts as open.
_UNSURE = calibration()(SURE - 0.001)
MODEL = "models"  # why a column is judged anew where no classification is the reason


@dataclass(slots=True)
class _Reach:
    """Which columns one changed classification can concern. ``kinds`` are those of data types.

    ``phrases`` decide by themselves, ``added`` ones too but where the type forbids it: there they can only take from a column what others
    say. ``context`` decides with a phrase of ``support``; ``named`` kinds need a phrase of ``support``, ``any``
    none, ``open`` that the rules left the column open, ``words`` that it also holds one of them. ``rivals`` are classifications beside
    which it matters where it is possible at all, ``equals`` those that matter beside it.
    """

    carried: bool = False
    restate: bool = False
    phrases: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    context: set[str] = field(default_factory=set)
    support: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    any: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    rivals: set[str] = field(default_factory=set)
    equals: set[str] = field(default_factory=set)
    possible_named: frozenset[str] = _NONE
    possible_any: frozenset[str] = _NONE


class Impact:
    """What may change from ``before`` to ``after``; without ``before`` anything. Pure; made once for many tables."""

    def __init__(
        self, before: VocabularyVersion | None, after: VocabularyVersion, hidden: Collection[str] = ()
    ) -> None:
        if before is not None and (before.calibration, before.logic) != (after.calibration, after.logic):
            before = None  # every confidence is another, or any column may be something else
        self._before, self._after, self._hidden = before, after, frozenset(hidden)
        self._old = {spec.name: spec for spec in before.specs} if before else {}
        self._new = {spec.name: spec for spec in after.specs}
        self._phrases: dict[ClassifierSpec, Phrases] = {}
        self._models = bool(after.models or (before and before.models))
        self._labels = after.labels | (before.labels if before else _NONE)
        self._models_changed = before is None or before.models != after.models
        self._reach = {} if before is None else dict(self._reaches())

    @property
    def changed(self) -> frozenset[str]:
        """The classifications of which something that judges is another."""
        return frozenset(self._reach)

    @property
    def nothing(self) -> bool:
        """Whether no column at all can be concerned."""
        return not self._reach and not self._models_changed

    def of(self, table: JudgedTable) -> Affected:
        """The columns of a table that may be judged otherwise, and those of which the present verdicts tell what follows."""
        if self._before is None:
            return Affected({column.urn: frozenset({MODEL}) for column in table.columns})
        if self.nothing:
            return Affected()
        judge: dict[str, frozenset[str]] = {}
        held = [(table.urn, table.said), *((column.urn, column.said) for column in table.columns)]
        restate = {urn for urn, said in held if any(map(self._restated, said))}
        spans = {column.urn: spoken(column.name, column.comment, table.name) for column in table.columns}
        around = frozenset().union(spoken(table.name), *spans.values()) if self._with_context else _NONE
        people = people_table(table.name)
        for column in table.columns:
            why = {
                name
                for name, reach in self._reach.items()
                if self._concerns(name, reach, column, spans[column.urn], around, people)
            }
            if self._models_changed and self._is_asked(column):
                why.add(MODEL)
            if why:
                judge[column.urn] = frozenset(why)
        if judge and self._models:
            # What the rules say of a column is a word about its neighbours to the models.
            for column in table.columns:
                if column.urn not in judge and self._is_asked(column):
                    judge[column.urn] = frozenset({MODEL})
        return Affected(judge, frozenset(restate))

    @cached_property
    def _with_context(self) -> bool:
        return any(reach.context for reach in self._reach.values())

    def _restated(self, said: Said) -> bool:
        reach = self._reach.get(said.classification)
        by_machine = not (said.decided or said.inherited)
        return (
            reach is not None
            and reach.restate
            and not said.past
            and (by_machine or self._level(said.classification))
        )

    def _level(self, name: str) -> bool:
        old, new = self._old.get(name), self._new.get(name)
        return old is not None and new is not None and old.sensitivity != new.sensitivity

    def _concerns(
        self,
        name: str,
        reach: _Reach,
        column: JudgedColumn,
        spans: frozenset[str],
        around: frozenset[str],
        people: bool,
    ) -> bool:
        kind = _kind(column)
        if kind == "boolean":  # nothing is given to it
            return reach.carried and _carries(column, {name})
        if reach.carried and _carries(column, {name}):
            return True
        if not reach.phrases.isdisjoint(spans) or kind in reach.any:
            return True
        if not reach.added.isdisjoint(spans) and (
            kind in reach.possible_named or self._hidden or any(not said.inherited for said in column.said)
        ):
            return True
        supported = not reach.support.isdisjoint(spans)
        if supported and kind in reach.named:
            return True
        if supported and (not reach.context.isdisjoint(around) or (people and PEOPLE in reach.context)):
            return True
        possible = kind in reach.possible_any or (supported and kind in reach.possible_named)
        if possible and _carries(column, reach.rivals):
            return True
        if reach.equals and _carries(column, {name}) and self._has_possible(reach.equals, kind, spans):
            return True
        wanted = kind in reach.open or not reach.words.isdisjoint(spans)
        return wanted and self._is_asked(column)

    def _has_possible(self, names: Collection[str], kind: str, spans: frozenset[str]) -> bool:
        for name in names:
            specs = self._both(name)
            named, unnamed = _possible(*specs)
            if kind in unnamed or (kind in named and any(not self._said(s).isdisjoint(spans) for s in specs)):
                return True
        return False

    def _is_asked(self, column: JudgedColumn) -> bool:
        """Whether a model is asked about a column: the rules left it open, and something may be given to it."""
        if not self._models or _kind(column) == "boolean":
            return False
        if any(self._is_sure(each) for each in column.said):
            return False
        return any(self._allows(matcher, specs, column) for matcher, specs in self._matchers)

    def _is_sure(self, said: Said) -> bool:
        spec = self._old.get(said.classification)
        of_rules = said.tier == 1 and not (said.supported or said.past or said.inherited)
        return of_rules and spec is not None and spec.sensitivity >= OPEN and said.confidence > _UNSURE

    @cached_property
    def _matchers(self) -> list[tuple[NameMatcher, tuple[ClassifierSpec, ...]]]:
        versions = [self._after, *([self._before] if self._before and self._reach else [])]
        return [(NameMatcher(each.specs), each.specs) for each in versions]

    @staticmethod
    def _allows(matcher: NameMatcher, specs: tuple[ClassifierSpec, ...], column: JudgedColumn) -> bool:
        refused, kind = matcher.ruled_out(column.name), _kind(column)
        return any(
            n not in refused and (kind == ANY_KIND or kind in spec.types) for n, spec in enumerate(specs)
        )

    def _reaches(self) -> Iterable[tuple[str, _Reach]]:
        assert self._before is not None
        before = self._before
        above = (ancestors(before.specs), ancestors(self._after.specs))
        moved = {name for name in self._old.keys() & self._new.keys() if above[0][name] != above[1][name]}
        for name in sorted(self._old.keys() | self._new.keys()):
            old, new = self._old.get(name), self._new.get(name)
            reach = _Reach()
            wider = {wide for chains in above for wide in chains.get(name, ())}
            family = [spec for each in (name, *wider) for spec in self._both(each)]
            reach.support = {said for spec in family for said in self._said(spec)}
            reach.possible_named, reach.possible_any = _possible(old, new)
            if old is None or new is None or name in moved or _rules(old) != _rules(new):
                hides = any(not spec.abstract for each in wider for spec in self._both(each))
                self._compare(name, old, new, name in moved, hides, reach)
            if self._meaning(before, old) != self._meaning(self._after, new):
                reach.carried = True
                reach.open |= reach.possible_named
            if old is not None and new is not None and old.abstract != new.abstract:
                # Names of what is narrower are names of it too, as long as it has rules.
                below = [each for chains in above for each, chain in chains.items() if name in chain]
                reach.phrases |= {
                    said for each in below for spec in self._both(each) for said in self._said(spec)
                }
            if old is not None and new is not None and old.sensitivity != new.sensitivity:
                self._level_changed(old, new, reach)
            self._thresholds(name, reach)
            if _reaches_something(reach):
                yield name, reach

    @staticmethod
    def _meaning(version: VocabularyVersion, spec: ClassifierSpec | None) -> list[str] | None:
        """What the embeddings go by, of what only they may give."""
        return meaning_texts(spec) if spec and spec.name in version.described else None

    def _compare(
        self,
        name: str,
        old: ClassifierSpec | None,
        new: ClassifierSpec | None,
        moved: bool,
        hides_wider: bool,
        reach: _Reach,
    ) -> None:
        reach.carried = True
        if new is None or (new.abstract and old is not None and not old.abstract):
            # What is gone can only leave room to others where it stood, but where nobody knows where it stood.
            reach.phrases |= {said for spec in self._both(name) for said in self._said(spec)}
            if name in self._hidden or hides_wider:
                reach.named |= reach.possible_named
                reach.any |= reach.possible_any
            return
        if old is None or moved or (_order(old) != _order(new) and self._hides(old, new)):
            self._all_of(name, reach)
            return
        if _order(old) != _order(new):
            reach.rivals |= self._in_groups({old.group, new.group}) - {name}
        self._names(name, old, new, reach)
        if old.types != new.types:
            kinds = (old.types ^ new.types) | {ANY_KIND}
            reach.named |= kinds
            reach.any |= kinds & reach.possible_any
            reach.open |= kinds if name in self._labels else _NONE
        if _values(old) != _values(new):
            reach.named |= reach.possible_named
            reach.any |= _unnamed(old, new)
            switched = old.abstract != new.abstract
            if name in self._labels and (switched or old.closed or new.closed):
                reach.open |= reach.possible_named

    def _all_of(self, name: str, reach: _Reach) -> None:
        """Every column that could be given the classification."""
        reach.carried = True
        if name in self._old:
            for spec in self._both(name):
                reach.phrases |= self._said(spec) | self._phrases_of(spec).never
        else:
            reach.added |= self._said(self._new[name])
        reach.named |= reach.possible_named
        reach.any |= reach.possible_any
        if name in self._labels:
            reach.open |= reach.possible_named

    def _names(self, name: str, old: ClassifierSpec, new: ClassifierSpec, reach: _Reach) -> None:
        was, now = self._phrases_of(old), self._phrases_of(new)
        reach.added |= self._said(new) - self._said(old)
        reach.phrases |= (was.strong ^ now.strong) | (was.weak ^ now.weak) | (was.never ^ now.never)
        reach.phrases -= reach.added
        reach.context |= was.context ^ now.context
        if name in self._labels:
            reach.words |= was.words ^ now.words

    def _level_changed(self, old: ClassifierSpec, new: ClassifierSpec, reach: _Reach) -> None:
        reach.restate = True
        if self._models and (old.sensitivity >= OPEN) != (new.sensitivity >= OPEN):
            reach.carried = True
        # Of two that are equally sure the more sensitive is given.
        low, high = sorted((old.sensitivity, new.sensitivity))
        group = self._in_groups({old.group, new.group}) - {old.name}
        equals = {each for each in group if any(low <= spec.sensitivity <= high for spec in self._both(each))}
        reach.rivals |= equals
        reach.equals |= equals

    def _thresholds(self, name: str, reach: _Reach) -> None:
        assert self._before is not None
        none = (None, None)
        accept, reject = self._before.thresholds.get(name, none)
        accept_now, reject_now = self._after.thresholds.get(name, none)
        if (accept, reject) == (accept_now, reject_now):
            return
        reach.restate = True
        if (reject_now or 0.0) < (reject or 0.0):  # what was not sure enough is written nowhere
            self._all_of(name, reach)

    def _hides(self, old: ClassifierSpec, new: ClassifierSpec) -> bool:
        return not self._hidden.isdisjoint(self._in_groups({old.group, new.group}))

    def _in_groups(self, groups: Collection[str]) -> set[str]:
        both = (*self._old.values(), *self._new.values())
        return {spec.name for spec in both if spec.group in groups}

    def _both(self, name: str) -> list[ClassifierSpec]:
        return [spec for spec in (self._old.get(name), self._new.get(name)) if spec is not None]

    def _said(self, spec: ClassifierSpec) -> frozenset[str]:
        return self._phrases_of(spec).strong | self._phrases_of(spec).weak

    def _phrases_of(self, spec: ClassifierSpec) -> Phrases:
        if spec not in self._phrases:
            self._phrases[spec] = phrases_of(spec)
        return self._phrases[spec]


def _kind(column: JudgedColumn) -> str:
    return data_kind(column.data_type, ())


def _carries(column: JudgedColumn, names: Collection[str]) -> bool:
    return any(said.classification in names and not said.inherited for said in column.said)


def _order(spec: ClassifierSpec) -> tuple[str, int]:
    return spec.group, spec.priority


def _values(spec: ClassifierSpec) -> tuple[object, ...]:
    return spec.values, spec.dictionary, spec.dictionary_alone, spec.min_match, spec.closed


def _rules(spec: ClassifierSpec) -> tuple[object, ...]:
    """What of a classifier judges; its title, description, category and regulations do not, nor does its level by itself."""
    return spec.parent, _order(spec), spec.types, spec.names, _values(spec)


def _possible(*specs: ClassifierSpec | None) -> tuple[frozenset[str], frozenset[str]]:
    """Kinds of columns that may be given it with a fitting name, and without one."""
    there = [spec for spec in specs if spec is not None]
    kinds = frozenset().union(*(spec.types for spec in there)) | {ANY_KIND}
    unnamed: set[str] = set()
    for spec in there:
        if spec.dictionary_alone or any(form.alone for form in spec.values):
            unnamed |= kinds
        if any(form.inside for form in spec.values):
            unnamed |= _PROSE
    return kinds, frozenset(unnamed)


def _unnamed(old: ClassifierSpec, new: ClassifierSpec) -> set[str]:
    """Kinds of columns of which other rules for values may be proved by values alone."""
    forms = set(old.values) ^ set(new.values)
    if old.min_match != new.min_match:
        forms |= {*old.values, *new.values}
    kinds: set[str] = set()
    words = (old.dictionary, old.dictionary_alone, old.min_match), (new.dictionary, new.dictionary_alone, new.min_match)  # fmt: skip
    if any(form.alone for form in forms) or (
        words[0] != words[1] and (old.dictionary_alone or new.dictionary_alone)
    ):
        kinds |= old.types | new.types | {ANY_KIND}
    if any(form.inside for form in forms):
        kinds |= _PROSE
    return kinds


def _reaches_something(reach: _Reach) -> bool:
    parts: Mapping[str, object] = {name: getattr(reach, name) for name in _DECIDING}
    return any(parts.values())


_DECIDING = (
    "carried",
    "restate",
    "phrases",
    "added",
    "context",
    "named",
    "any",
    "open",
    "words",
    "rivals",
    "equals",
)
