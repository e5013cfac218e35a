"""A pattern from examples and counter-examples: the most general one of a few kinds that takes all of the former and none of the latter.

Examples are cut into runs of one kind of character. Where all have the same runs, one sequence of classes with their
lengths describes them, else several stand side by side. As long as a counter-example is taken, runs become more
particular (a constant text, a common beginning, a few texts), and in the end each is made general again that can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import re2

from ml.classify.patterns import LONGEST_VALUE
from schema.errors import InvalidInput, NoPattern

MOST_EXAMPLES = 200
_FEW_TEXTS, _FEW_FIRST = 5, 3
_MANY = 3  # examples from which on a word they share is no accident
_LEVELS = (0, 1, 2, 3)
_CLASSES = {"digit": "0-9", "upper": "A-Z", "lower": "a-z", "letter": r"\p{L}", "number": r"\p{Nd}"}


@dataclass(frozen=True, slots=True)
class Synthesis:
    """A pattern of RE2 for whole values; ``alternatives`` is how many forms stand side by side in it."""

    pattern: str
    alternatives: int


def synthesize(examples: Sequence[str], counter_examples: Sequence[str] = ()) -> Synthesis:
    """A pattern that takes all examples and no counter-example; spaces around them do not count.

    Raises ``InvalidInput`` where there are none or too many, ``NoPattern`` where a counter-example looks like the examples.
    """
    wanted = _checked(examples, "examples")
    unwanted = _checked(counter_examples, "counterExamples")
    if not wanted:
        raise InvalidInput("There is no example.", path=("examples",), remedy="Give two or more.")
    ways = [_forms(wanted, cut) for cut in (_by_case, _by_letters, _by_words)]
    # Side by side only where no way of cutting sees one form in all; among equals the finest says most.
    ways.sort(key=len)
    taken: list[str] = []
    for forms in ways:
        for level in _LEVELS:
            levels = {run: level for form in forms for run in form.runs}
            taken = _taken(_pattern(forms, levels), unwanted)
            if not taken:
                return Synthesis(_relaxed(forms, levels, unwanted), len(forms))
    stripped = [text.strip() for text in counter_examples]
    raise NoPattern(tuple(n for n, text in enumerate(stripped) if text in taken))


def _checked(texts: Sequence[str], path: str) -> list[str]:
    found = sorted({text.strip() for text in texts} - {""})
    if len(texts) > MOST_EXAMPLES or any(len(text) > LONGEST_VALUE for text in found):
        raise InvalidInput(
            f"At most {MOST_EXAMPLES} texts of {LONGEST_VALUE} characters.",
            path=(path,),
            remedy="Give fewer.",
        )
    for text in found:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise InvalidInput("Half a character.", path=(path,), remedy="Send whole characters.") from None
    return found


@dataclass(frozen=True, eq=False)
class _Run:
    """What stands at one place of a form: one text of each of its examples."""

    texts: tuple[str, ...]

    @cached_property
    def distinct(self) -> list[str]:
        return sorted(set(self.texts))

    def pattern(self, level: int) -> str:
        """The higher the level, the more particular."""
        size, distinct = len(self.texts), self.distinct
        constant = len(distinct) == 1
        if constant and (not distinct[0][0].isalnum() or (size >= _MANY and distinct[0].isalpha())):
            return _literal(distinct[0])
        if level >= 1 and constant and size > 1:
            return _literal(distinct[0])
        if level >= 3 and len(distinct) <= _FEW_TEXTS and len(distinct) < size:
            return f"(?:{'|'.join(map(_literal, distinct))})"
        if level >= 2 and size > 1:
            return self._begun()
        return _several(distinct)

    def _begun(self) -> str:
        """With the beginning that all have, or one of the few letters that all begin with."""
        distinct = self.distinct
        if prefix := _common_prefix(distinct[0], distinct[-1]):
            return _literal(prefix) + _several([text[len(prefix) :] for text in distinct])
        first = sorted({text[0] for text in distinct})
        if len(first) > _FEW_FIRST or len(first) * 2 > len(distinct):
            return _several(distinct)
        return f"[{''.join(map(_literal, first))}]" + _several([text[1:] for text in distinct])


@dataclass(frozen=True, slots=True)
class _Form:
    runs: tuple[_Run, ...]


def _common_prefix(first: str, last: str) -> str:
    """What all texts between two in order begin with."""
    same = (n for n, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return first[: next(same, min(len(first), len(last)))]


def _kind(char: str) -> str:
    """The narrowest class a character is of; itself where it is of none."""
    if char in "0123456789":
        return "digit"
    if char.isascii() and char.isalpha():
        return "upper" if char.isupper() else "lower"
    if char.isdecimal():
        return "number"
    return "letter" if re2.fullmatch(r"\p{L}", char) else char


def _by_case(char: str) -> str:
    return _kind(char)


def _by_letters(char: str) -> str:
    kind = _kind(char)
    return "letters" if kind in ("upper", "lower", "letter") else kind


def _by_words(char: str) -> str:
    return "word" if (kind := _kind(char)) in _CLASSES else kind


def _forms(texts: Sequence[str], cut: Callable[[str], str]) -> list[_Form]:
    """The sequences of runs that the texts are, each with what stands in its place."""
    found: dict[tuple[str, ...], list[list[str]]] = {}
    for text in texts:
        runs = [(key, "".join(chars)) for key, chars in groupby(text, cut)]
        found.setdefault(tuple(key for key, _ in runs), []).append([run for _, run in runs])
    return [_Form(tuple(_Run(place) for place in zip(*found[key], strict=True))) for key in sorted(found)]


def _literal(text: str) -> str:
    return str(re2.escape(text))


def _several(texts: Iterable[str]) -> str:
    """Characters of the kinds that the texts are of, as many as they are."""
    texts = list(texts)
    kinds = {_kind(char) for text in texts for char in text}
    if not kinds:
        return ""
    least, most = min(map(len, texts)), max(map(len, texts))
    inside = "".join(_CLASSES[kind] for kind in _CLASSES if kind in kinds)
    inside += "".join(_literal(kind) for kind in sorted(kinds - _CLASSES.keys()))
    times = "" if least == most == 1 else f"{{{least}}}" if least == most else f"{{{least},{most}}}"
    return f"[{inside}]{times}"


def _pattern(forms: Sequence[_Form], levels: dict[_Run, int]) -> str:
    found = ["".join(run.pattern(levels[run]) for run in form.runs) for form in forms]
    return found[0] if len(found) == 1 else f"(?:{'|'.join(found)})"


def _taken(pattern: str, texts: Sequence[str]) -> list[str]:
    compiled: Any = re2.compile(pattern)
    return [text for text in texts if compiled.fullmatch(text) is not None]


def _relaxed(forms: Sequence[_Form], levels: dict[_Run, int], unwanted: Sequence[str]) -> str:
    """The pattern with every run as general as it can be."""
    for run in levels:
        for level in range(levels[run]):
            general = levels | {run: level}
            if not _taken(_pattern(forms, general), unwanted):
                levels = general
                break
    return _pattern(forms, levels)
