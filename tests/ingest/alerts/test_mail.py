"""Mails are handed to real servers: in the clear, by STARTTLS and by TLS, with a Message-ID that stays the same."""

from __future__ import annotations

from email import message_from_string, policy
from pathlib import Path
from typing import Any

import pytest

from cypher.alerts import reads
from cypher.session import GraphSession
from ingest.alerts import delivery
from ingest.commands import alerts
from schema.domain.alerts import ChannelKind, ChannelSpec
from schema.domain.identity import Principal
from schema.domain.scans import Severity
from schema.errors import ConnectionFailed
from schema.settings import Settings
from tests.ingest.alerts.servers import Mailbox, certificate, mail_server
from tests.seed import register, scan, warehouse

EAST = warehouse("east", "", datasets=1, columns=2)


def mails_to(box: Mailbox, **wanted: Any) -> ChannelSpec:
    config = {"host": "localhost", "port": box.port, "sender": "pursight@example.com"}
    config |= {"recipients": ["ada@example.com", "team@example.com"], **wanted}
    return ChannelSpec("mails", ChannelKind.EMAIL, config, ("run.succeeded",), Severity.INFO)


async def test_a_mail_in_plain_words_reaches_all_recipients_and_keeps_its_identity(
    graph: GraphSession, admin: Principal, config: Settings
) -> None:
    await register(graph, EAST)
    with mail_server() as box:
        await alerts.set_channel(graph, admin, mails_to(box, security="none"), config=config)
        run = await scan(graph, admin, "east")
        box.answer = "451 Try again"
        await delivery.tend(graph, config)
        (row,) = await reads.deliveries(graph, channel=None, states=None, key=None, backward=False, first=9)
        assert (row["state"], row["error"]) == ("PENDING", "UNKNOWN")
        box.answer = "250 OK"
        await graph.schema_statement("MATCH (d:AlertDelivery) SET d.next_ms = 0")
        await delivery.tend(graph, config)
        await delivery.tend(graph, config)

    assert len(box.mails) == 2
    first, second = (message_from_string(text, policy=policy.default) for _, _, text in box.mails)
    assert first["Message-ID"] == second["Message-ID"]
    assert row["id"].replace(":", ".") in first["Message-ID"]
    assert second["Subject"] == "[PurSight] The scan of east succeeded."
    assert box.mails[1][:2] == ("pursight@example.com", ["ada@example.com", "team@example.com"])
    assert f"Run: {run}" in second.get_content()
    (row,) = await reads.deliveries(graph, channel=None, states=None, key=None, backward=False, first=9)
    assert (row["state"], row["tries"]) == ("SENT", 2)


# The server does not see that all of the connection is encrypted.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_password_is_sent_encrypted_and_to_the_server_of_that_name_alone(
    graph: GraphSession,
    admin: Principal,
    config: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
) -> None:
    good, bad = certificate(tmp_path), certificate(tmp_path, "other.example.com")
    signed = {"security": security, "username": "ada", "password": "p-canary"}
    monkeypatch.setenv("SSL_CERT_FILE", str(good.file))
    with mail_server(**{security: good}) as box:
        await alerts.set_channel(graph, admin, mails_to(box, **signed), config=config)
        await alerts.try_channel(graph, admin, name="mails", config=config)
        assert len(box.mails) == 1
        assert box.signed_in == [("ada", "p-canary")]
        assert "p-canary" not in repr(await reads.channels(graph))

        await alerts.set_channel(
            graph, admin, mails_to(box, **signed | {"password": "p-wrong"}), config=config
        )
        with pytest.raises(ConnectionFailed) as refused:
            await alerts.try_channel(graph, admin, name="mails", config=config)
        assert refused.value.cause == "CREDENTIALS"
        assert "p-wrong" not in refused.value.message

    monkeypatch.setenv("SSL_CERT_FILE", str(bad.file))
    with mail_server(**{security: bad}) as box:
        await alerts.set_channel(graph, admin, mails_to(box, **signed), config=config)
        with pytest.raises(ConnectionFailed, match="certificate"):
            await alerts.try_channel(graph, admin, name="mails", config=config)
        assert (box.mails, box.signed_in) == ([], [])


async def test_a_server_without_encryption_is_told_nothing_where_it_is_asked_for(
    graph: GraphSession, admin: Principal, config: Settings
) -> None:
    with mail_server() as box:
        await alerts.set_channel(graph, admin, mails_to(box), config=config)
        with pytest.raises(ConnectionFailed) as refused:
            await alerts.try_channel(graph, admin, name="mails", config=config)
        assert (refused.value.cause, box.mails) == ("PERMISSION", [])
    with pytest.raises(ConnectionFailed) as refused:
        await alerts.try_channel(graph, admin, name="mails", config=config)
    assert refused.value.cause == "UNREACHABLE"


async def test_a_mail_server_at_a_private_address_is_refused_unless_allowed(
    graph: GraphSession, admin: Principal, config: Settings
) -> None:
    strict = config.model_copy(update={"allow_private_sources": False})
    with mail_server() as box, pytest.raises(ConnectionFailed) as refused:
        await alerts.set_channel(graph, admin, mails_to(box), config=strict)
    assert refused.value.cause == "BLOCKED_ADDRESS"
