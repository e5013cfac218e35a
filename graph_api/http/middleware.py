"""Around every route: a trace id, security headers, one log line, JSON for every error, and a limit on bodies."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import orjson
import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph_api.errors import INTERNAL, described

MAX_BODY = 1 << 20
MAX_TARGET = 32 << 10

_CLIENT_GONE = 499

_log = structlog.get_logger("pursight.http")
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


class BodyTooLarge(Exception):
    """The body went past the limit while it was read."""


class Envelope:
    """Outermost: whatever happens inside, the caller gets an answer with a trace id and no stack."""

    def __init__(
        self, app: ASGIApp, *, max_body: int = MAX_BODY, larger: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        """Limits in bytes; ``larger`` gives paths a limit of their own."""
        self._app, self._max_body, self._larger = app, max_body, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        trace_id = _trace_id(scope)
        state = scope.setdefault("state", {})
        state["trace_id"] = trace_id
        if scope["type"] == "websocket":
            await self._logged_socket(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in _HEADERS if header[0] not in present),
                    (b"x-trace-id", trace_id.encode()),
                ]
            await send(message)

        try:
            await self._guarded(scope, receive, send_with_headers)
        except BodyTooLarge:
            await _send_error(send_with_headers, 413, "The body is too large.", "PAYLOAD_TOO_LARGE", status)
        except ClientDisconnect:
            status = status or _CLIENT_GONE
        except Exception as error:
            _log.error("request failed", trace_id=trace_id, **described(error))
            await _send_error(send_with_headers, 500, "Internal error", INTERNAL, status, traceId=trace_id)
        finally:
            _log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round((time.perf_counter() - started) * 1000, 1),
                principal=state.get("principal"),
                trace_id=trace_id,
            )

    async def _logged_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, state = time.perf_counter(), scope["state"]
        try:
            await self._app(scope, receive, send)
        finally:
            _log.info(
                "socket",
                path=scope["path"],
                s=round(time.perf_counter() - started, 1),
                principal=state.get("principal"),
                trace_id=state["trace_id"],
            )

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        if len(scope.get("query_string", b"")) > MAX_TARGET:
            await _send_error(send, 414, "The URL is too long.", "URI_TOO_LONG", 0)
            return
        limit = self._larger.get(scope["path"], self._max_body)
        for name, value in scope["headers"]:
            if name == b"content-length" and (not value.isdigit() or len(value) > 15 or int(value) > limit):
                raise BodyTooLarge
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    raise BodyTooLarge
            return message

        await self._app(scope, receive_bounded, send)


async def _send_error(send: Send, status: int, message: str, code: str, sent: int, **extensions: Any) -> None:
    if sent:
        return  # the answer has begun; all that is left is to break it off
    body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": code, **extensions}}]})
    headers = MutableHeaders(
        {"content-type": "application/json; charset=utf-8", "content-length": str(len(body))}
    )
    await send({"type": "http.response.start", "status": status, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})


def _trace_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"traceparent" and (match := _TRACEPARENT.fullmatch(value)):
            return match[1].decode()
    return secrets.token_hex(16)
