"""Classifiers tried on values and on live columns, columns explained, patterns made, all through the API."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import catalog, classifiers, run_tasks, sources
from ingest.rate_limit import Grant
from ingest.recipes import parse_recipe
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.identity import Principal, Role, Scope
from schema.domain.platforms import dataset_urn
from schema.settings import Settings
from tests.graph_api.asking import Api, api
from tests.graph_api.classifications.test_vocabulary import AUDITED, FAILURE, HELMET

CONSIDERED = "name given confidence reason against phrase distinctValues form formShare passShare"
TEST = f'mutation ($y: String, $n: String, $v: [String!], $c: String! = "", $u: String, $t: String! = "") {{ classifierTest(yaml: $y, name: $n, values: $v, column: $c, urn: $u, table: $t) {{ __typename ... on ClassifierTestSuccess {{ considered {{ {CONSIDERED} }} counts {{ name matched failedCheck unmatched outcomes {{ index outcome form }} }} elapsedMs }} {FAILURE} }} }}'
EXPLAIN = f"query ($u: String!) {{ classificationExplanation(urn: $u) {{ basis verdicts {{ reason classification {{ name }} }} considered {{ {CONSIDERED} }} nearest {{ name title sensitivity nearness ahead probability }} }} }}"
PATTERN = "query ($e: [String!]!, $c: [String!]) { classifierPattern(examples: $e, counterExamples: $c) { pattern alternatives } }"
CARDS = ["4111111111111111", "5500 0000 0000 0004", "4111111111111112", "none"]


async def tried(graph: GraphSession, role: Role = Role.STEWARD, **given: Any) -> dict[str, Any]:
    return (await api(graph, role).ask(TEST, **given))["classifierTest"]  # type: ignore[no-any-return]


async def test_a_draft_is_tried_value_by_value_and_nothing_is_saved(graph: GraphSession) -> None:
    found = await tried(graph, y=HELMET, v=["H-123456", " H-654321 ", "H-1", "H-123456"], c="code")
    (counts,) = found["counts"]
    assert (counts["matched"], counts["failedCheck"], counts["unmatched"]) == (3, 0, 1)
    assert [each["outcome"] for each in counts["outcomes"]] == ["MATCHED", "MATCHED", "NO_MATCH", "MATCHED"]
    first = found["considered"][0]
    assert (first["name"], first["given"], first["distinctValues"]) == ("HELMET", True, 3)
    assert "67% of 3 distinct values have the form of HELMET" in first["reason"]
    assert found["elapsedMs"] > 0
    assert await graph.rows(AUDITED) == []
    assert (await tried(graph, n="HELMET", v=["H-123456"]))["code"] == "NOT_FOUND"


async def test_what_is_saved_is_tried_by_name_and_says_which_check_failed(graph: GraphSession) -> None:
    found = await tried(graph, n="CREDIT_CARD", v=CARDS, c="cc_num")
    (counts,) = found["counts"]
    assert [(each["outcome"], each["form"]) for each in counts["outcomes"]] == [
        ("MATCHED", "CREDIT_CARD"),
        ("MATCHED", "CREDIT_CARD"),
        ("FAILED_CHECK", "CREDIT_CARD"),
        ("NO_MATCH", None),
    ]
    missed = await tried(graph, n="CREDIT_CARD", v=["H-1", "H-2"], c="order_no")
    (first, *_) = missed["considered"]
    assert (first["name"], first["given"]) == ("CREDIT_CARD", False)
    assert "the name speaks of something else" in first["against"]  # of the number of an order
    assert any("0% of 2 distinct values have a form of it" in each for each in first["against"])


async def test_all_are_tried_where_none_is_named_and_near_misses_say_what_spoke_against_them(
    graph: GraphSession,
) -> None:
    found = await tried(graph, v=["ada@example.org", "bob@example.org", "cy@example.org"], c="contact_mail")
    given = [each["name"] for each in found["considered"] if each["given"]]
    assert given == ["EMAIL"] == [each["name"] for each in found["counts"]]
    missed = await tried(graph, v=["0123", "0456", "0789"], c="card_expiry_code")
    assert all(each["against"] for each in missed["considered"] if not each["given"])


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"v": ["x"] * 1_001}, "INVALID_INPUT", ["values"]),
        ({"v": ["x" * 4_097]}, "INVALID_INPUT", ["values"]),
        ({"y": HELMET, "n": "EMAIL", "v": []}, "INVALID_INPUT", ["name"]),
        ({"y": "name: [", "v": []}, "BAD_CLASSIFIER", ["yaml"]),
        ({"v": [], "u": "column:x~y~z"}, "INVALID_INPUT", ["values"]),
        ({"u": "column:x~y~z"}, "NOT_FOUND", ["urn"]),
    ],
)
async def test_what_cannot_be_tried_is_told(
    graph: GraphSession, given: dict[str, Any], code: str, path: list[str]
) -> None:
    told = await tried(graph, **given)
    assert (told["code"], told["path"]) == (code, path)


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal, config: Settings, tmp_path: Path) -> DiscoveredDataset:
    """A registered database, and its table in the catalogue."""
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customer (id INTEGER, email TEXT, helmet TEXT)")
        rows = [(n, f"canary{n}@example.org", f"H-{n:06d}") for n in range(40)]
        connection.executemany("INSERT INTO customer VALUES (?, ?, ?)", rows)
    connection.close()
    recipe = f"source:\n  name: shop\n  type: sqlite\n  config:\n    path: {path}\n"
    await sources.register(graph, admin, parse_recipe(recipe), config=config)
    opened = sources.open_source("sqlite", {"path": str(path)}, config)
    try:
        (found,) = opened.discover()
    finally:
        opened.close()
    assert isinstance(found, DiscoveredDataset)
    await catalog.publish_datasets(graph, admin, [found], run="r", by="shop", fingerprints={})
    return found


def steward(graph: GraphSession, config: Settings, scope: Scope = Scope(4)) -> Api:
    return api(graph, Role.STEWARD, scope, settings=config)


async def test_a_live_column_is_judged_and_no_value_of_it_comes_back(
    graph: GraphSession, config: Settings, shop: DiscoveredDataset
) -> None:
    urn = str(shop.column_urn("helmet"))
    found = (await steward(graph, config).ask(TEST, y=HELMET, u=urn))["classifierTest"]
    assert [(c["name"], c["matched"], c["outcomes"]) for c in found["counts"]] == [("HELMET", 40, [])]
    assert found["considered"][0]["given"]
    everything = (await steward(graph, config).ask(TEST, u=str(shop.column_urn("email"))))["classifierTest"]
    assert [each["name"] for each in everything["considered"] if each["given"]] == ["EMAIL"]
    assert everything["considered"][0]["distinctValues"] == 40
    assert not any(value in json.dumps([found, everything]) for value in ("canary", "H-0000"))
    assert [row["action"] for row in await graph.rows(AUDITED)] == ["classifier.test"] * 2


async def test_a_live_column_is_read_within_the_requests_a_minute_of_its_source_and_not_in_a_blackout(
    graph: GraphSession, config: Settings, shop: DiscoveredDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def grant(_: GraphSession, source: str) -> Grant:
        asked.append(source)
        return Grant(0.0, 100, 100_000)

    monkeypatch.setattr(run_tasks, "take_requests", grant)
    await graph.schema_statement("MATCH (s:Source) SET s.requests_per_minute = 100000")
    urn = str(shop.column_urn("helmet"))
    found = (await steward(graph, config).ask(TEST, y=HELMET, u=urn))["classifierTest"]
    plan = json.dumps({"blackouts": [{"start": "* * * * *", "duration_s": 3600}]})
    await graph.schema_statement(f"MATCH (s:Source) SET s.plan = '{plan}'")
    asked_before = len(asked)
    dark = (await steward(graph, config).ask(TEST, y=HELMET, u=urn))["classifierTest"]

    assert found["considered"][0]["given"]
    assert set(asked) == {"source:shop"}
    assert (dark["__typename"], len(asked)) == ("ConnectionFailedError", asked_before)


async def test_a_live_column_is_read_by_nobody_who_may_not_see_it_or_classify(
    graph: GraphSession, config: Settings, shop: DiscoveredDataset, admin: Principal
) -> None:
    urn = str(shop.column_urn("email"))
    await graph.schema_statement("CYPHER 25 MATCH (a:Column {name: 'email'}) SET a.sensitivity = 3")
    hidden = (await steward(graph, config, Scope(2)).ask(TEST, u=urn))["classifierTest"]
    assert hidden["code"] == "NOT_FOUND"
    assert (await api(graph, Role.OPERATOR, settings=config).ask(TEST, u=urn))["classifierTest"][
        "code"
    ] == "FORBIDDEN"
    whole = (await steward(graph, config).ask(TEST, u=str(shop.urn)))["classifierTest"]
    assert (whole["code"], whole["path"]) == ("INVALID_INPUT", ["urn"])
    await graph.schema_statement(
        """CYPHER 25 MATCH (s:Source {name: 'shop'}) SET s.options = '{"sample_rows": 0}'"""
    )
    unread = (await steward(graph, config).ask(TEST, u=urn))["classifierTest"]
    assert (unread["code"], "no values" in unread["message"]) == ("CONFLICT", True)
    assert await graph.rows(AUDITED) == []


async def test_a_column_is_explained_with_what_it_was_nearly_called(
    graph: GraphSession, admin: Principal
) -> None:
    names = ("cc_num", "cc_num_expiry", "helmet_no")
    columns = tuple(DiscoveredColumn(name, "varchar", n) for n, name in enumerate(names))
    dataset = DiscoveredDataset(
        dataset_urn("postgres://db:5432", "shop.public.orders"), ("shop", "public", "orders"), columns=columns
    )
    await catalog.publish_datasets(graph, admin, [dataset], run="r", by="x", fingerprints={})
    await classifiers.save(graph, admin, text=HELMET)
    reader = api(graph, Role.READER)

    card = (await reader.ask(EXPLAIN, u=str(dataset.column_urn("cc_num"))))["classificationExplanation"]
    assert card["considered"][0]["name"] == "CREDIT_CARD"
    assert card["basis"] == ["name 'cc_num'", "type varchar"]
    assert len(card["nearest"]) == 5
    assert all(0 <= each["probability"] <= 1 for each in card["nearest"])
    expiry = (await reader.ask(EXPLAIN, u=str(dataset.column_urn("cc_num_expiry"))))[
        "classificationExplanation"
    ]
    (missed,) = [each for each in expiry["considered"] if each["name"] == "CREDIT_CARD"]
    assert any("'expiry'" in each for each in missed["against"])
    own = (await reader.ask(EXPLAIN, u=str(dataset.column_urn("helmet_no"))))["classificationExplanation"]
    assert own["considered"][0]["phrase"] == "helmet no"
    assert own["verdicts"] == []
    for urn in ("column:x~y~z", str(dataset.urn)):
        assert (await reader.ask(EXPLAIN, u=urn))["classificationExplanation"] is None


async def test_a_pattern_is_made_from_examples_or_it_is_said_why_not(graph: GraphSession) -> None:
    made = await api(graph, Role.STEWARD).ask(PATTERN, e=["H-123456", "H-654321"], c=["H-1"])
    assert made["classifierPattern"] == {"pattern": r"[A-Z]\-[0-9]{6}", "alternatives": 1}
    assert await api(graph, Role.STEWARD).refused(PATTERN, e=["12", "34"], c=["12"]) == "NO_PATTERN"
    assert await api(graph, Role.READER).refused(PATTERN, e=["12"]) == "FORBIDDEN"
