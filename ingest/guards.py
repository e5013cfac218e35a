"""What bounds a worker process as a whole: how much memory it may take, and how long its event loop may stand still."""

from __future__ import annotations

import asyncio
import faulthandler
import resource
import sys

_TURN_S = 1.0
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

    Other workers of the machine see that it is gone and take its tasks up, and whoever supervises it starts another one. The stacks of all threads go to stderr: places in the code,
    no values. The clock is a thread that needs no interpreter lock, so that code which never lets go of that is ended too.
    """
    try:
        while True:
            faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__ or sys.stderr)
            await asyncio.sleep(min(_TURN_S, seconds / 2))
    finally:
        faulthandler.cancel_dump_traceback_later()
