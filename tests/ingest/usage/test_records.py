"""Lineage from what warehouses record themselves: from rows as their makers document them, through a scan, to whoever asks for it.

No warehouse is run here. The statements that the connectors write run on DuckDB, over tables with the columns of the makers' views.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import scans, sources
from ingest.connectors import recorded
from ingest.connectors.base import CheckReport, open_connector
from ingest.connectors.cloud_warehouses import Databricks, Snowflake
from ingest.connectors.failures import failure
from ingest.network import NetworkPolicy
from ingest.usage.records import read_recorded
from ingest.worker import ArqQueue
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.identity import Principal
from schema.domain.platforms import dataset_urn
from schema.domain.sources import ScanOptions, SourceSpec
from schema.settings import Settings
from tests.graph_api.asking import api, nodes
from tests.ingest.test_scan import query, work
from tests.ingest.usage.warehouse_records import Records, named, written

NOW = datetime.now(UTC).replace(microsecond=0)
ACCOUNT = {"account": "acme-shop", "user": "reader", "password": "canary", "databases": ["SALES"]}
WORKSPACE = {
    "host": "adb-1.2.azuredatabricks.net",
    "http_path": "/sql/1.0/warehouses/ab",
    "token": "canary",
    "databases": ["sales"],
}
NAMESPACE = "snowflake://acme-shop"
EDGES = """query ($u: String!) { assetByUrn(urn: $u) { fedBy { edges { node { asset { urn }
  assertions { origin firstSeen lastSeen transformation } } } } } }"""
RUN = query(
    "MATCH (r:Run {id: $id}) RETURN r.state AS state, "
    "COLLECT { MATCH (r)-[:REPORTED]->(p:Problem) RETURN [p.code, p.message] } AS problems",
    "id",
)


def at(days: float) -> datetime:
    return NOW - timedelta(days=days)


def table(name: str, *columns: str, namespace: str = NAMESPACE) -> DiscoveredDataset:
    path = ("sales", "public", name)
    return DiscoveredDataset(
        dataset_urn(namespace, path),
        path,
        columns=tuple(DiscoveredColumn(c, "text", ordinal=n) for n, c in enumerate(columns, 1)),
    )


CUSTOMER, ORDERS = table("customer", "id", "country"), table("orders", "id", "customer_id", "amount")
REPORT = table("report", "country", "amount")
KNOWN = {each.urn: [c.name for c in each.columns] for each in (CUSTOMER, ORDERS, REPORT)}
FILL = [
    named("SALES.PUBLIC.CUSTOMER", "ID", "COUNTRY"),
    named("SALES.PUBLIC.ORDERS", "CUSTOMER_ID", "AMOUNT"),
]
FILLED = written(
    "SALES.PUBLIC.REPORT", COUNTRY=[("SALES.PUBLIC.CUSTOMER", "COUNTRY")], AMOUNT=[("SALES.PUBLIC.ORDERS", "AMOUNT")]
)  # fmt: skip


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Records:
    """Both makers' views, which the connectors ask instead of a warehouse that has three tables."""
    found = Records()
    for kind in (Snowflake, Databricks):
        monkeypatch.setattr(kind, "_told", lambda _, statement: found.answer(statement))
    monkeypatch.setattr(Snowflake, "check", lambda _: CheckReport(NAMESPACE, "9.1", 1.0))
    monkeypatch.setattr(Snowflake, "discover", lambda *_: iter([CUSTOMER, ORDERS, REPORT]))
    return found


@pytest.fixture
async def warehouse(graph: GraphSession, admin: Principal, config: Settings, records: Records) -> Records:
    options = ScanOptions(sample_rows=0, classify=False, embed=False, profile=False)
    await sources.register(
        graph, admin, SourceSpec("wh", "snowflake", ACCOUNT, options=options), config=config
    )
    return records


async def scanned(graph: GraphSession, admin: Principal, redis_url: str, config: Settings) -> dict[str, Any]:
    run = await scans.request(graph, admin, source="wh")
    queue = ArqQueue(redis_url)
    await queue.signal()
    await queue.close()
    await work(graph, redis_url, config)
    row = await graph.one(RUN, id=run)
    assert row is not None
    return row


