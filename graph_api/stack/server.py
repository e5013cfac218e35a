"""A server as a child process: one per data folder, on a port of loopback, stopped when its owner stops."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import psutil

from graph_api.stack.process import (
    ProcessRecord,
    free_port,
    held,
    is_free,
    listens,
    password,
    record_path,
    spawn,
)
from schema.errors import StackError


class EmbeddedServer:
    """A server that lives in ``folder`` for as long as this object is started; a context manager."""

    name: ClassVar[str]
    usual_port: ClassVar[int]
    start_limit_s: ClassVar[float] = 120
    stop_grace_s: ClassVar[float] = 60
    account: str | None = None  # of the operating system; `user` is who signs in to a server

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        self.folder = folder.absolute()
        self.wanted_port = port
        self.port = 0
        self._popen: subprocess.Popen[bytes] | None = None
        self._hold: ExitStack | None = None

    # What a kind of server says about itself.
    def prepare(self) -> None:
        """Make the home folder ready for a start; called while the folder is held."""

    def command(self) -> Sequence[str]:
        """Write the configuration for ``self.port`` and return the command line."""
        raise NotImplementedError

    def ready(self, process: psutil.Process) -> bool:
        return listens(process, self.port)

    @property
    def home(self) -> Path:
        return self.folder / self.name

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def password(self) -> str:
        return password(self.folder, self.name)

    @property
    def pid(self) -> int:
        return self._popen.pid if self._popen else 0

    def running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> Self:
        """Start and wait until it serves; a server left over by a killed supervisor is stopped first."""
        if self._hold is None:
            hold = ExitStack()
            hold.enter_context(held(self.folder / f"{self.name}.lock", self.name))
            self._hold = hold
        try:
            before = ProcessRecord.read(record_path(self.folder, self.name))
            if before:
                before.stop(self.stop_grace_s)
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.prepare()
            self._start_on_a_port(before.port if before else 0)
        except BaseException:
            self.stop()
            raise
        return self

    def _start_on_a_port(self, last: int) -> None:
        deadline = time.monotonic() + self.start_limit_s
        port = self.wanted_port or (last if last and is_free(last) else free_port(self.usual_port))
        while True:
            self.port = port
            if self._spawn_and_wait(deadline):
                return
            if self.wanted_port or is_free(port) or time.monotonic() > deadline:
                raise StackError(f"{self.name} did not start; see {self.log}.", remedy=self.remedy())
            port = free_port(port + 1)

    def remedy(self) -> str:
        if self.wanted_port and not is_free(self.wanted_port):
            return f"Port {self.wanted_port} is taken: name another one, or none to take the next free one."
        return "Read the end of that log; `pursight doctor` checks the rest."

    def _spawn_and_wait(self, deadline: float) -> bool:
        self._popen = spawn(self.command(), self.log, user=self.account)
        record = ProcessRecord.of(self._popen.pid, port=self.port, mark=str(self.home))
        record.write(record_path(self.folder, self.name))
        process = psutil.Process(self._popen.pid)
        while self._popen.poll() is None and time.monotonic() < deadline:
            if self.ready(process):
                return True
            time.sleep(0.05)
        return False

    def stop(self) -> None:
        """SIGTERM, wait, SIGKILL after the grace period; then let go of the folder."""
        if self._popen:
            if self._popen.poll() is None:
                self._popen.terminate()
                try:
                    self._popen.wait(self.stop_grace_s)
                except subprocess.TimeoutExpired:
                    self._popen.kill()
            self._popen.wait()
            self._popen = None
        if self._hold is not None:
            self._hold.close()
            self._hold = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
