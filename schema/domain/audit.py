"""The audit trail: hash-chained events in lanes, so that writers do not wait for one another at a single head.

Each event names the hash of the one before it in its lane, and the head of the lane tells where it ends. The heads lie in the
same database: whoever can rewrite a head can also cut a lane's end, unless a copy of the heads is kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LANES = 16
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One change: who did what to which subjects, and why. ``details`` hold counts, names and ids, never values of data."""

    id: str
    at: str
    actor: str
    action: str
    subjects: tuple[str, ...] = ()
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def place_key(lane: int, seq: int) -> int:
    """One number for a place in the trail; ``place_of`` reads it back."""
    return seq * LANES + lane


def place_of(key: int) -> tuple[int, int]:
    """Lane and number within it."""
    return key % LANES, key // LANES


def event_hash(event: AuditEvent, *, lane: int, seq: int, previous: str) -> str:
    """SHA-256 over the canonical JSON of the event and its place in the chain, as 64 hex digits."""
    body = {
        "id": event.id,
        "at": event.at,
        "actor": event.actor,
        "action": event.action,
        "subjects": list(event.subjects),
        "reason": event.reason,
        "details": event.details,
        "lane": lane,
        "seq": seq,
        "previous": previous,
    }
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold."""

    lane: int
    seq: int
    what: str
