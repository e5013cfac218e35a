"""Several ranked lists become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

K = TypeVar("K", str, int)


def reciprocal_rank_fusion(
    lists: Mapping[str, Sequence[K]], weights: Mapping[str, float] | None = None, k: float = 60
) -> list[tuple[K, float, dict[str, int]]]:
    """Key, score and its rank (from 1) in each list that holds it, best first; equal scores are ordered by key.

    The score is the sum of ``weight / (k + rank)``; weights default to 1. Source: Cormack, Clarke, Büttcher,
    "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods", SIGIR 2009.
    """
    ranks: dict[K, dict[str, int]] = {}
    for name, keys in lists.items():
        for rank, key in enumerate(keys, start=1):
            # A key that a list repeats counts at its best rank only.
            ranks.setdefault(key, {}).setdefault(name, rank)
    scores = {
        key: sum((weights or {}).get(name, 1.0) / (k + rank) for name, rank in found.items())
        for key, found in ranks.items()
    }
    return [(key, scores[key], ranks[key]) for key in sorted(scores, key=lambda key: (-scores[key], key))]
