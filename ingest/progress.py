"""Signals that a run moved, over Redis; whoever watches reads the run itself from the graph. A lost signal costs a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

_log = structlog.get_logger("pursight.progress")
_CHANNEL = "pursight:run:"


class Progressor:
    """Tells watchers that a run moved; never fails the run when Redis is away."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1)

    async def moved(self, run: str) -> None:
        try:
            await self._redis.publish(_CHANNEL + run, b"")
        except (RedisError, OSError) as error:
            _log.warning("progress not signalled", run=run, error=type(error).__name__)

    async def close(self) -> None:
        with suppress(RedisError, OSError):
            await self._redis.aclose()


async def signals(redis_url: str, run: str, *, at_least_every_s: float = 1.0) -> AsyncIterator[None]:
    """Yields at once, then whenever the run may have moved; also without Redis, then by time alone."""
    yield None
    client = Redis.from_url(redis_url, socket_connect_timeout=1)
    channel = client.pubsub(ignore_subscribe_messages=True)
    try:
        subscribed = False
        while True:
            try:
                if not subscribed:
                    await channel.subscribe(_CHANNEL + run)
                    subscribed = True
                await channel.get_message(timeout=at_least_every_s)
            except (RedisError, OSError):
                subscribed = False
                await asyncio.sleep(at_least_every_s)
            yield None
    finally:
        with suppress(RedisError, OSError):
            await channel.aclose()
            await client.aclose()
