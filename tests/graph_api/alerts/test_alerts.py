"""Administrators set, try and remove channels and see what was told; nobody is shown a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.alerts import delivery
from schema.domain.identity import Principal, Role, Scope
from schema.settings import Settings
from tests.graph_api.asking import Api, api, nodes
from tests.ingest.alerts.servers import Hooks, web_server
from tests.seed import register, scan, warehouse

EAST = warehouse("east", "", datasets=1, columns=2)
SET = """mutation ($i: AlertChannelInput!) { alertChannelSet(input: $i) { __typename
  ... on AlertChannelSetSuccess { secret channel { id name kind topics atLeast clearance domains paused config createdBy setBy } }
  ... on UserError { code path message } } }"""
TRY = "mutation ($n: String!) { alertChannelTest(name: $n) { __typename ... on ConnectionFailedError { cause message } } }"
REMOVE = "mutation ($n: String!) { alertChannelRemove(name: $n) { __typename } }"
CHANNELS = "query ($n: Int, $a: String, $l: Int) { alertChannels(first: $n, after: $a, last: $l) { edges { node { name } } pageInfo { hasNextPage endCursor } } }"
DELIVERIES = """query ($f: AlertDeliveryFilter, $n: Int, $a: String) { alertDeliveries(filter: $f, first: $n, after: $a) {
  edges { node { deliveryId eventId topic severity at state tries error settledAt nextTryAt channel { name } } } pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with web_server() as found:
        yield found


def asking(graph: GraphSession, config: Settings, role: Role = Role.ADMIN, **scope: Any) -> Api:
    return api(graph, role, settings=config, **scope)


async def test_a_channel_is_set_tried_and_removed_and_its_secrets_are_never_shown(
    graph: GraphSession, config: Settings, hooks: Hooks
) -> None:
    who = asking(graph, config)
    made = (await who.ask(SET, i={"name": "team", "kind": "WEBHOOK", "config": {"url": hooks.url}}))[
        "alertChannelSet"
    ]
    channel = made["channel"]
    assert (channel["kind"], channel["topics"], channel["atLeast"]) == ("WEBHOOK", ["*"], "WARNING")
    assert (channel["clearance"], channel["domains"], channel["paused"]) == ("PUBLIC", None, False)
    assert channel["config"] == {"url": "(sealed)", "secret": "(sealed)"}
    assert made["secret"].startswith("whsec_")
    node = await who.ask(
        "query ($i: ID!) { node(id: $i) { ... on AlertChannel { name config } } }", i=channel["id"]
    )
    assert node["node"] == {"name": "team", "config": channel["config"]}

    assert (await who.ask(TRY, n="team"))["alertChannelTest"] == {"__typename": "AlertChannelTestSuccess"}
    assert hooks.verified(made["secret"])
    assert hooks.bodies[0]["topic"] == "alert.test"
    hooks.status = 401
    failed = (await who.ask(TRY, n="team"))["alertChannelTest"]
    assert (failed["__typename"], failed["cause"]) == ("ConnectionFailedError", "CREDENTIALS")
    assert "canary" not in json.dumps(failed)

    assert (await who.ask(REMOVE, n="team"))["alertChannelRemove"][
        "__typename"
    ] == "AlertChannelRemoveSuccess"
    for document in (TRY, REMOVE):
        (answer,) = (await who.ask(document, n="team")).values()
        assert answer["__typename"] == "NotFoundError"


async def test_deliveries_are_listed_newest_first_by_channel_and_state(
    graph: GraphSession, admin: Principal, config: Settings, hooks: Hooks
) -> None:
    who = asking(graph, config)
    await register(graph, EAST)
    web = {"name": "web", "kind": "WEBHOOK", "config": {"url": hooks.url}, "topics": ["run.succeeded"]}
    await who.ask(SET, i=web | {"atLeast": "INFO"})
    await who.ask(SET, i={"name": "log", "kind": "LOG", "atLeast": "INFO"})
    hooks.status = 503
    await scan(graph, admin, "east")
    await delivery.tend(graph, config)

    (failed,) = nodes((await who.ask(DELIVERIES, f={"channel": "web"}))["alertDeliveries"])
    assert (failed["topic"], failed["severity"], failed["state"], failed["tries"], failed["error"]) == (
        "run.succeeded", "INFO", "PENDING", 1, "UNKNOWN",
    )  # fmt: skip
    assert failed["nextTryAt"] > failed["at"]
    assert failed["settledAt"] is None
    sent = nodes((await who.ask(DELIVERIES, f={"states": ["SENT"]}))["alertDeliveries"])
    assert [(each["topic"], each["channel"]["name"]) for each in sent] == [
        ("run.succeeded", "log"), ("run.queued", "log"),
    ]  # fmt: skip
    assert failed["eventId"] == sent[0]["eventId"]

    first = (await who.ask(DELIVERIES, n=2))["alertDeliveries"]
    rest = (await who.ask(DELIVERIES, n=2, a=first["pageInfo"]["endCursor"]))["alertDeliveries"]
    assert len({each["deliveryId"] for each in nodes(first) + nodes(rest)}) == 3
    assert nodes((await who.ask(DELIVERIES, f={"channel": "none"}))["alertDeliveries"]) == []
    page = (await who.ask(CHANNELS, n=1))["alertChannels"]
    assert [each["name"] for each in nodes(page)] == ["log"]
    more = (await who.ask(CHANNELS, n=1, a=page["pageInfo"]["endCursor"]))["alertChannels"]
    assert [each["name"] for each in nodes(more)] == ["web"]
    assert [each["name"] for each in nodes((await who.ask(CHANNELS, l=1))["alertChannels"])] == ["web"]


async def test_others_than_administrators_see_and_change_nothing(
    graph: GraphSession, config: Settings
) -> None:
    log = {"name": "log", "kind": "LOG"}
    ident = (await asking(graph, config).ask(SET, i=log))["alertChannelSet"]["channel"]["id"]
    steward = asking(graph, config, Role.STEWARD)
    for document in (CHANNELS, DELIVERIES):
        assert await steward.refused(document) == "FORBIDDEN"
    for document, variables in ((SET, {"i": log}), (TRY, {"n": "log"}), (REMOVE, {"n": "log"})):
        (answer,) = (await steward.ask(document, **variables)).values()
        assert answer["__typename"] == "ForbiddenError"
    node = await steward.ask("query ($i: ID!) { node(id: $i) { __typename } }", i=ident)
    assert node == {"node": None}
    narrow = asking(graph, config, scope=Scope(1))
    answer = (await narrow.ask(SET, i=log | {"clearance": "SENSITIVE"}))["alertChannelSet"]
    assert (answer["code"], answer["path"]) == ("INVALID_INPUT", ["clearance"])
