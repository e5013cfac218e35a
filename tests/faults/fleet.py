"""Worker processes, each with its log, and the small supervisor that starts again what ended."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.faults.history import History

LAUNCH = Path(__file__).with_name("launch.py")
_LOOK_EVERY_S = 0.1
_PAUSE_S = 0.5  # as `pursight up` waits before it starts a process again
_GRACE_S = 20


@dataclass(slots=True)
class Slot:
    """A place for one worker: its own variables, the process that was started and stands by, and the worker that it forked, once it did."""

    name: str
    variables: Mapping[str, str]
    process: subprocess.Popen[bytes]
    worker: int | None = None
    stalled: bool = False
    starts: list[int] = field(default_factory=list)

    def forked(self) -> int | None:
        """The worker that is there now."""
        pid = self.process.pid
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        except OSError:
            return None
        return int(children[0]) if children else None


class Fleet:
    """``workers`` processes of ``pursight worker`` while it is entered. ``variables`` are those of single slots, by number."""

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: Path,
        history: History,
        *,
        workers: int = 4,
        variables: Mapping[int, Mapping[str, str]] | None = None,
    ) -> None:
        self._environment, self.folder, self._history = environment, folder, history
        self._workers, self._variables = workers, variables or {}
        self.slots: list[Slot] = []

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        for n in range(self._workers):
            variables = self._variables.get(n, {})
            self.slots.append(Slot(f"worker-{n}", variables, self._start(f"worker-{n}", variables)))
        self._supervising = asyncio.create_task(self._supervise())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._supervising.cancel()
        await asyncio.gather(self._supervising, return_exceptions=True)
        for slot in self.slots:
            if slot.process.poll() is None:
                _signal(slot.worker, signal.SIGCONT)
                slot.process.send_signal(signal.SIGTERM)
        for slot in self.slots:
            try:
                await asyncio.to_thread(slot.process.wait, _GRACE_S)
            except subprocess.TimeoutExpired:
                self._history.note(slot.name, "did not end on SIGTERM", slot.process.pid)
                slot.process.kill()
                _signal(slot.worker, signal.SIGKILL)
                slot.process.wait()

    def _start(self, name: str, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", str(LAUNCH)],
                env={**self._environment, **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return process

    async def _supervise(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            for slot in self.slots:
                if slot.process.poll() is not None:
                    self._ended(slot)
                    await asyncio.sleep(_PAUSE_S)
                    slot.process = self._start(slot.name, slot.variables)
                elif (now := slot.forked()) != slot.worker:
                    self._ended(slot)
                    if now is not None:
                        slot.worker = now
                        slot.starts.append(now)
                        self._history.note(slot.name, "start", now)

    def _ended(self, slot: Slot) -> None:
        if slot.worker is not None:
            self._history.note(slot.name, "end", slot.worker)
        slot.worker = None

    @property
    def restarts(self) -> int:
        return sum(max(0, len(slot.starts) - 1) for slot in self.slots)

    def kill(self, slot: Slot) -> None:
        """SIGKILL of a worker and of the process that stands by; the supervisor starts others."""
        if slot.worker is not None:
            self._history.note(slot.name, "kill", slot.worker)
            slot.process.kill()
            _signal(slot.worker, signal.SIGKILL)
            self._ended(slot)

    async def stall(self, slot: Slot, seconds: float) -> None:
        """SIGSTOP, and SIGCONT after a while."""
        worker = slot.worker
        slot.stalled = True
        self._history.note(slot.name, "stall", worker)
        _signal(worker, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            slot.stalled = False
            self._history.note(slot.name, "resume", worker)
            _signal(worker, signal.SIGCONT)


def _signal(pid: int | None, number: signal.Signals) -> None:
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
