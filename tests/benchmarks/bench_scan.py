"""A source of many tables catalogued end to end by real worker processes: columns a second, an unchanged scan, and two workers beside one.

``python -m pytest tests/benchmarks/bench_scan.py -s``; ``PURSIGHT_BENCH_TABLES`` changes the size (5,000 tables of 20 columns),
``PURSIGHT_BENCH_ROWS`` how many rows each has (none). The tests' own Neo4j trades speed for a quick start: of a size that takes minutes
measure with ``PURSIGHT_TEST_NEO4J_URI`` on one that runs as installed. On a machine that is not idle look at the time of the processor.
"""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import psycopg
import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import scans, sources
from ingest.worker import ArqQueue, worker
from schema.domain.identity import Principal
from schema.domain.sources import ScanOptions, SourceSpec
from schema.settings import Settings
from tests.servers import postgres_server, server_folder

TABLES = int(os.environ.get("PURSIGHT_BENCH_TABLES", "5000"))
ROWS = int(os.environ.get("PURSIGHT_BENCH_ROWS", "0"))
COLUMNS = 20
RUN = Query(
    "bench.run",
    "CYPHER 25 MATCH (r:Run {id: $id}) RETURN properties(r) AS run, "
    "[(r)-[:HAS_TASK]->(t)-[:TRIED]->(a) | {stage: t.stage, ms: a.took_ms}] AS tasks",
    "read",
    frozenset({"id"}),
    ("run", "tasks"),
    1000,
)


@pytest.mark.timeout(3_600)
async def test_many_tables_of_postgresql(
    graph: GraphSession, admin: Principal, redis_url: str, tmp_path: Path
) -> None:
    config = Settings(data_dir=tmp_path / "data", allow_private_sources=True)
    with server_folder() as folder, postgres_server(folder) as server:
        address = f"host={server.host} port={server.port} user={server.user}"
        with psycopg.connect(address, password=server.password, dbname="postgres", autocommit=True) as made:
            names = [
                "customer_id",
                "email",
                "first_name",
                "city",
                "zip_code",
                "created_at",
                "amount",
                "status",
                "note",
                "phone",
            ]
            columns = ", ".join(
                f"{names[n % len(names)]}_{n} {'integer' if n % 3 == 0 else 'text'}" for n in range(COLUMNS)
            )
            for start in range(0, TABLES, 500):
                made.execute(
                    "; ".join(
                        f"CREATE TABLE t{n:05} ({columns})" for n in range(start, min(start + 500, TABLES))
                    )
                )
            values = ", ".join("g" if n % 3 == 0 else f"'value {n} of ' || g" for n in range(COLUMNS))
            for n in range(TABLES if ROWS else 0):
                made.execute(f"INSERT INTO t{n:05} SELECT {values} FROM generate_series(1, {ROWS}) g")
        settings = {"host": server.host, "port": server.port, "user": server.user}
        spec = SourceSpec(
            "bench",
            "postgres",
            settings | {"password": server.password, "database": "postgres"},
            options=ScanOptions(embed=False),
        )
        await sources.register(graph, admin, spec, config=config)
        first = await scanned(graph, admin, redis_url, config)
        again = await scanned(graph, admin, redis_url, config)

    columns_in_all = TABLES * COLUMNS
    print(
        f"\n{TABLES} tables, {columns_in_all} columns: {first:.1f} s, {columns_in_all / first:.0f} columns/s"
    )
    print(f"unchanged: {again:.1f} s, {first / again:.1f} x faster")


async def scanned(graph: GraphSession, admin: Principal, redis_url: str, config: Settings) -> float:
    """Seconds from the request of a scan to its end; prints the time of its stages."""
    begun, busy = time.perf_counter(), _cpu_s()
    run = await scans.request(graph, admin, source="bench")
    queue = ArqQueue(redis_url)
    await queue.signal()
    await queue.close()
    working = worker(graph, redis_url=redis_url, config=config, embedder=None, burst=True)
    await working.main()
    took = time.perf_counter() - begun
    await working.close()
    row = await graph.one(RUN, id=run)
    assert row is not None
    assert row["run"]["state"] == "SUCCEEDED", row["run"]
    stages: dict[str, float] = {}
    for task in row["tasks"]:
        stages[task["stage"]] = stages.get(task["stage"], 0) + task["ms"] / 1_000
    told = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in stages.items())
    print(f"  {told}; processor of the worker {_cpu_s() - busy:.1f} s, load {os.getloadavg()[0]:.1f}")
    return took


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
