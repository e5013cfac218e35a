"""How well a source does: figures of its checks, and one score from 0 to 100 that says what it was lowered for."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from schema.domain.plans import ScanPlan
from schema.domain.retries import Circuit
from schema.domain.scans import RunState
from schema.domain.schedules import Schedule, next_after

DAY, WEEK, MONTH = timedelta(hours=24), timedelta(days=7), timedelta(days=30)
MARGIN = 5
"""By how many points a score must be above the bound of a better grade before a source counts as recovered."""

_JITTER = 0.1
_LEAST_BASELINE = 6  # hours with a latency before they say what is usual
_NOTICEABLE_MS = 20.0
_SLOWER, _SLOWEST = 2.0, 8.0  # times the baseline
_LEAST_AVAILABLE = 0.75  # from here down availability costs all it can
_LATE, _TOO_LATE = 1.5, 3.0  # periods of the plan since the last scan
_UNCHECKED = 3.0  # intervals without a check
_FIRINGS = 8


class HealthGrade(StrEnum):
    """The best first; ``grade_of`` says from which score on."""

    HEALTHY = "HEALTHY"
    DEGRADED = "DEGRADED"
    UNHEALTHY = "UNHEALTHY"


class HealthCause(StrEnum):
    """What lowers a score."""

    CREDENTIALS_REFUSED = "CREDENTIALS_REFUSED"
    CHECK_FAILED = "CHECK_FAILED"
    NOT_CHECKED = "NOT_CHECKED"
    AVAILABILITY = "AVAILABILITY"
    LATENCY = "LATENCY"
    SCAN_FAILED = "SCAN_FAILED"
    SCAN_OVERDUE = "SCAN_OVERDUE"
    DEAD_LETTERS = "DEAD_LETTERS"
    CIRCUIT = "CIRCUIT"
    CREDENTIAL_EXPIRING = "CREDENTIAL_EXPIRING"
    CREDENTIAL_EXPIRED = "CREDENTIAL_EXPIRED"


# The most points that each takes away. Together more than 100, so that a source that nobody can read comes close to 0.
MOST: dict[HealthCause, int] = {
    HealthCause.CREDENTIALS_REFUSED: 40,
    HealthCause.CHECK_FAILED: 30,
    HealthCause.NOT_CHECKED: 10,
    HealthCause.AVAILABILITY: 40,
    HealthCause.LATENCY: 15,
    HealthCause.SCAN_FAILED: 15,
    HealthCause.SCAN_OVERDUE: 15,
    HealthCause.DEAD_LETTERS: 10,
    HealthCause.CIRCUIT: 20,
    HealthCause.CREDENTIAL_EXPIRING: 15,
    HealthCause.CREDENTIAL_EXPIRED: 30,
}
_PER_DEAD_LETTER = 2
_BOUNDS = ((80, HealthGrade.HEALTHY), (50, HealthGrade.DEGRADED), (0, HealthGrade.UNHEALTHY))
_ORDER = tuple(HealthGrade)


@dataclass(frozen=True, slots=True)
class Hour:
    """Checks of one hour: how many, how many of them succeeded, and the latencies of those, milliseconds."""

    start: datetime
    checks: int
    ok: int
    latencies: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of checks that succeeded, and latencies of the last 24 hours in milliseconds; None where there were none.

    ``baseline_ms`` is the median of the medians of the hours before, up to 30 days back.
    """

    day: float | None = None
    week: float | None = None
    month: float | None = None
    median_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    baseline_ms: float | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class HealthFacts:
    """What a score is made of; all spans are seconds. None is what is not known or does not apply.

    ``checked_s`` is how long ago the last check was and ``check_every_s`` how often there should be one; ``scan_age_s`` how long
    ago the last scan ended and ``scan_period_s`` how long there may be between two by plan; ``credential_s`` how long the credential
    is still valid, below 0 since when it is not, and ``warning_s`` from how long before people are warned.
    """

    check_ok: bool | None = None
    check_cause: str = ""
    checked_s: float | None = None
    check_every_s: float | None = None
    figures: Figures = Figures()
    last_scan: RunState | None = None
    scan_age_s: float | None = None
    scan_period_s: float | None = None
    dead_letters: int = 0
    circuit: Circuit = Circuit.CLOSED
    credential_s: float | None = None
    warning_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reason:
    """What took how many points away, in a sentence without names of objects or values."""

    cause: HealthCause
    points: int
    message: str


