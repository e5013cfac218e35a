"""A real Kafka broker for tests, and schema registries that speak the interface of Confluent's.

The broker is Apache Kafka in KRaft mode from Maven Central (44 MB, once a machine). The registry of ordinary runs is ``SmallRegistry``, a server of
this file with the same answers; ``make test-kafka`` runs the same tests against Apicurio Registry, which is 142 MB to fetch.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from graph_api.stack.provision import java_executable, locked_jars, provisioned
from schema.errors import StackError
from schema.settings import Settings
from tests.servers import TOOLS, _install, _running, free_port

LOCK = Path(__file__).parents[2] / "kafka.lock"
APICURIO = "io.apicurio:apicurio-registry-app:2.6.13.Final:zip:all"
_APICURIO_SHA256 = "d88014c1addff1fc585e1e9510fc41276473726340f4e0997353b46342d3532b"
_JVM = ("-Xms192m", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")
_CLUSTER = "cHVyc2lnaHQtdGVzdHMtMA"


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker listens: ``servers`` in the clear, ``secured`` with TLS (proved by ``authority``) and an account."""

    servers: str
    secured: str
    authority: bytes
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class RegistryServer:
    """A registry: its address, and the account that it asks for, where it asks for one."""

    url: str
    user: str = ""
    password: str = ""

    @property
    def settings(self) -> dict[str, str]:
        account = {"registry_user": self.user, "registry_password": self.password} if self.user else {}
        return {"registry_url": self.url, **account}

    def register(
        self, subject: str, kind: str, schema: str, references: list[dict[str, Any]] | None = None
    ) -> int:
        """The id under which a schema is registered as the newest of a subject."""
        body = {"schemaType": kind, "schema": schema, "references": references or []}
        return int(self.ask("POST", f"subjects/{quote(subject, safe='')}/versions", body)["id"])

    def ask(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
        if self.user:
            headers["Authorization"] = _basic(self.user, self.password)
        request = urllib.request.Request(
            f"{self.url}/{path}",
            None if body is None else json.dumps(body).encode(),
            headers,
            method=method,
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@contextlib.contextmanager
def kafka_broker(folder: Path) -> Iterator[Broker]:
    """One broker that is its own controller; raises ``FileNotFoundError`` where it cannot be had."""
    try:
        jars, version = locked_jars(LOCK, "kafka_2.13")
        classpath = provisioned(
            "Kafka", jars, Settings().cache_dir / "kafka" / version / "jars", lambda step: None
        )
        java = str(java_executable())
    except StackError as error:
        raise FileNotFoundError(f"Kafka cannot be had here: {error.message}") from error
    folder.mkdir(parents=True, exist_ok=True)
    port, secured, controller = free_port(), free_port(), free_port()
    key, authority = _certificate()
    user, password = "reader", "k-3f9a:/ %"
    jaas = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}="{password}";'
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": f"PLAIN://127.0.0.1:{port},SECURED://127.0.0.1:{secured},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAIN://127.0.0.1:{port},SECURED://localhost:{secured}",
        "inter.broker.listener.name": "PLAIN",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAIN:PLAINTEXT,SECURED:SASL_SSL,CONTROLLER:PLAINTEXT",
        "listener.name.secured.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.secured.plain.sasl.jaas.config": jaas,
        "listener.name.secured.ssl.keystore.type": "PEM",
        "listener.name.secured.ssl.keystore.key": _escaped(key),
        "listener.name.secured.ssl.keystore.certificate.chain": _escaped(authority),
        "log.cleaner.dedupe.buffer.size": str(2 << 20),  # of 128 MiB, else
        "num.network.threads": "1",
        "num.io.threads": "2",
        "log.dirs": str(folder / "log"),
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "auto.create.topics.enable": "true",  # so that a reader who made topics would be caught
    }
    properties = folder / "server.properties"
    properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    run = [java, *_JVM, "-cp", classpath]
    formatted = TOOLS / f"kafka-{version}"
    if not formatted.exists():  # the same for all brokers, and it takes as long as half a start
        command = [*run, "kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", str(properties)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        TOOLS.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=TOOLS) as beside, contextlib.suppress(OSError):
            shutil.copytree(folder / "log", Path(beside) / "log").rename(formatted)
    shutil.copytree(formatted, folder / "log", dirs_exist_ok=True)
    with _running([*run, "kafka.Kafka", str(properties)], port):
        yield Broker(f"127.0.0.1:{port}", f"localhost:{secured}", authority, user, password)


