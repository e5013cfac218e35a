"""How long a run will take: from the past of its source, from how far it has come, or from sources like it.

Durations are forecast in logarithms, as they vary by factors. The point is a weighted median with an effect of the weekday; what
the same forecast got wrong at each earlier run gives the interval (rolling-origin residuals, as in split conformal prediction:
Vovk, Gammerman & Shafer, "Algorithmic Learning in a Random World", 2005), and their median takes out a lag behind a trend.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist, median

COVERAGE = 0.8  # share of runs whose duration should lie within the interval
NEWEST = 56  # runs that are looked at: eight weeks of daily ones
_LEVEL_HALF_LIFE = 5.0  # runs
_RESIDUAL_HALF_LIFE = 25.0
_FIRST = 3  # runs before a residual can be told
_DAY_PRIOR = 3.0  # runs on a weekday before its own effect counts half
_PRIOR_SPREAD, _PRIOR_WEIGHT = (
    0.4,
    3.0,
)  # residuals assumed before there are any, and how many runs they are worth
_RATE_SPREAD = 0.4  # by what the rate so far misleads: measured by tests/benchmarks/forecast_backtest.py
_SHORTEST_S = 0.1
_NORMAL = NormalDist()
_TAIL = (1 - COVERAGE) / 2
_Z = _NORMAL.inv_cdf(1 - _TAIL)


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run that succeeded: when it began, how long it took in seconds, how many objects it covered."""

    started: datetime
    duration_s: float
    objects: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """Seconds: the middle, and an interval that holds four of five runs. ``basis`` says for people what it rests on."""

    point_s: float
    low_s: float
    high_s: float
    basis: str


def forecast(
    history: Sequence[PastRun], start: datetime, *, objects: int = 0, others: Sequence[PastRun] = ()
) -> Forecast:
    """The duration of a run that begins at ``start``; ``history`` is of its source, oldest first, ``others`` of other sources.

    Without history it rests on the others, scaled by the number of ``objects``.
    """
    runs = history[-NEWEST:]
    if not runs:
        return _from_others(objects, others)
    logs = [_log(run.duration_s) for run in runs]
    days = [run.started.weekday() for run in runs]
    errors = [logs[n] - _expected(logs[:n], days[:n], days[n]) for n in range(_FIRST, len(runs))]
    weighed = _with_prior(errors)
    expected = _expected(logs, days, start.weekday())
    point, low, high = (expected + _quantile(weighed, share) for share in (0.5, _TAIL, 1 - _TAIL))
    plural = "runs" if len(runs) > 1 else "run"
    return _forecast(point, low, high, f"{len(runs)} earlier {plural} of this source")


def remaining(before: Forecast, elapsed_s: float, done: int, total: int | None) -> Forecast:
    """The seconds that are left, from the forecast ``before`` the run and what is done since it began.

    Both are weighed by their certainty: the rate so far counts for more the further the run has come. Where ``total`` is not
    known, it is only known that the run takes longer than it has taken.
    """
    middle = _log(before.point_s)
    spread = max(_log(before.high_s) - _log(before.low_s), 0.02) / (2 * _Z)
    basis = before.basis
    if total and done > 0 and elapsed_s > 0:
        share = min(done / total, 1.0)
        if share == 1.0:
            return Forecast(0.0, 0.0, 0.0, f"{done} of {total} objects are done")
        by_rate = _log(elapsed_s / share)
        rate_spread = _RATE_SPREAD * (1 - share) ** 0.75 / math.sqrt(share)
        # What happens counts for more than what was foreseen where the two contradict each other.
        spread = math.hypot(spread, max(abs(by_rate - middle) - rate_spread, 0.0))
        trust = spread**2 / (spread**2 + rate_spread**2)
        middle = trust * by_rate + (1 - trust) * middle
        spread = spread * rate_spread / math.hypot(spread, rate_spread)
        basis = f"{done} of {total} objects are done, and {before.basis}"
    ends = [_longer_than(elapsed_s, middle, spread, share) for share in (0.5, _TAIL, 1 - _TAIL)]
    point, low, high = (max(end - elapsed_s, 0.0) for end in ends)
    return Forecast(point, low, high, basis)


