"""Webhooks: one signed POST to one pinned address, without redirects.

Source of the headers and the signature: Standard Webhooks specification 1.0.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore
import orjson

from ingest.network import NetworkPolicy
from schema.domain.alerts import Message
from schema.errors import ConnectionFailed

_STATUS_CAUSES = {401: "CREDENTIALS", 403: "PERMISSION", 404: "NOT_FOUND", 410: "NOT_FOUND"}
_PATH = ("config", "url")


@dataclass(frozen=True, slots=True)
class Target:
    """The one address to connect to, and what goes into the request line."""

    address: str
    url: str


def target(url: str, policy: NetworkPolicy) -> Target:
    """Resolve the host once; blocking. Raises ``ConnectionFailed``: BAD_URL, BLOCKED_ADDRESS, UNREACHABLE or TIMEOUT."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        host, port = None, 0
    if not host or parts.scheme not in ("https", "http") or parts.username is not None or not url.isascii():
        raise _failed("BAD_URL", "The address is not one of a web server.", "Give https://host/path.")
    if parts.scheme == "http" and not policy.allow_private:
        raise _failed(
            "BAD_URL", "The address is not encrypted.", "Give an address that begins with https://."
        )
    return Target(policy.resolve(host, port), url)


def signature(secret: bytes, ident: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``."""
    signed = f"{ident}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


async def post(url: str, secret: bytes, message: Message, *, key: str, policy: NetworkPolicy) -> None:
    """Post ``message``; any answer but 2xx is a failure. Raises ``ConnectionFailed``."""
    where = await asyncio.to_thread(target, url, policy)
    body, timestamp = orjson.dumps(message.as_json()), int(time.time())
    headers = {
        "Host": urlsplit(url).netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "User-Agent": "PurSight",
        "Idempotency-Key": key,
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, key, timestamp, body),
    }
    status = await _status(
        where, [(k.encode(), v.encode()) for k, v in headers.items()], body, policy.timeout_s
    )
    if not 200 <= status < 300:
        moved = 300 <= status < 400
        raise _failed(
            "BAD_URL" if moved else _STATUS_CAUSES.get(status, "UNKNOWN"),
            f"The server answered with status {status}.",
            "Give the address that it redirects to; redirects are not followed."
            if moved
            else "Look at the log of the server that receives it.",
        )


async def _status(where: Target, headers: list[tuple[bytes, bytes]], body: bytes, timeout_s: float) -> int:
    """The status alone: what the server has to say besides is not read."""
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)
    context = await asyncio.to_thread(ssl.create_default_context)
    try:
        async with (
            httpcore.AsyncConnectionPool(ssl_context=context, network_backend=_Pinned(where.address)) as pool,
            pool.stream(
                "POST", where.url, headers=headers, content=body, extensions={"timeout": timeout}
            ) as response,
        ):
            return response.status
    except httpcore.TimeoutException:
        raise _failed(
            "TIMEOUT", "The server did not answer in time.", "Look at the server that receives it."
        ) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        if isinstance(error.__context__, ssl.SSLError) or isinstance(error, ssl.SSLError):
            raise _failed(
                "UNREACHABLE",
                "The certificate of the server is not to be trusted.",
                "Renew it, or name its authority in SSL_CERT_FILE.",
            ) from None
        raise _failed(
            "UNREACHABLE", "The server cannot be reached.", "Check the address, and the firewall."
        ) from None


class _Pinned(httpcore.AnyIOBackend):
    """Connects to the address that was permitted, whatever the name means by now; TLS still proves the name."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return await super().connect_tcp(self._address, port, timeout, local_address, socket_options)


def _failed(cause: str, message: str, remedy: str) -> ConnectionFailed:
    return ConnectionFailed(cause, message, remedy, path=_PATH)
