"""Kafka against a real broker; the registry is the small one of ``brokers``, and Apicurio under ``make test-kafka``."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fastavro
import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from graph_api.stack.process import LOOPBACK
from ingest.connectors.base import open_connector
from ingest.connectors.kafka import Kafka
from ingest.connectors.messages import shape_of
from ingest.connectors.registry import Registered
from ingest.formats.openlineage import extract
from ingest.formats.openlineage_events import parse_event
from ingest.network import NetworkPolicy
from ingest.stages.discover import discover
from ingest.stages.stop import Stop
from schema.domain.catalog import DiscoveredDataset, Subtype
from schema.domain.identity import Principal
from schema.domain.sources import ScanOptions
from schema.errors import ConnectionFailed, InvalidInput
from schema.settings import Settings
from tests.ingest.connectors.brokers import Broker, RegistryServer
from tests.scanning import scanned

ORDER = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "doc": "An order as the shop took it.",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "email", "type": ["null", "string"], "doc": "Of whoever ordered.", "default": None},
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {
            "name": "ship_to",
            "type": {
                "type": "record",
                "name": "Address",
                "fields": [{"name": "street", "type": "string"}, {"name": "city", "type": "string"}],
            },
        },
    ],
}
PAYMENT = """
syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
message Payment {
  int64 id = 1;
  string iban = 2;
  message Party { string name = 1; }
  repeated Party parties = 3;
  map<string, string> notes = 4;
  enum State { OPEN = 0; DONE = 1; }
  State state = 5;
  google.protobuf.Timestamp at = 6;
}
"""
CLICK = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "description": "A click.",
    "properties": {
        "url": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
        "user": {"$ref": "#/definitions/user"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "score": {"type": ["number", "null"]},
    },
    "required": ["url", "score"],
    "definitions": {"user": {"type": "object", "properties": {"id": {"type": "integer"}}}},
}


class Topics:
    """Makes topics and fills them, as producers do."""

    def __init__(self, broker: Broker) -> None:
        self._servers = broker.servers

    def make(self, name: str, partitions: int = 1, **settings: str) -> str:
        self.make_all(name, partitions=partitions, **settings)
        return name

    def make_all(self, *names: str, partitions: int = 1, **settings: str) -> None:
        async def work() -> None:
            from aiokafka.admin import AIOKafkaAdminClient, NewTopic

            admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
            await admin.start()
            configs = {key.replace("_", "."): value for key, value in settings.items()}
            wanted = [NewTopic(name, partitions, 1, topic_configs=configs) for name in names]
            made = await admin.create_topics(wanted)
            assert {error[1] for error in made.topic_errors} == {0}
            await admin.close()

        asyncio.run(work())

    def send(self, topic: str, *messages: tuple[bytes | None, bytes | None], partition: int = 0) -> None:
        async def work() -> None:
            from aiokafka import AIOKafkaProducer

            producer = AIOKafkaProducer(bootstrap_servers=self._servers, compression_type="zstd")
            await producer.start()
            for key, value in messages:
                await producer.send(topic, value, key, partition=partition)
            await producer.stop()

        asyncio.run(work())

    def groups(self) -> list[Any]:
        async def work() -> list[Any]:
            from aiokafka.admin import AIOKafkaAdminClient

            admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
            await admin.start()
            found = await admin.list_consumer_groups()
            await admin.close()
            return list(found)

        return asyncio.run(work())


@pytest.fixture
def topics(broker: Broker) -> Topics:
    return Topics(broker)


Open = Callable[..., Kafka]
EMAILS = Query(
    "test",
    "CYPHER 25 MATCH (d:Dataset {name: 'e2e.orders'}) MATCH (d)-[:CONTAINS]->(c:Column)-[:CLASSIFIED_AS]->(l) "
    "WITH d, collect(DISTINCT c.name + ' ' + l.name) AS tags "
    "RETURN d.subtype AS subtype, d.properties AS properties, tags, "
    "COLLECT { MATCH (n) RETURN properties(n) } AS everything",
    "read",
    frozenset(),
    ("subtype", "properties", "tags", "everything"),
    1000,
)


@pytest.fixture
def opened(broker: Broker, registry: RegistryServer, access: NetworkPolicy) -> Iterator[Open]:
    """Opens connectors of broker and registry, and closes them."""
    held: list[Any] = []

    def start(*, policy: NetworkPolicy | None = None, **config: Any) -> Kafka:
        settings = {"bootstrap_servers": broker.servers, **registry.settings, **config}
        found = open_connector("kafka", settings, access=policy or access)
        assert isinstance(found, Kafka)
        held.append(found)
        return found

    yield start
    for each in held:
        each.close()


def described(connector: Kafka, *names: str) -> dict[str, DiscoveredDataset]:
    found = list(connector.discover(names))
    return {each.name: each for each in found if isinstance(each, DiscoveredDataset)}


def columns(dataset: DiscoveredDataset) -> dict[str, str]:
    return {column.name: column.data_type for column in dataset.columns}


def framed(ident: int, content: bytes) -> bytes:
    return b"\0" + ident.to_bytes(4, "big") + content


def avro(ident: int, schema: Any, value: Any) -> bytes:
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(schema), value)
    return framed(ident, stream.getvalue())


def an_order(number: int) -> dict[str, Any]:
    from datetime import UTC, datetime
    from decimal import Decimal

    address = {"street": "Rue 1", "city": "Lyon"}
    email = f"person{number}@example.org"
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return {"id": number, "email": email, "total": Decimal("9.50"), "at": at, "ship_to": address}


def test_a_topic_is_a_dataset_with_the_columns_of_its_avro_schemas(
    opened: Open, topics: Topics, registry: RegistryServer, broker: Broker
) -> None:
    topics.make("avro.orders", 3, cleanup_policy="compact", retention_ms="3600000")
    registry.register("avro.orders-value", "AVRO", json.dumps({**ORDER, "doc": "First."}))
    registry.register("avro.orders-value", "AVRO", json.dumps(ORDER))
    key = {"type": "record", "name": "Key", "fields": [{"name": "id", "type": "long"}]}
    registry.register("avro.orders-key", "AVRO", json.dumps(key))
    for part in ("key", "value"):
        registry.ask("PUT", f"config/avro.orders-{part}", {"compatibility": "FULL"})
    [found] = described(opened(), "avro.orders").values()
    port = broker.servers.rpartition(":")[2]
    assert str(found.urn) == f"dataset:kafka://localhost:{port}~avro.orders"
    assert (found.subtype, found.comment) == (Subtype.TOPIC, "An order as the shop took it.")
    assert columns(found) == {
        "id": "long",
        "email": "string",
        "total": "decimal(9, 2)",
        "at": "timestamp-millis",
        "ship_to": "struct<street: string, city: string>",
        "key.id": "long",
    }
    by_name = {column.name: column for column in found.columns}
    assert (by_name["email"].nullable, by_name["email"].comment) == (True, "Of whoever ordered.")
    assert [column.name for column in found.columns if column.primary_key] == ["key.id"]
    assert [column.ordinal for column in found.columns] == [1, 2, 3, 4, 5, 6]
    told = dict(found.properties)
    assert int(told.pop("value_schema_id")) > 0
    assert int(told.pop("key_schema_id")) > 0
    assert told == {
        "partitions": "3",
        "replication_factor": "1",
        "cleanup_policy": "compact",
        "retention_ms": "3600000",
        "retention_bytes": "-1",
        "min_insync_replicas": "1",
        "value_schema_type": "AVRO",
        "value_schema_version": "2",
        "value_schema_compatibility": "FULL",
        "key_schema_type": "AVRO",
        "key_schema_version": "1",
        "key_schema_compatibility": "FULL",
    }


def test_an_openlineage_event_about_a_topic_means_the_scanned_one(
    opened: Open, topics: Topics, broker: Broker
) -> None:
    topics.make("events.shared")
    [scanned_topic] = described(opened(), "events.shared").values()
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-01T00:00:00Z",
        "producer": "https://example.org/flink",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "0176a8c2-fe01-7439-87e6-56a1a1b4029f"},
        "job": {"namespace": "flink", "name": "enrich"},
        "inputs": [{"namespace": f"kafka://{broker.servers}", "name": "events.shared"}],
        "outputs": [],
    }
    [named] = extract([parse_event(event)]).datasets
    assert named.urn == scanned_topic.urn


def test_topics_of_the_cluster_itself_and_excluded_ones_are_left_out(opened: Open, topics: Topics) -> None:
    for name in ("left.in", "left.out", "_confluent-metrics"):
        topics.make(name)
    found = described(opened(include=("left.*", "_*"), exclude=("*.out",)))
    assert list(found) == ["left.in"]


def test_json_schemas_and_protobuf_give_columns_too(
    opened: Open, topics: Topics, registry: RegistryServer
) -> None:
    for name, kind, text in (("j.clicks", "JSON", json.dumps(CLICK)), ("p.payments", "PROTOBUF", PAYMENT)):
        topics.make(name)
        registry.register(f"{name}-value", kind, text)
    found = described(opened(), "j.clicks", "p.payments")
    assert columns(found["j.clicks"]) == {
        "url": "string",
        "at": "timestamp",
        "user": "struct<id: integer>",
        "tags": "array<string>",
        "score": "number",
    }
    nullable = {column.name: column.nullable for column in found["j.clicks"].columns}
    assert nullable == {"url": False, "at": True, "user": True, "tags": True, "score": True}
    assert columns(found["p.payments"]) == {
        "id": "int64",
        "iban": "string",
        "parties": "array<struct<name: string>>",
        "notes": "map<string, string>",
        "state": "string",
        "at": "timestamp",
    }


def test_a_schema_that_refers_to_another_is_read_with_it(
    opened: Open, topics: Topics, registry: RegistryServer
) -> None:
    topics.make("ref.orders")
    address = ORDER["fields"][4]["type"]  # type: ignore[index]
    registry.register("ref.address", "AVRO", json.dumps({**address, "namespace": "shop"}))
    order = {
        "type": "record",
        "name": "Slim",
        "namespace": "shop",
        "fields": [{"name": "to", "type": "shop.Address"}],
    }
    reference = {"name": "shop.Address", "subject": "ref.address", "version": 1}
    ident = registry.register("ref.orders-value", "AVRO", json.dumps(order), [reference])
    whole = {**order, "fields": [{"name": "to", "type": address}]}
    topics.send("ref.orders", (None, avro(ident, whole, {"to": {"street": "Rue 1", "city": "Lyon"}})))
    connector = opened()
    [found] = described(connector, "ref.orders").values()
    assert columns(found) == {"to": "shop.Address"}
    assert connector.sample(found, 5).values == {"to": [{"street": "Rue 1", "city": "Lyon"}]}


def test_samples_are_decoded_by_the_schema_that_each_message_names(
    opened: Open, topics: Topics, registry: RegistryServer
) -> None:
    from google.protobuf import message_factory

    from ingest.connectors.protobuf import messages

    topics.make("s.orders")
    topics.make("s.payments")
    topics.make("s.clicks")
    slim = {**ORDER, "fields": ORDER["fields"][:2]}  # type: ignore[index]
    old = registry.register("s.orders-value", "AVRO", json.dumps(slim))
    new = registry.register("s.orders-value", "AVRO", json.dumps({**ORDER, "doc": "s"}))
    key = registry.register("s.orders-key", "AVRO", '"string"')
    topics.send(
        "s.orders",
        (avro(key, "string", "k1"), avro(old, slim, {"id": 1, "email": "old@example.org"})),
        (avro(key, "string", "k2"), avro(new, ORDER, an_order(2))),
        (avro(key, "string", "k3"), None),
        (None, framed(new, b"\xff\xff")),
    )
    payment = registry.register("s.payments-value", "PROTOBUF", PAYMENT)
    kind: Any = message_factory.GetMessageClass(messages(PAYMENT, {})[0])
    body = kind(id=7, iban="DE89370400440532013000", parties=[{"name": "Ada"}]).SerializeToString()
    topics.send("s.payments", (None, framed(payment, b"\0" + body)))
    click = registry.register("s.clicks-value", "JSON", json.dumps(CLICK))
    topics.send("s.clicks", (None, framed(click, b'{"url": "/a", "score": 0.5}')), (None, b'{"url": "/b"}'))

    connector = opened()
    found = described(connector, "s.*")
    orders = connector.sample(found["s.orders"], 10).values
    assert orders["email"] == ["old@example.org", "person2@example.org", None, None]
    assert orders["key"] == ["k1", "k2", "k3", None]
    assert "bytes" not in orders
    paid = connector.sample(found["s.payments"], 10).values
    assert (paid["id"], paid["iban"], paid["parties"]) == (
        [7],
        ["DE89370400440532013000"],
        [[{"name": "Ada"}]],
    )
    assert connector.sample(found["s.clicks"], 10).values["url"] == ["/a", "/b"]


def test_a_sample_takes_the_newest_messages_of_all_partitions_and_leaves_no_trace(
    opened: Open, topics: Topics
) -> None:
    topics.make("big", 3)
    for partition, count in enumerate((200, 3, 0)):
        messages = [(None, json.dumps({"n": n, "p": partition}).encode()) for n in range(count)]
        topics.send("big", *messages, partition=partition)
    connector = opened()
    found = discover(connector, ScanOptions(include=("big",)), Stop(), lambda _: None).datasets
    assert [each.row_count for each in found] == [203]
    taken = connector.sample(found[0], 20).values
    pairs = sorted(zip(taken["p"], taken["n"], strict=True))
    assert pairs == [(0, n) for n in range(183, 200)] + [(1, n) for n in range(3)]
    assert topics.groups() == []


def test_a_partition_without_a_leader_hides_neither_its_topic_nor_the_other_partitions(
    opened: Open, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker alone leads every partition that there is: what it says of one is changed on its way."""
    from aiokafka.admin import AIOKafkaAdminClient

    topics.make("headless", 2)
    for partition in (0, 1):
        topics.send("headless", (None, json.dumps({"p": partition}).encode()), partition=partition)
    told = AIOKafkaAdminClient.describe_topics

    async def without_a_leader(self: Any, *given: Any) -> Any:
        found = await told(self, *given)
        for part in (part for each in found if each["topic"] == "headless" for part in each["partitions"]):
            part["leader"] = -1 if part["partition"] == 1 else part["leader"]
        return found

    monkeypatch.setattr(AIOKafkaAdminClient, "describe_topics", without_a_leader)
    connector = opened()
    found = described(connector, "headless")["headless"]
    assert (found.properties["partitions"], found.row_count) == ("2", 1)
    inferred = connector.infer(found, 20)
    assert isinstance(inferred, DiscoveredDataset)
    assert connector.sample(inferred, 20).values == {"p": [0]}


