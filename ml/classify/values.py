"""What the values of a column say: their kind, forms, check digits and words; counts and shapes leave, never a value."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from time import perf_counter
from typing import Any

import re2

from ml.classify.checks import COSTLY, check
from ml.classify.patterns import PatternSet
from ml.classify.spec import ClassifierSpec, ValueFormat

FORMS, WORDS = "forms of values, all at once", "words of dictionaries"
PROBE, CHECKED, CHECKED_COSTLY = 8, 60, 10
LONGEST_NAME = 60
_FLAGS = frozenset(
    [
        "yes",
        "no",
        "y",
        "n",
        "true",
        "false",
        "t",
        "f",
        "0",
        "1",
        "on",
        "off",
        "none",
        "unknown",
        "na",
        "n/a",
        "nan",
        "null",
        "-",
        "?",
    ]
)
PROSE_WORDS, PROSE_READ = 4, 200
_WORD = re.compile(r"[^\W\d_]+")
_WORDED = re.compile(r"[^\W\d_]{4,}[^\W\d]*(?:[-' .]+[^\W\d]+)*")
_WHOLE, _FLOATED = re.compile(r"-?\d{1,19}(?:\.0)?"), re.compile(r"-?\d{1,19}\.0")
_KINDS = (
    ("boolean", r"bool|^bit$|bit\(1\)"),
    ("timestamp", r"timestamp|datetime"),
    ("date", r"^date|year"),
    ("duration", r"interval|duration"),
    ("other", r"^time"),
    ("uuid", r"uuid|uniqueidentifier|guid"),
    ("network", r"inet|cidr|macaddr|ipv?[46]"),
    ("point", r"point|geometry|geography"),
    ("binary", r"blob|bytea|binary|image"),
    ("decimal", r"decimal|numeric|float|double|real|money"),
    ("integer", r"int|serial|number|^long$"),
    ("text", r"char|text|string|clob|enum|citext|utf8|varchar|object|name"),
)


@lru_cache(maxsize=4_096)
def _kind_of_type(data_type: str) -> str:
    lower = data_type.lower()
    if lower.startswith("enum") and only_flags(re.findall(r"'([^']*)'", lower)):
        return "boolean"
    return next((kind for kind, pattern in _KINDS if re.search(pattern, lower)), "other")


def data_kind(data_type: str, values: Sequence[object]) -> str:
    """One of ``spec.TYPES``: by the declared type, or by Python's types where nothing is declared."""
    kind = _kind_of_type(data_type)
    types = {type(value) for value in values if value is not None}
    if types == {bool}:
        return "boolean"
    if (
        kind == "decimal"
        and types
        and all(_WHOLE.fullmatch(str(v)) for v in values if v is not None and v != "")
    ):
        return "integer"  # dataframes turn integers with gaps into floats
    if kind == "other" and types:
        for python, name in (
            (datetime, "timestamp"),
            (date, "date"),
            (int, "integer"),
            (float, "decimal"),
            (str, "text"),
        ):
            if all(issubclass(t, python) for t in types):
                return name
    return kind


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def distinct_texts(values: Sequence[object]) -> list[str]:
    """Distinct non-empty values as trimmed text, in their first order; bytes are left out, and what exports add to numbers."""
    texts = dict.fromkeys(_text(v) for v in values if v is not None and not isinstance(v, bytes | bytearray))
    texts.pop("", None)
    if texts and all(_FLOATED.fullmatch(text) for text in texts):
        return [text[:-2] for text in texts]
    if texts and all(text.startswith("'") and not text.endswith("'") for text in texts):
        return [text[1:] for text in texts]  # so do spreadsheets mark text
    return list(texts)


def shape(texts: Sequence[str]) -> str:
    """How long the values are and what they are made of, in words."""
    shortest, longest = min(map(len, texts)), max(map(len, texts))
    span = f"{shortest}" if shortest == longest else f"{shortest}-{longest}"
    joined = "".join(texts[:50])
    made = "digits" if joined.isdecimal() else "letters" if joined.isalpha() else "characters"
    return f"{span} {made}"


@dataclass(frozen=True, slots=True)
class ValueEvidence:
    """Shares of the distinct values, 0 to 1: of the right form, passing the check, holding a dictionary
    word, having the form that bears the classification's own name.
    """

    formed: float = 0.0
    passed: float = 0.0
    words: float = 0.0
    typical: float = 0.0
    form: ValueFormat | None = None


