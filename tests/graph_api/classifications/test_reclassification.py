"""Judging anew through the API and from the command line: what waits, what would change, and who may know."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from cypher.session import GraphSession
from ingest.commands import classifiers
from schema.domain.identity import Principal, Role, Scope
from schema.settings import Settings
from tests.conftest import Neo4jAddress
from tests.graph_api.asking import Api, api, nodes
from tests.graph_api.cli.installation import Installation
from tests.ingest.test_reclassification import HELMET, done, store, verdicts, waiting
from tests.ingest.test_scan import registered, scanned, work

__all__ = ["store"]  # fixture
STATE = "{ reclassificationState { version automatic waiting sources(first: 1) { edges { node { source waiting since } } pageInfo { hasNextPage } } } }"
RECLASSIFY = "mutation ($s: String!, $d: Boolean! = false, $p: String) { reclassify(source: $s, dryRun: $d, preview: $p) { __typename ... on ReclassifySuccess { run { runId workflow trigger } } ... on UserError { code path message } } }"
SIZE = (
    HELMET.replace("HELMET", "SIZE")
    .replace("helmet, code", "size")
    .replace("- {pattern: 'H-[0-9]{6}'}", "- {pattern: '[0-9]'}")
    .replace("names: [helmet]", "names: [size]")
    .replace("values:\n", "types: [integer]\nvalues:\n")
)
TRY = "mutation ($s: String!, $y: String!) { classifierPreview(source: $s, yaml: $y) { __typename ... on ClassifierPreviewSuccess { run { runId workflow } } ... on UserError { code path message } } }"
CANCEL = (
    "mutation ($r: String!) { scanCancel(run: $r) { __typename ... on ScanCancelSuccess { run { state } } } }"
)
PREVIEW = """query ($r: String!, $k: [ReclassificationChangeKind!], $a: String) { reclassificationPreview(run: $r) { source complete current drafts expiresAt
  counts { classification kind columns }
  changes(first: 1, after: $a, kinds: $k) { edges { node { urn path classification kind before after reasonBefore reasonAfter decided } } pageInfo { hasNextPage endCursor } } } }"""


@pytest.fixture
async def changed(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, store: Path
) -> Settings:
    """A source that was scanned before HELMET was saved."""
    rules = config.model_copy(update={"classify_tiers": "rules"})
    await registered(graph, admin, rules, store, lineage=False, profile=False)
    await scanned(graph, admin, redis_url, rules)
    await classifiers.save(graph, admin, text=HELMET)
    return rules


async def test_a_preview_tells_by_column_what_would_change_to_whom_may_see_it(
    graph: GraphSession, redis_url: str, changed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_api.classifications.reclassification.settings", lambda: changed)
    steward, low = api(graph), api(graph, Role.OPERATOR, Scope(clearance=1, domains=None))
    state = (await steward.ask(STATE))["reclassificationState"]
    assert (state["waiting"], [each["source"] for each in nodes(state["sources"])]) == (4, ["shop"])

    began = (await steward.ask(RECLASSIFY, s="shop", d=True))["reclassify"]
    assert began["run"]["workflow"] == "reclassify", began
    run = began["run"]["runId"]
    early = (await steward.ask(RECLASSIFY, s="shop", p=run))["reclassify"]
    assert (early["__typename"], early["path"]) == ("NotFoundError", ["preview"])
    await done(graph, redis_url, changed, run)

    shown = (await steward.ask(PREVIEW, r=run))["reclassificationPreview"]
    assert (shown["source"], shown["complete"], shown["current"]) == ("shop", True, True)
    assert shown["counts"] == [{"classification": "HELMET", "kind": "GAINED", "columns": 1}]
    (change,) = nodes(shown["changes"])
    assert (change["path"], change["before"], change["decided"]) == ("main.Gear.code", None, None)
    assert change["after"] > 0.5
    assert "H-0" not in change["reasonAfter"]
    end = shown["changes"]["pageInfo"]["endCursor"]
    assert nodes((await steward.ask(PREVIEW, r=run, a=end))["reclassificationPreview"]["changes"]) == []
    assert nodes((await steward.ask(PREVIEW, r=run, k=["LOST"]))["reclassificationPreview"]["changes"]) == []

    await graph.schema_statement("MATCH (a:Asset) WHERE a.path STARTS WITH 'main.Gear' SET a.sensitivity = 3")
    hidden = (await low.ask(PREVIEW, r=run))["reclassificationPreview"]
    assert (hidden["counts"], nodes(hidden["changes"])) == ([], [])
    assert (await low.ask(STATE))["reclassificationState"]["waiting"] == 3
    await graph.schema_statement("MATCH (a:Source) SET a.sensitivity = 3")
    assert (await low.ask(PREVIEW, r=run))["reclassificationPreview"] is None
    assert (await low.ask(STATE))["reclassificationState"]["waiting"] == 0
    refused = (await low.ask(RECLASSIFY, s="shop"))["reclassify"]
    assert (refused["__typename"], refused["path"]) == ("NotFoundError", ["source"])
    reader = (await api(graph, Role.READER).ask(RECLASSIFY, s="shop"))["reclassify"]
    assert reader["__typename"] == "ForbiddenError"
    both = (await steward.ask(RECLASSIFY, s="shop", d=True, p=run))["reclassify"]
    assert (both["__typename"], both["path"]) == ("InvalidInputError", ["preview"])


async def test_an_author_sees_what_his_draft_would_change_and_nobody_learns_of_hidden_columns_by_it(
    graph: GraphSession, redis_url: str, changed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_api.classifications.reclassification.settings", lambda: changed)
    steward, low = api(graph, Role.STEWARD), api(graph, Role.OPERATOR, Scope(clearance=1, domains=None))
    run = (await steward.ask(TRY, s="shop", y=SIZE))["classifierPreview"]["run"]["runId"]
    await done(graph, redis_url, changed, run)
    shown = (await steward.ask(PREVIEW, r=run))["reclassificationPreview"]
    # What waits for HELMET, saved meanwhile, is told as well: both would be in force.
    assert [(each["classification"], each["columns"]) for each in shown["counts"]] == [
        ("HELMET", 1),
        ("SIZE", 1),
    ]
    assert (shown["drafts"], shown["complete"], shown["current"]) == (["SIZE"], True, False)
    unsaved = (await api(graph).ask(RECLASSIFY, s="shop", p=run))["reclassify"]
    assert (unsaved["__typename"], unsaved["path"]) == ("ConflictError", ["preview"])

    await graph.schema_statement("MATCH (a:Asset {path: 'main.Gear.size'}) SET a.sensitivity = 3")
    hidden = (await low.ask(PREVIEW, r=run))["reclassificationPreview"]
    assert [(each["classification"], each["columns"]) for each in hidden["counts"]] == [("HELMET", 1)]
    # Nor do the figures of the run tell him how many there are.
    assert (await low.ask("query ($r: String!) { run(id: $r) { counts { name } } }", r=run))["run"][
        "counts"
    ] == []

    await classifiers.save(graph, steward.principal, text=f"---\n{SIZE}")
    assert (await steward.ask(PREVIEW, r=run))["reclassificationPreview"]["current"]

    wrong = (await steward.ask(TRY, s="shop", y=SIZE.replace("names:", "nams:")))["classifierPreview"]
    assert (wrong["__typename"], wrong["path"]) == ("BadClassifierError", ["yaml", "nams"])
    nothing = (await steward.ask(TRY, s="shop", y="# nothing"))["classifierPreview"]
    assert (nothing["__typename"], nothing["path"]) == ("InvalidInputError", ["yaml"])
    nowhere = (await steward.ask(TRY, s="nowhere", y=SIZE))["classifierPreview"]
    assert (nowhere["__typename"], nowhere["path"]) == ("NotFoundError", ["source"])
    # Whoever may choose patterns can count values by them: it takes the right to save them.
    part = Scope(clearance=4, domains=("shop", ""))
    for who in (api(graph, Role.READER), api(graph, Role.OPERATOR), api(graph, Role.STEWARD, part)):
        refused = (await who.ask(TRY, s="shop", y=SIZE))["classifierPreview"]
        assert refused["__typename"] == "ForbiddenError"


async def test_a_steward_takes_back_the_preview_he_asked_for_and_no_other_run(
    graph: GraphSession, redis_url: str, changed: Settings
) -> None:
    steward = api(graph, Role.STEWARD)
    run = (await steward.ask(TRY, s="shop", y=SIZE))["classifierPreview"]["run"]["runId"]
    other = Api(graph, replace(steward.principal, id="token:other"), steward.services)
    refused = (await other.ask(CANCEL, r=run))["scanCancel"]
    assert refused["__typename"] == "ForbiddenError"
    stopped = (await steward.ask(CANCEL, r=run))["scanCancel"]
    assert stopped["run"]["state"] in ("CANCELLING", "CANCELLED")

    scan = (await api(graph).ask(RECLASSIFY, s="shop"))["reclassify"]["run"]["runId"]
    assert (await steward.ask(CANCEL, r=scan))["scanCancel"]["__typename"] == "ForbiddenError"


async def test_the_command_line_previews_and_applies(
    graph: GraphSession, neo4j_server: Neo4jAddress, redis_url: str, changed: Settings, tmp_path: Path
) -> None:
    installation = Installation.of(
        neo4j_server, redis_url, tmp_path / "data", PURSIGHT_CLASSIFY_TIERS="rules", PURSIGHT_CACHE_DIR=str(tmp_path)
    )  # fmt: skip

    async def run(*arguments: str) -> str:
        """The output of a command beside a worker."""
        command = asyncio.create_task(installation.run("reclassify", *arguments))
        while not command.done():
            await work(graph, redis_url, changed)
        answer = command.result()
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    (preview,) = json.loads(await run("--preview", "--json"))
    assert [(each["path"], each["kind"]) for each in preview["changes"]] == [("main.Gear.code", "GAINED")]
    assert ("main.Gear.code", "HELMET") not in await verdicts(graph)
    await run("--apply", preview["id"])
    assert ("main.Gear.code", "HELMET") in await verdicts(graph)
    assert await waiting(graph, changed) == 0

    file = tmp_path / "size.yaml"
    file.write_text(SIZE, "utf-8")
    (draft,) = json.loads(await run("--preview", "--classifier", str(file), "--json"))
    assert [(each["path"], each["classification"], each["kind"]) for each in draft["changes"]] == [
        ("main.Gear.size", "SIZE", "GAINED")
    ]
    assert draft["change_count"] == 1
