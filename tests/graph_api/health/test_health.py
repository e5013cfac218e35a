"""Health and credentials of sources through the API and the command line."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import sources
from schema.domain.identity import Principal, Role, Scope
from schema.domain.sources import SourceSpec
from schema.settings import Settings
from tests.conftest import Neo4jAddress
from tests.graph_api.asking import Api, Counting, api, nodes
from tests.graph_api.cli.installation import Installation
from tests.seed import register, scan, warehouse

HEALTH = """{ score grade reasons { cause points message } availability { day week month }
  latency { medianMs p95Ms p99Ms baselineMs } nextCheckAt }"""
ONE = f"query ($n: String!) {{ source(name: $n) {{ health {HEALTH} credential {{ expiresAt state secrets {{ name kind reference }} }} }} }}"
HISTORY = 'query ($f: Int, $a: String, $l: Int, $b: String) { source(name: "shop") { health { history(first: $f, after: $a, last: $l, before: $b) { edges { node { start checks succeeded medianMs p95Ms } } pageInfo { hasNextPage endCursor startCursor } } } } }'
ROTATE = "mutation ($s: String!, $v: [CredentialSecretInput!]!, $e: DateTime) { credentialRotate(source: $s, secrets: $v, expiresAt: $e) { __typename ... on CredentialRotateSuccess { source { config } } ... on UserError { code path remedy } } }"
EXPIRE = 'mutation ($s: String!, $e: DateTime) { credentialExpirySet(source: $s, expiresAt: $e, reason: "as agreed") { __typename ... on CredentialExpirySetSuccess { source { credential { expiresAt state } health { reasons { cause } } } } ... on UserError { code path } } }'


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal, config: Settings, tmp_path: Path) -> GraphSession:
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (id INTEGER)")
    database.close()
    await sources.register(graph, admin, SourceSpec("shop", "sqlite", {"path": str(path)}), config=config)
    await register(graph, warehouse("hr", "hr", datasets=0, columns=0))
    return graph


@pytest.fixture
def operator(shop: GraphSession, config: Settings) -> Api:
    return api(shop, Role.OPERATOR, settings=config)


async def test_a_source_tells_its_score_and_every_reason(
    operator: Api, shop: GraphSession, admin: Principal
) -> None:
    found = (await operator.ask(ONE, n="shop"))["source"]["health"]
    assert (found["score"], found["grade"], found["reasons"]) == (100, "HEALTHY", [])
    assert found["availability"] == {"day": 1.0, "week": 1.0, "month": 1.0}
    assert found["latency"]["medianMs"] == found["latency"]["p99Ms"] >= 0
    assert found["latency"]["baselineMs"] is None

    run = await scan(shop, admin, "shop")
    await shop.schema_statement(
        f"MATCH (r:Run {{id: '{run}'}})-[:HAS_TASK]->(t) SET t.state = 'FAILED' WITH DISTINCT r "
        "MATCH (r)-[:SCANS]->(s) SET s.last_run_state = 'FAILED', s.check_ok = false, s.check_cause = 'TIMEOUT'"
    )
    found = (await operator.ask(ONE, n="shop"))["source"]["health"]
    assert [reason["cause"] for reason in found["reasons"]] == ["CHECK_FAILED", "SCAN_FAILED", "DEAD_LETTERS"]
    assert found["score"] == 100 - sum(reason["points"] for reason in found["reasons"])


async def test_of_a_source_out_of_reach_and_of_one_that_is_not_registered_nothing_is_told(
    shop: GraphSession, config: Settings
) -> None:
    limited = api(shop, Role.OPERATOR, Scope(4, ("",)), settings=config)
    assert await limited.ask(ONE, n="hr") == {"source": None}
    assert (await limited.ask(ROTATE, s="hr", v=[{"name": "password", "value": "x"}]))["credentialRotate"][
        "__typename"
    ] == "NotFoundError"
    assert (await limited.ask(EXPIRE, s="hr"))["credentialExpirySet"]["__typename"] == "NotFoundError"
    await shop.schema_statement("MATCH (s:Source {name: 'hr'}) SET s.registered = false")
    assert (await api(shop, settings=config).ask(ONE, n="hr"))["source"] == {
        "health": None,
        "credential": None,
    }


async def test_the_history_is_paged_from_both_ends(operator: Api, shop: GraphSession) -> None:
    await shop.schema_statement(
        "CYPHER 25 UNWIND range(1, 9) AS n CREATE (:HealthHour {id: 'h' + n, source: 'source:shop', checks: 4, ok: 3, "
        "hour: '2026-01-01T0' + n + ':00:00.000000+00:00', latencies: [1.0, 2.0, 9.0]})"
    )

    async def page(**given: Any) -> dict[str, Any]:
        return (await operator.ask(HISTORY, **given))["source"]["health"]["history"]  # type: ignore[no-any-return]

    first = await page(f=4)
    rest = await page(f=100, a=first["pageInfo"]["endCursor"])
    last = await page(l=2)
    before = await page(l=3, b=rest["pageInfo"]["startCursor"])

    starts = [hour["start"] for hour in nodes(first) + nodes(rest)]
    assert len(starts) == 10
    assert starts == sorted(starts, reverse=True)
    assert [hour["start"] for hour in nodes(last)] == starts[-2:]
    assert [hour["start"] for hour in nodes(before)] == starts[1:4]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert nodes(last)[0] == {
        "start": "2026-01-01T02:00:00+00:00", "checks": 4, "succeeded": 3, "medianMs": 2.0, "p95Ms": pytest.approx(8.3),
    }  # fmt: skip


async def test_the_health_of_many_sources_takes_no_more_questions_than_of_few(shop: GraphSession) -> None:
    document = f"query ($n: Int) {{ sources(first: $n) {{ edges {{ node {{ name health {HEALTH[:-1]} history(first: 2) {{ edges {{ node {{ checks }} }} }} checks(first: 2) {{ edges {{ node {{ ok }} }} }} }} }} }} }} }}"
    asked = []
    for number in range(12):
        await register(shop, warehouse(f"w{number}", "", datasets=0, columns=0))
    for rows in (2, 14):
        counting = Counting(shop)
        found = await api(counting).ask(document, n=rows)
        assert len(nodes(found["sources"])) == rows
        asked.append(sorted(counting.asked))

    assert asked[0] == asked[1]
    assert len(asked[0]) == 4


async def test_the_secrets_of_a_source_are_named_and_never_shown(operator: Api) -> None:
    found = (await operator.ask(ONE, n="hr"))["source"]["credential"]
    assert found["secrets"] == [{"name": "password", "kind": "SEALED", "reference": None}]
    refused = (await operator.ask(ROTATE, s="hr", v=[{"name": "user", "value": "canary-1"}]))[
        "credentialRotate"
    ]
    assert (refused["__typename"], refused["path"]) == ("InvalidInputError", ["secrets"])
    twice = [{"name": "password", "value": "canary-1"}, {"name": "password", "value": "canary-2"}]
    refused = (await operator.ask(ROTATE, s="hr", v=twice))["credentialRotate"]
    assert "canary" not in str(refused)


async def test_an_end_that_is_near_is_told_as_a_reason(operator: Api) -> None:
    found = (await operator.ask(EXPIRE, s="shop", e="2001-01-01T00:00:00Z"))["credentialExpirySet"]
    assert found["source"]["credential"] == {"expiresAt": "2001-01-01T00:00:00+00:00", "state": "EXPIRED"}
    assert found["source"]["health"] == {"reasons": [{"cause": "CREDENTIAL_EXPIRED"}]}
    found = (await operator.ask(EXPIRE, s="shop"))["credentialExpirySet"]
    assert found["source"]["credential"] == {"expiresAt": None, "state": "VALID"}


@pytest.mark.parametrize("mutation", [ROTATE, EXPIRE])
async def test_a_reader_changes_no_credential(shop: GraphSession, mutation: str) -> None:
    (answer,) = (
        await api(shop, Role.READER).ask(mutation, s="shop", v=[{"name": "x", "value": "y"}])
    ).values()
    assert answer["__typename"] == "ForbiddenError"


async def test_the_interval_of_checks_is_part_of_the_plan(operator: Api) -> None:
    document = 'mutation ($m: Float!) { scanPlanSet(source: "shop", plan: {checkMinutes: $m}) { __typename ... on ScanPlanSetSuccess { source { plan { checkMinutes } } } ... on UserError { path } } }'
    assert (await operator.ask(document, m=5))["scanPlanSet"]["source"] == {"plan": {"checkMinutes": 5.0}}
    assert (await operator.ask(document, m=0.5))["scanPlanSet"]["path"] == ["plan", "checkMinutes"]


async def test_the_command_line_shows_health(
    shop: GraphSession, neo4j_server: Neo4jAddress, redis_url: str, tmp_path: Path
) -> None:
    installation = Installation.of(neo4j_server, redis_url, tmp_path / "data")
    every, one = await asyncio.gather(
        installation.run("health", "--json"),
        installation.run("health", "shop"),
    )

    assert {row["name"]: row["score"] for row in json.loads(every.stdout)}["shop"] == 100
    assert one.stdout.startswith("shop: 100 of 100, healthy\navailable: 100.0% in 24 hours")
