"""How long a change of one column takes to reach 100,000 others, beside the bare driver writing as many relationships in the same run.

``python -m pytest tests/benchmarks/bench_propagation.py -s``; ``PURSIGHT_BENCH_COLUMNS`` changes the size.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import classifications
from ingest.propagation import Propagator
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import SYSTEM
from schema.settings import Settings
from tests.seed import CLASSIFIERS, know

COLUMNS = int(os.environ.get("PURSIGHT_BENCH_COLUMNS", "100000"))
WIDTH = 100  # columns of a dataset


def _query(name: str, text: str, *params: str) -> Query:
    return Query(f"bench.{name}", f"CYPHER 25 {text}", "write", frozenset(params), ("n",), 0)


NODES = _query(
    "nodes",
    """UNWIND $rows AS row
    CREATE (d:Asset:Dataset {urn: row.urn, key: row.key, kind: 'DATASET', name: 'd', sensitivity: 0, own_sensitivity: 0, domain: '', status: 'ACTIVE', version: 0})
    WITH d, row UNWIND row.columns AS c
    CREATE (d)-[:CONTAINS]->(:Asset:Column {urn: c[1], key: c[0], kind: 'COLUMN', name: 'c', sensitivity: 0, own_sensitivity: 0, domain: '', status: 'ACTIVE', version: 0})
    RETURN count(*) AS n""",
    "rows",
)
EDGES = _query(
    "edges",
    """UNWIND $rows AS row MATCH (u:Asset {key: row[0]}) MATCH (d:Asset {key: row[1]})
    CREATE (u)-[:FEEDS {assertion: 'bench', job: '', origin: 'SQL', transformation: 'IDENTITY', transformations: ['IDENTITY'], confidence: 1.0}]->(d)
    RETURN count(*) AS n""",
    "rows",
)
RAW = _query(
    "raw",
    """UNWIND $rows AS row MATCH (a:Asset {key: row}) MATCH (c:Classification {name: 'COUNTRY'})
    CREATE (a)-[:RAW {hops: [1], origins: [1], via: [1], confidences: [1.0], confidence: 1.0, origin: 'PROPAGATED', status: 'SUGGESTED',
      reason: 'inherited over 1 hop of lineage', tier: 1, valid_from: $at, recorded_at: $at, last_seen: $at}]->(c)
    RETURN count(*) AS n""",
    "rows",
    "at",
)
LEVELS = Query(
    "bench.levels",
    "CYPHER 25 MATCH (a:Column) WHERE a.sensitivity = 3 RETURN count(a) AS n",
    "read",
    frozenset(),
    ("n",),
    0,
)


def wide() -> list[tuple[int, int]]:
    """One column feeds a hundred, each of which feeds its share of all others."""
    middle = range(2, 102)
    return [(1, key) for key in middle] + [(2 + key % 100, key) for key in range(102, COLUMNS + 2)]


def deep() -> list[tuple[int, int]]:
    """A hundred layers; every column is fed by two of the layer above, so that there are very many ways and many diamonds."""
    size = COLUMNS // 100
    found = [(1, key) for key in range(2, size + 2)]
    for layer in range(1, 100):
        above, here = 2 + (layer - 1) * size, 2 + layer * size
        found += [(above + (n + step) % size, here + n) for n in range(size) for step in (0, 7)]
    return found


async def _fill(graph: GraphSession, edges: Sequence[tuple[int, int]]) -> None:
    await know(graph, CLASSIFIERS)
    rows = []
    for number in range(-(-(COLUMNS + 2) // WIDTH)):
        keys = range(max(1, number * WIDTH), min(COLUMNS + 2, (number + 1) * WIDTH))
        name = f"postgres://bench:5432~bench.public.table_{number:06}"
        columns = [[key, f"column:{name}~column_{key:06}"] for key in keys]
        rows.append({"urn": f"dataset:{name}", "key": 10**12 + number, "columns": columns})
    await _raw(graph, NODES, rows, 100)
    await _raw(graph, EDGES, [list(edge) for edge in edges], 20_000)


async def _raw(
    graph: GraphSession, query: Query, rows: Sequence[object], size: int, **params: object
) -> float:
    start = time.perf_counter()
    for at in range(0, len(rows), size):
        await graph.write("raw", lambda tx, at=at: tx.rows(query, rows=list(rows[at : at + size]), **params))  # type: ignore[misc]
    return time.perf_counter() - start


@pytest.mark.parametrize("shape", [wide, deep], ids=["wide", "deep"])
async def test_a_change_reaches_everything_downstream(graph: GraphSession, shape: object) -> None:
    edges = shape()  # type: ignore[operator]
    await _fill(graph, edges)
    propagator = Propagator(graph, Settings(query_timeout_s=30))
    await propagator.tend()  # the first one computes everything: there is nothing
    origin = "column:postgres://bench:5432~bench.public.table_000000~column_000001"
    keys = list(range(2, COLUMNS + 2))
    raw = await _raw(graph, RAW, keys, 20_000, at="2026-01-01T00:00:00+00:00")

    async def decided(status: VerdictStatus) -> float:
        start = time.perf_counter()
        await classifications.decide(graph, SYSTEM, urn=origin, classification="EMAIL", status=status)
        while await propagator.tend():
            pass
        return time.perf_counter() - start

    given = await decided(VerdictStatus.CONFIRMED)
    (row,) = await graph.rows(LEVELS)
    assert row["n"] == COLUMNS + 1
    taken = await decided(VerdictStatus.REJECTED)
    (row,) = await graph.rows(LEVELS)
    assert row["n"] == 0
    start = time.perf_counter()
    await classifications.decide(
        graph, SYSTEM, urn=origin, classification="SSN", status=VerdictStatus.REJECTED
    )
    await propagator.tend()
    nothing = time.perf_counter() - start
    print(
        f"\n{COLUMNS:,} columns, {len(edges):,} edges, {shape.__name__}: given in {given:.1f} s, withdrawn in {taken:.1f} s "  # type: ignore[attr-defined]
        f"(bare driver, as many relationships: {raw:.1f} s; ratios {given / raw:.1f} and {taken / raw:.1f}); a change that concerns nobody: {nothing * 1000:.0f} ms"
    )
