"""What bounds a worker process as a whole: how much memory it may take, and how long its event loop may stand still."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import resource
import sys
import threading
import time
from typing import TextIO

_TURN_S = 1.0
_BUSY = 0.3  # of the limit: three times a second of imports on a slow machine, and still cheap for the others
_MB = 1024 * 1024


def limit_memory(megabytes: int) -> None:
    """Let allocations beyond this fail in this process and, each for itself, in those it starts; 0 leaves all as it is.

    What is counted is private writable memory (RLIMIT_DATA, Linux 4.7), not files and shared libraries that are mapped. Whoever started the
    process may have set a lower limit, which stays.
    """
    if megabytes:
        _, highest = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = megabytes * _MB
        limit = wanted if highest == resource.RLIM_INFINITY else min(wanted, highest)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, highest))


async def end_where_hung(seconds: float) -> None:
    """For as long as this runs, end the process with 1 when its event loop has not turned for ``seconds``.

    Its leases have lapsed by then, and whoever supervises it starts another one. One that computes meanwhile takes a processor from all others,
    and ends after ``_BUSY`` of that time on the processor, which does not pass where the machine is merely overloaded. The stacks of all threads
    go to stderr: places in the code, no values. The clock is a thread that needs no interpreter lock, so that code which never lets go of that is
    ended too.
    """
    turns = 0
    over = threading.Event()
    loop_s = time.pthread_getcpuclockid(threading.get_ident())

    def watch() -> None:
        seen, since = -1, 0.0
        while not over.wait(_TURN_S / 4):
            now = time.clock_gettime(loop_s)
            if seen != turns:
                seen, since = turns, now
            elif now - since > _BUSY * seconds:
                print(
                    f"Timeout: the event loop computed for {now - since:.1f} s without a turn.",
                    file=_stderr(),
                )
                faulthandler.dump_traceback(file=_stderr())
                os._exit(1)

    threading.Thread(target=watch, name="watchdog", daemon=True).start()
    try:
        while True:
            faulthandler.dump_traceback_later(seconds, exit=True, file=_stderr())
            turns += 1
            await asyncio.sleep(min(_TURN_S, seconds / 2))
    finally:
        faulthandler.cancel_dump_traceback_later()
        over.set()


def _stderr() -> TextIO:
    return sys.__stderr__ or sys.stderr
