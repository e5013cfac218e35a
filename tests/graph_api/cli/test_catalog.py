"""Search and impact from the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cypher.session import GraphSession
from schema.domain.identity import Principal
from tests.conftest import Neo4jAddress
from tests.graph_api.cli.installation import Installation
from tests.seed import fill, warehouse

CHAIN = warehouse("chain", "", datasets=6, columns=4)


@pytest.fixture
async def installation(
    graph: GraphSession, admin: Principal, neo4j_server: Neo4jAddress, redis_url: str, tmp_path: Path
) -> Installation:
    await fill(graph, admin, CHAIN, embedded=False, fan=1)
    return Installation.of(neo4j_server, redis_url, tmp_path / "data", PURSIGHT_CACHE_DIR=str(tmp_path))


async def test_search_prints_hits_with_their_reasons(installation: Installation) -> None:
    done = await installation.run("search", "custmer 0000", "--json")
    hits = json.loads(done.stdout)["hits"]
    assert hits[0]["urn"] == CHAIN.urn(0)
    assert "NAME" in hits[0]["reasons"]
    assert "not ready" in done.stderr


async def test_impact_by_name_prints_csv_with_paths(installation: Installation) -> None:
    done = await installation.run("impact", "shop.layer1.order_0001", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["urn"], row["hops"]) for row in rows] == [(CHAIN.urn(n), str(n - 1)) for n in range(2, 6)]
    assert rows[1]["via"] == "order_0001 > invoice_0002 > payment_0003"


async def test_impact_says_that_it_stopped(installation: Installation) -> None:
    done = await installation.run("impact", CHAIN.urn(5), "--upstream", "--max-hops", "2", "--json")
    found = json.loads(done.stdout)
    assert [hit["hops"] for hit in found["hits"]] == [1, 2]
    assert (found["complete"], found["reason"]) == (False, "HOPS")


async def test_lineage_is_written_to_a_file_or_printed(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "chain.svg"
    done = await installation.run("lineage", CHAIN.urn(3), "--format", "svg", "-o", str(file), "--columns")
    assert (done.returncode, done.stdout) == (0, "")
    assert file.read_text("utf-8").startswith("<svg ")
    printed = await installation.run(
        "lineage", "shop.layer3.payment_0003", "--direction", "downstream", "--max-hops", "1"
    )
    assert "flowchart LR" in printed.stdout
    assert "ticket" not in printed.stdout
    assert "Incomplete: HOPS 1" in printed.stderr
    refused = await installation.run("lineage", CHAIN.urn(3), "--format", "pdf")
    assert refused.returncode == 2
    assert "mermaid" in refused.stderr


async def test_a_name_that_means_nothing_or_several_things_is_refused_with_the_choice(
    installation: Installation,
) -> None:
    nothing = await installation.run("impact", "nowhere")
    several = await installation.run("impact", "email")
    assert (nothing.returncode, several.returncode) == (1, 1)
    assert str(CHAIN.datasets[0].column_urn("email")) in several.stderr


async def test_the_schema_is_printed_as_it_is_kept(installation: Installation) -> None:
    done = await installation.run("export-schema")
    assert done.stdout == (Path(__file__).parents[3] / "schema" / "schema.graphql").read_text("utf-8")
