"""The second tier: a linear classifier over the words of ``ml.classify.features``, trained in a spaCy pipeline by ``ml.classify.train``.

Its weights are read when the first column is asked about: in workers and commands, never in the API. spaCy is not asked (ADR 30).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from ml.classify.artefact import Artefact, digest_of, unpacked
from ml.classify.linear import shares

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

WEIGHTS, CARD = "weights.xz", "model.json"
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
        self._weights: tuple[tuple[str, ...], NDArray[float32], NDArray[float32]] | None = None
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
        with self._lock:
            labels, weights, biases = self._loaded()
        return [dict(zip(labels, row, strict=True)) for row in shares(weights, biases, columns).tolist()]

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

    def _loaded(self) -> tuple[tuple[str, ...], NDArray[float32], NDArray[float32]]:
        """Labels, weights with all of a word in one row, biases."""
        if self._weights is None:
            artefact = self._artefact or shipped()
            self._weights = (artefact.labels, artefact.weights.T.copy(), artefact.biases)
            self._artefact = None
        return self._weights


def shipped() -> Artefact:
    """The model that ships with the product."""
    data = (resources.files("ml.classify") / "model" / WEIGHTS).read_bytes()
    return unpacked(data, digest_of(data))


@cache
def trained_model() -> TrainedModel:
    """The one of this process."""
    return TrainedModel()
