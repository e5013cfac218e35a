"""How scans of a source are run: when, how urgently, within which limits, and who must agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schema.domain.classifications import Sensitivity
from schema.domain.dispatch import Band
from schema.domain.intervals import Bounds, Criticality
from schema.domain.schedules import Blackout, Schedule
from schema.domain.stale import StalePolicy, StaleRule
from schema.errors import InvalidInput

CRITICALITIES = tuple(Criticality)
MOST_TASKS = 64
MOST_AFTER = 50
MOST_REQUESTS = 100_000
CHECKED_EVERY_S = (60.0, 86_400.0)
_USUAL = StaleRule()


class ApprovalRule(StrEnum):
    """Which scans of a source wait for somebody other than the one who asked for them."""

    NEVER = "NEVER"
    SAMPLING = "SAMPLING"  # those that read values
    ALWAYS = "ALWAYS"


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """``schedule`` fires by cron; ``bounds`` alone let the interval follow what is observed. Raises ``InvalidInput``.

    ``most_tasks`` is how many tasks, each with a connection, work on the source at once. ``after`` names sources whose scans come
    first where both wait. ``approval_from`` asks for approval where the source holds something of that sensitivity or more, 0 to 4;
    ``sample_approval_from`` does so of samples of columns of that effective sensitivity or more, None of none.
    Budgets are per day in UTC; None has no limit. ``requests_per_minute`` is how often all tasks together may ask the source. ``workflow`` is the name of the one that its runs follow; empty for that of scans.
    ``check_every_s`` is how often its connection is checked; 0 is never.
    ``stale`` is what becomes of what they do not find any more.
    """

    schedule: Schedule | None = None
    bounds: Bounds | None = None
    blackouts: tuple[Blackout, ...] = ()
    band: Band = Band.NORMAL
    criticality: Criticality = Criticality.NORMAL
    most_tasks: int = 2
    after: tuple[str, ...] = ()
    seconds_per_day: int | None = None
    rows_per_day: int | None = None
    requests_per_minute: int | None = None
    approval: ApprovalRule = ApprovalRule.NEVER
    approval_from: int | None = None
    sample_approval_from: int | None = None
    workflow: str = ""
    check_every_s: float = 900.0
    stale: StaleRule = _USUAL

    def __post_init__(self) -> None:
        if self.schedule is not None and self.bounds is not None:
            raise InvalidInput(
                "A source is scanned by cron or by what is observed, not by both.",
                path=("plan", "bounds"),
                remedy="Leave out cron, or the bounds.",
            )
        if not 1 <= self.most_tasks <= MOST_TASKS:
            raise InvalidInput(
                f"{self.most_tasks} tasks at once are not possible.",
                path=("plan", "mostTasks"),
                remedy=f"Use 1 to {MOST_TASKS}.",
            )
        if len(self.after) > MOST_AFTER:
            raise InvalidInput(
                "The source waits for too many others.",
                path=("plan", "after"),
                remedy=f"Name no more than {MOST_AFTER}.",
            )
        for name, budget in (("secondsPerDay", self.seconds_per_day), ("rowsPerDay", self.rows_per_day)):
            if budget is not None and budget < 1:
                raise InvalidInput(
                    "A budget of nothing lets nothing run.",
                    path=("plan", name),
                    remedy="Give a number above 0, or pause the schedule.",
                )
        if self.requests_per_minute is not None and not 1 <= self.requests_per_minute <= MOST_REQUESTS:
            raise InvalidInput(
                f"{self.requests_per_minute} requests in a minute are no limit that can be held.",
                path=("plan", "requestsPerMinute"),
                remedy=f"Use 1 to {MOST_REQUESTS:,}, or leave it out for no limit.",
            )
        if self.sample_approval_from is not None and self.sample_approval_from not in list(Sensitivity):
            raise InvalidInput(
                f"{self.sample_approval_from} is no sensitivity.",
                path=("plan", "sampleApprovalFrom"),
                remedy="Use 0 to 4, or leave it out so that samples need no approval.",
            )
        shortest, longest = CHECKED_EVERY_S
        if self.check_every_s and not shortest <= self.check_every_s <= longest:
            raise InvalidInput(
                f"A source cannot be checked every {self.check_every_s:g} seconds.",
                path=("plan", "checkMinutes"),
                remedy=f"Use {shortest / 60:g} to {longest / 60:g} minutes, or 0 for never.",
            )

    def needs_approval(self, options: Mapping[str, Any], sensitivity: int) -> str | None:
        """Why a scan with these options needs approval, for people; None where it does not."""
        sampling = int(options.get("sample_rows") or 0) > 0
        if self.approval is ApprovalRule.ALWAYS:
            return "every scan of this source needs approval"
        if self.approval is ApprovalRule.SAMPLING and sampling:
            return "it samples values, which needs approval here"
        if self.approval_from is not None and sensitivity >= self.approval_from:
            return (
                f"the source holds data of sensitivity {sensitivity}, and {self.approval_from} needs approval"
            )
        return None


def plan_from(
    source: str,
    *,
    cron: str | None = None,
    zone: str = "UTC",
    jitter_minutes: float = 0.0,
    paused: bool = False,
    catch_up_minutes: float = 1_440.0,
    shortest_minutes: float | None = None,
    longest_minutes: float | None = None,
    blackouts: Sequence[tuple[str, float, str]] = (),
    after: Sequence[str] = (),
    check_minutes: float = 15.0,
    stale: StalePolicy = StalePolicy.RETAIN,
    stale_after_days: int = _USUAL.after_days,
    **limits: Any,
) -> ScanPlan:
    """A plan as people write it, for the API and for recipes; blackouts are (start, minutes, zone). Raises ``InvalidInput``."""
    if (shortest_minutes is None) != (longest_minutes is None):
        raise InvalidInput(
            "One bound of the interval is missing.",
            path=("plan", "shortestMinutes" if shortest_minutes is None else "longestMinutes"),
            remedy="Give both, or none.",
        )
    schedule = bounds = None
    if cron is not None:
        schedule = Schedule(source, cron, zone, jitter_minutes * 60, paused, catch_up_minutes * 60)
    if shortest_minutes is not None and longest_minutes is not None:
        bounds = Bounds(shortest_minutes * 60, longest_minutes * 60)
    return ScanPlan(
        schedule=schedule,
        bounds=bounds,
        blackouts=tuple(Blackout(start, minutes * 60, zone) for start, minutes, zone in blackouts),
        after=tuple(after),
        check_every_s=check_minutes * 60,
        stale=StaleRule(stale, stale_after_days),
        **limits,
    )
