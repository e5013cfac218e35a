"""The demonstration from end to end: a supervisor with API, worker and PostgreSQL of its own, on the servers of the test run."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from graph_api.demo.examples import IMPACT
from graph_api.stack.process import ProcessRecord, record_path
from tests.conftest import Neo4jAddress
from tests.graph_api.cli.installation import Installation

DEADLINE_S = 240
CUSTOMERS = "dataset:duckdb://jaffle_shop.demo~jaffle_shop.main.customers"


def query(text: str, *returns: str) -> Query:
    return Query("test", f"CYPHER 25 {text}", "read", frozenset(), returns, 1000)


ASSETS = query(
    "MATCH (a:Asset) WHERE a.kind IN ['DATASET', 'COLUMN'] "
    "RETURN a.source + ' ' + a.kind AS of, count(*) AS assets, count(a.embedding) AS vectors",
    "of",
    "assets",
    "vectors",
)
ORIGINS = query(
    f"MATCH (d:Asset {{urn: '{CUSTOMERS}'}})-[:CONTAINS]->(:Asset)-[e:FEEDS]-(:Asset) RETURN DISTINCT e.origin AS origin",
    "origin",
)
TWINS = query(
    "MATCH (d:Asset {kind: 'DATASET'}) WHERE d.path ENDS WITH 'main.customers' RETURN d.urn AS urn", "urn"
)
PERSONAL = query(
    "MATCH (c:Asset)-[v:CLASSIFIED_AS]->(k:Classification) WHERE v.reason CONTAINS '%' RETURN c.path AS path, k.name AS name",
    "path",
    "name",
)


@pytest.fixture
async def installation(
    graph: GraphSession, neo4j_server: Neo4jAddress, redis_url: str, tmp_path: Path
) -> AsyncIterator[Installation]:
    found = Installation.of(neo4j_server, redis_url, tmp_path / "data", PURSIGHT_QUERY_TIMEOUT_S="30")
    yield found
    await found.run("down", deadline_s=DEADLINE_S)


def secrets(data: Path) -> list[str]:
    files = [*data.rglob("*.password"), data / "secrets.key"]
    return [line for file in files for line in file.read_text().split()]


def asked(shown: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    answer = httpx.post(
        shown["console"],
        json={"query": query["query"], "variables": query["variables"]},
        headers={"authorization": f"Bearer {shown['token']}"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert "errors" not in found, answer.text
    return found["data"]  # type: ignore[no-any-return]


async def test_the_demonstration_fills_the_catalogue_once_and_stops_with_everything_else(
    graph: GraphSession, installation: Installation, tmp_path: Path
) -> None:
    data = tmp_path / "data"

    first = await installation.run("demo", "--json", deadline_s=DEADLINE_S)

    assert first.returncode == 0, first.stderr
    shown = json.loads(first.stdout)
    assert {run["source"]: run["state"] for run in shown["runs"]} == dict.fromkeys(
        ("pagila", "chinook", "analytics", "jaffle_shop", "rentals", "jaffle_dbt"), "SUCCEEDED"
    )
    await the_catalogue_is_full(graph)
    await three_tools_meet_in_one_table(graph)
    personal = {(row["path"], row["name"]) for row in await graph.rows(PERSONAL)}
    assert {
        ("pagila.public.customer.email", "EMAIL"),
        ("main.Customer.Email", "EMAIL"),
        ("jaffle_shop.main.customers.first_name", "PERSON"),  # by its values, though dbt only knows its name
    } <= personal

    logs = "".join(log.read_text() for log in (data / "logs").glob("*.log"))
    for secret in secrets(data):
        assert secret not in first.stdout + first.stderr + logs
    assert "@sakilacustomer" not in first.stdout + first.stderr + logs
    assert shown["token"] not in first.stderr + logs
    assert stat.S_IMODE((data / "demo-token").stat().st_mode) == 0o600

    found = {query["title"]: asked(shown, query) for query in shown["queries"]}
    assert all(all(answer.values()) for answer in found.values())
    reached = found[IMPACT.title]["impact"]["edges"]
    urns = {edge["node"]["urn"] for edge in reached}
    assert "column:duckdb://analytics.demo~analytics.mart.customers_masked~email_hash" in urns

    again = await installation.run("demo", "--json", deadline_s=DEADLINE_S)
    assert json.loads(again.stdout) == shown | {"runs": []}
    rescanned = await installation.run("scan", "--source", "pagila", "--json")
    assert json.loads(rescanned.stdout)["counts"]["unchanged"] == 28

    record = ProcessRecord.read(record_path(data, "demo-postgres"))
    assert record is not None
    assert record.process() is not None
    await installation.run("down", deadline_s=DEADLINE_S)
    assert record.process() is None


async def the_catalogue_is_full(graph: GraphSession) -> None:
    found = {row["of"]: (row["assets"], row["vectors"]) for row in await graph.rows(ASSETS)}
    assert {of: assets for of, (assets, _) in found.items() if of.endswith("DATASET")} == {
        "pagila DATASET": 28,
        "chinook DATASET": 11,
        "analytics DATASET": 23,
        "jaffle_shop DATASET": 8,
        "rentals DATASET": 1,
        "s3://jaffle-lake DATASET": 2,
    }
    scanned = {of: numbers for of, numbers in found.items() if not of.startswith("s3:")}
    assert {of: vectors for of, (_, vectors) in scanned.items()} == {
        of: assets for of, (assets, _) in scanned.items()
    }


async def three_tools_meet_in_one_table(graph: GraphSession) -> None:
    """A scan, a dbt manifest and OpenLineage events name the table in three ways."""
    assert [row["urn"] for row in await graph.rows(TWINS)] == [CUSTOMERS]
    assert {row["origin"] for row in await graph.rows(ORIGINS)} == {"SQL", "DBT", "OPENLINEAGE"}


async def test_the_first_start_shows_an_administrators_token_and_no_other_does(
    installation: Installation,
) -> None:
    first = await installation.run("up", deadline_s=DEADLINE_S)
    again = await installation.run("up", "--json", deadline_s=DEADLINE_S)

    token = first.stdout.split()[-1]
    assert first.returncode == 0, first.stderr
    assert token.startswith("pst_")
    assert "pst_" not in again.stdout + again.stderr
    listed = json.loads((await installation.run("token", "list", "--json")).stdout)
    assert [(each["id"], each["role"], each["state"]) for each in listed] == [("bootstrap", "ADMIN", "valid")]
    kept = subprocess.run(
        ["grep", "-rlF", token, installation.environment["PURSIGHT_DATA_DIR"]],
        capture_output=True,
        check=False,
    )
    assert kept.stdout == b""
