"""Limits over all sources: set through the API, seen in what workers are given and in why the rest waits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cypher.audit import reads as audit
from cypher.session import GraphSession
from ingest.commands import run_tasks, runs
from ingest.orchestration.outcomes import Claim, Done
from schema.domain.identity import Principal, Role
from tests.conftest import Neo4jAddress
from tests.graph_api.asking import api
from tests.graph_api.cli.installation import Installation
from tests.seed import ONE_STAGE, register, warehouse

SET = """mutation ($l: QueueLimitsInput!) { queueLimitsSet(limits: $l, reason: "month end") { __typename
  ... on QueueLimitsSetSuccess { limits { rowsPerDay secondsPerDay rowsUsed tasksPerKind { kind tasks } } }
  ... on UserError { message path remedy } } }"""
HELD = "{ queue { held { reason tasks } } queueLimits { rowsPerDay rowsUsed secondsUsed } }"
NAMES = ("north", "south", "west")


@pytest.fixture
async def three(graph: GraphSession) -> GraphSession:
    for name in NAMES:
        await register(graph, warehouse(name, "", datasets=0, columns=0))
    return graph


async def limited(graph: GraphSession, **limits: Any) -> dict[str, Any]:
    return (await api(graph).ask(SET, l=limits))["queueLimitsSet"]  # type: ignore[no-any-return]


async def taken(graph: GraphSession) -> list[Claim]:
    return await run_tasks.claim(graph, worker="w", slots=9)


async def test_rows_of_all_sources_together_are_spent_and_a_raised_limit_lets_the_next_one_go(
    three: GraphSession, admin: Principal
) -> None:
    await limited(three, rowsPerDay=100)
    for name in ("north", "south"):
        await runs.request(three, admin, source=name, workflow=ONE_STAGE)
    for claimed in await taken(three):
        await run_tasks.settle(three, claimed, Done(rows=60))  # neither spends it alone
    await runs.request(three, admin, source="west", workflow=ONE_STAGE)

    assert await taken(three) == []
    found = await api(three, Role.OPERATOR).ask(HELD)
    assert found["queue"]["held"] == [{"reason": "BUDGET", "tasks": 1}]
    assert (found["queueLimits"]["rowsPerDay"], found["queueLimits"]["rowsUsed"]) == (100, 120)

    assert (await limited(three, rowsPerDay=1_000))["limits"]["rowsUsed"] == 120
    assert [each.source["name"] for each in await taken(three)] == ["west"]
    told = await audit.events(three, first=5, action="queue.limits")
    assert [(each["actor"], each["reason"]) for each in told] == [("token:admin", "month end")] * 2


async def test_no_more_tasks_of_a_kind_run_at_once_than_may_and_one_that_ends_makes_room(
    three: GraphSession, admin: Principal
) -> None:
    done = await limited(three, tasksPerKind=[{"kind": "postgres", "tasks": 2}])
    assert done["limits"]["tasksPerKind"] == [{"kind": "postgres", "tasks": 2}]
    for name in NAMES:
        await runs.request(three, admin, source=name, workflow=ONE_STAGE)

    first = await taken(three)
    assert len(first) == 2
    assert await taken(three) == []
    found = await api(three, Role.OPERATOR).ask(HELD)
    assert found["queue"]["held"] == [{"reason": "BUDGET", "tasks": 1}]

    await run_tasks.settle(three, first[0], Done())
    await three.schema_statement("CYPHER 25 MATCH (t:RunTask) WHERE t.retry_at > 0 SET t.retry_at = 1")
    assert len(await taken(three)) == 1
    assert await taken(three) == []


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        ({"rowsPerDay": 0}, "rowsPerDay"),
        ({"secondsPerDay": -5}, "secondsPerDay"),
        ({"tasksPerKind": [{"kind": "postgres", "tasks": 0}]}, "tasksPerKind"),
        ({"tasksPerKind": [{"kind": "nonsense", "tasks": 1}]}, "tasksPerKind"),
        ({"tasksPerKind": [{"kind": "mysql", "tasks": 1}, {"kind": "mysql", "tasks": 2}]}, "tasksPerKind"),
    ],
)
async def test_wrong_limits_are_refused_with_their_field(
    graph: GraphSession, limits: dict[str, Any], field: str
) -> None:
    answer = await limited(graph, **limits)
    assert (answer["__typename"], answer["path"][-1]) == ("InvalidInputError", field)
    assert answer["remedy"]


async def test_limits_are_for_administrators_to_set(graph: GraphSession) -> None:
    answer = (await api(graph, Role.OPERATOR).ask(SET, l={}))["queueLimitsSet"]
    assert answer["__typename"] == "ForbiddenError"


async def test_the_command_line_sets_and_shows_limits(
    graph: GraphSession, neo4j_server: Neo4jAddress, tmp_path: Path
) -> None:
    installation = Installation.of(neo4j_server, "redis://127.0.0.1:1/0", tmp_path / "cli")
    await installation.run("limits", "set", "--rows-per-day", "7", "--tasks", "mysql=3")
    shown = json.loads((await installation.run("limits", "show", "--json")).stdout)
    assert (shown["rows_per_day"], shown["seconds_per_day"], shown["tasks_per_kind"]) == (
        7,
        None,
        {"mysql": 3},
    )
