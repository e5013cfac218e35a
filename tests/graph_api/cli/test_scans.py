"""Scans and tokens from the command line, with a worker as a process of its own."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from graph_api.services import GraphTokens
from tests.conftest import Neo4jAddress
from tests.graph_api.cli.installation import Installation

REGISTERED = Query(
    "test",
    "CYPHER 25 MATCH (e:AuditEvent {action: 'source.register'}) RETURN count(e) AS times",
    "read",
    frozenset(),
    ("times",),
    1000,
)


@pytest.fixture
def installation(
    graph: GraphSession, neo4j_server: Neo4jAddress, redis_url: str, tmp_path: Path
) -> Installation:
    return Installation.of(
        neo4j_server, redis_url, tmp_path / "data", PURSIGHT_LOCAL_FILES=json.dumps([str(tmp_path)])
    )


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "shop.sqlite") as db:
        db.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT)")
        db.execute("CREATE VIEW broken AS SELECT no_such FROM nowhere")
        db.executemany("INSERT INTO customer VALUES (?, ?)", [(i, f"p{i}@example.org") for i in range(30)])
    found = tmp_path / "shop.yaml"
    found.write_text(
        "source:\n  name: shop\n  type: sqlite\n  config:\n"
        f"    path: {tmp_path / 'shop.sqlite'}\nscan:\n  embed: false\n"
    )
    return found


async def test_a_recipe_is_scanned_and_told_stage_by_stage(
    graph: GraphSession, installation: Installation, recipe: Path
) -> None:
    async with installation.worker():
        first = await installation.run("scan", str(recipe))
        again = await installation.run("scan", str(recipe), "--json")
        by_name = await installation.run("scan", "--source", "shop", "--no-wait")

    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("shop: succeeded, ")
    assert "columns" in first.stdout
    steps = first.stderr.splitlines()
    assert "shop: succeeded" in steps
    assert len(steps) == len(set(steps))
    assert "@" not in first.stdout + first.stderr
    run = json.loads(again.stdout)
    assert run["state"] == "SUCCEEDED"
    assert run["counts"]["unchanged"] == run["counts"]["datasets"]
    assert by_name.returncode == 0
    listed = json.loads((await installation.run("runs", "--json")).stdout)
    assert [each["source"] for each in listed] == ["shop"] * 3
    assert by_name.stdout.strip() == listed[0]["id"]
    shown = json.loads((await installation.run("run", "show", run["id"], "--json")).stdout)
    assert [stage["name"] for stage in shown["stages"]][-3:] == ["publish", "conclude", "usage"]
    told = await installation.run("run", "show", run["id"])
    assert told.stdout.startswith("shop: succeeded")
    sources = json.loads((await installation.run("sources", "--json")).stdout)
    assert [(each["name"], each["connector"], each["check_ok"]) for each in sources] == [
        ("shop", "sqlite", True)
    ]
    rules = json.loads((await installation.run("times", "--by", "rule", "--json")).stdout)
    assert {"forms of values, all at once", "names of columns"} <= {each["name"] for each in rules}
    assert all(each["took_ms"] >= 0 for each in rules)
    # An unchanged recipe is not registered anew.
    assert await graph.rows(REGISTERED) == [{"times": 1}]


async def test_a_run_that_waits_is_paused_resumed_and_cancelled(
    installation: Installation, recipe: Path
) -> None:
    run = (await installation.run("scan", str(recipe), "--no-wait")).stdout.strip()
    waiting = json.loads((await installation.run("queue", "--json")).stdout)
    steps = [(await installation.run("run", step, run)).stdout for step in ("pause", "resume", "cancel")]
    again = await installation.run("run", "cancel", run)

    assert sum(band["tasks"] for band in waiting["ready"]) == 1
    assert steps == ["paused\n", "queued\n", "cancelled\n"]
    assert again.returncode == 1
    assert "is over" in again.stderr
    assert (await installation.run("times", "--by", "source", "--json")).stdout == "[]\n"


async def test_what_cannot_be_scanned_is_told_with_its_place(
    installation: Installation, recipe: Path
) -> None:
    recipe.write_text(recipe.read_text().replace("sqlite\n  config", "squlite\n  config"))
    bad = await installation.run("scan", str(recipe))
    neither = await installation.run("scan")
    unknown = await installation.run("scan", "--source", "nobody")
    missing = await installation.run("scan", "no-such-file.yaml")

    assert [each.returncode for each in (bad, neither, unknown, missing)] == [1, 2, 1, 1]
    assert "Line 3" in bad.stderr
    assert "where: recipe.source.type" in bad.stderr
    assert "No source" in unknown.stderr
    assert not any("Traceback" in each.stderr for each in (bad, neither, unknown, missing))


async def test_a_token_is_shown_once_and_dies_when_revoked(
    graph: GraphSession, installation: Installation
) -> None:
    made = await installation.run(
        "token", "create", "--name", "airflow", "--role", "ingester", "--clearance", "2",
        "--domains", "sales,", "--expires", "30d", "--json",
    )  # fmt: skip
    token = json.loads(made.stdout)["token"]
    holder = await GraphTokens(graph).verify(token)
    listed = await installation.run("token", "list", "--json")
    revoked = await installation.run("token", "revoke", json.loads(made.stdout)["id"])
    past = await installation.run("token", "create", "--name", "x", "--expires", "2001-01-01")

    assert holder is not None
    assert (holder.role, holder.scope.clearance, holder.scope.domains) == ("INGESTER", 2, ("sales", ""))
    assert token not in listed.stdout
    assert [each["state"] for each in json.loads(listed.stdout)] == ["valid"]
    assert revoked.returncode == 0
    assert await GraphTokens(graph).verify(token) is None
    assert past.returncode == 2
