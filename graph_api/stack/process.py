"""One server process per data folder: who holds the folder, who runs in it, how it starts and ends."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import psutil

from schema.errors import StackError

LOOPBACK = "127.0.0.1"
_LARGEST_LOG = 16 << 20  # bytes; a larger one is put aside at the next start


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """A process that was started here. Pid and start time together tell it from a later process with its pid."""

    pid: int
    started: float
    port: int = 0
    mark: str = ""

    @classmethod
    def of(cls, pid: int, *, port: int = 0, mark: str = "") -> Self:
        return cls(pid, psutil.Process(pid).create_time(), port, mark)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        try:
            return cls(**json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, path: Path) -> None:
        write_private(path, json.dumps(asdict(self)))

    def process(self) -> psutil.Process | None:
        """The process if it still runs: same pid, same start, and the mark in its command line."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.started) < 1 and any(
                self.mark in part for part in found.cmdline()
            )
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None

    def stop(self, grace_s: float) -> None:
        """SIGTERM, and SIGKILL after ``grace_s`` seconds; returns when the process is gone."""
        if process := self.process():
            terminate(process, grace_s)


def terminate(process: psutil.Process, grace_s: float) -> None:
    try:
        process.terminate()
        process.wait(grace_s)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(10)
    except psutil.NoSuchProcess:
        pass


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    arriving = path.with_name(f".{path.name}.{os.getpid()}")
    arriving.unlink(missing_ok=True)
    with os.fdopen(
        os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    arriving.replace(path)


@contextmanager
def held(path: Path, what: str) -> Iterator[None]:
    """Hold a folder for this process; the kernel lets go of it even when the process is killed."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"{what} already runs in {path.parent}.",
                remedy="`pursight status` shows it, `pursight down` stops it; or choose another PURSIGHT_DATA_DIR.",
            ) from None
        yield


def is_free(port: int, host: str = LOOPBACK) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(wanted: int, host: str = LOOPBACK) -> int:
    """The wanted port, or the next free one above it."""
    for port in range(wanted, min(wanted + 500, 65536)):
        if is_free(port, host):
            return port
    raise StackError(f"No free port from {wanted} upwards.", remedy="Name a free port in the settings.")


def listens(process: psutil.Process, port: int) -> bool:
    """Whether this very process listens on the port."""
    try:
        return any(
            c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in process.net_connections("tcp")
        )
    except psutil.Error:
        return False


class EmbeddedServer:
    """A server that lives in ``folder`` for as long as this object is started; a context manager."""

    name: ClassVar[str]
    usual_port: ClassVar[int]
    start_limit_s: ClassVar[float] = 120
    stop_grace_s: ClassVar[float] = 60

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        self.folder = folder.absolute()
        self.wanted_port = port
        self.port = 0
        self._popen: subprocess.Popen[bytes] | None = None
        self._hold: Any = None

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
            hold = held(self.folder / f"{self.name}.lock", self.name)
            hold.__enter__()
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
        self._popen = spawn(self.command(), self.log)
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
            self._hold.__exit__(None, None, None)
            self._hold = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def spawn(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that a Ctrl-C in the terminal reaches its supervisor only."""
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )


def record_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"


def password_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.password"


def password(folder: Path, name: str) -> str:
    """The password of the server in this folder; empty before its first start."""
    try:
        return password_path(folder, name).read_text("utf-8")
    except FileNotFoundError:
        return ""


def new_password(folder: Path, name: str) -> None:
    write_private(password_path(folder, name), secrets.token_hex(24))
