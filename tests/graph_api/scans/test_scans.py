"""Starting, watching and cancelling scans through the API."""

from __future__ import annotations

import asyncio

import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import run_tasks, runs, scans
from ingest.orchestration.outcomes import Done, Failed, Halted
from schema.domain.dispatch import Band
from schema.domain.identity import Principal, Role, Scope
from schema.domain.scans import RunState
from schema.domain.workflows import Retry, Stage, Workflow
from tests.graph_api.asking import SCHEMA, api, nodes
from tests.seed import ONE_STAGE, register, scan, warehouse

START = "mutation ($s: String!) { scanStart(source: $s) { __typename ... on ScanStartSuccess { run { id runId state source { name } } } ... on UserError { path remedy } } }"
CANCEL = "mutation ($r: String!) { scanCancel(run: $r) { __typename ... on ScanCancelSuccess { run { state } } ... on UserError { path } } }"


class Queue:
    """Counts signals."""

    def __init__(self) -> None:
        self.signals = 0

    async def signal(self) -> None:
        self.signals += 1


@pytest.fixture
async def shop(graph: GraphSession) -> GraphSession:
    await register(graph, warehouse("shop", "", datasets=0, columns=0))
    await register(graph, warehouse("hr", "hr", datasets=0, columns=0))
    return graph


async def test_a_scan_is_queued_once_signalled_and_cancelled(shop: GraphSession) -> None:
    queue = Queue()
    operator = api(shop, Role.OPERATOR, queue=queue)
    run = (await operator.ask(START, s="shop"))["scanStart"]["run"]

    assert (run["state"], run["source"]["name"]) == ("QUEUED", "shop")
    assert queue.signals == 1
    busy = (await operator.ask(START, s="shop"))["scanStart"]
    assert busy["__typename"] == "ConflictError"
    assert run["runId"] in busy["remedy"]
    by_id = await operator.ask(
        "query ($i: ID!, $r: String!) { node(id: $i) { ... on Run { runId } } run(id: $r) { state } }",
        i=run["id"],
        r=run["runId"],
    )
    assert by_id == {"node": {"runId": run["runId"]}, "run": {"state": "QUEUED"}}
    assert (await operator.ask(CANCEL, r=run["runId"]))["scanCancel"]["run"] == {"state": "CANCELLED"}
    assert (await operator.ask(CANCEL, r=run["runId"]))["scanCancel"]["__typename"] == "ConflictError"


async def test_a_source_of_another_domain_cannot_be_scanned_nor_its_run_seen_or_cancelled(
    shop: GraphSession, admin: Principal
) -> None:
    run = await scans.request(shop, admin, source="hr")
    limited = api(shop, Role.OPERATOR, Scope(4, ("",)))
    assert (await limited.ask(START, s="hr"))["scanStart"]["__typename"] == "NotFoundError"
    assert (await limited.ask(CANCEL, r=run))["scanCancel"]["__typename"] == "NotFoundError"
    assert await limited.ask("query ($r: String!) { run(id: $r) { state } }", r=run) == {"run": None}
    assert nodes((await limited.ask("{ runs { edges { node { runId } } } }"))["runs"]) == []


async def test_runs_come_newest_first_from_both_ends_with_their_problems(
    shop: GraphSession, admin: Principal
) -> None:
    made = [await scan(shop, admin, "shop", problems=["a", "b", "c"]) for _ in range(4)]
    document = 'query ($n: Int, $a: String, $l: Int, $b: String) { runs(filter: {source: "shop", states: [SUCCEEDED]}, first: $n, after: $a, last: $l, before: $b) { edges { node { runId counts { name count } problemCount problems(first: 2) { edges { node { code subject stage severity } } pageInfo { hasNextPage } } } } pageInfo { endCursor startCursor hasNextPage } } }'
    first = (await api(shop).ask(document, n=3))["runs"]
    rest = (await api(shop).ask(document, n=3, a=first["pageInfo"]["endCursor"]))["runs"]
    last = (await api(shop).ask(document, l=1))["runs"]

    assert [run["runId"] for run in nodes(first) + nodes(rest)] == made[::-1]
    assert [run["runId"] for run in nodes(last)] == made[:1]
    run = nodes(first)[0]
    assert run["counts"] == [{"name": "datasets", "count": 7}]
    assert [problem["subject"] for problem in nodes(run["problems"])] == ["a", "b"]
    assert run["problems"]["pageInfo"]["hasNextPage"] is True


