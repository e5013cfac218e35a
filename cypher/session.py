"""The one object that speaks Bolt: database, routing, time-out, name and span on every statement; retries in one place."""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

import neo4j
import structlog
from neo4j import exceptions
from opentelemetry import trace

from cypher.catalogue import Query
from cypher.outage import Outage, unavailable
from schema.errors import CommitUnknown, GraphUnavailable, QueryTimeout
from schema.ids import dataset_of
from schema.settings import Settings

_T = TypeVar("_T")
_tracer = trace.get_tracer("pursight.cypher")
_log = structlog.get_logger("pursight.cypher")
_SLOW_MS = 500.0
_MOST_CONNECTIONS = 50
_LONGEST_PAUSE_S = 1.0
_WRITE_PAUSE_S = 0.1
# How much later than its own time limit a server that lives tells of it.
_SILENT_S = 2.0
# A server that has just started takes seconds for its first handshake.
_PROBE_S = 15.0
_UNREACHABLE = (
    exceptions.ServiceUnavailable,
    exceptions.SessionExpired,
    exceptions.ConnectionAcquisitionTimeoutError,
)
_UNAVAILABLE = (*_UNREACHABLE, exceptions.TransientError, exceptions.AuthError)
_TIMED_OUT = "TransactionTimedOut"

Observer = Callable[[str, float], None]


class Transaction:
    """One open write transaction. Handed to the work of ``GraphSession.write``; never kept."""

    def __init__(self, tx: neo4j.AsyncManagedTransaction) -> None:
        self._tx = tx
        self.touched: set[str] = set()
        self.touched_below: set[str] = set()
        self.marked: set[int] = set()

    def touch(self, urns: Iterable[str], *, below: bool = False) -> None:
        """Tell that assets, or edges that reach them, are written: for what is kept in memory of them.

        A column stands for its dataset, and a dataset for its columns too; ``below`` for all that is contained.
        """
        (self.touched_below if below else self.touched).update(map(dataset_of, urns))

    def mark(self, keys: Iterable[int]) -> None:
        """Tell that what these columns say, or what feeds them, is something else now: for what is inherited from them."""
        self.marked.update(keys)

    async def rows(self, query: Query, /, **params: Any) -> list[dict[str, Any]]:
        """Run ``query`` inside the transaction; raise ``TypeError`` on a wrong parameter set."""
        _check(query, params)
        result = await self._tx.run(query.text, params)
        return await _collect(result)

    async def one(self, query: Query, /, **params: Any) -> dict[str, Any] | None:
        """The only row of ``query``, or None."""
        rows = await self.rows(query, **params)
        return rows[0] if rows else None


