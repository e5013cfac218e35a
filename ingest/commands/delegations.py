"""Commands on the right to approve runs and samples: given to somebody for a time, and taken back; and by which of them somebody decides."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cypher.delegations import reads, writes
from cypher.session import GraphSession
from ingest.commands.unit import Unit, execute
from schema.domain.delegations import check_period, giver_may, stands_for, usable
from schema.domain.identity import Permission, Principal
from schema.domain.time import stored
from schema.errors import Conflict, Forbidden, InvalidInput, NotFound
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
    """Let the token ``holder`` decide about runs and samples in the actor's place from ``starts_at`` (None: now) to ``ends_at``; returns an id.

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
    if not await may_approve(graph, actor, clock=clock):
        raise Forbidden(Permission.APPROVE.value)


async def may_approve(graph: GraphSession, actor: Principal, *, clock: Clock = _CLOCK) -> bool:
    """Whether ``actor`` may approve, himself or at present in the place of somebody who may."""
    if actor.may(Permission.APPROVE):
        return True
    now = clock.now()
    rows = await reads.held(graph, actor.id, at=stored(now))
    return any(giver_may(row, now) for row in rows)


def require_reason(reason: str) -> None:
    """Raise ``InvalidInput`` where a decision has none."""
    if not reason.strip():
        raise InvalidInput(
            "An approval without a reason tells an auditor nothing.", path=("reason",), remedy="Say why."
        )


async def in_place_of(
    unit: Unit, actor: Principal, *, requester: str, about: Mapping[str, Any], path: str
) -> str | None:
    """In whose place ``actor`` decides about what ``requester`` asked for, at ``path`` of the input; None where he may himself.

    ``about`` has ``domain`` and ``sensitivity`` of what it is about. Raises ``Conflict`` to the requester and to who stands in for him, and
    ``Forbidden``.
    """
    if requester == actor.id:
        raise Conflict(
            "Who asked for it may not decide about it.",
            path=(path,),
            remedy="Ask somebody else who has the permission APPROVE.",
        )
    if actor.may(Permission.APPROVE):
        return None
    delegation = stands_for(
        await reads.held(unit.tx, actor.id, at=unit.at),
        requester=requester,
        about=about,
        path=path,
        now=datetime.fromisoformat(unit.at),
    )
    unit.details |= {"on_behalf_of": delegation["giver"], "delegation": delegation["id"]}
    return str(delegation["giver"])
