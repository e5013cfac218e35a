"""How a schema changed, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from cypher.session import GraphSession
from ingest.commands import catalog
from schema.domain.identity import Principal
from tests.conftest import Neo4jAddress
from tests.graph_api.cli.installation import Installation
from tests.ingest.commands.test_schemas import ORDERS, RENAMED, URN, WIDER
from tests.seed import register, warehouse


async def test_two_versions_are_compared_as_a_table_and_as_json(
    graph: GraphSession, admin: Principal, neo4j_server: Neo4jAddress, redis_url: str, tmp_path: Path
) -> None:
    await register(graph, warehouse("shop", "", datasets=1, columns=1))
    for run, dataset in (("r1", ORDERS), ("r2", WIDER), ("r3", RENAMED)):
        await catalog.publish_datasets(graph, admin, [dataset], run=run, by="shop")
    installation = Installation.of(neo4j_server, redis_url, tmp_path / "data")

    table = await installation.run("schema-diff", "shop.public.orders")
    assert table.stdout.splitlines() == [
        "retyped\ttotal numeric(12,2)\ttotal numeric(10,2)\tyes\t-\tValues of the old type may not fit; who reads it may meet others than before.",
        "renamed\tnote text\tnotes text\tyes\t95%\tWho reads it by name fails.",
    ]
    assert "version 2 to now" in table.stderr

    found = json.loads(
        (await installation.run("schema-diff", URN, "--from", "1", "--to", "2", "--json")).stdout
    )
    assert (found["from"]["run"], found["to"]["run"]) == ("r1", "r2")
    assert [(c["kind"], c["breaking"], c["retyping"]) for c in found["changes"]] == [
        ("RETYPED", False, "WIDENED")
    ]

    wrong = await installation.run("schema-diff", URN, "--from", "7")
    assert wrong.returncode == 1
    assert "no version 7" in wrong.stderr