@dataclass(frozen=True, slots=True)
class Health:
    """``score`` is 100 less the points of the ``reasons``, which come largest first, and never below 0."""

    score: int
    grade: HealthGrade
    reasons: tuple[Reason, ...]


def health_of(facts: HealthFacts) -> Health:
    """The score and what it was lowered for. Nothing that gets worse ever raises it."""
    shares = [
        (HealthCause.NOT_CHECKED, *_not_checked(facts)),
        (HealthCause.AVAILABILITY, *_availability(facts.figures)),
        (HealthCause.LATENCY, *_latency(facts.figures)),
        (HealthCause.SCAN_FAILED, float(facts.last_scan is RunState.FAILED), "The last scan failed."),
        (HealthCause.SCAN_OVERDUE, *_overdue(facts)),
        (HealthCause.DEAD_LETTERS, *_dead_letters(facts.dead_letters)),
        (HealthCause.CIRCUIT, *_circuit(facts.circuit)),
        _check(facts),
        _credential(facts),
    ]
    reasons = [Reason(cause, math.ceil(MOST[cause] * share), text) for cause, share, text in shares if share]
    reasons.sort(key=lambda reason: (-reason.points, reason.cause))
    score = max(0, 100 - sum(reason.points for reason in reasons))
    return Health(score, grade_of(score), tuple(reasons))


def grade_of(score: int) -> HealthGrade:
    """HEALTHY from 80, DEGRADED from 50."""
    return next(grade for bound, grade in _BOUNDS if score >= bound)


def grade_after(before: HealthGrade | None, score: int) -> HealthGrade:
    """The grade that people are told of: worse at once, better only with ``MARGIN`` points to spare, so that none flutters."""
    now = grade_of(score)
    if before is None or _ORDER.index(now) >= _ORDER.index(before):
        return now
    sure = grade_of(max(score - MARGIN, 0))
    return min(sure, before, key=_ORDER.index)


def figures_of(hours: Sequence[Hour], now: datetime) -> Figures:
    """Figures as of ``now``; an hour that a window begins in counts whole."""
    lasting = timedelta(hours=1)

    def within(span: timedelta) -> list[Hour]:
        return [hour for hour in hours if hour.start + lasting > now - span and hour.start <= now]

    recent = within(DAY)
    latencies = [each for hour in recent for each in hour.latencies]
    starts = {hour.start for hour in recent}
    usual = [
        quantile(hour.latencies, 0.5) for hour in within(MONTH) if hour.start not in starts and hour.latencies
    ]
    return Figures(
        _share(recent),
        _share(within(WEEK)),
        _share(within(MONTH)),
        quantile(latencies, 0.5) if latencies else None,
        quantile(latencies, 0.95) if latencies else None,
        quantile(latencies, 0.99) if latencies else None,
        quantile(usual, 0.5) if len(usual) >= _LEAST_BASELINE else None,
    )


def quantile(values: Sequence[float], q: float) -> float:
    """The ``q`` quantile, 0 to 1, by linear interpolation between order statistics (Hyndman and Fan 1996, type 7)."""
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def wait_before_check(every_s: float, seed: str) -> float:
    """Seconds until the next check: the interval give or take a tenth, the same for the same ``seed``."""
    share = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") / 2**64
    return every_s * (1 - _JITTER + 2 * _JITTER * share)


def scan_period_s(plan: ScanPlan, interval_s: float | None, now: datetime) -> float | None:
    """The longest time between two scans that the plan allows, of its next few; None where it has no schedule or it rests."""
    if plan.bounds is not None:
        return interval_s or plan.bounds.middle_s
    if plan.schedule is None or plan.schedule.paused:
        return None
    return _longest_gap_s(
        plan.schedule, now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    )


