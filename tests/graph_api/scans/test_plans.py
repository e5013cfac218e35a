"""Schedules, limits and approvals, set through the API and seen in what workers are given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import plans, run_tasks, runs, scans
from ingest.orchestration.holds import breaker_text
from ingest.orchestration.outcomes import Done, Failed
from schema.domain.failures import FailureKind
from schema.domain.identity import EVERYTHING, Principal, Role
from schema.domain.retries import Breaker
from schema.domain.workflows import Stage, Workflow
from tests.graph_api.asking import Api, api, nodes
from tests.seed import ONE_STAGE, register, warehouse

SET = 'mutation ($s: String!, $p: ScanPlanInput!) { scanPlanSet(source: $s, plan: $p, reason: "as agreed") { __typename ... on ScanPlanSetSuccess { source { plan { cron zone nextRunAt intervalMinutes intervalReason band approval mostTasks requestsPerMinute blackouts { start minutes } } } } ... on UserError { message path remedy } } }'
RUNS = "{ runs { edges { node { runId state trigger band approval { why decidedBy reason } error } } } }"
APPROVE = "mutation ($r: String!, $a: Boolean!, $why: String!) { scanApprove(run: $r, approved: $a, reason: $why) { __typename ... on ScanApproveSuccess { run { state } } ... on UserError { message path } } }"
QUEUE = "{ queue { bands { band tasks } held { reason tasks } } }"


@pytest.fixture
async def shop(graph: GraphSession) -> GraphSession:
    for name in ("shop", "other"):
        await register(graph, warehouse(name, "", datasets=0, columns=0))
    return graph


async def planned(shop: GraphSession, source: str = "shop", **plan: Any) -> dict[str, Any]:
    answer = (await api(shop, Role.OPERATOR).ask(SET, s=source, p=plan))["scanPlanSet"]
    assert answer["__typename"] == "ScanPlanSetSuccess", answer
    return answer["source"]["plan"]  # type: ignore[no-any-return]


async def shown(shop: GraphSession) -> list[dict[str, Any]]:
    return nodes((await api(shop).ask(RUNS))["runs"])


class At:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


async def test_a_schedule_begins_each_scan_once_and_makes_up_for_missed_ones_once(shop: GraphSession) -> None:
    plan = await planned(shop, cron="0 3 * * *", zone="Europe/Berlin", band="LOW")
    first = datetime.fromisoformat(plan["nextRunAt"])
    assert first.astimezone(UTC) > datetime.now(UTC)

    assert await plans.run_due(shop, clock=At(first - timedelta(minutes=1))) == []
    begun = [await plans.run_due(shop, clock=At(first + timedelta(days=3, minutes=1))) for _ in range(3)]

    assert [len(each) for each in begun] == [1, 0, 0]
    (run,) = await shown(shop)
    assert (run["state"], run["trigger"], run["band"]) == ("QUEUED", "SCHEDULE", "LOW")


async def test_what_is_due_waits_while_the_source_is_being_scanned(
    shop: GraphSession, admin: Principal
) -> None:
    plan = await planned(shop, cron="0 3 * * *")
    late = At(datetime.fromisoformat(plan["nextRunAt"]) + timedelta(minutes=5))
    run = await scans.request(shop, admin, source="shop")

    assert await plans.run_due(shop, clock=late) == []
    await runs.cancel(shop, admin, run=run)
    assert len(await plans.run_due(shop, clock=late)) == 1


async def test_an_interval_follows_what_scans_find_and_says_why(shop: GraphSession) -> None:
    await planned(shop, shortestMinutes=60, longestMinutes=6_000)
    now, intervals = datetime.now(UTC) + timedelta(minutes=1), []
    for _ in range(4):
        assert len(await plans.run_due(shop, clock=At(now))) == 1
        while claims := await run_tasks.claim(shop, worker="w", slots=1):
            done = Done(facts={"batches": 0, "texts": 0}, counts={"changed": 1})
            await run_tasks.settle(shop, claims[0], done)
        document = '{ source(name: "shop") { plan { intervalMinutes intervalReason } } }'
        plan = (await api(shop).ask(document))["source"]["plan"]
        intervals.append(plan["intervalMinutes"])
        now += timedelta(days=5)

    assert intervals[0] == pytest.approx(600, rel=0.05)  # nothing is known: the middle of the bounds
    assert intervals == sorted(intervals, reverse=True)
    assert intervals[-1] < intervals[0]  # every scan found a change
    assert "chang" in plan["intervalReason"]


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"cron": "61 * * * *"}, "cron"),
        ({"cron": "0 3 * * *", "zone": "Mars/Olympus"}, "zone"),
        ({"cron": "0 3 * * *", "shortestMinutes": 60, "longestMinutes": 90}, "bounds"),
        ({"shortestMinutes": 60}, "longestMinutes"),
        ({"mostTasks": 0}, "mostTasks"),
        ({"secondsPerDay": 0}, "secondsPerDay"),
        ({"requestsPerMinute": 0}, "requestsPerMinute"),
        ({"requestsPerMinute": 100_001}, "requestsPerMinute"),
        ({"after": ["shop"]}, "after"),
        ({"blackouts": [{"start": "nonsense", "minutes": 5}]}, "blackouts"),
    ],
)
async def test_a_wrong_plan_is_refused_with_its_field(
    shop: GraphSession, plan: dict[str, Any], field: str
) -> None:
    answer = (await api(shop, Role.OPERATOR).ask(SET, s="shop", p=plan))["scanPlanSet"]

    assert answer["__typename"] == "InvalidInputError"
    assert answer["path"][-1] == field
    assert answer["remedy"]


async def test_a_source_is_not_read_in_its_blackout_and_the_queue_says_so(
    shop: GraphSession, admin: Principal
) -> None:
    await planned(shop, blackouts=[{"start": "* * * * *", "minutes": 60}])
    await scans.request(shop, admin, source="shop")
    free = await scans.request(shop, admin, source="other")

    claims = await run_tasks.claim(shop, worker="w", slots=9)

    assert [claim.run["id"] for claim in claims] == [free]
    queue = (await api(shop, Role.OPERATOR).ask(QUEUE))["queue"]
    assert queue["held"] == [{"reason": "BLACKOUT", "tasks": 1}]


async def test_a_source_that_waits_for_another_is_scanned_after_it(
    shop: GraphSession, admin: Principal
) -> None:
    await planned(shop, after=["other"], band="URGENT")
    last = await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)
    first = await runs.request(shop, admin, source="other", workflow=ONE_STAGE)

    (claimed,) = await run_tasks.claim(shop, worker="w", slots=9)
    assert claimed.run["id"] == first
    await run_tasks.settle(shop, claimed, Done())
    await shop.schema_statement("MATCH (t:RunTask {state: 'PARKED'}) SET t.retry_at = 1")
    (claimed,) = await run_tasks.claim(shop, worker="w", slots=9)
    assert claimed.run["id"] == last


async def test_a_spent_budget_holds_the_source_until_the_next_day(
    shop: GraphSession, admin: Principal
) -> None:
    await planned(shop, rowsPerDay=100)
    await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)
    (claimed,) = await run_tasks.claim(shop, worker="w", slots=9)
    await run_tasks.settle(shop, claimed, Done(rows=150))
    await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)

    assert await run_tasks.claim(shop, worker="w", slots=9) == []
    queue = (await api(shop, Role.OPERATOR).ask(QUEUE))["queue"]
    assert queue["held"] == [{"reason": "BUDGET", "tasks": 1}]


async def test_a_refused_password_opens_the_circuit_before_the_account_is_locked(
    shop: GraphSession, admin: Principal
) -> None:
    await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)
    (claimed,) = await run_tasks.claim(shop, worker="w", slots=9)
    refused = Failed("CREDENTIALS", "The source refused user or password.", None, FailureKind.CREDENTIALS)
    await run_tasks.settle(shop, claimed, refused)
    await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)

    assert await run_tasks.claim(shop, worker="w", slots=9) == []
    queue = (await api(shop, Role.OPERATOR).ask(QUEUE))["queue"]
    assert queue["held"] == [{"reason": "CIRCUIT", "tasks": 1}]


async def come_back(shop: GraphSession) -> None:
    """As if the time until tasks that were put aside come back were over."""
    await shop.schema_statement("CYPHER 25 MATCH (t:RunTask) WHERE t.retry_at > 0 SET t.retry_at = 1")


async def test_after_its_rest_a_source_is_tried_by_one_task_alone(
    shop: GraphSession, admin: Principal
) -> None:
    await planned(shop, mostTasks=4)
    rested = breaker_text(Breaker(5, 1, datetime.now(UTC) - timedelta(seconds=1)))
    await shop.schema_statement(f"CYPHER 25 MATCH (s:Source {{name: 'shop'}}) SET s.breaker = '{rested}'")
    three = Workflow("three", (Stage("discover", "discover", for_each="3", parallel=3),))
    await runs.request(shop, admin, source="shop", workflow=three)

    (trying,) = await run_tasks.claim(shop, worker="w", slots=9)
    await come_back(shop)
    assert await run_tasks.claim(shop, worker="other", slots=9) == []
    queue = (await api(shop, Role.OPERATOR).ask(QUEUE))["queue"]
    assert queue["held"] == [{"reason": "CIRCUIT", "tasks": 2}]
    await run_tasks.settle(shop, trying, Done())
    await come_back(shop)
    assert len(await run_tasks.claim(shop, worker="w", slots=9)) == 2


async def test_a_task_waits_for_a_worker_that_has_the_driver_as_long_as_one_lives(
    shop: GraphSession, admin: Principal
) -> None:
    async def claimed(worker: str, *extras: str) -> int:
        await come_back(shop)
        return len(await run_tasks.claim(shop, worker=worker, slots=9, extras=extras))

    props = {"slots": 4, "busy": 0, "extras": ["postgres"]}
    await run_tasks.beat(shop, worker="able", props=props, tasks=[])
    workers = (await api(shop, Role.OPERATOR).ask("{ queue { workers { name connectors } } }"))["queue"]
    assert workers == {"workers": [{"name": "able", "connectors": ["postgres"]}]}
    for name in ("shop", "other"):
        await runs.request(shop, admin, source=name, workflow=ONE_STAGE)

    assert await claimed("bare") == 0
    queue = (await api(shop, Role.OPERATOR).ask(QUEUE))["queue"]
    assert queue["held"] == [{"reason": "EXTRAS", "tasks": 2}]
    await come_back(shop)
    assert len(await run_tasks.claim(shop, worker="able", slots=1, extras=("postgres",))) == 1
    await shop.schema_statement("CYPHER 25 MATCH (w:Worker) SET w.seen_ms = 1")
    assert await claimed("bare") == 1


async def test_a_scan_that_needs_approval_waits_for_somebody_who_did_not_ask_for_it(
    shop: GraphSession, admin: Principal
) -> None:
    await planned(shop, approval="SAMPLING")
    run = await scans.request(shop, admin, source="shop")
    steward = Api(shop, Principal("person:eve", "Eve", Role.STEWARD, EVERYTHING))

    (waiting,) = await shown(shop)
    assert waiting["state"] == "AWAITING_APPROVAL"
    assert "samples values" in waiting["approval"]["why"]
    assert await run_tasks.claim(shop, worker="w", slots=9) == []
    own = await Api(shop, admin).ask(APPROVE, r=run, a=True, why="me")
    assert own["scanApprove"]["__typename"] == "ConflictError"
    silent = await steward.ask(APPROVE, r=run, a=True, why=" ")
    assert silent["scanApprove"]["path"] == ["reason"]
    reader = await api(shop, Role.OPERATOR).ask(APPROVE, r=run, a=True, why="me")
    assert reader["scanApprove"]["__typename"] == "ForbiddenError"
    assert (await steward.ask(APPROVE, r=run, a=True, why="ticket 7"))["scanApprove"]["run"] == {
        "state": "QUEUED"
    }
    (approved,) = await shown(shop)
    assert (approved["approval"]["decidedBy"], approved["approval"]["reason"]) == ("person:eve", "ticket 7")
    assert len(await run_tasks.claim(shop, worker="w", slots=9)) == 1


async def test_a_rejected_scan_and_one_that_nobody_decides_about_change_nothing(
    shop: GraphSession, admin: Principal
) -> None:
    await planned(shop, approval="ALWAYS")
    steward = Api(shop, Principal("person:eve", "Eve", Role.STEWARD, EVERYTHING))
    run = await scans.request(shop, admin, source="shop")

    rejected = await steward.ask(APPROVE, r=run, a=False, why="not this week")
    assert rejected["scanApprove"]["run"] == {"state": "CANCELLED"}
    await scans.request(shop, admin, source="shop")
    await shop.schema_statement("MATCH (r:Run {state: 'AWAITING_APPROVAL'}) SET r.approval_until_ms = 1")
    await plans.run_due(shop)

    assert [(each["state"], each["error"]) for each in await shown(shop)] == [
        ("CANCELLED", "EXPIRED: Nobody approved it in time."),
        ("CANCELLED", "REJECTED: not this week"),
    ]
    assert await run_tasks.claim(shop, worker="w", slots=9) == []


async def spent(shop: GraphSession, admin: Principal) -> None:
    """The budget of the source is used up, and a second run waits for midnight."""
    await planned(shop, rowsPerDay=10)
    await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)
    (first,) = await run_tasks.claim(shop, worker="w", slots=1)
    await run_tasks.settle(shop, first, Done(rows=10))
    await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)
    assert await run_tasks.claim(shop, worker="w", slots=1) == []
    assert (await api(shop, Role.OPERATOR).ask(QUEUE))["queue"]["held"] == [{"reason": "BUDGET", "tasks": 1}]


@pytest.mark.parametrize("plan", [{"rowsPerDay": 11}, {}])
async def test_a_budget_of_a_source_that_was_raised_or_removed_wakes_what_waited_for_midnight(
    shop: GraphSession, admin: Principal, plan: dict[str, Any]
) -> None:
    await spent(shop, admin)
    await planned(shop, "other", **plan)
    assert await run_tasks.claim(shop, worker="w", slots=1) == []  # another source's plan is not its own
    await planned(shop, **plan)
    assert len(await run_tasks.claim(shop, worker="w", slots=1)) == 1


async def test_a_blackout_that_was_removed_wakes_what_waited_for_its_end(
    shop: GraphSession, admin: Principal
) -> None:
    await planned(shop, blackouts=[{"start": "* * * * *", "minutes": 60}])
    await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)
    assert await run_tasks.claim(shop, worker="w", slots=1) == []
    await planned(shop)
    assert len(await run_tasks.claim(shop, worker="w", slots=1)) == 1


async def test_requests_per_minute_are_set_and_shown_with_the_plan(shop: GraphSession) -> None:
    assert (await planned(shop, requestsPerMinute=600))["requestsPerMinute"] == 600
    assert (await planned(shop))["requestsPerMinute"] is None
