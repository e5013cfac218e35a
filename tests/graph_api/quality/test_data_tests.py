"""Data tests from a recipe to the answers: history, summary, what a change would break, and who may see it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cypher.audit import reads as audit
from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import catalog, data_tests
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, DiscoveredJob, Subtype
from schema.domain.data_tests import DataTest, DataTestResult, DataTestStatus
from schema.domain.identity import Principal, Role, Scope
from schema.domain.platforms import column_urn, dataset_urn
from schema.domain.time import moment
from schema.ids import Urn
from schema.settings import Settings
from tests.graph_api.asking import api
from tests.ingest.formats.results import CANARY, soda_scan, validation
from tests.scanning import scanned
from tests.seed import register, warehouse

DBT = Path(__file__).parents[2] / "data" / "dbt" / "test"
FOO = dataset_urn("postgres://db:5432", ("shop", "public", "foo2"))
RECIPE = """
source:
  name: {kind}
  type: {kind}
  config:
    path: {path}
    namespace: {kind}://shop
    databases:
      warehouse: {{namespace: "postgres://db:5432", database: shop}}
scan: {{embed: false}}
"""
HOLDING = Query(
    "test",
    "CYPHER 25 MATCH (n) WHERE any(k IN keys(n) WHERE n[k] IS :: STRING AND n[k] CONTAINS $canary) RETURN labels(n) AS labels",
    "read",
    frozenset({"canary"}),
    ("labels",),
    1000,
)
TESTS = """query ($u: String!, $c: Boolean! = true, $s: [DataTestStatus!], $n: Int, $a: String) { assetByUrn(urn: $u) {
  dataTests(includeColumns: $c, statuses: $s, first: $n, after: $a) {
    summary { passing warning failing erring skipped unknown }
    pageInfo { hasNextPage endCursor }
    edges { node { name check tool status at figures { measure value } subjects { name } asset { kind subtype }
      results(first: 5) { edges { node { status at run figures { measure value } } } } } } } } }"""


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    await register(graph, warehouse("db", "", datasets=0, columns=0))
    columns = tuple(DiscoveredColumn(name, "text") for name in ("id", "name", "score"))
    foo = DiscoveredDataset(FOO, ("shop", "public", "foo2"), columns=columns)
    await catalog.publish_datasets(graph, admin, [foo], run="r", by="db")
    return graph


async def asked(graph: GraphSession, urn: object = FOO, **more: Any) -> dict[str, Any]:
    found = (await api(graph).ask(TESTS, u=str(urn), **more))["assetByUrn"]["dataTests"]
    return {**found, "tests": {edge["node"]["check"]: edge["node"] for edge in found["edges"]}}


async def test_results_of_great_expectations_are_history_and_the_newest_counts(
    shop: GraphSession, admin: Principal, redis_url: str, config: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "gx"
    folder.mkdir()
    recipe = RECIPE.format(kind="great_expectations", path=folder)
    (folder / "new.json").write_text(json.dumps(validation("2026-05-02T08:00:00+00:00")))
    await scanned(shop, admin, redis_url, config, recipe)
    (folder / "old.json").write_text(json.dumps(validation("2026-05-01T08:00:00+00:00", failing=False)))
    await scanned(shop, admin, redis_url, config, recipe)

    found = await asked(shop)
    assert found["summary"] == {
        "passing": 3,
        "warning": 0,
        "failing": 1,
        "erring": 1,
        "skipped": 0,
        "unknown": 0,
    }
    between = found["tests"]["expect_column_values_to_be_between"]
    assert (between["tool"], between["status"], between["subjects"]) == (
        "Great Expectations",
        "FAIL",
        [{"name": "score"}],
    )
    assert between["asset"] == {"kind": "JOB", "subtype": "DATA_TEST"}
    assert {"measure": "UNEXPECTED_SHARE", "value": 0.2} in between["figures"]
    assert [edge["node"]["status"] for edge in between["results"]["edges"]] == ["FAIL", "PASS"]
    assert await shop.rows(HOLDING, canary=CANARY) == []
    assert CANARY not in json.dumps(found)


async def test_a_change_names_the_report_and_the_failing_test_with_its_status(
    shop: GraphSession, admin: Principal, redis_url: str, config: Settings, tmp_path: Path
) -> None:
    (tmp_path / "scan.json").write_text(json.dumps(soda_scan()))
    await scanned(shop, admin, redis_url, config, RECIPE.format(kind="soda", path=tmp_path / "scan.json"))
    report = DiscoveredJob(
        Urn("dashboard", "superset://bi", "d1"), "Weekly", Subtype.DASHBOARD, inputs=(FOO,)
    )
    await catalog.publish_jobs(shop, admin, [report], run="r2")
    document = """query ($u: String!) { changeImpact(changes: [{kind: DROP_COLUMN, urn: $u}]) {
      qualityRules { asset { name } dataTest { status tool figures { measure value } } } reports { asset { name } dataTest { status } } } }"""
    (found,) = (await api(shop).ask(document, u=str(column_urn(FOO, "name"))))["changeImpact"]
    failing = [each for each in found["qualityRules"] if each["dataTest"]["status"] == "FAIL"]
    assert [each["asset"]["name"] for each in failing] == ["missing_count(name)"]
    assert {"measure": "MISSING", "value": 3.0} in failing[0]["dataTest"]["figures"]
    assert found["reports"] == [{"asset": {"name": "Weekly"}, "dataTest": None}]


async def test_tests_of_dbt_are_found_on_the_column_they_test(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, tmp_path: Path
) -> None:
    for name in ("manifest", "run_results"):
        (tmp_path / f"{name}.json").write_bytes((DBT / f"{name}.json").read_bytes())
    recipe = f"""
