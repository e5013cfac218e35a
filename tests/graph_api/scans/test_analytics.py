"""Forecasts, bottlenecks and the demand for workers, from what runs did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cypher.session import GraphSession
from ingest.commands import plans, run_tasks, runs
from ingest.orchestration.outcomes import Done
from schema.domain.identity import Principal, Role, Scope
from schema.domain.plans import ScanPlan
from schema.domain.schedules import Schedule
from tests.graph_api.asking import api
from tests.seed import ONE_STAGE, register, scan, warehouse

FORECAST = "query ($r: String!) { run(id: $r) { state forecast { at earliest latest basis } } }"
BOTTLENECKS = "{ scanBottlenecks { cause stage source lostSeconds evidence recommendation } }"
DEMAND = "{ scanDemand(days: 7) { runs busyHours peak workers byHour } }"


@pytest.fixture
async def shop(graph: GraphSession) -> GraphSession:
    await register(graph, warehouse("shop", "", datasets=0, columns=0))
    return graph


async def lasting(graph: GraphSession, seconds: int) -> None:
    """Make all runs so far as long as this."""
    await graph.schema_statement(
        f"MATCH (r:Run) SET r.finished_ms = datetime(r.started_at).epochMillis + {seconds * 1_000}"
    )


async def test_a_running_scan_says_when_it_will_be_over_from_those_before_it(
    shop: GraphSession, admin: Principal
) -> None:
    for _ in range(8):
        await scan(shop, admin, "shop")
    await lasting(shop, 600)
    run = await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)
    waiting = (await api(shop).ask(FORECAST, r=run))["run"]
    await run_tasks.claim(shop, worker="w", slots=1)
    found = (await api(shop).ask(FORECAST, r=run))["run"]["forecast"]

    assert waiting == {"state": "QUEUED", "forecast": None}
    at, earliest, latest = (datetime.fromisoformat(found[name]) for name in ("at", "earliest", "latest"))
    assert earliest <= at <= latest
    assert abs(at - datetime.now(UTC) - timedelta(seconds=600)) < timedelta(seconds=120)
    assert "8 earlier runs" in found["basis"]


async def test_a_source_that_lets_in_too_few_at_once_is_named_with_what_to_do(
    shop: GraphSession, admin: Principal
) -> None:
    for _ in range(4):
        await scan(shop, admin, "shop")
    await shop.schema_statement(
        "MATCH (a:RunAttempt) SET a.slot_ms = 90000, a.waited_ms = 91000, a.took_ms = 30000"
    )

    (found,) = (await api(shop, Role.OPERATOR).ask(BOTTLENECKS))["scanBottlenecks"]
    hidden = await api(shop, Role.OPERATOR, Scope(4, ("elsewhere",))).ask(BOTTLENECKS)

    assert (found["cause"], found["stage"], found["source"]) == ("CONNECTIONS", "discover", "shop")
    assert "2 of 2 connections" in found["evidence"]
    assert "Raise" in found["recommendation"]
    assert hidden == {"scanBottlenecks": []}
    assert (
        await api(shop, Role.OPERATOR).refused("{ scanBottlenecks(days: 99) { stage } }") == "INVALID_INPUT"
    )


async def test_the_time_of_scans_is_told_by_stage_source_and_worker(
    shop: GraphSession, admin: Principal
) -> None:
    await register(shop, warehouse("east", "", datasets=0, columns=0))
    for name in ("shop", "shop", "shop", "east"):
        await scan(shop, admin, name)
    await shop.schema_statement(
        "MATCH (:RunTask)-[:TRIED]->(a:RunAttempt) SET a.slot_ms = 2000, a.waited_ms = 5000, a.took_ms = 30000"
    )
    document = "query ($by: ScanTimesBy!) { scanTimes(by: $by) { name tries failed busySeconds medianSeconds p95Seconds queuedSeconds slotSeconds } }"

    found = (await api(shop, Role.OPERATOR).ask(document, by="SOURCE"))["scanTimes"]
    stages = (await api(shop, Role.OPERATOR).ask(document, by="STAGE"))["scanTimes"]
    workers = (await api(shop, Role.OPERATOR).ask(document, by="WORKER"))["scanTimes"]
    hidden = await api(shop, Role.OPERATOR, Scope(4, ("elsewhere",))).ask(document, by="SOURCE")

    assert [(row["name"], row["tries"], row["busySeconds"]) for row in found] == [
        ("shop", 3, 90),
        ("east", 1, 30),
    ]
    assert found[0] | {"name": ""} == {
        "name": "", "tries": 3, "failed": 0, "busySeconds": 90, "medianSeconds": 30, "p95Seconds": 30, "queuedSeconds": 9, "slotSeconds": 6,
    }  # fmt: skip
    assert sum(row["tries"] for row in stages) == sum(row["tries"] for row in workers) == 4
    assert hidden == {"scanTimes": []}
    assert await api(shop, Role.READER).refused("{ scanTimes(by: STAGE) { name } }") == "FORBIDDEN"


async def test_the_coming_week_says_how_many_workers_its_schedules_need(
    shop: GraphSession, admin: Principal
) -> None:
    for n in range(3):
        await register(shop, warehouse(f"w{n}", "", datasets=0, columns=0))
        await scan(shop, admin, f"w{n}")
        plan = ScanPlan(schedule=Schedule(f"w{n}", "0 3 * * *"))
        await plans.set_plan(shop, admin, source=f"w{n}", plan=plan)
    await lasting(shop, 1_200)

    found = (await api(shop, Role.OPERATOR).ask(DEMAND))["scanDemand"]

    assert found["runs"] == 21
    assert found["peak"] == 3
    assert found["workers"] >= 3
    assert found["busyHours"] == pytest.approx(7, rel=0.5)
    assert len(found["byHour"]) == 168


async def test_what_rules_took_is_told_by_classification_and_by_what_all_share(
    shop: GraphSession, admin: Principal
) -> None:
    for took in (0.25, 0.75):
        await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)
        (claimed,) = await run_tasks.claim(shop, worker="w", slots=1)
        rules = {"CREDIT_CARD": took, "names of columns": 0.001}
        await run_tasks.settle(shop, claimed, Done(rules=rules))
    document = "{ scanTimes(by: RULE) { name tries failed busySeconds medianSeconds queuedSeconds } }"
    found = (await api(shop, Role.OPERATOR).ask(document))["scanTimes"]
    assert found == [
        {
            "name": "CREDIT_CARD",
            "tries": 2,
            "failed": 0,
            "busySeconds": 1.0,
            "medianSeconds": 0.5,
            "queuedSeconds": 0.0,
        },
        {
            "name": "names of columns",
            "tries": 2,
            "failed": 0,
            "busySeconds": 0.002,
            "medianSeconds": 0.001,
            "queuedSeconds": 0.0,
        },
    ]
    hidden = await api(shop, Role.OPERATOR, Scope(4, ("elsewhere",))).ask(document)
    assert hidden == {"scanTimes": []}
