"""Limits of a whole process, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

HUNG = """
import asyncio, re, time
from ingest.guards import end_where_hung

async def run():
    watching = asyncio.create_task(end_where_hung(1.0))
    await asyncio.sleep(0)
    {hang}

asyncio.run(run())
"""
GREEDY = """
from ingest.guards import limit_memory

limit_memory(512)
try:
    taken = b"1" * (1024 * 1024 * 1024)
except MemoryError:
    print("refused")
print("alive")
"""
IN_THE_LOOP = "time.sleep(60)"
NEVER_LETS_GO = 'await asyncio.to_thread(re.match, "(a+)+$", "a" * 60 + "b")'


def process(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize("hang", [IN_THE_LOOP, NEVER_LETS_GO])
def test_a_worker_whose_event_loop_hangs_ends_and_says_where(hang: str) -> None:
    ended = process(HUNG.format(hang=hang))
    assert ended.returncode == 1
    assert "Timeout" in ended.stderr
    assert "in run" in ended.stderr or "in match" in ended.stderr


def test_an_event_loop_that_turns_is_left_alone() -> None:
    ended = process(HUNG.format(hang="await asyncio.sleep(2.5)"))
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA counts all memory on Linux alone")
def test_memory_beyond_the_limit_is_refused_and_the_process_lives() -> None:
    ended = process(GREEDY)
    assert ended.stdout.split() == ["refused", "alive"], ended.stderr
