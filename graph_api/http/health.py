"""/healthz says that the process lives; /readyz that it can answer, by asking what it would ask; /metrics for Prometheus."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from graph_api.auth import authenticate, bearer
from graph_api.http.view import Backend
from schema.errors import PursightError

Check = Callable[[], Awaitable[bool]]
CHECK_TIMEOUT_S = 3.0
FRESH_S = 0.5


class Health:
    """The three routes over a backend and its named checks."""

    def __init__(self, backend: Backend, checks: Callable[[], Mapping[str, Check]]) -> None:
        self._backend, self._checks = backend, checks
        # Anybody may ask, so asking must not become a way to keep the graph busy.
        self._asking = asyncio.Lock()
        self._answer: Response | None = None
        self._fresh_until = 0.0

    async def alive(self, request: Request) -> Response:
        return _json({"status": "alive"}, 200)

    async def ready(self, request: Request) -> Response:
        """200 where every check holds, else 503; which ones fail, never why. Asked at most twice a second."""
        async with self._asking:
            if self._answer is None or time.monotonic() >= self._fresh_until:
                self._answer = await self._ask()
                self._fresh_until = time.monotonic() + FRESH_S
            return self._answer

    async def _ask(self) -> Response:
        checks = self._checks()
        outcomes = await asyncio.gather(*(_holds(check) for check in checks.values()))
        found = {name: "ok" if outcome else "failed" for name, outcome in zip(checks, outcomes, strict=True)}
        if found and all(outcomes):
            return _json({"status": "ready", "checks": found}, 200)
        error = {"message": "Not ready.", "extensions": {"code": "NOT_READY"}}
        return _json({"status": "not ready", "checks": found, "errors": [error]}, 503, {"retry-after": "2"})

    async def metrics(self, request: Request) -> Response:
        """Prometheus text, for loopback clients and for whoever has a token."""
        if not _is_loopback(request):
            try:
                await authenticate(self._backend.verifier, bearer(request.headers.get("authorization")))
            except PursightError as error:
                body = {"errors": [{"message": error.message, "extensions": {"code": error.code}}]}
                return _json(body, 401, {"www-authenticate": 'Bearer realm="pursight"'})
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})


async def _holds(check: Check) -> bool:
    try:
        return await asyncio.wait_for(check(), CHECK_TIMEOUT_S)
    except Exception:
        return False


def _is_loopback(request: Request) -> bool:
    # A proxy on this machine is a loopback client as well, but says for whom it asks.
    if request.client is None or any(name in request.headers for name in ("x-forwarded-for", "forwarded")):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _json(body: Mapping[str, Any], status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json; charset=utf-8")
