"""A Kafka cluster as a reader sees it who leaves no trace: no consumer group, no commit, no topic made by asking for it."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from schema.errors import ConnectionFailed

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer, TopicPartition
    from aiokafka.admin import AIOKafkaAdminClient

# aiokafka logs addresses and users.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)

SETTINGS = {
    "cleanup.policy": "cleanup_policy",
    "retention.ms": "retention_ms",
    "retention.bytes": "retention_bytes",
    "min.insync.replicas": "min_insync_replicas",
}
_MOST_AT_ONCE = 200  # topics in one request
_MOST_PARTITIONS = 100  # of a topic that a sample is read from
_MOST_BYTES = 32 * 1024 * 1024  # of one sample
_WAIT_MS = 250
_NOTHING_MS = 100  # how long a broker holds a question for new messages

_CAUSES = (
    ("CREDENTIALS", ("SaslAuthenticationFailed", "AuthenticationFailedError", "AuthenticationMethodNotSupported",
     "UnsupportedSaslMechanismError", "IllegalSaslStateError")),
    ("PERMISSION", ("TopicAuthorizationFailedError", "ClusterAuthorizationFailedError", "GroupAuthorizationFailedError")),
    ("TIMEOUT", ("TimeoutError", "KafkaTimeoutError", "RequestTimedOutError")),
    ("NOT_FOUND", ("UnknownTopicOrPartitionError",)),
)  # fmt: skip
_WORDS = {
    "CREDENTIALS": ("The brokers refused user or password.", "Check user, password and sasl_mechanism.", "password"),
    "PERMISSION": ("The user may not read this.", "Grant DESCRIBE, DESCRIBE_CONFIGS and READ on the topics.", "user"),
    "TIMEOUT": (
        "The brokers did not answer in time.",
        "Check bootstrap_servers and security_protocol (a broker with TLS is silent without it), or raise PURSIGHT_SOURCE_TIMEOUT_S.",
        "bootstrap_servers",
    ),
    "NOT_FOUND": ("There is no such topic.", "Scan the source again.", "bootstrap_servers"),
    "TLS": (
        "The brokers and this machine could not agree on TLS.",
        "Check security_protocol, sslrootcert, and that the name in bootstrap_servers is in the certificate.",
        "security_protocol",
    ),
    "UNREACHABLE": (
        "No broker accepts connections.",
        "Check bootstrap_servers, security_protocol, and that a firewall lets this machine through to all brokers.",
        "bootstrap_servers",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic by its metadata; ``settings`` are those of ``SETTINGS`` by their broker's name, ``kept`` the offsets between first and last.

    ``readable`` are the partitions that have a leader now.
    """

    name: str
    partitions: int
    readable: tuple[int, ...]
    replicas: int
    settings: Mapping[str, str] = field(default_factory=dict)
    kept: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message; never kept."""

    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)


class Cluster:
    """Connections to the brokers, opened at first use; all methods raise ``ConnectionFailed``."""

    def __init__(self, servers: Sequence[str], options: Mapping[str, Any], timeout_s: float) -> None:
        self._servers, self._timeout_s = list(servers), timeout_s
        self._options = dict(options)
        self._admin: AIOKafkaAdminClient | None = None
        self._consumer: AIOKafkaConsumer | None = None

    async def brokers(self) -> int:
        """How many brokers there are."""
        admin = await self._open()
        try:
            return len((await admin.describe_cluster())["brokers"])
        except Exception as error:
            raise broker_failure(error) from None

    async def topics(self) -> list[Topic]:
        """All topics that the account may see, internal ones apart, sorted by name."""
        admin = await self._open()
        try:
            found = await admin.describe_topics()
        except Exception as error:
            raise broker_failure(error) from None
        return sorted(
            (
                Topic(
                    each["topic"],
                    len(each["partitions"]),
                    tuple(sorted(part["partition"] for part in each["partitions"] if part["leader"] >= 0)),
                    max((len(part["replicas"]) for part in each["partitions"]), default=0),
                )
                for each in found
                if not each["is_internal"] and not internal(each["topic"]) and not each["error_code"]
            ),
            key=lambda topic: topic.name,
        )

    async def settings(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        """Those of ``SETTINGS`` by topic; a topic whose settings the account may not see is left out."""
        from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

        admin = await self._open()
        found: dict[str, dict[str, str]] = {}
        for start in range(0, len(names), _MOST_AT_ONCE):
            wanted = [
                ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(SETTINGS, ""))
                for name in names[start : start + _MOST_AT_ONCE]
            ]
            try:
                answers = await admin.describe_configs(wanted)
            except Exception as error:
                raise broker_failure(error) from None
            for answer in answers:
                for code, _, _, name, entries in answer.resources:
                    if not code:
                        found[name] = {entry[0]: str(entry[1]) for entry in entries if entry[0] in SETTINGS}
        return found

    async def kept(self, topics: Sequence[Topic]) -> dict[str, int]:
        """Offsets between the first and the next message by topic: how many messages there are, and of compacted topics at most."""
        consumer = await self._reader()
        found: dict[str, int] = {}
        for start in range(0, len(topics), _MOST_AT_ONCE):
            some = topics[start : start + _MOST_AT_ONCE]
            places = [place for topic in some for place in _places(topic)]
            for place, (first, end) in (await _span(consumer, places)).items():
                found[place.topic] = found.get(place.topic, 0) + end - first
        return found

    async def newest(self, topic: Topic, most: int) -> list[Message]:
        """At most so many of the newest messages of all partitions, without regard to time."""
        consumer = await self._reader()
        spans = await _span(consumer, _places(topic)[:_MOST_PARTITIONS])
        starts = _starts(spans, most)
        if not starts:
            return []
        found: list[Message] = []
        size, deadline = 0, time.monotonic() + self._timeout_s
        try:
            for place, offset in starts.items():
                consumer.seek(place, offset)
                consumer.resume(place)
            left = set(starts)
            while left and len(found) < most and size < _MOST_BYTES and time.monotonic() < deadline:
                batches = await consumer.getmany(*left, timeout_ms=_WAIT_MS, max_records=most - len(found))
                for messages in batches.values():
                    for each in messages:
                        found.append(Message(each.key, each.value))
                        size += len(each.key or b"") + len(each.value or b"")
                for place in list(left):
                    if await consumer.position(place) >= spans[place][1]:
                        left.discard(place)
                        consumer.pause(place)
        except Exception as error:
            raise broker_failure(error) from None
        finally:
            consumer.pause(*starts)
        return found

    async def close(self) -> None:
        consumer, admin = self._consumer, self._admin
        self._consumer = self._admin = None
        if consumer is not None:
            await consumer.stop()
        if admin is not None:
            await admin.close()

    async def _open(self) -> AIOKafkaAdminClient:
        from aiokafka.admin import AIOKafkaAdminClient

        if self._admin is None:
            await self._try()
            admin = AIOKafkaAdminClient(**self._client())
            try:
                await admin.start()
            except Exception as error:
                await admin.close()
                raise broker_failure(error) from None
            self._admin = admin
        return self._admin

    async def _reader(self) -> AIOKafkaConsumer:
        from aiokafka import AIOKafkaConsumer

        if self._consumer is None:
            await self._open()
            consumer = AIOKafkaConsumer(
                **self._client(), group_id=None, enable_auto_commit=False, fetch_max_wait_ms=_NOTHING_MS
            )
            try:
                await consumer.start()
            except Exception as error:
                await consumer.stop()
                raise broker_failure(error) from None
            self._consumer = consumer
        return self._consumer

    def _client(self) -> dict[str, Any]:
        return {
            "bootstrap_servers": self._servers,
            "client_id": "pursight",
            "request_timeout_ms": max(1000, int(self._timeout_s * 1000)),
            **self._options,
        }

    async def _try(self) -> None:
        """Connect to one of the servers alone: the client that looks for any of them says only that it found none."""
        from aiokafka.conn import create_conn

        told: ConnectionFailed | None = None
        options = {key: each for key, each in self._client().items() if key != "bootstrap_servers"}
        for server in self._servers:
            host, _, port = server.rpartition(":")
            try:
                connection = await create_conn(host.strip("[]"), int(port), **options)
            except Exception as error:
                told = told or broker_failure(error)
            else:
                await connection.close()
                return
        if told is not None:
            raise told


def internal(name: str) -> bool:
    """Whether a topic is the cluster's own, or that of a tool around it."""
    return name.startswith(("__", "_confluent")) or name == "_schemas"


