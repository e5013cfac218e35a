"""Forecasts of durations replayed over synthetic histories, each run forecast from those before it.

Run: python tests/benchmarks/forecast_backtest.py. MASE is the mean absolute error over that of "as long as last time".
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schema.domain.forecasts import PastRun, forecast, remaining

BEGIN = datetime(2025, 1, 6, 3, tzinfo=UTC)
WARM_UP = 10


@dataclass(frozen=True, slots=True)
class Score:
    """Errors of the forecast, beside those of the last value, and how often the interval held the truth."""

    mape: float
    naive_mape: float
    mase: float
    coverage: float


def steady(chance: random.Random, n: int, day: int) -> float:
    return chance.gauss(0, 0.2)


def growing(chance: random.Random, n: int, day: int) -> float:
    return 0.008 * n + chance.gauss(0, 0.12)


def weekly(chance: random.Random, n: int, day: int) -> float:
    return (0.9 if day == 6 else 0.35 if day == 0 else 0.0) + chance.gauss(0, 0.15)


def bimodal(chance: random.Random, n: int, day: int) -> float:
    """Mostly nothing has changed and little is read; now and then all of it is."""
    return (math.log(6) if chance.random() < 0.25 else 0.0) + chance.gauss(0, 0.15)


def shifting(chance: random.Random, n: int, day: int) -> float:
    return (0.7 if n > 60 else 0.0) + chance.gauss(0, 0.15)


def outliers(chance: random.Random, n: int, day: int) -> float:
    return chance.gauss(0, 0.12) + (chance.expovariate(1) + 0.5 if chance.random() < 0.07 else 0.0)


def all_of_it(chance: random.Random, n: int, day: int) -> float:
    return 0.5 * growing(chance, n, day) + 0.6 * weekly(chance, n, day) + 0.8 * outliers(chance, n, day)


FAMILIES: tuple[Callable[[random.Random, int, int], float], ...] = (
    steady, growing, weekly, bimodal, shifting, outliers, all_of_it,
)  # fmt: skip


def histories(
    family: Callable[[random.Random, int, int], float], count: int, runs: int, seed: int
) -> list[list[PastRun]]:
    """Daily runs of ``count`` sources of one family, some minutes to some hours long."""
    made = []
    for source in range(count):
        chance = random.Random(f"{seed}:{source}")
        scale = math.exp(chance.uniform(math.log(60), math.log(7200)))
        starts = [BEGIN + timedelta(days=n) for n in range(runs)]
        made.append(
            [PastRun(s, scale * math.exp(family(chance, n, s.weekday()))) for n, s in enumerate(starts)]
        )
    return made


def backtest(sources: Sequence[Sequence[PastRun]]) -> Score:
    """Rolling origin: each run after the first ten from all that were before it."""
    relative, naive, ratios, held = [], [], [], []
    for runs in sources:
        ours, last = 0.0, 0.0
        for n in range(WARM_UP, len(runs)):
            found, truth = forecast(runs[:n], runs[n].started), runs[n].duration_s
            before = runs[n - 1].duration_s
            ours, last = ours + abs(found.point_s - truth), last + abs(before - truth)
            relative.append(abs(found.point_s - truth) / truth)
            naive.append(abs(before - truth) / truth)
            held.append(found.low_s <= truth <= found.high_s)
        ratios.append(ours / last)
    return Score(*(sum(each) / len(each) for each in (relative, naive, ratios, held)))


def within_run(
    seed: int, shares: Sequence[float] = (0.1, 0.5, 0.9), runs: int = 300
) -> list[tuple[float, float, float]]:
    """Of runs in progress: share done, mean error of the time left as a share of the whole, coverage of its interval."""
    chance = random.Random(seed)
    scored: dict[float, list[tuple[float, bool]]] = {share: [] for share in shares}
    for _ in range(runs):
        typical = math.exp(chance.uniform(math.log(60), math.log(7200)))
        history = [
            PastRun(BEGIN + timedelta(days=n), typical * math.exp(chance.gauss(0, 0.4))) for n in range(30)
        ]
        whole, ends = _run(chance, typical * math.exp(chance.gauss(0, 0.4)), 200)
        before = forecast(history, BEGIN + timedelta(days=30))
        for share in shares:
            done = int(share * len(ends))
            elapsed = ends[done - 1]
            left = remaining(before, elapsed, done, len(ends))
            truth = whole - elapsed
            scored[share].append((abs(left.point_s - truth) / whole, left.low_s <= truth <= left.high_s))
    return [(s, *(sum(column) / runs for column in zip(*rows, strict=True))) for s, rows in scored.items()]


def _run(chance: random.Random, whole: float, objects: int) -> tuple[float, list[float]]:
    """When each object of a run is done: their times differ by factors, and objects of one schema are alike."""
    times, mood = [], 0.0
    for _ in range(objects):
        mood = 0.9 * mood + chance.gauss(0, 0.3)
        times.append(math.exp(mood + chance.gauss(0, 0.7)))
    scale, ends, now = whole / sum(times), [], 0.0
    for each in times:
        now += each * scale
        ends.append(now)
    return whole, ends


def main() -> None:
    begin = time.perf_counter()
    for family in FAMILIES:
        score = backtest(histories(family, 8, 120, seed=1))
        print(
            f"{family.__name__:<10} MAPE {score.mape:6.1%} (last value {score.naive_mape:6.1%})  MASE {score.mase:.2f}  "
            f"80 % interval holds {score.coverage:.0%}"
        )
    for share, error, coverage in within_run(seed=1):
        print(
            f"at {share:.0%} of a run: time left is off by {error:.1%} of the run, 80 % interval holds {coverage:.0%}"
        )
    print(f"{time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
