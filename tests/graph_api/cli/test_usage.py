"""Reading a query log from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cypher.session import GraphSession
from schema.domain.identity import Principal
from tests.conftest import Neo4jAddress
from tests.graph_api.cli.installation import Installation
from tests.seed import fill, warehouse

SHOP = warehouse("shop", "", datasets=2, columns=4)


@pytest.fixture
async def installation(
    graph: GraphSession, admin: Principal, neo4j_server: Neo4jAddress, redis_url: str, tmp_path: Path
) -> Installation:
    await fill(graph, admin, SHOP, embedded=False, fan=1)
    return Installation.of(neo4j_server, redis_url, tmp_path / "data", PURSIGHT_CACHE_DIR=str(tmp_path))


async def test_a_log_is_counted_once_and_what_was_wrong_with_it_is_said(
    installation: Installation, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    entry = {"timestamp": datetime.now(UTC).isoformat(), "user": "etl"}
    sql = "SELECT email FROM layer0.customer_0000 WHERE country = 'canary'"
    log.write_text(f"{json.dumps(entry | {'sql': sql})}\n{{broken\n", "utf-8")

    done = await installation.run("usage", "shop", "--log", str(log), "--json")
    again = await installation.run("usage", "shop", "--log", str(log))

    found = json.loads(done.stdout)
    assert (found["queries"], found["assets"]) == (1, 3)
    assert [problem["code"] for problem in found["problems"]] == ["MALFORMED_LINES"]
    assert again.stdout.startswith("shop: 0 queries")
    assert "canary" not in done.stdout + done.stderr + again.stdout + again.stderr


async def test_an_unknown_source_and_a_missing_log_are_refused(installation: Installation) -> None:
    assert "No source with this identifier" in (await installation.run("usage", "nowhere")).stderr
    missing = await installation.run("usage", "shop", "--log", "nowhere.jsonl")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "cannot be read" in missing.stderr


async def test_a_warehouse_is_told_the_statement_that_gives_its_log(
    installation: Installation, graph: GraphSession
) -> None:
    refused = await installation.run("usage", "shop", "--statement")
    assert "There is one for bigquery, databricks" in refused.stderr
    await graph.schema_statement("CYPHER 25 MATCH (s:Source {name: 'shop'}) SET s.connector = 'redshift'")
    told = await installation.run("usage", "shop", "--statement")
    assert "FROM sys_query_history" in told.stdout
