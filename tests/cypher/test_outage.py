"""What readers and writers get while the server is away, silent or has just come back; a proxy stands in for its death."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from cypher import outage, session
from cypher.catalogue import Query
from cypher.outage import answering_within
from cypher.session import GraphSession, Transaction, open_graph
from schema.errors import GraphUnavailable
from schema.settings import Settings
from tests.conftest import Neo4jAddress

PATIENCE_S, MARGIN_S = 0.6, 1.5
ONE = Query("test", "CYPHER 25 RETURN 1 AS one", "read", frozenset(), ("one",), 1000)
SLOW = Query(
    "test",
    "CYPHER 25 UNWIND range(1, 30000) AS a UNWIND range(1, 30000) AS b RETURN sum(a * b % 7) AS one",
    "read",
    frozenset(),
    ("one",),
    1000,
)

RUNNING = Query(
    "test.running",
    "CYPHER 25 SHOW TRANSACTIONS YIELD metaData WHERE metaData.query = $name RETURN count(*) AS questions",
    "read",
    frozenset({"name"}),
    ("questions",),
    1000,
)


class Line:
    """The way to the server: ``up``, cut (``down``) or ``silent``; ``opened`` counts who came."""

    def __init__(self, address: Neo4jAddress) -> None:
        host, _, port = address.uri.rpartition("//")[2].rpartition(":")
        self._there = (host, int(port))
        self._address, self.state, self.opened = address, "up", 0
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Line:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()

    def cut(self) -> None:
        self.state = "down"
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def open(self, **settings: Any) -> GraphSession:
        port = self._server.sockets[0].getsockname()[1]
        there = self._address
        own = Settings(retry_time_s=PATIENCE_S, **settings)
        return open_graph(
            f"bolt://127.0.0.1:{port}", there.user, there.password, database=there.database, settings=own
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        self._writers.add(writer)
        if self.state == "down":
            writer.transport.abort()
            return
        answers, questions = await asyncio.open_connection(*self._there)
        self._writers.add(questions)
        await asyncio.gather(
            self._pass(reader, questions), self._pass(answers, writer), return_exceptions=True
        )

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                if self.state != "silent":
                    writer.write(data)
                    await writer.drain()
        finally:
            writer.transport.abort()


@asynccontextmanager
async def line(address: Neo4jAddress, **settings: Any) -> AsyncIterator[tuple[Line, GraphSession]]:
    async with Line(address) as way:
        graph = way.open(**settings)
        try:
            yield way, graph
        finally:
            await graph.close()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


async def refused(graph: GraphSession) -> None:
    with pytest.raises(GraphUnavailable):
        await graph.rows(ONE)


async def written(tx: Transaction) -> int:
    row = await tx.one(ONE)
    assert row is not None
    return int(row["one"])


async def test_hundred_requests_while_the_server_is_away_are_refused_in_time_and_one_probe_asks_for_it(
    neo4j_server: Neo4jAddress,
) -> None:
    async with line(neo4j_server) as (way, graph):
        await graph.rows(ONE)
        way.cut()
        await refused(graph)
        before = way.opened
        with within(PATIENCE_S + MARGIN_S):
            await asyncio.gather(*(refused(graph) for _ in range(100)))
        assert way.opened - before < 20

        way.state = "up"
        while True:
            try:
                assert await graph.rows(ONE) == [{"one": 1}]
                break
            except GraphUnavailable:
                continue


async def test_who_is_patient_reads_and_writes_once_the_server_is_back(neo4j_server: Neo4jAddress) -> None:
    async with line(neo4j_server) as (way, graph):
        await graph.rows(ONE)
        way.cut()
        await refused(graph)
        patient = graph.patient(60)
        reading = asyncio.create_task(patient.rows(ONE))
        writing = asyncio.create_task(patient.write("test", written))
        await refused(graph)
        assert not reading.done()
        assert not writing.done()
        way.state = "up"
        assert await reading == [{"one": 1}]
        assert await writing == 1


async def test_a_server_that_falls_silent_is_given_up_a_little_after_the_time_a_query_may_take(
    neo4j_server: Neo4jAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_SILENT_S", 0.3)
    async with line(neo4j_server, query_timeout_s=0.5) as (way, graph):
        await graph.rows(ONE)
        way.state = "silent"
        with within(0.8 + MARGIN_S):
            await refused(graph)
        with within(PATIENCE_S + MARGIN_S):
            await refused(graph)
        way.cut()


async def test_after_a_restart_what_takes_too_long_is_unavailable_and_no_fault_of_the_question(
    neo4j_server: Neo4jAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "_RESTART_S", 0.0)
    async with line(neo4j_server) as (way, graph):
        await graph.rows(ONE)
        way.cut()
        await refused(graph)
        way.state = "up"
        assert await graph.patient(60).rows(ONE) == [{"one": 1}]
        with within(0.5 + MARGIN_S), answering_within(0.5), pytest.raises(GraphUnavailable):
            await graph.rows(SLOW)


async def test_after_a_restart_each_question_is_asked_once_to_its_end_however_many_give_up_on_it(
    neo4j_server: Neo4jAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "_RESTART_S", 0.0)
    slow = replace(SLOW, name=f"test.{uuid.uuid4().hex}")
    async with line(neo4j_server) as (way, graph):
        await graph.rows(ONE)
        way.cut()
        await refused(graph)
        way.state = "up"
        await graph.patient(60).rows(ONE)
        with answering_within(0.3):
            answers = await asyncio.gather(*(graph.rows(slow) for _ in range(20)), return_exceptions=True)
        assert {type(answer) for answer in answers} == {GraphUnavailable}
        assert await graph.rows(RUNNING, name=slow.name) == [{"questions": 1}]
        assert await graph.rows(ONE) == [{"one": 1}]


async def test_after_a_restart_what_people_asked_last_is_asked_before_they_ask_again(
    neo4j_server: Neo4jAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "_RESTART_S", 0.0)
    text = SLOW.text.replace("30000) AS b", "500) AS b")
    name = f"test.{uuid.uuid4().hex}"
    async with line(neo4j_server, query_timeout_s=60) as (way, graph):
        with answering_within(60):
            await graph.rows(replace(SLOW, name=name, text=text))
        way.cut()
        await refused(graph)
        way.state = "up"
        await graph.patient(60).rows(ONE)
        assert await graph.rows(RUNNING, name=name) == [{"questions": 1}]


async def test_a_patient_writer_with_a_wrong_password_is_told_at_once_and_does_not_lock_the_account(
    neo4j_server: Neo4jAddress,
) -> None:
    async with Line(replace(neo4j_server, password="wrong")) as way:
        graph = way.open()
        with within(5), pytest.raises(GraphUnavailable):
            await graph.patient(60).write("test", written)
        assert way.opened <= 2
        await graph.close()
