"""An error's type and text as features: beginnings and parts of words, without names, numbers and addresses."""

from __future__ import annotations

import re

LONGEST = 600  # characters of a message that count; what matters stands at the beginning
_BEGIN = 5  # letters of a word that count, so that its forms are one
_PART = 4
_HIDDEN = re.compile(r"\w+://\S+|\S+@\S+|\S*/\S*/\S*|\"[^\"]{0,200}\"|\b\w+(?:\.\w+){2,}\b")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
_LETTERS = re.compile(r"[a-z']{2,}")
_DULL = frozenset(
    [
        "the",
        "an",
        "is",
        "was",
        "of",
        "to",
        "for",
        "in",
        "on",
        "at",
        "by",
        "or",
        "and",
        "be",
        "as",
        "that",
        "this",
        "error",
        "exception",
    ]
)


def features(type_name: str, message: str) -> list[str]:
    """Distinct features, sorted: words as they begin, words of the type once more with a mark, and all runs of four letters."""
    kind = _words(type_name.rpartition(".")[2])
    words = [*_words(_HIDDEN.sub(" ", message[:LONGEST])), *kind]
    parts = {f"~{part}" for word in words for part in _parts(f"_{word}_")}
    return sorted({*(word[:_BEGIN] for word in words), *(f"^{word[:_BEGIN]}" for word in kind), *parts})


def _words(text: str) -> list[str]:
    spread = _CAMEL.sub(" ", text).lower().replace("n't", " not")
    return [word for word in _LETTERS.findall(spread) if word not in _DULL]


def _parts(word: str) -> list[str]:
    return [word[at : at + _PART] for at in range(len(word) - _PART + 1)]
