"""A few rows of one dataset, read from its source while somebody waits: few at once, bounded in time and size, kept nowhere."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from typing import Any

from ingest.connectors.base import Capability, Connector, Sample
from ingest.orchestration.holds import source_hold
from ingest.rate_limit import RateLimiter
from schema.domain.catalog import DiscoveredDataset
from schema.errors import ConnectionFailed, InvalidInput, PursightError

MOST_ROWS = 50
LONGEST_S = 20.0
MOST_CHARACTERS = 1_000  # of one value
_AT_ONCE = 4


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sample")


def may_be_read(source: Mapping[str, Any], now: datetime) -> None:
    """Raise ``ConnectionFailed`` where the plan or the circuit breaker of the source keeps it from being read now."""
    if hold := source_hold(source, now):
        why, until = hold
        raise ConnectionFailed(
            "UNREACHABLE",
            f"The source is left alone until {until:%Y-%m-%d %H:%M} UTC ({why.value}).",
            "Ask again then, or look at the plan and the health of the source.",
            path=("urn",),
        )


async def read(
    opened: Callable[[], Connector],
    dataset: DiscoveredDataset,
    rows: int,
    *,
    limiter: RateLimiter | None,
    longest_s: float = LONGEST_S,
) -> Sample:
    """At most ``rows`` rows, values cut to ``MOST_CHARACTERS``; raises ``ConnectionFailed``, after ``longest_s`` seconds in any case.

    No failure quotes what the source answered but those that connectors worded themselves.
    """
    reading = _Reading(opened, dataset, rows)
    work = asyncio.get_running_loop().run_in_executor(_threads(), reading)
    try:
        async with asyncio.timeout(longest_s):
            return await asyncio.shield(work)
    except TimeoutError:
        raise ConnectionFailed(
            "TIMEOUT",
            f"The source gave no rows within {longest_s:g} s.",
            "Ask again when it has less to do, or for fewer columns.",
            path=("urn",),
        ) from None
    finally:
        if not work.done():
            work.cancel()  # where it waits for a thread
            work.add_done_callback(_heard)
            if limiter is not None:
                limiter.end()
            await asyncio.to_thread(reading.interrupt)


class _Reading:
    """One reading in a thread of its own; ``interrupt`` ends it from another."""

    def __init__(self, opened: Callable[[], Connector], dataset: DiscoveredDataset, rows: int) -> None:
        self._opened, self._dataset, self._rows = opened, dataset, rows
        self._connector: Connector | None = None
        self._over = threading.Event()

    def __call__(self) -> Sample:
        try:
            return self._sample()
        except PursightError:
            raise
        except Exception as failure:  # its text may quote values
            raise ConnectionFailed(
                "UNKNOWN",
                f"The source could not be read: {type(failure).__name__}.",
                "Scan the source again; the problems of the run say more.",
                path=("urn",),
            ) from None

    def _sample(self) -> Sample:
        connector = self._connector = self._opened()
        try:
            if Capability.SAMPLE not in connector.capabilities:
                raise InvalidInput(
                    "Sources of this kind give no rows.",
                    path=("urn",),
                    remedy="Ask for a dataset of a database, of files or of a broker.",
                )
            if self._over.is_set():
                raise ConnectionFailed("TIMEOUT", "Nobody waits for the rows any more.", "Ask again.")
            taken = connector.sample(self._dataset, self._rows)
        finally:
            connector.close()
        return Sample(
            taken.columns,
            {name: [_cut(v) for v in values[: self._rows]] for name, values in taken.values.items()},
        )

    def interrupt(self) -> None:
        self._over.set()
        if self._connector is not None:
            self._connector.interrupt()


def _cut(value: object) -> object:
    return value[:MOST_CHARACTERS] if isinstance(value, str) else value


def _heard(work: asyncio.Future[Sample]) -> None:
    """Take note of a failure that nobody waits for any longer."""
    if not work.cancelled():
        work.exception()
