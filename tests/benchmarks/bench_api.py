"""What the API adds to the database: p50 over HTTP against the raw driver running the very same statements, in turns.

``python -m pytest tests/benchmarks/bench_api.py -s``. The server is a process of its own; one kept-alive connection asks.
The statements are recorded from one answer of the schema, then replayed in order by the driver with the same parameters.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import neo4j

from cypher.catalogue import Query
from cypher.session import GraphSession
from graph_api.context import Context
from graph_api.roots import NODE_LOADERS, product_schema
from ingest.commands import lineage
from ingest.commands.identity import create_token
from ml.embedding import OnnxEmbedder, export
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge
from schema.ids import encode_cursor
from schema.settings import Settings
from tests.conftest import Neo4jAddress
from tests.seed import fill, warehouse

ROUNDS, WARM = 150, 40
OPERATIONS = {
    "asset": """query($urn: String!) { assetByUrn(urn: $urn) { id name kind path description
        columns(first: 20) { edges { node { name dataType sensitivity } } } tags { name } } }""",
    "assets(first: 100)": "{ assets(first: 100, filter: {kinds: [DATASET]}) { edges { node { id urn name kind sensitivity } } } }",
    "impact": """query($urn: String!) { impact(urn: $urn, first: 50) {
        edges { hops node { urn name kind } path { name } } completeness { complete reason } } }""",
    "impactCount": "query($urn: String!) { impactCount(urn: $urn) { total byKind { kind count } byHop { hops count } } }",
    "search": """{ search(query: "customer e-mail", first: 20) {
        edges { score reasons { kind } node { urn name kind } } facets { kind values { value count } } } }""",
}


Work = Callable[[], Awaitable[object]]


class Recording:
    """A graph that remembers what it was asked."""

    def __init__(self, graph: GraphSession) -> None:
        self.graph = graph
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def rows(self, query: Query, /, **params: Any) -> list[dict[str, Any]]:
        self.asked.append((query.text, params))
        return await self.graph.rows(query, **params)

    async def one(self, query: Query, /, **params: Any) -> dict[str, Any] | None:
        self.asked.append((query.text, params))
        return await self.graph.one(query, **params)


@contextmanager
def served(address: Neo4jAddress, redis_url: str, **settings: str) -> Iterator[int]:
    """The port of the product on these servers, in a process of its own, with more settings by variable."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = {
        **os.environ,
        "NEO4J_URI": address.uri,
        "NEO4J_USER": address.user,
        "NEO4J_PASSWORD": address.password,
        "REDIS_URL": redis_url,
        "PURSIGHT_LOG_LEVEL": "ERROR",
        **settings,
    }
    command = [sys.executable, "-m", "graph_api.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment)
    try:
        deadline = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


class Client:
    """One kept-alive HTTP/1.1 connection, as thin as can be, so that the client's own time hardly counts."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token

    async def connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 22)

    async def asking(self, document: str, variables: dict[str, Any]) -> Work:
        """What asks that over this connection, opened now."""
        await self.connect()
        body = json.dumps({"query": document, "variables": variables}).encode()
        return lambda: self.ask(body)

    async def ask(self, body: bytes) -> dict[str, Any]:
        if self._reader.at_eof():  # the server closes what idles
            await self.connect()
        head = (
            f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:{self._port}\r\ncontent-type: application/json\r\n"
            f"accept: application/json\r\nauthorization: Bearer {self._token}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        header = await self._reader.readuntil(b"\r\n\r\n")
        length = int(header.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        answer = json.loads(await self._reader.readexactly(length))
        assert "errors" not in answer, answer
        return answer  # type: ignore[no-any-return]


async def in_turns(*works: Work, rounds: int = ROUNDS, seconds: float = math.inf) -> list[float]:
    """p50 of each, milliseconds: one round of each after the other, so that a busy machine slows all of them alike.

    As many rounds as ``seconds`` allow, one at least, after a quarter of that to warm up.
    """
    times: list[list[float]] = []
    for most, share in ((WARM, seconds / 4), (rounds, seconds)):
        times, until = [[] for _ in works], time.perf_counter() + share
        while not times[0] or (len(times[0]) < most and time.perf_counter() < until):
            for work, taken in zip(works, times, strict=True):
                start = time.perf_counter()
                await work()
                taken.append((time.perf_counter() - start) * 1000)
    return [statistics.median(taken) for taken in times]


class Measured:
    """Asks an operation over HTTP, and what it asks the graph by the raw driver."""

    def __init__(
        self,
        driver: neo4j.AsyncDriver,
        client: Client,
        graph: GraphSession,
        services: Any,
        *,
        scope: Scope = EVERYTHING,
    ) -> None:
        self.driver, self.client, self.graph, self.services, self.scope = (
            driver,
            client,
            graph,
            services,
            scope,
        )
        self.schema = product_schema(compile_after=0)

    async def report(
        self, name: str, document: str, variables: dict[str, Any], *, seconds: float = math.inf
    ) -> None:
        raw, statements = await self.replay(document, variables)
        asking = await self.client.asking(document, variables)
        driver_ms, api_ms = await in_turns(raw, asking, seconds=seconds)
        print(
            f"{name:30s} {statements} statements: raw driver {driver_ms:6.1f} ms, "
            f"API {api_ms:6.1f} ms, ratio {api_ms / driver_ms:.2f}"
        )

    async def replay(self, document: str, variables: dict[str, Any]) -> tuple[Work, int]:
        """What asks the graph by the raw driver for all that an operation asks it, and how many statements that is."""
        recording = Recording(self.graph)
        reader = Principal("bench", "bench", Role.READER, self.scope)
        context = Context(reader, recording, node_loaders=NODE_LOADERS, services=self.services)  # type: ignore[arg-type]
        answer = await self.schema.execute(document, variable_values=variables, context_value=context)
        assert not answer.errors, answer.errors

        async def raw() -> None:
            for text, params in recording.asked:
                async with self.driver.session(database="neo4j", default_access_mode="READ") as session:
                    result = await session.run(text, params)  # type: ignore[arg-type]
                    [record async for record in result]

        return raw, len(recording.asked)


NEIGHBOURS = """query($urn: String!) { assetByUrn(urn: $urn) { id name kind
    feeds(first: 20) { edges { node { asset { id urn name kind } assertions { origin transformation } } } } } }"""
PAGE = """p%d: assets(first: 100, after: "%s", filter: {kinds: [DATASET]}) {
    edges { node { id name feeds(first: 2) { edges { node { asset { id name } } } } } } }"""


async def test_what_compiled_selections_add_to_the_raw_driver(
    graph: GraphSession, admin: Principal, neo4j_server: Neo4jAddress, redis_url: str
) -> None:
    house = warehouse("bench", "", datasets=1_000, columns=4)
    await fill(graph, admin, house, embedded=False)
    hub = [LineageEdge(house.datasets[0].urn, house.datasets[100 + n].urn) for n in range(30)]
    await lineage.publish_edges(graph, admin, hub, origin=EdgeOrigin.DBT, assertion="dbt", run="r1")
    _, token = await create_token(graph, admin, name="bench", role=Role.READER, scope=EVERYTHING)
    urns = ["", *sorted(house.urn(n) for n in range(1_000))[99:-1:100]]
    pages = " ".join(PAGE % (n, encode_cursor("assets", (urn,))) for n, urn in enumerate(urns))

    driver = neo4j.AsyncGraphDatabase.driver(
        neo4j_server.uri, auth=(neo4j_server.user, neo4j_server.password)
    )
    with served(neo4j_server, redis_url) as port:
        print()
        measured = Measured(driver, Client(port, token), graph, {})
        await measured.report("one asset, 20 neighbours", NEIGHBOURS, {"urn": house.urn(0)})
        await measured.report("1,000 assets, 2 neighbours", f"{{ {pages} }}", {})
    await driver.close()


async def test_what_the_api_adds_to_the_raw_driver(
    graph: GraphSession, admin: Principal, neo4j_server: Neo4jAddress, redis_url: str
) -> None:
    house = warehouse("bench", "", datasets=400, columns=10)
    await fill(graph, admin, house)
    _, token = await create_token(graph, admin, name="bench", role=Role.READER, scope=EVERYTHING)
    cache = Settings().cache_dir
    export(cache)
    embedder = OnnxEmbedder(cache)
    urn = house.urn(0)

    driver = neo4j.AsyncGraphDatabase.driver(
        neo4j_server.uri, auth=(neo4j_server.user, neo4j_server.password)
    )
    with served(neo4j_server, redis_url) as port:
        print()
        measured = Measured(driver, Client(port, token), graph, {"embedder": embedder})
        for name, document in OPERATIONS.items():
            await measured.report(name, document, {"urn": urn} if "$urn" in document else {})
        (single,) = await in_turns(
            lambda: embedder.embed_query(f"customers who paid {time.perf_counter()}"), rounds=100
        )
        start = time.perf_counter()
        embedder([f"table of orders number {i} with customer and amount" for i in range(1_000)])
        print(
            f"embedding: one query {single:.1f} ms, {1_000 / (time.perf_counter() - start):,.0f} short texts/s"
        )
    await driver.close()
