"""The product's API on a filled store of large_graph.py, ready to be asked and measured."""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import neo4j
import psutil

from cypher.session import GraphSession
from graph_api.stack.redis import EmbeddedRedis
from ingest.commands.identity import create_token, revoke_token
from schema.domain.identity import EVERYTHING, SYSTEM, Role
from tests.benchmarks.bench_api import Client, Work, served
from tests.benchmarks.large_graph import SEED, Manifest, filled, patient, store
from tests.conftest import Neo4jAddress

TIMEOUT_S = 120  # of reads: a walk is measured to its end, not to where the product would cut it
READY_S = 600


def body(document: str, variables: dict[str, str] | None = None) -> bytes:
    return json.dumps({"query": document, "variables": variables or {}}).encode()


@dataclass(slots=True)
class Running:
    """One filled store with the API on it."""

    manifest: Manifest
    address: Neo4jAddress
    driver: neo4j.AsyncDriver
    graph: GraphSession
    port: int
    token: str
    process: psutil.Process

    async def asking(self, document: str, variables: dict[str, str]) -> Work:
        """What asks that over a connection of its own."""
        return await Client(self.port, self.token).asking(document, variables)

    async def raw(self, text: str, **params: object) -> list[neo4j.Record]:
        async with self.driver.session(
            database="neo4j", default_access_mode="READ", fetch_size=-1
        ) as session:
            return [record async for record in await session.run(text, params)]

    def memory(self) -> float:
        """MiB of the API's process and of what it started."""
        all_of = [self.process, *self.process.children(recursive=True)]
        return float(sum(each.memory_info().rss for each in all_of)) / (1 << 20)


@contextmanager
def api(address: Neo4jAddress) -> Iterator[tuple[int, psutil.Process, float, float]]:
    """Port and process of the API, seconds until it answered at all and until it was ready for everything."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder)) as redis:
        start, before = time.perf_counter(), {child.pid for child in psutil.Process().children()}
        with served(address, redis.url, PURSIGHT_QUERY_TIMEOUT_S=str(TIMEOUT_S)) as port:
            process = next(child for child in psutil.Process().children() if child.pid not in before)
            answers = time.perf_counter() - start
            while not _ready(port):
                assert time.perf_counter() - start < READY_S, "the API does not become ready"
                time.sleep(0.05)
            yield port, process, answers, time.perf_counter() - start


def _ready(port: int) -> bool:
    """Whether every check of /readyz holds and, unless ``PURSIGHT_ADJACENCY=off`` is given, the edges are in memory."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            pass  # anything but 200 is raised
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            held = re.search(rb"^pursight_adjacency_edges ([\d.e+]+)", answer.read(), re.MULTILINE)
    except (urllib.error.URLError, OSError):
        return False
    return os.environ.get("PURSIGHT_ADJACENCY") == "off" or (held is not None and float(held[1]) > 0)


@asynccontextmanager
async def running(folder: Path, datasets: int) -> AsyncIterator[Running]:
    """The folder's store, filled, with the API on it."""
    with store(folder) as address:
        manifest = await filled(address, folder, datasets, SEED)
        found = Neo4jAddress(*address, "neo4j")
        graph = patient(address)
        ident, token = await create_token(graph, SYSTEM, name="bench", role=Role.READER, scope=EVERYTHING)
        driver = neo4j.AsyncGraphDatabase.driver(found.uri, auth=(found.user, found.password))
        try:
            with api(found) as (port, process, answers, ready):
                of = Running(manifest, found, driver, graph, port, token, process)
                print(
                    f"  start: answers after {answers:.1f} s, ready after {ready:.1f} s; {of.memory():.0f} MiB"
                )
                yield of
        finally:
            await revoke_token(graph, SYSTEM, ident=ident)
            await driver.close()
            await graph.close()
