"""Alerts: which events are told to people, in which words, how important they are, and how often it is tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from schema.domain.identity import EVERYTHING, Scope
from schema.domain.scans import Severity
from schema.domain.workflows import Retry

RETRY = Retry(tries=10, first_s=20.0, factor=3.0, longest_s=3_600.0)
"""How often a delivery is tried, and the bounds of the waits between: given up after some five hours at most."""

TEST_TOPIC = "alert.test"


class ChannelKind(StrEnum):
    """How a channel tells."""

    LOG = "LOG"
    WEBHOOK = "WEBHOOK"
    EMAIL = "EMAIL"


class DeliveryState(StrEnum):
    """PENDING is tried until it is SENT or given up; WITHHELD came out of the channel's scope before it was sent."""

    PENDING = "PENDING"
    SENT = "SENT"
    FAILED = "FAILED"
    WITHHELD = "WITHHELD"


class About(StrEnum):
    """What an event is about: whoever may not see it is not told of the event."""

    RUN = "run"
    SOURCE = "source"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class Topic:
    """``text`` is the message, with ``{source}``, ``{dataset}``, ``{until}`` and ``{text}`` where they are known."""

    about: About
    severity: Severity
    text: str


TOPICS: Mapping[str, Topic] = {
    "run.queued": Topic(About.RUN, Severity.INFO, "A scan of {source} waits for a worker."),
    "run.awaiting_approval": Topic(About.RUN, Severity.WARNING, "A scan of {source} waits for approval."),
    "run.succeeded": Topic(About.RUN, Severity.INFO, "The scan of {source} succeeded."),
    "run.cancelled": Topic(About.RUN, Severity.WARNING, "The scan of {source} was cancelled."),
    "run.failed": Topic(About.RUN, Severity.ERROR, "The scan of {source} failed."),
    "run.dead_letter": Topic(
        About.RUN, Severity.ERROR, "A task of the scan of {source} was given up after its last try."
    ),
    "sample.awaiting_approval": Topic(
        About.SOURCE, Severity.WARNING, "A sample of sensitive data of {source} waits for approval."
    ),
    "source.circuit_open": Topic(
        About.SOURCE, Severity.ERROR, "{source} is left alone until {until}, since reading it keeps failing."
    ),
    "source.degraded": Topic(About.SOURCE, Severity.WARNING, "The health of {source} got worse."),
    "source.unhealthy": Topic(About.SOURCE, Severity.ERROR, "{source} is not healthy."),
    "source.recovered": Topic(About.SOURCE, Severity.INFO, "The health of {source} got better."),
    "source.credential_expiring": Topic(
        About.SOURCE, Severity.WARNING, "The credential of {source} expires on {until}."
    ),
    "source.credential_expired": Topic(
        About.SOURCE, Severity.ERROR, "The credential of {source} expired on {until}."
    ),
    "incident.opened": Topic(
        About.INCIDENT, Severity.ERROR, "The schema of {dataset} changed so that readers may fail."
    ),
    "incident.acknowledged": Topic(
        About.INCIDENT, Severity.INFO, "Somebody sees to the incident of {dataset}."
    ),
    "incident.resolved": Topic(About.INCIDENT, Severity.INFO, "The incident of {dataset} is resolved."),
    "notify.info": Topic(About.RUN, Severity.INFO, "{text}"),
    "notify.warning": Topic(About.RUN, Severity.WARNING, "{text}"),
    "notify.error": Topic(About.RUN, Severity.ERROR, "{text}"),
}
"""The topics of the outbox that people are told of. Those of alerts are none of them, so that no alert brings about another."""

NOTICES: Mapping[Severity, str] = {severity: f"notify.{severity.value.lower()}" for severity in Severity}
"""The topics by which workflows tell in their own words."""

_ORDER = tuple(Severity)


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """A channel as it is set: ``topics`` are globs over ``TOPICS``; ``config`` is that of its kind, with secrets open."""

    name: str
    kind: ChannelKind
    config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    topics: tuple[str, ...] = ("*",)
    at_least: Severity = Severity.WARNING
    scope: Scope = EVERYTHING
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What is told; ``source``, ``run`` and ``link`` are empty where there is none."""

    id: str
    topic: str
    at: str
    severity: Severity
    summary: str
    source: str = ""
    run: str = ""
    link: str = ""

    def as_json(self) -> dict[str, str | None]:
        """The body of a webhook; null for what there is not."""
        return {
            "id": self.id,
            "topic": self.topic,
            "at": self.at,
            "severity": self.severity.value,
            "source": self.source or None,
            "run": self.run or None,
            "summary": self.summary,
            "link": self.link or None,
        }


def heard(topics: Sequence[str], at_least: Severity) -> list[str]:
    """The topics that a channel with these globs and this least severity is told of."""
    lowest = _ORDER.index(at_least)
    return [
        name
        for name, topic in TOPICS.items()
        if _ORDER.index(topic.severity) >= lowest and any(fnmatchcase(name, glob) for glob in topics)
    ]


def subject_of(topic: str, payload: Mapping[str, Any]) -> str:
    """The id of the run or incident, or the name of the source, that an event of the outbox is about; empty where it does not say."""
    return str(payload.get(TOPICS[topic].about.value) or "")


def summary(topic: str, *, source: str, dataset: str, until: str, text: str) -> str:
    """The sentence that tells of an event."""
    names = {"source": source, "dataset": dataset, "until": until, "text": text}
    return TOPICS[topic].text.format_map({key: plain(value) for key, value in names.items()})


def plain(text: str) -> str:
    """On one line and not long: names come from sources, and must not make a line or a header of their own."""
    return "".join(c if c.isprintable() else " " for c in text)[:300]
