"""When whoever watches something should look again: by signals where the process has a Redis address, else by time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from graph_api.context import Context

_LOOK_EVERY_S = 0.5

Signals = Callable[[str], AsyncIterator[None]]


async def moments(context: Context, signals: Signals, *, least_s: float = 0.0) -> AsyncIterator[None]:
    """Yields at once and then whenever to look, no sooner than ``least_s`` seconds after the last time; ``signals`` is given the address."""
    url = context.services.get("redis_url")
    looked = float("-inf")
    async for _ in signals(url) if url is not None else _by_time():
        await asyncio.sleep(max(0.0, looked + least_s - time.monotonic()))
        looked = time.monotonic()
        yield None


async def _by_time() -> AsyncIterator[None]:
    while True:
        yield None
        await asyncio.sleep(_LOOK_EVERY_S)
