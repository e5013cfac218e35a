"""Assets as they were, on the axis of what held and on that of what was known, and what changed of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import catalog, classifications, events
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.classifications import Sensitivity, Verdict, VerdictStatus
from schema.domain.identity import Principal, Role, Scope
from schema.domain.platforms import dataset_urn
from tests.graph_api.asking import Counting, api, nodes
from tests.seed import CLASSIFIERS, know, register, warehouse

SPACE = "postgres://shop:5432"
ORDERS = DiscoveredDataset(
    urn=dataset_urn(SPACE, "shop.public.orders"),
    path=("shop", "public", "orders"),
    subtype=Subtype.VIEW,
    comment="Orders as they were placed.",
    definition="SELECT 1",
    columns=(
        DiscoveredColumn("id", "integer", False, 1, primary_key=True),
        DiscoveredColumn("total", "numeric", True, 2),
        DiscoveredColumn("note", "text", True, 3),
    ),
)
CHANGED = replace(
    ORDERS,
    definition="SELECT 2",
    columns=(
        ORDERS.columns[0],
        DiscoveredColumn("email", "text", True, 2),
        DiscoveredColumn("total", "bigint", False, 3),
        DiscoveredColumn("remark", "text", True, 4),
    ),
)
URN = str(ORDERS.urn)
EMAIL = str(ORDERS.column_urn("email"))
ASSET = """query ($u: String!, $w: AsOf, $s: Boolean = false) { assetByUrn(urn: $u, asOf: $w) {
  name subtype status description sourceDescription definition stub rowCount parent { name } ancestors { kind }
  columns(includeStale: $s) { edges { node { name dataType nullable ordinal primaryKey status } } } } }"""
GOVERNED = """query ($u: String!, $w: AsOf) { assetByUrn(urn: $u, asOf: $w) {
  sensitivity contentSensitivity tags { name } owners { name } classifications { status classification { name } } } }"""
HISTORY = """query ($u: String!, $c: Boolean = false, $n: Int, $a: String, $l: Int, $b: String) { assetByUrn(urn: $u) {
  history(includeColumns: $c, first: $n, after: $a, last: $l, before: $b) {
    edges { node { urn kind actor run attributes { attribute of old new } asset { name } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
STATES = Query(
    "test.states", "CYPHER 25 MATCH (s:AssetState) RETURN count(s) AS n", "read", frozenset(), (), 1000
)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


async def states(graph: GraphSession) -> int:
    return int((await graph.rows(STATES))[0]["n"])


@dataclass
class Times:
    """Instants before the first scan, after it, after the one that found changes, after a person wrote, and at the end."""

    before: str = ""
    first: str = ""
    second: str = ""
    described: str = ""


@pytest.fixture
async def times(graph: GraphSession, admin: Principal) -> Times:
    found = Times(before=now())
    await register(graph, warehouse("shop", "", datasets=1, columns=1))
    await catalog.publish_datasets(graph, admin, [ORDERS], run="r1", by="shop")
    found.first = now()
    await catalog.publish_datasets(graph, admin, [CHANGED], run="r2", by="shop")
    found.second = now()
    await catalog.describe(graph, admin, urn=URN, description="What customers bought.")
    found.described = now()
    return found


async def was(graph: GraphSession, urn: str = URN, document: str = ASSET, **when: Any) -> Any:
    stale = when.pop("stale", False)
    variables = {"s": stale} if "$s" in document else {}
    return (await api(graph).ask(document, u=urn, w=when or None, **variables))["assetByUrn"]


def columns(asset: Any) -> list[tuple[str, str]]:
    return [(node["name"], node["dataType"]) for node in nodes(asset["columns"])]


FIRST = [("id", "integer"), ("total", "numeric"), ("note", "text")]
SECOND = [("id", "integer"), ("email", "text"), ("total", "bigint"), ("remark", "text")]


@pytest.mark.parametrize("axis", ["validAt", "knownAt"])
async def test_a_dataset_has_the_columns_it_had_then(graph: GraphSession, times: Times, axis: str) -> None:
    assert await was(graph, **{axis: times.before}) is None
    assert columns(await was(graph, **{axis: times.first})) == FIRST
    assert columns(await was(graph, **{axis: times.second})) == SECOND
    assert columns(await was(graph)) == SECOND
    later = nodes((await was(graph, **{axis: times.second}, stale=True))["columns"])
    assert [(c["name"], c["status"]) for c in later if c["status"] == "STALE"] == [("note", "STALE")]


async def test_an_asset_is_described_as_it_was_then(graph: GraphSession, times: Times) -> None:
    first = await was(graph, validAt=times.first)
    second = await was(graph, validAt=times.second)
    described = await was(graph, validAt=times.described)

    assert (first["description"], first["definition"]) == ("Orders as they were placed.", "SELECT 1")
    assert (second["description"], second["definition"]) == ("Orders as they were placed.", "SELECT 2")
    assert described["description"] == "What customers bought."
    assert described["sourceDescription"] == "Orders as they were placed."
    assert first["parent"] == {"name": "public"}
    assert [each["kind"] for each in first["ancestors"]] == ["SOURCE", "DATABASE", "SCHEMA"]
    assert first["rowCount"] is None


async def test_what_is_answered_of_the_past_does_not_depend_on_how_often_it_is_asked(
    graph: GraphSession, times: Times
) -> None:
    """A document that is asked again is compiled, and a compiled statement knows the present alone."""
    asked = [await was(graph, validAt=times.first) for _ in range(3)]
    assert [columns(each) for each in asked] == [FIRST] * 3


async def test_a_scan_that_finds_nothing_new_leaves_no_history(
    graph: GraphSession, admin: Principal, times: Times
) -> None:
    before = await states(graph)
    await catalog.publish_datasets(graph, admin, [CHANGED], run="r3", by="shop")
    await catalog.publish_datasets(graph, admin, [replace(CHANGED, row_count=7)], run="r4", by="shop")
    await catalog.touch_datasets(graph, admin, [URN], run="r5")

    assert await states(graph) == before
    assert columns(await was(graph, validAt=times.first)) == FIRST


async def test_history_tells_what_changed_and_who_says_so(
    graph: GraphSession, admin: Principal, times: Times
) -> None:
    found = nodes((await api(graph).ask(HISTORY, u=URN))["assetByUrn"]["history"])

    assert [(each["kind"], each["actor"], each["run"]) for each in found] == [
        ("CHANGED", "person:ada", None),
        ("CHANGED", "person:ada", "r2"),
        ("APPEARED", "person:ada", "r1"),
    ]
    assert [each["attributes"] for each in found[:2]] == [
        [{"attribute": "DESCRIPTION", "of": None, "old": None, "new": "What customers bought."}],
        [{"attribute": "DEFINITION", "of": None, "old": "SELECT 1", "new": "SELECT 2"}],
    ]


async def test_history_with_columns_is_that_of_the_schema(graph: GraphSession, times: Times) -> None:
    found = nodes((await api(graph).ask(HISTORY, u=URN, c=True))["assetByUrn"]["history"])
    second = {
        each["asset"]["name"]: (
            each["kind"],
            {c["attribute"]: (c["old"], c["new"]) for c in each["attributes"]},
        )
        for each in found
        if each["run"] == "r2"
    }

    assert second.keys() == {"orders", "email", "total", "remark", "note"}
    assert second["total"] == (
        "CHANGED",
        {"DATA_TYPE": ("numeric", "bigint"), "NULLABLE": ("true", "false"), "ORDINAL": ("2", "3")},
    )
    assert second["note"] == ("GONE", {"STATUS": ("ACTIVE", "STALE")})
    assert second["email"][0] == second["remark"][0] == "APPEARED"
    assert second["email"][1]["DATA_TYPE"] == (None, "text")


async def test_pages_of_history_add_up_from_both_ends(graph: GraphSession, times: Times) -> None:
    async def page(**variables: Any) -> Any:
        return (await api(graph).ask(HISTORY, u=URN, c=True, **variables))["assetByUrn"]["history"]

    whole = nodes(await page())
    forward, after = [], None
    while True:
        found = await page(n=2, a=after)
        forward += nodes(found)
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    end = await page(l=3)
    before = await page(l=3, b=end["pageInfo"]["startCursor"])

    assert len(whole) == 10
    assert forward == whole
    assert nodes(before) + nodes(end) == whole[-6:]


async def test_a_dataset_that_went_was_there_before_and_in_its_schema(
    graph: GraphSession, admin: Principal, times: Times
) -> None:
    await catalog.retire_missing(graph, admin, [URN], source="shop", run="r3")
    gone = now()
    await catalog.publish_datasets(graph, admin, [CHANGED], run="r4", by="shop")
    schema = "query ($u: String!, $w: AsOf) { assetByUrn(urn: $u, asOf: $w) { status children { edges { node { name status } } } } }"
    above = f"schema:{SPACE}~shop.public"

    assert (await was(graph, validAt=gone))["status"] == "STALE"
    assert (await was(graph, validAt=times.first))["status"] == "ACTIVE"
    assert (await was(graph))["status"] == "ACTIVE"
    emptied = await was(graph, above, schema, validAt=gone)
    assert emptied == {"status": "STALE", "children": {"edges": []}}
    full = await was(graph, above, schema, validAt=times.described)
    assert nodes(full["children"]) == [{"name": "orders", "status": "ACTIVE"}]
    found = nodes((await api(graph).ask(HISTORY, u=URN))["assetByUrn"]["history"])
    assert [each["kind"] for each in found[:2]] == ["RETURNED", "GONE"]


async def test_tags_and_verdicts_are_those_of_then(
    graph: GraphSession, admin: Principal, times: Times
) -> None:
    await know(graph, CLASSIFIERS)
    verdict = Verdict("EMAIL", Sensitivity.SENSITIVE, 0.9, "the name is email")
    await classifications.publish_verdicts(graph, admin, [(EMAIL, verdict)], [EMAIL], run="r3")
    await catalog.apply_tag(graph, admin, urns=[EMAIL], tag="gold")
    suggested = now()
    await classifications.decide(
        graph, admin, urn=EMAIL, classification="EMAIL", status=VerdictStatus.REJECTED, reason="A test."
    )
    await catalog.remove_tag(graph, admin, urns=[EMAIL], tag="gold")
    rejected = now()

    async def told(**when: Any) -> tuple[Any, ...]:
        found = await was(graph, EMAIL, GOVERNED, **when)
        verdicts = [(v["classification"]["name"], v["status"]) for v in found["classifications"]]
        return verdicts, [tag["name"] for tag in found["tags"]], found["sensitivity"]

    assert await told() == ([("EMAIL", "REJECTED")], [], "PUBLIC")
    for axis in ("validAt", "knownAt"):
        assert await told(**{axis: times.described}) == ([], [], "PUBLIC")
        assert await told(**{axis: suggested}) == ([("EMAIL", "SUGGESTED")], ["gold"], "SENSITIVE")
        assert await told(**{axis: rejected}) == ([("EMAIL", "REJECTED")], [], "PUBLIC")
    assert (await was(graph, URN, GOVERNED, validAt=suggested))["contentSensitivity"] == "SENSITIVE"
    assert (await was(graph, URN, GOVERNED, validAt=rejected))["contentSensitivity"] == "PUBLIC"
    found = nodes((await api(graph).ask(HISTORY, u=EMAIL))["assetByUrn"]["history"])
    assert [(each["actor"], *each["attributes"][0].values()) for each in found[:-1]] == [
        ("person:ada", "TAG", "gold", "gold", None),
        ("person:ada", "CLASSIFICATION", "EMAIL", "SUGGESTED", "REJECTED"),
        ("person:ada", "TAG", "gold", None, "gold"),
        (None, "CLASSIFICATION", "EMAIL", None, "SUGGESTED"),
    ]
    assert found[3]["run"] == "r3"


async def test_a_verdict_that_rules_no_longer_give_was_there_before(
    graph: GraphSession, admin: Principal, times: Times
) -> None:
    await know(graph, CLASSIFIERS)
    verdict = Verdict("EMAIL", Sensitivity.SENSITIVE, 0.9, "the name is email")
    await classifications.publish_verdicts(graph, admin, [(EMAIL, verdict)], [EMAIL], run="r3")
    given = now()
    await classifications.publish_verdicts(graph, admin, [], [EMAIL], run="r4")

    assert (await was(graph, EMAIL, GOVERNED))["classifications"] == []
    assert len((await was(graph, EMAIL, GOVERNED, validAt=given))["classifications"]) == 1
    newest = nodes((await api(graph).ask(HISTORY, u=EMAIL))["assetByUrn"]["history"])[0]
    assert (newest["run"], newest["attributes"][0]["old"], newest["attributes"][0]["new"]) == (
        "r4",
        "SUGGESTED",
        None,
    )


async def test_what_a_document_tells_of_earlier_times_holds_since_then(
    graph: GraphSession, admin: Principal, times: Times
) -> None:
    made = datetime(2026, 5, 1, tzinfo=UTC)
    refunds = replace(ORDERS, urn=dataset_urn(SPACE, "shop.public.refunds"))
    await catalog.publish_datasets(graph, admin, [refunds], run="d1", by="docs", valid_at=made)
    urn, then = str(refunds.urn), "2026-05-02T00:00:00"

    assert columns(await was(graph, urn, validAt=then)) == FIRST
    assert await was(graph, urn, validAt=then, knownAt=times.described) is None
    assert await was(graph, urn, validAt="2026-04-30T00:00:00") is None


def event(at: str, *fields: tuple[str, str], job: str = "load", inputs: tuple[str, ...] = ()) -> bytes:
    """A run of ``job`` that wrote ``shop.public.churn``."""
    schema = {
        "_producer": "https://example.org/t",
        "_schemaURL": "https://example.org/s",
        "fields": [{"name": name, "type": kind} for name, kind in fields],
    }
    return orjson.dumps(
        {
            "eventType": "COMPLETE",
            "eventTime": at,
            "run": {"runId": "0190e1c0-0000-7000-8000-000000000001"},
            "job": {"namespace": "airflow", "name": job},
            "inputs": [{"namespace": SPACE, "name": name} for name in inputs],
            "outputs": [{"namespace": SPACE, "name": "shop.public.churn", "facets": {"schema": schema}}],
            "producer": "https://example.org/t",
            "schemaURL": "https://example.org/s",
        }
    )


CHURN = f"dataset:{SPACE}~shop.public.churn"


async def test_an_event_that_comes_late_changes_what_is_known_of_the_past_and_not_the_present(
    graph: GraphSession, admin: Principal
) -> None:
    await events.ingest(
        graph, admin, event("2026-05-02T10:00:00Z", ("who", "bigint"), ("gone", "text")), namespace_aliases={}
    )
    between = now()
    for _ in range(2):
        await events.ingest(
            graph,
            admin,
            event("2026-05-01T10:00:00Z", ("who", "integer"), ("old", "text")),
            namespace_aliases={},
        )
    may1, may2 = "2026-05-01T12:00:00", "2026-05-02T12:00:00"

    assert await was(graph, CHURN, validAt=may1, knownAt=between) is None
    assert columns(await was(graph, CHURN, validAt=may1)) == [("who", "integer"), ("old", "text")]
    assert columns(await was(graph, CHURN, validAt=may2, knownAt=between)) == [
        ("who", "bigint"),
        ("gone", "text"),
    ]
    assert ("who", "bigint") in columns(await was(graph, CHURN, validAt=may2))
    assert ("who", "bigint") in columns(await was(graph, CHURN))
    assert await was(graph, CHURN, validAt="2026-04-30T00:00:00") is None
    assert await states(graph) == 3  # of the job, the dataset, and the column that had another type


async def test_an_event_tells_that_a_dataset_was_there_before_it_was_first_scanned(
    graph: GraphSession, admin: Principal, times: Times
) -> None:
    churn = DiscoveredDataset(
        urn=dataset_urn(SPACE, "shop.public.churn"),
        path=("shop", "public", "churn"),
        columns=(DiscoveredColumn("who", "bigint"), DiscoveredColumn("since", "date")),
    )
    await catalog.publish_datasets(graph, admin, [churn], run="r3", by="shop")
    scanned = now()
    seen = event("2026-05-01T10:00:00Z", ("who", "integer"), ("imagined", "text"))
    await events.ingest(graph, admin, seen, namespace_aliases={})
    may1 = "2026-05-01T12:00:00"

    assert await was(graph, CHURN, validAt=may1, knownAt=scanned) is None
    assert columns(await was(graph, CHURN, validAt=may1)) == [("who", "integer")]
    assert columns(await was(graph, CHURN, validAt=scanned)) == [("who", "bigint"), ("since", "date")]
    assert columns(await was(graph, CHURN)) == [("who", "bigint"), ("since", "date")]


async def test_a_change_that_an_event_reports_is_not_lost_because_a_person_wrote_something_later(
    graph: GraphSession, admin: Principal
) -> None:
    await events.ingest(graph, admin, event("2026-05-01T10:00:00Z", ("who", "integer")), namespace_aliases={})
    column = f"column:{SPACE}~shop.public.churn~who"
    await catalog.describe(graph, admin, urn=column, description="The customer.")
    await events.ingest(graph, admin, event("2026-05-02T10:00:00Z", ("who", "bigint")), namespace_aliases={})

    assert columns(await was(graph, CHURN)) == [("who", "bigint")]


async def test_the_past_and_the_history_tell_nothing_of_what_the_reader_may_not_see_now(
    graph: GraphSession, times: Times
) -> None:
    await graph.schema_statement("MATCH (a:Asset) WHERE a.urn ENDS WITH '~note' SET a.sensitivity = 4")
    reader = api(graph, Role.READER, Scope(3))
    found = (await reader.ask(ASSET, u=URN, w={"validAt": times.first}))["assetByUrn"]
    changes = nodes((await reader.ask(HISTORY, u=URN, c=True))["assetByUrn"]["history"])

    assert columns(found) == FIRST[:2]
    assert "note" not in {each["asset"]["name"] for each in changes}
    hidden = await reader.ask(ASSET, u=str(ORDERS.column_urn("note")), w={"validAt": times.first})
    assert hidden == {"assetByUrn": None}


async def test_questions_of_today_never_read_the_past(graph: GraphSession, times: Times) -> None:
    counting = Counting(graph)
    for when in (None, {}, {"validAt": None, "knownAt": None}):
        await api(counting).ask(ASSET, u=URN, w=when)
        await api(counting).ask(GOVERNED, u=URN, w=when)
    assert not [name for name in counting.asked if "past" in name or "history" in name]


async def test_a_wide_schema_of_the_past_takes_no_more_questions_than_a_narrow_one(
    graph: GraphSession, admin: Principal
) -> None:
    document = """query ($u: String!, $w: AsOf) { assetByUrn(urn: $u, asOf: $w) { columns(first: 100) { edges { node {
      name sensitivity tags { name } classifications { status } parent { name } } } } } }"""
    asked = []
    for width in (2, 60):
        wide = replace(
            ORDERS,
            urn=dataset_urn(SPACE, f"shop.public.wide_{width}"),
            columns=tuple(DiscoveredColumn(f"c{n}", "text", ordinal=n + 1) for n in range(width)),
        )
        await catalog.publish_datasets(graph, admin, [wide], run="r1", by="shop")
        counting = Counting(graph)
        await api(counting).ask(document, u=str(wide.urn), w={"validAt": now()})
        asked.append(counting.asked)
    assert asked[0] == asked[1]
    assert len(asked[0]) == 5
