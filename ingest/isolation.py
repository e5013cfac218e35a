"""Work on untrusted input in a child process: a crash, a hang or a leak costs the one item that caused it."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_MEMORY_BYTES = 4 * 1024**3


class Lost(Exception):
    """The child crashed or ran out of time on this item; ``code`` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _bounded(prepare: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    prepare(*arguments)


class Isolated(Generic[T, R]):
    """One child process that maps lists of items; ``prepare`` runs in it first, with data that all items share.

    ``function`` and ``prepare`` must be importable; ``timeout_s`` bounds one item.
    """

    def __init__(
        self,
        function: Callable[[list[T]], list[R]],
        prepare: Callable[..., None],
        arguments: tuple[Any, ...],
        *,
        timeout_s: float,
        chunk: int = 50,
    ) -> None:
        self._function, self._prepare, self._arguments = function, prepare, arguments
        self._timeout_s, self._chunk = timeout_s, chunk
        self._pool: ProcessPoolExecutor | None = None

    async def map(self, items: Sequence[T], done: Callable[[int], None] = lambda _: None) -> list[R | Lost]:
        """One result, or ``Lost``, for each item in order."""
        results: list[R | Lost] = []
        try:
            for start in range(0, len(items), self._chunk):
                results += await self._survive(list(items[start : start + self._chunk]))
                done(len(results))
        finally:
            self._stop()
        return results

    async def _survive(self, items: list[T]) -> list[R | Lost]:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                1, mp_context=context, initializer=_bounded, initargs=(self._prepare, self._arguments)
            )
        future = asyncio.wrap_future(self._pool.submit(self._function, items))
        try:
            # A child that has just started also imports and prepares.
            return list(await asyncio.wait_for(future, self._timeout_s * len(items) ** 0.5 + 20))
        except BrokenProcessPool:
            code = "CRASHED"
        except TimeoutError:
            code = "TIMEOUT"
        except MemoryError:
            code = "MEMORY"
        self._stop()
        if len(items) == 1:
            return [Lost(code)]
        half = len(items) // 2
        return [*await self._survive(items[:half]), *await self._survive(items[half:])]

    def _stop(self) -> None:
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):
                process.kill()
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
