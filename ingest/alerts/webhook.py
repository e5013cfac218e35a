"""Webhooks: one signed POST to one pinned address, without redirects.

Source of the headers and the signature: Standard Webhooks specification 1.0.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time

import orjson

from ingest import pinned_post
from ingest.network import NetworkPolicy
from schema.domain.alerts import Message

_STATUS_CAUSES = {401: "CREDENTIALS", 403: "PERMISSION", 404: "NOT_FOUND", 410: "NOT_FOUND"}


def signature(secret: bytes, ident: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``."""
    signed = f"{ident}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


async def post(url: str, secret: bytes, message: Message, *, key: str, policy: NetworkPolicy) -> None:
    """Post ``message``; any answer but 2xx is a failure, and what it says besides is not read. Raises ``ConnectionFailed``."""
    where = await asyncio.to_thread(pinned_post.target, url, policy)
    body, timestamp = orjson.dumps(message.as_json()), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, key, timestamp, body),
    }
    status, _ = await pinned_post.post(where, headers, body, timeout_s=policy.timeout_s)
    if not 200 <= status < 300:
        moved = 300 <= status < 400
        raise pinned_post.failed(
            "BAD_URL" if moved else _STATUS_CAUSES.get(status, "UNKNOWN"),
            f"The server answered with status {status}.",
            "Give the address that it redirects to; redirects are not followed."
            if moved
            else "Look at the log of the server that receives it.",
        )
