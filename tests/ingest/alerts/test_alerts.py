"""Each event is told once to each channel that may know of it, and what is told holds no secret."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from cypher.alerts import reads
from cypher.audit import reads as audit
from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.alerts import delivery
from ingest.commands import alerts, catalog, incidents
from ingest.commands.unit import Unit, execute
from schema.domain.alerts import RETRY, TOPICS, ChannelKind, ChannelSpec, heard
from schema.domain.classifications import Sensitivity
from schema.domain.identity import Principal, Role, Scope
from schema.domain.scans import Severity
from schema.errors import ConnectionFailed, Forbidden, InvalidInput, NotFound
from schema.settings import Settings
from tests.ingest.alerts.servers import Hooks, certificate, web_server
from tests.seed import register, scan, warehouse

EAST, WEST = warehouse("east", "", datasets=2, columns=4), warehouse("west", "hr", datasets=2, columns=4)
RAW = Query(
    "test.alerts",
    "CYPHER 25 MATCH (n) WHERE n:AlertChannel OR n:AlertDelivery OR n:AuditEvent OR n:OutboxEvent RETURN properties(n) AS n",
    "read", frozenset(), (), 1000,
)  # fmt: skip


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with web_server() as found:
        yield found


@pytest.fixture
async def sources(graph: GraphSession) -> GraphSession:
    await register(graph, EAST)
    await register(graph, WEST)
    return graph


async def channel(
    graph: GraphSession, admin: Principal, config: Settings, hooks: Hooks, **wanted: Any
) -> str:
    """A webhook that hears of everything; returns its signing secret."""
    spec = ChannelSpec("team", ChannelKind.WEBHOOK, {"url": hooks.url}, at_least=Severity.INFO)
    _, secret = await alerts.set_channel(graph, admin, replace(spec, **wanted), config=config)
    assert secret is not None
    return secret


async def deliveries(graph: GraphSession) -> list[dict[str, Any]]:
    return await reads.deliveries(graph, channel=None, states=None, key=None, backward=True, first=100)


async def come_back(graph: GraphSession) -> None:
    """As if the time until the next try, or the lease of a worker that died, were over."""
    await graph.schema_statement("MATCH (d:AlertDelivery) WHERE d.next_ms IS NOT NULL SET d.next_ms = 0")


async def test_an_event_is_told_once_and_signed(
    sources: GraphSession, admin: Principal, config: Settings, hooks: Hooks
) -> None:
    secret = await channel(sources, admin, config, hooks, topics=("run.succeeded",))
    run = await scan(sources, admin, "east")

    for _ in range(3):
        await delivery.tend(sources, config)

    (told,) = hooks.bodies
    assert {name: told[name] for name in ("topic", "severity", "source", "run", "summary", "link")} == {
        "topic": "run.succeeded", "severity": "INFO", "source": "east", "run": run,
        "summary": "The scan of east succeeded.", "link": None,
    }  # fmt: skip
    assert datetime.fromisoformat(told["at"]).tzinfo is not None
    assert hooks.verified(secret)
    (_, headers, _) = hooks.requests[0]
    (row,) = await deliveries(sources)
    assert (headers["idempotency-key"], headers["webhook-id"]) == (row["id"], row["id"])
    assert (row["state"], row["tries"], row["event"]) == ("SENT", 1, told["id"])


async def test_workers_side_by_side_tell_each_event_once(
    sources: GraphSession, admin: Principal, config: Settings, hooks: Hooks
) -> None:
    await channel(sources, admin, config, hooks)
    await channel(sources, admin, config, hooks, name="other")
    for _ in range(4):
        await scan(sources, admin, "east")

    await asyncio.gather(*(delivery.tend(sources, config) for _ in range(5)))
    await delivery.tend(sources, config)

    keys = [headers["idempotency-key"] for _, headers, _ in hooks.requests]
    assert len(keys) == len(set(keys)) == 2 * 4 * 2  # queued and succeeded, for two channels
    assert len({body["id"] for body in hooks.bodies}) == 4 * 2


async def test_a_worker_that_dies_after_sending_sends_again_with_the_same_key(
    sources: GraphSession, admin: Principal, config: Settings, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    await channel(sources, admin, config, hooks, topics=("run.succeeded",))
    await scan(sources, admin, "east")

    async def dies(*_: Any, **__: Any) -> bool:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(alerts, "settle", dies)
        with pytest.raises(asyncio.CancelledError):
            await delivery.tend(sources, config)
    await delivery.tend(sources, config)
    assert len(hooks.requests) == 1  # its lease is not over

    await come_back(sources)
    await delivery.tend(sources, config)
    first, second = (headers["idempotency-key"] for _, headers, _ in hooks.requests)
    assert first == second
    assert [(row["state"], row["tries"]) for row in await deliveries(sources)] == [("SENT", 2)]


async def test_a_late_worker_does_not_say_how_the_try_of_another_ended(
    sources: GraphSession, admin: Principal, config: Settings, hooks: Hooks
) -> None:
    await channel(sources, admin, config, hooks, topics=("run.succeeded",))
    await scan(sources, admin, "east")
    await delivery.spread(sources, config)
    (row,) = await deliveries(sources)
    late = await alerts.claim(sources, channel=row["channel"])
    await come_back(sources)
    assert await alerts.claim(sources, channel=row["channel"])

    assert late is not None
    assert not await alerts.settle(sources, late.deliveries[0], alerts.DeliveryState.SENT)
    assert (await deliveries(sources))[0]["state"] == "PENDING"


async def test_a_failure_is_tried_again_later_and_given_up_on_record(
    sources: GraphSession, admin: Principal, config: Settings, hooks: Hooks
) -> None:
    await channel(sources, admin, config, hooks, topics=("run.succeeded", "*"), at_least=Severity.INFO)
    await scan(sources, admin, "east")
    await sources.schema_statement("MATCH (o:OutboxEvent) WHERE o.topic = 'run.queued' SET o.topic = 'x'")
    hooks.status = 500
    await delivery.tend(sources, config)
    (row,) = await deliveries(sources)
    assert (row["state"], row["tries"], row["error"]) == ("PENDING", 1, "UNKNOWN")
    assert row["next_ms"] > 0

    for _ in range(RETRY.tries + 2):
        await come_back(sources)
        await delivery.tend(sources, config)
    (row,) = await deliveries(sources)
    assert (row["state"], row["tries"], len(hooks.requests)) == ("FAILED", RETRY.tries, RETRY.tries)
    (event,) = await audit.events(sources, first=9, action="alert.give_up")
    assert row["id"] in event["subjects"]
    # That it was given up is no event that is told in its turn.
    await delivery.tend(sources, config)
    assert len(await deliveries(sources)) == 1


async def test_a_new_channel_begins_now_and_one_that_was_paused_as_well(
    sources: GraphSession, admin: Principal, config: Settings, hooks: Hooks
) -> None:
    await scan(sources, admin, "east")
    await channel(sources, admin, config, hooks)
    await delivery.tend(sources, config)
    assert hooks.requests == []

    await channel(sources, admin, config, hooks, paused=True)
    await scan(sources, admin, "east")
    await delivery.tend(sources, config)
    await channel(sources, admin, config, hooks)
    await delivery.tend(sources, config)
    assert hooks.requests == []

    await scan(sources, admin, "east")
    # Set anew without a pause it misses nothing.
    await channel(sources, admin, config, hooks)
    await delivery.tend(sources, config)
    assert sorted(body["topic"] for body in hooks.bodies) == ["run.queued", "run.succeeded"]


async def test_a_channel_hears_of_nothing_outside_its_scope(
    sources: GraphSession, admin: Principal, config: Settings, hooks: Hooks
) -> None:
    await channel(sources, admin, config, hooks, scope=Scope(4, ("",)), topics=("run.succeeded",))
    await scan(sources, admin, "west")
    await scan(sources, admin, "east")
    await delivery.tend(sources, config)
    assert [body["source"] for body in hooks.bodies] == ["east"]
    assert len(await deliveries(sources)) == 1

    # What went out of the scope between the event and the sending is not told either.
    await scan(sources, admin, "east")
    await delivery.spread(sources, config)
    await sources.schema_statement("MATCH (s:Source {name: 'east'}) SET s.domain = 'hr'")
    await delivery.tend(sources, config)
    assert len(hooks.requests) == 1
    assert sorted(row["state"] for row in await deliveries(sources)) == ["SENT", "WITHHELD"]


async def test_an_incident_is_told_to_those_who_may_know_what_changed(
    sources: GraphSession, admin: Principal, config: Settings, hooks: Hooks
) -> None:
    await channel(sources, admin, config, hooks, at_least=Severity.ERROR)
    low = Scope(int(Sensitivity.INTERNAL))
    await channel(sources, admin, config, hooks, name="low", at_least=Severity.ERROR, scope=low)
    await catalog.publish_datasets(sources, admin, EAST.datasets, run="r1", by="east")
    top = EAST.datasets[0]
    less = replace(top, columns=top.columns[:-1])
    column = str(top.column_urn(top.columns[-1].name))
    await sources.schema_statement(f"MATCH (c:Column {{urn: '{column}'}}) SET c.sensitivity = 3")
    await catalog.publish_datasets(sources, admin, [less], run="r2", by="east")
    assert (await incidents.open_for_schema_changes(sources, admin, run="r2")).incidents == 1

    await delivery.tend(sources, config.model_copy(update={"public_url": "https://pursight.example.com/"}))
    (told,) = hooks.bodies
    assert told["summary"] == f"The schema of {'.'.join(top.path)} changed so that readers may fail."
    assert (told["topic"], told["source"]) == ("incident.opened", "east")
    assert told["link"].startswith("https://pursight.example.com/graphql#query=")


async def test_every_topic_has_words_and_reaches_a_channel(
    sources: GraphSession, admin: Principal, config: Settings, hooks: Hooks
) -> None:
    await channel(sources, admin, config, hooks)
    run = await scan(sources, admin, "east")
    await catalog.publish_datasets(sources, admin, EAST.datasets, run="r1", by="east")
    await catalog.retire_missing(sources, admin, [EAST.urn(0)], source="east", run="r2")
    await incidents.open_for_schema_changes(sources, admin, run="r2")
    rows = await sources.rows(RAW)
    incident = next(r["n"]["payload"] for r in rows if r["n"].get("topic") == "incident.opened")
    ident = incident.partition('"incident": "')[2].partition('"')[0]

    async def work(unit: Unit) -> None:
        payload = {"run": run, "source": "east", "incident": ident, "until": "2026-05-06T07:08:09+00:00"}
        unit.outbox += [(topic, payload) for topic in TOPICS]
        unit.outbox.append(("run.failed", {"nothing": "of use"}))

    await execute(sources, admin, "test.all", work)
    for _ in range(len(TOPICS)):  # each sends some
        await delivery.tend(sources, config)
        if len({body["topic"] for body in hooks.bodies}) == len(TOPICS):
            break
    said = {body["topic"]: body["summary"] for body in hooks.bodies}
    assert said.keys() == TOPICS.keys()
    assert said["source.circuit_open"].startswith("east is left alone until 2026-05-06 07:08 UTC,")
    assert all("{" not in text and "  " not in text for text in said.values())


async def test_nothing_stored_or_told_holds_a_secret_or_what_a_message_may_not_say(
    sources: GraphSession,
    admin: Principal,
    config: Settings,
    hooks: Hooks,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEAM_HOOK_SECRET", "whsec_" + "Y2FuYXJ5" * 4)
    secret = await channel(sources, admin, config, hooks)
    spec = ChannelSpec(
        "by-reference", ChannelKind.WEBHOOK, {"url": hooks.url, "secret": "${env:TEAM_HOOK_SECRET}"}
    )
    await alerts.set_channel(sources, admin, replace(spec, at_least=Severity.INFO), config=config)
    await scan(sources, admin, "east", problems=["canary-of-a-value"])
    with caplog.at_level("DEBUG"):
        await delivery.tend(sources, config)
        hooks.status = 500
        with pytest.raises(ConnectionFailed) as failed:
            await alerts.try_channel(sources, admin, name="team", config=config)
    stored = repr(await sources.rows(RAW)) + caplog.text + repr(failed.value) + failed.value.message
    for canary in ("canary-in-the-url", secret, secret.removeprefix("whsec_"), "Y2FuYXJ5"):
        assert canary not in stored
    sent = b"".join(body for _, _, body in hooks.requests)
    assert b"canary" not in sent
    assert len(hooks.requests) == 5


async def test_a_redirect_is_refused(
    sources: GraphSession, admin: Principal, config: Settings, hooks: Hooks
) -> None:
    await channel(sources, admin, config, hooks, topics=("run.succeeded",))
    with web_server() as elsewhere:
        hooks.status, hooks.headers = 307, {"location": elsewhere.url}
        await scan(sources, admin, "east")
        await delivery.tend(sources, config)
        assert (len(hooks.requests), elsewhere.requests) == (1, [])
    (row,) = await deliveries(sources)
    assert (row["state"], row["error"]) == ("PENDING", "BAD_URL")


async def test_private_addresses_and_unencrypted_ones_are_refused_unless_allowed(
    graph: GraphSession, admin: Principal, config: Settings, hooks: Hooks
) -> None:
    strict = config.model_copy(update={"allow_private_sources": False})
    for url, cause in (
        (hooks.url.replace("http", "https"), "BLOCKED_ADDRESS"),
        (hooks.url, "BAD_URL"),
        ("https://169.254.169.254/latest", "BLOCKED_ADDRESS"),
        ("file:///etc/passwd", "BAD_URL"),
        ("https://ada:canary@localhost/", "BAD_URL"),
    ):
        with pytest.raises(ConnectionFailed) as failed:
            await channel(graph, admin, strict, replace_url(hooks, url))
        assert failed.value.cause == cause
        assert "canary" not in failed.value.message
    assert await reads.channels(graph) == []

    # Also where it was allowed once: what counts is the policy at the time of sending.
    await channel(graph, admin, config, hooks)
    with pytest.raises(ConnectionFailed):
        await alerts.try_channel(graph, admin, name="team", config=strict)
    assert hooks.requests == []


def replace_url(hooks: Hooks, url: str) -> Hooks:
    return replace(hooks, url=url)


async def test_the_certificate_has_to_be_that_of_the_name_although_the_address_is_pinned(
    graph: GraphSession, admin: Principal, config: Settings, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = certificate(tmp_path), certificate(tmp_path, "other.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(good.file))
    with web_server(good) as hooks:
        secret = await channel(graph, admin, config, hooks)
        await alerts.try_channel(graph, admin, name="team", config=config)
        assert hooks.verified(secret)
        assert hooks.requests[0][1]["host"].startswith("localhost:")
    monkeypatch.setenv("SSL_CERT_FILE", str(bad.file))
    with web_server(bad) as hooks:
        await channel(graph, admin, config, hooks)
        with pytest.raises(ConnectionFailed, match="certificate"):
            await alerts.try_channel(graph, admin, name="team", config=config)
        assert hooks.requests == []


async def test_a_log_channel_writes_one_line_for_each_event(
    sources: GraphSession, admin: Principal, config: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    spec = ChannelSpec("log", ChannelKind.LOG, topics=("run.succeeded",), at_least=Severity.INFO)
    await alerts.set_channel(sources, admin, spec, config=config)
    await scan(sources, admin, "east")
    with caplog.at_level("INFO"):
        await delivery.tend(sources, config)
        await delivery.tend(sources, config)
    lines = [record for record in caplog.records if record.name == "pursight.alerts"]
    assert len(lines) == 1
    assert "The scan of east succeeded." in str(lines[0].msg)


async def test_a_secret_that_cannot_be_opened_fails_the_try_and_no_other_channel(
    sources: GraphSession, admin: Principal, config: Settings, hooks: Hooks
) -> None:
    await channel(sources, admin, config, hooks, topics=("run.succeeded",), name="broken")
    await channel(sources, admin, config, hooks, topics=("run.succeeded",))
    await sources.schema_statement(
        """MATCH (c:AlertChannel {name: 'broken'}) SET c.config = '{"url": {"sealed": "gAAAA"}}'"""
    )
    await scan(sources, admin, "east")
    await delivery.tend(sources, config)
    assert len(hooks.requests) == 1
    states = sorted((row["state"], row.get("error")) for row in await deliveries(sources))
    assert states == [("PENDING", "INVALID_INPUT"), ("SENT", None)]


async def test_channels_are_for_administrators_and_no_wider_than_they_are(
    graph: GraphSession, admin: Principal, config: Settings
) -> None:
    spec = ChannelSpec("log", ChannelKind.LOG)
    editor = replace(admin, role=Role.STEWARD)
    with pytest.raises(Forbidden):
        await alerts.set_channel(graph, editor, spec, config=config)
    with pytest.raises(Forbidden):
        await alerts.remove_channel(graph, editor, name="log")
    with pytest.raises(Forbidden):
        await alerts.try_channel(graph, editor, name="log", config=config)
    narrow = replace(admin, scope=Scope(2, ("hr",)))
    for wide in (Scope(4, ("hr",)), Scope(2), Scope(2, ("hr", "")), Scope(-1, ("hr",))):
        with pytest.raises(InvalidInput):
            await alerts.set_channel(graph, narrow, replace(spec, scope=wide), config=config)
    await alerts.set_channel(graph, narrow, replace(spec, scope=Scope(1, ("hr",))), config=config)
    await alerts.remove_channel(graph, admin, name="log")
    for act in (alerts.remove_channel, alerts.try_channel):
        with pytest.raises(NotFound):
            await act(graph, admin, name="log")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ({"name": ""}, ("name",)),
        ({"topics": ("nothing.*",)}, ("topics",)),
        ({"topics": ("run.queued",)}, ("topics",)),
        ({"config": {"url": "https://x"}}, ("config", "url")),
        ({"kind": ChannelKind.WEBHOOK}, ("config", "url")),
        ({"kind": ChannelKind.WEBHOOK, "config": {"url": "https://x", "secret": "short"}}, ("config", "secret")),
        ({"kind": ChannelKind.EMAIL, "config": {"host": "h", "sender": "a@b.c\nBcc: x@y.z", "recipients": ["a@b.c"]}}, ("config", "sender")),
        ({"kind": ChannelKind.EMAIL, "config": {"host": "h", "sender": "a@b.c", "recipients": ["a@b.c, x@y.z"]}}, ("config", "recipients")),
        ({"kind": ChannelKind.EMAIL, "config": {"host": "h", "sender": "a@b.c", "recipients": ["a@b.c"], "security": "none", "password": "x"}}, ("config",)),
    ],
)  # fmt: skip
async def test_a_channel_that_cannot_work_is_refused(
    graph: GraphSession, admin: Principal, config: Settings, wanted: dict[str, Any], path: tuple[str, ...]
) -> None:
    spec = replace(ChannelSpec("log", ChannelKind.LOG), **wanted)
    with pytest.raises(InvalidInput) as refused:
        await alerts.set_channel(graph, admin, spec, config=config)
    assert refused.value.path == path


def test_least_severity_and_globs_both_narrow_what_is_heard() -> None:
    assert heard(("run.*",), Severity.ERROR) == ["run.failed", "run.dead_letter"]
    assert set(heard(("*",), Severity.INFO)) == set(TOPICS)
    assert heard(("incident.opened", "nothing"), Severity.WARNING) == ["incident.opened"]
