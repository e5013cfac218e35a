"""From events of the outbox to messages, as the reader of a channel may know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from cypher.alerts import reads
from cypher.session import GraphSession
from schema.domain.alerts import TEST_TOPIC, TOPICS, About, Message, plain, summary
from schema.domain.identity import Scope
from schema.domain.scans import Severity
from schema.domain.sources import source_urn
from schema.ids import node_id

_TYPES = {About.RUN: "Run", About.SOURCE: "Source", About.INCIDENT: "Incident"}


async def messages(
    graph: GraphSession, events: Sequence[Mapping[str, Any]], scope: Scope, *, public_url: str
) -> dict[str, Message]:
    """Event id to message, of those events (``event``, ``topic``, ``at``, ``subject``, ``until``, ``text``) that the reader may know of."""
    events = [event for event in events if event["topic"] in TOPICS and event["subject"]]
    ids: dict[About, list[str]] = {about: [] for about in About}
    for event in events:
        ids[TOPICS[event["topic"]].about].append(_ident(event))
    found = await reads.subjects(
        graph, scope, runs=ids[About.RUN], sources=ids[About.SOURCE], incidents=ids[About.INCIDENT]
    )
    return {
        event["event"]: _message(event, found[_ident(event)], public_url)
        for event in events
        if _ident(event) in found
    }


def test_message(at: str, ident: str) -> Message:
    """What a channel that is tried out is told."""
    text = "This is a test: whoever reads it will be told of what happens."
    return Message(ident, TEST_TOPIC, at, Severity.INFO, text)


def _ident(event: Mapping[str, Any]) -> str:
    is_source = TOPICS[event["topic"]].about is About.SOURCE
    return str(source_urn(event["subject"])) if is_source else str(event["subject"])


def _message(event: Mapping[str, Any], known: Mapping[str, Any], public_url: str) -> Message:
    topic = TOPICS[event["topic"]]
    source, until = known["source"], str(event.get("until") or "")[:16].replace("T", " ")
    return Message(
        id=event["event"],
        topic=event["topic"],
        at=event["at"],
        severity=topic.severity,
        summary=summary(
            event["topic"],
            source=source,
            dataset=known["dataset"],
            until=f"{until} UTC" if until else "",
            text=str(event.get("text") or ""),
        ),
        source=plain(source),
        run=event["subject"] if topic.about is About.RUN else "",
        link=_link(public_url, _TYPES[topic.about], known["key"]) if public_url else "",
    )


def _link(public_url: str, typename: str, key: int) -> str:
    """The console with a question for the object; whoever follows it sees what his own token may."""
    question = f'{{ node(id: "{node_id(typename, key)}") {{ __typename id }} }}'
    return f"{public_url.rstrip('/')}/graphql#query={quote(question, safe='')}"