async def test_a_run_is_watched_to_its_end(shop: GraphSession, admin: Principal) -> None:
    run = await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)
    seen: list[tuple[str, str | None, int]] = []
    started = asyncio.Event()

    async def watch() -> None:
        document = "subscription ($r: String!) { runProgress(id: $r) { state stage done total } }"
        stream = await SCHEMA.subscribe(
            document, variable_values={"r": run}, context_value=api(shop).context()
        )
        async for event in stream:  # type: ignore[union-attr]
            assert not event.errors
            found = event.data["runProgress"]
            seen.append((found["state"], found["stage"], found["done"]))
            started.set()

    watching = asyncio.create_task(watch())
    await asyncio.wait_for(started.wait(), 10)
    (claimed,) = await run_tasks.claim(shop, worker="w", slots=1)
    row = {"id": claimed.task, "attempt": claimed.attempt, "done": 5, "total": 9}
    await run_tasks.beat(shop, worker="w", props={}, tasks=[row])
    deadline = asyncio.get_running_loop().time() + 10
    while ("RUNNING", "DISCOVER", 5) not in seen:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.05)
    await run_tasks.settle(shop, claimed, Done())
    await asyncio.wait_for(watching, 10)

    assert seen[0][0] == "QUEUED"
    assert seen[-1][0] == "SUCCEEDED"


async def test_a_reader_starts_nothing(shop: GraphSession) -> None:
    assert (await api(shop, Role.READER).ask(START, s="shop"))["scanStart"]["__typename"] == "ForbiddenError"


STAGES = "query ($r: String!) { run(id: $r) { state band stages { name state batches done failed reason facts { name value } } tasks { edges { node { stage number state held error attempts { number state kind error worker } } } } } }"
CHANGE = "mutation ($r: String!) { scan%s(run: $r) { __typename ... on Scan%sSuccess { run { state } } ... on UserError { message remedy } } }"
TWO_STAGES = Workflow(
    "two",
    (
        Stage("discover", "discover", retry=Retry(tries=1)),
        Stage("publish", "publish", after=("discover",), for_each="stages.discover.batches", parallel=2),
    ),
)


async def test_a_run_shows_its_stages_what_they_found_and_every_try(
    shop: GraphSession, admin: Principal
) -> None:
    run = await runs.request(shop, admin, source="shop", workflow=TWO_STAGES, band=Band.HIGH)
    (claimed,) = await run_tasks.claim(shop, worker="w", slots=4)
    await run_tasks.settle(shop, claimed, Done(facts={"batches": 3, "complete": True}))
    shown = (await api(shop).ask(STAGES, r=run))["run"]

    assert (shown["state"], shown["band"]) == ("RUNNING", "HIGH")
    discover, publish = shown["stages"]
    assert (discover["state"], discover["done"]) == ("SUCCEEDED", 1)
    assert discover["facts"] == [{"name": "batches", "value": "3"}, {"name": "complete", "value": "true"}]
    assert (publish["state"], publish["batches"], publish["done"]) == ("RUNNING", 3, 0)
    tasks = nodes(shown["tasks"])
    assert [(task["stage"], task["number"], task["state"]) for task in tasks] == [
        ("discover", 0, "SUCCEEDED"),
        ("publish", 0, "READY"),
        ("publish", 1, "READY"),
    ]
    assert tasks[0]["attempts"] == [
        {"number": 1, "state": "SUCCEEDED", "kind": None, "error": None, "worker": "w"}
    ]


