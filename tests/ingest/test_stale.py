"""What a source has no more is kept, deprecated or deleted, as its plan says; history stays, and so does what people made."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import catalog, lineage, plans
from ingest.commands.undo import undo_run
from ingest.recipes import dump_recipe, parse_recipe
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge
from schema.domain.plans import ScanPlan
from schema.domain.stale import StalePolicy, StaleRule
from schema.errors import InvalidInput
from schema.ids import Urn
from schema.settings import Settings
from tests.conftest import Neo4jAddress
from tests.graph_api.asking import api, nodes
from tests.graph_api.cli.installation import Installation
from tests.ingest.test_scan import query, registered, scanned, shop

__all__ = ["shop"]  # a fixture
QUICK = {"lineage": False, "classify": False, "profile": False, "usage": False, "sample_rows": 0}
STATES = query(
    "MATCH (a:Asset) WHERE a.kind <> 'SOURCE' RETURN a.path AS path, a.kind AS kind, a.urn AS urn, a.status AS status, a.status_reason AS why"
)
OPEN = query(
    "MATCH (u:Asset)-[e:FEEDS|INFLUENCES|REFERENCES]->(d:Asset) WHERE u.status = 'DELETED' OR d.status = 'DELETED' RETURN e.assertion AS by"
)
PREVIEW = """query ($p: StalePolicy, $d: Int, $after: String) {
  source(name: "shop") {
    staleAssets(policy: $p, afterDays: $d, first: 1, after: $after) {
      edges { cursor node { outcome reason since dueAt asset { path status statusReason } } } pageInfo { hasNextPage } }
    staleCounts(policy: $p, afterDays: $d) { outcome reason count }
  } }"""
ASSET = """query ($u: String!, $at: AsOf) { assetByUrn(urn: $u, asOf: $at) {
    status statusReason description columns(includeStale: true) { edges { node { name status } } }
    fedBy { edges { node { asset { path } } } } classifications { classification { name } } } }"""


async def states(graph: GraphSession) -> dict[str, str]:
    return {row["path"]: row["status"] for row in await graph.rows(STATES) if row["kind"] != "COLUMN"}


async def urn_of(graph: GraphSession, path: str) -> str:
    return next(row["urn"] for row in await graph.rows(STATES) if row["path"] == path)


async def plan(graph: GraphSession, admin: Principal, policy: StalePolicy, days: int = 0) -> None:
    await plans.set_plan(graph, admin, source="shop", plan=ScanPlan(stale=StaleRule(policy, days)))


def drop(shop: Path, *names: str) -> None:
    with sqlite3.connect(shop) as db:
        for name in names:
            db.execute(f"DROP {'VIEW' if name == 'Revenue' else 'TABLE'} {name}")


async def preview(graph: GraphSession, **args: Any) -> dict[str, Any]:
    answer = await api(graph).ask(PREVIEW, **args)
    return answer["source"]  # type: ignore[no-any-return]


async def test_a_dropped_view_is_deleted_after_its_grace_and_its_history_stays(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop, profile=False, usage=False)
    await plan(graph, admin, StalePolicy.DELETE, 30)
    await scanned(graph, admin, redis_url, config)
    revenue = await urn_of(graph, "main.Revenue")
    then = datetime.now(UTC).isoformat()
    drop(shop, "Revenue")
    await scanned(graph, admin, redis_url, config)

    waits = await preview(graph)
    (row,) = nodes(waits["staleAssets"])
    assert (row["outcome"], row["asset"]["status"], row["asset"]["path"]) == ("WAIT", "STALE", "main.Revenue")
    assert row["dueAt"] > row["since"]
    assert (await preview(graph, d=0))["staleCounts"] == [{"outcome": "DELETE", "reason": None, "count": 1}]
    assert (await states(graph))["main.Revenue"] == "STALE"  # nothing was written

    await plan(graph, admin, StalePolicy.DELETE, 0)
    run = await scanned(graph, admin, redis_url, config)

    assert run["count_deleted"] == 3  # with its columns
    assert (await states(graph))["main.Revenue"] == "DELETED"
    assert await graph.rows(OPEN) == []
    assert nodes((await preview(graph))["staleAssets"]) == []
    now = (await api(graph).ask(ASSET, u=revenue))["assetByUrn"]
    assert now["status"] == "DELETED"
    assert "DELETE after 0 days" in now["statusReason"]
    assert nodes(now["columns"]) == nodes(now["fedBy"]) == []
    listed = await api(graph).ask(
        "{ assets(filter: {includeStale: true, kinds: [DATASET]}) { edges { node { path } } } }"
    )
    assert {each["path"] for each in nodes(listed["assets"])} == {"main.Customer", "main.Orders"}
    past = (await api(graph).ask(ASSET, u=revenue, at={"validAt": then, "knownAt": then}))["assetByUrn"]
    assert past["status"] == "ACTIVE"
    assert {each["name"] for each in nodes(past["columns"])} == {"who", "total"}
    assert {each["asset"]["path"] for each in nodes(past["fedBy"])} >= {"main.Customer", "main.Orders"}
    history = "query ($u: String!) { assetByUrn(urn: $u) { history { edges { node { kind } } } } }"
    kinds = [
        each["kind"] for each in nodes((await api(graph).ask(history, u=revenue))["assetByUrn"]["history"])
    ]
    assert kinds[:2] == ["DELETED", "GONE"]


async def test_a_deleted_table_that_comes_back_is_the_same_asset_with_its_history(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop, **QUICK)
    await plan(graph, admin, StalePolicy.DELETE)
    await scanned(graph, admin, redis_url, config)
    before = await graph.rows(STATES)
    drop(shop, "Revenue", "Orders")
    await scanned(graph, admin, redis_url, config)
    assert {(await states(graph))[each] for each in ("main.Revenue", "main.Orders")} == {"DELETED"}

    with sqlite3.connect(shop) as db:
        db.executescript(
            "CREATE TABLE Orders (id INTEGER PRIMARY KEY, customer_id INTEGER, total NUMERIC);"
            "CREATE VIEW Revenue AS SELECT email AS who, 1 AS total FROM Customer;"
        )
    await scanned(graph, admin, redis_url, config)

    after = await graph.rows(STATES)
    assert {(row["urn"], row["status"]) for row in after} == {(row["urn"], row["status"]) for row in before}


async def test_what_a_person_worked_on_or_others_need_is_not_deleted_and_says_why(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    with sqlite3.connect(shop) as db:
        db.execute("CREATE TABLE Report (id INTEGER)")
        db.execute("CREATE TABLE Spare (id INTEGER)")
    await registered(graph, admin, config, shop, **QUICK)
    await plan(graph, admin, StalePolicy.DELETE)
    await scanned(graph, admin, redis_url, config)
    total = await urn_of(graph, "main.Orders.total")
    await catalog.describe(graph, admin, urn=total, description="In euros.")
    edge = LineageEdge(
        Urn.parse(await urn_of(graph, "main.Report")), Urn.parse(await urn_of(graph, "main.Customer"))
    )
    await lineage.publish_edges(
        graph, admin, [edge], origin=EdgeOrigin.DBT, assertion="source:dbt", run="other"
    )
    drop(shop, "Revenue", "Orders", "Report", "Spare")

    await scanned(graph, admin, redis_url, config)

    found = await states(graph)
    assert (found["main.Orders"], found["main.Report"], found["main.Spare"]) == ("STALE", "STALE", "DELETED")
    shown = (await api(graph).ask(ASSET, u=await urn_of(graph, "main.Orders")))["assetByUrn"]
    assert "a person described" in shown["statusReason"]
    assert {each["status"] for each in nodes(shown["columns"])} == {"STALE"}  # none of it went
    counts = (await preview(graph))["staleCounts"]
    assert {(each["outcome"], each["reason"]) for each in counts} == {("KEEP", "PERSON"), ("KEEP", "NEEDED")}
    first = await preview(graph)
    second = await preview(graph, after=first["staleAssets"]["edges"][-1]["cursor"])
    assert first["staleAssets"]["pageInfo"]["hasNextPage"]
    reasons = [each["reason"] for page in (first, second) for each in nodes(page["staleAssets"])]
    assert sorted(reasons) == ["NEEDED", "PERSON"]


async def test_a_dropped_column_is_deleted_by_itself_and_a_rule_of_another_word_deprecates(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop, **QUICK)
    await plan(graph, admin, StalePolicy.DEPRECATE)
    await scanned(graph, admin, redis_url, config)
    with sqlite3.connect(shop) as db:
        db.executescript("DROP VIEW Revenue; ALTER TABLE Customer DROP COLUMN note;")
    run = await scanned(graph, admin, redis_url, config)
    note = await urn_of(graph, "main.Customer.note")

    assert run["count_deprecated"] == 4
    deprecated = (await api(graph).ask(ASSET, u=note))["assetByUrn"]
    assert deprecated["status"] == "DEPRECATED"
    assert "DEPRECATE after 0 days" in deprecated["statusReason"]

    await plan(graph, admin, StalePolicy.DELETE)
    await scanned(graph, admin, redis_url, config)
    assert (await api(graph).ask(ASSET, u=note))["assetByUrn"]["status"] == "DELETED"
    assert (await states(graph))["main.Customer"] == "ACTIVE"


async def test_an_undo_brings_back_what_a_run_deleted_with_its_edges_and_verdicts(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop, profile=False, usage=False)
    await plan(graph, admin, StalePolicy.DELETE)
    await scanned(graph, admin, redis_url, config)
    revenue = await urn_of(graph, "main.Revenue")
    before = (await api(graph).ask(ASSET, u=revenue))["assetByUrn"]
    assert any(before["fedBy"]["edges"])
    drop(shop, "Revenue")
    run = await scanned(graph, admin, redis_url, config)
    assert (await states(graph))["main.Revenue"] == "DELETED"

    changes = (
        "query ($r: String!) { run(id: $r) { changes(aspect: ASSET) { edges { node { action outcome } } } } }"
    )
    shown = nodes((await api(graph).ask(changes, r=run["id"]))["run"]["changes"])
    assert {(each["action"], each["outcome"]) for each in shown} == {("DELETED", "UNDO")}
    await undo_run(graph, admin, run=str(run["id"]), dry_run=False)

    assert (await api(graph).ask(ASSET, u=revenue))["assetByUrn"] == before


async def test_a_scan_that_misses_too_much_or_does_not_look_deletes_nothing(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    with sqlite3.connect(shop) as db:
        for n in range(10):
            db.execute(f"CREATE TABLE t{n} (id INTEGER)")
    await registered(graph, admin, config, shop, **QUICK)
    await scanned(graph, admin, redis_url, config)
    drop(shop, "Revenue")
    await scanned(graph, admin, redis_url, config)
    await plan(graph, admin, StalePolicy.DELETE)
    drop(shop, *(f"t{n}" for n in range(10)), "Orders")

    run = await scanned(graph, admin, redis_url, config)

    assert run["state"] == "FAILED"
    assert "DELETED" not in (await states(graph)).values()


async def test_a_preview_shows_only_what_its_reader_may_see(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop, lineage=False, profile=False, usage=False)
    await scanned(graph, admin, redis_url, config)
    with sqlite3.connect(shop) as db:
        db.executescript("DROP VIEW Revenue; ALTER TABLE Customer DROP COLUMN email;")
    await scanned(graph, admin, redis_url, config)
    args = {"p": "DELETE", "d": 0}

    low = api(graph, Role.READER, Scope(1, None))
    hidden = (await low.ask(PREVIEW.replace("first: 1", "first: 9"), **args))["source"]
    shown = (await api(graph).ask(PREVIEW.replace("first: 1", "first: 9"), **args))["source"]

    assert [each["asset"]["path"] for each in nodes(hidden["staleAssets"])] == ["main.Revenue"]
    assert [each["asset"]["path"] for each in nodes(shown["staleAssets"])] == [
        "main.Customer.email",
        "main.Revenue",
    ]
    assert sum(each["count"] for each in hidden["staleCounts"]) == 1


async def test_the_command_line_previews_another_rule_and_writes_nothing(
    graph: GraphSession,
    admin: Principal,
    redis_url: str,
    config: Settings,
    shop: Path,
    neo4j_server: Neo4jAddress,
    tmp_path: Path,
) -> None:
    await registered(graph, admin, config, shop, **QUICK)
    await scanned(graph, admin, redis_url, config)
    drop(shop, "Revenue")
    await scanned(graph, admin, redis_url, config)
    installation = Installation.of(neo4j_server, redis_url, tmp_path / "cli")

    done = await installation.run("stale", "shop", "--policy", "delete", "--after-days", "0", "--json")

    (row,) = json.loads(done.stdout)
    assert (row["outcome"], row["status"], row["urn"].rpartition(".")[2]) == ("DELETE", "STALE", "revenue")
    assert (await states(graph))["main.Revenue"] == "STALE"
    assert "No source" in (await installation.run("stale", "nowhere")).stderr


async def test_a_rule_without_sense_is_refused_with_its_field(graph: GraphSession, admin: Principal) -> None:
    with pytest.raises(InvalidInput) as refused:
        StaleRule(StalePolicy.DELETE, -1)
    assert refused.value.path == ("plan", "staleAfterDays")
    recipe = "source: {name: a, type: sqlite, config: {path: /a}}\nplan: {stale: delete, stale_after_days: 7}"
    spec = parse_recipe(recipe)
    assert spec.plan is not None
    assert spec.plan.stale == StaleRule(StalePolicy.DELETE, 7)
    assert parse_recipe(dump_recipe(spec)).plan == spec.plan
