"""Topics of a Kafka cluster, with the schemas of a registry; messages are read only where a scan takes samples.

Names follow OpenLineage: ``kafka://host:port`` of the first bootstrap server, and the topic.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self, TypeVar

from pydantic import Field, SecretStr, field_validator, model_validator

from ingest.connectors.base import (
    Capability,
    CheckReport,
    ConnectorConfig,
    Finding,
    Sample,
    connector,
    selected,
)
from ingest.connectors.brokers import SETTINGS, Cluster, Message, Topic
from ingest.connectors.failures import missing_driver
from ingest.connectors.guarded import GuardedLoop
from ingest.connectors.messages import Shape, as_json, decoded, guessed, header, shape_of
from ingest.connectors.registry import Registered, Registry
from ingest.connectors.relational import shortened
from ingest.connectors.structure import problem
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.platforms import canonical_namespace, dataset_urn
from schema.domain.scans import Problem, Severity
from schema.errors import ConnectionFailed

T = TypeVar("T")
MOST_GUESSED = 100  # messages by which columns are guessed
_AT_ONCE = 8  # questions to the registry
_PARTS = ("key", "value")


class KafkaConfig(ConnectorConfig):
    """Brokers of one cluster, and the registry of its schemas."""

    bootstrap_servers: str = Field(
        min_length=1,
        description="Brokers to begin with, as host:port,host:port; the first one is the identity.",
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="Whether TLS and an account are needed."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="PLAIN", description="How the account is proved."
    )
    user: str = Field(default="", description="Account that may describe and read the topics.")
    password: SecretStr = Field(default=SecretStr(""), description="Its password, or a reference to one.")
    sslrootcert: str = Field(
        default="", description="Path of a file with the accepted authorities, of brokers and registry."
    )
    sslcert: str = Field(
        default="", description="Path of the client's certificate, where brokers ask for one."
    )
    sslkey: str = Field(default="", description="Path of its key, not encrypted.")
    registry_url: str = Field(
        default="", description="Schema registry with Confluent's interface; without one no schema is known."
    )
    registry_user: str = Field(default="", description="Account, or API key, of the registry.")
    registry_password: SecretStr = Field(
        default=SecretStr(""), description="Its password, or a reference to one."
    )
    include: tuple[str, ...] = Field(default=(), description="Globs over names of topics; all if empty.")
    exclude: tuple[str, ...] = Field(default=(), description="Globs over names of topics that are left out.")
    namespace: str = Field(default="", description="Identity of the cluster if it is not its first broker.")

    @field_validator("bootstrap_servers")
    @classmethod
    def _are_addresses(cls, value: str) -> str:
        for each in _servers(value):
            host, colon, port = each.rpartition(":")
            if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536 or "/" in host:
                raise ValueError("write host:port, and a comma between several")
        return value

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.security_protocol.startswith("SASL") and not self.user:
            raise ValueError("SASL needs user and password")
        if bool(self.sslcert) != bool(self.sslkey):
            raise ValueError("sslcert and sslkey belong together")
        return self


def _servers(text: str) -> list[str]:
    return [part if ":" in part else f"{part}:9092" for part in map(str.strip, text.split(",")) if part]


@connector
class Kafka:
    """Reads the structure at first use; of a topic without a schema, ``infer`` guesses columns from messages."""

    kind: ClassVar[str] = "kafka"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SCHEMA, Capability.SAMPLE})
    drivers: ClassVar[tuple[str, ...]] = ("aiokafka", "aiokafka.admin", "httpx", "fastavro")
    Config: ClassVar[type[ConnectorConfig]] = KafkaConfig

    def __init__(self, config: KafkaConfig, *, access: NetworkPolicy) -> None:
        self._config, self._access = config, access
        self._loop = GuardedLoop(access)
        servers = _servers(config.bootstrap_servers)
        self._namespace = canonical_namespace(config.namespace or f"kafka://{servers[0]}")
        self._cluster = Cluster(servers, self._options(), access.timeout_s)
        self._registry: Registry | None = None
        self._topics: dict[str, Topic] = {}
        self._shapes: dict[int, Shape | None] = {}  # by id of the registry; None where it cannot be read

    @property
    def namespace(self) -> str:
        return self._namespace

    @property
    def root(self) -> str:
        return ""

    def check(self) -> CheckReport:
        return self._run(self._check())

    def discover(
        self, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> Iterator[DiscoveredDataset | Problem]:
        yield from self._run(self._discover(include, exclude))

    def infer(self, dataset: DiscoveredDataset, rows: int) -> DiscoveredDataset | Problem:
        """A topic without a schema with the columns that its newest messages show, or why they show none. Raises ``ConnectionFailed``."""
        return self._run(self._infer(dataset, min(rows, MOST_GUESSED)))

    def sample(self, dataset: DiscoveredDataset, rows: int) -> Sample:
        names = tuple(column.name for column in dataset.columns if column.data_type != "bytes")
        found = self._run(self._rows(dataset, rows)) if names and rows > 0 else []
        return Sample(names, {name: [shortened(row.get(name)) for row in found] for name in names})

    def interrupt(self) -> None:
        self._loop.interrupt()

    def close(self) -> None:
        if self._loop.is_closed():
            return
        with suppress(ConnectionFailed):
            self._run(self._close())
        self._loop.finish()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        self._loop.refusal = None
        try:
            return self._loop.run(work)
        except ConnectionFailed as error:
            refusal = self._loop.refusal
            if refusal is not None and error.cause in ("UNREACHABLE", "TIMEOUT"):
                raise ConnectionFailed(
                    refusal.cause, refusal.message, refusal.remedy, path=error.path
                ) from None
            raise
        except ImportError:
            raise missing_driver("Kafka", "aiokafka") from None

    def _options(self) -> dict[str, Any]:
        config = self._config
        options: dict[str, Any] = {"security_protocol": config.security_protocol}
        if config.security_protocol.endswith("SSL"):
            context = self._tls()
            if config.sslcert:
                files = [
                    str(self._access.local_path(getattr(config, f), field=f)) for f in ("sslcert", "sslkey")
                ]
                try:
                    context.load_cert_chain(files[0], files[1], password="")
                except (OSError, ssl.SSLError):
                    raise _bad_file("sslcert") from None
            options["ssl_context"] = context
        if config.security_protocol.startswith("SASL"):
            options |= {
                "sasl_mechanism": config.sasl_mechanism,
                "sasl_plain_username": config.user,
                "sasl_plain_password": config.password.get_secret_value(),
            }
        return options

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._config.sslrootcert:
            file = self._access.local_path(self._config.sslrootcert, field="sslrootcert")
            try:
                context.load_verify_locations(file)
            except (OSError, ssl.SSLError):
                raise _bad_file("sslrootcert") from None
        return context

    async def _check(self) -> CheckReport:
        brokers = await self._cluster.brokers()
        begun = time.perf_counter()
        topics = await self._listed((), ())
        latency_ms = (time.perf_counter() - begun) * 1000
        told = f"{len(topics)} topics are visible."
        if registry := self._registered():
            told += f" The registry has {len(await registry.subjects())} subjects."
        elif topics:
            told += " Without a registry, columns are guessed from samples of JSON."
        message, readable = "There is no topic yet.", True
        if topics:
            try:
                await self._cluster.newest(topics[0], 1)
                message = "Messages can be read."
            except ConnectionFailed as error:
                message, readable = error.message, False
        findings = (Finding(Capability.SCHEMA, True, told), Finding(Capability.SAMPLE, readable, message))
        version = f"Kafka, {brokers} broker{'s' * (brokers != 1)}"
        return CheckReport(self.namespace, version, round(latency_ms, 1), findings)

    async def _listed(self, include: Sequence[str], exclude: Sequence[str]) -> list[Topic]:
        found = [
            topic
            for topic in await self._cluster.topics()
            if selected((topic.name,), self._config.include, self._config.exclude)
            and selected((topic.name,), include, exclude)
        ]
        self._topics |= {topic.name: topic for topic in found}
        return found

    async def _discover(
        self, include: Sequence[str], exclude: Sequence[str]
    ) -> list[DiscoveredDataset | Problem]:
        topics = await self._listed(include, exclude)
        settings = await self._cluster.settings([topic.name for topic in topics])
        try:
            kept = await self._cluster.kept(topics)
        except ConnectionFailed as error:
            if error.cause != "PERMISSION":
                raise
            kept = {}
        registry = self._registered()
        subjects = await registry.subjects() if registry else frozenset[str]()
        gate = asyncio.Semaphore(_AT_ONCE)
        described = await asyncio.gather(
            *(
                self._described(
                    replace(topic, settings=settings.get(topic.name, {}), kept=kept.get(topic.name)),
                    subjects,
                    gate,
                )
                for topic in topics
            )
        )
        return [each for some in described for each in some]

    async def _described(
        self, topic: Topic, subjects: frozenset[str], gate: asyncio.Semaphore
    ) -> list[DiscoveredDataset | Problem]:
        properties = {
            "partitions": str(topic.partitions),
            "replication_factor": str(topic.replicas),
            **{SETTINGS[name]: value for name, value in topic.settings.items()},
        }
        problems: list[Problem] = []
        columns: list[DiscoveredColumn] = []
        comment = None
        for part in reversed(_PARTS):  # what both have keeps the meaning that it has in the value
            subject = f"{topic.name}-{part}"
            if subject not in subjects:
                continue
            async with gate:
                found, more = await self._latest(subject, part)
            properties |= more
            if found is None:
                why = f"The schema of its {part}, registered as {subject}, cannot be read."
                problems.append(problem("BAD_SCHEMA", (topic.name,), why))
                continue
            comment = comment or found.comment
            # Of a compacted topic the newest message of each key stays: the key is what identifies a row.
            identifies = part == "key" and "compact" in topic.settings.get("cleanup.policy", "")
            added = [replace(each, primary_key=identifies) for each in found.named(part)]
            known = {each.name for each in columns}
            if any(each.name in known for each in added):
                why = "A field of its key has the name of one of its value; that of the value was kept."
                problems.append(problem("NAME_CLASH", (topic.name,), why))
            columns += [each for each in added if each.name not in known]
        dataset = DiscoveredDataset(
            urn=dataset_urn(self.namespace, topic.name),
            path=(topic.name,),
            subtype=Subtype.TOPIC,
            columns=tuple(replace(each, ordinal=n) for n, each in enumerate(columns, start=1)),
            comment=comment,
            row_count=topic.kept,
            properties=properties,
        )
        return [dataset, *problems]

    async def _latest(self, subject: str, part: str) -> tuple[Shape | None, dict[str, str]]:
        registry = self._registered()
        schema = await registry.latest(subject) if registry else None
        if registry is None or schema is None:  # it was deleted since the subjects were listed
            return None, {}
        compatibility = await registry.compatibility(subject)
        properties = {
            f"{part}_schema_type": schema.kind,
            f"{part}_schema_version": str(schema.version),
            f"{part}_schema_id": str(schema.ident),
            f"{part}_schema_compatibility": compatibility,
        }
        return await self._shape(registry, schema), properties

    async def _shape(self, registry: Registry, schema: Registered) -> Shape | None:
        if schema.ident not in self._shapes:
            try:
                self._shapes[schema.ident] = shape_of(schema, await registry.referred(schema))
            except ValueError:
                self._shapes[schema.ident] = None
        return self._shapes[schema.ident]

    async def _infer(self, dataset: DiscoveredDataset, rows: int) -> DiscoveredDataset | Problem:
        if "value_schema_type" in dataset.properties:
            return dataset
        messages = await self._newest(dataset, rows)
        values = [message.value for message in messages if message.value is not None]
        named = [shape for value in values if (shape := await self._named(value)) is not None]
        objects = [as_json(value) for value in values]
        if named:
            columns: dict[str, DiscoveredColumn] = {}
            for shape in named:
                for column in shape.named("value"):
                    columns.setdefault(column.name, column)
            found, how = tuple(columns.values()), "schemas that its messages name"
        else:
            found, how = guessed(objects), "sampled JSON"
        if not found:
            what = "its messages are not JSON objects" if values else "it has no messages"
            why = f"No schema is registered for its values, and {what}."
            return problem("NO_SCHEMA", (dataset.name,), why, Severity.INFO)
        keys = {each.name for each in dataset.columns}
        both = [*(each for each in found if each.name not in keys), *dataset.columns]
        found = tuple(replace(each, ordinal=n) for n, each in enumerate(both, start=1))
        return replace(dataset, columns=found, properties={**dataset.properties, "columns_from": how})

    async def _rows(self, dataset: DiscoveredDataset, rows: int) -> list[dict[str, object]]:
        found = []
        for message in await self._newest(dataset, rows):
            row: dict[str, object] = {}
            for part, content in (("key", message.key), ("value", message.value)):
                if content is not None:
                    row |= await self._read(part, content)
            found.append(row)
        return found

    async def _read(self, part: str, content: bytes) -> dict[str, object]:
        """A key or value by the names of its columns; empty where it cannot be read."""
        shape = await self._named(content)
        value = decoded(content, shape) if shape is not None else as_json(content)
        if shape is not None and shape.scalar:
            return {part: value}
        lead = "key." if part == "key" else ""
        return {lead + str(name): each for name, each in value.items()} if isinstance(value, dict) else {}

    async def _named(self, content: bytes) -> Shape | None:
        """The schema that a message names in the registry's wire format."""
        ident, registry = header(content), self._registered()
        if ident is None or registry is None:
            return None
        if ident not in self._shapes:
            schema = await registry.by_id(ident)
            if schema is None:
                self._shapes[ident] = None
            else:
                await self._shape(registry, schema)
        return self._shapes[ident]

    async def _newest(self, dataset: DiscoveredDataset, rows: int) -> list[Message]:
        if dataset.name not in self._topics:
            await self._listed((), ())
        topic = self._topics.get(dataset.name)
        if topic is None:
            raise ConnectionFailed("NOT_FOUND", "The topic is gone.", "Scan the source again.")
        return await self._cluster.newest(topic, rows)

    def _registered(self) -> Registry | None:
        config = self._config
        if self._registry is None and config.registry_url:
            self._registry = Registry(
                config.registry_url,
                config.registry_user,
                config.registry_password.get_secret_value(),
                context=self._tls(),
                access=self._access,
            )
        return self._registry

    async def _close(self) -> None:
        await self._cluster.close()
        if self._registry is not None:
            await self._registry.close()


def _bad_file(field: str) -> ConnectionFailed:
    return ConnectionFailed(
        "BAD_URL",
        f"The file for {field} cannot be read as what it should be.",
        "Give the path of a PEM file, readable to this process.",
        path=("config", field),
    )