async def test_a_dead_letter_says_why_and_can_be_replayed(shop: GraphSession, admin: Principal) -> None:
    run = await runs.request(shop, admin, source="shop", workflow=TWO_STAGES)
    (claimed,) = await run_tasks.claim(shop, worker="w", slots=4)
    await run_tasks.settle(shop, claimed, Failed("permission", "The user may not do this.", wait_ms=1))
    shown = (await api(shop).ask(STAGES, r=run))["run"]

    assert shown["state"] == "FAILED"
    (task,) = nodes(shown["tasks"])
    assert (task["state"], task["error"]) == ("FAILED", "The user may not do this.")
    assert task["attempts"][0]["kind"] == "permission"
    replayed = await api(shop, Role.OPERATOR).ask(CHANGE % ("Replay", "Replay"), r=run)
    assert replayed["scanReplay"]["run"] == {"state": "RUNNING"}
    (again,) = await run_tasks.claim(shop, worker="w", slots=4)
    await run_tasks.settle(shop, again, Done(facts={"batches": 0}))
    shown = (await api(shop).ask(STAGES, r=run))["run"]
    assert (shown["state"], [stage["state"] for stage in shown["stages"]]) == ("SUCCEEDED", ["SUCCEEDED"] * 2)


async def test_a_paused_run_gives_nothing_to_workers_until_it_is_resumed(
    shop: GraphSession, admin: Principal
) -> None:
    run = await runs.request(shop, admin, source="shop", workflow=TWO_STAGES)
    operator = api(shop, Role.OPERATOR)

    assert (await operator.ask(CHANGE % ("Pause", "Pause"), r=run))["scanPause"]["run"] == {"state": "PAUSED"}
    assert await run_tasks.claim(shop, worker="w", slots=4) == []
    held = (await operator.ask("{ queue { held { reason tasks } bands { band tasks } } }"))["queue"]
    assert held["held"] == [{"reason": "PAUSED", "tasks": 1}]
    assert (await operator.ask(CHANGE % ("Resume", "Resume"), r=run))["scanResume"]["run"] == {
        "state": "QUEUED"
    }
    assert len(await run_tasks.claim(shop, worker="w", slots=4)) == 1
    twice = (await operator.ask(CHANGE % ("Resume", "Resume"), r=run))["scanResume"]
    assert twice["__typename"] == "ConflictError"


async def test_a_cancelled_run_is_over_when_its_last_task_stopped(
    shop: GraphSession, admin: Principal
) -> None:
    run = await runs.request(shop, admin, source="shop", workflow=TWO_STAGES)
    (claimed,) = await run_tasks.claim(shop, worker="w", slots=4)

    assert (await api(shop, Role.OPERATOR).ask(CANCEL, r=run))["scanCancel"]["run"] == {"state": "CANCELLING"}
    row = {"id": claimed.task, "attempt": claimed.attempt, "done": 0, "total": None}
    assert await run_tasks.beat(shop, worker="w", props={}, tasks=[row]) == {
        claimed.task: RunState.CANCELLING
    }
    await run_tasks.settle(shop, claimed, Halted())
    shown = (await api(shop).ask(STAGES, r=run))["run"]
    assert (shown["state"], [stage["state"] for stage in shown["stages"]]) == ("CANCELLED", ["CANCELLED"] * 2)


async def test_a_task_that_kills_its_workers_is_given_up_after_its_tries(
    shop: GraphSession, admin: Principal
) -> None:
    poison = Workflow("poison", (Stage("discover", "discover", retry=Retry(tries=3)),))
    run = await runs.request(shop, admin, source="shop", workflow=poison)
    for _ in range(3):
        assert len(await run_tasks.claim(shop, worker="w", slots=4)) == 1
        await shop.schema_statement("MATCH (t:RunTask) SET t.lease_until = 1")

    assert await run_tasks.claim(shop, worker="w", slots=4) == []
    shown = (await api(shop).ask(STAGES, r=run))["run"]
    assert shown["state"] == "FAILED"
    (task,) = nodes(shown["tasks"])
    assert [each["kind"] for each in task["attempts"]] == ["worker_lost"] * 3
    assert "was lost" in task["error"]


