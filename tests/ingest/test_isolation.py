"""A child process may die, hang or fill its memory, and only the item that did it is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from ingest.isolation import Isolated, Lost

_base = 0


def prepare(base: int) -> None:
    global _base
    _base = base


def work(item: str) -> int | str:
    if item == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if item == "hang":
        time.sleep(600)
    if item == "eat":
        return len(bytearray(64 * 1024**3))
    return _base + int(item)


def lost(results: list[int | str | Lost]) -> list[int | str]:
    return [result.code if isinstance(result, Lost) else result for result in results]


async def test_a_crash_a_hang_and_a_glutton_cost_themselves_alone() -> None:
    isolated: Isolated[str, int | str] = Isolated(work, prepare, (10,), timeout_s=2.0)

    results = await isolated.map(["1", "crash", "2", "hang", "3", "eat", "4"])

    assert lost(results) == [11, "CRASHED", 12, "TIMEOUT", 13, "MEMORY", 14]


async def test_progress_is_told_after_every_chunk() -> None:
    seen: list[int] = []
    isolated: Isolated[str, int | str] = Isolated(work, prepare, (0,), timeout_s=5.0)

    await isolated.map([str(i) for i in range(5)], seen.append, chunk=2)

    assert seen == [2, 4, 5]


async def test_who_gives_up_leaves_no_child_behind() -> None:
    isolated: Isolated[str, int | str] = Isolated(work, prepare, (0,), timeout_s=60.0)
    task = asyncio.create_task(isolated.map(["1", "hang", "2"]))
    while isolated._child is None:
        await asyncio.sleep(0.01)
    process = isolated._child[0]

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    process.join(10)
    assert process.exitcode is not None
