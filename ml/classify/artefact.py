"""A trained model as bytes: a line of JSON and the weights in hundredths, packed. Whatever they say, nothing in them is executed."""

from __future__ import annotations

import hashlib
import json
import lzma
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from ml.classify.features import VERSION
from ml.classify.lexicon import FILE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC = b"PurSight classifier 1\n"
ROWS = 2**15
LARGEST = 64 * 1024**2  # bytes unpacked; some 1,000 classifications
_HUNDREDTHS = 100


class BadArtefact(Exception):
    """The bytes are no model of this version of the product; the message says why."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """What a linear classifier consists of; ``weights`` has a row of ``ROWS`` per label, ``biases`` one number."""

    labels: tuple[str, ...]
    temperature: float
    weights: NDArray[np.float32]
    biases: NDArray[np.float32]


def digest_of(data: bytes) -> str:
    """By which an artefact is known: SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def packed(artefact: Artefact, *, thorough: bool = False) -> bytes:
    """The same weights give the same bytes; about a megabyte for 40 labels, and three quarters where it may take seconds."""
    import numpy as np

    told = {
        "labels": list(artefact.labels),
        "temperature": artefact.temperature,
        "words": VERSION,
        "lexicon": lexicon_digest(),
    }
    numbers = (
        np.rint(np.clip(part * _HUNDREDTHS, -32_768, 32_767)).astype("<i2").tobytes()
        for part in (artefact.weights, artefact.biases)
    )
    return lzma.compress(
        b"".join((MAGIC, json.dumps(told).encode(), b"\n", *numbers)), preset=9 if thorough else 1
    )


def unpacked(data: bytes, digest: str) -> Artefact:
    """The model in ``data``; raises ``BadArtefact`` where that is not what ``digest`` was made of, or made for other words."""
    import numpy as np

    if digest_of(data) != digest:
        raise BadArtefact("its bytes are not those that were stored")
    unpacker = lzma.LZMADecompressor()
    try:
        whole = unpacker.decompress(data, LARGEST)
        if not whole.startswith(MAGIC) or not unpacker.eof:
            raise BadArtefact("it is no classifier, or too large")
        head, _, numbers = whole[len(MAGIC) :].partition(b"\n")
        told = json.loads(head)
        labels, temperature = _labels(told["labels"]), float(told["temperature"])
        made_for = (told["words"], told["lexicon"])
    except (lzma.LZMAError, ValueError, KeyError, TypeError) as error:
        raise BadArtefact("it cannot be read") from error
    if made_for != (VERSION, lexicon_digest()):
        raise BadArtefact("it was trained on the words of another version of the product")
    count = len(labels)
    if len(numbers) != 2 * count * (ROWS + 1) or temperature <= 0:
        raise BadArtefact("its size does not fit its labels")
    found = np.frombuffer(numbers, "<i2").astype(np.float32) / np.float32(_HUNDREDTHS)
    return Artefact(labels, temperature, found[: count * ROWS].reshape(count, ROWS), found[count * ROWS :])


def _labels(told: Any) -> tuple[str, ...]:
    if not isinstance(told, list) or not all(isinstance(each, str) for each in told) or len(set(told)) < 2:
        raise ValueError("labels")
    return tuple(told)


@cache
def lexicon_digest() -> str:
    """By what the lexicon that ships with the product is known."""
    return hashlib.sha256((resources.files("ml.classify") / "model" / FILE).read_bytes()).hexdigest()[:12]


def widened(artefact: Artefact, labels: Sequence[str]) -> Artefact:
    """The same with a row of nothing for each of ``labels`` that it lacks; the labels stand in the order of the alphabet."""
    import numpy as np

    wanted = tuple(sorted({*artefact.labels, *labels}))
    weights = np.zeros((len(wanted), ROWS), dtype="float32")
    biases = np.zeros(len(wanted), dtype="float32")
    for row, label in enumerate(artefact.labels):
        weights[wanted.index(label)] = artefact.weights[row]
        biases[wanted.index(label)] = artefact.biases[row]
    return Artefact(wanted, artefact.temperature, weights, biases)