async def test_a_task_is_neither_suspected_nor_soon_given_up_while_workers_die_without_it_as_well(
    shop: GraphSession, admin: Principal
) -> None:
    workflow = Workflow("one", (Stage("discover", "discover", retry=Retry(tries=3)),))
    run = await runs.request(shop, admin, source="shop", workflow=workflow)
    for n in range(6):
        await run_tasks.beat(shop, worker=f"elsewhere-{n}", props={}, tasks=[])
    await shop.schema_statement("MATCH (w:Worker) SET w.lost_ms = datetime.realtime().epochMillis")
    suspects = Query(
        "test.suspects",
        "CYPHER 25 MATCH (t:RunTask) RETURN coalesce(t.suspect, false) AS suspect",
        "read",
        frozenset(),
        ("suspect",),
        1000,
    )
    suspected = []
    for n in range(6):
        await run_tasks.beat(shop, worker=f"w{n}", props={}, tasks=[])
        (claimed,) = await run_tasks.claim(shop, worker=f"w{n}", slots=4)
        await run_tasks.lose(shop, [{"id": claimed.task, "attempt": claimed.attempt, "worker": f"w{n}"}])
        ((task,),) = [nodes((await api(shop).ask(STAGES, r=run))["run"]["tasks"])]
        rows = await shop.rows(suspects)
        suspected.append(rows[0]["suspect"])
    assert suspected == [False] * 6
    assert [each["kind"] for each in task["attempts"]] == ["worker_lost"] * 6
    assert (await api(shop).ask(STAGES, r=run))["run"]["state"] == "FAILED"


async def test_a_task_that_its_workers_were_lost_with_runs_by_itself(
    shop: GraphSession, admin: Principal
) -> None:
    names = ["lost", "one", "two", "three"]
    for name in names:
        await register(shop, warehouse(name, "", datasets=0, columns=0))

    async def begin(name: str) -> None:
        await runs.request(shop, admin, source=name, workflow=ONE_STAGE)

    async def claimed(worker: str) -> list[str]:
        await run_tasks.beat(shop, worker=worker, props={}, tasks=[])
        return [each.source["name"] for each in await run_tasks.claim(shop, worker=worker, slots=4)]

    await begin("one")
    assert await claimed("busy") == ["one"]
    await begin("lost")
    await shop.schema_statement(
        "MATCH (t:RunTask) WHERE t.queue IS NOT NULL SET t.suspect = true, t.ready_ms = t.ready_ms + 60000"
    )
    await begin("two")

    assert await claimed("busy") == []  # it makes room
    assert await claimed("other") == ["two"]
    await shop.schema_statement(
        "MATCH (t:RunTask {worker: 'busy'}) SET t.lease_until = null, t.state = 'SUCCEEDED'"
    )
    await begin("three")
    assert await claimed("busy") == ["lost"]
    assert await claimed("busy") == []
    assert await claimed("other") == ["three"]


async def test_a_task_waited_behind_those_of_busy_sources_while_workers_had_nothing_to_do(
    shop: GraphSession, admin: Principal
) -> None:
    for n in range(20):
        await register(shop, warehouse(f"busy{n}", "", datasets=0, columns=0))
        await runs.request(shop, admin, source=f"busy{n}", workflow=ONE_STAGE)
    await shop.schema_statement("MATCH (s:Source) WHERE s.name STARTS WITH 'busy' SET s.most_tasks = 0")
    await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)

    claims = await run_tasks.claim(shop, worker="w", slots=2)

    assert [each.source["name"] for each in claims] == ["shop"]


async def test_a_task_that_ends_during_a_heartbeat_is_not_taken_for_lost(
    shop: GraphSession, admin: Principal
) -> None:
    for _ in range(25):
        await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)
        (claimed,) = await run_tasks.claim(shop, worker="w", slots=1)
        row = {"id": claimed.task, "attempt": claimed.attempt, "done": 1, "total": 1}
        beats = [run_tasks.beat(shop, worker="w", props={}, tasks=[row]) for _ in range(3)]
        await asyncio.gather(*beats, run_tasks.settle(shop, claimed, Done()))

    held = Query(
        "test.held",
        "CYPHER 25 MATCH (t:RunTask) WHERE t.lease_until IS NOT NULL RETURN count(*) AS tasks",
        "read",
        frozenset(),
        ("tasks",),
        1000,
    )
    assert await shop.rows(held) == [{"tasks": 0}]
