"""Commands on samples that somebody else has to approve: to ask for one, and to decide about it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from cypher.sample_requests import reads, writes
from cypher.scanning import reads as scanning
from cypher.session import GraphSession
from ingest.commands.delegations import in_place_of, may_approve, require_approver, require_reason
from ingest.commands.samples import asked_for, stated
from ingest.commands.unit import Unit, execute
from ingest.orchestration.rules import plan_of
from schema.domain.identity import Permission, Principal
from schema.domain.sample_requests import WAITS, SampleRequestState, check_expiry, needing
from schema.domain.sources import source_urn
from schema.domain.time import stored
from schema.errors import Conflict, InvalidInput, NotFound
from schema.ports import Clock, SystemClock

_CLOCK = SystemClock()


async def request(
    graph: GraphSession,
    actor: Principal,
    *,
    urn: str,
    columns: Sequence[str] = (),
    purpose: str = "",
    reason: str,
    clock: Clock = _CLOCK,
) -> str:
    """Ask that somebody else approves samples of a dataset, or of one column of it; ``columns`` are all that ``actor`` may see if empty.

    Returns the id of the request, which waits for ``WAITS``. Raises ``InvalidInput`` without a reason or where nothing needs an
    approval, and as ``samples.sample`` does for what is asked for.
    """
    actor.require(Permission.SAMPLE)
    stated(actor, purpose)
    require_reason(reason)
    found, chosen = await asked_for(graph, actor, urn, columns)
    source = await scanning.source(graph, str(source_urn(found["source"])))
    level = plan_of(source.get("plan")).sample_approval_from if source else None
    if not needing(chosen, level):
        raise InvalidInput(
            "Samples of these columns need no approval.", path=("urn",), remedy="Ask for the rows."
        )
    ident, now = str(uuid.uuid4()), clock.now()

    async def work(unit: Unit) -> str:
        names = [column["name"] for column in chosen]
        props = {
            "id": ident,
            "dataset": found["urn"],
            "source": found["source"],
            "columns": names,
            "level": max(column["sensitivity"] or 0 for column in chosen),
            "purpose": purpose,
            "reason": reason,
            "requested_by": actor.id,
            "requested_at": unit.at,
            "until": stored(now + WAITS),
        }
        await writes.create(unit.tx, props)
        unit.subjects += [ident, found["urn"], *(column["urn"] for column in chosen)]
        unit.details |= {"columns": names, "level": props["level"], "purpose": purpose}
        unit.outbox.append(("sample.awaiting_approval", {"source": found["source"], "request": ident}))
        return ident

    return await execute(graph, actor, "sample.request", work, reason=reason, clock=clock)


async def decide(
    graph: GraphSession,
    actor: Principal,
    *,
    request: str,
    approved: bool,
    reason: str,
    expires_at: datetime | None = None,
    clock: Clock = _CLOCK,
) -> None:
    """Approve a request until ``expires_at``, or reject it, which also takes an approval back. Who asked for it may not decide.

    Who has not the permission himself decides in the place of who gave it to him. Raises ``InvalidInput`` without a reason or an end,
    ``NotFound`` where there is none or he may not see all that it is about, and ``Conflict`` to the requester and where it is decided
    or over.
    """
    await require_approver(graph, actor, clock=clock)
    require_reason(reason)
    now = clock.now()
    ends = stored(check_expiry(now, expires_at)) if approved else None

    async def work(unit: Unit) -> None:
        held = await writes.hold(unit.tx, request, actor.scope, now=stored(now))
        if held is None:
            raise NotFound("request", request, path=("request",))
        about = {"domain": held["domain"], "sensitivity": held["level"]}
        giver = await in_place_of(unit, actor, requester=held["requested_by"], about=about, path="request")
        taken_back = held["state"] == SampleRequestState.APPROVED and not approved
        if held["state"] != SampleRequestState.WAITING and not taken_back:
            raise Conflict(
                f"The request is {held['state'].lower()}.",
                path=("request",),
                remedy="Ask for a sample again, and decide about that.",
            )
        decision = {
            "approved": approved,
            "expires_at": ends,
            "decided_by": actor.id,
            "decided_for": giver,
            "decided_at": unit.at,
            "decided_reason": reason,
        }
        await writes.decide(unit.tx, request, decision)
        unit.subjects += [request, held["dataset"]]
        unit.details |= {
            "requested_by": held["requested_by"],
            "columns": held["columns"],
            "level": held["level"],
            "purpose": held["purpose"],
        }
        unit.details |= {"expires_at": ends} if approved else {"taken_back": taken_back}

    action = "sample.approve" if approved else "sample.reject"
    await execute(graph, actor, action, work, reason=reason, clock=clock)


async def visible(
    graph: GraphSession,
    actor: Principal,
    *,
    state: SampleRequestState | None = None,
    key: Sequence[str] | None = None,
    backward: bool = False,
    first: int,
    clock: Clock = _CLOCK,
) -> list[reads.Row]:
    """Requests for samples, newest first: all that he may see to who may approve at present, else the actor's own."""
    approver = await may_approve(graph, actor, clock=clock)
    return await reads.page(
        graph,
        actor.scope,
        by=None if approver else actor.id,
        state=state and state.value,
        now=stored(clock.now()),
        key=key,
        backward=backward,
        first=first,
    )