class GraphSession:
    """A pooled connection to one database, shared by a whole process and safe for concurrent tasks."""

    def __init__(
        self,
        driver: neo4j.AsyncDriver,
        database: str,
        outage: Outage,
        *,
        read_timeout_s: float = 5.0,
        write_timeout_s: float = 60.0,
        retry_time_s: float = 2.0,
        observer: Observer | None = None,
    ) -> None:
        self._driver, self._database, self._outage = driver, database, outage
        self._read_timeout_s, self._write_timeout_s, self._retry_time_s = (
            read_timeout_s,
            write_timeout_s,
            retry_time_s,
        )
        # Whoever is patient waits for the outage to end, not for the driver to try ever more seldom.
        self._driver_retries_s = retry_time_s
        self._observer = observer
        # Whoever finds all connections taken waits his turn; the driver would take that for a server that is down.
        self._slots = asyncio.Semaphore(_MOST_CONNECTIONS)
        # Reads of this process see its own writes, also on another member of a cluster.
        self._bookmarks = neo4j.AsyncGraphDatabase.bookmark_manager()

    def patient(self, retry_time_s: float) -> GraphSession:
        """The same connections for whoever would rather wait longer for a server that is away than fail; not to be closed."""
        other = copy.copy(self)
        other._retry_time_s = max(retry_time_s, self._retry_time_s)
        return other

    async def close(self) -> None:
        await self._outage.close()
        await self._driver.close()

    async def rows(self, query: Query, /, **params: Any) -> list[dict[str, Any]]:
        """Rows of a reading query, each a dict by column name.

        Raises ``QueryTimeout`` past the time limit, ``GraphUnavailable`` where the server cannot be reached.
        """
        _check(query, params)
        return await self._read(query.name, query.text, params)

    async def one(self, query: Query, /, **params: Any) -> dict[str, Any] | None:
        """The only row of ``query``, or None."""
        rows = await self.rows(query, **params)
        return rows[0] if rows else None

    async def _read(self, name: str, text: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        # Auto-commit spares the BEGIN and COMMIT round trips of a managed transaction; so transient errors are retried here.
        statement = neo4j.Query(text, metadata={"query": name}, timeout=self._read_timeout_s)

        async def ask() -> list[dict[str, Any]]:
            async with (
                self._slots,
                self._driver.session(
                    database=self._database,
                    default_access_mode=neo4j.READ_ACCESS,
                    bookmark_manager=self._bookmarks,
                    fetch_size=-1,
                ) as session,
            ):
                return await _collect(await session.run(statement, dict(params)))

        deadline = time.monotonic() + self._retry_time_s
        pause = 0.02
        with self._observed(name):
            while True:
                await self._outage.over(deadline)
                try:
                    async with asyncio.timeout(self._outage.left_s(self._read_timeout_s + _SILENT_S)):
                        return await self._outage.first(name, ask)
                except TimeoutError:
                    self._outage.begin()
                    raise unavailable() from None
                except (exceptions.DriverError, exceptions.Neo4jError) as error:
                    mapped = self._mapped(error)
                    if (
                        not error.is_retryable()
                        or _TIMED_OUT in _code(error)
                        or time.monotonic() + pause > deadline
                    ):
                        raise mapped from error
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def write(self, name: str, work: Callable[[Transaction], Awaitable[_T]]) -> _T:
        """Run ``work`` in one transaction, again on transient errors; so ``work`` must not touch anything but the transaction.

        Raises what ``work`` raises (and rolls back), ``GraphUnavailable`` where the server cannot be reached.
        """

        @neo4j.unit_of_work(metadata={"query": name}, timeout=self._write_timeout_s)
        async def managed(tx: neo4j.AsyncManagedTransaction) -> _T:
            return await work(Transaction(tx))

        deadline = time.monotonic() + self._retry_time_s
        with self._observed(name):
            while True:
                await self._outage.over(deadline)
                try:
                    async with (
                        self._slots,
                        self._driver.session(
                            database=self._database,
                            default_access_mode=neo4j.WRITE_ACCESS,
                            bookmark_manager=self._bookmarks,
                            max_transaction_retry_time=self._driver_retries_s,
                        ) as session,
                    ):
                        return await session.execute_write(managed)
                except (exceptions.DriverError, exceptions.Neo4jError) as error:
                    mapped = self._mapped(error)
                    # A wrong password gets no better by being told again, and the server locks out whoever does.
                    passes = isinstance(mapped, GraphUnavailable) and not isinstance(
                        error, exceptions.AuthError
                    )
                    if not passes or time.monotonic() > deadline:
                        raise mapped from error
                await asyncio.sleep(_WRITE_PAUSE_S)

    async def schema_statement(self, text: str) -> None:
        """Run one DDL or backfill statement of a migration in its own transaction."""
        async with (
            self._slots,
            self._driver.session(database=self._database, bookmark_manager=self._bookmarks) as session,
        ):
            result = await session.run(neo4j.Query(text))
            await result.consume()

    def _mapped(self, error: exceptions.DriverError | exceptions.Neo4jError) -> Exception:
        """What the caller may know of a driver error; anything that is our own mistake stays as it is and is masked above."""
        code = _code(error)
        if _TIMED_OUT in code:
            if self._outage.recent:
                return unavailable()
            return QueryTimeout(
                "The query ran into its time limit.",
                remedy="Ask for less: fewer hops, a smaller page, a filter.",
            )
        if isinstance(error, _UNREACHABLE) or "DatabaseUnavailable" in code:
            self._outage.begin()
        if isinstance(error, exceptions.IncompleteCommit):
            return CommitUnknown(
                "The graph database did not confirm the change.",
                remedy="Read whether it is there, then try again.",
            )
        if isinstance(error, _UNAVAILABLE) or "TransactionStartFailed" in code:
            return unavailable()
        return error

    def _observed(self, name: str) -> _Observed:
        return _Observed(name, self._observer)


class _Observed:
    """Span, slow-query log and metric of one call; never the parameters."""

    __slots__ = ("_name", "_observer", "_span", "_start")

    def __init__(self, name: str, observer: Observer | None) -> None:
        self._name, self._observer = name, observer

    def __enter__(self) -> None:
        self._span = _tracer.start_span(
            self._name,
            kind=trace.SpanKind.CLIENT,
            attributes={"db.system.name": "neo4j", "db.query.summary": self._name},
        )
        self._start = time.perf_counter()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: object) -> None:
        seconds = time.perf_counter() - self._start
        if error is not None:
            self._span.set_attribute("error.type", getattr(error, "code", type(error).__name__))
        self._span.end()
        if seconds * 1000 > _SLOW_MS:
            _log.warning("slow query", query=self._name, ms=round(seconds * 1000))
        if self._observer is not None:
            self._observer(self._name, seconds)


def _check(query: Query, params: Mapping[str, Any]) -> None:
    if params.keys() != query.params:
        raise TypeError(f"{query.name}: wrong parameters {sorted(params.keys() ^ query.params)}")


async def _collect(result: neo4j.AsyncResult) -> list[dict[str, Any]]:
    keys = result.keys()
    return [dict(zip(keys, record.values(), strict=True)) async for record in result]


def _code(error: exceptions.DriverError | exceptions.Neo4jError) -> str:
    return str(getattr(error, "code", "") or "")


def open_graph(
    uri: str,
    user: str,
    password: str,
    *,
    database: str,
    settings: Settings,
    observer: Observer | None = None,
    yields_s: float = 0.0,
) -> GraphSession:
    """A session on ``uri``; connects at first use, so that a process can answer before the server is up.

    After an outage a process that ``yields_s`` begins again so many seconds later at most.
    """

    def connect(patience_s: float, connections: int) -> neo4j.AsyncDriver:
        return neo4j.AsyncGraphDatabase.driver(
            uri,
            auth=(user, password) if password else None,
            # With the driver's own defaults a read hangs for half a minute while the server is down.
            max_transaction_retry_time=settings.retry_time_s,
            connection_acquisition_timeout=patience_s,
            connection_timeout=3.0,
            max_connection_pool_size=connections,
            user_agent="pursight",
            notifications_min_severity="OFF",
        )

    return GraphSession(
        connect(max(2.0, settings.retry_time_s), _MOST_CONNECTIONS),
        database,
        Outage(lambda: connect(_PROBE_S, 1), database, yields_s=yields_s),
        read_timeout_s=settings.query_timeout_s,
        write_timeout_s=settings.write_timeout_s,
        retry_time_s=settings.retry_time_s,
        observer=observer,
    )
