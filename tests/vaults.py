"""A stand-in for HashiCorp Vault, since its server is in no package registry: it speaks the shapes of the KV version 2 and AppRole HTTP
API (``/v1/<mount>/data/<path>``, ``/v1/auth/<mount>/login``, ``X-Vault-Token``, ``{"errors": [...]}``), and nothing else of a real Vault:
no policies, leases, versions or TLS. What it proves is that the product's client asks as the API's reference says.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class VaultServer:
    """``secrets`` by mount/path; ``tokens`` that hold; ``logins`` counts those of the role."""

    address: str = ""
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=lambda: {"root-token"})
    role: tuple[str, str] = ("the-role", "the-secret-id")
    sealed: bool = False
    logins: int = 0
    asked: list[str] = field(default_factory=list)


@contextlib.contextmanager
def vault_server() -> Iterator[VaultServer]:
    vault = VaultServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            vault.asked.append(self.path)
            mount, _, path = self.path.removeprefix("/v1/").partition("/data/")
            held = vault.secrets.get(f"{mount}/{path}")
            if vault.sealed:
                self._answer(503, {"errors": ["Vault is sealed"]})
            elif self.headers.get("X-Vault-Token") not in vault.tokens:
                self._answer(403, {"errors": ["permission denied"]})
            elif held is None:
                self._answer(404, {"errors": []})
            else:
                self._answer(200, {"data": {"data": held, "metadata": {"version": 1}}})

        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["content-length"])))
            vault.asked.append(self.path)
            if self.path != "/v1/auth/approle/login":
                self._answer(404, {"errors": []})
            elif (given.get("role_id"), given.get("secret_id")) != vault.role:
                self._answer(400, {"errors": ["invalid role or secret ID"]})
            else:
                vault.logins += 1
                token = f"role-token-{vault.logins}"
                vault.tokens.add(token)
                self._answer(200, {"auth": {"client_token": token, "lease_duration": 60}})

        def _answer(self, status: int, body: Any) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    vault.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield vault
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
