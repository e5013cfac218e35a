"""Rows of a dataset as callers see them: who may, how masked, for what purpose, and what is on record afterwards."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from graph_api.services import GraphTokens
from ingest.commands import catalog, classifications, lineage, masking, run_tasks, samples, sources
from ingest.commands.identity import create_token
from ingest.connectors.base import Capability, Sample
from ingest.masking.reading import read
from ingest.propagation import Propagator
from ingest.rate_limit import Grant, RateLimiter
from ml.classify.engine import standard_engine
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.domain.masking import Mask, MaskingSubject
from schema.domain.sources import SourceSpec
from schema.errors import ConnectionFailed, Forbidden, InvalidInput
from schema.ids import Urn
from schema.settings import Settings
from tests.graph_api.asking import Api, api, nodes
from tests.seed import know

SAMPLE = """
mutation ($i: AssetSampleInput!) { assetSample(input: $i) { __typename
  ... on AssetSampleSuccess { urn source purpose rowCount columns { name mask reason values } }
  ... on UserError { code message path remedy } } }
"""
PEOPLE = "dataset:sqlite://shop~main.people"
MAILS = ["ada@example.org", "grace@example.com", "alan@example.net"]
CARDS = ["4111111111111111", "5500000000000004", "378282246310005"]
NOTHING_OF_ROWS = Query(
    "test",
    "CYPHER 25 MATCH (n) UNWIND keys(n) AS k WITH n, k WHERE any(t IN $texts WHERE toStringOrNull(n[k]) CONTAINS t) RETURN labels(n) AS l, k",
    "read",
    frozenset({"texts"}),
    ("l", "k"),
    1000,
)


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal, config: Settings, tmp_path: Path) -> Api:
    """A source of one table that was described but never scanned, so that nothing of it is classified."""
    file = tmp_path / "shop.sqlite"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE people (id INTEGER, email TEXT, card TEXT, colour TEXT, secret TEXT)")
        rows = [
            (n, mail, card, "blue", f"s{n}") for n, (mail, card) in enumerate(zip(MAILS, CARDS, strict=True))
        ]
        db.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", rows)
    spec = SourceSpec("shop", "sqlite", {"path": str(file), "namespace": "sqlite://shop"})
    await sources.register(graph, admin, spec, config=config)
    names = ("id", "email", "card", "colour", "secret")
    columns = tuple(DiscoveredColumn(name, "TEXT", ordinal=n) for n, name in enumerate(names, start=1))
    people = DiscoveredDataset(Urn.parse(PEOPLE), ("main", "people"), columns=columns)
    await catalog.publish_datasets(graph, admin, [people], run="r", by="shop")
    some = [
        c for c in standard_engine().classifiers if c.name in ("EMAIL", "CREDIT_CARD", "BIRTH_DATE", "AGE")
    ]
    await know(graph, some)
    return api(graph, Role.ANALYST, settings=config)


def as_(shop: Api, role: Role, *purposes: str, clearance: int = 4) -> Api:
    who = Principal(f"token:{role.value.lower()}", role.value, role, Scope(clearance), purposes)
    return replace(shop, principal=who)


async def rows(asked: Api, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await asked.ask(SAMPLE, i={"urn": PEOPLE, **given}))["assetSample"]
    return found


def column(found: dict[str, Any], name: str) -> dict[str, Any]:
    (each,) = [each for each in found["columns"] if each["name"] == name]
    return each  # type: ignore[no-any-return]


async def test_an_analyst_sees_rows_whose_sensitive_values_are_masked_before_anything_is_classified(
    shop: Api,
) -> None:
    found = await rows(shop, first=2)

    assert (found["source"], found["rowCount"]) == ("shop", 2)
    assert column(found, "email") == {
        "name": "email",
        "mask": "PARTIAL",
        "reason": "RULE",
        "values": ["a***@e***.org", "g***@e***.com"],
    }
    assert column(found, "card")["mask"] == "HASH"
    assert column(found, "colour")["values"] == ["blue", "blue"]
    assert column(found, "secret")["values"] == [None, None]


async def test_what_was_shown_is_on_record_and_no_value_of_it(shop: Api) -> None:
    await rows(shop, columns=["email", "card"], reason="ticket 17")
    document = '{ auditEvents(first: 1, filter: {action: "asset.sample"}) { edges { node { actor reason subjects details } } } }'
    (event,) = nodes((await api(shop.graph).ask(document))["auditEvents"])

    assert event["actor"] == "token:analyst"
    assert event["reason"] == "ticket 17"
    assert event["subjects"][0] == PEOPLE
    assert event["details"]["masks"] == {"email": "PARTIAL", "card": "HASH"}
    assert (event["details"]["rows"], event["details"]["purpose"]) == (3, "")
    assert await shop.graph.rows(NOTHING_OF_ROWS, texts=[*MAILS, *CARDS, "a***@"]) == []


@pytest.mark.parametrize("role", [Role.READER, Role.EDITOR, Role.OPERATOR, Role.INGESTER])
async def test_who_may_not_sample_is_told_what_he_needs_and_the_source_is_not_asked(
    shop: Api, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "open_source", None)
    found = await rows(as_(shop, role))

    assert (found["__typename"], "SAMPLE" in found["message"]) == ("ForbiddenError", True)


async def test_a_hidden_column_is_neither_shown_nor_read_and_naming_it_is_as_naming_none(shop: Api) -> None:
    await classifications.decide(
        shop.graph,
        api(shop.graph).principal,
        urn="column:sqlite://shop~main.people~card",
        classification="CREDIT_CARD",
        status=VerdictStatus.CONFIRMED,
    )
    low = as_(shop, Role.ANALYST, clearance=3)
    found = await rows(low)
    named = await rows(low, columns=["card"])
    unknown = await rows(low, columns=["cord"])

    assert [each["name"] for each in found["columns"]] == ["id", "email", "colour", "secret"]
    assert named == unknown
    assert named["__typename"] == "NotFoundError"
    one = {"urn": "column:sqlite://shop~main.people~card"}
    assert (await low.ask(SAMPLE, i=one))["assetSample"]["__typename"] == "NotFoundError"


async def test_one_column_is_sampled_by_its_own_urn(shop: Api) -> None:
    found = (await shop.ask(SAMPLE, i={"urn": "column:sqlite://shop~main.people~email"}))["assetSample"]

    assert [each["name"] for each in found["columns"]] == ["email"]


async def test_an_investigator_sees_mails_whole_for_a_purpose_of_his_and_cards_never(shop: Api) -> None:
    mine = as_(shop, Role.INVESTIGATOR, "support")

    assert column(await rows(mine, purpose="support"), "email")["values"] == MAILS
    assert column(await rows(mine, purpose="support"), "email")["reason"] == "UNMASKED"
    assert column(await rows(mine), "email")["mask"] == "PARTIAL"
    assert column(await rows(mine, purpose="support"), "card")["mask"] == "HASH"


async def test_a_purpose_that_is_not_ones_own_is_refused_with_those_that_are(shop: Api) -> None:
    found = await rows(as_(shop, Role.INVESTIGATOR, "support"), purpose="marketing")

    assert (found["__typename"], found["path"]) == ("InvalidInputError", ["purpose"])
    assert "support" in found["remedy"]


async def test_values_bound_to_a_purpose_are_shown_for_that_alone(shop: Api, admin: Principal) -> None:
    bind = """mutation ($p: [String!]!) { classificationPurposesSet(classification: "EMAIL", purposes: $p) {
      __typename ... on ClassificationPurposesSetSuccess { purposes } ... on UserError { path } } }"""
    whole = api(shop.graph)
    assert (await whole.ask(bind, p=["fraud-prevention"]))["classificationPurposesSet"]["purposes"] == [
        "fraud-prevention"
    ]
    both = as_(shop, Role.INVESTIGATOR, "support", "fraud-prevention")

    assert column(await rows(both, purpose="support"), "email") == {
        "name": "email", "mask": "NULL", "reason": "PURPOSE", "values": [None] * 3,
    }  # fmt: skip
    assert column(await rows(both, purpose="fraud-prevention"), "email")["values"] == MAILS
    analyst = as_(shop, Role.ANALYST, "fraud-prevention")
    assert column(await rows(analyst, purpose="fraud-prevention"), "email")["mask"] == "PARTIAL"
    assert (await whole.ask(bind, p=["No Name"]))["classificationPurposesSet"]["path"] == ["purposes"]
    found = nodes(
        (await shop.ask("{ classifications(first: 100) { edges { node { name purposes } } } }"))[
            "classifications"
        ]
    )
    assert {each["name"]: each["purposes"] for each in found}["BIRTH_DATE"] == []


async def test_what_came_along_lineage_or_from_the_table_masks_as_what_is_said_of_the_column(
    shop: Api, admin: Principal
) -> None:
    said = {name: f"{PEOPLE.replace('dataset:', 'column:')}~{name}" for name in ("email", "colour", "secret")}
    edge = LineageEdge(Urn.parse(said["email"]), Urn.parse(said["colour"]), (Transformation.IDENTITY,))
    await lineage.publish_edges(
        shop.graph, admin, [edge], origin=EdgeOrigin.SQL, assertion="source:shop", run="r"
    )

    async def decide(urn: str, status: VerdictStatus) -> None:
        await classifications.decide(shop.graph, admin, urn=urn, classification="EMAIL", status=status)
        while await Propagator(shop.graph, Settings()).tend():
            pass

    await decide(said["email"], VerdictStatus.CONFIRMED)
    inherited = column(await rows(shop), "colour")
    await masking.bind_classification(shop.graph, admin, classification="EMAIL", purposes=["support"])
    bound = column(await rows(shop), "colour")
    await decide(PEOPLE, VerdictStatus.CONFIRMED)
    held = column(await rows(shop), "secret")
    await decide(said["secret"], VerdictStatus.REJECTED)
    rejected = column(await rows(shop), "secret")

    assert (inherited["mask"], inherited["reason"]) == ("PARTIAL", "RULE")
    assert (bound["mask"], bound["reason"]) == ("NULL", "PURPOSE")
    assert (held["mask"], held["reason"]) == ("NULL", "PURPOSE")
    assert rejected["reason"] != "PURPOSE"  # its table's level holds all the same


async def test_what_profiles_tell_cannot_be_bound_to_a_purpose(graph: GraphSession, admin: Principal) -> None:
    await know(graph, standard_engine().classifiers)
    low = next(c.name for c in standard_engine().classifiers if c.sensitivity < 2)

    with pytest.raises(InvalidInput) as refused:
        await masking.bind_classification(graph, admin, classification=low, purposes=["support"])
    assert refused.value.path == ("classification",)
    rows = await graph.rows(NOTHING_OF_ROWS, texts=["support"])
    assert not [row for row in rows if "Classification" in row["l"]]


async def test_a_token_carries_its_purposes_and_they_can_be_changed(
    graph: GraphSession, admin: Principal
) -> None:
    ident, text = await create_token(
        graph, admin, name="desk", role=Role.INVESTIGATOR, scope=Scope(3), purposes=["support"]
    )
    before = await GraphTokens(graph).verify(text)
    change = """mutation ($t: String!) { tokenPurposesSet(id: $t, purposes: ["analytics"]) {
      ... on TokenPurposesSetSuccess { tokenId purposes } } }"""
    await api(graph).ask(change, t=ident)
    after = await GraphTokens(graph).verify(text)

    assert (before and before.purposes, after and after.purposes) == (("support",), ("analytics",))
    listed = nodes((await api(graph).ask("{ tokens { edges { node { name purposes } } } }"))["tokens"])
    assert listed == [{"name": "desk", "purposes": ["analytics"]}]


async def test_a_rule_that_was_set_changes_what_the_next_sample_shows_until_it_is_reset(
    shop: Api, admin: Principal
) -> None:
    whole = api(shop.graph)
    set_ = """mutation ($m: Mask!, $n: String!) { maskingRuleSet(subject: CLASSIFICATION, name: $n, mask: $m) {
      __typename ... on MaskingRuleSetSuccess { rule { subject name mask isShipped setBy } } ... on UserError { path } } }"""
    made = (await whole.ask(set_, m="PARTIAL", n="CREDIT_CARD"))["maskingRuleSet"]["rule"]
    after = column(await rows(shop), "card")["values"]
    listed = nodes(
        (await shop.ask("{ maskingRules(first: 100) { edges { node { name mask isShipped } } } }"))[
            "maskingRules"
        ]
    )
    reset = 'mutation { maskingRuleReset(subject: CLASSIFICATION, name: "CREDIT_CARD") { __typename } }'
    first, second = await whole.ask(reset), await whole.ask(reset)

    assert made["isShipped"] is False
    assert after == ["************1111", "************0004", "***********0005"]
    assert {"name": "CREDIT_CARD", "mask": "PARTIAL", "isShipped": False} in listed
    assert {"name": "SENSITIVE", "mask": "PARTIAL", "isShipped": True} in listed
    assert first["maskingRuleReset"]["__typename"] == "MaskingRuleResetSuccess"
    assert second["maskingRuleReset"]["__typename"] == "NotFoundError"
    assert column(await rows(shop), "card")["mask"] == "HASH"
    assert (await whole.ask(set_, m="NULL", n="NO_SUCH"))["maskingRuleSet"]["__typename"] == "NotFoundError"
    assert (await shop.ask(set_, m="FULL", n="EMAIL"))["maskingRuleSet"]["__typename"] == "ForbiddenError"


async def test_rules_are_listed_page_by_page_in_both_directions(graph: GraphSession) -> None:
    document = """query ($f: Int, $a: String, $l: Int, $b: String) { maskingRules(first: $f, after: $a, last: $l, before: $b) {
      edges { cursor node { subject name } } pageInfo { hasNextPage hasPreviousPage } } }"""
    asked = api(graph)
    all_ = (await asked.ask(document, f=100))["maskingRules"]
    head = (await asked.ask(document, f=4))["maskingRules"]
    rest = (await asked.ask(document, f=100, a=head["edges"][-1]["cursor"]))["maskingRules"]
    tail = (await asked.ask(document, l=3, b=all_["edges"][-1]["cursor"]))["maskingRules"]

    assert nodes(head) + nodes(rest) == nodes(all_)
    assert nodes(tail) == nodes(all_)[-4:-1]
    assert head["pageInfo"]["hasNextPage"] is True


async def test_free_text_may_not_be_shown_whole_by_any_rule(graph: GraphSession, admin: Principal) -> None:
    with pytest.raises(InvalidInput) as refused:
        await masking.set_rule(graph, admin, subject=MaskingSubject.FREE_TEXT, mask=Mask.FULL)
    assert refused.value.path == ("mask",)


async def test_marks_are_the_same_after_a_restart_and_need_the_servers_secrets(
    shop: Api, config: Settings, tmp_path: Path
) -> None:
    first = column(await rows(shop), "card")["values"]
    again = column(await rows(replace(shop, services={"settings": config.model_copy()})), "card")["values"]
    elsewhere = config.model_copy(update={"data_dir": tmp_path / "elsewhere"})

    assert first == again
    with pytest.raises(InvalidInput):
        await masking.mark_key(shop.graph, config=elsewhere)


async def test_a_source_whose_circuit_is_open_or_whose_blackout_lasts_is_left_alone(
    shop: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "open_source", None)
    await shop.graph.schema_statement(
        'MATCH (s:Source) SET s.breaker = \'{"failures": 5, "opened": 1, "open_until": "2999-01-01T00:00:00Z"}\''
    )
    resting = await rows(shop)
    plan = json.dumps({"blackouts": [{"start": "* * * * *", "duration_s": 3600}]})
    await shop.graph.schema_statement(f"MATCH (s:Source) SET s.breaker = null, s.plan = '{plan}'")
    dark = await rows(shop)

    assert (resting["__typename"], "2999" in resting["message"]) == ("ConnectionFailedError", True)
    assert dark["__typename"] == "ConnectionFailedError"


async def test_a_source_that_is_gone_is_told_and_the_attempt_is_on_record(
    shop: Api, config: Settings, tmp_path: Path
) -> None:
    (tmp_path / "shop.sqlite").unlink()
    found = await rows(shop)
    document = '{ auditEvents(first: 1, filter: {action: "asset.sample"}) { edges { node { details } } } }'
    (event,) = nodes((await api(shop.graph).ask(document))["auditEvents"])

    assert found["__typename"] == "ConnectionFailedError"
    assert event["details"]["cause"]
    assert event["details"]["rows"] == 0


async def test_a_source_that_refuses_its_credentials_is_not_asked_again_at_once(
    shop: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refusing(kind: str, *_: Any) -> Quoting:
        asked.append(kind)
        raise ConnectionFailed("CREDENTIALS", "The password was refused.", "Rotate the credential.")

    monkeypatch.setattr(samples, "open_source", refusing)
    first, second = await rows(shop), await rows(shop)

    assert first["message"] == "The password was refused."
    assert "CIRCUIT" in second["message"]
    assert asked == ["sqlite"]


@pytest.mark.parametrize(
    ("given", "path"),
    [({"first": 0}, ["first"]), ({"first": 51}, ["first"]), ({"columns": ["nothing"]}, ["columns"]), ({"urn": "dataset:x~y"}, ["urn"])],
)  # fmt: skip
async def test_bad_input_names_its_field(shop: Api, given: dict[str, Any], path: list[str]) -> None:
    found = await rows(shop, **given)

    assert found["path"] == path
    assert found["remedy"]


class Slow:
    """A connector whose statement goes on until it is interrupted."""

    capabilities = frozenset({Capability.SAMPLE})

    def __init__(self) -> None:
        self.over, self.closed = threading.Event(), threading.Event()

    def sample(self, dataset: DiscoveredDataset, rows: int) -> Sample:
        assert self.over.wait(30)
        raise ConnectionFailed("TIMEOUT", "It was interrupted.", "Ask again.")

    def interrupt(self) -> None:
        self.over.set()

    def close(self) -> None:
        self.closed.set()


class Quoting(Slow):
    """A connector whose driver quotes a value in its failure."""

    def sample(self, dataset: DiscoveredDataset, rows: int) -> Sample:
        raise ValueError("invalid input syntax for type date: 'canary-4711'")


async def test_a_statement_that_takes_too_long_is_ended_at_the_source(shop: Api) -> None:
    slow = Slow()
    with pytest.raises(ConnectionFailed) as refused:
        await read(
            lambda: slow, DiscoveredDataset(Urn.parse(PEOPLE), ("people",)), 5, limiter=None, longest_s=0.1
        )  # type: ignore[arg-type, return-value]

    assert refused.value.cause == "TIMEOUT"
    assert await asyncio.to_thread(slow.closed.wait, 10)


async def test_whoever_hangs_up_ends_the_statement_at_the_source(shop: Api) -> None:
    slow = Slow()
    opened = threading.Event()

    def open_() -> Slow:
        opened.set()
        return slow

    reading = asyncio.create_task(
        read(open_, DiscoveredDataset(Urn.parse(PEOPLE), ("people",)), 5, limiter=None)
    )  # type: ignore[arg-type]
    assert await asyncio.to_thread(opened.wait, 10)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert await asyncio.to_thread(slow.closed.wait, 10)


async def test_a_failure_that_quotes_a_value_is_told_without_it(
    shop: Api, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(samples, "open_source", lambda *_: Quoting())
    found = await rows(shop)

    assert found["__typename"] == "ConnectionFailedError"
    assert "canary" not in json.dumps(found)
    assert "canary" not in "".join(capfd.readouterr())
    assert await shop.graph.rows(NOTHING_OF_ROWS, texts=["canary"]) == []


async def test_a_sample_takes_its_requests_from_the_limit_of_the_source(
    shop: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def grant(_: GraphSession, source: str) -> Grant:
        asked.append(source)
        return Grant(0.0, 1, 60)

    class Limited(Slow):
        def __init__(self, limiter: RateLimiter | None) -> None:
            super().__init__()
            self.limiter = limiter

        def sample(self, dataset: DiscoveredDataset, rows: int) -> Sample:
            assert self.limiter is not None
            self.limiter.acquire()
            return Sample(("colour",), {"colour": ["blue"] * rows})

    def opened(kind: str, stored: Any, config: Settings, limiter: RateLimiter | None) -> Limited:
        return Limited(limiter)

    monkeypatch.setattr(run_tasks, "take_requests", grant)
    monkeypatch.setattr(samples, "open_source", opened)
    await shop.graph.schema_statement("MATCH (s:Source) SET s.requests_per_minute = 60")
    found = await rows(shop, columns=["colour"], first=2)

    assert column(found, "colour")["values"] == ["blue", "blue"]
    assert asked == ["source:shop"]


async def test_nobody_without_the_permission_gets_rows_by_the_command_itself(
    shop: Api, config: Settings
) -> None:
    reader = Principal("x", "x", Role.READER, Scope(4))
    with pytest.raises(Forbidden):
        await samples.sample(shop.graph, reader, urn=PEOPLE, config=config)
