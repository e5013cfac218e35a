"""Reviewing suggestions from the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from cypher.session import GraphSession
from graph_api.cli.verdict_files import read_text
from schema.domain.identity import Principal
from schema.errors import InvalidInput
from tests.conftest import Neo4jAddress
from tests.graph_api.cli.installation import Installation
from tests.seed import fill, warehouse

SHOP = warehouse("shop", "", datasets=2, columns=4)
EMAIL, OTHER = (str(each.column_urn("email")) for each in SHOP.datasets)


@pytest.fixture
async def installation(
    graph: GraphSession, admin: Principal, neo4j_server: Neo4jAddress, redis_url: str, tmp_path: Path
) -> Installation:
    await fill(graph, admin, SHOP, embedded=False, fan=1)
    return Installation.of(neo4j_server, redis_url, tmp_path / "data", PURSIGHT_CACHE_DIR=str(tmp_path))


async def test_suggestions_are_exported_decided_and_imported(
    installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "verdicts.csv"
    exported = await installation.run("review", "export", str(file), "--classification", "EMAIL")
    assert exported.stderr.startswith("2 suggestions in ")
    rows = list(csv.DictReader(file.open(encoding="utf-8-sig")))
    assert {row["urn"] for row in rows} == {EMAIL, OTHER}
    with file.open("w", encoding="utf-16", newline="") as out:
        writer = csv.DictWriter(out, rows[0], delimiter="\t")
        writer.writeheader()
        writer.writerows(
            row | {"verdict": "CONFIRMED" if row["urn"] == EMAIL else "REJECTED"} for row in rows
        )

    assert file.read_bytes().startswith(b"\xff\xfe")  # Excel's "Unicode text"

    tried = await installation.run("review", "import", str(file), "--dry-run", "--json")
    assert [(each["line"], each["outcome"]) for each in json.loads(tried.stdout)] == [
        (2, "CHANGED"),
        (3, "CHANGED"),
    ]
    assert "Would write 2 of 2 verdicts" in tried.stderr
    done = await installation.run("review", "import", str(file))
    assert done.stdout == ""  # what was left out would be lost among what was not
    assert "Wrote 2 of 2 verdicts (2 changed)" in done.stderr

    quality = json.loads((await installation.run("review", "quality", "--json")).stdout)
    assert [
        (each["classification"], each["precision"]["value"], each["precision"]["n"]) for each in quality
    ] == [("EMAIL", 0.5, 2)]
    proposed = (await installation.run("review", "thresholds")).stdout.split("\t")
    assert proposed[:3] == ["EMAIL", "2", "73"]


def test_excel_reads_the_letters_of_an_export_and_is_told_what_else_to_save_it_as(tmp_path: Path) -> None:
    file = tmp_path / "verdicts.csv"
    file.write_bytes("urn;classification;verdict;comment\nx;EMAIL;CONFIRMED;größer\n".encode("cp1252"))
    with pytest.raises(InvalidInput, match="line 2 has letters of another encoding") as refused:
        read_text(file)
    assert "CSV UTF-8" in refused.value.remedy
    with pytest.raises(InvalidInput, match="No such file"):
        read_text(tmp_path / "nothing.csv")


async def test_an_exception_is_previewed_saved_listed_and_removed(installation: Installation) -> None:
    what = ("review", "except", "EMAIL", "--reason", "test data", "--pattern", "E*")
    tried = await installation.run(*what, "--dry-run")
    assert (tried.stdout, tried.stderr.splitlines()[-1]) == ("", "Would withdraw 2 verdicts.")
    saved = await installation.run(*what, "--until", "14d")
    assert saved.stderr.endswith("Withdrew 2 verdicts.\n")
    (listed,) = json.loads((await installation.run("review", "exceptions", "--json")).stdout)
    assert (listed["id"], listed["reason"]) == (saved.stdout.strip(), "test data")
    left = json.loads((await installation.run("review", "list", "--json")).stdout)
    assert [each["classification"] for each in left] == ["COUNTRY"]
    assert (await installation.run("review", "remove-exception", listed["id"])).returncode == 0
    unknown = await installation.run("review", "except", "NOTHING", "--reason", "x", "--pattern", "x")
    assert (unknown.returncode, "No classification with this identifier" in unknown.stderr) == (1, True)
