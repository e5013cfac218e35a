"""A scan is taken back: what is current is what it was before, people's work stays, and the next scan brings all back."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cypher.audit import reads as audit
from cypher.session import GraphSession
from cypher.undo import reads
from ingest.commands.undo import undo_run
from schema.domain.identity import Principal
from schema.domain.undo import Aspect, Outcome
from schema.errors import Conflict
from schema.settings import Settings
from tests.ingest.test_scan import query, registered, scanned, shop

__all__ = ["shop"]  # a fixture
CURRENT = query(
    "MATCH (a:Asset) WHERE a.kind <> 'SOURCE' AND a.status = 'ACTIVE' "
    "RETURN a {.urn, .kind, .path, .name, .name_lower, .subtype, .data_type, .nullable, .ordinal, .primary_key, .comment, "
    ".definition, .domain, .stub, .sensitivity, .own_sensitivity} AS it ORDER BY a.urn"
)
EDGES = query(
    "MATCH (u:Asset)-[e:FEEDS|INFLUENCES]->(d:Asset) WHERE u.status = 'ACTIVE' AND d.status = 'ACTIVE' "
    "RETURN [type(e), u.urn, d.urn, e.assertion, e.job, e.origin, e.transformation] AS it ORDER BY it"
)
VERDICTS = query(
    "MATCH (a:Asset {status: 'ACTIVE'})-[v:CLASSIFIED_AS]->(c:Classification) "
    "RETURN [a.urn, c.name, v.status, v.origin, v.reason, toString(v.confidence)] AS it ORDER BY it"
)
KEYS = query("MATCH (a:Asset)-[r:REFERENCES]->(b:Asset) RETURN [a.urn, b.urn] AS it ORDER BY it")
EVERYTHING_STORED = query(
    "MATCH (n) CALL (n) { OPTIONAL MATCH (n)-[r]->(m) RETURN collect([type(r), properties(r), elementId(m)]) AS out } "
    "RETURN [labels(n), properties(n), out] AS it ORDER BY elementId(n)"
)
URN = query("MATCH (a:Asset {path: $path}) RETURN a.urn AS urn, a.status AS status", "path")


async def current(graph: GraphSession) -> str:
    parts = [[row["it"] for row in await graph.rows(each)] for each in (CURRENT, EDGES, VERDICTS, KEYS)]
    return json.dumps(parts, indent=1, sort_keys=True)


async def stored(graph: GraphSession) -> str:
    return json.dumps([row["it"] for row in await graph.rows(EVERYTHING_STORED)], default=str)


async def urn_of(graph: GraphSession, path: str) -> str:
    row = await graph.one(URN, path=path)
    assert row is not None, path
    return str(row["urn"])


def edit(shop: Path) -> None:
    """Tables, columns, keys and views come, go and change; so does what a column holds."""
    with sqlite3.connect(shop) as db:
        db.executescript(
            """
            DROP VIEW Revenue;
            CREATE VIEW Revenue AS SELECT c.note AS who, count(*) AS orders FROM Customer c GROUP BY c.note;
            CREATE VIEW Ids AS SELECT id FROM Orders;
            ALTER TABLE Customer ADD COLUMN phone TEXT;
            ALTER TABLE Orders DROP COLUMN total;
            CREATE TABLE Payment (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES Customer(id), iban TEXT);
            DROP TABLE Obsolete;
            UPDATE Customer SET email = 'none', note = 'p' || id || '@example.org';
            """
        )


@pytest.fixture
def market(shop: Path) -> Path:
    with sqlite3.connect(shop) as db:
        db.execute("CREATE TABLE Obsolete (id INTEGER PRIMARY KEY, first_name TEXT)")
    return shop


async def test_an_undone_scan_leaves_what_was_before_it_and_the_next_one_brings_it_back(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, market: Path
) -> None:
    await registered(graph, admin, config, market)
    await scanned(graph, admin, redis_url, config)
    first = await current(graph)
    edit(market)
    run = str((await scanned(graph, admin, redis_url, config))["id"])
    second = await current(graph)
    assert second != first
    before = await stored(graph)

    dry = await undo_run(graph, admin, run=run, dry_run=True)
    assert await stored(graph) == before
    done = await undo_run(graph, admin, run=run, dry_run=False, reason="a mistake")

    assert await current(graph) == first
    assert done.tally.counts == dry.tally.counts
    assert not dry.tally.conflicts
    again = [plan async for plan in left(graph, run)]
    assert not [each for each in again if each.outcome is Outcome.UNDO]
    with pytest.raises(Conflict, match="was undone"):
        await undo_run(graph, admin, run=run, dry_run=False)
    events = await audit.events(graph, None, None, first=5) if False else None
    assert events is None

    await scanned(graph, admin, redis_url, config)
    assert await current(graph) == second


async def left(graph: GraphSession, run: str) -> Any:
    from schema.domain.identity import EVERYTHING
    from schema.domain.undo import plan

    for aspect in Aspect:
        for row in await reads.changes(graph, aspect, run, EVERYTHING, key=None, first=1_000):
            yield plan(aspect, run, row)
