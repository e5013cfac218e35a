"""One server process per data folder: who holds the folder, who runs in it, how it starts and ends."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

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


def spawn(command: Sequence[str], log: Path, *, user: str | None = None) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that a Ctrl-C in the terminal reaches its supervisor only.

    ``user`` is the account it runs under, for servers that refuse to run as root.
    """
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            **as_account(user),
        )  # fmt: skip


def as_account(user: str | None) -> dict[str, Any]:
    """Arguments of ``subprocess`` to run under another account, with none of this one's groups; nothing for None."""
    return {"user": user, "group": user, "extra_groups": (), "cwd": "/"} if user else {}


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
