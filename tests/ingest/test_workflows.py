"""Workflows of one's own from their text to the graph, by the product's own worker: what is told, and what is taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.alerts import delivery
from ingest.commands import alerts, run_tasks, runs, sources, workflows
from ingest.commands.notices import notify
from ingest.commands.unit import fenced
from ingest.orchestration.outcomes import Done, Halted
from ingest.recipes import parse_recipe
from schema.domain.alerts import ChannelKind, ChannelSpec
from schema.domain.identity import Principal
from schema.domain.scans import RunState, Severity
from schema.errors import InvalidInput, LeaseLost
from schema.settings import Settings
from tests.graph_api.workflows.test_workflows import CAREFUL
from tests.ingest.alerts.servers import Hooks, web_server
from tests.ingest.test_scan import ASSETS, RUN, query, registered, shop, work

__all__ = ["shop"]  # a fixture
STAGES = query(
    "MATCH (:Run {id: $id})-[:HAS_STAGE]->(s) RETURN s.name AS name, s.state AS state, s.reason AS reason",
    "id",
)
TOLD = query(
    "MATCH (o:OutboxEvent) WHERE o.topic STARTS WITH 'notify.' RETURN o.topic AS topic, o.payload AS payload"
)
PLAN = query(
    "MATCH (s:Source {name: $name}) RETURN s.plan AS plan, s.scan_workflow AS workflow, s.next_due_ms AS due, s.most_tasks AS tasks",
    "name",
)
EVENTS = query("MATCH (e:AuditEvent) RETURN e.action AS action")


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with web_server() as found:
        yield found


async def stages(graph: GraphSession, run: str) -> dict[str, str]:
    return {row["name"]: row["state"] for row in await graph.rows(STAGES, id=run)}


async def followed(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, name: str, **inputs: Any
) -> tuple[str, dict[str, Any]]:
    run = await runs.request(graph, admin, source="shop", workflow=name, inputs=inputs)
    await work(graph, redis_url, config)
    row = await graph.one(RUN, id=run)
    assert row is not None
    return run, row["run"]


async def test_the_workflow_of_the_documentation_scans_tells_and_takes_back_what_went_wrong(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path, hooks: Hooks
) -> None:
    await registered(graph, admin, config, shop)
    await workflows.save(graph, admin, text=CAREFUL)
    spec = ChannelSpec("team", ChannelKind.WEBHOOK, {"url": hooks.url}, ("notify.*",), Severity.INFO)
    await alerts.set_channel(graph, admin, spec, config=config)

    _, first = await followed(graph, admin, redis_url, config, "careful_scan", team="sales")
    before = [row["line"] for row in await graph.rows(ASSETS)]
    with sqlite3.connect(shop) as db:
        db.executescript("DROP VIEW Revenue; DROP TABLE Orders; ALTER TABLE Customer ADD COLUMN since TEXT;")
    run, second = await followed(graph, admin, redis_url, config, "careful_scan", team="sales", most_gone=1)
    await delivery.tend(graph, config)

    assert first["state"] == "SUCCEEDED", first
    assert first["count_datasets"] == 3
    assert [(told["severity"], told["summary"]) for told in hooks.bodies] == [
        ("INFO", "sales: 3 datasets of shop changed.")
    ]
    assert (second["state"], second["undo_state"]) == ("FAILED", "UNDONE")
    assert "2 datasets are gone, more than 1." in second["error"]
    assert second["count_retired"] == 7  # two datasets with their columns
    ended = await stages(graph, run)
    assert (ended["scan"], ended["few_gone"], ended["tell"]) == ("SUCCEEDED", "FAILED", "CANCELLED")
    assert ended["undo:scan"] == "SUCCEEDED"
    after = [row["line"] for row in await graph.rows(ASSETS)]
    assert set(before) <= set(after)
    assert [line for line in after if line not in before] == ["COLUMN main.Customer.since STALE"]


TWO = """\
workflow: two
stages:
  a:
    uses: notify
    with: {text: "{source.name} begins."}
    compensate: {uses: notify, with: {text: "{source.name} is taken back: {stages.b.nothing}."}}
  b: {uses: discover, after: [a]}
