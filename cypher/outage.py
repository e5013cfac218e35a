"""What a process knows of a database that went away: one probe asks until it answers, everybody else waits for the probe.

A server that has just started takes seconds for its first answers. If each request opened connections of its own meanwhile, it would take
longer, and each request would wait for its own time-outs, one after the other.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeVar

import neo4j
from neo4j import exceptions

from schema.errors import GraphUnavailable

_T = TypeVar("_T")
# For how long after its first answer a server still plans everything anew; one that was away for less was not started anew.
_YOUNG_S, _RESTART_S = 20.0, 0.5
_PAUSE_S = 0.1
# Of how many kinds the last questions before an outage are asked again as soon as it is over.
_REMEMBERED = 4

_answer_by: ContextVar[float | None] = ContextVar("answer_by", default=None)


@contextmanager
def answering_within(seconds: float) -> Iterator[None]:
    """Inside, reads together wait no longer than this for a server that is away or has just come back; then ``GraphUnavailable``.

    One that was there all the time may take what a query may take.
    """
    token = _answer_by.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _answer_by.reset(token)


class Outage:
    """Whether the server is away, for all sessions of a process; ``connect`` opens a driver for the probe alone.

    A process that can wait begins again ``yields_s`` after the server is back at most, so that those for whom somebody waits come first.
    """

    def __init__(
        self, connect: Callable[[], neo4j.AsyncDriver], database: str, *, yields_s: float = 0.0
    ) -> None:
        self._connect, self._database, self._yields_s = connect, database, yields_s
        self._probing: asyncio.Task[None] | None = None
        self._back_at = float("-inf")
        self._first: dict[str, asyncio.Task[Any]] = {}
        self._last: dict[str, Callable[[], Awaitable[Any]]] = {}

    @property
    def recent(self) -> bool:
        """Whether the server came back only now, so that what takes long is not the fault of the question."""
        return time.monotonic() - self._back_at < _YOUNG_S

    def left_s(self, longest_s: float) -> float:
        """How long a read may still wait for its answer, seconds: ``longest_s`` unless the server came back only now."""
        by = _answer_by.get()
        return (
            max(0.0, min(by - time.monotonic(), longest_s)) if by is not None and self.recent else longest_s
        )

    async def first(self, name: str, ask: Callable[[], Awaitable[_T]]) -> _T:
        """The answer to a question. Of a server that came back only now the first of each ``name`` is asked to its end, also when whoever
        asked gives up, and others of its name wait for it: what the server plans for one is not planned again for each.
        """
        if not self.recent:
            answer = await ask()
            if _answer_by.get() is not None:  # somebody waits for it
                self._last.pop(name, None)
                self._last[name] = ask
                if len(self._last) > _REMEMBERED:
                    del self._last[next(iter(self._last))]
            return answer
        first = self._first.get(name)
        if first is None:
            return await asyncio.shield(self._ask_first(name, ask))
        await asyncio.wait({first})
        return await ask()

    def _ask_first(self, name: str, ask: Callable[[], Awaitable[_T]]) -> asyncio.Task[_T]:
        first = self._first[name] = asyncio.ensure_future(ask())
        first.add_done_callback(partial(self._asked, name))
        return first

    def _asked(self, name: str, first: asyncio.Task[Any]) -> None:
        if (first.cancelled() or first.exception()) and self._first.get(name) is first:
            del self._first[name]

    def begin(self) -> None:
        """Somebody could not reach the server; the first to say so sends the probe."""
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._probe())

    async def over(self, deadline: float) -> None:
        """Wait until the server answers; raises ``GraphUnavailable`` where it does not before ``deadline`` or before the request must be answered."""
        if self._probing is None or self._probing.done():
            return
        by = _answer_by.get()
        left = (deadline if by is None else min(deadline, by)) - time.monotonic()
        await asyncio.wait({self._probing}, timeout=max(left, 0.0))
        if not self._probing.done():
            raise unavailable()

    async def close(self) -> None:
        going = {task for task in (self._probing, *self._first.values()) if task and not task.done()}
        for task in going:
            task.cancel()
        if going:
            await asyncio.wait(going)

    async def _probe(self) -> None:
        begun = time.monotonic()
        async with self._connect() as driver:
            while True:
                with suppress(exceptions.DriverError, exceptions.Neo4jError, OSError):
                    async with driver.session(database=self._database) as session:
                        await (await session.run("RETURN 1")).consume()
                    if time.monotonic() - begun > _RESTART_S:
                        self._back_at = time.monotonic()
                        self._first.clear()
                        # Most likely they are the next ones too, and are planned at the same time.
                        for name, ask in self._last.items():
                            self._ask_first(name, ask)
                        await asyncio.sleep(random.uniform(0.5, 1.0) * self._yields_s)  # noqa: S311
                    return
                await asyncio.sleep(_PAUSE_S)


def unavailable() -> GraphUnavailable:
    return GraphUnavailable(
        "The graph database does not answer.", remedy="Try again shortly; `pursight doctor` tells more."
    )
