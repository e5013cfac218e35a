"""What a linear spaCy classifier gives a column, from its weights alone: spaCy takes seconds and 150 MiB of a process to say the same.

Two rows of the weights belong to a word, by MurmurHash64A of its text and MurmurHash3 of that, as spaCy's strings and thinc's
``SparseLinear.v2`` have it; the test of this module compares with both. Hashes: A. Appleby, SMHasher, public domain.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import mmh3

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_ALL = 0xFFFFFFFFFFFFFFFF
_FACTOR, _SHIFT, _SEED = 0xC6A4A7935BD1E995, 47, 1


def shares(
    weights: NDArray[float32], biases: NDArray[float32], columns: Sequence[Sequence[str]]
) -> NDArray[float32]:
    """By column the share of each label, adding up to 1: columns x labels. ``weights`` are rows x labels; words of a column are distinct."""
    import numpy as np

    scores = np.repeat(biases[None, :], len(columns), axis=0)
    for number, words in enumerate(columns):
        rows = [row for word in words for row in _rows(word, len(weights))]
        scores[number] += weights[rows].sum(axis=0)
    scores -= scores.max(axis=1, keepdims=True, initial=-np.inf)
    powered = np.exp(scores)
    return powered / powered.sum(axis=1, keepdims=True)  # type: ignore[no-any-return]


@lru_cache(maxsize=2**15)
def _rows(word: str, length: int) -> tuple[int, int]:
    key = _murmur64(word.encode("utf-8")).to_bytes(8, "little")
    return mmh3.hash(key, 0, signed=False) % length, mmh3.hash(key, 1, signed=False) % length


def _murmur64(data: bytes) -> int:
    whole = len(data) & ~7
    found = _SEED ^ (len(data) * _FACTOR & _ALL)
    for start in range(0, whole, 8):
        part = int.from_bytes(data[start : start + 8], "little") * _FACTOR & _ALL
        found = (found ^ ((part ^ part >> _SHIFT) * _FACTOR & _ALL)) * _FACTOR & _ALL
    if len(data) > whole:
        found = (found ^ int.from_bytes(data[whole:], "little")) * _FACTOR & _ALL
    found = (found ^ found >> _SHIFT) * _FACTOR & _ALL
    return found ^ found >> _SHIFT
