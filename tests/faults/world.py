"""One graph, one Redis and the sources, for all scenarios of a run; each scenario begins with an empty graph."""

from __future__ import annotations

import asyncio
import os
import random
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis.asyncio

import ingest.workflows
from cypher.catalogue import Query
from cypher.migrate import migrate
from cypher.session import GraphSession, open_graph
from graph_api.stack.neo4j import EmbeddedNeo4j
from graph_api.stack.redis import EmbeddedRedis
from ingest.commands import runs, workflows
from ingest.commands import sources as registry
from ingest.worker import ArqQueue
from schema.domain.identity import EVERYTHING, Principal, Role
from schema.domain.scans import FINAL, RunState
from schema.errors import PursightError
from schema.settings import Settings
from tests.conftest import Neo4jAddress, empty
from tests.faults.fleet import Fleet, Slot
from tests.faults.history import History
from tests.faults.sources import Size, Sources, sources

ADMIN = Principal(id="person:ada", name="Ada", role=Role.ADMIN, scope=EVERYTHING)
LONGEST_SCAN_S = 600.0
HASTY, HASTE_S = "hasty", 20
BUILT_IN_FILE = Path(ingest.workflows.__file__).with_name("scan.yaml")
_STATES = Query(
    "faults.states",
    "CYPHER 25 MATCH (r:Run) RETURN r.id AS id, r.state AS state",
    "read",
    frozenset(),
    ("id", "state"),
    1_000,
)
_HOLDERS = Query(
    "faults.holders",
    "CYPHER 25 MATCH (t:RunTask {state: 'RUNNING'}) WITH t.worker AS worker, max(t.tries) AS tries WHERE tries < 2 RETURN worker",
    "read",
    frozenset(),
    ("worker",),
    1_000,
)
_SOURCE_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class World:
    """What scenarios act upon. ``rng`` is seeded, so that faults strike at the same moments each time."""

    folder: Path
    neo4j: EmbeddedNeo4j | Neo4jAddress
    redis: EmbeddedRedis
    graph: GraphSession
    config: Settings
    sources: Sources
    rng: random.Random


