"""Scans follow the vocabulary in force, from one run to the next."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from cypher.session import GraphSession
from ingest.commands import classifiers, thresholds
from schema.domain.identity import Principal
from schema.settings import Settings
from tests.graph_api.classifications.test_vocabulary import HELMET
from tests.ingest.test_scan import query, registered, scanned, shop

__all__ = ["shop"]  # fixture
VERDICTS = query(
    "MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) "
    "RETURN a.path AS path, c.name AS name, v.classifier_version AS version, v.auto_accepted AS accepted ORDER BY path"
)


async def found(graph: GraphSession) -> dict[str, Any]:
    return {row["path"]: row for row in await graph.rows(VERDICTS)}


async def test_a_scan_follows_what_was_saved_switched_off_and_deleted_since_the_last_one(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    with sqlite3.connect(shop) as db:
        db.execute("CREATE TABLE Gear (id INTEGER PRIMARY KEY, code TEXT)")
        db.executemany("INSERT INTO Gear VALUES (?, ?)", [(n, f"H-{n:06d}") for n in range(40)])
    await registered(graph, admin, config, shop, profile=False, lineage=False)
    await classifiers.save(graph, admin, text=HELMET)
    await thresholds.set_thresholds(graph, admin, name="HELMET", accept_at=0.8, reject_at=None)
    first = await scanned(graph, admin, redis_url, config)
    code = (await found(graph))["main.Gear.code"]
    assert "main.Customer.email" in await found(graph)
    assert (code["name"], code["version"].split("+")[0], code["accepted"]) == ("HELMET", "1", True)

    await classifiers.set_enabled(graph, admin, name="EMAIL", enabled=False)
    await classifiers.delete(graph, admin, name="HELMET", withdraw=True)
    second = await scanned(graph, admin, redis_url, config)
    assert first["rules_version"] != second["rules_version"]
    assert {"main.Gear.code", "main.Customer.email"}.isdisjoint(await found(graph))
