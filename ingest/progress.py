"""Signals that a run moved or a source was checked, over Redis; whoever watches reads the rest from the graph. A lost signal costs a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

_log = structlog.get_logger("pursight.progress")
_CHANNEL = "pursight:run:"
_HEALTH = "pursight:health"


class Progressor:
    """Tells watchers that something moved; never fails whoever tells it when Redis is away."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1)

    async def moved(self, run: str) -> None:
        await self._tell(_CHANNEL + run)

    async def health_changed(self) -> None:
        """A source was checked."""
        await self._tell(_HEALTH)

    async def _tell(self, channel: str) -> None:
        try:
            await self._redis.publish(channel, b"")
        except (RedisError, OSError) as error:
            _log.warning("progress not signalled", channel=channel, error=type(error).__name__)

    async def close(self) -> None:
        with suppress(RedisError, OSError):
            await self._redis.aclose()


def signals(redis_url: str, run: str, *, at_least_every_s: float = 1.0) -> AsyncIterator[None]:
    """Yields at once, then whenever the run may have moved; also without Redis, then by time alone."""
    return _signals(redis_url, _CHANNEL + run, at_least_every_s)


def queue_signals(redis_url: str) -> AsyncIterator[None]:
    """Likewise whenever any run may have moved."""
    return _signals(redis_url, _CHANNEL + "*", 1.0)


def health_signals(redis_url: str) -> AsyncIterator[None]:
    """Likewise whenever a source may have been checked."""
    return _signals(redis_url, _HEALTH, 2.0)


async def _signals(redis_url: str, channels: str, at_least_every_s: float) -> AsyncIterator[None]:
    yield None
    client = Redis.from_url(redis_url, socket_connect_timeout=1)
    channel = client.pubsub(ignore_subscribe_messages=True)
    try:
        subscribed = False
        while True:
            try:
                if not subscribed:
                    await channel.psubscribe(channels)
                    subscribed = True
                await channel.get_message(timeout=at_least_every_s)
                while await channel.get_message(timeout=0) is not None:
                    pass  # one look answers all that came meanwhile
            except (RedisError, OSError):
                subscribed = False
                await asyncio.sleep(at_least_every_s)
            yield None
    finally:
        with suppress(RedisError, OSError):
            await channel.aclose()
            await client.aclose()
