"""One real Neo4j and one real Redis for the whole run, emptied between tests without restarting them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

from cypher.migrate import migrate
from cypher.session import GraphSession, open_graph
from graph_api.logs import configure
from graph_api.stack.neo4j import EmbeddedNeo4j
from graph_api.stack.redis import EmbeddedRedis
from schema.domain.identity import EVERYTHING, Principal, Role
from schema.settings import Settings

# Begun in this order, before all other files. First what keeps time, beside files that ask no server for anything; then what takes minutes
# in few tests: at the end the second process would have nothing else to do meanwhile.
FIRST = (
    "contracts/test_cypher.py",
    "ml/classify/test_classifiers.py",
    "ingest/sql_lineage/test_silence.py",
    "ingest/formats/test_openlineage.py",
    "ml/classify/test_engine.py",
    "ml/classify/test_tiers.py",
    "graph_api/test_access.py",
    "graph_api/stack/test_supervisor.py",
    "graph_api/cli/test_demo.py",
    "faults/test_faults.py",
    "graph_api/cli/test_scans.py",
    "ingest/connectors/test_stores.py",
    "ingest/test_undo.py",
    "ingest/test_scan.py",
    "cypher/adjacency/test_live.py",
    "graph_api/test_wrong_input.py",
    "graph_api/compiled/test_differential.py",
    "graph_api/cli/test_review.py",
    "graph_api/stack/test_servers.py",
    "graph_api/test_round_trips.py",
)

configure(Settings(log_json=True, log_level="ERROR"))
# A busy machine is no bug of what is tested.
hypothesis.settings.register_profile("pursight", deadline=None)
hypothesis.settings.load_profile("pursight")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of ``FIRST`` first, then those of the most tests."""
    here = Path(__file__).parent
    tests = Counter(item.path for item in items)
    places = {here / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: (places.get(item.path, len(FIRST)), -tests[item.path], item.path))


@dataclass(frozen=True)
class Neo4jAddress:
    uri: str
    user: str
    password: str
    database: str


class SharedNeo4j(EmbeddedNeo4j):
    """The product's server for many tests: it keeps its plans while they empty and fill the graph, and collects garbage with one thread.

    It would otherwise plan a query anew whenever the counts differ by much, which is in nearly every test. Tests of plans ask for new ones
    by ``db.prepareForReplanning``.
    """

    def configuration(self) -> dict[str, str]:
        return super().configuration() | {
            "dbms.cypher.min_replan_interval": "1h",
            "server.memory.query_cache.per_db_cache_num_entries": "5000",
        }

    def jvm_flags(self) -> Sequence[str]:
        return ("-XX:+UseSerialGC",)


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jAddress]:
    """A real Neo4j; ``PURSIGHT_TEST_NEO4J_URI`` names one to reuse, whose data the tests delete."""
    if uri := os.environ.get("PURSIGHT_TEST_NEO4J_URI"):
        yield Neo4jAddress(uri, "neo4j", os.environ.get("PURSIGHT_TEST_NEO4J_PASSWORD", ""), "neo4j")
        return
    # It lives for twenty minutes: compiled as installed, it takes less processor time than one that is made to start quickly.
    with SharedNeo4j(tmp_path_factory.mktemp("neo4j"), memory="small") as server:
        yield Neo4jAddress(server.uri, server.user, server.password, server.database)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real Redis."""
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture
async def redis_url(redis_server: str) -> str:
    """An empty Redis."""
    import redis.asyncio

    client = redis.asyncio.from_url(redis_server)
    await client.flushall()
    await client.aclose()
    return redis_server


@pytest.fixture(scope="session")
async def migrated(neo4j_server: Neo4jAddress) -> AsyncIterator[GraphSession]:
    """The session's graph with all migrations applied; shared, so use ``graph``."""
    address = neo4j_server
    generous = Settings(query_timeout_s=30, retry_time_s=5)
    graph = open_graph(
        address.uri, address.user, address.password, database=address.database, settings=generous
    )
    await migrate(graph)
    yield graph
    await graph.close()


async def empty(graph: GraphSession) -> None:
    """Delete all data but the record of migrations, and set the audit heads back to the start."""
    await graph.schema_statement(
        "CYPHER 25 MATCH (n) WHERE NOT n:Migration AND NOT n:AuditHead "
        "CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS"
    )
    await graph.schema_statement(f"CYPHER 25 MATCH (h:AuditHead) SET h.seq = 0, h.hash = '{'0' * 64}'")


@pytest.fixture
async def graph(migrated: GraphSession) -> GraphSession:
    """An empty, migrated graph."""
    await empty(migrated)
    return migrated


@pytest.fixture
def admin() -> Principal:
    return Principal(id="person:ada", name="Ada", role=Role.ADMIN, scope=EVERYTHING)


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    """Settings of a test of its own folder, allowed to reach the servers that the tests start."""
    return Settings(
        data_dir=tmp_path / "data",
        cache_dir=Settings().cache_dir,
        allow_private_sources=True,
        local_files=(tmp_path,),
        source_timeout_s=5,
    )
