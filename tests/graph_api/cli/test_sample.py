"""Masked rows and the rules of masking from the command line."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cypher.session import GraphSession
from ingest.commands import catalog, classifications, plans, sources
from ingest.commands.sample_requests import decide
from ml.classify.engine import standard_engine
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import Principal
from schema.domain.plans import ScanPlan
from schema.domain.sources import SourceSpec
from schema.ids import Urn
from schema.settings import Settings
from tests.conftest import Neo4jAddress
from tests.graph_api.cli.installation import Installation
from tests.seed import know

PEOPLE = Urn.parse("dataset:sqlite://shop~main.people")


async def test_rows_are_shown_masked_by_rules_that_can_be_listed_and_changed(
    graph: GraphSession,
    admin: Principal,
    config: Settings,
    neo4j_server: Neo4jAddress,
    redis_url: str,
    tmp_path: Path,
) -> None:
    file = tmp_path / "shop.sqlite"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE people (email TEXT, colour TEXT)")
        db.execute("INSERT INTO people VALUES ('ada@example.org', 'blue')")
    spec = SourceSpec("shop", "sqlite", {"path": str(file), "namespace": "sqlite://shop"})
    await sources.register(graph, admin, spec, config=config)
    columns = (DiscoveredColumn("email", "TEXT", ordinal=1), DiscoveredColumn("colour", "TEXT", ordinal=2))
    people = DiscoveredDataset(PEOPLE, ("main", "people"), columns=columns)
    await catalog.publish_datasets(graph, admin, [people], run="r", by="shop")
    installation = Installation.of(
        neo4j_server, redis_url, config.data_dir, PURSIGHT_LOCAL_FILES=json.dumps([str(tmp_path)])
    )

    masked = await installation.run("sample", str(PEOPLE))
    whole = await installation.run(
        "sample", str(PEOPLE), "--column", "email", "--purpose", "support", "--json"
    )
    changed = await installation.run("masking", "set", "level", "SENSITIVE", "--mask", "null")
    listed = await installation.run("masking", "list", "--json")

    assert masked.stdout == "a***@e***.org\tblue\n", masked.stderr
    assert "email partial" in masked.stderr
    assert json.loads(whole.stdout)["columns"] == [
        {"name": "email", "mask": "FULL", "reason": "UNMASKED", "values": ["ada@example.org"]}
    ]
    assert changed.returncode == 0, changed.stderr
    assert ("LEVEL", "SENSITIVE", "NULL") in {
        (rule["subject"], rule["name"], rule["mask"]) for rule in json.loads(listed.stdout)
    }

    await know(graph, standard_engine().classifiers)
    email = f"{str(PEOPLE).replace('dataset:', 'column:')}~email"
    await classifications.decide(
        graph, admin, urn=email, classification="EMAIL", status=VerdictStatus.CONFIRMED
    )
    await plans.set_plan(graph, admin, source="shop", plan=ScanPlan(sample_approval_from=3))
    refused = await installation.run("sample", str(PEOPLE))
    request = (
        await installation.run("approvals", "request", str(PEOPLE), "--reason", "ticket")
    ).stdout.strip()
    own = await installation.run("approvals", "approve", request, "--until", "1d", "--reason", "mine")
    requests = await installation.run("approvals", "requests", "--state", "waiting", "--json")
    soon = datetime.now(UTC) + timedelta(hours=1)
    await decide(graph, admin, request=request, approved=True, reason="needed", expires_at=soon)
    approved = await installation.run("sample", str(PEOPLE), "--column", "colour", "--column", "email")

    assert (refused.returncode, "approvals request" in refused.stderr) == (1, True)
    assert (own.returncode, "may not decide" in own.stderr) == (1, True)
    assert [(each["id"], each["columns"]) for each in json.loads(requests.stdout)] == [
        (request, ["email", "colour"])
    ]
    assert approved.stdout == "blue\t-\n", approved.stderr
