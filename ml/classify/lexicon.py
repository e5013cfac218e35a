"""Words that names of people and places are made of, as shipped with the trained model; values are looked up and forgotten."""

from __future__ import annotations

import lzma
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

KINDS = ("given", "surname", "place", "street", "company", "thing")
FILE = "lexicon.xz"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Folded words by what they are part of; ``place`` holds whole names too, ``thing`` plain words of English."""

    given: frozenset[str]
    surname: frozenset[str]
    place: frozenset[str]
    street: frozenset[str]
    company: frozenset[str]
    thing: frozenset[str]


@cache
def people() -> frozenset[str]:
    """Given names and surnames that are no plain words."""
    known = lexicon()
    return (known.given | known.surname) - known.thing


def folded(text: str) -> str:
    """Lower case without accents, so that JOSÉ is jose."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


@cache
def lexicon() -> Lexicon:
    """Read once; 0.1 s."""
    packed = (resources.files("ml.classify") / "model" / FILE).read_bytes()
    parts = lzma.decompress(packed).decode("utf-8").split("\n\n")
    return Lexicon(*(frozenset(part.split("\n")) for part in parts))