def test_a_cluster_of_many_topics_is_not_asked_topic_by_topic_who_leads_them(
    opened: Open, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aiokafka.conn import AIOKafkaConnection

    topics.make_all(*(f"many.{n}" for n in range(30)))
    send, asked = AIOKafkaConnection.send, list[str]()

    def counted(self: Any, request: Any, *given: Any, **more: Any) -> Any:
        asked.append(type(request).__name__)
        return send(self, request, *given, **more)

    monkeypatch.setattr(AIOKafkaConnection, "send", counted)
    found = described(opened(), "many.*")
    assert {each.row_count for each in found.values()} == {0}
    assert len(found) == 30
    assert len(asked) < 30, asked


def test_columns_without_a_schema_are_guessed_only_where_a_scan_may_sample(
    opened: Open, topics: Topics
) -> None:
    topics.make("g.json")
    topics.make("g.text")
    topics.make("g.empty")
    rows = [{"id": 1, "who": {"name": "Ada"}}, {"id": 2.5, "tags": ["a"], "note": None}]
    topics.send("g.json", *((None, json.dumps(row).encode()) for row in rows))
    topics.send("g.text", (None, b"hello"))
    silent = discover(opened(), ScanOptions(include=("g.*",), sample_rows=0), Stop(), lambda _: None)
    assert [columns(each) for each in silent.datasets] == [{}, {}, {}]
    assert silent.problems == []
    found = discover(opened(), ScanOptions(include=("g.*",)), Stop(), lambda _: None)
    by_name = {each.name: each for each in found.datasets}
    assert columns(by_name["g.json"]) == {
        "id": "number",
        "note": "",
        "tags": "array<string>",
        "who": "struct<name: string>",
    }
    assert by_name["g.json"].properties["columns_from"] == "sampled JSON"
    assert [(each.code, each.subject) for each in found.problems] == [
        ("NO_SCHEMA", "g.empty"),
        ("NO_SCHEMA", "g.text"),
    ]
    assert found.complete


def test_messages_that_name_a_schema_of_another_subject_give_their_topic_its_columns(
    opened: Open, topics: Topics, registry: RegistryServer
) -> None:
    topics.make("by.record")
    ident = registry.register("shop.Order", "AVRO", json.dumps({**ORDER, "doc": "r"}))
    topics.send("by.record", (None, avro(ident, ORDER, an_order(1))))
    found = discover(opened(), ScanOptions(include=("by.record",)), Stop(), lambda _: None)
    assert list(columns(found.datasets[0])) == ["id", "email", "total", "at", "ship_to"]


def test_a_schema_that_cannot_be_read_keeps_its_topic_and_tells(
    opened: Open, topics: Topics, registry: RegistryServer
) -> None:
    topics.make("bad.proto")
    text = 'syntax = "proto3"; import "google/type/money.proto"; message P { google.type.Money m = 1; }'
    try:
        registry.register("bad.proto-value", "PROTOBUF", text)
    except OSError:
        pytest.skip("this registry takes no such schema")
    found = discover(opened(), ScanOptions(include=("bad.*",)), Stop(), lambda _: None)
    assert [each.name for each in found.datasets] == ["bad.proto"]
    assert [(each.code, each.subject) for each in found.problems] == [("BAD_SCHEMA", "bad.proto")]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("AVRO", "{"),
        ("AVRO", '{"type": "record", "fields": []}'),
        ("AVRO", '"Unknown"'),
        ("JSON", "[]"),
        ("JSON", '{"$ref": "#/nowhere"}'),
        ("JSON", '{"$ref": "#"}'),
        ("PROTOBUF", "message {"),
        ("PROTOBUF", 'syntax = "proto3"; message P { Nowhere n = 1; }'),
        ("PROTOBUF", 'syntax = "proto3"; message P { string a = 1; string b = 1; }'),
        ("THRIFT", "struct S {}"),
    ],
)
def test_a_broken_schema_is_a_value_error_whatever_its_library_raises(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match="not a schema"):
        shape_of(Registered("s", 1, 1, kind, text), {})


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = {"type": "object", "properties": {"child": {"$ref": "#"}, "n": {"type": "integer"}}}
    found = shape_of(Registered("s", 1, 1, "JSON", json.dumps(tree)), {})
    assert [each.data_type for each in found.columns] == ["struct<child: #, n: integer>", "integer"]
    node = {"type": "record", "name": "N", "fields": [{"name": "next", "type": ["null", "N"]}]}
    assert [
        each.data_type for each in shape_of(Registered("s", 1, 1, "AVRO", json.dumps(node)), {}).columns
    ] == ["N"]


