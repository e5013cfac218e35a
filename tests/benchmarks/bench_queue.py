"""What the queue costs: time per task beside a bare transaction of two writes, with few and with 10,000 runs waiting, and the order it keeps.

``python -m pytest tests/benchmarks/bench_queue.py -s``; ``PURSIGHT_BENCH_RUNS`` changes how many wait.
"""

from __future__ import annotations

import os
import statistics
import time
from collections import Counter

from cypher.catalogue import Query
from cypher.session import GraphSession, Transaction
from ingest.commands import run_tasks, runs
from ingest.orchestration.outcomes import Done
from schema.domain.dispatch import WEIGHTS, Band
from schema.domain.identity import SYSTEM, Principal
from schema.domain.workflows import Stage, Workflow
from tests.seed import register, warehouse

RUNS = int(os.environ.get("PURSIGHT_BENCH_RUNS", "10000"))
TASKS = 400
LOOK = Workflow("look", (Stage("look", "discover"),))
ROW = Query(
    "bench.write",
    "CYPHER 25 MERGE (n:Bench {id: $id}) SET n.at = timestamp() RETURN n.id AS id",
    "write",
    frozenset({"id"}),
    ("id",),
    0,
)
SOURCES = Query(
    "bench.sources",
    """CYPHER 25 UNWIND range(0, $count - 1) AS n
    CREATE (s:Asset:Source {urn: 'source:q' + n, key: 7000000000 + n, kind: 'SOURCE', name: 'q' + n, registered: true,
                            source: 'q' + n, connector: 'sqlite', config: '{}', options: '{}', sensitivity: 0, domain: ''})
    RETURN count(*) AS made""",
    "write",
    frozenset({"count"}),
    ("made",),
    0,
)


async def bare(graph: GraphSession) -> float:
    """Milliseconds of a transaction that writes one row twice over: the least that taking and settling can cost."""

    async def work(tx: Transaction) -> None:
        await tx.rows(ROW, id="one")
        await tx.rows(ROW, id="one")

    for _ in range(50):
        await graph.write("bench.bare", work)
    begun = time.perf_counter()
    for _ in range(TASKS):
        await graph.write("bench.bare", work)
    return (time.perf_counter() - begun) * 1_000 / TASKS


async def drained(graph: GraphSession, tasks: int, slots: int) -> tuple[float, list[Band]]:
    """Milliseconds per task to take and settle so many, and the bands they were of, in order."""
    bands: list[Band] = []
    begun = time.perf_counter()
    while len(bands) < tasks:
        for claimed in await run_tasks.claim(graph, worker="bench", slots=slots):
            bands.append(Band(claimed.run["band"]))
            await run_tasks.settle(graph, claimed, Done())
    return (time.perf_counter() - begun) * 1_000 / len(bands), bands


async def test_dispatch_of_many_waiting_runs(graph: GraphSession, admin: Principal) -> None:
    await register(graph, warehouse("shop", "", datasets=0, columns=0))

    async def made(tx: Transaction) -> None:
        await tx.rows(SOURCES, count=RUNS)

    await graph.write("bench.sources", made)
    order = list(Band)
    begun = time.perf_counter()
    for n in range(RUNS):
        await runs.request(graph, SYSTEM, source=f"q{n}", workflow=LOOK, band=order[n % len(order)])
    requested_ms = (time.perf_counter() - begun) * 1_000 / RUNS

    floor_ms = await bare(graph)
    await drained(graph, 40, 4)
    many_ms, bands = await drained(graph, TASKS, 4)
    shares = Counter(bands)
    await graph.schema_statement(
        "MATCH (t:RunTask {state: 'READY'}) SET t.queue = null, t.state = 'CANCELLED'"
    )
    await runs.request(graph, SYSTEM, source="shop", workflow=LOOK)
    few = []
    for _ in range(TASKS):
        begun = time.perf_counter()
        (claimed,) = await run_tasks.claim(graph, worker="bench", slots=1)
        await run_tasks.settle(graph, claimed, Done())
        few.append((time.perf_counter() - begun) * 1_000)
        await runs.request(graph, SYSTEM, source="shop", workflow=LOOK)

    expected = {band: weight / sum(WEIGHTS.values()) for band, weight in WEIGHTS.items()}
    print(f"\nrequest of a run, {RUNS} waiting at the end: {requested_ms:.1f} ms")
    print(f"bare transaction of two writes: {floor_ms:.1f} ms")
    print(f"take and settle, {RUNS} runs waiting: {many_ms:.1f} ms a task ({many_ms / floor_ms:.1f} x bare)")
    print(f"take and settle one by one, nothing else waiting: {statistics.median(few):.1f} ms a task")
    for band in Band:
        print(
            f"{band.value}: {shares[band] / len(bands):.3f} of the tasks, by its weight {expected[band]:.3f}"
        )
    assert all(abs(shares[band] / len(bands) - expected[band]) < 0.03 for band in Band)
