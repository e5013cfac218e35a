"""Samples that somebody else has to approve: who asks, who decides, what is shown then, and what is on record."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cypher.audit import reads as audit
from cypher.session import GraphSession
from graph_api.scans.plans import ScanPlanInput
from ingest.commands import catalog, classifiers, plans, samples, sources
from ingest.commands import classifications as verdicts
from ingest.commands.delegations import delegate
from ingest.commands.identity import create_token
from ingest.commands.sample_requests import decide
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import Principal, Role, Scope
from schema.domain.sources import SourceSpec
from schema.errors import Conflict, Forbidden
from schema.ids import Urn
from schema.settings import Settings
from tests.graph_api.asking import Api, api, nodes

PEOPLE = "dataset:sqlite://shop~main.people"
COLUMNS = ("email", "card", "colour")
SAMPLE = """
mutation ($i: AssetSampleInput!) { assetSample(input: $i) { __typename
  ... on AssetSampleSuccess { columns { name mask reason values } }
  ... on ApprovalRequiredError { level waiting } ... on UserError { code message path remedy } } }
"""
REQUEST = """
mutation ($i: SampleRequestInput!) { sampleRequest(input: $i) { __typename
  ... on SampleRequestSuccess { requestId } ... on UserError { message path } } }
"""
APPROVE = """
mutation ($r: String!, $a: Boolean!, $e: DateTime, $why: String!) {
  sampleApprove(request: $r, approved: $a, expiresAt: $e, reason: $why) { __typename
    ... on SampleApproveSuccess { approved } ... on UserError { message path } } }
"""
LISTED = """
query ($s: SampleRequestState, $f: Int, $a: String, $l: Int, $b: String) {
  sampleRequests(state: $s, first: $f, after: $a, last: $l, before: $b) { edges { cursor node {
    requestId state columns level purpose reason requestedBy decidedBy onBehalfOf decisionReason } } } }