def test_the_check_counts_topics_and_subjects_and_reads_a_message(opened: Open, topics: Topics) -> None:
    topics.make("check.me")
    report = opened().check()
    assert report.version == "Kafka, 1 broker"
    assert all(finding.ok for finding in report.findings)
    assert "subjects" in report.findings[0].message


def test_an_account_over_tls_is_checked_and_its_password_never_told(
    opened: Open, broker: Broker, tmp_path: Path
) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_bytes(broker.authority)
    secured = {
        "bootstrap_servers": broker.secured,
        "security_protocol": "SASL_SSL",
        "user": broker.user,
        "password": broker.password,
        "sslrootcert": str(authority),
        "registry_url": "",
    }
    assert opened(**secured).check().version == "Kafka, 1 broker"
    with pytest.raises(ConnectionFailed) as refused:
        opened(**{**secured, "password": "canary-5f1e"}).check()
    assert (refused.value.cause, refused.value.path) == ("CREDENTIALS", ("config", "password"))
    assert "canary" not in f"{refused.value!r} {refused.value.__cause__!r} {refused.value.__context__!r}"
    with pytest.raises(ConnectionFailed, match="agree on TLS"):
        opened(**{**secured, "sslrootcert": ""}).check()


@pytest.mark.parametrize(
    ("config", "cause", "field"),
    [
        ({"registry_password": "canary-5f1e"}, "CREDENTIALS", "registry_password"),
        ({"registry_url": "http://127.0.0.1:1/"}, "UNREACHABLE", "registry_url"),
        ({"registry_url": "http://user:canary-5f1e@localhost/"}, "BAD_URL", "registry_url"),
        ({"registry_url": "ftp://localhost/"}, "BAD_URL", "registry_url"),
        ({"bootstrap_servers": "127.0.0.1:1"}, "UNREACHABLE", "bootstrap_servers"),
    ],
)
def test_what_cannot_be_reached_names_its_field(
    opened: Open, registry: RegistryServer, config: dict[str, str], cause: str, field: str
) -> None:
    if "registry_password" in config and not registry.user:
        pytest.skip("this registry asks for no account")
    with pytest.raises(ConnectionFailed) as failed:
        list(opened(**config).discover())
    assert (failed.value.cause, failed.value.path) == (cause, ("config", field))
    assert "canary" not in f"{failed.value!r} {failed.value.remedy}"


