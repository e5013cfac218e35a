"""Usage from what real servers count: pg_stat_statements and performance_schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from cypher.catalogue import Query
from cypher.scanning import reads
from cypher.session import GraphSession
from ingest.commands import catalog
from ingest.commands.usage import Published
from ingest.connectors.base import Counter, Counters, open_connector
from ingest.network import NetworkPolicy
from ingest.usage.collecting import collect_usage
from ingest.usage.counters import differences
from schema.domain.catalog import DiscoveredDataset
from schema.domain.identity import Principal
from tests.servers import Server, counting_postgres_server, mariadb_server, server_folder

STORED = Query(
    "t", "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN properties(n) AS p, collect(properties(r)) AS rs",
    "read", frozenset(), ("p", "rs"), 0,
)  # fmt: skip
USED = Query(
    "t", "MATCH (a:Asset)-[:USED]->(u) RETURN a.name AS name, sum(u.queries) AS queries, collect(u.accounts) AS accounts",
    "read", frozenset(), ("name", "queries", "accounts"), 0,
)  # fmt: skip
JOINED = Query(
    "t", "MATCH (a)-[j:JOINED_WITH]->(b) RETURN a.name AS one, b.name AS other, j.queries AS queries",
    "read", frozenset(), ("one", "other", "queries"), 0,
)  # fmt: skip


@pytest.fixture(scope="module")
def counting() -> Iterator[Server]:
    """PostgreSQL with pg_stat_statements, two tables, and an account that asks for them."""
    try:
        with server_folder() as folder, counting_postgres_server(folder) as server:
            run(
                server,
                "CREATE EXTENSION pg_stat_statements",
                "CREATE TABLE customer (id int, email text, country text)",
                "CREATE TABLE orders (id int, customer_id int, amount int)",
                "CREATE TABLE report (country text, amount int)",
                "CREATE ROLE app LOGIN PASSWORD 'app' IN ROLE pg_read_all_data, pg_write_all_data",
            )
            yield server
    except FileNotFoundError as missing:
        pytest.skip(str(missing))


def run(server: Server, *texts: str, user: str = "postgres") -> None:
    password = server.password if user == "postgres" else user
    with psycopg.connect(
        host=server.host, port=server.port, user=user, password=password, dbname="postgres", autocommit=True
    ) as connection:
        for text in texts:
            connection.execute(text)


async def described(graph: GraphSession, admin: Principal, connector: Any) -> None:
    found = [
        each
        for each in connector.discover(["customer", "orders", "report"])
        if isinstance(each, DiscoveredDataset)
    ]
    await catalog.publish_datasets(graph, admin, found, run="r", by=connector.namespace)


async def used(graph: GraphSession) -> dict[str, int]:
    return {row["name"]: row["queries"] for row in await graph.rows(USED)}


async def collected(graph: GraphSession, admin: Principal, connector: Any) -> Published:
    found = await collect_usage(graph, admin, connector, source="shop")
    assert found is not None
    return found[0]


async def test_pg_stat_statements_is_counted_by_differences_and_a_reset_is_noticed(
    graph: GraphSession, admin: Principal, counting: Server
) -> None:
    config = {
        "host": counting.host,
        "port": counting.port,
        "user": counting.user,
        "password": counting.password,
    }
    source: Any = open_connector("postgres", config | {"database": "postgres"}, access=NetworkPolicy(True))
    await described(graph, admin, source)
    run(counting, "SELECT pg_stat_statements_reset()")
    join = "SELECT c.email FROM customer c JOIN orders o ON o.customer_id = c.id WHERE c.email = 'canary-1'"
    run(counting, join, join.replace("canary-1", "canary-2"), user="app")
    run(
        counting,
        "INSERT INTO report SELECT country, 471108154 FROM customer WHERE country = 'canary-3'",
        user="app",
    )

    await collected(graph, admin, source)
    assert (await used(graph))["orders"] == 2
    assert (await used(graph))["email"] == 2
    assert [(row["one"], row["other"], row["queries"]) for row in await graph.rows(JOINED)] == [
        ("id", "customer_id", 2)
    ]

    await collected(graph, admin, source)
    assert (await used(graph))["orders"] == 2

    run(counting, join, "SELECT 1 FROM orders", user="app")
    await collected(graph, admin, source)
    assert (await used(graph))["orders"] == 4

    run(counting, "SELECT pg_stat_statements_reset()")
    run(counting, join, user="app")
    found = await collect_usage(graph, admin, source, source="shop")
    assert found is not None
    assert [problem.code for problem in found[1] if "COUNTERS" in problem.code] == ["COUNTERS_RESET"]
    assert (await used(graph))["orders"] == 5

    stored = json.dumps(await graph.rows(STORED))
    assert "canary" not in stored
    assert "471108154" not in stored
    edges = Query(
        "t", "MATCH ()-[e:FEEDS]->(b) RETURN e.origin AS o, b.name AS n", "read", frozenset(), ("o",), 0
    )
    assert {(row["o"], row["n"]) for row in await graph.rows(edges)} == {
        ("QUERY_LOG", "report"),
        ("QUERY_LOG", "country"),
    }
    source.close()


async def test_what_the_source_s_own_account_asks_is_no_usage(
    graph: GraphSession, admin: Principal, counting: Server
) -> None:
    config = {
        "host": counting.host,
        "port": counting.port,
        "user": counting.user,
        "password": counting.password,
    }
    source: Any = open_connector("postgres", config | {"database": "postgres"}, access=NetworkPolicy(True))
    await described(graph, admin, source)
    run(counting, "SELECT pg_stat_statements_reset()", "SELECT id FROM orders")
    await collected(graph, admin, source)
    assert await used(graph) == {}
    source.close()


async def test_a_server_that_counts_nothing_is_a_problem_and_no_failure(
    graph: GraphSession, admin: Principal, counting: Server
) -> None:
    run(counting, "CREATE DATABASE bare")
    config = {
        "host": counting.host,
        "port": counting.port,
        "user": counting.user,
        "password": counting.password,
    }
    source: Any = open_connector("postgres", config | {"database": "bare"}, access=NetworkPolicy(True))
    found = await collect_usage(graph, admin, source, source="shop")
    assert found is not None
    assert (found[0], [problem.code for problem in found[1]]) == (Published(), ["USAGE_NOT_FOUND"])
    assert await reads.usage_position(graph, "shop~counters") == ""
    source.close()


async def test_performance_schema_of_mariadb_is_counted_by_differences(
    graph: GraphSession, admin: Principal
) -> None:
    import pymysql

    try:
        with server_folder() as folder, mariadb_server(folder, "--performance-schema=ON") as server:
            address = {
                "host": server.host,
                "port": server.port,
                "user": server.user,
                "password": server.password,
            }
            with pymysql.connect(**address, autocommit=True) as made, made.cursor() as cursor:
                cursor.execute("CREATE DATABASE shop")
                cursor.execute("USE shop")
                cursor.execute("CREATE TABLE orders (id int, amount int)")
                for number in (1, 2, 3):
                    cursor.execute(f"SELECT amount FROM orders WHERE id = {number} AND 'canary' = 'x'")
                source: Any = open_connector(
                    "mysql", address | {"database": "shop"}, access=NetworkPolicy(True)
                )
                await described(graph, admin, source)
                await collected(graph, admin, source)
                first = (await used(graph))["amount"]
                cursor.execute("SELECT amount FROM orders WHERE id = 4 AND 'canary' = 'x'")
                await collected(graph, admin, source)
                assert (first, (await used(graph))["amount"]) == (3, 4)
                source.close()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    assert "canary" not in json.dumps(await graph.rows(STORED))


NOW = datetime(2026, 5, 17, 12, tzinfo=UTC)


def test_counts_from_before_the_first_reading_are_only_the_ground_of_the_next() -> None:
    counter = Counter("k", "SELECT 1", 100, "app", "shop", NOW - timedelta(days=30))
    first = differences(Counters(NOW, "r", (counter,)), "")
    assert [use.calls for use in first.uses] == [0]
    later = Counters(
        NOW + timedelta(days=1), "r", (replace(counter, calls=103), replace(counter, key="new", calls=2))
    )
    second = differences(later, first.after)
    assert [(use.calls, use.day) for use in second.uses] == [(3, "2026-05-18"), (2, "2026-05-18")]
    again = differences(later, second.after)
    assert (again.uses, again.after) == ((), second.after)


def test_a_counter_that_fell_began_anew() -> None:
    counter = Counter("k", "SELECT 1", 100, "app", "shop", NOW)
    first = differences(Counters(NOW, "", (counter,)), "")
    second = differences(Counters(NOW, "", (replace(counter, calls=4),)), first.after)
    assert [use.calls for use in second.uses] == [4]
    assert [problem.code for problem in second.problems] == ["COUNTERS_RESET"]
