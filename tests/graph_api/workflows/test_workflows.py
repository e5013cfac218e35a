"""Workflows of one's own through the API: saved in versions, validated, named by plans, started by name."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import plans, run_tasks, runs, workflows
from ingest.orchestration.outcomes import Done
from schema.domain.identity import Principal, Role, Scope
from tests.graph_api.asking import api, nodes
from tests.graph_api.scans.test_plans import SET as SET_PLAN
from tests.graph_api.scans.test_plans import At, planned
from tests.ingest.test_scan import query
from tests.seed import register, warehouse

DOC = (Path(__file__).parents[3] / "docs/reference/scans.md").read_text("utf-8")
CAREFUL = next(text for text in re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL) if "careful_scan" in text)
LOOK = """\
workflow: look
description: Reads the structure, no more
inputs: {wanted: true}
stages:
  discover: {uses: discover, if: inputs.wanted}
"""
ERRORS = "... on UserError { code message path remedy } ... on BadWorkflowError { mistakes { line column message remedy path } } ... on ConditionFailedError { expression }"
SAVE = "mutation ($y: String!, $v: Int) { workflowSave(yaml: $y, expectedVersion: $v) { __typename ... on WorkflowSaveSuccess { workflow { name version yaml savedBy stages { name uses workflow compensate } inputs { name default } } } ... on UserError { code message path remedy } ... on BadWorkflowError { mistakes { line column message remedy path } } } }"
DELETE = "mutation ($n: String!) { workflowDelete(name: $n) { __typename ... on UserError { message } } }"
START = f"mutation ($n: String!, $s: String!, $i: JSON) {{ workflowStart(name: $n, source: $s, inputs: $i) {{ __typename ... on WorkflowStartSuccess {{ run {{ runId state workflow workflowVersion inputs {{ name value }} recipe {{ workflowDigest }} }} }} {ERRORS} }} }}"
ONE = "query ($n: String!) { workflow(name: $n) { name version builtIn yaml versions(first: 2) { edges { node { number yaml savedBy } } pageInfo { hasNextPage } } } }"
LIST = "query ($n: Int, $a: String, $l: Int) { workflows(first: $n, after: $a, last: $l) { edges { node { name builtIn version } } pageInfo { hasNextPage endCursor } } }"
VALIDATE = "query ($y: String!) { workflowValidate(yaml: $y) { ok name mistakes { line column message remedy } stages { name } } }"
AUDITED = query(
    "MATCH (e:AuditEvent) WHERE e.action STARTS WITH 'workflow.' RETURN e.action AS action, e.actor AS actor ORDER BY e.at"
)
DUE_AUDITED = query("MATCH (e:AuditEvent {action: 'source.not_due'}) RETURN e.details AS details")


@pytest.fixture
async def shop(graph: GraphSession) -> GraphSession:
    await register(graph, warehouse("shop", "", datasets=0, columns=0))
    return graph


async def saved(
    graph: GraphSession, text: str, role: Role = Role.OPERATOR, **variables: Any
) -> dict[str, Any]:
    return (await api(graph, role).ask(SAVE, y=text, **variables))["workflowSave"]  # type: ignore[no-any-return]


async def started(graph: GraphSession, name: str, source: str = "shop", **inputs: Any) -> dict[str, Any]:
    answer = await api(graph, Role.OPERATOR).ask(START, n=name, s=source, i=inputs)
    return answer["workflowStart"]  # type: ignore[no-any-return]


async def test_a_workflow_is_saved_in_versions_listed_and_deleted_with_one_event_each(
    graph: GraphSession,
) -> None:
    first = await saved(graph, LOOK, v=0)
    assert (first["workflow"]["version"], first["workflow"]["yaml"]) == (1, LOOK)
    assert first["workflow"]["inputs"] == [{"name": "wanted", "default": "true"}]
    second = await saved(graph, LOOK.replace("no more", "and no more"), v=1)
    assert second["workflow"]["version"] == 2
    stale = await saved(graph, LOOK, v=1)
    assert (stale["__typename"], stale["path"]) == ("ConflictError", ["expectedVersion"])
    same = await saved(graph, second["workflow"]["yaml"])
    assert same["workflow"]["version"] == 2

    shown = (await api(graph, Role.READER).ask(ONE, n="look"))["workflow"]
    assert [each["number"] for each in nodes(shown["versions"])] == [2, 1]
    assert nodes(shown["versions"])[1]["yaml"] == LOOK
    listed = (await api(graph, Role.READER).ask(LIST))["workflows"]
    assert nodes(listed) == [
        {"name": "look", "builtIn": False, "version": 2},
        {"name": "reclassify", "builtIn": True, "version": None},
        {"name": "scan", "builtIn": True, "version": None},
    ]
    page = (await api(graph).ask(LIST, n=1))["workflows"]
    assert page["pageInfo"]["hasNextPage"]
    rest = (await api(graph).ask(LIST, n=2, a=page["pageInfo"]["endCursor"]))["workflows"]
    assert [each["name"] for each in nodes(page) + nodes(rest)] == ["look", "reclassify", "scan"]
    assert [each["name"] for each in nodes((await api(graph).ask(LIST, l=1))["workflows"])] == ["scan"]

    assert (await api(graph).ask(DELETE, n="look"))["workflowDelete"]["__typename"] == "WorkflowDeleteSuccess"
    assert (await api(graph).ask(ONE, n="look"))["workflow"] is None
    assert (await saved(graph, LOOK))["workflow"]["version"] == 3
    events = [row["action"] for row in await graph.rows(AUDITED)]
    assert events == ["workflow.save", "workflow.save", "workflow.save", "workflow.delete", "workflow.save"]


async def test_every_mistake_of_a_text_is_told_and_nothing_is_written(graph: GraphSession) -> None:
    wrong = CAREFUL.replace("uses: check", "uses: chek").replace("severity: INFO", "severity: LOUD")

    told = (await api(graph, Role.OPERATOR).ask(VALIDATE, y=wrong))["workflowValidate"]
    refused = await saved(graph, wrong)
    fine = (await api(graph, Role.OPERATOR).ask(VALIDATE, y=CAREFUL))["workflowValidate"]

    assert (told["ok"], len(told["mistakes"])) == (False, 2)
    assert (told["mistakes"][0]["line"], told["mistakes"][0]["remedy"]) == (11, "Did you mean check?")
    assert refused["__typename"] == "BadWorkflowError"
    assert [each["line"] for each in refused["mistakes"]] == [each["line"] for each in told["mistakes"]]
    assert (fine["ok"], [each["name"] for each in fine["stages"]]) == (True, ["scan", "few_gone", "tell"])
    assert await graph.rows(AUDITED) == []


async def test_who_may_not_scan_or_sees_some_domains_alone_changes_no_workflow(graph: GraphSession) -> None:
    assert (await saved(graph, LOOK, Role.EDITOR))["code"] == "FORBIDDEN"
    narrow = api(graph, Role.OPERATOR, Scope(4, ("Sales",)))
    assert (await narrow.ask(SAVE, y=LOOK))["workflowSave"]["code"] == "FORBIDDEN"
    assert await api(graph, Role.READER).refused(VALIDATE, y=LOOK) == "FORBIDDEN"
    built_in = await saved(graph, LOOK.replace("workflow: look", "workflow: scan"))
    assert "built in" in built_in["message"]
    assert "built in" in (await api(graph).ask(DELETE, n="scan"))["workflowDelete"]["message"]


async def test_a_run_goes_on_as_the_version_it_began_with(shop: GraphSession, admin: Principal) -> None:
    two = LOOK + "  more: {uses: check, after: [discover], with: {that: 'true'}}\n"
    await workflows.save(shop, admin, text=two)
    run = (await started(shop, "look"))["run"]
    assert (run["workflowVersion"], run["inputs"]) == (1, [{"name": "wanted", "value": "true"}])
    await workflows.save(shop, admin, text=LOOK)
    await api(shop).ask(DELETE, n="look")

    (claimed,) = await run_tasks.claim(shop, worker="w", slots=4)
    await run_tasks.settle(shop, claimed, Done())
    (claimed,) = await run_tasks.claim(shop, worker="w", slots=4)
    assert claimed.stage.name == "more"
    await run_tasks.settle(shop, claimed, Done())
    assert (await started(shop, "look"))["__typename"] == "NotFoundError"


async def test_what_cannot_be_started_is_told_by_its_kind(shop: GraphSession, admin: Principal) -> None:
    await workflows.save(shop, admin, text=LOOK.replace("inputs.wanted}", "run.options.nothing}"))
    failed = await started(shop, "look")
    assert (failed["__typename"], failed["expression"]) == ("ConditionFailedError", "run.options.nothing")
    assert (await started(shop, "look", wanted="yes"))["path"] == ["inputs", "wanted"]
    assert (await started(shop, "look", source="none"))["path"] == ["source"]
    assert (await api(shop, Role.READER).ask(START, n="look", s="shop"))["workflowStart"][
        "code"
    ] == "FORBIDDEN"

    await workflows.save(shop, admin, text="workflow: b\nstages: {s: {workflow: look}}")
    await shop.schema_statement("CYPHER 25 MATCH (d:WorkflowDefinition {name: 'look'}) SET d.deleted = true")
    broken = await started(shop, "b")
    assert (broken["__typename"], broken["mistakes"][0]["path"]) == (
        "BadWorkflowError",
        ["stages", "s", "workflow"],
    )


async def test_a_workflow_of_which_nothing_is_to_be_done_is_over_at_once(
    shop: GraphSession, admin: Principal
) -> None:
    await workflows.save(shop, admin, text=LOOK)
    run = (await started(shop, "look", wanted=False))["run"]

    assert run["state"] == "SUCCEEDED"
    assert await run_tasks.claim(shop, worker="w", slots=4) == []
    assert (await started(shop, "look", wanted=True))["run"]["state"] == "QUEUED"


async def test_a_plan_names_the_workflow_that_scans_of_its_source_follow(
    shop: GraphSession, admin: Principal
) -> None:
    who = api(shop, Role.OPERATOR)
    missing = (await who.ask(SET_PLAN, s="shop", p={"workflow": "look"}))["scanPlanSet"]
    assert missing["path"] == ["plan", "workflow"]
    await workflows.save(shop, admin, text=LOOK.replace("wanted: true", "wanted: null"))
    needy = (await who.ask(SET_PLAN, s="shop", p={"workflow": "look"}))["scanPlanSet"]
    assert needy["path"] == ["plan", "workflow"]
    await workflows.save(shop, admin, text=LOOK)
    await planned(shop, workflow="look", cron="0 3 * * *")

    document = 'mutation { scanStart(source: "shop") { ... on ScanStartSuccess { run { workflow runId } } } }'
    run = (await who.ask(document))["scanStart"]["run"]
    assert run["workflow"] == "look"
    await runs.cancel(shop, admin, run=run["runId"])
    used = (await who.ask(DELETE, n="look"))["workflowDelete"]
    assert "the plans of sources (1)" in used["message"]


async def test_a_workflow_that_broke_holds_up_no_other_source_and_the_audit_trail_says_why(
    shop: GraphSession, admin: Principal
) -> None:
    await register(shop, warehouse("other", "", datasets=0, columns=0))
    await workflows.save(shop, admin, text=LOOK)
    await planned(shop, workflow="look", cron="0 3 * * *")
    plan = await planned(shop, source="other", cron="0 3 * * *")
    await shop.schema_statement("CYPHER 25 MATCH (d:WorkflowDefinition {name: 'look'}) SET d.deleted = true")
    at = At(datetime.fromisoformat(plan["nextRunAt"]) + timedelta(minutes=1))

    assert len(await plans.run_due(shop, clock=at)) == 1
    (event,) = await shop.rows(DUE_AUDITED)
    assert "NOT_FOUND" in event["details"]
    assert await plans.run_due(shop, clock=at) == []
