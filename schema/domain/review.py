"""What people are asked about classifications, what becomes of their answers, and which exceptions they made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from schema.domain.classifications import VerdictStatus
from schema.domain.time import stored
from schema.errors import InvalidInput

MOST_DECISIONS = 10_000
MOST_PATTERN = 200
MOST_REASON = 2_000  # characters that a person says of one decision; they are shown wherever it is


class DecisionOutcome(StrEnum):
    """What becomes of one decision. CHANGED: an undecided verdict or one's own. CONFLICT: somebody else, or an earlier row, said otherwise.

    INVALID is a row of a file that says no decision.
    """

    ADDED = "ADDED"
    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    CONFLICT = "CONFLICT"
    UNKNOWN_ASSET = "UNKNOWN_ASSET"
    UNKNOWN_CLASSIFICATION = "UNKNOWN_CLASSIFICATION"
    INVALID = "INVALID"


WRITTEN = frozenset({DecisionOutcome.ADDED, DecisionOutcome.CHANGED})


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's answer about one classification of one asset."""

    urn: str
    classification: str
    status: VerdictStatus
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """What becomes, or became, of a decision, what stood before it, and why it is not written."""

    decision: Decision
    outcome: DecisionOutcome
    before: VerdictStatus | None = None
    message: str = ""


def judged(
    decisions: Sequence[Decision],
    standing: Sequence[Mapping[str, Any]],
    *,
    by: str,
    overrule: bool,
) -> list[Decided]:
    """One answer per decision; ``standing`` has the ``urn``, ``classification`` and ``verdict`` of each as the graph knows them, or None."""
    said: dict[tuple[str, str], VerdictStatus] = {}
    found = []
    for decision, row in zip(decisions, standing, strict=True):
        pair = (decision.urn, decision.classification)
        found.append(_judged(decision, row, said.get(pair), by, overrule))
        if found[-1].outcome in WRITTEN:
            said[pair] = decision.status
    return found


def _judged(
    decision: Decision, row: Mapping[str, Any], earlier: VerdictStatus | None, by: str, overrule: bool
) -> Decided:
    if row["urn"] is None:
        told = "Nothing has this urn, or you may not see it."
        return Decided(decision, DecisionOutcome.UNKNOWN_ASSET, message=told)
    if row["classification"] is None:
        told = "There is no classification of this name."
        return Decided(decision, DecisionOutcome.UNKNOWN_CLASSIFICATION, message=told)
    verdict = row["verdict"]
    before = VerdictStatus(verdict["status"]) if verdict else None
    if earlier is not None:
        if earlier is decision.status:
            told = "An earlier row says the same."
            return Decided(decision, DecisionOutcome.UNCHANGED, before, told)
        return Decided(decision, DecisionOutcome.CONFLICT, before, "An earlier row says otherwise.")
    if verdict is None:
        return Decided(decision, DecisionOutcome.ADDED)
    who = verdict["decided_by"]
    name = verdict.get("decided_name") or who
    if who is not None and before is decision.status:
        return Decided(decision, DecisionOutcome.UNCHANGED, before, f"{name} said so already.")
    if who is not None and who != by and not overrule:
        why = f": {verdict['decided_reason']}" if verdict.get("decided_reason") else ""
        said = "confirmed" if before is VerdictStatus.CONFIRMED else "rejected"
        told = f"{name} {said} it at {verdict['decided_at']}{why}"
        return Decided(decision, DecisionOutcome.CONFLICT, before, told)
    return Decided(decision, DecisionOutcome.CHANGED, before)


def fingerprint(status: VerdictStatus, suggestions: Iterable[tuple[str, str, float]]) -> str:
    """A token of what a preview showed: (urn, classification, confidence) of each; another set has another."""
    digest = hashlib.sha256(status.value.encode())
    for urn, classification, confidence in sorted(suggestions):
        digest.update(f"\n{urn}\t{classification}\t{confidence}".encode())
    return digest.hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class ClassificationException:
    """Where machines may not say that an asset holds ``classification``; all conditions that are given must hold.

    ``pattern`` is a glob over the name of the asset, letter case apart; ``under`` is the urn of what holds it; ``source`` a source's name.
    Raises ``InvalidInput``.
    """

    classification: str
    reason: str
    pattern: str | None = None
    under: str | None = None
    source: str | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        if not (self.pattern or self.under or self.source):
            raise InvalidInput(
                "An exception needs a place.", path=("pattern",), remedy="Give a pattern, under or a source."
            )
        if not self.reason.strip():
            raise InvalidInput(
                "An exception needs a reason.",
                path=("reason",),
                remedy="Say why, for whoever finds it later.",
            )
        if self.pattern and len(self.pattern) > MOST_PATTERN:
            raise InvalidInput(
                f"A pattern has at most {MOST_PATTERN} characters.",
                path=("pattern",),
                remedy="Use * for any text.",
            )

    def holds(self, name: str, source: str | None, holders: Iterable[str]) -> bool:
        """Whether it applies to an asset of this name and source, which is held by ``holders`` and itself."""
        return (
            self.named(name)
            and (not self.source or self.source == source)
            and (not self.under or self.under in holders)
        )

    def named(self, name: str) -> bool:
        """Whether its pattern, if it has one, fits the name."""
        return not self.pattern or fnmatchcase(name.lower(), self.pattern.lower())

    def props(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "classification": self.classification,
            "pattern": self.pattern,
            "under": self.under,
            "source": self.source,
            "reason": self.reason,
            "expires_at": None if self.expires_at is None else stored(self.expires_at),
        }

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> ClassificationException:
        """What was stored, as far as it decides."""
        return cls(
            row["classification"], row["reason"], row.get("pattern"), row.get("under"), row.get("source")
        )


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a run's verdicts: how many were written, withdrawn, and kept back by exceptions."""

    written: int = 0
    withdrawn: int = 0
    suppressed: int = 0

    def __add__(self, other: Published) -> Published:
        return Published(
            self.written + other.written,
            self.withdrawn + other.withdrawn,
            self.suppressed + other.suppressed,
        )
