"""Servers that alerts are sent to: a web server that checks signatures as the specification says, and a mail server."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers import free_port


@dataclass
class Hooks:
    """What a web server was sent: header names in lower case, and the body. It answers with ``status`` and ``headers``."""

    url: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.requests]

    def verified(self, secret: str) -> bool:
        """Whether each request is signed as the Standard Webhooks specification says."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        for _, headers, body in self.requests:
            content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body.decode()}"
            said = base64.b64encode(hmac.new(key, content.encode(), hashlib.sha256).digest()).decode()
            if f"v1,{said}" not in headers["webhook-signature"].split(" "):
                return False
        return bool(self.requests)


@contextlib.contextmanager
def web_server(certificate: Certificate | None = None) -> Iterator[Hooks]:
    hooks = Hooks()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            hooks.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(hooks.status)
            for name, value in hooks.headers.items():
                self.send_header(name, value)
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        server.socket = certificate.context().wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    hooks.url = f"{scheme}://localhost:{server.server_port}/hooks/canary-in-the-url"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hooks
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Certificate:
    """A certificate of its own for localhost; ``file`` is both what signs it and what it is."""

    file: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


def certificate(folder: Path, name: str = "localhost") -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    found.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return found


@dataclass
class Mailbox:
    """What a mail server took: sender, recipients and text; and the passwords it was told."""

    port: int = 0
    mails: list[tuple[str, list[str], str]] = field(default_factory=list)
    signed_in: list[tuple[str, str]] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content.decode()))
        return self.answer


@contextlib.contextmanager
def mail_server(*, starttls: Certificate | None = None, tls: Certificate | None = None) -> Iterator[Mailbox]:
    """Asks for a password where it is encrypted: ada, p-canary."""
    box = Mailbox(free_port())

    def sign_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        said = (data.login.decode(), data.password.decode())
        box.signed_in.append(said)
        fits = said == ("ada", "p-canary")
        return AuthResult(success=fits, handled=fits)

    secure = starttls or tls
    settings: dict[str, Any] = {"authenticator": sign_in} if secure else {}
    if starttls:
        settings |= {"tls_context": starttls.context(), "require_starttls": True}
    if secure:
        settings |= {"auth_required": True, "auth_require_tls": starttls is not None}
    controller = Controller(
        box, hostname="127.0.0.1", port=box.port, ssl_context=tls.context() if tls else None, **settings
    )
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
