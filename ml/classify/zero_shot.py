"""The third tier: the text of a column in its context beside the texts of what classifications mean, as vectors of a sentence encoder.

A text is made of the words of names and of the comment; no value is in it. A classification is the column's where its meaning is the
nearest of all, and so far ahead of the others that the calibration, fitted on generated columns alone, calls it likely. The calibration
looks at two figures, not at which classification it is, so that it holds for classifications that nobody knew when it was fitted.
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

from ml.classify.names import written_out
from ml.classify.spec import ClassifierSpec, ancestors
from schema.ports import Embedder

if TYPE_CHECKING:
    import numpy as np

FILE = "zero_shot.json"
LIKELY = 0.5  # calibrated probability from which the nearest meaning is suggested
MOST_PHRASES = 12  # of a classification's own names that are texts of its meaning
_LONGEST_COMMENT = 200  # characters
_KEPT = 8_192  # vectors of texts of columns, 1.5 KB each
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
    """How likely it is that the nearest meaning is the column's."""
    return 1 / (1 + exp(-(fitted["nearness"] * nearness + fitted["ahead"] * ahead + fitted["shift"])))


def column_text(table: str, name: str, comment: str | None) -> str:
    """What is embedded of a column: its name and table with abbreviations written out, its comment; never a value."""
    text = f"{' '.join(written_out(name))} of {' '.join(written_out(table)) or 'table'}"
    return f"{text}. {' '.join(comment.split())[:_LONGEST_COMMENT]}" if comment and comment.strip() else text


def meaning_texts(spec: ClassifierSpec) -> list[str]:
    """What a classification means, in several texts, of which the nearest counts."""
    phrases = [phrase for phrase in spec.names.strong if "<" not in phrase][:MOST_PHRASES]
    return [f"{spec.title}. {spec.description}", spec.title, *phrases]


class Meanings:
    """What the classifications of one vocabulary mean, as vectors, made at the first question; safe in several threads."""

    def __init__(
        self, specs: Sequence[ClassifierSpec], described: Collection[str], embedder: Embedder
    ) -> None:
        self._embedder, self._lock = embedder, threading.Lock()
        self._specs = [spec for spec in specs if not spec.abstract or spec.name in described]
        self.names = tuple(spec.name for spec in self._specs)
        above = ancestors(specs)
        self._akin = [
            [n for n, other in enumerate(self.names) if other == name or other in above[name] or name in above[other]]
            for name in self.names
        ]  # fmt: skip
        self._vectors: np.ndarray | None = None
        self._starts: np.ndarray | None = None
        self._seen: OrderedDict[str, np.ndarray] = OrderedDict()

    def nearest(
        self, texts: Sequence[str], may_be: Sequence[Collection[str]], most: int = 1
    ) -> list[list[Near]]:
        """For each text the meanings nearest to it that it may be, best first. Raises ``StackError`` where there is no model."""
        import numpy as np

        if not texts:
            return []
        fitted = weights()
        near = self._nearness(texts)
        found = []
        for row, allowed in zip(near, may_be, strict=True):
            meanings, neutral = row[:-1], float(row[-1])
            usable = [n for n, name in enumerate(self.names) if name in allowed]
            best = sorted(usable, key=lambda n: -meanings[n])[:most]
            each = []
            for number in best:
                others = np.delete(meanings, self._akin[number])
                rival = max(neutral, float(others.max(initial=-1.0)))
                nearness, ahead = float(meanings[number]), float(meanings[number]) - rival
                each.append(Near(self.names[number], nearness, ahead, probability(nearness, ahead, fitted)))
            found.append(each)
        return found

    def _nearness(self, texts: Sequence[str]) -> np.ndarray:
        """Cosines, of shape (texts, meanings + 1); the last is that of the nearest of ``NEUTRAL``."""
        import numpy as np

        with self._lock:
            if self._vectors is None:
                self._read_meanings()
            new = [text for text in dict.fromkeys(texts) if text not in self._seen]
            for text, vector in zip(new, self._embedder(new), strict=True):
                self._seen[text] = np.asarray(vector, np.float32)
            columns = np.stack([self._seen[text] for text in texts])
            while len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
        assert self._vectors is not None
        assert self._starts is not None
        return np.maximum.reduceat(columns @ self._vectors.T, self._starts, axis=1)

    def _read_meanings(self) -> None:
        import numpy as np

        texts: list[str] = []
        starts = []
        for spec in self._specs:
            starts.append(len(texts))
            texts += dict.fromkeys(meaning_texts(spec))
        starts.append(len(texts))
        texts += NEUTRAL
        self._vectors = np.asarray(self._embedder(texts), np.float32)
        self._starts = np.asarray(starts)


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