@dataclass(slots=True)
class Scan:
    """A scan of many sources while faults strike: the workers, the history, the runs that were acknowledged."""

    world: World
    fleet: Fleet
    history: History
    runs: dict[str, str] = field(default_factory=dict)
    took_s: float = 0.0

    async def states(self) -> Mapping[str, RunState]:
        """State by run; raises ``GraphUnavailable`` while it is."""
        return {row["id"]: RunState(row["state"]) for row in await self.world.graph.rows(_STATES)}

    async def busy(self) -> Slot:
        """A worker that holds tasks, none of them for the last time, at random; waits until there is one.

        What becomes of a task whose workers die each time is another scenario.
        """
        while True:
            with suppress(PursightError):
                held = {int(row["worker"].split(":")[1]) for row in await self.world.graph.rows(_HOLDERS)}
                at_work = [s for s in self.fleet.slots if s.worker in held and not s.stalled]
                if at_work:
                    return self.world.rng.choice(at_work)
            await asyncio.sleep(0.05)

    async def over(self, limit_s: float = LONGEST_SCAN_S) -> bool:
        """Wait until all runs are; false after ``limit_s``."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            with suppress(PursightError):
                states = await self.states()
                if states.keys() >= self.runs.keys() and all(state in FINAL for state in states.values()):
                    return True
            await asyncio.sleep(0.2)
        return False


Nemesis = Callable[[Scan], Awaitable[None]]


@asynccontextmanager
async def world(
    size: Size, folder: Path, *, seed: int = 1, neo4j: Neo4jAddress | None = None
) -> AsyncIterator[World]:
    """Servers and sources in ``folder``; where no ``neo4j`` is given, one that scenarios may kill."""
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "files"
    files.mkdir()
    config = Settings(
        data_dir=folder / "data",
        cache_dir=Settings().cache_dir,
        allow_private_sources=True,
        local_files=(files,),
        source_timeout_s=_SOURCE_TIMEOUT_S,
    )
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(sources(size, files))
        redis_server = EmbeddedRedis(folder / "servers")
        await asyncio.to_thread(redis_server.start)
        stack.callback(redis_server.stop)
        server = neo4j
        if server is None:
            server = EmbeddedNeo4j(folder / "servers", memory="small", short_lived=True)
            await asyncio.to_thread(server.start)
            stack.callback(server.stop)
        client = Settings(query_timeout_s=30, retry_time_s=2)
        graph = open_graph(
            server.uri, server.user, server.password, database=server.database, settings=client
        )
        stack.push_async_callback(graph.close)
        await migrate(graph)
        yield World(folder, server, redis_server, graph, config, found, random.Random(seed))


@asynccontextmanager
async def scanning(
    world: World,
    name: str,
    *,
    variables: Mapping[int, Mapping[str, str]] | None = None,
    workers: int = 4,
) -> AsyncIterator[Scan]:
    """All sources registered in an empty graph, workers that wait, nothing asked for yet."""
    await empty(world.graph)
    async with redis.asyncio.from_url(world.redis.url) as client:
        await client.flushall()
    found = world.sources
    for spec in filter(None, (*found.specs, *found.poisons, found.huge, found.ledger)):
        await registry.register(world.graph, ADMIN, spec, config=world.config)
    history = History(world.folder / "logs" / name / "history.jsonl")
    fleet = Fleet(
        environment(world), world.folder / "logs" / name, history, workers=workers, variables=variables
    )
    try:
        async with fleet:
            yield Scan(world, fleet, history)
    finally:
        history.close()


async def hasty(scan: Scan) -> None:
    """Save ``HASTY``, the workflow of scans that have little time to read."""
    text = BUILT_IN_FILE.read_text("utf-8")
    for stage, usual in (("discover", "6h"), ("examine", "2h")):
        text = re.sub(rf"({stage}:\n(?:    .*\n)*?    timeout: ){usual}", rf"\g<1>{HASTE_S}s", text)
    text = text.replace("workflow: scan\n", f"workflow: {HASTY}\n")
    await workflows.save(scan.world.graph, ADMIN, text=text)


async def ask(scan: Scan, names: Collection[str], *, workflow: str = "") -> None:
    """Ask for scans of the sources with these names, one after the other, and signal each as the API does."""
    queue = ArqQueue(scan.world.redis.url)
    for name in names:
        run = await runs.request(scan.world.graph, ADMIN, source=name, workflow=workflow)
        scan.runs[run] = name
        scan.history.note("client", "asked", [name, run])
        await queue.signal()
    await queue.close()


async def struck(scan: Scan, nemesis: Nemesis | None, names: Collection[str], *, workflow: str = "") -> bool:
    """Ask for scans of the sources with these names and let faults strike until all runs are over; false where they never are."""
    begun = time.monotonic()
    await ask(scan, names, workflow=workflow)
    striking = asyncio.create_task(nemesis(scan)) if nemesis else None
    whole = await scan.over()
    scan.took_s = time.monotonic() - begun
    if striking is not None:
        if striking.done():
            striking.result()
        striking.cancel()
        await asyncio.gather(striking, return_exceptions=True)
    return whole


def environment(world: World) -> Mapping[str, str]:
    """Of a process of the product on the world's servers. A worker that starts again finds compiled what the first one imported, as where it is
    installed, whatever this machine prefers.
    """
    own = ("PURSIGHT_", "NEO4J_", "REDIS_", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(own)}
    config = world.config
    return kept | {
        "NEO4J_URI": world.neo4j.uri,
        "NEO4J_USER": world.neo4j.user,
        "NEO4J_PASSWORD": world.neo4j.password,
        "REDIS_URL": world.redis.url,
        "PURSIGHT_DATA_DIR": str(config.data_dir),
        "PURSIGHT_CACHE_DIR": str(config.cache_dir),
        "PURSIGHT_ALLOW_PRIVATE_SOURCES": "1",
        "PURSIGHT_LOCAL_FILES": f'["{config.local_files[0]}"]',
        "PURSIGHT_SOURCE_TIMEOUT_S": str(config.source_timeout_s),
    }
