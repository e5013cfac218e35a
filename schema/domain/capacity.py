"""How many workers the scans of a coming time need, from their schedules and how long they are likely to take."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise

from schema.domain.forecasts import Forecast
from schema.domain.schedules import Schedule, starts

MOST_RUNS = 2_000  # of one source that are looked at; one each five minutes makes as many in a week


@dataclass(frozen=True, slots=True)
class Planned:
    """A source that is scanned by ``schedule`` and each time takes as long as ``takes`` says."""

    schedule: Schedule
    takes: Forecast


@dataclass(frozen=True, slots=True)
class Demand:
    """``peak`` runs at once, first at ``peak_at``; ``workers`` of one run each keep up even where all take the high end.

    ``busy_s`` is the work of all in seconds, ``by_hour`` the most runs at once in each hour from the beginning.
    """

    runs: int
    busy_s: float
    peak: int
    peak_at: datetime | None
    workers: int
    by_hour: tuple[int, ...]


def demand(planned: Sequence[Planned], begin: datetime, *, days: float = 7.0) -> Demand:
    """What the ``days`` from ``begin`` ask for; a source has one run at a time, ticks meanwhile are one run after it."""
    end = begin + timedelta(days=days)
    begins = [list(islice(starts(each.schedule, begin, end), MOST_RUNS)) for each in planned]
    each_source = list(zip(planned, begins, strict=True))
    likely = [run for each, times in each_source for run in _runs(times, each.takes.point_s, end)]
    slow = [run for each, times in each_source for run in _runs(times, each.takes.high_s, end)]
    peak, peak_at = _peak(likely)
    hours = math.ceil(days * 24)
    return Demand(
        runs=len(likely),
        busy_s=sum((stop - start).total_seconds() for start, stop in likely),
        peak=peak,
        peak_at=peak_at,
        workers=max(peak, _peak(slow)[0]),
        by_hour=tuple(_by_hour(likely, begin, hours)),
    )


def waits(planned: Sequence[Planned], begin: datetime, workers: int, *, days: float = 7.0) -> float:
    """Seconds the runs would wait in all, with so many workers of one run each, first come first served."""
    if workers < 1:
        raise ValueError("at least one worker")
    end = begin + timedelta(days=days)
    runs = sorted(
        run
        for each in planned
        for run in _runs([*starts(each.schedule, begin, end)], each.takes.point_s, end)
    )
    free = [begin] * workers
    waited = 0.0
    for start, stop in runs:
        begins = max(start, heapq.heappop(free))
        waited += (begins - start).total_seconds()
        heapq.heappush(free, begins + (stop - start))
    return waited


_Run = tuple[datetime, datetime]


def _runs(begins: Sequence[datetime], takes_s: float, end: datetime) -> Iterator[_Run]:
    takes = timedelta(seconds=max(takes_s, 1.0))
    free: datetime | None = None
    for start, following in pairwise([*begins, end + takes]):
        if free is not None and following <= free:
            continue  # one run makes up for all that came while the source was being scanned
        start = start if free is None else max(start, free)
        if start >= end:
            return
        free = start + takes
        yield start, free


def _peak(runs: Iterable[_Run]) -> tuple[int, datetime | None]:
    """The most runs at once and when that is first so; one that ends as another begins is over."""
    edges = sorted(edge for start, stop in runs for edge in ((start, 1), (stop, -1)))
    now, most, when = 0, 0, None
    for moment, step in edges:
        now += step
        if now > most:
            most, when = now, moment
    return most, when


def _by_hour(runs: Sequence[_Run], begin: datetime, hours: int) -> Iterator[int]:
    inside: list[list[_Run]] = [[] for _ in range(hours)]
    for start, stop in runs:
        first = int((start - begin).total_seconds() // 3600)
        last = math.ceil((stop - begin).total_seconds() / 3600) - 1
        for hour in range(max(first, 0), min(last, hours - 1) + 1):
            since = begin + timedelta(hours=hour)
            inside[hour].append((max(start, since), min(stop, since + timedelta(hours=1))))
    return (_peak(each)[0] for each in inside)
