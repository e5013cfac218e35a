"""What holds runs up: the stage, the figures that show it, and what to do about it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TypeVar

LEAST_S = 60.0  # seconds lost in all below which nobody need look
LEAST_TIMINGS = 3
_WAITING = 0.4  # share of the time from which waiting is what holds a stage up
_WORKING = 0.5  # share of a source's time from which one stage is what takes it
_SLOWER = 2.0  # times the median of the other workers


_K = TypeVar("_K", bound=Hashable)


class Cause(StrEnum):
    """For what a stage spends its time."""

    WORKERS = "WORKERS"  # all workers were busy
    CONNECTIONS = "CONNECTIONS"  # the source lets in no more at once
    REQUESTS = "REQUESTS"  # the plan of the source allows no more requests in a minute
    SLOW_WORKER = "SLOW_WORKER"  # one worker takes longer than others for the same
    WORK = "WORK"  # the work itself


@dataclass(frozen=True, slots=True)
class Timing:
    """One stage or batch of a run; seconds in the queue, waiting for one of ``slots`` connections of the source, at work, and while
    at work waiting to be allowed the next request, of which ``per_minute`` are.
    """

    source: str
    stage: str
    worker: str
    queued_s: float
    slot_s: float
    work_s: float
    slots: int = 1
    limited_s: float = 0.0
    per_minute: int | None = None

    @property
    def whole_s(self) -> float:
        return self.queued_s + self.slot_s + self.work_s + self.limited_s


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """``lost_s`` is what it cost in all; ``source`` and ``worker`` are empty where it is about all of them."""

    cause: Cause
    stage: str
    lost_s: float
    evidence: str
    recommendation: str
    source: str = ""
    worker: str = ""


def bottlenecks(timings: Sequence[Timing], *, workers: int) -> list[Bottleneck]:
    """What held these stages up, the costliest first; ``workers`` is how many there are."""
    found = [
        *_connections(timings),
        *_requests(timings),
        *_workers(timings, workers),
        *_slow_workers(timings),
        *_work(timings),
    ]
    return sorted((each for each in found if each.lost_s >= LEAST_S), key=lambda each: -each.lost_s)


def _connections(timings: Iterable[Timing]) -> Iterator[Bottleneck]:
    for (source, stage), group in _grouped(timings, lambda each: (each.source, each.stage)):
        waited, whole = sum(each.slot_s for each in group), sum(each.whole_s for each in group)
        if len(group) < LEAST_TIMINGS or waited < _WAITING * whole:
            continue
        slots = max(each.slots for each in group)
        work = sum(each.work_s for each in group)
        wanted = min(2 * slots, math.ceil(slots * (waited + work) / work)) if work > 0 else 2 * slots
        yield Bottleneck(
            Cause.CONNECTIONS,
            stage,
            waited,
            f"{stage} of source {source} waited {waited / whole:.0%} of its time for {slots} of {slots} connections",
            f"Raise the connections of source {source} to {max(wanted, slots + 1)}, if it can bear them.",
            source=source,
        )


def _requests(timings: Iterable[Timing]) -> Iterator[Bottleneck]:
    for (source, stage), group in _grouped(timings, lambda each: (each.source, each.stage)):
        waited, whole = sum(each.limited_s for each in group), sum(each.whole_s for each in group)
        if waited < _WAITING * whole or not waited:
            continue
        allowed = max((each.per_minute or 0 for each in group), default=0)
        limit = (
            f"its {allowed:,} requests per minute" if allowed else "a limit of requests that it has no more"
        )
        yield Bottleneck(
            Cause.REQUESTS,
            stage,
            waited,
            f"{stage} of source {source} waited {waited / whole:.0%} of its time for {limit}",
            f"Raise requestsPerMinute of source {source}, if it can bear them, or scan it less often.",
            source=source,
        )


def _workers(timings: Iterable[Timing], workers: int) -> Iterator[Bottleneck]:
    for stage, group in _grouped(timings, lambda each: each.stage):
        queued, whole = sum(each.queued_s for each in group), sum(each.whole_s for each in group)
        if len(group) < LEAST_TIMINGS or queued < _WAITING * whole:
            continue
        busy = whole - queued
        wanted = min(2 * workers, math.ceil(workers * whole / busy)) if busy > 0 else 2 * workers
        largest = max(
            _sums(group, lambda each: each.source, lambda each: each.queued_s).items(), key=lambda x: x[1]
        )
        yield Bottleneck(
            Cause.WORKERS,
            stage,
            queued,
            f"{stage} waited {queued / whole:.0%} of its time for one of {workers} workers, most of it for source "
            f"{largest[0]} ({largest[1] / queued:.0%})",
            f"Run {max(wanted, workers + 1)} workers, or spread the schedules by a larger jitter.",
        )


def _slow_workers(timings: Iterable[Timing]) -> Iterator[Bottleneck]:
    """A worker is compared with the others stage by stage of a source, so that hard work does not make it look slow."""
    ratios: dict[str, list[float]] = defaultdict(list)
    lost: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (_, stage), group in _grouped(timings, lambda each: (each.source, each.stage)):
        for worker, own in _grouped(group, lambda each: each.worker):
            others = [each.work_s for each in group if each.worker != worker]
            if others and (usual := median(others)) > 0:
                ratios[worker] += [each.work_s / usual for each in own]
                lost[worker][stage] += sum(max(each.work_s - usual, 0.0) for each in own)
    for worker, each in sorted(ratios.items()):
        if len(each) < LEAST_TIMINGS or (slower := median(each)) < _SLOWER:
            continue
        stage = max(lost[worker], key=lambda name: lost[worker][name])
        yield Bottleneck(
            Cause.SLOW_WORKER,
            stage,
            sum(lost[worker].values()),
            f"worker {worker} takes {slower:.1f} times as long as the others for the same stages, seen {len(each)} times",
            f"Look at the machine of worker {worker}: processor, memory, way to the sources.",
            worker=worker,
        )


def _work(timings: Iterable[Timing]) -> Iterator[Bottleneck]:
    for source, group in _grouped(timings, lambda each: each.source):
        whole = sum(each.whole_s for each in group)
        by_stage = _sums(group, lambda each: each.stage, lambda each: each.work_s)
        stage, work = max(by_stage.items(), key=lambda each: each[1])
        if len(by_stage) < 2 or work < _WORKING * whole:
            continue
        longest = max((each for each in group if each.stage == stage), key=lambda each: each.work_s)
        batches = sum(each.stage == stage for each in group)
        many = longest.work_s < _WORKING * work
        advice = (
            f"Let more batches of {stage} run at once (parallel), or leave out what need not be read."
            if many
            else f"Cut {stage} into smaller batches (for_each), so that several workers share it."
        )
        yield Bottleneck(
            Cause.WORK,
            stage,
            work,
            f"{stage} is {work / whole:.0%} of the time of source {source}, in {batches} pieces of which the longest is "
            f"{longest.work_s / work:.0%}",
            advice,
            source=source,
        )


def _grouped(timings: Iterable[Timing], key: Callable[[Timing], _K]) -> list[tuple[_K, list[Timing]]]:
    groups: dict[_K, list[Timing]] = defaultdict(list)
    for each in timings:
        groups[key(each)].append(each)
    return list(groups.items())


def _sums(
    timings: Iterable[Timing], key: Callable[[Timing], str], value: Callable[[Timing], float]
) -> dict[str, float]:
    return {name: sum(value(each) for each in group) for name, group in _grouped(timings, key)}