def test_a_broker_that_names_an_inner_address_leads_nobody_there(
    opened: Open, broker: Broker, access: NetworkPolicy
) -> None:
    class OnlyOnce(NetworkPolicy):
        """The address that the person gave is fine, those that the broker then tells are inner ones."""

        asked: list[str] = []

        def resolve(self, host: str, port: int) -> str:
            self.asked.append(host)
            if len(self.asked) > 1:
                return NetworkPolicy(timeout_s=2).resolve(host, port)
            return host

    with pytest.raises(ConnectionFailed) as refused:
        opened(policy=OnlyOnce(allow_private=True, timeout_s=2), registry_url="").check()
    assert refused.value.cause == "BLOCKED_ADDRESS"


@pytest.mark.parametrize(
    ("config", "what"),
    [
        ({"bootstrap_servers": "http://kafka"}, "host:port"),
        ({"bootstrap_servers": "a:b"}, "host:port"),
        ({"security_protocol": "SASL_SSL"}, "user and password"),
        ({"sslcert": "/x"}, "belong together"),
        ({"topics": "x"}, "not a setting"),
    ],
)
def test_settings_that_fit_no_cluster_are_told_before_anything_is_asked(
    access: NetworkPolicy, config: dict[str, str], what: str
) -> None:
    with pytest.raises(InvalidInput, match=what):
        open_connector("kafka", {"bootstrap_servers": "localhost:9092", **config}, access=access)