"""


class At:
    """A clock that stands ``hours`` ahead."""

    def __init__(self, hours: float) -> None:
        self.hours = hours

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=self.hours)


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal, config: Settings, tmp_path: Path) -> Api:
    """A source whose samples need an approval from SENSITIVE on, asked by an analyst; nothing of the card is known yet."""
    file = tmp_path / "shop.sqlite"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE people (email TEXT, card TEXT, colour TEXT)")
        db.execute("INSERT INTO people VALUES ('ada@example.org', '4111111111111111', 'blue')")
    spec = SourceSpec("shop", "sqlite", {"path": str(file), "namespace": "sqlite://shop"})
    await sources.register(graph, admin, spec, config=config)
    columns = tuple(DiscoveredColumn(name, "TEXT", ordinal=n) for n, name in enumerate(COLUMNS, start=1))
    people = DiscoveredDataset(Urn.parse(PEOPLE), ("main", "people"), columns=columns)
    await catalog.publish_datasets(graph, admin, [people], run="r", by="shop")
    await classifiers.sync_vocabulary(graph)
    await confirmed(graph, admin, "email", "EMAIL")
    plan = ScanPlanInput(sample_approval_from=3).plan("shop")
    await plans.set_plan(graph, admin, source="shop", plan=plan)
    return api(graph, Role.ANALYST, settings=config)


async def confirmed(graph: GraphSession, by: Principal, column: str, classification: str) -> None:
    urn = PEOPLE.replace("dataset:", "column:") + f"~{column}"
    await verdicts.decide(graph, by, urn=urn, classification=classification, status=VerdictStatus.CONFIRMED)


async def rows(asked: Api, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await asked.ask(SAMPLE, i={"urn": PEOPLE, **given}))["assetSample"]
    return found


async def requested(asked: Api, **given: Any) -> str:
    wanted = {"urn": PEOPLE, "reason": "ticket 17", **given}
    return str((await asked.ask(REQUEST, i=wanted))["sampleRequest"]["requestId"])


async def decided(asked: Api, request: str, approved: bool = True, hours: float = 24) -> dict[str, Any]:
    ends = (datetime.now(UTC) + timedelta(hours=hours)).isoformat() if approved else None
    answer = await asked.ask(APPROVE, r=request, a=approved, e=ends, why="it is needed")
    found: dict[str, Any] = answer["sampleApprove"]
    return found


async def test_a_sample_of_sensitive_columns_waits_for_somebody_else_and_is_masked_then(
    shop: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as unread:
        unread.setattr(samples, "open_source", None)
        refused = await rows(shop)
        request = await requested(shop)
        waiting = await rows(shop)
    steward = api(shop.graph, Role.STEWARD)
    assert await decided(steward, request) == {"__typename": "SampleApproveSuccess", "approved": True}
    shown = await rows(shop)

    assert (refused["__typename"], refused["code"], refused["level"]) == (
        "ApprovalRequiredError",
        "APPROVAL_REQUIRED",
        3,
    )
    assert "email" in refused["message"]
    assert "sampleRequest" in refused["remedy"]
    assert (refused["waiting"], waiting["waiting"]) == (None, request)
    assert [(c["name"], c["mask"], c["values"]) for c in shown["columns"]][::2] == [
        ("email", "PARTIAL", ["a***@e***.org"]), ("colour", "FULL", ["blue"]),
    ]  # fmt: skip
    assert shown["columns"][1]["mask"] == "HASH"
    (listed,) = nodes((await steward.ask(LISTED))["sampleRequests"])
    assert listed == {
        "requestId": request, "state": "APPROVED", "columns": list(COLUMNS), "level": 3, "purpose": "", "reason": "ticket 17",
        "requestedBy": "token:analyst", "decidedBy": "token:steward", "onBehalfOf": None, "decisionReason": "it is needed",
    }  # fmt: skip


async def test_the_trail_has_the_request_the_approval_and_the_sample_in_a_chain_that_holds(shop: Api) -> None:
    request = await requested(shop)
    await decided(api(shop.graph, Role.STEWARD), request)
    await rows(shop, reason="looked")
    document = "query ($s: String!) { auditEvents(first: 10, filter: {subject: $s}) { edges { node { actor action reason details } } } }"
    events = nodes((await api(shop.graph).ask(document, s=request))["auditEvents"])[::-1]

    assert [(e["action"], e["actor"], e["reason"]) for e in events] == [
        ("sample.request", "token:analyst", "ticket 17"),
        ("sample.approve", "token:steward", "it is needed"),
        ("asset.sample", "token:analyst", "looked"),
    ]
    assert events[2]["details"]["approval"] == request
    assert (await audit.verify(shop.graph))[1] == []


async def test_who_asked_may_not_decide_and_neither_may_who_has_the_right_from_him(
    shop: Api, admin: Principal
) -> None:
    steward = api(shop.graph, Role.STEWARD, settings=shop.services["settings"])
    request = await requested(steward)
    own = await decided(steward, request)
    ident, _ = await create_token(shop.graph, admin, name="desk", role=Role.READER, scope=Scope(4))
    desk = Principal(ident, "desk", Role.READER, Scope(4))
    soon = datetime.now(UTC) + timedelta(days=1)
    with pytest.raises(Forbidden):
        await decide(shop.graph, desk, request=request, approved=True, reason="yes", expires_at=soon)
    giver, _ = await create_token(shop.graph, admin, name="boss", role=Role.STEWARD, scope=Scope(4))
    boss = Principal(giver, "boss", Role.STEWARD, Scope(4))
    await delegate(shop.graph, boss, holder=ident, starts_at=None, ends_at=soon, reason="away")
    bosses = await requested(replace(steward, principal=boss))
    with pytest.raises(Conflict):
        await decide(shop.graph, desk, request=bosses, approved=True, reason="yes", expires_at=soon)
    await decide(shop.graph, desk, request=request, approved=True, reason="yes", expires_at=soon)
    listed = nodes((await replace(steward, principal=desk).ask(LISTED))["sampleRequests"])

    assert (own["__typename"], own["path"]) == ("ConflictError", ["request"])
    assert {(each["requestId"], each["state"], each["onBehalfOf"]) for each in listed} == {
        (request, "APPROVED", giver), (bosses, "WAITING", None),
    }  # fmt: skip


async def test_an_approval_that_expired_was_rejected_or_taken_back_shows_nothing(
    shop: Api, config: Settings
) -> None:
    steward = api(shop.graph, Role.STEWARD)
    request = await requested(shop)
    await decided(steward, request, hours=1)
    expired = samples.sample(shop.graph, shop.principal, urn=PEOPLE, config=config, clock=At(2))
    with pytest.raises(Exception, match="Somebody else has to approve"):
        await expired
    back = await decided(steward, request, approved=False)
    again = await decided(steward, request)
    over = await requested(shop)
    soon = datetime.now(UTC) + timedelta(days=8)
    with pytest.raises(Conflict, match="expired"):
        await decide(
            shop.graph, steward.principal, request=over, approved=True, reason="late", expires_at=soon, clock=At(24 * 7.5)
        )  # fmt: skip

    assert (back["approved"], again["__typename"]) == (False, "ConflictError")
    assert (await rows(shop))["__typename"] == "ApprovalRequiredError"
    assert [each["state"] for each in nodes((await shop.ask(LISTED))["sampleRequests"])] == [
        "WAITING",
        "REJECTED",
    ]


async def test_an_approval_is_for_its_columns_its_level_its_purpose_and_for_who_asked(
    shop: Api, admin: Principal
) -> None:
    steward = api(shop.graph, Role.STEWARD)
    await decided(steward, await requested(shop, columns=["email", "colour"]))
    other = replace(shop, principal=replace(shop.principal, id="token:other", purposes=("support",)))
    kinds = [
        (await rows(shop, columns=["email"]))["__typename"],
        (await rows(shop))["__typename"],
        (await rows(other, columns=["email"]))["__typename"],
    ]
    mine = replace(shop, principal=replace(shop.principal, purposes=("support",)))
    stated = await rows(mine, columns=["email"], purpose="support")
    await confirmed(shop.graph, admin, "colour", "CREDIT_CARD")
    risen = await rows(shop, columns=["email", "colour"])

    assert kinds == ["AssetSampleSuccess", "ApprovalRequiredError", "ApprovalRequiredError"]
    assert stated["__typename"] == "ApprovalRequiredError"
    assert (risen["__typename"], "colour" in risen["message"]) == ("ApprovalRequiredError", True)


async def test_what_needs_no_approval_is_shown_and_what_turns_out_to_need_one_is_not(shop: Api) -> None:
    found = (await rows(shop, columns=["card", "colour"]))["columns"]
    refused = await shop.ask(REQUEST, i={"urn": PEOPLE, "columns": ["colour"], "reason": "why not"})

    assert found == [
        {"name": "card", "mask": "NULL", "reason": "APPROVAL", "values": [None]},
        {"name": "colour", "mask": "FULL", "reason": "HARMLESS", "values": ["blue"]},
    ]
    assert refused["sampleRequest"]["path"] == ["urn"]


async def test_what_was_approved_stays_masked_for_who_may_see_it_whole_elsewhere(shop: Api) -> None:
    who = Principal("token:eve", "Eve", Role.INVESTIGATOR, Scope(4), ("support",))
    eve = replace(shop, principal=who)
    await decided(api(shop.graph, Role.STEWARD), await requested(eve, columns=["email"], purpose="support"))
    found = await rows(eve, columns=["email"], purpose="support")

    assert found["columns"][0] == {
        "name": "email",
        "mask": "PARTIAL",
        "reason": "RULE",
        "values": ["a***@e***.org"],
    }


async def test_requests_about_what_somebody_may_not_see_are_none_to_him_and_others_are_not_listed(
    shop: Api,
) -> None:
    request = await requested(shop)
    low = api(shop.graph, Role.STEWARD, Scope(2))
    reader = replace(shop, principal=replace(shop.principal, id="token:other"))

    assert nodes((await low.ask(LISTED))["sampleRequests"]) == []
    assert (await decided(low, request))["__typename"] == "NotFoundError"
    assert nodes((await reader.ask(LISTED))["sampleRequests"]) == []
    assert (await decided(reader, request))["__typename"] == "ForbiddenError"


async def test_requests_are_listed_page_by_page_and_bad_decisions_name_their_field(shop: Api) -> None:
    made = [await requested(shop) for _ in range(3)]
    steward = api(shop.graph, Role.STEWARD)
    head = (await steward.ask(LISTED, f=2))["sampleRequests"]
    rest = (await steward.ask(LISTED, f=2, a=head["edges"][-1]["cursor"]))["sampleRequests"]
    last = (await steward.ask(LISTED, l=2, b=rest["edges"][0]["cursor"]))["sampleRequests"]
    endless = await steward.ask(APPROVE, r=made[0], a=True, e=None, why="so")
    silent = await steward.ask(APPROVE, r=made[0], a=False, e=None, why=" ")
    plan = 'mutation { scanPlanSet(source: "shop", plan: {sampleApprovalFrom: 7}) { ... on UserError { path } } }'

    assert [n["requestId"] for n in nodes(head) + nodes(rest)] == made[::-1]
    assert nodes(last) == nodes(head)
    assert nodes((await steward.ask(LISTED, s="APPROVED"))["sampleRequests"]) == []
    assert (endless["sampleApprove"]["path"], silent["sampleApprove"]["path"]) == (["expiresAt"], ["reason"])
    assert (await api(shop.graph).ask(plan))["scanPlanSet"]["path"] == ["plan", "sampleApprovalFrom"]
