"""How long to wait between two scans of a source, from how often it changes, how much it is used and how much it matters.

Changes are taken to be a Poisson process. Its rate is estimated from scans that each tell only whether something changed since
the one before: the maximum-likelihood estimator for irregular visits of Cho & Garcia-Molina, "Estimating frequency of change"
(ACM TOIT 3(3), 2003), with a Gamma prior so that few scans do not say too much, and with older scans weighing less so that a
source that changes its ways is noticed. For n sources scanned every t_i seconds, changed at rates r_i, the mean time from a
change to its scan is sum(r_i t_i / 2) / sum(r_i); at a given number of scans sum(1 / t_i) it is least where t_i is proportional
to 1 / sqrt(r_i): that is the interval chosen, shorter by the square root of the weight of the source.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from schema.errors import InvalidInput

HALF_LIFE = 16  # scans after which what one told weighs half
NEWEST = 80  # scans that are looked at; what is older weighs less than a thirtieth
PRIOR = 0.5  # how many changes the prior is worth
BAND = 1.3  # an interval is kept while the wanted one is within this factor of it
STEP = 2.0  # and changes by no more than this factor at once


class Criticality(StrEnum):
    """How much it matters that the catalogue knows this source as it is."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


WEIGHTS = {
    Criticality.LOW: 0.5,
    Criticality.NORMAL: 1.0,
    Criticality.HIGH: 2.0,
    Criticality.CRITICAL: 4.0,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which intervals, in seconds, a person lets the choice be made. Raises ``InvalidInput``."""

    shortest_s: float
    longest_s: float

    def __post_init__(self) -> None:
        if not 60 <= self.shortest_s <= self.longest_s <= 366 * 86_400:
            raise InvalidInput(
                "The bounds of an interval are not from a minute to a year, the shortest first.",
                path=("schedule", "bounds"),
                remedy="Choose the shortest and the longest time between two scans.",
            )

    @property
    def middle_s(self) -> float:
        """The interval of a source of which nothing is known: the geometric mean."""
        return math.sqrt(self.shortest_s * self.longest_s)


@dataclass(frozen=True, slots=True)
class Visit:
    """One scan: how long after the one before it, in seconds, and whether anything had changed in between."""

    after_s: float
    changed: bool


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a source; visits oldest first. ``current_s`` and ``reads_per_day`` are None where they are not known."""

    visits: Sequence[Visit] = ()
    current_s: float | None = None
    reads_per_day: float | None = None
    criticality: Criticality = Criticality.NORMAL


@dataclass(frozen=True, slots=True)
class Decision:
    """The interval from now on, in seconds, whether it is another than before, and why, for people."""

    interval_s: float
    reason: str
    changed: bool
    changes_per_day: float


def adapt(history: History, bounds: Bounds) -> Decision:
    """The interval of a source, within ``bounds``; close to the current one where the difference would not be worth it."""
    rate = change_rate(history.visits, bounds)
    wanted = math.sqrt(bounds.middle_s / (rate * weight(history)))
    wanted = min(max(wanted, bounds.shortest_s), bounds.longest_s)
    current = history.current_s
    chosen, step = _settled(current, wanted, bounds)
    changed = current is None or chosen != current
    return Decision(chosen, _reason(history, bounds, rate, wanted, chosen, step), changed, rate * 86_400)


def weight(history: History) -> float:
    """How much staleness of this source counts: 1 for normal criticality and 9 reads a day, or where reads are not known."""
    reads = history.reads_per_day
    use = 1.0 if reads is None else 0.5 + 0.5 * math.log10(1 + max(reads, 0.0))
    return use * WEIGHTS[history.criticality]


def change_rate(visits: Sequence[Visit], bounds: Bounds) -> float:
    """Changes per second: the rate r at which the posterior is highest.

    With weights w and intervals t it solves  sum(w t / (e^(r t) - 1), changed) + PRIOR / r = sum(w t, unchanged) + PRIOR m,
    whose left side falls as r grows. Without visits it is 1 / m, m the middle of the bounds.
    """
    changed: dict[float, float] = defaultdict(float)  # weight by interval
    unchanged = PRIOR * bounds.middle_s
    for age, visit in enumerate(reversed(visits[-NEWEST:])):
        if visit.after_s <= 0:
            continue
        counts = 0.5 ** (age / HALF_LIFE)
        if visit.changed:
            changed[visit.after_s] += counts
        else:
            unchanged += counts * visit.after_s
    low, high = math.log(1e-3 / bounds.longest_s), math.log(1e3 / bounds.shortest_s)
    for _ in range(30):
        rate = math.exp(middle := (low + high) / 2)
        seen = sum(counts * t / math.expm1(min(rate * t, 700.0)) for t, counts in changed.items())
        low, high = (middle, high) if seen + PRIOR / rate > unchanged else (low, middle)
    return math.exp((low + high) / 2)


def _settled(current: float | None, wanted: float, bounds: Bounds) -> tuple[float, bool]:
    """What to take for ``wanted``, and whether that is only a step towards it."""
    if current is None:
        return _rounded(wanted, bounds), False
    if not bounds.shortest_s <= current <= bounds.longest_s:  # a person moved the bounds
        return _rounded(min(max(current, bounds.shortest_s), bounds.longest_s), bounds), False
    if current / BAND <= wanted <= current * BAND:
        return current, False
    nearest = min(max(wanted, current / STEP), current * STEP)
    return _rounded(nearest, bounds), nearest != wanted


def _rounded(interval: float, bounds: Bounds) -> float:
    whole = round(interval / 60) * 60.0
    return min(max(whole, bounds.shortest_s), bounds.longest_s)


def _reason(history: History, bounds: Bounds, rate: float, wanted: float, chosen: float, step: bool) -> str:
    seen = history.visits[-NEWEST:]
    found = sum(visit.changed for visit in seen)
    scans = f"{found} of the last {len(seen)} scans found a change" if seen else "There were no scans yet"
    use = "" if history.reads_per_day is None else f", {history.reads_per_day:.3g} reads a day"
    told = f"{scans}: about {rate * 86_400:.2g} changes a day; {history.criticality.value.lower()} criticality{use}."
    current = history.current_s
    wants = f"That asks for a scan every {spoken(wanted)}"
    if current is None:
        return f"{told} {wants}."
    if not bounds.shortest_s <= current <= bounds.longest_s:
        return f"{told} {spoken(current)} is outside the bounds, so it is {spoken(chosen)}."
    if chosen == current:
        return f"{told} {wants}; {spoken(current)} is close enough to stay."
    by_steps = f", in steps of at most {STEP:g} times" if step else ""
    limit = ""
    if wanted in (bounds.shortest_s, bounds.longest_s):
        limit = f", the {'shortest' if wanted == bounds.shortest_s else 'longest'} that is allowed"
    return f"{told} {wants}{limit}{by_steps}: from {spoken(current)} to {spoken(chosen)}."


def spoken(seconds: float) -> str:
    """A duration for people: ``45 min``, ``6.5 h``, ``3 days``."""
    for size, unit in ((2 * 86_400, "days"), (2 * 3_600, "h"), (120, "min")):
        if seconds >= size:
            return f"{round(seconds / {'days': 86_400, 'h': 3_600, 'min': 60}[unit], 1):g} {unit}"
    return f"{round(seconds, 1):g} s"
