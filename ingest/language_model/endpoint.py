"""The one server that the operator named: one POST a question, bounded in time and size, without redirects, and left alone after failures."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import urlsplit

import orjson

from ingest import pinned_post
from ingest.language_model.prompt import content_of
from ingest.network import NetworkPolicy
from schema.errors import ConnectionFailed
from schema.settings import Settings

MOST_BYTES = 256 * 1024  # of an answer
FAILURES, REST_S = 3, 300.0  # failures in a row after which the server is left alone, and for how long
_CAUSES = {401: "CREDENTIALS", 403: "PERMISSION", 404: "NOT_FOUND", 429: "RATE_LIMITED"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is; ``timeout_s`` bounds a whole question, seconds."""

    base_url: str
    model: str
    key: str
    timeout_s: float

    @classmethod
    def of(cls, config: Settings) -> Self | None:
        """None where no server or no model is named: nobody is asked."""
        if not config.llm_base_url or not config.llm_model:
            return None
        return cls(
            config.llm_base_url.rstrip("/"),
            config.llm_model,
            config.llm_api_key.get_secret_value(),
            config.llm_timeout_s,
        )

    @property
    def host(self) -> str:
        """Host and port, for the audit trail."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    async def ask(self, body: Mapping[str, Any]) -> str:
        """The text of the answer. Raises ``ConnectionFailed``, whose message holds nothing of the server's words."""
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self._asked(body)
        except TimeoutError:
            raise _failed(
                "TIMEOUT", f"The language model did not answer within {self.timeout_s:g} s."
            ) from None

    async def _asked(self, body: Mapping[str, Any]) -> str:
        # The operator's own setting names the host: it may be one of his network, as that of the graph may. Metadata services are never.
        policy = NetworkPolicy(allow_private=True, timeout_s=self.timeout_s)
        where = await asyncio.to_thread(pinned_post.target, f"{self.base_url}/chat/completions", policy)
        if where.url.startswith("http://") and ip_address(where.address).is_global:
            raise _failed("BAD_URL", "The language model is elsewhere and its address is not encrypted.")
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        status, answer = await pinned_post.post(
            where, headers, orjson.dumps(body), timeout_s=self.timeout_s, most=MOST_BYTES
        )
        if status != 200:
            raise _failed(
                _CAUSES.get(status, "UNKNOWN"), f"The language model answered with status {status}."
            )
        text = content_of(answer)
        if text is None:
            raise _failed(
                "UNKNOWN", "The server of the language model did not answer with a chat completion."
            )
        return text


class Breaker:
    """Lets questions through until ``FAILURES`` in a row failed, then one each ``REST_S`` seconds until one succeeds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failures, self._until = 0, 0.0

    def rests(self) -> bool:
        """Whether nothing is let through at present."""
        with self._lock:
            return self._failures >= FAILURES and self._clock() < self._until

    def lets_through(self) -> bool:
        """Whether to ask now; after a rest the one who is told so tries for all."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + REST_S
            return True

    def note(self, *, failed: bool) -> None:
        with self._lock:
            self._failures = self._failures + 1 if failed else 0
            if failed:
                self._until = self._clock() + REST_S


@lru_cache(maxsize=8)
def breaker_of(base_url: str) -> Breaker:
    """The one of this process for a server."""
    return Breaker()


def _failed(cause: str, message: str) -> ConnectionFailed:
    return ConnectionFailed(
        cause,
        message,
        "Check PURSIGHT_LLM_BASE_URL, PURSIGHT_LLM_API_KEY and the server.",
        path=("llm_base_url",),
    )
