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

from ml.classify.artefact import ROWS, Artefact, unpacked

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
    """Loaded at the first question; safe in several threads. The shipped one, or the one in ``data``, known by ``digest``.

    Raises ``BadArtefact`` where ``data`` is no model.
    """

    def __init__(self, data: bytes | None = None, digest: str = "") -> None:
        self._lock = threading.Lock()
        self._nlp: Language | None = None
        self._artefact = None if data is None else unpacked(data, digest)
        if self._artefact is None:
            told = card()
            self.version = str(told["version"])
            labels: Sequence[Any] = told["labels"]  # type: ignore[assignment]
            self.temperature = float(told["temperature"])  # type: ignore[arg-type]
        else:
            self.version = digest[:12]
            labels, self.temperature = self._artefact.labels, self._artefact.temperature
        self.labels = frozenset(map(str, labels)) - {NONE}

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
        powered = {label: max(share, 1e-12) ** (1 / self.temperature) for label, share in cats.items()}
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
            self._nlp = shipped_pipeline() if self._artefact is None else pipeline_of(self._artefact)
            self._artefact = None  # its weights are in the pipeline now
        return self._nlp


def shipped_pipeline() -> Language:
    """The pipeline that ships with the product, read anew."""
    nlp = _blank()
    data = (resources.files("ml.classify") / "model" / PIPELINE).read_bytes()
    return nlp.from_bytes(lzma.decompress(data), exclude=["vocab", "tokenizer"])


def pipeline_of(artefact: Artefact) -> Language:
    """A pipeline with these weights."""
    nlp = _blank()
    from spacy.tokens import Doc
    from spacy.training import Example

    empty = Example.from_dict(Doc(nlp.vocab, words=["none"]), {"cats": {}})
    nlp.get_pipe("textcat").initialize(lambda: [empty], nlp=nlp, labels=artefact.labels)
    layer = linear_layer(nlp)
    layer.set_param("W", artefact.weights.reshape(-1).copy())
    layer.set_param("b", artefact.biases.copy())
    return nlp


def artefact_of(nlp: Language, temperature: float) -> Artefact:
    """The weights of a pipeline, in its own order of labels."""
    layer, labels = linear_layer(nlp), tuple(nlp.get_pipe("textcat").labels)
    return Artefact(labels, temperature, layer.get_param("W").reshape(len(labels), -1), layer.get_param("b"))


def linear_layer(nlp: Language) -> Any:
    """The layer that holds all weights of the classifier."""
    (found,) = (node for node in nlp.get_pipe("textcat").model.walk() if node.has_param("W"))
    return found


def _blank() -> Language:
    nlp = _spacy().blank("xx")
    nlp.add_pipe("textcat", config=pipe_config())
    return nlp  # type: ignore[no-any-return]


def pipe_config() -> dict[str, object]:
    """The classifier's shape: 2¹⁵ hashed rows of weights, one output of which shares add up to 1."""
    return {
        "model": {
            "@architectures": "spacy.TextCatBOW.v3",
            "exclusive_classes": True,
            "length": ROWS,
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
