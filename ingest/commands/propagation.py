"""Commands on propagation: what the job writes, and what people switch off, block and have computed anew."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from cypher.catalog import reads as catalog
from cypher.governance import writes as governance
from cypher.propagation import reads, writes
from cypher.session import GraphSession, Transaction
from ingest.commands.unit import Unit, execute
from schema.domain.identity import SYSTEM, Permission, Principal
from schema.domain.propagation import Change
from schema.errors import InvalidInput, LeaseLost, NotFound

LEASE_MS = 60_000
_JOB = "propagation"
_BATCH = 5_000


async def take(graph: GraphSession, *, holder: str) -> dict[str, Any] | None:
    """How the job stands, ``rules`` and ``whole``, where ``holder`` has it now; None where another worker has it."""

    async def work(tx: Transaction) -> dict[str, Any]:
        return await writes.take(tx, holder=holder, lease_ms=LEASE_MS)

    row = await graph.write("propagation.take", work)
    return row if row["held"] else None


async def publish(
    graph: GraphSession,
    changes: Sequence[Change],
    *,
    holder: str,
    marks: Sequence[str],
    state: dict[str, Any],
) -> dict[str, int]:
    """Write what columns inherit, the nearest first, and drop the ``marks`` that it follows from; counts of what changed.

    Each batch is a command. Whoever takes over in between computes everything anew. Raises ``LeaseLost``.
    """
    nearest_first = sorted(changes, key=lambda each: (each.reasons or each.before)[0].hops)
    batches = [nearest_first[start : start + _BATCH] for start in range(0, len(nearest_first), _BATCH)]
    total: dict[str, int] = {}
    done = state | {"whole": False, "until_ms": 0}
    for number, batch in enumerate(batches):
        is_last = number == len(batches) - 1

        async def work(
            unit: Unit, batch: Sequence[Change] = batch, first: bool = not number, last: bool = is_last
        ) -> dict[str, int]:
            await _hold(unit.tx, holder)
            if first and not last:
                await writes.begin(unit.tx)
            counts = await writes.apply(unit.tx, batch, at=unit.at)
            if last:
                await writes.finish(unit.tx, marks, done | {"ended_at": unit.at})
            names = sorted({each.classification for each in batch})
            unit.details |= counts | {"classifications": names[:50]}
            return counts

        for name, count in (await execute(graph, SYSTEM, "classification.propagate", work)).items():
            total[name] = total.get(name, 0) + count
    if not batches:

        async def settle(tx: Transaction) -> None:
            await _hold(tx, holder)
            await writes.finish(tx, marks, done)

        await graph.write("propagation.settle", settle)
    return total


async def refresh_levels(graph: GraphSession, *, holder: str, mark: str, keys: Sequence[int]) -> None:
    """Compute the levels of assets and of what they contain anew, and drop the ``mark`` that says so. Raises ``LeaseLost``."""

    async def work(unit: Unit) -> None:
        await _hold(unit.tx, holder)
        await governance.refresh_levels(unit.tx, keys)
        await writes.finish(unit.tx, [mark], {"ended_at": unit.at})
        unit.details["assets"] = len(keys)

    await execute(graph, SYSTEM, "classification.levels", work)


async def _hold(tx: Transaction, holder: str) -> None:
    if not await writes.hold(tx, holder=holder, lease_ms=LEASE_MS):
        raise LeaseLost(_JOB)


async def set_propagation(
    graph: GraphSession, actor: Principal, *, up: str, down: str, enabled: bool, reason: str
) -> bool:
    """Let classifications pass from one column to another or not, whoever asserts the edge; returns whether that is something else than before.

    It stays when the lineage is read again. Raises ``NotFound``, and ``InvalidInput`` where the one does not feed the other.
    """
    actor.require(Permission.CLASSIFY)
    _require_reason(reason)

    async def work(unit: Unit) -> bool:
        found = await reads.ends(unit.tx, up, down, actor.scope)
        for field, urn in (("from", up), ("to", down)):
            if urn not in found or not found[urn]["is_column"]:
                raise NotFound("column", urn, path=(field,))
        if not found[up]["fed"]:
            raise InvalidInput(
                "The one column does not feed the other.", path=("to",), remedy="Name the ends of one edge."
            )
        key, changed = await writes.switch(
            unit.tx, up=up, down=down, enabled=enabled, at=unit.at, by=unit.by, reason=reason
        )
        if changed:
            unit.tx.mark([key])
        unit.subjects += [up, down]
        unit.details |= {"enabled": enabled, "changed": changed}
        return changed

    return await execute(graph, actor, "propagation.switch", work, reason=reason)


async def block(
    graph: GraphSession, actor: Principal, *, classification: str, under: str | None, reason: str
) -> str:
    """Have ``classification`` inherited by nothing in ``under``, or by nothing at all; returns the block's id.

    What people or rules find there themselves stays. Raises ``NotFound``.
    """
    actor.require(Permission.CLASSIFY)
    _require_reason(reason)
    if under is not None and not await catalog.by_urns(graph, [under], actor.scope):
        raise NotFound("asset", under, path=("under",))
    # The same block twice is one.
    ident = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{classification} {under or ''}"))

    async def work(unit: Unit) -> str:
        props = {
            "id": ident,
            "classification": classification,
            "reason": reason,
            "at": unit.at,
            "by": unit.by,
        }
        if not await writes.block(unit.tx, props | ({"under": under} if under else {})):
            raise NotFound("classification", classification, path=("classification",))
        unit.tx.mark(await reads.heirs_of(unit.tx, classification, under))
        unit.subjects += [under] if under else []
        unit.details |= {"classification": classification, "block": ident}
        return ident

    return await execute(graph, actor, "propagation.block", work, reason=reason)


async def unblock(graph: GraphSession, actor: Principal, *, ident: str, reason: str = "") -> None:
    """Take a block away. Raises ``NotFound``, also where it is on an asset that the actor may not see."""
    actor.require(Permission.CLASSIFY)

    async def work(unit: Unit) -> None:
        was = await writes.unblock(unit.tx, ident, actor.scope)
        if was is None:
            raise NotFound("block", ident, path=("id",))
        under = was.get("under")
        unit.tx.mark(await reads.heirs_of(unit.tx, was["classification"], under))
        unit.subjects += [under] if under else []
        unit.details |= {"classification": was["classification"], "block": ident}

    await execute(graph, actor, "propagation.unblock", work, reason=reason)


async def request_recompute(graph: GraphSession, actor: Principal, *, reason: str = "") -> None:
    """Have a worker compute anew what all columns inherit."""
    actor.require(Permission.ADMIN)

    async def work(unit: Unit) -> None:
        await writes.mark_all(unit.tx, at=unit.at)

    await execute(graph, actor, "propagation.recompute", work, reason=reason)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput("Whoever comes next must know why.", path=("reason",), remedy="Say why.")
