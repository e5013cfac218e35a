"""``pursight worker`` with what a scenario wants of it: another clock, an object that ends its process.

``FAULTS_CLOCK_S`` moves its clock by seconds, where libfaketime does not; ``FAULTS_POISON`` names sources and what they do to whoever
examines them, as ``name=exit|raise|loop|thread|memory``: end the process, raise an error, stop the event loop for ever, stop a thread for
ever, take memory until there is none.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta


def move_clock(seconds: float) -> None:
    """For all that asks Python for the time; what asks the kernel itself is not reached."""
    import schema.ports

    real = time.time
    time.time = lambda: real() + seconds
    schema.ports.SystemClock.now = lambda self: datetime.now(UTC) + timedelta(seconds=seconds)  # type: ignore[method-assign]


def _take_all() -> None:
    taken = []
    while True:
        taken.append(b"\1" * 16 * 1024 * 1024)


def poison(sources: dict[str, str]) -> None:
    """Replace the action ``examine`` by one that some sources do not survive."""
    import asyncio
    import threading

    from ingest.orchestration.outcomes import Done
    from ingest.orchestration.scan.examining import examine
    from ingest.orchestration.task import Task, action

    @action("examine")
    async def poisoned(task: Task) -> Done:
        match sources.get(task.source):
            case "exit":
                os.kill(os.getpid(), signal.SIGKILL)
            case "raise":
                raise RuntimeError("It cannot be examined.")
            case "loop":
                while True:
                    time.sleep(1)
            case "thread":
                await asyncio.to_thread(threading.Event().wait)
            case "memory":
                await asyncio.to_thread(_take_all)
        return await examine(task)


if __name__ == "__main__":
    if seconds := os.environ.get("FAULTS_CLOCK_S"):
        move_clock(float(seconds))
    if sources := os.environ.get("FAULTS_POISON"):
        poison(dict(each.split("=") for each in sources.split(",")))
    from graph_api.cli import main

    sys.argv = ["pursight", "worker"]
    main()
