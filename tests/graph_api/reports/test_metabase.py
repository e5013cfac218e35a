"""Metabase from its recipe to the answers: search finds its dashboards, and a column of the warehouse reaches them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cypher.session import GraphSession
from ingest.commands import catalog
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.identity import Principal, Role, Scope
from schema.domain.platforms import dataset_urn
from schema.settings import Settings
from tests.graph_api.asking import api
from tests.scanning import scanned
from tests.seed import register, warehouse

DATA = Path(__file__).parents[2] / "data" / "bi" / "metabase"
RECIPE = """
source:
  name: reports
  type: metabase
  config:
    path: {path}
    namespace: metabase://bi.example.com
    url: https://bi.example.com
    databases:
      DVD Rental: {{namespace: "postgres://db:5432", database: dvdrental}}
scan: {{embed: false}}
"""
TABLES = {
    "customer": ("customer_id", "first_name", "last_name"),
    "payment": ("payment_id", "customer_id", "amount", "payment_date", "rental_id"),
    "film": ("film_id", "rating", "release_year"),
}


def column(table: str, name: str) -> str:
    return f"column:postgres://db:5432~dvdrental.public.{table}~{name}"


@pytest.fixture
async def dvds(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, tmp_path: Path
) -> GraphSession:
    await register(graph, warehouse("db", "", datasets=0, columns=0))
    found = [
        DiscoveredDataset(
            dataset_urn("postgres://db:5432", path),
            path,
            columns=tuple(DiscoveredColumn(c, "text") for c in columns),
        )
        for name, columns in TABLES.items()
        for path in [("dvdrental", "public", name)]
    ]
    await catalog.publish_datasets(graph, admin, found, run="r", by="db")
    shutil.copytree(DATA, tmp_path / "export")
    run = await scanned(graph, admin, redis_url, config, RECIPE.format(path=tmp_path / "export"))
    assert not [code for code, _ in run["problems"] if code.startswith("UNMAPPED")]
    return graph


async def test_search_finds_a_dashboard_with_its_owner_and_its_link(dvds: GraphSession) -> None:
    await dvds.schema_statement("CALL db.awaitIndexes(60)")
    document = """{ search(query: "customer payment", mode: FULLTEXT, filter: {kinds: [DASHBOARD]}) {
      edges { node { name kind subtype platform owners { name } properties source { name } } } } }"""
    (found,) = [edge["node"] for edge in (await api(dvds).ask(document))["search"]["edges"]]
    assert (found["name"], found["subtype"], found["platform"]) == ("Customer Payment", "CHART", "metabase")
    assert found["owners"] == [{"name": "admin@metabase.com"}]
    assert found["properties"]["url"] == "https://bi.example.com/question/1"
    assert found["source"] == {"name": "reports"}


async def test_a_column_reaches_its_question_and_the_dashboards_over_it(dvds: GraphSession) -> None:
    document = """query ($u: String!) { impact(urn: $u) { edges { hops node { urn } } } }"""
    found = (await api(dvds).ask(document, u=column("payment", "amount")))["impact"]["edges"]
    reached = {edge["node"]["urn"].partition("~")[2]: edge["hops"] for edge in found}
    assert reached == {"question/1": 1, "question/3": 2, "dashboard/10": 2}


async def test_dropping_a_column_names_the_reports_that_break(dvds: GraphSession) -> None:
    document = """query ($u: String!) { changeImpact(changes: [{kind: DROP_COLUMN, urn: $u}]) {
      effects { effect asset { name kind } } reports { asset { name } } owners } }"""
    (found,) = (await api(dvds).ask(document, u=column("film", "rating")))["changeImpact"]
    assert {(each["effect"], each["asset"]["name"]) for each in found["effects"]} == {
        (
            "BREAKS",
            "Films, Count, Grouped by Rating, Filtered by Release Year, Sorted by [Unknown Field] descending",
        ),
        ("BREAKS", "Dashboard 1"),
    }
    assert "Dashboard 1" in [each["asset"]["name"] for each in found["reports"]]
    assert "admin@metabase.com" in found["owners"]


async def test_a_reader_without_the_domain_of_the_reports_does_not_see_them(dvds: GraphSession) -> None:
    scope = Scope(clearance=4, domains=frozenset({"sales"}))
    document = "{ assets(filter: {kinds: [DASHBOARD]}) { edges { node { urn } } } }"
    assert (await api(dvds, Role.READER, scope).ask(document))["assets"]["edges"] == []


async def test_scanning_again_changes_no_edge(
    dvds: GraphSession, admin: Principal, redis_url: str, config: Settings, tmp_path: Path
) -> None:
    document = """{ assetByUrn(urn: "dashboard:metabase://bi.example.com~question/1") { fedBy { edges { node { asset { urn } } } } } }"""
    before = await api(dvds).ask(document)
    assert len(before["assetByUrn"]["fedBy"]["edges"]) == 8
    await scanned(dvds, admin, redis_url, config, RECIPE.format(path=tmp_path / "export"))
    assert await api(dvds).ask(document) == before


async def test_what_a_question_does_not_read_any_more_is_closed(
    dvds: GraphSession, admin: Principal, redis_url: str, config: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "export" / "card_1.json"
    card = json.loads(file.read_text()) | {"updated_at": "2026-01-01T00:00:00"}
    card["dataset_query"]["native"]["query"] = "SELECT first_name FROM customer"
    file.write_text(json.dumps(card))
    await scanned(dvds, admin, redis_url, config, RECIPE.format(path=tmp_path / "export"))
    document = """{ assetByUrn(urn: "dashboard:metabase://bi.example.com~question/1") { fedBy { edges { node { asset { urn } } } } } }"""
    fed = (await api(dvds).ask(document))["assetByUrn"]["fedBy"]["edges"]
    assert {edge["node"]["asset"]["urn"].rpartition("public.")[2] for edge in fed} == {
        "customer",
        "customer~first_name",
    }
