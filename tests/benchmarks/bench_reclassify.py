"""One changed classifier that concerns one column in a hundred: judging that anew beside a whole scan in the same run.

``python -m pytest tests/benchmarks/bench_reclassify.py -s``; ``PURSIGHT_BENCH_TABLES`` changes the size (600 tables of 20 columns and 500 rows in
one DuckDB file). Look at the ratio: both run with one worker process, one after the other, on the same machine.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import duckdb
import pytest

from cypher.catalogue import Query
from cypher.reclassification import reads
from cypher.session import GraphSession
from ingest.commands import classifiers, scans, sources
from ingest.commands import reclassification as commands
from ingest.reclassification import current_basis, look_through
from ingest.worker import ArqQueue, worker
from schema.domain.identity import EVERYTHING, Principal
from schema.domain.sources import ScanOptions, SourceSpec
from schema.settings import Settings

TABLES = int(os.environ.get("PURSIGHT_BENCH_TABLES", "600"))
NAMES = (
    "id", "email", "first_name", "city", "zip_code", "created_at", "amount", "status", "note", "phone",
    "quantity", "country", "is_active", "url", "ip_address", "order_no", "weight", "sku", "comment", "updated_at",
)  # fmt: skip
RUN = Query(
    "bench.run", "CYPHER 25 MATCH (r:Run {id: $id}) RETURN properties(r) AS run", "read", frozenset({"id"}), ("run",), 1000
)  # fmt: skip
HELMET = """\
name: HELMET
title: Helmet number
description: The number on the helmet of an employee.
category: EMPLOYMENT
sensitivity: 2
group: HELMET
names:
  strong: [helmet no]
values:
  - {pattern: 'H-[0-9]{6}'}
closed: true
examples:
  names: [helmet_no]
"""


def fill(file: Path) -> None:
    """Every fifth table has a column ``helmet_no`` in place of ``sku``: one column in a hundred."""
    with duckdb.connect(str(file)) as made:
        for n in range(TABLES):
            columns = [
                "'H-' || lpad(CAST(i AS VARCHAR), 6, '0') AS helmet_no"
                if name == "sku" and n % 5 == 0
                else f"'{name} ' || CAST(i * {n + 7} AS VARCHAR) AS {name}"
                for name in NAMES
            ]
            made.execute(f"CREATE TABLE t{n:05} AS SELECT {', '.join(columns)} FROM range(500) AS r(i)")


@pytest.mark.timeout(3_600)
async def test_one_classifier_beside_a_whole_scan(
    graph: GraphSession, admin: Principal, redis_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "shop.duckdb"
    fill(file)
    config = Settings(data_dir=tmp_path / "data", local_files=(tmp_path,), classify_tiers="rules")
    options = ScanOptions(embed=False, lineage=False, profile=False, usage=False)
    spec = SourceSpec("shop", "duckdb", {"path": str(file)}, options=options)
    await sources.register(graph, admin, spec, config=config)

    async def took(run: str) -> tuple[float, dict[str, int]]:
        start = time.perf_counter()
        queue = ArqQueue(redis_url)
        await queue.signal()
        await queue.close()
        working = worker(graph, redis_url=redis_url, config=config, embedder=None, burst=True)
        await working.main()
        await working.close()
        spent = time.perf_counter() - start
        row = await graph.one(RUN, id=run)
        assert row is not None
        assert row["run"]["state"] == "SUCCEEDED", row
        return spent, {k.removeprefix("count_"): v for k, v in row["run"].items() if k.startswith("count_")}

    await took(await scans.request(graph, admin, source="shop"))  # what is imported and compiled once
    await graph.schema_statement("MATCH (d:Dataset) SET d.fingerprint = 'other'")
    whole, counted = await took(await scans.request(graph, admin, source="shop"))
    assert counted["changed"] == TABLES
    unchanged, _ = await took(await scans.request(graph, admin, source="shop"))

    await classifiers.save(graph, admin, text=HELMET)
    basis = await current_basis(graph, config.classify_tiers)
    start = time.perf_counter()
    found = [each async for some, _ in look_through(graph, "shop", basis, mark=False) for each in some]
    looked = time.perf_counter() - start
    assert len(found) == -(-TABLES // 5)
    preview, told = await took(await commands.request(graph, admin, source="shop", dry_run=True))
    again, written = await took(await commands.request(graph, admin, source="shop"))
    assert written["columns"] == told["columns"] == len(found)
    assert await reads.state(graph, basis.ident, EVERYTHING) == []
    print(
        f"\n{TABLES:,} tables, {TABLES * len(NAMES):,} columns, {written['columns']:,} concerned in {written['datasets']:,} tables: "
        f"a whole scan {whole:.1f} s, an unchanged one {unchanged:.1f} s; found in the graph in {looked:.2f} s; "
        f"preview {preview:.1f} s, judged anew {again:.1f} s: {whole / again:.1f} times faster than the scan"
    )
