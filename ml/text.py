"""Names as words, and the sentence about an asset that is embedded and indexed. Raw values never come here."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import re2

_LOWER_UPPER = re2.compile(r"(\p{Ll})(\p{Lu})")
_ACRONYM_WORD = re2.compile(r"(\p{Lu})(\p{Lu}\p{Ll})")
_WORD = re2.compile(r"\p{L}[\p{L}\p{M}]*|\p{N}+")
MAX_COLUMNS = 60  # the encoder reads 256 word pieces; more columns would be cut off anyway


def name_tokens(name: str) -> list[str]:
    """Words of an identifier in lower case: split at case, digits and everything that is no letter.

    ``customerID2`` gives customer, id, 2; ``HTTPServer`` gives http, server.
    """
    return list(_split(name))


# The columns of a source are called by few names, each of which a scan reads several times over.
@lru_cache(maxsize=16_384)
def _split(name: str) -> tuple[str, ...]:
    text = unicodedata.normalize("NFKC", name)
    text = _ACRONYM_WORD.sub(r"\1 \2", _LOWER_UPPER.sub(r"\1 \2", text))
    return tuple(word.lower() for word in _WORD.findall(text))


def _words(name: str) -> str:
    return " ".join(name_tokens(name))


def asset_text(
    kind: str,
    name: str,
    path: Sequence[str] = (),
    comment: str | None = None,
    columns: Sequence[str] = (),
    classifications: Sequence[str] = (),
    tags: Sequence[str] = (),
) -> str:
    """The sentence that stands for an asset in search by meaning; ``path`` runs from the source down to its parent."""
    parts = [f"{_words(name)}."]
    if columns:
        parts.append(f"{', '.join(_words(column) for column in columns[:MAX_COLUMNS])}.")
    if comment and comment.strip():
        parts.insert(1, f"{' '.join(comment.split())}.")
    if classifications or tags:
        labels = [_words(label) for label in (*classifications, *tags)]
        parts.append(f"{', '.join(labels)}.")
    parts.append(
        f"{kind.lower()} in {' '.join(_words(part) for part in path)}." if path else f"{kind.lower()}."
    )
    return " ".join(parts)
