"""Worker processes, each with its log, and the small supervisor that starts again what ended."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
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
    """A place for one worker: its own variables, the process that is there now."""

    name: str
    variables: Mapping[str, str]
    process: subprocess.Popen[bytes]
    stalled: bool = False
    starts: list[int] = field(default_factory=list)


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
            slot = Slot(f"worker-{n}", variables, self._start(f"worker-{n}", variables))
            slot.starts.append(slot.process.pid)
            self.slots.append(slot)
        self._supervising = asyncio.create_task(self._supervise())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._supervising.cancel()
        await asyncio.gather(self._supervising, return_exceptions=True)
        for slot in self.slots:
            if slot.process.poll() is None:
                slot.process.send_signal(signal.SIGCONT)
                slot.process.send_signal(signal.SIGTERM)
        for slot in self.slots:
            try:
                await asyncio.to_thread(slot.process.wait, _GRACE_S)
            except subprocess.TimeoutExpired:
                self._history.note(slot.name, "did not end on SIGTERM", slot.process.pid)
                slot.process.kill()
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
        self._history.note(name, "start", process.pid)
        return process

    async def _supervise(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            for slot in self.slots:
                if slot.process.poll() is not None:
                    self._history.note(slot.name, "end", [slot.process.pid, slot.process.returncode])
                    await asyncio.sleep(_PAUSE_S)
                    slot.process = self._start(slot.name, slot.variables)
                    slot.starts.append(slot.process.pid)

    @property
    def restarts(self) -> int:
        return sum(len(slot.starts) - 1 for slot in self.slots)

    def kill(self, slot: Slot) -> None:
        """SIGKILL; the supervisor starts another one."""
        if slot.process.poll() is None:
            self._history.note(slot.name, "kill", slot.process.pid)
            os.kill(slot.process.pid, signal.SIGKILL)

    async def stall(self, slot: Slot, seconds: float) -> None:
        """SIGSTOP, and SIGCONT after a while."""
        slot.stalled = True
        process = slot.process
        self._history.note(slot.name, "stall", process.pid)
        process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            slot.stalled = False
            self._history.note(slot.name, "resume", process.pid)
            process.send_signal(signal.SIGCONT)
