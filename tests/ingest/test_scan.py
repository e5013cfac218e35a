"""A scan as an operator sees it: what it finds, what it leaves alone, what it says, and what survives a dead worker."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cypher.audit import reads as audit
from cypher.catalogue import Query
from cypher.orchestration import reads
from cypher.session import GraphSession
from ingest.commands import catalog, classifications, run_tasks, runs, scans, sources
from ingest.commands.unit import fenced
from ingest.orchestration.outcomes import Failed
from ingest.worker import ArqQueue, worker
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import Principal
from schema.domain.scans import RunState
from schema.domain.sources import ScanOptions, SourceSpec
from schema.errors import Conflict, LeaseLost, NotFound
from schema.settings import Settings


def query(text: str, *params: str, returns: tuple[str, ...] = ()) -> Query:
    return Query("test", f"CYPHER 25 {text}", "read", frozenset(params), returns, 1000)


ASSETS = query(
    "MATCH (a:Asset) WHERE a.kind <> 'SOURCE' RETURN a.kind + ' ' + a.path + ' ' + a.status AS line ORDER BY line"
)
EDGES = query(
    "MATCH (u:Asset)-[e:FEEDS|INFLUENCES]->(d:Asset) "
    "RETURN u.path + ' -' + e.transformation + '-> ' + d.path AS line ORDER BY line"
)
VERDICTS = query(
    "MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) "
    "RETURN a.path AS path, c.name AS classification, v.status AS status, v.reason AS reason, a.sensitivity AS sensitivity "
    "ORDER BY path, classification"
)
RUN = query("MATCH (r:Run {id: $id}) RETURN properties(r) AS run", "id")
ATTEMPTS = query(
    "MATCH (:Run {id: $run})-[:HAS_TASK]->(t)-[:TRIED]->(a) RETURN t.id AS task, a.state AS state ORDER BY a.started_ms",
    "run",
)
PROBLEMS = query(
    "MATCH (:Run {id: $id})-[:REPORTED]->(p:Problem) RETURN p.code AS code, p.subject AS subject", "id"
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    file = tmp_path / "shop.sqlite"
    with sqlite3.connect(file) as db:
        db.executescript(
            """
            CREATE TABLE Customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL, note TEXT);
            CREATE TABLE Orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES Customer(id), total NUMERIC);
            CREATE VIEW Revenue AS
              SELECT c.email AS who, sum(o.total) AS total FROM Orders o JOIN Customer c ON c.id = o.customer_id GROUP BY c.email;
            """
        )
        db.executemany(
            "INSERT INTO Customer VALUES (?, ?, 'canary-4711')", [(i, f"p{i}@example.org") for i in range(40)]
        )
        db.executemany("INSERT INTO Orders VALUES (?, ?, ?)", [(i, i % 40, i * 3) for i in range(90)])
    return file


async def registered(
    graph: GraphSession, admin: Principal, config: Settings, file: Path, **options: object
) -> str:
    spec = SourceSpec("shop", "sqlite", {"path": str(file)}, options=ScanOptions(embed=False, **options))  # type: ignore[arg-type]
    await sources.register(graph, admin, spec, config=config)
    return "shop"


async def work(graph: GraphSession, redis_url: str, config: Settings) -> None:
    """One worker until nothing waits."""
    working = worker(graph, redis_url=redis_url, config=config, embedder=None, burst=True)
    await working.main()
    await working.close()


async def scanned(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings
) -> dict[str, object]:
    run = await scans.request(graph, admin, source="shop")
    queue = ArqQueue(redis_url)
    await queue.signal()
    await queue.close()
    await work(graph, redis_url, config)
    row = await graph.one(RUN, id=run)
    assert row is not None
    return row["run"]  # type: ignore[no-any-return]


async def test_a_scan_finds_tables_columns_lineage_and_personal_data(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop)

    run = await scanned(graph, admin, redis_url, config)

    assert run["state"] == "SUCCEEDED", run
    assets = [row["line"] for row in await graph.rows(ASSETS)]
    assert "DATASET main.Customer ACTIVE" in assets
    assert "COLUMN main.Revenue.who ACTIVE" in assets
    edges = {row["line"] for row in await graph.rows(EDGES)}
    assert "main.Customer.email -IDENTITY-> main.Revenue.who" in edges
    assert "main.Orders.total -AGGREGATE-> main.Revenue.total" in edges
    assert "main.Orders.customer_id -JOIN-> main.Revenue" in edges
    verdicts = {(row["path"], row["status"]): row for row in await graph.rows(VERDICTS)}
    email = verdicts["main.Customer.email", "SUGGESTED"]
    assert email["sensitivity"] >= 2
    assert "%" in email["reason"]
    assert "@" not in email["reason"]


async def test_a_scan_leaves_nothing_behind_of_what_its_stages_handed_to_each_other(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop)
    await scanned(graph, admin, redis_url, config)

    assert await graph.rows(query("MATCH (c:RunChunk) RETURN c.id AS id")) == []


async def test_scanning_again_changes_nothing_and_says_how_much_it_skipped(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop)
    first = await scanned(graph, admin, redis_url, config)
    before = (await graph.rows(ASSETS), await graph.rows(EDGES), await graph.rows(VERDICTS))

    again = await scanned(graph, admin, redis_url, config)

    assert (first["count_changed"], again["count_changed"], again["count_unchanged"]) == (3, 0, 3)
    assert (await graph.rows(ASSETS), await graph.rows(EDGES), await graph.rows(VERDICTS)) == before


async def test_a_dropped_table_is_kept_as_stale_and_comes_back(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop)
    await scanned(graph, admin, redis_url, config)
    with sqlite3.connect(shop) as db:
        db.execute("DROP VIEW Revenue")

    await scanned(graph, admin, redis_url, config)
    gone = [row["line"] for row in await graph.rows(ASSETS) if "Revenue" in row["line"]]
    with sqlite3.connect(shop) as db:
        db.execute("CREATE VIEW Revenue AS SELECT email AS who FROM Customer")
    await scanned(graph, admin, redis_url, config)
    back = [row["line"] for row in await graph.rows(ASSETS) if "Revenue" in row["line"]]

    assert {line.rsplit(" ", 1)[1] for line in gone} == {"STALE"}
    assert back == [
        "COLUMN main.Revenue.total STALE",
        "COLUMN main.Revenue.who ACTIVE",
        "DATASET main.Revenue ACTIVE",
    ]
    edges = {row["line"] for row in await graph.rows(EDGES)}
    assert "main.Orders.total -AGGREGATE-> main.Revenue.total" not in edges


async def test_what_people_wrote_and_decided_survives_the_next_scan(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop)
    await scanned(graph, admin, redis_url, config)
    (email,) = [r for r in await graph.rows(VERDICTS) if r["path"] == "main.Customer.email"]
    urn = f"column:sqlite://{shop}~main.customer~email"
    await classifications.decide(
        graph,
        admin,
        urn=urn,
        classification=email["classification"],
        status=VerdictStatus.REJECTED,
        reason="test data",
    )
    await catalog.describe(graph, admin, urn=urn, description="Not a real address.")
    with sqlite3.connect(shop) as db:
        db.execute("ALTER TABLE Customer ADD COLUMN phone TEXT")

    run = await scanned(graph, admin, redis_url, config)

    assert run["count_changed"] == 1
    (after,) = [r for r in await graph.rows(VERDICTS) if r["path"] == "main.Customer.email"]
    assert (after["status"], after["sensitivity"]) == ("REJECTED", 0)
    described = query("MATCH (a:Asset {urn: $urn}) RETURN a.description AS description", "urn")
    assert await graph.one(described, urn=urn) == {"description": "Not a real address."}


async def test_a_scan_that_would_lose_most_of_a_source_stops_and_changes_nothing(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "many.sqlite"
    with sqlite3.connect(file) as db:
        for i in range(12):
            db.execute(f"CREATE TABLE t{i} (id INTEGER)")
    await registered(graph, admin, config, file)
    await scanned(graph, admin, redis_url, config)
    with sqlite3.connect(file) as db:
        for i in range(11):
            db.execute(f"DROP TABLE t{i}")

    run = await scanned(graph, admin, redis_url, config)

    assert run["state"] == "FAILED"
    assert "11 of 12 datasets are missing" in str(run["error"])
    assert not [row for row in await graph.rows(ASSETS) if "STALE" in row["line"]]


async def test_sql_that_cannot_be_read_is_reported_on_the_run(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    with sqlite3.connect(shop) as db:
        db.execute("CREATE VIEW Odd AS SELECT CAST(id AS unsigned big int) AS who FROM Customer")
    await registered(graph, admin, config, shop)

    run = await scanned(graph, admin, redis_url, config)
    problems = await graph.rows(PROBLEMS, id=run["id"])

    codes = {p["code"] for p in problems if p["subject"].endswith("main.odd")}
    assert codes
    assert codes <= {"PARSE_ERROR", "COMMAND_FALLBACK"}


async def test_no_sampled_value_reaches_the_graph(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop)
    await scanned(graph, admin, redis_url, config)

    everything = query(
        "MATCH (n) UNWIND keys(n) AS k WITH n[k] AS v WHERE v IS :: STRING AND "
        "(v CONTAINS 'canary-4711' OR v CONTAINS '@example.org') RETURN v"
    )
    assert await graph.rows(everything) == []


async def test_a_run_whose_worker_died_is_taken_over_and_the_dead_one_cannot_write(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop)
    run = await scans.request(graph, admin, source="shop")

    (dead,) = await run_tasks.claim(graph, worker="dead", slots=9)
    assert await run_tasks.claim(graph, worker="early", slots=9) == []
    await graph.schema_statement("MATCH (t:RunTask) SET t.lease_until = t.lease_until - 60000")
    await work(graph, redis_url, config)

    held = {"id": dead.task, "attempt": dead.attempt, "done": 0, "total": None}
    assert await run_tasks.beat(graph, worker="dead", props={}, tasks=[held]) == {}
    with fenced(dead.task, dead.attempt), pytest.raises(LeaseLost):
        await catalog.touch_datasets(graph, admin, ["urn:ps:dataset:shop/main/orders"], run=run)
    assert await run_tasks.settle(graph, dead, Failed("bug", "too late")) is None
    row = await graph.one(RUN, id=run)
    assert row is not None
    assert row["run"]["state"] == "SUCCEEDED"
    tried = await graph.rows(ATTEMPTS, run=run)
    assert [each["state"] for each in tried if each["task"].endswith("/discover/0")] == [
        "FAILED",
        "SUCCEEDED",
    ]


async def test_two_signals_for_one_run_scan_once(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop)
    run = await scans.request(graph, admin, source="shop")
    claims = await asyncio.gather(*(run_tasks.claim(graph, worker=f"w{i}", slots=4) for i in range(8)))

    assert [claim.run["id"] for each in claims for claim in each] == [run]


async def test_a_second_scan_of_a_busy_source_is_refused_and_a_queued_one_can_be_cancelled(
    graph: GraphSession, admin: Principal, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop)
    run = await scans.request(graph, admin, source="shop")

    with pytest.raises(Conflict, match="not finished"):
        await scans.request(graph, admin, source="shop")
    assert await runs.cancel(graph, admin, run=run) is RunState.CANCELLED
    with pytest.raises(Conflict, match="is over"):
        await runs.cancel(graph, admin, run=run)
    with pytest.raises(NotFound):
        await scans.request(graph, admin, source="nowhere")
    assert not await reads.waiting(graph)


async def test_the_audit_trail_of_a_scan_is_whole(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop)
    await scanned(graph, admin, redis_url, config)

    _, breaks = await audit.verify(graph)
    actions = {event["action"] for event in await audit.events(graph, first=100)}

    assert breaks == []
    assert {"source.register", "scan.request", "catalog.publish", "scan.finish"} <= actions


async def test_two_folders_of_files_are_two_sources_of_one_namespace(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, tmp_path: Path
) -> None:
    for name in ("red", "blue"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "things.csv").write_text(
            "id,email\n" + "".join(f"{i},p{i}@example.org\n" for i in range(9))
        )
        spec = SourceSpec(name, "files", {"path": str(tmp_path / name)}, options=ScanOptions(embed=False))
        await sources.register(graph, admin, spec, config=config)
        await scans.request(graph, admin, source=name)

    again = SourceSpec("again", "files", {"path": str(tmp_path / "red")})
    with pytest.raises(Conflict, match="already reads"):
        await sources.register(graph, admin, again, config=config)
    await work(graph, redis_url, config)

    placed = query(
        "MATCH (s:Source)-[:CONTAINS]->(d:Dataset) RETURN s.name AS source, d.name AS name, d.source AS of ORDER BY source"
    )
    assert await graph.rows(placed) == [
        {"source": "blue", "name": "things.csv", "of": "blue"},
        {"source": "red", "name": "things.csv", "of": "red"},
    ]


async def test_a_model_whose_compiled_sql_is_missing_keeps_its_last_lineage_and_says_so(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, tmp_path: Path
) -> None:
    manifest = tmp_path / "manifest.json"
    text = (Path(__file__).parents[1] / "data" / "dbt" / "bigquery" / "manifest.json").read_text()
    manifest.write_text(text)
    spec = SourceSpec(
        "shop", "dbt", {"manifest": str(manifest), "namespace": "bigquery"}, options=ScanOptions(embed=False)
    )
    await sources.register(graph, admin, spec, config=config)
    for _ in range(2):  # the first scan teaches the columns, which the second one uses
        await scanned(graph, admin, redis_url, config)
    before = await graph.rows(EDGES)

    model = json.loads(text)
    for node in model["nodes"].values():
        if node["name"] == "orders":
            node["compiled_sql"] = ""
    manifest.write_text(json.dumps(model))
    run = await scanned(graph, admin, redis_url, config)

    assert any(row["line"].endswith(".jaffle_shop.orders.order_id") for row in before), before
    assert await graph.rows(EDGES) == before
    problems = await graph.rows(PROBLEMS, id=run["id"])
    assert ("NO_COMPILED_SQL", "model.jaffle_shop.orders") in {(p["code"], p["subject"]) for p in problems}


async def test_a_cancel_ends_a_query_of_the_source_that_would_run_for_a_minute(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    with sqlite3.connect(shop) as db:
        db.execute(
            "CREATE VIEW Endless AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) AS x FROM n"
        )
    await registered(graph, admin, config, shop)
    run = await scans.request(graph, admin, source="shop")
    working = asyncio.create_task(work(graph, redis_url, config))

    async def until(*states: str) -> dict[str, Any]:
        while True:
            row = await graph.one(RUN, id=run)
            assert row is not None
            if row["run"]["state"] in states and (
                row["run"]["stage"] == "examine" or "RUNNING" not in states
            ):
                return row["run"]  # type: ignore[no-any-return]
            await asyncio.sleep(0.05)

    await asyncio.wait_for(until("RUNNING"), 60)
    await runs.cancel(graph, admin, run=run)
    ended = await asyncio.wait_for(until("CANCELLED", "SUCCEEDED", "FAILED"), 10)
    await asyncio.wait_for(working, 30)

    assert ended["state"] == "CANCELLED"
    assert await graph.rows(EDGES) == []
