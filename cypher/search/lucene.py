"""The text of a full-text query, built from words alone, so that no syntax of the user's reaches the index.

Every clause scores a constant: a range from a word to itself instead of the word, and for one letter wrong a regular
expression instead of ``~1``. Scores by term frequency would tell a reader of documents that are hidden from him.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MAX_WORDS = 12
MAX_LETTERS = 48
_FUZZY_FROM, _FUZZY_TO = 4, 24
_WORD = re.compile(r"[^\W_]+")
# The index cuts these scripts into single characters.
_SINGLE = re.compile(r"[\u3040-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "into",
        "is",
        "of",
        "on",
        "or",
        "that",
        "the",
        "to",
        "with",
    ]
)
_EXACT = {"search_text": 4.0, "name": 4.0, "description": 1.5, "comment": 1.5}
_PREFIX = {"search_text": 2.0, "name": 1.0, "description": 0.5, "comment": 0.5}
_FUZZY = {"search_text": 1.0}


def words(tokens: Iterable[str]) -> list[str]:
    """Tokens as the index has them: lower-case, letters and digits alone, no more than it takes to rank."""
    found: dict[str, None] = {}
    for token in tokens:
        for word in _WORD.findall(token.lower()):
            for part in _SINGLE.findall(word) if _SINGLE.search(word) else [word[:MAX_LETTERS]]:
                found[part] = None
    telling = [word for word in found if word not in _STOP_WORDS] or list(found)
    return telling[:MAX_WORDS]


def lucene(wanted: Sequence[str]) -> str:
    """A query for any of ``words(…)``: the word itself above its beginning above one letter wrong."""
    clauses = []
    for word in wanted:
        clauses += [f'{field}:["{word}" TO "{word}"]^{boost}' for field, boost in _EXACT.items()]
        if len(word) > 1:
            clauses += [f"{field}:{word}*^{boost}" for field, boost in _PREFIX.items()]
        if _FUZZY_FROM <= len(word) <= _FUZZY_TO and not word.isdigit():
            clauses += [f"{field}:/{_one_wrong(word)}/^{boost}" for field, boost in _FUZZY.items()]
    return " OR ".join(clauses)


def _one_wrong(word: str) -> str:
    """A regular expression for words that differ by one letter: other, missing, added, or swapped with its neighbour."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    patterns = [f"{head}.?{tail[1:]}" for head, tail in cuts if tail]
    patterns += [f"{head}.{tail}" for head, tail in cuts]
    patterns += [f"{head}{tail[1]}{tail[0]}{tail[2:]}" for head, tail in cuts if len(tail) > 1]
    return "|".join(dict.fromkeys(patterns))