@lru_cache(maxsize=4_096)
def _longest_gap_s(schedule: Schedule, since: datetime) -> float | None:
    longest, at = 0.0, next_after(schedule, since)
    for _ in range(_FIRINGS):
        following = None if at is None else next_after(schedule, at)
        if at is None or following is None:
            break
        longest, at = max(longest, (following - at).total_seconds()), following
    return longest or None


def _share(hours: Sequence[Hour]) -> float | None:
    checks = sum(hour.checks for hour in hours)
    return sum(hour.ok for hour in hours) / checks if checks else None


def _between(value: float, low: float, high: float) -> float:
    """How far ``value`` has come from ``low`` to ``high``, 0 to 1."""
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _check(facts: HealthFacts) -> tuple[HealthCause, float, str]:
    if facts.check_ok is False and facts.check_cause == "CREDENTIALS":
        return HealthCause.CREDENTIALS_REFUSED, 1.0, "The last check found that the credential is refused."
    failed = facts.check_ok is False
    return HealthCause.CHECK_FAILED, float(failed), f"The last check failed: {facts.check_cause}."


def _not_checked(facts: HealthFacts) -> tuple[float, str]:
    if not facts.check_every_s or facts.checked_s is None:
        return 0.0, ""
    late = facts.checked_s > max(_UNCHECKED * facts.check_every_s, 7_200.0)
    return float(late), f"It has not been checked for {_span(facts.checked_s)}; does a worker run?"


def _availability(figures: Figures) -> tuple[float, str]:
    if figures.day is None:
        return 0.0, ""
    lacking = _between(1 - figures.day, 0.0, 1 - _LEAST_AVAILABLE)
    return lacking, f"{figures.day:.1%} of the checks of the last 24 hours succeeded."


def _latency(figures: Figures) -> tuple[float, str]:
    now, usual = figures.median_ms, figures.baseline_ms
    if now is None or usual is None or now - usual < _NOTICEABLE_MS:
        return 0.0, ""
    times = now / max(usual, 1.0)
    share = _between(math.log(max(times, 1.0)), math.log(_SLOWER), math.log(_SLOWEST))
    return share, f"It answers in {now:.0f} ms, where {usual:.0f} ms are usual."


def _overdue(facts: HealthFacts) -> tuple[float, str]:
    if facts.scan_age_s is None or not facts.scan_period_s:
        return 0.0, ""
    periods = facts.scan_age_s / facts.scan_period_s
    text = f"The last scan was {_span(facts.scan_age_s)} ago; by plan there is one every {_span(facts.scan_period_s)}."
    return _between(periods, _LATE, _TOO_LATE), text


def _dead_letters(count: int) -> tuple[float, str]:
    share = min(count * _PER_DEAD_LETTER / MOST[HealthCause.DEAD_LETTERS], 1.0)
    return share, f"{count} {'task' if count == 1 else 'tasks'} of the last scan were given up."


def _circuit(circuit: Circuit) -> tuple[float, str]:
    if circuit is Circuit.HALF_OPEN:
        return 0.5, "It failed before, and is to be tried out again."
    return float(circuit is Circuit.OPEN), "It failed so often that it is left alone for a while."


def _credential(facts: HealthFacts) -> tuple[HealthCause, float, str]:
    left = facts.credential_s
    if left is not None and left <= 0:
        return HealthCause.CREDENTIAL_EXPIRED, 1.0, f"The credential expired {_span(-left)} ago."
    if left is None or left >= facts.warning_s:
        return HealthCause.CREDENTIAL_EXPIRING, 0.0, ""
    gone = 1 - left / facts.warning_s
    return HealthCause.CREDENTIAL_EXPIRING, (1 + 2 * gone) / 3, f"The credential expires in {_span(left)}."


def _span(seconds: float) -> str:
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'' if count == 1 else 's'}"
    return "less than a minute"
