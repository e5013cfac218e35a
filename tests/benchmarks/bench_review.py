"""Pages of the review queue at size, by every filter and as readers of one domain or a low clearance, over HTTP and by the raw driver in turns.

``python -m pytest tests/benchmarks/bench_review.py -s``; ``PURSIGHT_BENCH_SUGGESTIONS`` changes the size.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j

from cypher.catalogue import Query
from cypher.review import reads
from cypher.session import GraphSession
from ingest.commands.identity import create_token
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.ids import encode_cursor
from tests.benchmarks.bench_api import Client, Measured, in_turns, served
from tests.conftest import Neo4jAddress
from tests.seed import CLASSIFIERS, know

SUGGESTIONS = int(os.environ.get("PURSIGHT_BENCH_SUGGESTIONS", "100000"))
SOURCES, DOMAINS, SCHEMAS = 20, 5, 10
COLUMNS, SUGGESTED, BATCH = 25, 10, 200  # of a dataset, of its columns, datasets a transaction
WARM_SECONDS, SECONDS = 1.0, 1.5  # of each kind of page
_VERDICT = "{status: 'SUGGESTED', origin: 'RULE', tier: 1, confidence: col.confidence, reason: 'bench', run: 'r', valid_from: $at, recorded_at: $at, recorded_run: 'r', last_seen: $at}"
# Places as the product computes them; the rest as scans leave it, as far as the queue reads it.
FILL = Query(
    "bench.suggestions",
    f"""CYPHER 25