async def fed(graph: GraphSession, urn: object) -> dict[str, Any]:
    found = nodes((await api(graph).ask(EDGES, u=str(urn)))["assetByUrn"]["fedBy"])
    return {each["asset"]["urn"]: each["assertions"][0] for each in found}


async def test_a_scan_of_snowflake_reads_the_lineage_that_it_recorded_and_goes_on_where_it_ended(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, warehouse: Records
) -> None:
    warehouse.access(at(20), FILL, [FILLED])
    warehouse.access(at(4), FILL, [FILLED])
    first = await scanned(graph, admin, redis_url, config)
    assert (first["state"], first["problems"]) == ("SUCCEEDED", [])
    amount = (await fed(graph, REPORT.column_urn("amount")))[str(ORDERS.column_urn("amount"))]
    assert amount["origin"] == "QUERY_LOG"
    assert datetime.fromisoformat(amount["lastSeen"]) == at(4)
    assert set(await fed(graph, REPORT.urn)) == {str(CUSTOMER.urn), str(ORDERS.urn)}

    asked = len(warehouse.asked)
    warehouse.access(at(1), FILL, [FILLED])
    await scanned(graph, admin, redis_url, config)
    again = (await fed(graph, REPORT.column_urn("amount")))[str(ORDERS.column_urn("amount"))]
    assert datetime.fromisoformat(again["lastSeen"]) == at(1)
    assert again["firstSeen"] == amount["firstSeen"]
    (more,) = warehouse.asked[asked:]
    assert at(2.1).isoformat() < more.split("'")[1] < at(1.9).isoformat()  # what was late as well


async def test_a_scan_by_an_account_that_may_not_read_the_records_succeeds_and_names_the_grant(
    graph: GraphSession,
    admin: Principal,
    redis_url: str,
    config: Settings,
    warehouse: Records,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object) -> None:
        told = "SQL compilation error: Object 'SNOWFLAKE.ACCOUNT_USAGE.ACCESS_HISTORY' does not exist or not authorized."
        raise failure(RuntimeError(told))

    monkeypatch.setattr(Snowflake, "_told", refused)
    run = await scanned(graph, admin, redis_url, config)
    assert run["state"] == "SUCCEEDED"
    ((code, message),) = run["problems"]
    assert code == "RECORDS_PERMISSION"
    assert "SNOWFLAKE.GOVERNANCE_VIEWER" in message

    monkeypatch.setattr(Snowflake, "_told", lambda _, statement: warehouse.answer(statement))
    warehouse.access(at(30), FILL, [FILLED])
    await scanned(graph, admin, redis_url, config)
    assert set(await fed(graph, REPORT.urn)) == {
        str(CUSTOMER.urn),
        str(ORDERS.urn),
    }  # nothing was passed over


async def told(kind: str, position: str = "", known: Any = KNOWN) -> tuple[set[tuple[str, str]], Any, bool]:
    """Edges of one reading by their ends, in short, the report, and whether all was read."""
    config = ACCOUNT if kind == "snowflake" else WORKSPACE
    connector: Any = open_connector(kind, config, access=NetworkPolicy())
    report, complete = await read_recorded(connector, position, known, now=NOW)

    def short(urn: Any) -> str:
        return ".".join(filter(None, (urn.name.rpartition(".")[2], urn.column)))

    return {(short(e.upstream), short(e.downstream)) for e in report.edges}, report, complete


async def test_only_writes_that_something_flowed_into_are_lineage(records: Records) -> None:
    stage = named("SALES.PUBLIC.ORDERS", domain="Stage")
    records.access(
        at(3), FILL[:1], [written("SALES.PUBLIC.REPORT", COUNTRY=[], AMOUNT=[])]
    )  # DELETE, constants
    records.access(at(3), [stage], [written("SALES.PUBLIC.REPORT", AMOUNT=[])])
    records.access(at(3), FILL, [])  # a SELECT
    records.access(at(3), [], [named("SALES.PUBLIC.F", domain="Function")])
    assert (await told("snowflake"))[0] == set()

    quoted = written('"SALES"."PUBLIC"."report"', "View", country=[('SALES."PUBLIC".customer', "Country")])
    records.access(at(2), [*FILL, named("SALES.PUBLIC.REPORT")], [quoted])
    records.access(
        at(2),
        [named("OTHER.PUBLIC.T", "C")],
        [written("SALES.PUBLIC.REPORT", AMOUNT=[("OTHER.PUBLIC.T", "C")])],
    )
    found, _, complete = await told("snowflake")
    assert found == {("customer.country", "report.country"), ("customer", "report"), ("orders", "report")}
    assert complete


