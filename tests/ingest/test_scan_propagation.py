"""From a scan to what people see: a new column is classified, what flows from it inherits that, and loses it with the edge."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cypher.audit import reads as audit
from cypher.session import GraphSession
from ingest.propagation import Propagator
from schema.domain.identity import Principal, Role, Scope
from schema.settings import Settings
from tests.graph_api.asking import api, nodes
from tests.ingest.test_scan import query, registered, scanned, shop

__all__ = ["shop"]  # fixture
URN = query("MATCH (a:Asset {path: $path}) RETURN a.urn AS urn", "path", returns=("urn",))
SHOWN = """query ($u: String!, $w: AsOf, $s: DateTime) {
  assetByUrn(urn: $u) { sensitivity classifications { origin status classification { name } }
    history(first: 20, since: $s) { edges { node { actor run reason attributes { attribute of old new } } } } }
  then: assetByUrn(urn: $u, asOf: $w) { classifications { origin classification { name } } } }"""


async def follow(graph: GraphSession) -> None:
    while await Propagator(graph, Settings()).tend():
        pass


async def shown(graph: GraphSession, path: str, **given: Any) -> dict[str, Any]:
    (row,) = await graph.rows(URN, path=path)
    found = await api(graph).ask(SHOWN, u=row["urn"], **given)
    assert found["assetByUrn"] is not None
    return {**found["assetByUrn"], "then": found["then"]}


def told(asset: dict[str, Any], attribute: str) -> list[tuple[Any, ...]]:
    """What changed of one attribute, the oldest first: of what, from what, to what, why."""
    return [
        (part["of"], part["old"], part["new"], node["reason"])
        for node in reversed(nodes(asset["history"]))
        for part in node["attributes"]
        if part["attribute"] == attribute
    ]


async def test_a_lineage_edge_that_a_scan_closes_takes_what_came_along_it_and_history_says_why(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    with sqlite3.connect(shop) as db:
        db.execute("CREATE VIEW Short AS SELECT id, substr(email, 1, 2) AS part FROM Customer")
    await registered(graph, admin, config, shop, profile=False)
    await scanned(graph, admin, redis_url, config)
    await follow(graph)
    between = datetime.now(UTC).isoformat()
    inherited = await shown(graph, "main.Short.part")
    with sqlite3.connect(shop) as db:
        db.execute("DROP VIEW Short")
        db.execute("CREATE VIEW Short AS SELECT id, substr(note, 1, 2) AS part FROM Customer")
    await scanned(graph, admin, redis_url, config)
    await follow(graph)
    after = await shown(graph, "main.Short.part", w={"validAt": between}, s=between)

    named = [(each["origin"], each["classification"]["name"]) for each in inherited["classifications"]]
    assert (inherited["sensitivity"], named) == ("SENSITIVE", [("PROPAGATED", "EMAIL")])
    assert told(inherited, "INHERITED") == [("EMAIL", None, "SUGGESTED", "inherited over 1 hop of lineage")]
    assert (after["sensitivity"], after["classifications"]) == ("PUBLIC", [])
    assert [each["classification"]["name"] for each in after["then"]["classifications"]] == ["EMAIL"]
    ((name, old, new, why),) = told(after, "INHERITED")
    assert (name, old, new) == ("EMAIL", "SUGGESTED", None)
    assert "stops it" in why


async def test_a_new_column_is_classified_its_level_rises_and_the_trail_says_by_which_run(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop, profile=False, lineage=False)
    await scanned(graph, admin, redis_url, config)
    with sqlite3.connect(shop) as db:
        db.execute("ALTER TABLE Customer ADD COLUMN iban TEXT")
        db.execute("UPDATE Customer SET iban = 'DE89370400440532013000' WHERE id % 2 = 0")
        db.execute("UPDATE Customer SET iban = 'GB82WEST12345698765432' WHERE id % 2 = 1")
    run = await scanned(graph, admin, redis_url, config)
    asset = await shown(graph, "main.Customer.iban")
    low = api(graph, Role.READER, Scope(1))
    (urn,) = [row["urn"] for row in await graph.rows(URN, path="main.Customer.iban")]
    document = '{ auditEvents(first: 20, filter: {action: "classification.publish"}) { edges { node { actor details } } } }'
    events = [each["details"] for each in nodes((await api(graph).ask(document))["auditEvents"])]

    assert [each["classification"]["name"] for each in asset["classifications"]] == ["IBAN"]
    assert asset["sensitivity"] in ("SENSITIVE", "RESTRICTED")
    ((name, old, new, why),) = told(asset, "CLASSIFICATION")
    assert (name, old, new) == ("IBAN", None, "SUGGESTED")
    assert "pass iban" in why
    assert (await low.ask("query ($u: String!) { assetByUrn(urn: $u) { name } }", u=urn))[
        "assetByUrn"
    ] is None
    assert [each["verdicts"] > 0 for each in events if each["run"] == run["id"]] == [True]
    assert (await audit.verify(graph))[1] == []