source:
  name: dbt
  type: dbt
  config: {{manifest: {tmp_path}/manifest.json, run_results: {tmp_path}/run_results.json, namespace: bigquery}}
scan: {{embed: false}}
"""
    await scanned(graph, admin, redis_url, config, recipe)
    document = '{ assets(filter: {kinds: [DATASET], nameContains: "first"}) { edges { node { urn } } } }'
    (edge,) = (await api(graph).ask(document))["assets"]["edges"]
    found = await asked(graph, edge["node"]["urn"], s=["FAIL"])
    assert found["summary"]["failing"] == len(found["edges"]) > 0
    assert found["summary"]["passing"] > 0
    assert {name for test in found["tests"].values() for name in [test["subjects"][0]["name"]]} <= {
        "id",
        "test_first_dbt_model",
    }
    assert (await asked(graph, edge["node"]["urn"], c=False))["summary"] != found["summary"]


def a_test(name: str, *statuses: str) -> DataTest:
    job = Urn("job", "gx://shop", name)
    results = tuple(
        DataTestResult(DataTestStatus(status), moment(f"2026-05-{day:02}T00:00:00+00:00"))  # type: ignore[arg-type]
        for day, status in enumerate(statuses, 1)
    )
    return DataTest(job, "check", "tool", (FOO,), results)


async def publish(graph: GraphSession, admin: Principal, *tests: DataTest) -> None:
    await catalog.publish_jobs(
        graph, admin, [DiscoveredJob(t.job, t.job.name, Subtype.DATA_TEST) for t in tests], run="r"
    )
    await data_tests.publish_tests(graph, admin, tests, run="r")


async def test_the_same_result_twice_is_one_and_one_command_is_one_event(
    shop: GraphSession, admin: Principal
) -> None:
    await publish(shop, admin, a_test("a", "PASS", "FAIL"), a_test("b"))
    before = await asked(shop)
    await data_tests.publish_tests(shop, admin, [a_test("a", "PASS", "FAIL"), a_test("b")], run="r2")
    assert await asked(shop) == before
    assert (before["summary"]["failing"], before["summary"]["unknown"]) == (1, 1)
    events = [e for e in await audit.events(shop, first=10) if e["action"] == "quality.publish_tests"]
    assert len(events) == 2


async def test_only_the_latest_results_are_kept(shop: GraphSession, admin: Principal) -> None:
    many = DataTest(
        Urn("job", "gx://shop", "a"), "check", "tool", (FOO,),
        tuple(DataTestResult(DataTestStatus.PASS, moment(f"2026-01-01T00:{n:02}:00+00:00")) for n in range(data_tests.KEPT + 5)),  # type: ignore[arg-type]
    )  # fmt: skip
    await publish(shop, admin, many)
    document = "query ($u: String!) { assetByUrn(urn: $u) { dataTests(first: 1) { edges { node { results(first: 100) { edges { node { at } } } } } } } }"
    (edge,) = (await api(shop).ask(document, u=str(FOO)))["assetByUrn"]["dataTests"]["edges"]
    times = [each["node"]["at"] for each in edge["node"]["results"]["edges"]]
    assert len(times) == data_tests.KEPT
    assert times == sorted(times, reverse=True)


async def test_pages_of_tests_follow_their_cursors(shop: GraphSession, admin: Principal) -> None:
    await publish(shop, admin, *(a_test(name, "PASS") for name in "abc"))
    first = await asked(shop, n=2)
    rest = await asked(shop, n=2, a=first["pageInfo"]["endCursor"])
    assert [edge["node"]["name"] for page in (first, rest) for edge in page["edges"]] == ["a", "b", "c"]
    assert not rest["pageInfo"]["hasNextPage"]


async def test_who_may_not_see_a_column_does_not_see_its_tests(shop: GraphSession, admin: Principal) -> None:
    hidden = column_urn(FOO, "name")
    test = DataTest(
        Urn("job", "gx://shop", "secret"), "check", "tool", (hidden,), a_test("x", "FAIL").results
    )
    await publish(shop, admin, test)
    await shop.schema_statement(
        f"MATCH (a:Asset {{urn: '{hidden}'}}) SET a.sensitivity = 3, a.own_sensitivity = 3"
    )
    reader = api(shop, Role.READER, Scope(clearance=1, domains=None))
    found = (await reader.ask(TESTS, u=str(FOO)))["assetByUrn"]["dataTests"]
    assert (found["edges"], found["summary"]["failing"]) == ([], 0)
    assert (await asked(shop))["summary"]["failing"] == 1
