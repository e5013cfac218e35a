"""Versions of the trained model from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from cypher.session import GraphSession
from schema.domain.identity import Principal
from tests.conftest import Neo4jAddress
from tests.graph_api.cli.installation import Installation
from tests.house import build, decided


async def test_a_training_is_asked_for_listed_and_cancelled(
    graph: GraphSession, admin: Principal, neo4j_server: Neo4jAddress, redis_url: str, tmp_path: Path
) -> None:
    await build(graph, admin, decided(48))
    installation = Installation.of(neo4j_server, redis_url, tmp_path / "data")
    asked = await installation.run("model", "train", "--keep", "--reason", "a first try")
    assert asked.stdout.split() == ["1"]
    listed = json.loads((await installation.run("model", "list", "--json")).stdout)
    assert [(each["number"], each["status"]) for each in listed] == [(1, "QUEUED"), (0, "PRESENT")]
    await installation.run("model", "cancel", "1")
    shown = json.loads((await installation.run("model", "show", "1", "--json")).stdout)
    assert (shown["status"], shown["promote"], shown["reason"]) == ("CANCELLED", False, "a first try")
    refused = await installation.run("model", "roll-back")
    assert refused.returncode == 1
    assert "Model 0 is in force" in refused.stderr
