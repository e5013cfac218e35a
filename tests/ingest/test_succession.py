"""Workers that are killed, told to end or left alone by the process that stands by for the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEADLINE_S = 30
WORKER = """
import os, signal, sys, time
from ingest import succession
succession._SOON_S = {soon_s}
{before}
succession.succeed()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("worker", os.getpid(), flush=True)
{work}
"""


@contextmanager
def standing_by(
    work: str = "while True: signal.pause()", soon_s: float = 0.0, before: str = ""
) -> Iterator[subprocess.Popen[str]]:
    """The process that stands by for workers that do ``work``; each writes its id first."""
    code = WORKER.format(work=work, soon_s=soon_s, before=before)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def worker_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("worker "):
            return int(line.split()[1])
    raise AssertionError(f"no worker, the process ended with {process.wait(DEADLINE_S)}")


def is_there(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] not in "ZX"


def test_a_killed_worker_is_followed_by_another_that_has_imported_everything() -> None:
    with standing_by() as process:
        first = worker_of(process)
        assert first != process.pid
        os.kill(first, signal.SIGKILL)
        second = worker_of(process)
        assert second not in (first, process.pid)

        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0
        assert not is_there(second)


def test_who_is_told_to_end_between_two_workers_starts_none_that_never_hears_of_it() -> None:
    tells = "succession._log = type('Log', (), {'warning': lambda *_, **__: signal.raise_signal(signal.SIGTERM)})()"
    with standing_by(before=tells) as process:
        os.kill(worker_of(process), signal.SIGKILL)
        assert process.wait(DEADLINE_S) in (0, 128 + signal.SIGTERM)


def test_a_worker_that_could_not_end_its_work_is_followed_by_another() -> None:
    with standing_by("os._exit(os.EX_TEMPFAIL)") as process:
        assert worker_of(process) != worker_of(process)


def test_a_worker_that_cannot_begin_is_left_to_whoever_supervises_it() -> None:
    """Or one with a wrong password would be started again all the time."""
    with standing_by("sys.exit(3)", soon_s=60) as process:
        assert worker_of(process)
        assert process.wait(DEADLINE_S) == 3
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_a_worker_that_ends_in_order_is_not_followed() -> None:
    with standing_by("sys.exit(0)") as process:
        assert worker_of(process)
        assert process.wait(DEADLINE_S) == 0


def test_a_worker_does_not_outlive_the_process_that_stands_by() -> None:
    with standing_by() as process:
        worker = worker_of(process)
        process.kill()
        deadline = time.monotonic() + DEADLINE_S
        while is_there(worker) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not is_there(worker)