async def test_unity_catalog_tells_of_columns_and_of_tables_whose_columns_it_does_not_know(
    records: Records,
) -> None:
    known = {
        dataset_urn("databricks://adb-1.2.azuredatabricks.net", urn.name): columns
        for urn, columns in KNOWN.items()
    }
    records.flow(at(30), "sales.public.orders", "sales.public.report", "amount", "amount")
    records.flow(at(2), "sales.public.orders", "sales.public.report", "amount", "amount")
    records.flow(at(2), "sales.public.orders", "sales.public.report")
    records.flow(at(2), "sales.public.customer", "sales.public.report")
    records.flow(at(2), "sales.public.customer", None, "id", None)  # only read
    records.flow(at(2), None, "sales.public.report")  # from a path
    found, report, complete = await told("databricks", known=known)
    assert found == {("orders.amount", "report.amount"), ("orders", "report"), ("customer", "report")}
    assert complete
    (column,) = [edge for edge in report.edges if edge.upstream.column]
    assert (column.observed_at, column.last_at) == (at(30), at(2))


async def test_more_records_than_one_answer_takes_are_asked_for_one_answer_after_the_other(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "MOST_ACCESSES", 2)
    for n, column in enumerate(("ID", "CUSTOMER_ID", "AMOUNT", "ID", "AMOUNT")):
        one = written("SALES.PUBLIC.REPORT", AMOUNT=[("SALES.PUBLIC.ORDERS", column)])
        records.access(at(5) + timedelta(hours=n), [], [one])
    found, _, complete = await told("snowflake")
    assert complete
    assert {up for up, _ in found} == {"orders", "orders.id", "orders.customer_id", "orders.amount"}


async def test_a_warehouse_that_fails_half_way_keeps_what_it_told_and_is_asked_for_the_rest(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    records.access(at(80), FILL, [FILLED])
    records.access(at(1), [], [written("SALES.PUBLIC.REPORT", AMOUNT=[("SALES.PUBLIC.ORDERS", "ID")])])

    def failing(_: object, statement: str) -> Any:
        if len(records.asked) == 3:
            raise failure(TimeoutError("canary"))
        return records.answer(statement)

    with monkeypatch.context() as patched:
        patched.setattr(Snowflake, "_told", failing)
        found, report, complete = await told("snowflake")
    assert ("orders.amount", "report.amount") in found
    assert [problem.code for problem in report.problems] == ["RECORDS_TIMEOUT"]
    assert not complete
    rest, after, complete = await told("snowflake", report.after)
    assert (rest, complete) == ({("orders.id", "report.amount"), ("orders", "report")}, True)
    assert after.after > report.after


def test_a_record_that_makes_no_sense_is_counted_and_left_out() -> None:
    rows = [
        ("[]", '[{"objectDomain": "Table"', 1.0, 2.0),
        ("[]", '[{"no": "domain"}]', 1, 2),
        ("[]", "[null]", 1, 2),
    ]
    found = recorded.answer(rows, recorded.accessed, NAMESPACE, at(2), at(1), 100)
    assert (found.edges, found.until, found.unread) == ((), at(1), 3)


@pytest.mark.parametrize(
    "text",
    [
        "[INSUFFICIENT_PERMISSIONS] Insufficient privileges: User does not have USE SCHEMA on Schema 'system.access'.",
        "SQL compilation error: Database 'SNOWFLAKE' does not exist or not authorized.",
    ],
)
def test_what_warehouses_say_of_a_right_that_lacks_is_understood(text: str) -> None:
    assert failure(RuntimeError(text)).cause == "PERMISSION"
