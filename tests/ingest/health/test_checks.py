"""Sources are checked on schedule, once however many workers there are, and people are told once of what follows."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cypher.catalogue import Query
from cypher.health import reads
from cypher.session import GraphSession
from ingest.alerts import delivery
from ingest.commands import alerts, credentials, health, plans, sources
from ingest.health.checking import Checker
from ingest.progress import Progressor
from ingest.worker import serve
from schema.domain.alerts import ChannelKind, ChannelSpec
from schema.domain.identity import EVERYTHING, Principal
from schema.domain.plans import ScanPlan
from schema.domain.scans import Severity
from schema.domain.schedules import Blackout
from schema.domain.sources import SourceSpec, source_urn
from schema.settings import Settings
from tests.ingest.alerts.servers import web_server

URN = str(source_urn("shop"))
SOURCE = Query(
    "test.source",
    "CYPHER 25 MATCH (s:Source {name: 'shop'}) RETURN properties(s) AS s, datetime.realtime().epochMillis AS now",
    "read",
    frozenset(),
    (),
    1000,
)
AUDIT = Query(
    "test.audit",
    "CYPHER 25 MATCH (e:AuditEvent) RETURN e.action AS action, e.details AS details ORDER BY e.at",
    "read",
    frozenset(),
    (),
    1000,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    database.close()
    return path


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal, config: Settings, file: Path) -> GraphSession:
    await sources.register(graph, admin, SourceSpec("shop", "sqlite", {"path": str(file)}), config=config)
    return graph


@pytest.fixture
async def checker(shop: GraphSession, config: Settings, redis_url: str) -> AsyncIterator[Checker]:
    progressor = Progressor(redis_url)
    found = Checker(shop, config, progressor)
    yield found
    found.close()
    await progressor.close()


async def due(graph: GraphSession) -> None:
    """As if the interval were over."""
    await graph.schema_statement("MATCH (s:Source) SET s.next_check_ms = 0")


async def source(graph: GraphSession) -> dict[str, Any]:
    row = await graph.one(SOURCE)
    assert row is not None
    return row["s"] | {"wait_s": (row["s"]["next_check_ms"] - row["now"]) / 1_000}


async def hours(graph: GraphSession) -> list[dict[str, Any]]:
    return (await reads.history(graph, [URN], EVERYTHING, key=None, backward=False, first=100))[URN]


async def checks(graph: GraphSession) -> list[dict[str, Any]]:
    found = await reads.checks(graph, [URN], EVERYTHING, key=None, backward=False, first=200)
    return found[URN]


async def actions(graph: GraphSession) -> list[str]:
    return [row["action"] for row in await graph.rows(AUDIT)]


async def test_a_worker_checks_what_is_due_and_nothing_sooner(
    shop: GraphSession, config: Settings, redis_url: str
) -> None:
    assert 800 < (await source(shop))["wait_s"] < 1_000
    await due(shop)
    working = asyncio.create_task(serve(shop, redis_url=redis_url, config=config, embedder=None))
    try:
        async with asyncio.timeout(30):
            while len(await checks(shop)) < 2:
                await asyncio.sleep(0.1)
    finally:
        working.cancel()
        await working

    scheduled, registered = await checks(shop)
    assert (scheduled["by"], scheduled["ok"], registered["by"]) == ("system", True, "person:ada")
    assert scheduled["latency_ms"] >= 0
    assert 800 < (await source(shop))["wait_s"] < 1_000


async def test_workers_side_by_side_make_each_check_once(
    shop: GraphSession, checker: Checker, config: Settings, redis_url: str
) -> None:
    other = Checker(shop, config, Progressor(redis_url))
    await due(shop)
    looked = await asyncio.gather(*(each.tend() for each in (checker, other, checker, other)))
    other.close()

    assert sum(looked) == 1
    assert len(await checks(shop)) == 2
    assert sum(hour["checks"] for hour in await hours(shop)) == 2
    # A check that succeeds changes nothing that is governed.
    assert await actions(shop) == ["source.register"]


async def test_a_failed_check_is_kept_with_its_cause_and_lowers_health(
    shop: GraphSession, checker: Checker, file: Path
) -> None:
    file.unlink()
    await due(shop)
    await checker.tend()

    found, _ = await checks(shop)
    assert (found["ok"], found["cause"], found.get("latency_ms")) == (False, "NOT_FOUND", None)
    row = await source(shop)
    assert (row["check_ok"], row["health_score"], row["health_grade"]) == (False, 30, "UNHEALTHY")
    (hour, *_) = await hours(shop)
    assert (hour["checks"], hour["ok"], len(hour["latencies"])) == (2, 1, 1)


async def test_a_source_is_left_alone_in_its_blackout_and_while_its_circuit_is_open(
    shop: GraphSession, checker: Checker, admin: Principal
) -> None:
    begun = (datetime.now(UTC) - timedelta(minutes=5)).strftime("%M %H * * *")
    await plans.set_plan(shop, admin, source="shop", plan=ScanPlan(blackouts=(Blackout(begun, 3_600),)))
    assert await checker.tend() == 1
    assert len(await checks(shop)) == 1
    until = (datetime.now(UTC) + timedelta(seconds=90)).isoformat()
    breaker = f'{{"failures": 5, "opened": 1, "open_until": "{until}", "probe_until": null}}'
    await plans.set_plan(shop, admin, source="shop", plan=ScanPlan(check_every_s=3_600))
    await shop.schema_statement(f"MATCH (s:Source) SET s.breaker = '{breaker}'")
    assert await checker.tend() == 1

    assert len(await checks(shop)) == 1
    assert 80 < (await source(shop))["wait_s"] < 95  # it is tried out as soon as it may be


async def test_a_source_whose_plan_says_so_is_never_checked(
    shop: GraphSession, checker: Checker, admin: Principal
) -> None:
    await plans.set_plan(shop, admin, source="shop", plan=ScanPlan(check_every_s=0))
    await checker.tend()
    assert len(await checks(shop)) == 1


async def test_people_are_told_once_that_health_got_worse_and_once_that_it_got_better(
    shop: GraphSession, checker: Checker, admin: Principal, config: Settings, file: Path
) -> None:
    with web_server() as hooks:
        spec = ChannelSpec(
            "team", ChannelKind.WEBHOOK, {"url": hooks.url}, topics=("source.*",), at_least=Severity.INFO
        )
        await alerts.set_channel(shop, admin, spec, config=config)
        kept = file.read_bytes()
        file.unlink()
        for _ in range(3):
            await due(shop)
            await checker.tend()
            await delivery.tend(shop, config)
        file.write_bytes(kept)
        for _ in range(3):
            await due(shop)
            await checker.tend()
            await delivery.tend(shop, config)
        told = [(body["topic"], body["severity"], body["source"]) for body in hooks.bodies]

    assert told[0] == ("source.unhealthy", "ERROR", "shop")
    assert told[1:] == [("source.recovered", "INFO", "shop")]
    assert (await actions(shop)).count("source.health") == 2


async def test_people_are_told_once_that_a_credential_expires_and_once_that_it_has(
    shop: GraphSession, checker: Checker, admin: Principal, config: Settings
) -> None:
    with web_server() as hooks:
        spec = ChannelSpec("team", ChannelKind.WEBHOOK, {"url": hooks.url}, topics=("source.cred*",))
        await alerts.set_channel(shop, admin, spec, config=config)
        soon = datetime.now(UTC) + timedelta(days=3)
        await credentials.set_expiry(shop, admin, source="shop", expires_at=soon, config=config)
        for _ in range(2):
            await due(shop)
            await checker.tend()
        (row,) = [await source(shop)]
        ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="microseconds")
        await shop.schema_statement(f"MATCH (s:Source) SET s.credential_expires_at = '{ago}'")
        for _ in range(2):
            await due(shop)
            await checker.tend()
            await delivery.tend(shop, config)
        told = [(body["topic"], body["summary"]) for body in hooks.bodies]

    assert row["health_score"] == 87
    assert [topic for topic, _ in sorted(told)] == ["source.credential_expired", "source.credential_expiring"]
    assert f"expires on {soon:%Y-%m-%d %H:%M} UTC" in dict(told)["source.credential_expiring"]


async def test_old_hours_go_on_record_and_a_hundred_checks_stay(
    shop: GraphSession, checker: Checker, config: Settings
) -> None:
    await shop.schema_statement(
        f"CYPHER 25 UNWIND range(1, 120) AS n CREATE (:HealthCheck {{id: 'c' + n, source: '{URN}', ok: true, cause: '', "
        "at: '2025-01-01T00:' + right('000' + n, 3), by: 'system'}) "
        f"CREATE (:HealthHour {{id: 'h' + n, source: '{URN}', hour: '2025-01-01T' + n, checks: 1, ok: 1, latencies: [1.0]}})"
    )
    await due(shop)
    await checker.tend()

    assert len(await checks(shop)) == 100
    assert all(hour["hour"] > "2026" for hour in await hours(shop))
    rows = [row for row in await shop.rows(AUDIT) if row["action"] == "health.prune"]
    assert len(rows) == 1
    assert '"hours": 120' in rows[0]["details"] or '"hours":120' in rows[0]["details"]
    assert await health.prune(shop, config) == 0


async def test_a_check_that_hangs_ends_and_is_told_as_such(
    shop: GraphSession, checker: Checker, config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    released = threading.Event()

    class Hanging:
        def check(self) -> None:
            released.wait(30)

        def interrupt(self) -> None:
            released.set()

        def close(self) -> None: ...

    monkeypatch.setattr("ingest.health.checking.open_source", lambda *_: Hanging())
    monkeypatch.setattr(checker, "_config", config.model_copy(update={"source_timeout_s": -2.0}))
    await due(shop)
    await checker.tend()

    assert released.is_set()
    assert (await checks(shop))[0]["cause"] == "TIMEOUT"