def spread(texts: Sequence[str], most: int) -> Sequence[str]:
    """At most that many texts, evenly from the whole sequence."""
    return texts if len(texts) <= most else [texts[i * len(texts) // most] for i in range(most)]


def _pass_rate(texts: Sequence[str], name: str, patient: bool) -> float:
    valid: Callable[[str], bool] = check(name)
    sample = spread(texts, CHECKED_COSTLY if name.split(":")[0] in COSTLY else CHECKED)
    probe = spread(sample, PROBE)
    good = sum(valid(text) for text in probe)
    if len(probe) == len(sample) or (not patient and 2 * good < len(probe)):
        return good / len(probe)
    return sum(valid(text) for text in sample) / len(sample)


class ValueMatcher:
    """All forms of all classifiers; one pass of the automaton per value, then checks of what is promising."""

    def __init__(self, specs: Sequence[ClassifierSpec]) -> None:
        self._specs = specs
        self._forms = [(index, form) for index, spec in enumerate(specs) for form in spec.values]
        self._patterns = PatternSet([form.pattern for _, form in self._forms])
        for _, form in self._forms:
            if form.check:
                check(form.check)  # an unknown name is an error of the file, not of the first column
        self._inside = [(i, form, re2.compile(form.inside)) for i, form in self._forms if form.inside]
        self._dictionaries = [(index, spec) for index, spec in enumerate(specs) if spec.dictionary]

    def evidence(
        self, texts: Sequence[str], named: Collection[int], kind: str, spent: defaultdict[str, float]
    ) -> dict[int, ValueEvidence]:
        """Evidence by the classifier's index; ``named`` are the classifiers that the name supports.

        ``spent`` is added to, seconds: the pass over all forms, the dictionaries, and by classification what its checks took.
        """
        if not texts:
            return {}
        hits: dict[int, list[str]] = {}
        begun = perf_counter()
        for text in texts:
            for number in self._patterns.matches(text):
                hits.setdefault(number, []).append(text)
        spent[FORMS] += perf_counter() - begun
        found: dict[int, ValueEvidence] = {}
        typical: dict[int, float] = {}
        for number, matching in hits.items():
            index, form = self._forms[number]
            formed, patient = len(matching) / len(texts), index in named
            if form.entity == self._specs[index].name:
                typical[index] = max(formed, typical.get(index, 0.0))
            if not patient and (not form.alone or formed < self._specs[index].min_match):
                continue
            if kind not in self._specs[index].types and kind != "other":
                continue
            passed = formed
            if form.check:
                begun = perf_counter()
                passed *= _pass_rate(matching, form.check, patient)
                spent[self._specs[index].name] += perf_counter() - begun
            seen = ValueEvidence(formed, passed, form=form)
            if index not in found or self._proof(index, found[index]) < self._proof(index, seen):
                found[index] = seen
        begun = perf_counter()
        known_words = self._words(texts, named)
        spent[WORDS] += perf_counter() - begun
        for index, words in known_words.items():
            found[index] = replace(
                found.get(index, ValueEvidence()), words=words, typical=typical.get(index, 0.0)
            )
        return found

    def _proof(self, index: int, seen: ValueEvidence) -> tuple[float, float, float]:
        """What orders the forms of one classifier: what proves most by itself, then what most values have."""
        enough = seen.form is not None and seen.passed >= self._specs[index].min_match
        return (seen.passed * seen.form.alone if enough and seen.form else 0.0, seen.passed, seen.formed)

    def within(self, texts: Sequence[str], spent: defaultdict[str, float]) -> dict[int, tuple[int, int]]:
        """For columns of prose, by the classifier's index: how many texts hold a valid value, of how many read.

        What each classification took is added to ``spent``, seconds.
        """
        sample = spread(texts, PROSE_READ)
        if not sample or sum(text.count(" ") for text in sample) < PROSE_WORDS * len(sample):
            return {}
        found: dict[int, int] = {}
        for index, form, pattern in self._inside:
            begun = perf_counter()
            found[index] = sum(
                any(not form.check or check(form.check)(hit) for hit in pattern.findall(text))
                for text in sample
            )
            spent[self._specs[index].name] += perf_counter() - begun
        return {index: (count, len(sample)) for index, count in found.items() if count}

    def _words(self, texts: Sequence[str], named: Collection[int]) -> dict[int, float]:
        wanted = [(i, spec) for i, spec in self._dictionaries if i in named or spec.dictionary_alone]
        if not wanted or len(texts) < 2:
            return {}
        # Prose holds names now and then; a column of names holds little else.
        split = [words_of(text) for text in spread(texts, CHECKED)]
        shares = {
            index: sum(not spec.dictionary.isdisjoint(words) for words in split) / len(split)
            for index, spec in wanted
        }
        return {index: share for index, share in shares.items() if share}


def only_flags(texts: Sequence[str]) -> bool:
    """Whether all values are of those that answer a question with yes or no, or with nothing."""
    return bool(texts) and all(text.lower() in _FLAGS for text in texts)


def worded(texts: Sequence[str]) -> bool:
    """Whether the values are words or some of them, as ``south-africa``, and no numbers or codes."""
    probe = spread(texts, PROBE)
    return len(probe) > 1 and sum(_WORDED.fullmatch(t) is not None for t in probe) >= 0.8 * len(probe)


def words_of(text: str) -> set[str]:
    """The whole of a short text and its words, in lower case, as dictionaries are asked for them; of prose nothing."""
    lower = text.lower() if len(text) <= LONGEST_NAME else ""
    return {lower, *_WORD.findall(lower)}


def accepts(form: ValueFormat, text: str, compiled: Any) -> bool:
    """Whether the whole text is of this form and passes its check."""
    return compiled.fullmatch(text) is not None and (not form.check or check(form.check)(text))
