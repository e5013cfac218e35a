"""The second tier: a linear spaCy classifier over the words of ``ml.classify.features``, trained by ``ml.classify.train``.

spaCy takes seconds to import, so the model is loaded when the first column is asked about: in workers and commands, never in the API.
"""

from __future__ import annotations

import json
import lzma
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language

PIPELINE, CARD = "pipeline.xz", "model.json"
NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Guess:
    """What the model gives a column first, calibrated, 0 to 1; ``nothing`` is the share it gives to holding nothing personal."""

    label: str
    probability: float
    nothing: float


@cache
def card() -> Mapping[str, object]:
    """What ``train`` wrote about the model: version, labels, temperature, calibration. Cheap: nothing heavy is loaded."""
    found: Mapping[str, object] = json.loads(
        (resources.files("ml.classify") / "model" / CARD).read_text("utf-8")
    )
    return found


class TrainedModel:
    """Loaded at the first question; safe in several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nlp: Language | None = None
        self.version = str(card()["version"])
        self.labels = frozenset(map(str, card()["labels"])) - {NONE}  # type: ignore[call-overload]
        self._temperature = float(card()["temperature"])  # type: ignore[arg-type]

    def __call__(
        self, columns: Sequence[Sequence[str]], allowed: Sequence[Collection[str]] | None = None
    ) -> list[Guess]:
        """One guess per column; ``allowed`` are the labels that may be given, all where it is None."""
        return [
            self._guess(cats, None if allowed is None else allowed[number])
            for number, cats in enumerate(self.shares(columns))
        ]

    def shares(self, columns: Sequence[Sequence[str]]) -> list[dict[str, float]]:
        """By column the share of each label as the model gives it, not calibrated."""
        if not columns:
            return []
        with self._lock:
            nlp = self.loaded()
            from spacy.tokens import Doc

            # Names of columns would stay in spaCy's store of strings for as long as the worker lives.
            with nlp.memory_zone():
                docs = nlp.pipe((Doc(nlp.vocab, words=list(words)) for words in columns), batch_size=256)
                return [dict(doc.cats) for doc in docs]

    def _guess(self, cats: Mapping[str, float], allowed: Collection[str] | None) -> Guess:
        powered = {label: max(share, 1e-12) ** (1 / self._temperature) for label, share in cats.items()}
        total = sum(powered.values())
        label = max(
            (each for each in powered if each != NONE and (allowed is None or each in allowed)),
            key=powered.__getitem__,
            default=NONE,
        )
        probability = 0.0 if label == NONE else powered[label] / total
        return Guess(label, probability, powered[NONE] / total)

    def loaded(self) -> Language:
        """The pipeline, read once; 2 to 4 s for the import of spaCy."""
        if self._nlp is None:
            spacy = _spacy()
            nlp = spacy.blank("xx")
            nlp.add_pipe("textcat", config=pipe_config())
            packed = (resources.files("ml.classify") / "model" / PIPELINE).read_bytes()
            self._nlp = nlp.from_bytes(lzma.decompress(packed), exclude=["vocab", "tokenizer"])
        return self._nlp


def pipe_config() -> dict[str, object]:
    """The classifier's shape: 2¹⁵ hashed rows of weights, one output of which shares add up to 1."""
    return {
        "model": {
            "@architectures": "spacy.TextCatBOW.v3",
            "exclusive_classes": True,
            "length": 2**15,
            "ngram_size": 1,
            "no_output_layer": False,
        }
    }


def _spacy() -> Any:
    """spaCy without torch, which it would import where it is installed, and which takes 0.7 GB of a worker for nothing."""
    absent = "torch" not in sys.modules
    if absent:
        sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        import spacy
    finally:
        if absent:
            del sys.modules["torch"]
    return spacy


@cache
def trained_model() -> TrainedModel:
    """The one of this process."""
    return TrainedModel()
