"""From a bearer token to a principal, through a port; nothing here knows where tokens are kept."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from schema.domain.identity import Principal
from schema.errors import Unauthenticated

MAX_TOKEN = 4_096
_MAX_ENTRIES = 1_024


class TokenVerifier(Protocol):
    async def verify(self, token: str) -> Principal | None:
        """Who holds ``token``; None where it is unknown, expired or revoked."""


class CachedVerifier:
    """Asks another verifier at most once per token and ``ttl_s``; a revoked token lives on that long and no longer."""

    def __init__(
        self, verifier: TokenVerifier, *, ttl_s: float = 2.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._verifier, self._ttl_s, self._monotonic = verifier, ttl_s, monotonic
        self._known: OrderedDict[bytes, tuple[float, Principal | None]] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Principal | None]] = {}

    async def verify(self, token: str) -> Principal | None:
        key = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()  # no token is kept in memory
        known = self._known.get(key)
        if known is not None and known[0] > self._monotonic():
            return known[1]
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(self._ask(key, token))
            asking.add_done_callback(_retrieved)
        return await asyncio.shield(asking)

    async def _ask(self, key: bytes, token: str) -> Principal | None:
        try:
            principal = await self._verifier.verify(token)
            self._known[key] = (self._monotonic() + self._ttl_s, principal)
            self._known.move_to_end(key)
            while len(self._known) > _MAX_ENTRIES:
                self._known.popitem(last=False)
            return principal
        finally:
            del self._asking[key]


def _retrieved(asking: asyncio.Task[Principal | None]) -> None:
    """Take note of a failure that nobody waits for any longer."""
    if not asking.cancelled():
        asking.exception()


def bearer(header: str | None) -> str | None:
    """The token of an ``Authorization`` header (RFC 6750 section 2.1); None where there is none."""
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and 0 < len(token) <= MAX_TOKEN else None


def bearer_of(payload: Mapping[str, Any] | None) -> str | None:
    """The token in a ``connection_init`` payload, ``{"authorization": "Bearer …"}`` in any letter case."""
    for name, value in (payload or {}).items():
        if name.lower() == "authorization" and isinstance(value, str):
            return bearer(value)
    return None


async def authenticate(verifier: TokenVerifier, token: str | None) -> Principal:
    """The principal behind ``token``; raise ``Unauthenticated`` where there is none."""
    principal = await verifier.verify(token) if token else None
    if principal is None:
        raise Unauthenticated
    return principal
