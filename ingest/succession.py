"""A worker that was killed is followed by the next one at once: a process that has imported everything stands by and forks."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from types import FrameType

import structlog

_ENDS = (signal.SIGTERM, signal.SIGINT)
# Who ends sooner would do so again: whoever supervises the process is to know, and waits longer each time.
_SOON_S = 3.0
_GRACE_S = 10.0
_log = structlog.get_logger("pursight.worker")


def succeed() -> None:
    """Return in the process that is to be the worker, and later in the next one whenever a worker was killed or could not end its work.

    The process that stands by never returns. It passes on SIGTERM and SIGINT, and raises ``SystemExit`` with the code of its worker where that
    ended in order, was told to or lived for a few seconds only. It should have no connections and no threads of its own. A worker whose
    process that stands by is gone ends as on SIGTERM.
    """
    standing_by = _StandingBy()
    # What is there already is never garbage; the collector of a worker would write to all of it, and share nothing any more.
    gc.collect()
    gc.freeze()
    while standing_by.forked():
        code, lived_s = standing_by.outlived()
        if standing_by.told or not code or lived_s < _SOON_S:
            sys.exit(code if code >= 0 else 128 - code)
        _log.warning("the worker was lost, the next one begins", code=code)


class _StandingBy:
    """The process that forks; ``told`` once it was told to end."""

    def __init__(self) -> None:
        self.told = False
        self._worker = 0
        self._began = 0.0
        self._line = (-1, -1)
        self._before = {number: signal.signal(number, self._end) for number in _ENDS}

    def forked(self) -> bool:
        """Begin a worker; false in that."""
        self._line = os.pipe()
        self._began = time.monotonic()
        # A signal in between would be heard by neither.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        self._worker = os.fork()
        here, there = self._line
        if self._worker:
            os.close(here)
            if self.told:  # after the last worker had ended
                os.kill(self._worker, signal.SIGTERM)
        else:
            os.close(there)
            for number, handler in self._before.items():
                signal.signal(number, handler)
            threading.Thread(target=_end_with, args=(here,), name="stands-by", daemon=True).start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        return bool(self._worker)

    def outlived(self) -> tuple[int, float]:
        """Wait for the worker; the code it ended with, a negative one for a signal, and how long it lived, seconds."""
        _, status = os.waitpid(self._worker, 0)
        self._worker = 0
        os.close(self._line[1])
        return os.waitstatus_to_exitcode(status), time.monotonic() - self._began

    def _end(self, number: int, frame: FrameType | None) -> None:
        if not self.told and self._worker:
            with suppress(ProcessLookupError):
                os.kill(self._worker, signal.SIGTERM)
        self.told = True


def _end_with(line: int) -> None:
    """End this process once the other end of the line is closed."""
    os.read(line, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    os._exit(os.EX_TEMPFAIL)
