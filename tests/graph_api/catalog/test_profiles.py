"""Profiles from the source's engine through the command to whoever asks for them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import catalog
from ingest.connectors.base import open_connector
from ingest.network import NetworkPolicy
from ingest.stages.profile import profile
from schema.domain.catalog import DiscoveredDataset
from schema.domain.classifications import Sensitivity, Verdict
from schema.domain.identity import Principal
from schema.domain.profiles import TableProfile
from tests.graph_api.asking import api, nodes

COLUMNS = """
query ($u: String!) { assetByUrn(urn: $u) { tableProfile { rows rowsAreExact sampledRows at } profile { rows } columns { edges { node {
  name profile { rows nulls distinct distinctEstimate minimum maximum quantiles shortest longest lengthQuantiles
    shapes { shape count } } } } } } }
"""
SECRET = Verdict("BIRTH_DATE", Sensitivity.SENSITIVE, 0.9, "test")


@pytest.fixture
def table(tmp_path: Path) -> tuple[Any, DiscoveredDataset]:
    with sqlite3.connect(tmp_path / "s.db") as made:
        made.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, born DATE, code TEXT)")
        rows = [(n, f"19{n % 90 + 10}-05-17", "canary-" + "ab"[n % 2]) for n in range(1, 201)]
        made.executemany("INSERT INTO person VALUES (?, ?, ?)", rows)
    source = open_connector(
        "sqlite", {"path": str(tmp_path / "s.db")}, access=NetworkPolicy(local_files=(tmp_path,))
    )
    [found] = [each for each in source.discover() if isinstance(each, DiscoveredDataset)]
    return source, found


async def published(graph: GraphSession, admin: Principal, found: DiscoveredDataset, table: object) -> None:
    assert isinstance(table, TableProfile)
    await catalog.publish_datasets(graph, admin, [found], run="r", by="shop")
    await catalog.publish_profiles(graph, admin, [], run="r", tables=[table])


async def test_figures_of_the_engine_are_shown_on_columns_and_no_text_is_among_them(
    graph: GraphSession, admin: Principal, table: tuple[Any, DiscoveredDataset]
) -> None:
    source, found = table
    await published(graph, admin, found, profile(source, found, [(str(found.column_urn("born")), SECRET)]))

    asset = (await api(graph).ask(COLUMNS, u=str(found.urn)))["assetByUrn"]
    shown = {node["name"]: node["profile"] for node in nodes(asset["columns"])}

    assert asset["profile"] is None
    assert asset["tableProfile"].pop("at") is not None
    assert asset["tableProfile"] == {"rows": 200, "rowsAreExact": True, "sampledRows": 200}
    assert shown["id"]["quantiles"] == ["10", "50", "100", "150", "190"]
    assert (shown["id"]["minimum"], shown["id"]["maximum"], shown["id"]["distinctEstimate"]) == (
        "1",
        "200",
        200,
    )
    assert shown["born"]["distinct"] == 90
    assert (shown["born"]["minimum"], shown["born"]["maximum"], shown["born"]["quantiles"]) == (
        None,
        None,
        [],
    )
    assert shown["code"]["shapes"] == [{"shape": "a+-a", "count": 200}]
    assert (shown["code"]["shortest"], shown["code"]["longest"]) == (8, 8)
    assert "canary" not in json.dumps(asset)
    everything = Query("t", "MATCH (n) RETURN properties(n) AS p", "read", frozenset(), ("p",), 0)
    stored = json.dumps([row["p"] for row in await graph.rows(everything)])
    assert "canary" not in stored
    assert "-05-17" not in stored


async def test_the_smallest_and_largest_of_a_column_that_became_sensitive_are_not_told(
    graph: GraphSession, admin: Principal, table: tuple[Any, DiscoveredDataset]
) -> None:
    source, found = table
    figures = profile(source, found, [])
    await published(graph, admin, found, figures)
    await graph.schema_statement("MATCH (c:Column {name: 'born'}) SET c.sensitivity = 3")

    ask = "query ($u: String!) { assetByUrn(urn: $u) { profile { minimum maximum quantiles distinct } } }"
    nothing = {"minimum": None, "maximum": None, "quantiles": [], "distinct": 90}
    born = str(found.column_urn("born"))
    assert (await api(graph).ask(ask, u=born))["assetByUrn"]["profile"] == nothing

    await published(graph, admin, found, figures)  # a later scan does not store them either
    await graph.schema_statement("MATCH (c:Column {name: 'born'}) SET c.sensitivity = 0")
    assert (await api(graph).ask(ask, u=born))["assetByUrn"]["profile"] == nothing
