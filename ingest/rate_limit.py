"""How often a source may be asked: one limit for all tasks that read it, in whichever worker they are.

The graph gives out when the next requests may be sent (a token bucket that holds no more than a second's worth, as a virtual clock: the generic
cell rate algorithm of ITU-T I.371), by its own clock, under the lock of the source. So the limit holds without Redis, and whatever the clocks of
the workers say.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from schema.errors import ConnectionFailed

_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Grant:
    """``requests`` may be sent, the first after ``wait_s`` seconds and the others at ``per_minute``; None has no limit any more."""

    wait_s: float
    requests: int
    per_minute: int | None


class RateLimiter:
    """The requests of one task; made in the event loop that ``grant`` is to be awaited in, used from any thread and any loop.

    ``grant`` is asked whenever what it gave is used up or a second old.
    """

    def __init__(self, grant: Callable[[], Awaitable[Grant]]) -> None:
        self._grant = grant
        self._loop = asyncio.get_running_loop()
        self._turns = asyncio.Lock()
        self._over = asyncio.Event()
        self._left, self._next, self._until, self._spacing_s = 0, 0.0, 0.0, 0.0
        self._waiting, self._since, self._waited_s = 0, 0.0, 0.0

    @property
    def waited_s(self) -> float:
        """For how long something waited so far, seconds; two that wait at once count once."""
        since = self._since
        return self._waited_s + (time.monotonic() - since if since else 0.0)

    def acquire(self) -> None:
        """Wait until a request may be sent; raises ``ConnectionFailed`` once ``end`` was called. Not for the loop that made it."""
        asyncio.run_coroutine_threadsafe(self._turn(), self._loop).result()

    async def acquire_async(self) -> None:
        """The same inside another event loop."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._turn(), self._loop))

    def end(self) -> None:
        """Let nothing wait any more and no request be sent; safe to call from any thread."""
        self._loop.call_soon_threadsafe(self._over.set)

    async def _turn(self) -> None:
        self._waiting += 1
        self._since = self._since or time.monotonic()
        try:
            async with self._turns:
                at = await self._place()
            if (wait_s := at - time.monotonic()) > 0 and not self._over.is_set():
                async with asyncio.timeout(wait_s):
                    await self._over.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._waited_s, self._since = self.waited_s, 0.0
        if self._over.is_set():
            raise ConnectionFailed(
                "TIMEOUT", "The source was not asked any more: its task ends.", "Scan the source again."
            )

    async def _place(self) -> float:
        """When the next request may be sent, by ``time.monotonic``."""
        now = time.monotonic()
        if not self._over.is_set() and (not self._left or now > self._until):
            given = await self._grant()
            now = time.monotonic()
            self._spacing_s = _MINUTE_S / given.per_minute if given.per_minute else 0.0
            self._left, self._next = given.requests, now + given.wait_s
            self._until = self._next + max(given.requests * self._spacing_s, 1.0)
        self._left -= 1
        at, self._next = self._next, self._next + self._spacing_s
        return at
