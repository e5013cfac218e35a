"""A TCP proxy in front of a source, which can cut, delay or swallow what passes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import StrEnum
from typing import Self

CHUNK = 4096
ROW, LONGEST = b"D", 2**31 - 1
FLOOD = b"x" * 1024 * 1024


class Mood(StrEnum):
    """What becomes of answers.

    HONEST passes all on; CUT resets connections after some; SLOW drips; SILENT accepts and never answers; HALF says nothing more once the
    answer to a statement has begun; FLOOD goes on with that answer without end.
    """

    HONEST = "HONEST"
    CUT = "CUT"
    SLOW = "SLOW"
    SILENT = "SILENT"
    HALF = "HALF"
    FLOOD = "FLOOD"


class Proxy:
    """Listens on a free port of loopback while it is entered; ``mood`` may change at any time."""

    def __init__(self, port: int) -> None:
        self.target, self.port, self.mood = port, 0, Mood.HONEST
        self.passed_before_cut = 3_000  # bytes of answers
        self.flooded = 0  # bytes that no server sent
        self.pause_s = 0.3
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        there = None
        try:
            from_server, there = await asyncio.open_connection("127.0.0.1", self.target)
            both = [
                asyncio.ensure_future(self._pass(reader, there, answers=False)),
                asyncio.ensure_future(self._pass(from_server, writer, answers=True)),
            ]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in both:
                    each.cancel()
                await asyncio.gather(*both, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            for end in filter(None, (writer, there)):
                end.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        passed = 0
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                passed += len(data)
                if answers and self.mood is Mood.CUT and passed > self.passed_before_cut:
                    return
                if answers and self.mood is Mood.SLOW:
                    await asyncio.sleep(self.pause_s)
                if answers and self.mood is Mood.SILENT:
                    continue
                if answers and self.mood in (Mood.HALF, Mood.FLOOD) and passed > self.passed_before_cut:
                    await self._part(writer, data)
                    continue
                writer.write(data)
                await writer.drain()

    async def _part(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """The beginning of an answer of PostgreSQL, and then nothing or, of a row that is said to have 2 GiB, more and more."""
        if self.mood is Mood.HALF:
            writer.write(data[:7])
            await writer.drain()
            await asyncio.Event().wait()
        writer.write(ROW + LONGEST.to_bytes(4) + (1).to_bytes(2) + (LONGEST - 10).to_bytes(4))
        while self.mood is Mood.FLOOD:
            writer.write(FLOOD)
            await writer.drain()
            self.flooded += len(FLOOD)
