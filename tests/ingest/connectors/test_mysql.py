from __future__ import annotations

import pymysql
import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import catalog, classifications
from ingest.connectors.base import Capability, open_connector
from ingest.network import NetworkPolicy
from ml.classify.engine import ClassificationEngine
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import Principal
from schema.domain.scans import Problem
from schema.errors import ConnectionFailed
from schema.ids import Urn
from schema.settings import Settings
from tests.ingest.connectors.proxies import cause_of_the_interrupted, half_open
from tests.scanning import scanned
from tests.seed import know
from tests.servers import Server

CANARY = "canary-Zq7-password"
SHOP = [
    "CREATE DATABASE IF NOT EXISTS shop",
    "USE shop",
    "CREATE OR REPLACE TABLE Person (id int PRIMARY KEY COMMENT 'the number', name varchar(30) NOT NULL) COMMENT 'people'",
    "CREATE OR REPLACE TABLE visit (person int, at date, FOREIGN KEY (person) REFERENCES Person (id))",
    "INSERT INTO Person VALUES (1, 'Ada'), (2, '100 %')",
    "CREATE OR REPLACE VIEW guests AS SELECT id, name FROM Person",
    "CREATE OR REPLACE TABLE gone (a int)",
    "CREATE OR REPLACE VIEW broken AS SELECT a FROM gone",
    "DROP TABLE gone",
    "CREATE DATABASE IF NOT EXISTS `o.dd ``ö`",
    'CREATE OR REPLACE TABLE `o.dd ``ö`.`t.a"b %s` (`c ``1` int)',
    'INSERT INTO `o.dd ``ö`.`t.a"b %s` VALUES (7)',
]


@pytest.fixture(scope="module")
def shop(mariadb: Server) -> Server:
    connection = pymysql.connect(
        host=mariadb.host, port=mariadb.port, user=mariadb.user, password=mariadb.password, autocommit=True
    )
    with connection, connection.cursor() as cursor:
        for statement in SHOP:
            cursor.execute(statement)
        cursor.execute("CREATE OR REPLACE USER reader@'127.0.0.1' IDENTIFIED BY 'r'")
        cursor.execute("GRANT SELECT ON shop.visit TO reader@'127.0.0.1'")
    return mariadb


def config(server: Server, **more: object) -> dict[str, object]:
    known = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
    return known | {"namespace": "mysql://shop.example"} | more


def read(server: Server, access: NetworkPolicy, **more: object) -> list[DiscoveredDataset | Problem]:
    source = open_connector("mariadb", config(server, **more), access=access)
    found = list(source.discover())
    source.close()
    return found


def test_tables_and_views_are_read_with_types_comments_keys_and_counts(
    shop: Server, access: NetworkPolicy
) -> None:
    found = {
        item.name: item for item in read(shop, access, database="shop") if isinstance(item, DiscoveredDataset)
    }
    person = found["Person"]
    assert sorted(found) == ["Person", "guests", "visit"]
    assert str(person.urn) == "dataset:mysql://shop.example:3306~shop.person"
    assert (person.path, person.comment, person.row_count) == (("shop", "Person"), "people", 2)
    assert [(c.name, c.data_type, c.nullable, c.primary_key, c.comment) for c in person.columns] == [
        ("id", "int(11)", False, True, "the number"),
        ("name", "varchar(30)", False, False, None),
    ]
    (key,) = found["visit"].foreign_keys
    assert (key.columns, key.to, key.to_columns) == (("person",), person.urn, ("id",))
    assert found["guests"].subtype is Subtype.VIEW
    assert "`shop`.`Person`" in (found["guests"].definition or "")


def test_a_broken_view_is_a_problem_and_hides_nothing(shop: Server, access: NetworkPolicy) -> None:
    problems = [item for item in read(shop, access, database="shop") if isinstance(item, Problem)]
    assert [(item.code, item.subject) for item in problems] == [("UNREADABLE", "shop.broken")]


def test_all_but_system_databases_are_read_unless_some_are_named(shop: Server, access: NetworkPolicy) -> None:
    databases = {item.path[0] for item in read(shop, access) if isinstance(item, DiscoveredDataset)}
    assert databases == {"shop", "o.dd `ö"}


def test_odd_names_are_read_and_sampled(shop: Server, access: NetworkPolicy) -> None:
    source = open_connector("mysql", config(shop, database="o.dd `ö"), access=access)
    (table,) = [item for item in source.discover() if isinstance(item, DiscoveredDataset)]
    sample = source.sample(table, 10)
    source.close()
    assert table.path == ("o.dd `ö", 't.a"b %s')
    assert sample.values == {"c `1": [7]}


def test_check_reports_the_engine_and_the_rights(shop: Server, access: NetworkPolicy) -> None:
    source = open_connector("mysql", config(shop, database="shop"), access=access)
    report = source.check()
    source.close()
    assert "MariaDB" in report.version
    assert {finding.capability for finding in report.findings if finding.ok} == set(Capability) - {
        Capability.USAGE
    }


