"""The third tier: what the name, the comment and the table of a column mean, beside what classifications mean, by a sentence encoder.

No value is among the texts. How likely a meaning is follows from two figures: how near it is, and how far ahead of all that means something
else. Which classification it is has no part in that, so that what was fitted on generated columns holds for classifications of one's own.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import exp
from typing import TYPE_CHECKING, Any

from ml.classify.spec import ClassifierSpec, ancestors
from ml.classify.words import written_out
from schema.ports import Embedder

if TYPE_CHECKING:
    import numpy as np

FILE = "zero_shot.json"
LIKELY = 0.5  # calibrated probability from which a meaning is suggested
TABLE_SHARE = 0.4  # weight of the table's name beside the column's; neighbours were measured to do harm
MOST_PHRASES = 12  # of a classification's own names that are texts of its meaning
_LONGEST_COMMENT = 200  # characters
_KEPT = 8_192  # vectors of texts, 1.5 KB each: of columns for a vocabulary, of meanings for all
_VOCABULARIES = 4
# What most columns are that hold nothing personal: they have to be farther than a meaning that is suggested.
NEUTRAL = (
    "identifier or key of a record", "status or state of a record", "type or category", "amount of money", "price", "number of items",
    "date of an event", "time of creation or update", "description or note", "name of a product or thing", "name of a company or organisation",
    "title of a book, song or course", "year", "score or rating", "rank or position in a list", "flag, yes or no", "code of a thing",
    "duration", "size, weight or length of a thing", "rate or percentage", "name of a team or group", "path or link", "version of software",
    "color", "currency", "quantity in stock", "technical setting", "count of events", "result of a game",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """A column by what people wrote about it."""

    table: str
    name: str
    comment: str | None = None

    @property
    def text(self) -> str:
        """Its name with abbreviations written out, and its comment; never a value."""
        text = " ".join(written_out(self.name)) or self.name
        comment = " ".join((self.comment or "").split())[:_LONGEST_COMMENT]
        return f"{text}. {comment}" if comment else text

    @property
    def context(self) -> str:
        """The name of its table."""
        return " ".join(written_out(self.table)) or "table"


@dataclass(frozen=True, slots=True)
class Near:
    """A meaning near to a column: the cosine, by how much it is ahead of all that means something else, and the calibrated probability."""

    classification: str
    nearness: float
    ahead: float
    probability: float


@cache
def weights() -> Mapping[str, Any]:
    """What was fitted: ``nearness``, ``ahead`` and ``shift`` of a logistic function, and on what."""
    found: Mapping[str, Any] = json.loads(
        (resources.files("ml.classify") / "model" / FILE).read_text("utf-8")
    )
    return found


def probability(nearness: float, ahead: float, fitted: Mapping[str, Any]) -> float:
    """How likely it is that a meaning is the column's."""
    return 1 / (1 + exp(-(fitted["nearness"] * nearness + fitted["ahead"] * ahead + fitted["shift"])))


def meaning_texts(spec: ClassifierSpec) -> list[str]:
    """What a classification means, in several texts, of which the nearest counts."""
    phrases = [phrase for phrase in spec.names.strong if "<" not in phrase][:MOST_PHRASES]
    return [f"{spec.title}. {spec.description}", spec.title, *phrases]


class Meanings:
    """What the classifications of one vocabulary mean, as vectors, made at the first question; safe in several threads.

    Those without rules count where they are ``described``.
    """

    def __init__(
        self, specs: Sequence[ClassifierSpec], described: Collection[str], embedder: Embedder
    ) -> None:
        self._embedder, self._lock = embedder, threading.Lock()
        self._specs = [spec for spec in specs if not spec.abstract or spec.name in described]
        self.names = tuple(spec.name for spec in self._specs)
        above = ancestors(specs)
        self._strange = {
            name: [n for n, o in enumerate(self.names) if o != name and o not in above[name] and name not in above[o]]
            for name in self.names
        }  # fmt: skip
        self._vectors: np.ndarray | None = None
        self._starts: np.ndarray | None = None
        self._seen = _Vectors()

    def nearest(
        self, columns: Sequence[Named], may_be: Sequence[Collection[str]], most: int | None = None
    ) -> list[list[Near]]:
        """For each column the meanings that it may have, likeliest first, at most ``most``. Raises ``StackError`` where there is no model."""
        if not columns:
            return []
        fitted = weights()
        number = {name: n for n, name in enumerate(self.names)}
        found = []
        for row, allowed in zip(self._nearness(columns), may_be, strict=True):
            each = []
            for name in number.keys() & set(allowed):
                rival = max(float(row[-1]), float(row[self._strange[name]].max(initial=-1.0)))
                nearness = float(row[number[name]])
                ahead = nearness - rival
                each.append(Near(name, nearness, ahead, probability(nearness, ahead, fitted)))
            each.sort(key=lambda near: (-near.probability, near.classification))
            found.append(each[:most])
        return found

    def _nearness(self, columns: Sequence[Named]) -> np.ndarray:
        """Cosines, of shape (columns, meanings + 1); the last is that of the nearest of ``NEUTRAL``."""
        import numpy as np

        with self._lock:
            if self._vectors is None:
                self._read_meanings()
            found = self._seen(
                [text for each in columns for text in (each.text, each.context)], self._embedder
            )
        mixed = found[::2] + TABLE_SHARE * found[1::2]
        mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
        assert self._vectors is not None
        assert self._starts is not None
        return np.maximum.reduceat(mixed @ self._vectors.T, self._starts, axis=1)

    def _read_meanings(self) -> None:
        import numpy as np

        texts: list[str] = []
        starts = []
        for spec in self._specs:
            starts.append(len(texts))
            texts += dict.fromkeys(meaning_texts(spec))
        starts.append(len(texts))
        texts += NEUTRAL
        with _reading:
            self._vectors = _of_model.setdefault(self._embedder.model, _Vectors())(texts, self._embedder)
        self._starts = np.asarray(starts)


class _Vectors:
    """Vectors by text, of which the last are kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, np.ndarray] = OrderedDict()

    def __call__(self, texts: Sequence[str], embedder: Embedder) -> np.ndarray:
        import numpy as np

        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        for text, vector in zip(new, embedder(new), strict=True):
            self._kept[text] = np.asarray(vector, np.float32)
        found = np.stack([self._kept[text] for text in texts])
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found


_of_model: dict[str, _Vectors] = {}  # of meanings, most of which all vocabularies share
_reading = threading.Lock()


_made: OrderedDict[tuple[str, str, frozenset[str]], Meanings] = OrderedDict()
_making = threading.Lock()


def meanings_of(
    version: str, specs: Sequence[ClassifierSpec], described: frozenset[str], embedder: Embedder
) -> Meanings:
    """The meanings of the vocabulary of this version, made once in a process."""
    key = (version, embedder.model, described)
    with _making:
        if key not in _made:
            while len(_made) >= _VOCABULARIES:
                _made.popitem(last=False)
            _made[key] = Meanings(specs, described, embedder)
        return _made[key]