"""


async def test_a_cancelled_run_takes_back_what_it_did_also_where_it_is_cancelled_twice(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop)
    await workflows.save(graph, admin, text=TWO)
    run = await runs.request(graph, admin, source="shop", workflow="two")
    (first,) = await run_tasks.claim(graph, worker="w", slots=1)
    with fenced(first.task, first.attempt):
        await notify(graph, run=run, source="shop", task=first.task, text="x", severity=Severity.INFO)
    await run_tasks.settle(graph, first, Done())
    (second,) = await run_tasks.claim(graph, worker="w", slots=1)
    assert await runs.cancel(graph, admin, run=run) is RunState.CANCELLING
    await run_tasks.settle(graph, second, Halted())
    assert await runs.cancel(graph, admin, run=run) is RunState.CANCELLING

    await work(graph, redis_url, config)

    row = await graph.one(RUN, id=run)
    assert row is not None
    assert row["run"]["state"] == "CANCELLED"
    assert await stages(graph, run) == {"a": "SUCCEEDED", "b": "CANCELLED", "undo:a": "SUCCEEDED"}
    texts = [told["payload"] for told in await graph.rows(TOLD)]
    assert any("shop is taken back: unknown." in text for text in texts)


async def test_a_notice_is_told_once_though_its_worker_died_before_it_said_so(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    await registered(graph, admin, config, shop)
    await workflows.save(graph, admin, text=TWO)
    run = await runs.request(graph, admin, source="shop", workflow="two")
    (dead,) = await run_tasks.claim(graph, worker="dead", slots=1)
    text = {
        "run": run,
        "source": "shop",
        "task": dead.task,
        "text": "shop begins.",
        "severity": Severity.WARNING,
    }
    with fenced(dead.task, dead.attempt):
        assert await notify(graph, **text)  # type: ignore[arg-type]
    await graph.schema_statement("CYPHER 25 MATCH (t:RunTask) WHERE t.lease_until > 0 SET t.lease_until = 1")

    await work(graph, redis_url, config)

    assert len(await graph.rows(TOLD)) == 1
    with fenced(dead.task, dead.attempt), pytest.raises(LeaseLost):
        await notify(graph, **text)  # type: ignore[arg-type]
    assert (await stages(graph, run))["b"] == "SUCCEEDED"


RECIPE = """\
source: {{name: shop, type: sqlite, config: {{path: {path}}}}}
scan: {{embed: false}}
plan: {{cron: "0 3 * * *", zone: Europe/Berlin, most_tasks: 5}}
workflow: two
"""


async def test_a_recipe_sets_the_plan_with_its_source_in_one_command(
    graph: GraphSession, admin: Principal, config: Settings, shop: Path
) -> None:
    spec = parse_recipe(RECIPE.format(path=shop))
    with pytest.raises(InvalidInput) as failed:
        await sources.register(graph, admin, spec, config=config)
    assert failed.value.path == ("plan", "workflow")
    await workflows.save(graph, admin, text=TWO)
    assert not await sources.is_registered(graph, spec, config=config)
    await sources.register(graph, admin, spec, config=config)

    row = await graph.one(PLAN, name="shop")
    assert row is not None
    assert (row["workflow"], row["tasks"]) == ("two", 5)
    assert row["due"]
    assert sorted(each["action"] for each in await graph.rows(EVENTS)) == ["source.register", "workflow.save"]
    assert await sources.is_registered(graph, spec, config=config)
    bare = parse_recipe(RECIPE.format(path=shop).split("plan:")[0])
    assert await sources.is_registered(graph, bare, config=config)
    await sources.register(graph, admin, bare, config=config, replace=True)
    assert await graph.one(PLAN, name="shop") == row
