"""The frame of every command: one transaction, one audit event, its outbox rows, and a commit that happens exactly once."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from cypher.audit import reads as audit
from cypher.audit import writes as audit_writes
from cypher.orchestration import writes as orchestration
from cypher.propagation import writes as propagation
from cypher.session import GraphSession, Transaction
from schema.domain.audit import AuditEvent
from schema.domain.identity import Principal
from schema.domain.lineage import CHANGED
from schema.domain.time import stored
from schema.errors import CommitUnknown, LeaseLost
from schema.ports import Clock, SystemClock

T = TypeVar("T")
_CLOCK = SystemClock()
_MAX_SUBJECTS = 100
_fence: ContextVar[tuple[str, int] | None] = ContextVar("fence", default=None)


@contextmanager
def fenced(task: str, attempt: int) -> Iterator[None]:
    """Within, every command first proves that ``attempt`` still holds ``task``, and writes nothing if it does not."""
    token = _fence.set((task, attempt))
    try:
        yield
    finally:
        _fence.reset(token)


async def hold(tx: Transaction) -> None:
    """Prove inside ``fenced`` that the task is still held, and keep it so until the transaction ends; raises ``LeaseLost``."""
    if (fence := _fence.get()) and not await orchestration.hold_task(tx, ident=fence[0], attempt=fence[1]):
        raise LeaseLost(fence[0])


@dataclass(slots=True)
class Unit:
    """What a command's work is given: the transaction, the time, the actor's id, and a place to say what it did.

    ``subjects`` are urns or ids; ``details`` hold counts and names, never values of data; ``outbox`` is (topic, payload).
    """

    tx: Transaction
    at: str
    by: str
    subjects: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    outbox: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def since(self, moment: datetime | None) -> str:
        """From when on what is said at ``moment`` holds: from then, None or a time to come from now."""
        return self.at if moment is None else min(stored(moment), self.at)


async def execute(
    graph: GraphSession,
    actor: Principal,
    action: str,
    work: Callable[[Unit], Awaitable[T]],
    *,
    reason: str = "",
    clock: Clock = _CLOCK,
) -> T:
    """Run ``work`` and record it as ``action`` by ``actor``; all of it is committed, or none.

    Raises what ``work`` raises, and ``LeaseLost`` inside ``fenced``. Where the connection breaks during the commit, the audit event tells whether it happened.
    """
    event_id = str(uuid.uuid4())
    results: list[T] = []

    async def transaction(tx: Transaction) -> T:
        await hold(tx)
        unit = Unit(tx=tx, at=stored(clock.now()), by=actor.id)
        result = await work(unit)
        await record(unit, actor, action, event_id=event_id, reason=reason)
        results.append(result)
        return result

    try:
        return await graph.write(action, transaction)
    except CommitUnknown:
        if await audit.happened(graph, event_id):
            return results[-1]
        return await graph.write(action, transaction)


async def record(unit: Unit, actor: Principal, action: str, *, event_id: str, reason: str = "") -> None:
    """Append what ``unit`` did to the audit trail and to the outbox; the last thing in its transaction."""
    tx = unit.tx
    event = AuditEvent(
        id=event_id,
        at=unit.at,
        actor=actor.id,
        action=action,
        subjects=tuple(unit.subjects[:_MAX_SUBJECTS]),
        reason=reason,
        details={**unit.details, "subjects": len(unit.subjects)},
    )
    # Whoever listens hears of every command, even of one that adds no message of its own.
    outbox = unit.outbox or [(action, {"subjects": unit.subjects[:_MAX_SUBJECTS]})]
    if tx.touched or tx.touched_below:
        changed = {"urns": sorted(tx.touched), "below": sorted(tx.touched_below)}
        outbox = [*outbox, (CHANGED, changed)]
    await propagation.mark(tx, tx.marked, at=unit.at)
    await audit_writes.append(tx, event, outbox)
