"""What becomes of assets that the scans of a source do not find any more. Pure: the moment and what was read are handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from schema.errors import InvalidInput

MOST_DAYS = 3_650


class StalePolicy(StrEnum):
    """What becomes of them after a time of grace."""

    RETAIN = "RETAIN"
    DEPRECATE = "DEPRECATE"
    DELETE = "DELETE"


class StaleOutcome(StrEnum):
    """What a complete scan does about one of them. WAIT: its time of grace is not over. KEEP: it would be deleted, and may not be."""

    RETAIN = "RETAIN"
    WAIT = "WAIT"
    DEPRECATE = "DEPRECATE"
    DELETE = "DELETE"
    KEEP = "KEEP"


class KeptBecause(StrEnum):
    """What keeps an asset from being deleted."""

    PERSON = "PERSON"
    NEEDED = "NEEDED"
    HOLDS_OTHERS = "HOLDS_OTHERS"


_WHY = {
    KeptBecause.PERSON: "It is not deleted, since a person described, tagged, owns, judged, linked or renamed it or a part of it.",
    KeptBecause.NEEDED: "It is not deleted, since others than its source say that lineage passes it.",
    KeptBecause.HOLDS_OTHERS: "It is not deleted, since something in it stays.",
}


@dataclass(frozen=True, slots=True)
class StaleRule:
    """``after_days`` is the time of grace, counted from the scan that missed an asset first. Raises ``InvalidInput``."""

    policy: StalePolicy = StalePolicy.RETAIN
    after_days: int = 30

    def __post_init__(self) -> None:
        if not 0 <= self.after_days <= MOST_DAYS:
            raise InvalidInput(
                f"{self.after_days} days of grace are not possible.",
                path=("plan", "staleAfterDays"),
                remedy=f"Use 0 to {MOST_DAYS:,}.",
            )

    def until(self, now: datetime) -> datetime:
        """What is stale since then, or longer, has had its grace."""
        return now - timedelta(days=self.after_days)


@dataclass(frozen=True, slots=True)
class Judged:
    """``due_at`` is when the time of grace ends; None where nothing ever becomes of it."""

    outcome: StaleOutcome
    since: datetime
    reason: KeptBecause | None = None
    due_at: datetime | None = None

    def why(self, source: str, rule: StaleRule) -> str:
        """The status of the asset in words."""
        said = f"Scans of {source} do not find it since {self.since:%Y-%m-%d}."
        if self.reason is not None:
            return f"{said} {_WHY[self.reason]}"
        if self.outcome in (StaleOutcome.DEPRECATE, StaleOutcome.DELETE):
            return f"{said} The plan of the source says {rule.policy.value} after {rule.after_days} days."
        return said


def judge(rule: StaleRule, row: Mapping[str, Any], now: datetime) -> Judged:
    """What is to become of one row of ``cypher.stale``."""
    since = datetime.fromisoformat(row["since"])
    if rule.policy is StalePolicy.RETAIN:
        return Judged(StaleOutcome.RETAIN, since)
    due = since + timedelta(days=rule.after_days)
    if due > now:
        return Judged(StaleOutcome.WAIT, since, due_at=due)
    if rule.policy is StalePolicy.DEPRECATE:
        return Judged(StaleOutcome.DEPRECATE, since, due_at=due)
    for keeps, reason in (
        ("worked_on", KeptBecause.PERSON),
        ("needed", KeptBecause.NEEDED),
        ("holds", KeptBecause.HOLDS_OTHERS),
    ):
        if row[keeps]:
            return Judged(StaleOutcome.KEEP, since, reason, due)
    return Judged(StaleOutcome.DELETE, since, due_at=due)