UNWIND $rows AS row
MERGE (s:Asset {{urn: row.source}}) ON CREATE SET s += row.common, s:Source, s.kind = 'SOURCE', s.key = row.key + 2000000000
MERGE (b:Asset {{urn: row.database}}) ON CREATE SET b += row.common, b.kind = 'DATABASE', b.key = row.key + 3000000000
MERGE (h:Asset {{urn: row.schema}}) ON CREATE SET h += row.common, h.kind = 'SCHEMA', h.key = row.key + 4000000000
MERGE (s)-[:CONTAINS]->(b) MERGE (b)-[:CONTAINS]->(h)
CREATE (h)-[:CONTAINS]->(d:Asset:Dataset {{urn: row.dataset, key: row.key + 1000000000, kind: 'DATASET', name: 'd'}})
SET d += row.common
WITH d, row UNWIND row.columns AS col
CREATE (d)-[:CONTAINS]->(a:Asset:Column {{urn: col.urn, key: col.key, kind: 'COLUMN', name: col.name, reach: col.reach}})
SET a += row.common, a.sensitivity = col.sensitivity
WITH a, col WHERE col.classification IS NOT NULL
MATCH (c:Classification {{name: col.classification}})
CREATE (a)-[v:CLASSIFIED_AS {_VERDICT}]->(c)
WITH a, v, c
"""
    + (Path(reads.__file__).parent / "_place.cypher").read_text("utf-8")
    + "RETURN count(*) AS n",
    "write",
    frozenset({"rows", "at"}),
    ("n",),
    0,
)
OWN = Query(
    "bench.own",
    "CYPHER 25 UNWIND $rows AS row MATCH (a:Asset {urn: row.urn}) MERGE (p:Person {name: row.owner}) CREATE (p)-[:OWNS]->(a)",
    "write",
    frozenset({"rows"}),
    (),
    0,
)
PAGE = """query ($f: ReviewFilter, $a: String) { reviewQueue(filter: $f, first: 50, after: $a) {
  edges { node { urn score verdict { confidence reason classification { name } } %s } } } }"""
PLAIN, WHOLE = PAGE % "", PAGE % "downstream sensitivityIfConfirmed sensitivityIfRejected asset { name path }"


def datasets(suggestions: int) -> Iterator[dict[str, Any]]:
    """Rows of ``FILL``: confidences from 0.3 on, more of them sure than not, as scans give them."""
    chance = random.Random(7)
    for n in range(suggestions // SUGGESTED):
        source = n % SOURCES
        place = f"postgres://s{source}:5432~shop"
        schema = f"{place}.h{n // SOURCES % SCHEMAS}"
        columns = []
        for key in range(n * COLUMNS + 1, (n + 1) * COLUMNS + 1):
            held = CLASSIFIERS[key % len(CLASSIFIERS)] if key % COLUMNS < SUGGESTED else None
            columns.append(
                {
                    "key": key,
                    "urn": f"column:{schema}.t{n}~c{key}",
                    "name": f"c{key}",
                    "reach": 1.0 + chance.randrange(50) / 10,
                    "sensitivity": int(held.sensitivity) if held else 0,
                    "classification": held.name if held else None,
                    "confidence": round(0.3 + 0.7 * chance.random() ** 0.5, 3),
                }
            )
        yield {
            "key": n,
            "source": f"source:s{source}",
            "database": f"database:{place}",
            "schema": f"schema:{schema}",
            "dataset": f"dataset:{schema}.t{n}",
            "common": {
                "source": f"s{source}",
                "domain": f"d{source % DOMAINS}",
                "status": "ACTIVE",
                "sensitivity": 0,
                "own_sensitivity": 0,
                "version": 0,
            },
            "columns": columns,
        }


async def filled(graph: GraphSession, suggestions: int) -> list[dict[str, Any]]:
    """The catalogue, whose rows are returned, and owners of a dataset and of a source."""
    await know(graph, CLASSIFIERS)
    rows = list(datasets(suggestions))
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        await graph.write(
            "bench.fill", lambda tx, some=some: tx.rows(FILL, rows=some, at="2026-01-01T00:00:00+00:00")
        )  # type: ignore[misc]
    own = [
        {"owner": "small@example.com", "urn": rows[0]["dataset"]},
        {"owner": "large@example.com", "urn": rows[0]["source"]},
    ]
    await graph.write("bench.own", lambda tx: tx.rows(OWN, rows=own))
    await graph.schema_statement("CALL db.prepareForReplanning(60)")
    return rows


async def test_pages_of_the_queue(
    graph: GraphSession, admin: Principal, neo4j_server: Neo4jAddress, redis_url: str
) -> None:
    begun = time.perf_counter()
    rows = await filled(graph, SUGGESTIONS)
    took = time.perf_counter() - begun
    print(
        f"\n{SUGGESTIONS:,} suggestions on {len(rows) * COLUMNS:,} columns, filled in {took:.0f} s; pages of 50"
    )
    deep = await reads.queue(graph, EVERYTHING, reads.ReviewFilter(), first=min(10_000, SUGGESTIONS // 2))
    after = {"a": encode_cursor("reviewQueue", reads.place(deep[-1]))}
    one, ssn, identity = {"source": "s3"}, {"classification": "SSN"}, {"category": "identity"}
    pages: list[tuple[str, dict[str, Any]]] = [
        ("first page", {}),
        (f"after {len(deep):,}", after),
        *(
            (name, {"f": given})
            for name, given in (
                ("of a source", one),
                ("of a classification", ssn),
                ("of both", one | ssn),
                ("of a category", identity),
                *(
                    (f"confidence from {least}", {"minConfidence": least})
                    for least in (0.5, 0.9, 0.99, 0.999)
                ),
                ("from 0.99, of a source", one | {"minConfidence": 0.99}),
                ("from 0.99, of a classification", ssn | {"minConfidence": 0.99}),
                ("from 0.99, of both", one | ssn | {"minConfidence": 0.99}),
                ("under a dataset", {"under": rows[3]["dataset"]}),
                ("under a schema", {"under": rows[3]["schema"]}),
                ("under a database", {"under": rows[3]["database"]}),
                ("under a source", {"under": rows[3]["source"]}),
                ("of who owns a dataset", {"owner": "small@example.com"}),
                ("of who owns a source", {"owner": "large@example.com"}),
            )
        ),
    ]
    driver = neo4j.AsyncGraphDatabase.driver(
        neo4j_server.uri, auth=(neo4j_server.user, neo4j_server.password)
    )
    with served(neo4j_server, redis_url) as port:

        async def measured(scope: Scope) -> Measured:
            _, token = await create_token(graph, admin, name="bench", role=Role.READER, scope=scope)
            return Measured(driver, Client(port, token), graph, {}, scope=scope)

        everything = await measured(EVERYTHING)
        for _, variables in pages:  # the server compiles what is asked often
            raw, _ = await everything.replay(PLAIN, variables)
            await in_turns(raw, seconds=WARM_SECONDS)
        for name, variables in pages:
            await everything.report(name, PLAIN, variables, seconds=SECONDS)
        await everything.report("with what a decision does", WHOLE, {}, seconds=SECONDS)
        for name, scope in (
            ("to a reader of one domain", Scope(4, ("d3",))),
            ("to a low clearance", Scope(1)),
        ):
            await (await measured(scope)).report(name, PLAIN, {}, seconds=SECONDS)
    await driver.close()
