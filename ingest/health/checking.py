"""What a worker does for the health of sources every few seconds: checks that are due are made, and what they found is kept.

Of workers side by side one takes each check, under a lease. A source in a blackout and one whose circuit is open are looked at without
being asked anything. Checks have threads of their own, so that a source that does not answer takes none from the scans.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import structlog

from cypher.health import reads
from cypher.session import GraphSession
from ingest.commands import health
from ingest.commands.health import Checked
from ingest.commands.sources import open_source
from ingest.connectors.base import Connector
from ingest.health.facts import blacked_out
from ingest.orchestration.holds import breaker_of
from ingest.orchestration.rules import plan_of
from ingest.progress import Progressor
from schema.domain.retries import Circuit, circuit
from schema.errors import ConnectionFailed, PursightError
from schema.ports import Clock, SystemClock
from schema.settings import Settings

_AT_ONCE = 8
_CLOCK = SystemClock()
_log = structlog.get_logger("pursight.health")


class Checker:
    """The checks of one worker process."""

    def __init__(self, graph: GraphSession, config: Settings, progressor: Progressor) -> None:
        self._graph, self._config, self._progressor = graph, config, progressor
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="health")

    async def tend(self, *, clock: Clock = _CLOCK) -> int:
        """Make the checks that are due, and forget old hours; returns how many sources were looked at. Fails for nothing foreseen."""
        try:
            due = await reads.due(self._graph, first=_AT_ONCE)
            done = await asyncio.gather(*(self._look(row, clock) for row in due))
            await health.prune(self._graph, self._config, clock=clock)
        except PursightError as error:
            _log.warning("sources were not checked", code=error.code)
            return 0
        return sum(done)

    def close(self) -> None:
        """Wait for no check that still runs."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _look(self, row: Mapping[str, Any], clock: Clock) -> bool:
        try:
            taken = await health.take(self._graph, urn=row["urn"], due_ms=row["due_ms"])
            if taken is None:
                return False
            source, now = taken
            found = await self._check(source) if _may(source, now) else None
            if found is not None and found.failure is not None:
                _log.info("a check failed", source=source["name"], cause=found.cause)
            await health.settle(self._graph, urn=source["urn"], found=found, config=self._config, clock=clock)
        except PursightError as error:  # when the lease ends, it is due again
            _log.warning("a source was not checked", urn=row["urn"], code=error.code)
            return False
        await self._progressor.health_changed()
        return True

    async def _check(self, source: Mapping[str, Any]) -> Checked:
        opened: list[Connector] = []

        def attempt() -> float:
            connector = open_source(source["connector"], json.loads(source["config"]), self._config)
            opened.append(connector)
            try:
                return connector.check().latency_ms
            finally:
                connector.close()

        limit_s = 2 * self._config.source_timeout_s + 5  # to connect, and to be asked
        try:
            async with asyncio.timeout(limit_s):
                latency_ms = await asyncio.get_running_loop().run_in_executor(self._threads, attempt)
        except TimeoutError:
            for connector in opened:
                await asyncio.get_running_loop().run_in_executor(None, connector.interrupt)
            return Checked(failure=ConnectionFailed("TIMEOUT", "The source did not answer in time.", ""))
        except PursightError as error:
            return Checked(failure=error)
        except Exception as error:
            # The text of an unexpected error may quote a secret, so only its type is told.
            _log.error("a check broke", source=source["name"], error=type(error).__name__)
            return Checked(failure=ConnectionFailed("UNKNOWN", "The check broke.", ""))
        return Checked(round(latency_ms, 1))


def _may(source: Mapping[str, Any], now: datetime) -> bool:
    plan = plan_of(source.get("plan"))
    rests = circuit(breaker_of(source.get("breaker")), now) is Circuit.OPEN
    return bool(plan.check_every_s and not blacked_out(plan, now) and not rests)