def _longer_than(elapsed_s: float, middle: float, spread: float, share: float) -> float:
    """Quantile of a log-normal duration of which it is known that it is longer than ``elapsed_s``."""
    over = _NORMAL.cdf((_log(elapsed_s) - middle) / spread) if elapsed_s > 0 else 0.0
    if over > 0.999:  # far beyond anything foreseen: what has lasted long will last
        return elapsed_s * (1 + share)
    wanted = min(over + share * (1 - over), 1 - 1e-9)
    return math.exp(middle + spread * _NORMAL.inv_cdf(max(wanted, 1e-9)))


def _expected(logs: Sequence[float], days: Sequence[int], day: int) -> float:
    overall = median(logs)
    effects = {each: _day_effect(logs, days, each, overall) for each in {*days, day}}
    count = len(logs)
    level = [
        (value - effects[each], 0.5 ** ((count - 1 - n) / _LEVEL_HALF_LIFE))
        for n, (value, each) in enumerate(zip(logs, days, strict=True))
    ]
    return _quantile(level, 0.5) + effects[day]


def _day_effect(logs: Sequence[float], days: Sequence[int], day: int, overall: float) -> float:
    on_it = [value for value, each in zip(logs, days, strict=True) if each == day]
    if len(on_it) < 2 or len(on_it) == len(logs):
        return 0.0
    return (median(on_it) - overall) * len(on_it) / (len(on_it) + _DAY_PRIOR)


def _with_prior(errors: Sequence[float]) -> list[tuple[float, float]]:
    count = len(errors)
    weighed = [(error, 0.5 ** ((count - 1 - n) / _RESIDUAL_HALF_LIFE)) for n, error in enumerate(errors)]
    shares = (0.05, 0.2, 0.5, 0.8, 0.95)
    prior = [(_PRIOR_SPREAD * _NORMAL.inv_cdf(each), _PRIOR_WEIGHT / len(shares)) for each in shares]
    return weighed + prior


def _quantile(weighed: Sequence[tuple[float, float]], share: float) -> float:
    """Weighted quantile; between two values it lies between them."""
    ordered = sorted(weighed)
    target = share * sum(weight for _, weight in ordered)
    below, before = 0.0, ordered[0][0]
    position = 0.0
    for value, weight in ordered:
        middle = below + weight / 2
        if middle >= target:
            part = (target - position) / (middle - position) if middle > position else 1.0
            return before + min(max(part, 0.0), 1.0) * (value - before)
        position, before, below = middle, value, below + weight
    return ordered[-1][0]


def _from_others(objects: int, others: Sequence[PastRun]) -> Forecast:
    """Log of the duration by log of the objects, a straight line through what other sources took."""
    if not others:
        middle, spread = _log(600.0), 1.2
        return _forecast(middle, middle - _Z * spread, middle + _Z * spread, "nothing is known yet")
    sizes = [math.log(max(run.objects, 0) + 10) for run in others]
    logs = [_log(run.duration_s) for run in others]
    size, log = sum(sizes) / len(sizes), sum(logs) / len(logs)
    varied = sum((each - size) ** 2 for each in sizes)
    slope = sum((s - size) * (y - log) for s, y in zip(sizes, logs, strict=True)) / varied if varied else 0.0
    slope = min(max(slope, 0.0), 1.2)  # more objects never take less, nor much more than their share
    off = [y - log - slope * (s - size) for s, y in zip(sizes, logs, strict=True)]
    spread = math.hypot(0.4, math.sqrt(sum(each**2 for each in off) / len(off)))
    middle = log + slope * (math.log(max(objects, 0) + 10) - size)
    basis = f"{len(others)} runs of other sources, for {objects} objects"
    return _forecast(middle, middle - _Z * spread, middle + _Z * spread, basis)


def _forecast(point: float, low: float, high: float, basis: str) -> Forecast:
    return Forecast(math.exp(point), math.exp(min(low, point)), math.exp(max(high, point)), basis)


def _log(seconds: float) -> float:
    return math.log(max(seconds, _SHORTEST_S))
