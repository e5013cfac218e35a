"""One of our own processes, the API or a worker, kept running."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from graph_api.stack.process import (
    LOOPBACK,
    ProcessRecord,
    free_port,
    is_free,
    listens,
    record_path,
    spawn,
    terminate,
)

CLI = "graph_api.cli"
_LONGEST_PAUSE_S = 30.0
_STEADY_S = 60.0
GRACE_S = 10.0  # a run that is cut off is taken up again by its lease


def python(module: str, *arguments: str) -> list[str]:
    """The command line of one of our modules; ``-P`` keeps the current folder off the module path."""
    return [sys.executable, "-P", "-m", module, *arguments]


class Program:
    """One of our own processes. It is started again when it ends, after a pause that doubles while it keeps ending.

    It listens on ``port`` of ``host``, if any. Where ``may_move``, it takes the next free one when somebody else has that.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        folder: Path,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        may_move: bool = False,
    ) -> None:
        self.name, self.host, self.port, self.folder = name, host, port, folder
        self._arguments, self._may_move = arguments, may_move
        self._popen: subprocess.Popen[bytes] | None = None
        self._started = self._not_before = 0.0
        self._pause = 0.5

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{self.name}.log"

    def start(self) -> None:
        if self.lost_its_port():
            self.port = free_port(self.port, self.host)
        at = ("--port", str(self.port)) if self.port else ()
        self._popen = spawn(python(CLI, *self._arguments, *at), self.log)
        self._started = time.monotonic()
        record = ProcessRecord.of(self._popen.pid, port=self.port, mark=CLI)
        record.write(record_path(self.folder, self.name))

    def look(self) -> bool:
        """Start it again if it ended and its pause is over; true if that happened."""
        now = time.monotonic()
        if self._popen is None or self._popen.poll() is None:
            return False
        if self._not_before < self._started:
            self._pause = 0.5 if now - self._started > _STEADY_S else min(self._pause * 2, _LONGEST_PAUSE_S)
            self._not_before = now + self._pause
        if now < self._not_before:
            return False
        self.start()
        return True

    def ended(self) -> bool:
        return self._popen is not None and self._popen.poll() is not None

    def listens(self) -> bool:
        """Whether it, and nobody else, listens on its port."""
        return (
            self._popen is not None
            and not self.ended()
            and listens(psutil.Process(self._popen.pid), self.port)
        )

    def lost_its_port(self) -> bool:
        """Whether somebody else has its port and another would do, as when two installations start side by side."""
        return self._may_move and not is_free(self.port, self.host)

    def stop(self) -> None:
        if self._popen and self._popen.poll() is None:
            terminate(psutil.Process(self._popen.pid), GRACE_S)
        if self._popen:
            self._popen.wait()