def test_a_broker_that_never_answers_is_left_when_it_is_interrupted(opened: Open) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        policy = NetworkPolicy(allow_private=True, timeout_s=60)
        connector = opened(policy=policy, bootstrap_servers=f"{LOOPBACK}:{silent.getsockname()[1]}")

        def interrupt() -> None:
            silent.accept()  # the first connection is the connector's
            connector.interrupt()

        threading.Thread(target=interrupt, daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(ConnectionFailed) as failed:
            connector.check()
    assert failed.value.cause == "TIMEOUT"
    assert time.monotonic() - begun < 20


async def test_a_scan_finds_personal_data_in_a_topic_and_keeps_no_value(
    graph: GraphSession,
    admin: Principal,
    redis_url: str,
    config: Settings,
    broker: Broker,
    registry: RegistryServer,
) -> None:
    topics = Topics(broker)
    await asyncio.to_thread(topics.make, "e2e.orders", 2)
    schema = json.dumps({**ORDER, "doc": "e2e"})
    ident = await asyncio.to_thread(registry.register, "e2e.orders-value", "AVRO", schema)
    messages = [(None, avro(ident, ORDER, an_order(n))) for n in range(60)]
    await asyncio.to_thread(topics.send, "e2e.orders", *messages)
    account = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in registry.settings.items())
    recipe = (
        "source:\n  name: events\n  type: kafka\n  config:\n"
        f"    bootstrap_servers: {broker.servers}\n    include: [e2e.*]\n{account}"
    )
    run = await scanned(graph, admin, redis_url, config, recipe)
    assert run["problems"] == []
    found = await graph.one(EMAILS)
    assert found is not None
    assert found["subtype"] == "TOPIC"
    assert json.loads(found["properties"])["partitions"] == "2"
    assert found["tags"] == ["email EMAIL"]
    assert "person7@example.org" not in json.dumps(found["everything"])
