"""Usage from logged statements to whoever asks for it: counted once, without a value of any statement."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cypher.audit import reads as audit
from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import catalog
from ingest.commands.lineage import link
from ingest.commands.usage import Published
from ingest.usage.collecting import collect_log
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.domain.platforms import dataset_urn
from tests.graph_api.asking import Api, api, nodes

NAMESPACE = "postgres://shop:5432"
USAGE = """
query ($u: String!, $n: Int, $a: String) { assetByUrn(urn: $u) { usage {
  queriesLast7Days queriesLast30Days queriesLast90Days users lastUsedAt accounts
  joins(first: $n, after: $a) { edges { node { column { name } with { urn } queries } } pageInfo { hasNextPage endCursor } } } } }
"""
EVERYTHING_STORED = Query(
    "t", "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN properties(n) AS p, collect(properties(r)) AS rs",
    "read", frozenset(), ("p", "rs"), 0,
)  # fmt: skip


def table(name: str, *columns: str) -> DiscoveredDataset:
    path = ("shop", "public", name)
    return DiscoveredDataset(
        dataset_urn(NAMESPACE, path),
        path,
        columns=tuple(DiscoveredColumn(c, "text", ordinal=n) for n, c in enumerate(columns, 1)),
    )


CUSTOMER = table("customer", "id", "email", "country")
ORDERS = table("orders", "id", "customer_id", "amount")
REPORT = table("report", "country", "amount")


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    await catalog.publish_datasets(graph, admin, [CUSTOMER, ORDERS, REPORT], run="r", by=NAMESPACE)
    return graph


def at(days: int, minute: int = 0) -> str:
    moment = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
    return (moment + timedelta(minutes=minute)).isoformat()


def entry(days: int, minute: int, user: str, sql: str) -> dict[str, Any]:
    return {"timestamp": at(days, minute), "user": user, "sql": sql, "duration": 1.5, "rows": 3}


JOIN = "SELECT c.email, o.amount FROM customer c JOIN orders o ON o.customer_id = c.id WHERE c.email = 'canary-{}@x.org'"
LOG = [
    entry(1, 1, "mallory.miller", JOIN.format(1)),
    entry(1, 2, "mallory.miller", JOIN.format(2)),
    entry(2, 3, "etl", "INSERT INTO report SELECT c.country, o.amount FROM customer c, orders o "
          "WHERE o.customer_id = c.id AND c.country IN ('canary-3', 'canary-4')"),
    entry(20, 1, "etl", "SELECT id FROM public.orders WHERE amount > 4711.0815"),
    entry(60, 1, "etl", "SELECT id FROM orders -- canary-5"),
    entry(200, 1, "etl", "SELECT id FROM orders"),
    entry(3, 1, "etl", "SELECT 'canary-6' AS \"x\" FROM nowhere"),
    entry(3, 2, "etl", "SELEC broken 'canary-7"),
]  # fmt: skip


def written(path: Path, entries: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, entries)), "utf-8")
    return path


async def collected(graph: GraphSession, admin: Principal, path: Path) -> Published:
    published, _ = await collect_log(graph, admin, source="shop", namespace=NAMESPACE, path=path)
    return published


async def usage(graph: GraphSession, urn: object, principal: Principal | None = None, **more: Any) -> Any:
    asked = api(graph) if principal is None else Api(graph, principal)
    found = await asked.ask(USAGE, u=str(urn), n=10, **more)
    return found["assetByUrn"] and found["assetByUrn"]["usage"]


async def test_queries_accounts_and_joins_of_a_log_are_shown(
    shop: GraphSession, admin: Principal, tmp_path: Path
) -> None:
    published = await collected(shop, admin, written(tmp_path / "log.jsonl", LOG))

    assert published.queries == len(LOG)
    orders = await usage(shop, ORDERS.urn)
    assert (orders["queriesLast7Days"], orders["queriesLast30Days"], orders["queriesLast90Days"]) == (3, 4, 5)
    assert (orders["users"], orders["accounts"]) == (2, ["etl", "mallory.miller"])
    assert orders["lastUsedAt"] == at(1, 2)
    [join] = nodes(orders["joins"])
    customer_id = str(CUSTOMER.column_urn("id"))
    assert join == {"column": {"name": "customer_id"}, "with": {"urn": customer_id}, "queries": 3}
    email = await usage(shop, CUSTOMER.column_urn("email"))
    assert (email["queriesLast7Days"], email["users"], email["joins"]["edges"]) == (2, 1, [])
    assert [each["with"]["urn"] for each in nodes((await usage(shop, customer_id))["joins"])] == [
        str(ORDERS.column_urn("customer_id"))
    ]
    assert await usage(shop, REPORT.urn) is None


async def test_a_log_that_is_read_twice_or_grows_is_counted_once(
    shop: GraphSession, admin: Principal, tmp_path: Path
) -> None:
    await collected(shop, admin, written(tmp_path / "log.jsonl", LOG[:2]))
    assert await collected(shop, admin, tmp_path / "log.jsonl") == Published()
    assert (await usage(shop, ORDERS.urn))["queriesLast7Days"] == 2

    more = entry(1, 9, "etl", "SELECT id FROM orders")
    earlier = entry(5, 0, "etl", "SELECT id FROM orders")
    assert (await collected(shop, admin, written(tmp_path / "log.jsonl", [*LOG[:2], more]))).queries == 1
    assert (await collected(shop, admin, written(tmp_path / "older.jsonl", [earlier]))).queries == 1
    assert (await usage(shop, ORDERS.urn))["queriesLast7Days"] == 4


async def test_a_report_that_is_published_again_adds_nothing_and_one_that_is_late_is_refused(
    shop: GraphSession, admin: Principal, tmp_path: Path
) -> None:
    from ingest.commands.usage import publish_usage
    from schema.domain.usage import AssetUse, UsageReport
    from schema.errors import Conflict

    day = at(0)[:10]
    use = AssetUse(ORDERS.urn, day, 5, ("etl",), datetime.now(UTC))
    first, other = (UsageReport("log", "", mark, 5, (use,)) for mark in ("one", "two"))
    assert (await publish_usage(shop, admin, first, source="shop")).queries == 5
    assert (await publish_usage(shop, admin, first, source="shop")).queries == 0
    with pytest.raises(Conflict):
        await publish_usage(shop, admin, other, source="shop")
    assert (await usage(shop, ORDERS.urn))["queriesLast7Days"] == 5


async def test_no_value_of_a_logged_statement_reaches_the_graph(
    shop: GraphSession, admin: Principal, tmp_path: Path
) -> None:
    odd = [
        entry(1, 30, "etl", "INSERT INTO report SELECT * FROM (SELECT country, amount FROM customer c, orders) "
              "PIVOT (sum(amount) FOR country IN ('canary-8', 'canary-9'))"),
        entry(1, 31, "etl", "CREATE TABLE made AS SELECT E'canary-10', $$canary-11$$, X'CA9A' FROM orders"),
    ]  # fmt: skip
    await collected(shop, admin, written(tmp_path / "log.jsonl", LOG + odd))
    stored = json.dumps(await shop.rows(EVERYTHING_STORED))
    assert "orders" in stored
    assert "canary" not in stored
    assert "4711.0815" not in stored
    assert "SELECT" not in stored


async def test_logged_writes_are_edges_of_lineage_with_an_origin_of_their_own(
    shop: GraphSession, admin: Principal, tmp_path: Path
) -> None:
    await collected(shop, admin, written(tmp_path / "log.jsonl", LOG))
    document = "query ($u: String!) { assetByUrn(urn: $u) { fedBy { edges { node { asset { urn } assertions { origin firstSeen } } } } } }"
    found = nodes((await api(shop).ask(document, u=str(REPORT.column_urn("amount"))))["assetByUrn"]["fedBy"])
    assert [each["asset"]["urn"] for each in found] == [str(ORDERS.column_urn("amount"))]
    assert found[0]["assertions"][0]["origin"] == "QUERY_LOG"


EDGES = """query ($u: String!) { assetByUrn(urn: $u) { fedBy(includeIndirect: true) { edges { node { asset { urn }
  assertions { origin confidence firstSeen lastSeen transformation } } } } } }"""


async def told(shop: GraphSession, urn: object) -> dict[str, Any]:
    """What the log asserts to feed an asset, by its urn."""
    found = nodes((await api(shop).ask(EDGES, u=str(urn)))["assetByUrn"]["fedBy"])
    return {each["asset"]["urn"]: each["assertions"] for each in found}


async def test_a_statement_that_ran_many_times_is_one_edge_seen_last_when_it_ran_last(
    shop: GraphSession, admin: Principal, tmp_path: Path
) -> None:
    fill = "INSERT INTO report (country, amount) SELECT country, max(id) FROM customer WHERE id > {} GROUP BY country"
    days = [9, 4, 6]
    log = [entry(day, n, "etl", fill.format(n)) for n, day in enumerate(days)]
    await collected(shop, admin, written(tmp_path / "log.jsonl", log))
    one = (await told(shop, REPORT.column_urn("country")))[str(CUSTOMER.column_urn("country"))]
    assert [each["origin"] for each in one] == ["QUERY_LOG"]
    assert datetime.fromisoformat(one[0]["lastSeen"]) == datetime.fromisoformat(at(4, 1))
    assert 0 < one[0]["confidence"] <= 1

    older = [entry(30, 1, "etl", fill.format(5)), entry(2, 1, "etl", fill.format(6))]
    await collected(shop, admin, written(tmp_path / "older.jsonl", older[:1]))
    again = (await told(shop, REPORT.column_urn("country")))[str(CUSTOMER.column_urn("country"))]
    assert [each["lastSeen"] for each in again] == [one[0]["lastSeen"]]  # an older log makes nothing newer
    await collected(shop, admin, written(tmp_path / "newer.jsonl", older[1:]))
    (last,) = (await told(shop, REPORT.column_urn("country")))[str(CUSTOMER.column_urn("country"))]
    assert datetime.fromisoformat(last["lastSeen"]) == datetime.fromisoformat(at(2, 1))


async def test_an_edge_that_only_logs_assert_ends_when_it_was_not_used_for_long(
    shop: GraphSession, admin: Principal, tmp_path: Path
) -> None:
    """It stayed for ever, and impact went on through what nobody ran any more."""
    old = [entry(80, 1, "etl", "INSERT INTO report (country) SELECT country FROM customer")]
    new = [entry(2, 1, "etl", "INSERT INTO report (amount) SELECT amount FROM orders")]
    await collected(shop, admin, written(tmp_path / "log.jsonl", old + new))
    await link(shop, admin, upstream=str(CUSTOMER.urn), downstream=str(REPORT.urn))
    assert set(await told(shop, REPORT.urn)) == {str(CUSTOMER.urn), str(ORDERS.urn)}
    before = datetime.now(UTC)

    nothing_new = await collect_log(
        shop, admin, source="shop", namespace=NAMESPACE, path=tmp_path / "log.jsonl", keep_days=60
    )
    assert nothing_new[0] == Published(closed=2)
    assert set(await told(shop, REPORT.column_urn("country"))) == set()
    assert set(await told(shop, REPORT.column_urn("amount"))) == {str(ORDERS.column_urn("amount"))}
    kept = await told(shop, REPORT.urn)
    assert [each["origin"] for each in kept[str(CUSTOMER.urn)]] == ["MANUAL"]
    then = await api(shop).ask(
        "query ($u: String!, $at: DateTime!) { assetByUrn(urn: $u, asOf: {validAt: $at}) { fedBy { edges { node { asset { urn } } } } } }",
        u=str(REPORT.column_urn("country")),
        at=before.isoformat(),
    )
    assert [each["asset"]["urn"] for each in nodes(then["assetByUrn"]["fedBy"])] == [
        str(CUSTOMER.column_urn("country"))
    ]
    event, *_ = await audit.events(shop, first=1, action="usage.publish")
    assert json.loads(event["details"])["closed_edges"] == 2

    again = [entry(1, 1, "etl", old[0]["sql"])]
    await collected(shop, admin, written(tmp_path / "log.jsonl", again))
    assert set(await told(shop, REPORT.column_urn("country"))) == {str(CUSTOMER.column_urn("country"))}


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE report AS SELECT country, id AS amount FROM customer",
        "CREATE VIEW report AS SELECT country, id AS amount FROM customer",
        "CREATE MATERIALIZED VIEW report AS SELECT country, id AS amount FROM customer",
    ],
)
async def test_tables_and_views_that_a_logged_statement_made_are_fed_by_what_it_read(
    shop: GraphSession, admin: Principal, tmp_path: Path, sql: str
) -> None:
    await collected(shop, admin, written(tmp_path / "log.jsonl", [entry(1, 1, "etl", sql)]))
    assert set(await told(shop, REPORT.column_urn("amount"))) == {str(CUSTOMER.column_urn("id"))}
    assert str(CUSTOMER.urn) in await told(shop, REPORT.urn)


async def test_a_column_that_two_tables_of_a_logged_statement_have_is_guessed_for_neither(
    shop: GraphSession, admin: Principal, tmp_path: Path
) -> None:
    sql = "INSERT INTO report (country, amount) SELECT country, id FROM customer, orders"
    await collected(shop, admin, written(tmp_path / "log.jsonl", [entry(1, 1, "etl", sql)]))
    assert set(await told(shop, REPORT.column_urn("country"))) == {str(CUSTOMER.column_urn("country"))}
    assert await told(shop, REPORT.column_urn("amount")) == {}  # both have an id
    assert {str(CUSTOMER.urn), str(ORDERS.urn)} <= set(await told(shop, REPORT.urn))


async def test_names_of_accounts_are_for_administrators_and_hidden_columns_are_not_among_joins(
    shop: GraphSession, admin: Principal, tmp_path: Path
) -> None:
    await collected(shop, admin, written(tmp_path / "log.jsonl", LOG))
    reader = Principal("person:eve", "Eve", Role.READER, EVERYTHING)
    seen = await usage(shop, ORDERS.urn, reader)
    assert (seen["accounts"], seen["users"], len(seen["joins"]["edges"])) == (None, 2, 1)

    await shop.schema_statement("MATCH (c:Column {name: 'id'}) SET c.sensitivity = 3")
    low = Principal("person:lou", "Lou", Role.READER, Scope(1))
    assert (await usage(shop, ORDERS.urn, low))["joins"]["edges"] == []
    assert await usage(shop, CUSTOMER.column_urn("id"), low) is None


async def test_joins_are_paged_from_the_most_frequent(
    shop: GraphSession, admin: Principal, tmp_path: Path
) -> None:
    pairs = [("id", "id", 1), ("customer_id", "id", 3), ("amount", "country", 3), ("id", "email", 2)]
    entries = [
        entry(1, place, "etl", f"SELECT 1 FROM orders o, customer c WHERE o.{own} = c.{other}")
        for place, (own, other, times) in enumerate(pairs)
        for _ in range(times)
    ]
    await collected(shop, admin, written(tmp_path / "log.jsonl", entries))
    found, after = [], None
    while True:
        found_page = (await api(shop).ask(USAGE, u=str(ORDERS.urn), n=1, a=after))["assetByUrn"]["usage"][
            "joins"
        ]
        found += [(node["column"]["name"], node["queries"]) for node in nodes(found_page)]
        after = found_page["pageInfo"]["endCursor"]
        if not found_page["pageInfo"]["hasNextPage"]:
            break
    assert found == [("amount", 3), ("customer_id", 3), ("id", 2), ("id", 1)]


async def test_csv_logs_are_read_and_bad_lines_are_said(
    shop: GraphSession, admin: Principal, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        f"time,user_name,query\n{at(1)},etl,SELECT id FROM orders\nyesterday,etl,SELECT 'canary'\n"
    )
    published, problems = await collect_log(shop, admin, source="shop", namespace=NAMESPACE, path=path)
    assert published.queries == 1
    assert [(problem.code, problem.message[:2]) for problem in problems] == [("MALFORMED_LINES", "1 ")]
    assert "canary" not in repr(problems)
