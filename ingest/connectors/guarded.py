"""An event loop for clients that choose by themselves where to connect: each connection goes where the policy allows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ingest.network import NetworkPolicy
from schema.errors import ConnectionFailed

T = TypeVar("T")


class GuardedLoop(asyncio.SelectorEventLoop):
    """Names are resolved once, by the policy; TLS still proves the name. ``refusal`` is the policy's latest no.

    A Kafka broker tells a client the addresses of all others, and so the check of the first address alone would not do.
    """

    def __init__(self, access: NetworkPolicy) -> None:
        super().__init__()
        self._access = access
        self._task: asyncio.Task[Any] | None = None
        self.refusal: ConnectionFailed | None = None

    async def create_connection(  # type: ignore[override]
        self, factory: Callable[[], Any], host: str | None = None, port: int | None = None, **options: Any
    ) -> Any:
        try:
            address = await self.run_in_executor(None, self._access.resolve, host or "", port or 0)
        except ConnectionFailed as error:
            self.refusal = error
            raise ConnectionRefusedError from error  # the kind of error that clients expect of a connection
        if options.get("ssl") and not options.get("server_hostname"):
            options["server_hostname"] = host
        return await super().create_connection(factory, address, port or 0, **options)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of ``work``; raises ``ConnectionFailed`` TIMEOUT where ``interrupt`` ended it."""
        self._task = task = self.create_task(work)
        try:
            return self.run_until_complete(task)
        except asyncio.CancelledError:
            raise ConnectionFailed(
                "TIMEOUT", "The source did not answer in time.", "Scan the source again."
            ) from None
        finally:
            self._task = None

    def interrupt(self) -> None:
        """End what ``run`` waits for; called by another thread."""
        if (task := self._task) is not None:
            self.call_soon_threadsafe(task.cancel)

    def finish(self) -> None:
        """Close the loop and what it still runs."""
        if not self.is_closed():
            self.run_until_complete(self._end_all())
            self.run_until_complete(self.shutdown_default_executor())
            self.close()

    async def _end_all(self) -> None:
        left = asyncio.all_tasks(self) - {asyncio.current_task(self)}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