def _escaped(pem: bytes) -> str:
    return pem.decode().strip().replace("\n", "\\n")


def _certificate() -> tuple[bytes, bytes]:
    """A key and a certificate for ``localhost`` that proves itself, as PEM."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


@contextlib.contextmanager
def schema_registry() -> Iterator[RegistryServer]:
    """Apicurio where ``PURSIGHT_TEST_REGISTRY`` asks for it, else the small one."""
    if os.environ.get("PURSIGHT_TEST_REGISTRY") == "apicurio":
        with apicurio_registry() as server:
            yield server
    else:
        with SmallRegistry() as server:
            yield server


@contextlib.contextmanager
def apicurio_registry() -> Iterator[RegistryServer]:
    """Apicurio Registry, in memory; raises ``FileNotFoundError`` where it cannot be had."""
    folder = TOOLS / "apicurio"
    if not folder.exists():
        command = [
            "mvn",
            "-B",
            "-q",
            "dependency:copy",
            f"-DoutputDirectory={TOOLS}",
            f"-Dartifact={APICURIO}",
        ]
        _install(command)
        [archive] = TOOLS.glob("apicurio-registry-app-*-all.zip")
        content = archive.read_bytes()
        if hashlib.sha256(content).hexdigest() != _APICURIO_SHA256:
            archive.unlink()
            raise FileNotFoundError("Apicurio Registry came as another file than the one that was locked")
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder.with_suffix(".new"))
        folder.with_suffix(".new").rename(folder)
        archive.unlink()
    [jar] = folder.glob("*-runner.jar")
    port = free_port()
    options = [*_JVM, "-Dquarkus.http.host=127.0.0.1", f"-Dquarkus.http.port={port}"]
    with _running([str(java_executable()), *options, "-jar", str(jar)], port):
        yield RegistryServer(f"http://127.0.0.1:{port}/apis/ccompat/v7")


class SmallRegistry:
    """What the connector asks of a registry, and what tests tell it, by the same paths and codes as Confluent's; in memory, with an account."""

    def __init__(self) -> None:
        self._subjects: dict[str, list[dict[str, Any]]] = {}
        self._schemas: list[dict[str, Any]] = []
        self._compatibility = {"": "BACKWARD"}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def __enter__(self) -> RegistryServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return RegistryServer(f"http://127.0.0.1:{self._server.server_port}", "sr", "sr-6e1b:/ %")

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: list[str], body: Any) -> Any:
        """The answer as JSON; raises ``LookupError`` where there is none."""
        if path == ["subjects"]:
            return sorted(self._subjects)
        if path[0] == "subjects":
            if method == "POST":
                return self._registered(path[1], body)
            versions = self._subjects[path[1]]
            return versions[-1 if path[3] == "latest" else int(path[3]) - 1]
        if path[:2] == ["schemas", "ids"]:
            found = self._schemas[int(path[2]) - 1]
            return {name: found[name] for name in ("schema", "schemaType", "references") if name in found}
        subject = path[1] if len(path) > 1 else ""
        if method == "PUT":
            self._compatibility[subject] = body["compatibility"]
            return body
        return {"compatibilityLevel": self._compatibility.get(subject, self._compatibility[""])}

    def _registered(self, subject: str, body: dict[str, Any]) -> dict[str, int]:
        kind = {} if body.get("schemaType", "AVRO") == "AVRO" else {"schemaType": body["schemaType"]}
        versions = self._subjects.setdefault(subject, [])
        schema = {"schema": body["schema"], "references": body.get("references", []), **kind}
        self._schemas.append(schema)
        place = {"subject": subject, "version": len(versions) + 1, "id": len(self._schemas)}
        versions.append({**place, **schema})
        return {"id": len(self._schemas)}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                if self.headers.get("Authorization") != _basic("sr", "sr-6e1b:/ %"):
                    return self._send(401, {"error_code": 401, "message": "Unauthorized"})
                path = [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]
                try:
                    self._send(200, registry.answer(self.command, path, body))
                except LookupError:
                    self._send(404, {"error_code": 40401, "message": "Subject not found."})

            do_GET = do_POST = do_PUT = _do

            def _send(self, status: int, answer: Any) -> None:
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
