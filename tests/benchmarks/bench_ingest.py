"""Ingest rate of the commands against a bare ``UNWIND … MERGE`` of the same nodes, edges and properties in the same run.

``python -m pytest tests/benchmarks/bench_ingest.py -s``; ``PURSIGHT_BENCH_DATASETS`` changes the size.
"""

from __future__ import annotations

import os
import time

from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands.catalog import publish_datasets
from ingest.commands.lineage import publish_edges
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.identity import SYSTEM
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.domain.platforms import column_urn, dataset_urn

DATASETS = int(os.environ.get("PURSIGHT_BENCH_DATASETS", "3000"))
COLUMNS = 25
SPACE, RAW_SPACE = "postgres://bench:5432", "postgres://raw:5432"

RAW_NODES = Query(
    "bench.raw_nodes",
    """CYPHER 25 UNWIND $rows AS row
    MERGE (d:Asset {urn: row.urn}) SET d:Dataset, d += row.props
    WITH d, row UNWIND row.columns AS col
    MERGE (c:Asset {urn: col.urn}) SET c:Column, c += col.props
    MERGE (d)-[:CONTAINS]->(c)
    RETURN count(c) AS n""",
    "write",
    frozenset({"rows"}),
    ("n",),
    0,
)
RAW_EDGES = Query(
    "bench.raw_edges",
    """CYPHER 25 UNWIND $rows AS row
    MATCH (u:Asset {urn: row.up}) MATCH (d:Asset {urn: row.down})
    MERGE (u)-[e:FEEDS {assertion: row.props.assertion}]->(d) SET e += row.props
    RETURN count(e) AS n""",
    "write",
    frozenset({"rows"}),
    ("n",),
    0,
)


def dataset(number: int) -> DiscoveredDataset:
    name = f"table_{number:06}"
    return DiscoveredDataset(
        urn=dataset_urn(SPACE, f"bench.public.{name}"),
        path=("bench", "public", name),
        columns=tuple(
            DiscoveredColumn(f"column_{i}", "character varying(100)", True, i + 1) for i in range(COLUMNS)
        ),
        comment="A table of the benchmark.",
        row_count=number,
    )


def edges(space: str) -> list[LineageEdge]:
    urns = [dataset_urn(space, f"bench.public.table_{i:06}") for i in range(DATASETS)]
    pairs = [(urns[(i * 7) // 11], urns[i]) for i in range(1, DATASETS)]
    level = [LineageEdge(up, down, (Transformation.EXPRESSION,)) for up, down in pairs if up != down]
    columns = [
        LineageEdge(
            column_urn(up, f"column_{c}"), column_urn(down, f"column_{c}"), (Transformation.IDENTITY,)
        )
        for up, down in pairs
        for c in range(COLUMNS)
        if up != down
    ]
    return level + columns


def raw_row(number: int) -> dict[str, object]:
    urn = f"dataset:{RAW_SPACE}~bench.public.table_{number:06}"
    props = {"kind": "DATASET", "name": f"table_{number:06}", "path": f"bench.public.table_{number:06}", "row_count": number,
             "namespace": RAW_SPACE, "platform": "postgres", "source": "raw", "comment": "A table of the benchmark.",
             "name_lower": f"table_{number:06}", "search_text": "table", "status": "ACTIVE", "sensitivity": 0, "domain": "", "key": 10**15 + number * 1000}  # fmt: skip
    columns = [
        {
            "urn": f"column:{RAW_SPACE}~bench.public.table_{number:06}~column_{i}",
            "props": {
                **props,
                "kind": "COLUMN",
                "name": f"column_{i}",
                "name_lower": f"column_{i}",
                "search_text": "column",
                "data_type": "character varying(100)",
                "nullable": True,
                "ordinal": i,
                "key": 10**15 + number * 1000 + i + 1,
            },
        }
        for i in range(COLUMNS)
    ]
    return {"urn": urn, "props": props, "columns": columns}


async def test_ingest_rate_against_raw_unwind(graph: GraphSession) -> None:
    assets = DATASETS * (COLUMNS + 1)
    warm = [dataset(i) for i in range(200)]
    await publish_datasets(graph, SYSTEM, warm, run="warm", by="bench")
    await graph.write("w", lambda tx: tx.rows(RAW_NODES, rows=[raw_row(i) for i in range(200)]))

    start = time.perf_counter()
    rows = [raw_row(i) for i in range(DATASETS)]
    for at in range(0, DATASETS, 200):
        await graph.write("raw", lambda tx, at=at: tx.rows(RAW_NODES, rows=rows[at : at + 200]))  # type: ignore[misc]
    raw_assets = assets / (time.perf_counter() - start)

    everything = [dataset(i) for i in range(DATASETS)]
    start = time.perf_counter()
    await publish_datasets(graph, SYSTEM, everything, run="r", by="bench")
    our_assets = assets / (time.perf_counter() - start)

    drawn = edges(RAW_SPACE)
    start = time.perf_counter()
    stored = {"assertion": "raw", "job": "", "origin": "SQL", "transformation": "IDENTITY", "transformations": ["IDENTITY"],
              "confidence": 1.0, "author": "system", "first_seen": "2026-01-01", "last_seen": "2026-01-01", "run": "r"}  # fmt: skip
    shaped = [{"up": str(e.upstream), "down": str(e.downstream), "props": stored} for e in drawn]
    for at in range(0, len(shaped), 10_000):
        await graph.write("raw", lambda tx, at=at: tx.rows(RAW_EDGES, rows=shaped[at : at + 10_000]))  # type: ignore[misc]
    raw_edges = len(drawn) / (time.perf_counter() - start)

    drawn = edges(SPACE)
    start = time.perf_counter()
    await publish_edges(graph, SYSTEM, drawn, origin=EdgeOrigin.SQL, assertion="source:bench", run="r")
    our_edges = len(drawn) / (time.perf_counter() - start)

    print(
        f"\n{assets:,} assets: commands {our_assets:,.0f}/s, raw UNWIND {raw_assets:,.0f}/s, ratio {our_assets / raw_assets:.2f}"
    )
    print(
        f"{len(drawn):,} edges: commands {our_edges:,.0f}/s, raw UNWIND {raw_edges:,.0f}/s, ratio {our_edges / raw_edges:.2f}"
    )
