"""Which processes of this machine are there: a worker that was killed is known at once by the others beside it, not when its lease ends.

A process is named by the machine as it was booted, the space that its id counts in (containers have their own), the id and when it began, so
that neither another machine of the same name nor a later process of the same id is taken for it.
"""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
_ENDED = "ZX"  # a zombie does nothing any more, whenever its parent will notice


@cache
def place() -> str | None:
    """Where process ids mean the same as here; None where this system does not say."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{socket.gethostname()}/{boot}/{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return None


def process_name(pid: int) -> str | None:
    """The name of a process that is there, for ``is_gone``; None where this system does not say."""
    stat = _stat(pid)
    return f"{place()}/{pid}/{stat[1]}" if place() and stat else None


def is_gone(process: str) -> bool:
    """Whether a process of this place has ended; false where that cannot be seen from here."""
    there, pid, began = process.rsplit("/", 2)
    if there != place():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    stat = _stat(int(pid))
    return stat is not None and (stat[0] in _ENDED or stat[1] != began)


def _stat(pid: int) -> tuple[str, str] | None:
    """The state of a process, and when it began in ticks since the machine did; None where that may not be read."""
    try:
        text = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # its name, in brackets, may hold anything
    return fields[0], fields[19]