def broker_failure(error: BaseException) -> ConnectionFailed:
    """What an error of the client means; never its own text, which may hold addresses."""
    while isinstance(error.__cause__, ConnectionFailed | ssl.SSLError):
        error = error.__cause__
    if isinstance(error, ConnectionFailed):  # the policy's own refusal
        return ConnectionFailed(
            error.cause, error.message, error.remedy, path=("config", "bootstrap_servers")
        )
    if isinstance(error, ImportError):
        raise error
    names = {each.__name__ for each in type(error).__mro__}
    cause = next((cause for cause, kinds in _CAUSES if names & set(kinds)), "UNREACHABLE")
    if isinstance(error, ssl.SSLError):
        cause = "TLS"
    message, remedy, place = _WORDS[cause]
    return ConnectionFailed("UNKNOWN" if cause == "TLS" else cause, message, remedy, path=("config", place))


def _places(topic: Topic) -> list[TopicPartition]:
    from aiokafka import TopicPartition

    return [TopicPartition(topic.name, number) for number in topic.readable]


async def _span(
    consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]
) -> dict[TopicPartition, tuple[int, int]]:
    """First and next offset by partition; the consumer holds these partitions afterwards, and reads none of them."""
    if not places:
        return {}
    try:
        # At once, since of partitions that it does not hold the consumer asks one after the other who leads them.
        consumer.assign(places)
        consumer.pause(*places)
        first, end = await asyncio.gather(consumer.beginning_offsets(places), consumer.end_offsets(places))
    except Exception as error:
        raise broker_failure(error) from None
    return {place: (first[place], end[place]) for place in places}


def _starts(spans: Mapping[TopicPartition, tuple[int, int]], most: int) -> dict[TopicPartition, int]:
    """Where to begin in each partition for ``most`` messages from the ends, spread as evenly as the partitions allow."""
    starts: dict[TopicPartition, int] = {}
    filled = sorted(
        ((place, first, end) for place, (first, end) in spans.items() if end > first),
        key=lambda each: each[2] - each[1],
    )
    for n, (place, first, end) in enumerate(filled):
        share = -(-most // (len(filled) - n))
        taken = min(share, end - first, most)
        most -= taken
        if taken:
            starts[place] = end - taken
    return starts
