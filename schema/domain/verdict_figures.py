"""How good classifiers are by what people made of their verdicts, with intervals, and which thresholds follow.

Interval: Wilson score, 95 %, two-sided (E. B. Wilson, "Probable inference", J. Am. Stat. Assoc. 22, 1927).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

from schema.errors import InvalidInput

Z = 1.959964  # the 97.5 % quantile of the normal distribution


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval, from ``hits`` of ``n``; all three from 0 to 1. ``n`` of 0 says nothing and has no share."""

    hits: int
    n: int

    @property
    def share(self) -> float:
        return self.hits / self.n

    @property
    def low(self) -> float:
        return self._bounds()[0]

    @property
    def high(self) -> float:
        return self._bounds()[1]

    def _bounds(self) -> tuple[float, float]:
        p, n, zz = self.share, self.n, Z * Z
        centre, half = p + zz / (2 * n), Z * sqrt(p * (1 - p) / n + zz / (4 * n * n))
        whole = 1 + zz / n
        return max(0.0, (centre - half) / whole), min(1.0, (centre + half) / whole)


def needed(target: float) -> int:
    """How many verdicts, all of them right, put the lower bound of the share at ``target``. Raises ``InvalidInput`` out of 0.5 to 0.999."""
    if not 0.5 <= target <= 0.999:
        raise InvalidInput(
            f"A precision of {target} cannot be aimed at.",
            path=("targetPrecision",),
            remedy="Use 0.5 to 0.999.",
        )
    return ceil(Z * Z * target / (1 - target))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What people made of verdicts of one confidence."""

    confidence: float
    confirmed: int
    rejected: int


def evidence_of(rows: Iterable[Mapping[str, Any]]) -> list[Evidence]:
    """Rows of the graph as figures are computed from."""
    return [Evidence(row["confidence"], row["confirmed"], row["rejected"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A threshold, and the share of verdicts on its side of which it holds."""

    at: float
    evidence: Share


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is proposed for one classifier, None where verdicts do not bear it out, and how many were decided in all."""

    accept: Proposal | None
    reject: Proposal | None
    decided: int


def proposed(evidence: Sequence[Evidence], target: float) -> Thresholds:
    """The lowest confidence from which on, and the highest up to which, people agreed with the machine at least to ``target``.

    By the lower bound of the interval: of verdicts at or above ``accept`` the share that was confirmed, of those below ``reject`` the share
    that was rejected. ``reject`` is never above ``accept``.
    """
    rows = sorted(evidence, key=lambda each: each.confidence)
    if not rows:
        return Thresholds(None, None, 0)
    accept = reject = None
    confirmed = total = 0
    for row in reversed(rows):
        confirmed, total = confirmed + row.confirmed, total + row.confirmed + row.rejected
        if total and (share := Share(confirmed, total)).low >= target:
            accept = Proposal(row.confidence, share)
    rejected = total = 0
    for row, above in zip(rows, [*rows[1:], None], strict=True):
        rejected, total = rejected + row.rejected, total + row.confirmed + row.rejected
        at = 1.0 if above is None else above.confidence
        if accept is not None and at > accept.at:
            break
        if total and (share := Share(rejected, total)).low >= target:
            reject = Proposal(at, share)
    return Thresholds(accept, reject, sum(row.confirmed + row.rejected for row in rows))
