"""Commands on the right to approve runs: given to somebody for a time, and taken back."""

from __future__ import annotations

import uuid
from datetime import datetime

from cypher.delegations import reads, writes
from cypher.session import GraphSession
from ingest.commands.unit import Unit, execute
from schema.domain.delegations import check_period, giver_may, usable
from schema.domain.identity import Permission, Principal
from schema.domain.time import stored
from schema.errors import Forbidden, InvalidInput, NotFound
from schema.ports import Clock, SystemClock

_CLOCK = SystemClock()


async def delegate(
    graph: GraphSession,
    actor: Principal,
    *,
    holder: str,
    starts_at: datetime | None,
    ends_at: datetime,
    reason: str,
    clock: Clock = _CLOCK,
) -> str:
    """Let the token ``holder`` decide about runs in the actor's place from ``starts_at`` (None: now) to ``ends_at``; returns an id.

    A holder cannot hand it on. Raises ``InvalidInput``, and ``NotFound`` where no valid token has that id.
    """
    actor.require(Permission.APPROVE)
    now = clock.now()
    check_period(now, starts_at or now, ends_at)
    if not reason.strip():
        raise InvalidInput(
            "A delegation without a reason tells an auditor nothing.", path=("reason",), remedy="Say why."
        )
    if holder == actor.id:
        raise InvalidInput("Nobody stands in for himself.", path=("to",), remedy="Name another token.")
    ident = str(uuid.uuid4())

    async def work(unit: Unit) -> str:
        if not usable(await reads.token(unit.tx, holder), now):
            raise NotFound("token", holder, path=("to",))
        times = {"starts_at": stored(starts_at or now), "ends_at": stored(ends_at)}
        props = {"id": ident, "giver": actor.id, "holder": holder, "reason": reason, "created_at": unit.at}
        await writes.create(unit.tx, props | times)
        unit.subjects += [ident, holder]
        unit.details |= times
        return ident

    return await execute(graph, actor, "approval.delegate", work, reason=reason, clock=clock)


async def revoke(graph: GraphSession, actor: Principal, *, ident: str, reason: str = "") -> None:
    """End a delegation at once; by who gave it, or an administrator. Raises ``NotFound`` to everybody else."""
    admin = actor.may(Permission.ADMIN)

    async def work(unit: Unit) -> None:
        giver = None if admin else actor.id
        if not await writes.revoke(unit.tx, ident=ident, giver=giver, at=unit.at, by=actor.id):
            raise NotFound("delegation", ident, path=("id",))
        unit.subjects.append(ident)

    await execute(graph, actor, "approval.revoke", work, reason=reason)


async def require_approver(graph: GraphSession, actor: Principal, *, clock: Clock = _CLOCK) -> None:
    """Raise ``Forbidden`` unless ``actor`` may approve, himself or at present in the place of somebody who may."""
    if actor.may(Permission.APPROVE):
        return
    now = clock.now()
    rows = await reads.held(graph, actor.id, at=stored(now))
    if not any(giver_may(row, now) for row in rows):
        raise Forbidden(Permission.APPROVE.value)