def test_a_reader_sees_only_what_it_may(shop: Server, access: NetworkPolicy) -> None:
    found = read(shop, access, user="reader", password="r")
    assert [item.name for item in found if isinstance(item, DiscoveredDataset)] == ["visit"]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"password": CANARY}, "CREDENTIALS"),
        ({"database": "absent"}, "NOT_FOUND"),
        ({"user": "reader", "password": "r", "database": "mysql"}, "PERMISSION"),
        ({"sslmode": "verify-full", "password": CANARY}, "UNKNOWN"),
        ({"url": f"mysql://u:{CANARY}@h/d?unix_socket=/x"}, "BAD_URL"),
    ],
)
def test_a_failed_check_says_why_and_never_the_password(
    shop: Server, access: NetworkPolicy, change: dict[str, object], cause: str
) -> None:
    with pytest.raises(ConnectionFailed) as failed:
        open_connector("mysql", config(shop) | change, access=access).check()
    assert failed.value.cause == cause
    assert CANARY not in f"{failed.value!r}{failed.value.remedy}"


def test_who_waits_on_a_half_open_connection_is_let_go_by_an_interrupt(shop: Server) -> None:
    """The server has begun to answer, then nothing more comes, and who asks it to stop is not heard either."""
    dataset = DiscoveredDataset(
        Urn.parse("dataset:mysql://shop.example:3306~information_schema.collations"),
        ("information_schema", "collations"),
        columns=(DiscoveredColumn("collation_name", "varchar(64)", True, 1),),
    )
    with half_open(shop.port, b"collations") as (port, silent):
        source = open_connector(
            "mariadb", config(shop, port=port, sslmode="disable"), access=NetworkPolicy(True, timeout_s=60)
        )
        cause = cause_of_the_interrupted(source, dataset, 500, silent)
    assert cause == "UNREACHABLE"


async def test_names_spelled_in_another_case_are_the_same_assets_with_all_that_people_made(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, mariadb: Server
) -> None:
    def run(*statements: str) -> None:
        with (
            pymysql.connect(
                host=mariadb.host, port=mariadb.port, user=mariadb.user, password=mariadb.password
            ) as connection,
            connection.cursor() as cursor,
        ):
            for statement in statements:
                cursor.execute(statement)

    run(
        "CREATE DATABASE IF NOT EXISTS cases",
        "DROP TABLE IF EXISTS cases.customers, cases.Customers",
        "CREATE TABLE cases.Customers (Id int PRIMARY KEY, Mail varchar(30))",
    )
    recipe = f"""
source: {{name: cases, type: mariadb, config: {{host: {mariadb.host}, port: {mariadb.port}, user: {mariadb.user},
  password: "{mariadb.password}", database: cases}}}}
scan: {{classify: false, lineage: false, profile: false, usage: false, sample_rows: 0}}
plan: {{stale: delete, stale_after_days: 0}}
"""
    assets = Query(
        "test",
        "CYPHER 25 MATCH (a:Asset) WHERE a.kind IN ['DATASET', 'COLUMN'] RETURN a.urn AS urn, a.key AS key, a.name AS name, "
        "a.status AS status, a.description AS description, COUNT { (a)-[:CLASSIFIED_AS]->() } AS verdicts ORDER BY urn",
        "read",
        frozenset(),
        (),
        1000,
    )
    await scanned(graph, admin, redis_url, config, recipe)
    before = await graph.rows(assets)
    mail, table = before[1]["urn"], before[2]["urn"]
    await catalog.describe(graph, admin, urn=table, description="Who buys.")
    await catalog.apply_tag(graph, admin, urns=[table], tag="gold")
    await know(graph, ClassificationEngine().classifiers)
    await classifications.decide(
        graph, admin, urn=mail, classification="EMAIL", status=VerdictStatus.CONFIRMED, reason="seen"
    )

    run(
        "RENAME TABLE cases.Customers TO cases.customers",
        "ALTER TABLE cases.customers CHANGE Mail MAIL varchar(30)",
    )
    done = await scanned(graph, admin, redis_url, config, recipe)

    after = await graph.rows(assets)
    assert [(row["urn"], row["key"], row["status"]) for row in after] == [
        (row["urn"], row["key"], "ACTIVE") for row in before
    ]
    assert [row["name"] for row in before] == ["Id", "Mail", "Customers"]
    assert [row["name"] for row in after] == ["Id", "MAIL", "customers"]
    assert (after[2]["description"], after[1]["verdicts"]) == ("Who buys.", 1)
    assert not done.get("count_retired")
    versions = Query(
        "test", "CYPHER 25 MATCH (v:SchemaVersion) RETURN v.number AS n", "read", frozenset(), (), 1000
    )
    assert [row["n"] for row in await graph.rows(versions)] == [1]  # no new schema
