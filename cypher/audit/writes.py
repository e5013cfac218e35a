"""Appending to the audit trail. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction
from schema.domain.audit import LANES, AuditEvent, event_hash

_TAKE_HEAD = load(__package__, "take_head")
_APPEND = load(__package__, "append")


async def append(tx: Transaction, event: AuditEvent, outbox: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Chain ``event`` into a lane and write its outbox rows (topic, payload); the last thing a command does."""
    # The head is locked from here to the commit: any lane will do, and with sixteen two writers seldom meet.
    lane = random.randrange(LANES)  # noqa: S311
    head = await tx.one(_TAKE_HEAD, lane=lane)
    if head is None:
        raise LookupError("the audit heads are missing: run the migrations")
    seq, previous = int(head["seq"]), str(head["hash"])
    stored = {
        "id": event.id,
        "at": event.at,
        "actor": event.actor,
        "action": event.action,
        "subjects": list(event.subjects),
        "reason": event.reason,
        "details": json.dumps(event.details, sort_keys=True),
        "lane": lane,
        "seq": seq,
        "previous": previous,
        "hash": event_hash(event, lane=lane, seq=seq, previous=previous),
    }
    rows = [
        {
            "id": str(uuid.uuid4()),
            "event": event.id,
            "topic": topic,
            "at": event.at,
            "lane": lane,
            "seq": seq,
            "payload": json.dumps(payload),
        }
        for topic, payload in outbox
    ]
    await tx.rows(_APPEND, lane=lane, seq=seq, event=stored, outbox=rows)
