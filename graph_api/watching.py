"""When whoever watches something should look again: by signals where the process has a Redis address, else by time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from graph_api.context import Context

_LOOK_EVERY_S = 0.5
_REST = 4.0

Signals = Callable[[str], AsyncIterator[None]]


async def moments(context: Context, signals: Signals, *, least_s: float = 0.0) -> AsyncIterator[None]:
    """Yields at once and then whenever to look; ``signals`` is given the address.

    Between two looks are at least ``least_s`` seconds, and four times as long as the last one took: who watches never keeps the graph busy.
    """
    url = context.services.get("redis_url")
    next_s = 0.0
    async for _ in signals(url) if url is not None else _by_time():
        await asyncio.sleep(max(0.0, next_s - time.monotonic()))
        begun_s = time.monotonic()
        yield None
        ended_s = time.monotonic()
        next_s = ended_s + max(least_s, _REST * (ended_s - begun_s))


async def _by_time() -> AsyncIterator[None]:
    while True:
        yield None
        await asyncio.sleep(_LOOK_EVERY_S)
