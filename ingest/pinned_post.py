"""One POST to one permitted address, without redirects: for whatever calls a server that somebody configured."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore

from ingest.network import NetworkPolicy
from schema.errors import ConnectionFailed

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
        raise failed("BAD_URL", "The address is not one of a web server.", "Give https://host/path.")
    if parts.scheme == "http" and not policy.allow_private:
        raise failed("BAD_URL", "The address is not encrypted.", "Give an address that begins with https://.")
    return Target(policy.resolve(host, port), url)


async def post(
    where: Target, headers: Mapping[str, str], body: bytes, *, timeout_s: float, most: int = 0
) -> tuple[int, bytes]:
    """Status and at most ``most`` bytes of the answer; any status is an answer. Raises ``ConnectionFailed``: TIMEOUT or UNREACHABLE."""
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)
    sent = {"Host": urlsplit(where.url).netloc, "User-Agent": "PurSight", "Content-Length": str(len(body))}
    pairs = [(key.encode(), value.encode()) for key, value in (sent | dict(headers)).items()]
    context = await asyncio.to_thread(ssl.create_default_context)
    try:
        async with (
            httpcore.AsyncConnectionPool(ssl_context=context, network_backend=_Pinned(where.address)) as pool,
            pool.stream(
                "POST", where.url, headers=pairs, content=body, extensions={"timeout": timeout}
            ) as response,
        ):
            return response.status, await _read(response, most)
    except httpcore.TimeoutException:
        raise failed(
            "TIMEOUT", "The server did not answer in time.", "Look at the server that receives it."
        ) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        if isinstance(error.__context__, ssl.SSLError) or isinstance(error, ssl.SSLError):
            raise failed(
                "UNREACHABLE",
                "The certificate of the server is not to be trusted.",
                "Renew it, or name its authority in SSL_CERT_FILE.",
            ) from None
        raise failed(
            "UNREACHABLE", "The server cannot be reached.", "Check the address, and the firewall."
        ) from None


async def _read(response: httpcore.Response, most: int) -> bytes:
    """What comes beyond ``most`` is not waited for."""
    read = b""
    if most:
        async for part in response.aiter_stream():
            read += part
            if len(read) >= most:
                break
    return read[:most]


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


def failed(cause: str, message: str, remedy: str) -> ConnectionFailed:
    """As for a field ``config.url``."""
    return ConnectionFailed(cause, message, remedy, path=_PATH)
