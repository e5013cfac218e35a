"""A source that evolves between scans: what its versions tell, and the incident that a renamed column opens."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cypher.incidents import reads as incident_reads
from cypher.schemas import reads
from cypher.session import GraphSession
from ingest.commands import incidents
from schema.domain.identity import EVERYTHING, Principal
from schema.settings import Settings
from tests.ingest.test_scan import query, registered, scanned, shop

__all__ = ["shop"]  # a fixture
CUSTOMER = query("MATCH (d:Dataset {path: 'main.Customer'}) RETURN d.urn AS urn")
EDITS = (
    ("ALTER TABLE Customer ADD COLUMN city TEXT", ["ADDED"]),
    ("ALTER TABLE Customer RENAME COLUMN note TO customer_note", ["RENAMED"]),
    ("ALTER TABLE Customer DROP COLUMN customer_note", ["REMOVED"]),
)


@pytest.mark.parametrize("sample_rows", [0, 20])
async def test_each_scan_after_an_edit_makes_the_version_that_tells_of_it(
    graph: GraphSession,
    admin: Principal,
    redis_url: str,
    config: Settings,
    shop: Path,
    sample_rows: int,
) -> None:
    await registered(graph, admin, config, shop, sample_rows=sample_rows)
    await scanned(graph, admin, redis_url, config)
    await scanned(graph, admin, redis_url, config)
    runs = []
    for statement, _ in EDITS:
        with sqlite3.connect(shop) as db:
            db.execute(statement)
        runs.append((await scanned(graph, admin, redis_url, config))["id"])

    urn = (await graph.rows(CUSTOMER))[0]["urn"]
    history = (await reads.histories(graph, [urn], EVERYTHING))[urn]
    assert [version.run for version in history.versions[1:]] == runs
    found = [[change.kind.value for change in history.changes(v)] for v in history.versions]
    assert found == [[], *(kinds for _, kinds in EDITS)]

    for run in runs:
        await incidents.open_for_schema_changes(graph, admin, run=str(run))
    opened = await incident_reads.page(
        graph, EVERYTHING, dataset=urn, states=None, key=None, backward=False, first=10
    )
    assert [each["version"] for each in opened] == [4, 3]
