"""What a second worker process brings where sources answer slowly: sixteen PostgreSQL databases behind a proxy that waits before each answer.

``python -m pytest tests/benchmarks/bench_scaling.py -s``; ``PURSIGHT_BENCH_PAUSE_MS`` is that wait.
"""

from __future__ import annotations

import os
import statistics
from pathlib import Path

import pytest

from tests.faults.proxy import Mood
from tests.faults.scenarios import all_listen
from tests.faults.sources import Size
from tests.faults.world import World, scanning, struck, world

SOURCES = 16
ROUNDS = 2
PAUSE_S = int(os.environ.get("PURSIGHT_BENCH_PAUSE_MS", "50")) / 1_000
AIM = 1.6


async def seconds(there: World, workers: int, round_: int) -> float:
    """From the first request to the end of the last scan."""
    proxy = there.sources.proxy
    assert proxy is not None
    async with scanning(there, f"scaling-{workers}-{round_}", workers=workers) as scan:
        await all_listen(scan)
        proxy.mood = Mood.SLOW
        try:
            assert await struck(scan, None, [spec.name for spec in there.sources.specs])
        finally:
            proxy.mood = Mood.HONEST
        assert {state.value for state in (await scan.states()).values()} == {"SUCCEEDED"}
        return scan.took_s


@pytest.mark.timeout(1_800)
async def test_two_workers_against_one(tmp_path: Path) -> None:
    size = Size(tables=0, big=0, small=0, postgres=SOURCES, mariadb=0, folders=0, prefixes=0)
    async with world(size, tmp_path) as there:
        assert there.sources.proxy is not None
        there.sources.proxy.pause_s = PAUSE_S
        await seconds(there, 2, 0)  # the server's plans and caches
        one, two = [], []
        for n in range(1, ROUNDS + 1):
            two.append(await seconds(there, 2, n))
            one.append(await seconds(there, 1, n))
    ratio = statistics.median(one) / statistics.median(two)
    print(f"\n{SOURCES} sources, {PAUSE_S * 1_000:.0f} ms before each answer; medians of {ROUNDS}")
    print(
        f"one worker: {statistics.median(one):.1f} s; two: {statistics.median(two):.1f} s; {ratio:.2f} x (aim {AIM} x)"
    )
