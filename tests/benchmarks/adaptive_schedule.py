"""A year of sources that change at rates of their own, some of which shift: scans by adapted and by fixed intervals.

Both are held to one measure: the mean time from a change to the scan that sees it. Run: python tests/benchmarks/adaptive_schedule.py
"""

from __future__ import annotations

import bisect
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schema.domain.intervals import Bounds, History, Visit, adapt

DAY = 86_400.0
BOUNDS = Bounds(900.0, 7 * DAY)


@dataclass(frozen=True, slots=True)
class Source:
    """When it changed, and at which rates per second between which moments."""

    changes: list[float]
    rates: list[tuple[float, float]]  # (from moment, rate)

    def rate(self, moment: float) -> float:
        return next(rate for begin, rate in reversed(self.rates) if begin <= moment)


@dataclass(frozen=True, slots=True)
class Outcome:
    scans: int
    staleness_s: float
    moves: int = 0


def sources(
    count: int, days: float, seed: int, *, spread: float = 1.6, shifting: float = 0.3
) -> list[Source]:
    """Log-normal rates around one change in 12 hours; the share ``shifting`` changes its rate 8-fold at some moment."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        rate = math.exp(chance.gauss(math.log(2 / DAY), spread))
        rates = [(0.0, rate)]
        if chance.random() < shifting:
            rates.append((chance.uniform(0.2, 0.8) * days * DAY, rate * chance.choice((8.0, 1 / 8))))
        changes = []
        for (begin, each), end in zip(rates, [*(b for b, _ in rates[1:]), days * DAY], strict=True):
            moment = begin + chance.expovariate(each)
            while moment < end:
                changes.append(moment)
                moment += chance.expovariate(each)
        made.append(Source(changes, rates))
    return made


def play(
    source: Source, days: float, interval: Callable[[float, list[Visit]], float]
) -> tuple[int, float, int]:
    """Scans, summed staleness of changes and moves of the interval; ``interval`` chooses it after each scan."""
    visits: list[Visit] = []
    now, seen, stale, moves, scans = 0.0, 0, 0.0, 0, 0
    wait = interval(0.0, visits)
    while now + wait < days * DAY:
        now += wait
        scans += 1
        upto = bisect.bisect(source.changes, now)
        stale += sum(now - moment for moment in source.changes[seen:upto])
        visits.append(Visit(wait, upto > seen))
        seen = upto
        before, wait = wait, interval(now, visits)
        moves += wait != before
    return scans, stale + sum(days * DAY - moment for moment in source.changes[seen:]), moves


def total(
    all_sources: Sequence[Source],
    days: float,
    chooser: Callable[[Source], Callable[[float, list[Visit]], float]],
) -> Outcome:
    parts = [play(source, days, chooser(source)) for source in all_sources]
    changes = sum(len(source.changes) for source in all_sources)
    scans, stale, moves = (sum(column) for column in zip(*parts, strict=True))
    return Outcome(int(scans), stale / changes, int(moves))


def adaptive(all_sources: Sequence[Source], days: float) -> Outcome:
    """As ``adapt`` decides after each scan."""

    def chooser(_: Source) -> Callable[[float, list[Visit]], float]:
        state: list[float | None] = [None]

        def interval(_now: float, visits: list[Visit]) -> float:
            state[0] = adapt(History(visits, state[0]), BOUNDS).interval_s
            return state[0]

        return interval

    return total(all_sources, days, chooser)


def fixed(all_sources: Sequence[Source], days: float, every_s: float) -> Outcome:
    """Every source at one interval."""
    return total(all_sources, days, lambda _: lambda _now, _visits: every_s)


def fixed_as_fresh(all_sources: Sequence[Source], days: float, staleness_s: float) -> tuple[float, Outcome]:
    """The one interval at which the mean staleness is ``staleness_s``, and what it costs."""
    low, high = BOUNDS.shortest_s, BOUNDS.longest_s
    for _ in range(12):
        middle = math.sqrt(low * high)
        outcome = fixed(all_sources, days, middle)
        low, high = (middle, high) if outcome.staleness_s < staleness_s else (low, middle)
    return middle, outcome


def informed(all_sources: Sequence[Source], days: float) -> Outcome:
    """By the same rule with the true rates, which nobody has: what could be reached."""

    def chooser(source: Source) -> Callable[[float, list[Visit]], float]:
        def interval(now: float, _visits: list[Visit]) -> float:
            wanted = math.sqrt(BOUNDS.middle_s / source.rate(now))
            return min(max(wanted, BOUNDS.shortest_s), BOUNDS.longest_s)

        return interval

    return total(all_sources, days, chooser)


def report(name: str, count: int, days: float, spread: float, shifting: float) -> None:
    made = sources(count, days, seed=1, spread=spread, shifting=shifting)
    ours, ideal = adaptive(made, days), informed(made, days)
    every, same = fixed_as_fresh(made, days, ours.staleness_s)
    _, same_as_ideal = fixed_as_fresh(made, days, ideal.staleness_s)
    print(f"{count} sources, {days:g} days, {name}")
    for what, outcome in (("adaptive", ours), (f"fixed {every / 3600:.2f} h", same)):
        print(f"  {what:<14}{outcome.scans:>8} scans, change seen after {outcome.staleness_s / 3600:.2f} h")
    print(f"  adaptive needs {ours.scans / same.scans:.2f} of the scans at the same freshness", end="")
    print(f" ({ideal.scans / same_as_ideal.scans:.2f} if the true rates were known);", end="")
    print(f" {ours.moves / count:.1f} moves of the interval a source")


def main() -> None:
    begin = time.perf_counter()
    report("rates differ, 30 % shift 8-fold", 200, 365.0, 1.6, 0.3)
    report("rates differ, none shifts", 40, 120.0, 1.6, 0.0)
    report("rates nearly alike", 40, 120.0, 0.3, 0.0)
    print(f"{time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
