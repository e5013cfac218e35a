"""Wrong input as people give it, through the API: each is refused or reported with the field at fault and the remedy."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cypher.session import GraphSession
from graph_api.errors import present
from ingest.worker import ArqQueue, worker
from schema.ids import encode_cursor
from schema.settings import Settings
from tests.graph_api.asking import Api, Vectors, api, nodes
from tests.servers import Server, postgres_server, server_folder

PASSWORD = "canary-" + "secret-8861"
TEST = """mutation($input: SourceInput!) { sourceTest(input: $input) { __typename
    ... on UserError { message code path remedy } ... on ConnectionFailedError { cause } } }"""
REGISTER = """mutation($input: SourceInput!) { sourceRegister(input: $input) { __typename
    ... on UserError { message code path remedy } } }"""
START = (
    "mutation($s: String!) { scanStart(source: $s) { __typename ... on ScanStartSuccess { run { runId } } } }"
)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server_folder() as folder, postgres_server(folder) as server:
        yield server


@pytest.fixture
async def shop(graph: GraphSession, redis_url: str, config: Settings) -> AsyncIterator[Api]:
    queue = ArqQueue(redis_url)
    yield api(graph, queue=queue, redis_url=redis_url, settings=config, embedder=Vectors())
    await queue.close()


async def tried(shop: Api, connector: str, config: dict[str, Any]) -> dict[str, Any]:
    answer = await shop.ask(TEST, input={"name": "x", "connector": connector, "config": config})
    assert PASSWORD not in str(answer)
    return answer["sourceTest"]  # type: ignore[no-any-return]


async def scanned(
    shop: Api, graph: GraphSession, redis_url: str, config: Settings, name: str
) -> dict[str, Any]:
    started = (await shop.ask(START, s=name))["scanStart"]
    assert started["__typename"] == "ScanStartSuccess", started
    working = worker(graph, redis_url=redis_url, config=config, embedder=None, burst=True)
    await working.main()
    await working.close()
    runs = "query($s: String) { runs(filter: {source: $s}, first: 1) { edges { node { state error problems(first: 50) { edges { node { code subject } } } } } } }"
    return nodes((await shop.ask(runs, s=name))["runs"])[0]  # type: ignore[no-any-return]


async def test_a_connector_nobody_knows(shop: Api) -> None:
    refused = await tried(shop, "postgrez", {})
    assert refused["code"] == "INVALID_INPUT"
    assert "postgres" in refused["remedy"]


async def test_a_setting_nobody_knows_and_a_bad_url(shop: Api) -> None:
    refused = await tried(shop, "postgres", {"host": "db.example", "passwort": PASSWORD})
    assert refused["path"][-1] == "passwort"
    refused = await tried(shop, "postgres", {"url": f"postgres://u:{PASSWORD}@:nonsense"})
    assert refused["code"] in ("CONNECTION_FAILED", "INVALID_INPUT")
    assert refused["remedy"]


async def test_a_wrong_password(shop: Api, postgres: Server) -> None:
    settings = {"host": postgres.host, "port": postgres.port, "user": postgres.user, "password": PASSWORD}
    refused = await tried(shop, "postgres", settings | {"database": "postgres"})
    assert (refused["code"], refused["cause"]) == ("CONNECTION_FAILED", "CREDENTIALS")


async def test_a_database_that_is_not_there(shop: Api, postgres: Server) -> None:
    settings = {
        "host": postgres.host,
        "port": postgres.port,
        "user": postgres.user,
        "password": postgres.password,
    }
    refused = await tried(shop, "postgres", settings | {"database": "nowhere"})
    assert refused["cause"] == "NOT_FOUND"


async def test_a_port_where_nobody_listens(shop: Api) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    refused = await tried(
        shop, "postgres", {"host": "127.0.0.1", "port": port, "user": "u", "password": PASSWORD}
    )
    assert refused["cause"] == "UNREACHABLE"


async def test_an_address_that_sources_may_not_reach(graph: GraphSession, config: Settings) -> None:
    careful = config.model_copy(update={"allow_private_sources": False})
    refused = await tried(
        api(graph, settings=careful), "postgres", {"host": "127.0.0.1", "user": "u", "password": PASSWORD}
    )
    assert refused["cause"] == "BLOCKED_ADDRESS"
    assert "PURSIGHT_ALLOW_PRIVATE_SOURCES" in refused["remedy"]


async def test_a_source_without_tables_is_scanned_and_says_so_by_its_count(
    shop: Api, graph: GraphSession, redis_url: str, config: Settings, tmp_path: Path
) -> None:
    sqlite3.connect(tmp_path / "empty.sqlite").executescript("CREATE TABLE t (i); DROP TABLE t;")
    source = {"name": "empty", "connector": "sqlite", "config": {"path": str(tmp_path / "empty.sqlite")}}
    registered = await shop.ask(REGISTER, input=source)
    assert registered["sourceRegister"]["__typename"] == "SourceRegisterSuccess"
    assert (await scanned(shop, graph, redis_url, config, "empty"))["state"] == "SUCCEEDED"


async def test_ten_thousand_columns_and_awkward_names(
    shop: Api, graph: GraphSession, redis_url: str, config: Settings, tmp_path: Path
) -> None:
    with duckdb.connect(tmp_path / "wide.duckdb") as db:
        db.execute(f"CREATE TABLE wide ({', '.join(f'c{i} INTEGER' for i in range(10_000))})")
        db.execute("""CREATE TABLE "it's a ""table"".v1" ("naïve.col~umn" TEXT, "x'y" TEXT, "日本" TEXT)""")
        db.execute(
            """CREATE VIEW "vue d'été" AS SELECT "naïve.col~umn" AS "ÄÖ" FROM "it's a ""table"".v1" """
        )
    source = {
        "name": "odd",
        "connector": "duckdb",
        "config": {"path": str(tmp_path / "wide.duckdb"), "namespace": "duckdb://odd"},
        "options": {"embed": False},
    }
    await shop.ask(REGISTER, input=source)
    run = await scanned(shop, graph, redis_url, config, "odd")

    assert run["state"] == "SUCCEEDED", run
    listed = "{ assets(first: 10, filter: {kinds: [DATASET]}) { edges { node { urn name columns(last: 5) { edges { node { urn name ordinal } } } } } } }"
    found = {node["name"]: node for node in nodes((await shop.ask(listed))["assets"])}
    assert set(found) == {"wide", 'it\'s a "table".v1', "vue d'été"}
    assert nodes(found["wide"]["columns"])[-1]["ordinal"] == 10_000
    columns = {node["name"]: node["urn"] for node in nodes(found['it\'s a "table".v1']["columns"])}
    assert set(columns) == {"naïve.col~umn", "x'y", "日本"}
    for urn in columns.values():
        assert (await shop.ask("query($u: String!) { assetByUrn(urn: $u) { urn } }", u=urn))[
            "assetByUrn"
        ] == {"urn": urn}
    reach = "query($u: String!) { impactCount(urn: $u) { total } }"
    assert (await shop.ask(reach, u=columns["naïve.col~umn"]))["impactCount"]["total"] == 1


async def test_a_truncated_manifest(shop: Api, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(
        '{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/mani'
    )
    refused = await tried(
        shop, "dbt", {"manifest": str(tmp_path / "manifest.json"), "namespace": "postgres://db"}
    )
    assert refused["code"] in ("BAD_DOCUMENT", "INVALID_INPUT")
    assert "JSON" in refused["message"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ assets(first: -1) { edges { cursor } } }", "BAD_PAGE"),
        ('{ assets(first: 5, after: "!!!") { edges { cursor } } }', "BAD_CURSOR"),
        ('{ impact(urn: "dataset:x~y", maxHops: 0) { edges { cursor } } }', "INVALID_INPUT"),
    ],
)
async def test_arguments_out_of_range(shop: Api, document: str, code: str) -> None:
    answer = await shop.answer(document)
    assert answer.errors
    extensions = present(answer.errors[0], "trace").extensions or {}
    assert extensions["code"] == code, answer.errors
    assert extensions["path"]
    assert extensions["remedy"]


async def test_a_page_of_a_hundred_thousand_is_refused_before_anything_is_read(shop: Api) -> None:
    answer = await shop.answer("{ assets(first: 100000) { edges { cursor } } }")
    assert answer.errors
    assert "page (100000 > 100)" in answer.errors[0].message


async def test_a_cursor_from_another_list(shop: Api) -> None:
    tag = 'mutation { tagApply(urns: [], tag: "t") { __typename ... on UserError { path remedy } } }'
    assert (await shop.ask(tag))["tagApply"]["path"] == ["urns"]
    cursor = encode_cursor("impact", [1, "u"])
    answer = await shop.answer(
        "query($c: String) { assets(first: 5, after: $c) { edges { cursor } } }", c=cursor
    )
    assert answer.errors
    shown = present(answer.errors[0], "trace")
    assert (shown.extensions or {})["code"] == "BAD_CURSOR"
    assert "another list" in shown.message


async def test_hostile_names_in_every_text_argument_change_nothing(shop: Api, graph: GraphSession) -> None:
    payloads = [
        "' OR 1=1 //",
        "`}) DETACH DELETE n //",
        "}) RETURN 1 UNION MATCH (n) DETACH DELETE n //",
        "\u0027",
        "$urn",
        "a:b~c",
    ]
    documents = [
        "query($x: String!) { assets(filter: {nameContains: $x}) { edges { cursor } } }",
        "query($x: String!) { assets(filter: {tag: $x}) { edges { cursor } } }",
        "query($x: String!) { assets(filter: {classification: $x}) { edges { cursor } } }",
        "query($x: String!) { search(query: $x) { edges { cursor } } }",
        "query($x: String!) { suggest(prefix: $x) { __typename } }",
        "query($x: String!) { source(name: $x) { name } }",
    ]
    answers = await asyncio.gather(*(shop.answer(d, x=p) for d in documents for p in payloads))
    codes = {
        str((present(error, "trace").extensions or {}).get("code"))
        for answer in answers
        for error in answer.errors or ()
    }
    assert codes <= {"INVALID_INPUT", "BAD_URN"}
