"""Pages of the review queue at size, over HTTP, beside the raw driver running the very same statements in turns.

``python -m pytest tests/benchmarks/bench_review.py -s``; ``PURSIGHT_BENCH_SUGGESTIONS`` changes the size.
"""

from __future__ import annotations

import os
from pathlib import Path

import neo4j

from cypher.catalogue import Query
from cypher.review import reads
from cypher.session import GraphSession
from ingest.commands.identity import create_token
from schema.domain.identity import EVERYTHING, Principal, Role
from schema.ids import encode_cursor
from tests.benchmarks.bench_api import Client, Measured, served
from tests.conftest import Neo4jAddress
from tests.seed import CLASSIFIERS, know

SUGGESTIONS = int(os.environ.get("PURSIGHT_BENCH_SUGGESTIONS", "100000"))
SOURCES, WIDTH, BATCH = 20, 50, 5_000
SECONDS = 3.0  # of each kind of page
# Confidences from 0.3 on, more of them sure than not, as scans give them; places as the product computes them.
FILL = Query(
    "bench.suggestions",
    """CYPHER 25
UNWIND $rows AS row
MERGE (d:Asset {urn: row.dataset})
  ON CREATE SET d:Dataset, d.key = row.key + 1000000000, d.kind = 'DATASET', d.name = 'd', d.source = row.source, d.sensitivity = 0, d.own_sensitivity = 0,
    d.domain = '', d.status = 'ACTIVE', d.version = 0
CREATE (d)-[:CONTAINS]->(a:Asset:Column {urn: row.dataset + '~c' + row.key, key: row.key, kind: 'COLUMN', name: 'c' + row.key, source: row.source, sensitivity: 0,
  own_sensitivity: 0, domain: '', status: 'ACTIVE', version: 0, reach: 1.0 + row.key % 50 / 10.0})
WITH a, row
MATCH (c:Classification {name: row.classification})
CREATE (a)-[v:CLASSIFIED_AS {status: 'SUGGESTED', origin: 'RULE', tier: 1, confidence: row.confidence, reason: 'bench', run: 'r', valid_from: '2026-01-01T00:00:00+00:00', recorded_at: '2026-01-01T00:00:00+00:00',
  recorded_run: 'r', last_seen: '2026-01-01T00:00:00+00:00'}]->(c)
WITH a, v, c
"""
    + (Path(reads.__file__).parent / "_place.cypher").read_text("utf-8")
    + "RETURN count(*) AS n",
    "write",
    frozenset({"rows"}),
    ("n",),
    0,
)
PAGE = """query ($f: ReviewFilter, $a: String) { reviewQueue(filter: $f, first: 50, after: $a) {
  edges { node { urn score verdict { confidence reason classification { name } } %s } } } }"""
PLAIN, WHOLE = PAGE % "", PAGE % "downstream sensitivityIfConfirmed sensitivityIfRejected asset { name path }"


async def test_pages_of_the_queue(
    graph: GraphSession, admin: Principal, neo4j_server: Neo4jAddress, redis_url: str
) -> None:
    await know(graph, CLASSIFIERS)
    names = [each.name for each in CLASSIFIERS]
    for start in range(0, SUGGESTIONS, BATCH):
        rows = [
            {
                "key": key + 1,
                "dataset": f"dataset:postgres://s{key // WIDTH % SOURCES}:5432~shop.t{key // WIDTH}",
                "source": f"s{key // WIDTH % SOURCES}",
                "classification": names[key % len(names)],
                "confidence": round(0.3 + 0.7 * (key * 2654435761 % 1000 / 1000) ** 0.5, 3),
            }
            for key in range(start, min(start + BATCH, SUGGESTIONS))
        ]
        await graph.write("bench.fill", lambda tx, rows=rows: tx.rows(FILL, rows=rows))  # type: ignore[misc]
    deep = await reads.queue(graph, EVERYTHING, reads.ReviewFilter(), first=min(10_000, SUGGESTIONS))
    after = encode_cursor("reviewQueue", reads.place(deep[-1]))
    _, token = await create_token(graph, admin, name="bench", role=Role.READER, scope=EVERYTHING)
    driver = neo4j.AsyncGraphDatabase.driver(
        neo4j_server.uri, auth=(neo4j_server.user, neo4j_server.password)
    )
    with served(neo4j_server, redis_url) as port:
        print(f"\n{SUGGESTIONS:,} suggestions, pages of 50")
        measured = Measured(driver, Client(port, token), graph, {})
        await measured.report("first page", PLAIN, {}, seconds=SECONDS)
        await measured.report("after 10,000", PLAIN, {"a": after}, seconds=SECONDS)
        await measured.report("with what a decision does", WHOLE, {}, seconds=SECONDS)
        await measured.report("of one source", PLAIN, {"f": {"source": "s3"}}, seconds=SECONDS)
        await measured.report("of a classification", PLAIN, {"f": {"classification": "SSN"}}, seconds=SECONDS)
        await measured.report(
            "of both", PLAIN, {"f": {"source": "s3", "classification": "SSN"}}, seconds=SECONDS
        )
        await measured.report(
            "of a dataset",
            PLAIN,
            {"f": {"under": deep[0]["urn"].rpartition("~")[0].replace("column:", "dataset:")}},
            seconds=SECONDS,
        )
        for least in (0.9, 0.99, 0.999):
            await measured.report(
                f"confidence from {least}", PLAIN, {"f": {"minConfidence": least}}, seconds=SECONDS
            )
    await driver.close()
