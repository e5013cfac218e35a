"""Superset and Looker from their recipes to the answers: a column of the warehouse reaches the dashboards made from it."""

from __future__ import annotations

import shutil
from pathlib import Path

from cypher.session import GraphSession
from ingest.commands import catalog
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.identity import Principal
from schema.domain.platforms import dataset_urn
from schema.settings import Settings
from tests.graph_api.asking import Api, api
from tests.ingest.connectors.test_superset import EXPORT, write
from tests.scanning import scanned
from tests.seed import register, warehouse

LOOKML = Path(__file__).parents[2] / "data" / "bi" / "lookml"
RECIPE = """
source:
  name: {kind}
  type: {kind}
  config:
    path: {path}
    namespace: {kind}://bi
    databases:
      {database}: {{namespace: "postgres://db:5432", database: shop}}
scan: {{embed: false}}
"""


async def table(graph: GraphSession, admin: Principal, schema: str, name: str, *columns: str) -> str:
    await register(graph, warehouse("db", "", datasets=0, columns=0))
    path = ("shop", schema, name)
    urn = dataset_urn("postgres://db:5432", path)
    found = DiscoveredDataset(urn, path, columns=tuple(DiscoveredColumn(each, "text") for each in columns))
    await catalog.publish_datasets(graph, admin, [found], run="r", by="db")
    return str(urn)


async def reached(asked: Api, urn: str) -> dict[str, int]:
    document = "query ($u: String!) { impact(urn: $u) { edges { hops node { urn } } } }"
    edges = (await asked.ask(document, u=urn))["impact"]["edges"]
    return {edge["node"]["urn"].partition("~")[2]: edge["hops"] for edge in edges}


async def test_a_column_reaches_the_dashboards_of_superset_also_through_a_dataset_of_sql(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, tmp_path: Path
) -> None:
    orders = await table(graph, admin, "public", "Orders", "status", "gross", "tax", "at")
    await table(graph, admin, "public", "channels", "id", "name")
    write(tmp_path / "export", EXPORT)
    recipe = RECIPE.format(kind="superset", path=tmp_path / "export", database="warehouse")
    run = await scanned(graph, admin, redis_url, config, recipe)
    assert ("MISSING_CHART", "Gone") in run["problems"]

    asked = api(graph)
    column = orders.replace("dataset:", "column:")
    assert await reached(asked, f"{column}~tax") == {"chart/c1": 1, "dashboard/b1": 2}
    channel = "column:postgres://db:5432~shop.public.channels~name"
    assert await reached(asked, channel) == {"warehouse.chat~name": 1, "chart/c2": 2, "dashboard/b1": 3}


async def test_a_column_reaches_the_fields_and_explores_of_looker(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, tmp_path: Path
) -> None:
    accidents = await table(graph, admin, "flightstats", "accidents", "id")
    shutil.copytree(LOOKML, tmp_path / "lookml")
    (tmp_path / "lookml" / "extra.explore.lkml").write_text("explore: flights {}")
    recipe = RECIPE.format(kind="looker", path=tmp_path / "lookml", database="my_connection")
    run = await scanned(graph, admin, redis_url, config, recipe)
    assert ("UNMAPPED_DATABASE", "my_other_connection") in run["problems"]
    found = await reached(api(graph), accidents.replace("dataset:", "column:") + "~id")
    assert found == {"flights~id": 1, "explore/extra/flights": 2}
