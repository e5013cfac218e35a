"""Values that hide within text: by the forms of the classifiers, each with its check, and names of persons by a dictionary."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import re2

from ml.classify.checks import check
from ml.classify.patterns import PatternSet
from ml.classify.spec import ClassifierSpec

TELLING = 0.8  # what a form must prove alone for a single value of it to be believed
_PERSON = "PERSON"
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))*")
_TOKEN = re.compile(r"[^\s\"'<>(){}\[\],;]+")
_SENTENCE = 4  # spaces in a text that make it one
_TRIMMED = ".,:;!?"


@dataclass(frozen=True, slots=True)
class Span:
    """``text[start:end]`` is a value of a classification."""

    start: int
    end: int
    kind: str


class ValueFinder:
    """Finds values in text; without state between calls, safe in several threads."""

    def __init__(self, specs: Sequence[ClassifierSpec]) -> None:
        forms = [(spec.name, form) for spec in specs for form in spec.values if form.alone >= TELLING]
        self._forms = [(name, _valid(form.check)) for name, form in forms]
        self._patterns = PatternSet([form.pattern for _, form in forms])
        self._inside = [
            (spec.name, re2.compile(form.inside), _valid(form.check))
            for spec in specs
            for form in spec.values
            if form.inside
        ]
        self.within = frozenset(name for name, _, _ in self._inside)
        self._names = next((spec.dictionary for spec in specs if spec.name == _PERSON), frozenset())

    def whole(self, text: str) -> str | None:
        """The classification of which the whole text is a value; None where it is of none."""
        text = text.strip()
        return next(
            (self._forms[n][0] for n in self._patterns.matches(text) if self._forms[n][1](text)), None
        )

    def spans(self, text: str) -> list[Span]:
        """All values in ``text`` by where they begin; they may overlap."""
        return sorted(self._found(text), key=lambda span: (span.start, -span.end))

    def _found(self, text: str) -> Iterator[Span]:
        for name, pattern, valid in self._inside:
            for hit in pattern.finditer(text):
                if valid(hit.group()):
                    yield Span(hit.start(), hit.end(), name)
        for token in _TOKEN.finditer(text):
            word = token.group().strip(_TRIMMED)
            if len(word) >= 6 and (kind := self.whole(word)) is not None:
                start = token.start() + token.group().index(word)
                yield Span(start, start + len(word), kind)
        yield from self._persons(text)

    def _persons(self, text: str) -> Iterator[Span]:
        """A word of the dictionary that begins with a capital, with the others that do so around it."""
        words = [(w.start(), w.end(), w.group()) for w in _NAME.finditer(text)]
        upper = [word[0].isupper() for _, _, word in words]
        for at, (_, _, word) in enumerate(words):
            if not upper[at] or word.lower() not in self._names:
                continue
            first = last = at
            while first > 0 and upper[first - 1] and _adjoins(text, words[first - 1][1], words[first][0]):
                first -= 1
            while (
                last + 1 < len(words)
                and upper[last + 1]
                and _adjoins(text, words[last][1], words[last + 1][0])
            ):
                last += 1
            # "White" alone is a colour as likely as a person; within a sentence, or beside another name, it is hidden.
            if last > first or text.count(" ") >= _SENTENCE:
                yield Span(words[first][0], words[last][1], _PERSON)


def merged(spans: Sequence[Span]) -> list[Span]:
    """Spans in the order of ``ValueFinder.spans``, those that overlap as one of the kind that begins first."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start < joined[-1].end:
            last = joined[-1]
            joined[-1] = Span(last.start, max(last.end, span.end), last.kind)
        else:
            joined.append(span)
    return joined


def _adjoins(text: str, end: int, start: int) -> bool:
    return text[end:start].strip(" .") == "" and start - end <= 2


def _valid(name: str) -> Callable[[str], bool]:
    return check(name) if name else lambda _: True
