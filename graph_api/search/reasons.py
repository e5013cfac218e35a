"""Why a hit is a hit: which of its fields hold which words of the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml.text import name_tokens

_AROUND = 60


@dataclass(frozen=True, slots=True)
class Reason:
    """``kind`` is the name of a MatchKind; ``rank`` counts from 1 in the list of that kind."""

    kind: str
    field: str | None = None
    snippet: str | None = None
    rank: int | None = None


def reasons(asset: Mapping[str, Any], words: Sequence[str], ranks: Mapping[str, int]) -> list[Reason]:
    """All reasons, the strongest first."""
    found = []
    if "exact" in ranks:
        found.append(Reason("EXACT_NAME", "name", asset["path"] or asset["name"], ranks["exact"]))
    if any(_matches(token, word) for token in name_tokens(asset["name"] or "") for word in words):
        found.append(Reason("NAME", "name", asset["name"], ranks.get("text")))
    for field, name in (("description", "description"), ("comment", "sourceDescription")):
        if asset[field] and (snippet := _snippet(asset[field], words)):
            found.append(Reason("TEXT", name, snippet, ranks.get("text")))
    if "meaning" in ranks:
        found.append(Reason("MEANING", rank=ranks["meaning"]))
    return found


def _matches(token: str, word: str) -> bool:
    """As the index does: equal, begins with it, or one letter differs in words of four letters and more."""
    return (
        token == word
        or (len(word) > 1 and token.startswith(word))
        or (len(word) > 3 and _one_wrong(token, word))
    )


def _one_wrong(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1:
        return False
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    swapped = a[head : head + 2] == b[head : head + 2][::-1] and a[head + 2 :] == b[head + 2 :]
    other, missing, added = (
        a[head + 1 :] == b[head + 1 :],
        a[head:] == b[head + 1 :],
        a[head + 1 :] == b[head:],
    )
    return swapped or other or missing or added


def _snippet(text: str, words: Sequence[str]) -> str | None:
    folded = text.lower()
    places = [at for word in words if (at := folded.find(word)) >= 0]
    if not places:
        return None
    start = max(0, min(places) - _AROUND)
    end = min(len(text), min(places) + _AROUND)
    return ("…" if start else "") + " ".join(text[start:end].split()) + ("…" if end < len(text) else "")
