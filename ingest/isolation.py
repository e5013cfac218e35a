"""Work on untrusted input in a child process: a crash, a hang or a leak costs the one item that caused it."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_MEMORY_BYTES = 4 * 1024**3
_START_S = 60.0


class Lost(Exception):
    """The child crashed, or ran out of time or memory, on this item; ``code`` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _work(
    connection: Connection, function: Callable[[Any], Any], prepare: Callable[..., None], arguments: Any
) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prepare(*arguments)
    connection.send(None)
    while True:
        try:
            item = connection.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            answer = function(item)
        except MemoryError:
            answer = Lost("MEMORY")
        connection.send(answer)


class Isolated(Generic[T, R]):
    """One child process, started with the first item and again after each that it did not survive.

    ``function`` and ``prepare`` must be importable; ``prepare`` runs first, with data that all items share.
    ``timeout_s`` bounds one item.
    """

    def __init__(
        self,
        function: Callable[[T], R],
        prepare: Callable[..., None],
        arguments: tuple[Any, ...] = (),
        *,
        timeout_s: float,
    ) -> None:
        self._function, self._prepare, self._arguments = function, prepare, arguments
        self._timeout_s = timeout_s
        self._child: tuple[SpawnProcess, Connection] | None = None

    def ask(self, item: T) -> R | Lost:
        """The result for one item, or why there is none."""
        _, connection = self._child = self._child or self._start()
        try:
            connection.send(item)
            if connection.poll(self._timeout_s):
                return connection.recv()  # type: ignore[no-any-return]
            code = "TIMEOUT"
        except (EOFError, ConnectionError):
            code = "CRASHED"
        self.stop()
        return Lost(code)

    async def map(
        self, items: Sequence[T], done: Callable[[int], None] = lambda _: None, *, chunk: int = 50
    ) -> list[R | Lost]:
        """One result, or ``Lost``, for each item in order; ``done`` hears how many there are so far."""
        results: list[R | Lost] = []
        given_up = threading.Event()

        def some(part: Sequence[T]) -> list[R | Lost]:
            # The thread outlives a cancelled caller, so it ends its child itself.
            found: list[R | Lost] = []
            for item in part:
                if not given_up.is_set():
                    found.append(self.ask(item))
            if given_up.is_set():
                self.stop()
            return found

        try:
            for start in range(0, len(items), chunk):
                results += await asyncio.to_thread(some, items[start : start + chunk])
                done(len(results))
        finally:
            given_up.set()
            self.stop()
        return results

    def stop(self) -> None:
        """End the child, whatever it does."""
        if self._child is not None:
            process, connection = self._child
            self._child = None
            process.kill()
            process.join()
            connection.close()

    def _start(self) -> tuple[SpawnProcess, Connection]:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        arguments = (there, self._function, self._prepare, self._arguments)
        process = context.Process(target=_work, args=arguments, daemon=True)
        process.start()
        there.close()
        try:
            if not here.poll(_START_S):
                raise TimeoutError
            here.recv()
        except (EOFError, OSError, TimeoutError) as error:
            process.kill()
            raise RuntimeError("The child process did not start.") from error
        return process, here
