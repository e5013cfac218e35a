"""Commands on lineage: what scans and events assert, and what people draw by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from cypher.catalog import writes as catalog_writes
from cypher.lineage import reads, writes
from cypher.scanning import reads as scanning
from cypher.session import GraphSession
from ingest.commands import rows as shape
from ingest.commands.unit import Unit, execute
from schema.domain.identity import Permission, Principal
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.errors import NotFound
from schema.ids import Urn

_BATCH = 10_000


async def publish_edges(
    graph: GraphSession,
    actor: Principal,
    edges: Sequence[LineageEdge],
    *,
    origin: EdgeOrigin,
    assertion: str,
    run: str,
    closes: Sequence[Urn] = (),
    valid_at: datetime | None = None,
) -> tuple[int, int]:
    """Assert ``edges``; returns how many were written and how many older ones closed.

    ``assertion`` names who says so (a source, a producer). Ends nobody described become stubs. For the datasets in
    ``closes``, edges which the same asserter said before and does not say now are closed and kept with their interval.
    What is said holds from ``valid_at`` on, or from when an edge was observed; None is now.
    """
    registered = await scanning.namespaces(graph)
    written = 0
    for start in range(0, len(edges), _BATCH):
        batch = edges[start : start + _BATCH]

        async def work(unit: Unit, batch: Sequence[LineageEdge] = batch) -> int:
            ends = {str(end): end for edge in batch for end in (edge.upstream, edge.downstream)}
            unknown = [ends[urn] for urn in sorted(await catalog_writes.unmentioned(unit.tx, list(ends)))]
            stubs = shape.stub_rows(unknown, registered)
            timed = [(edge, unit.since(edge.observed_at or valid_at)) for edge in batch]
            earliest = min(valid for _, valid in timed)
            made = (
                await catalog_writes.ensure_assets(
                    unit.tx, [row | {"valid": earliest} for row in stubs], at=unit.at, by=unit.by, run=run
                )
                if stubs
                else 0
            )
            count = await writes.upsert_edges(
                unit.tx, timed, origin=origin, assertion=assertion, author=actor.id, at=unit.at, run=run
            )
            unit.details |= {"edges": count, "stubs": made, "assertion": assertion, "run": run}
            return count

        written += await execute(graph, actor, "lineage.publish", work)
    closed = 0
    if closes:

        async def close(unit: Unit) -> int:
            downs = sorted({str(urn) for urn in closes})
            count = await writes.close_stale(
                unit.tx, downs, assertion=assertion, at=unit.at, valid=unit.since(valid_at), run=run
            )
            unit.details |= {"closed": count, "assertion": assertion, "run": run}
            return count

        closed = await execute(graph, actor, "lineage.close", close)
    return written, closed


async def publish_problems(
    graph: GraphSession, actor: Principal, codes: Mapping[str, str | None], *, run: str
) -> int:
    """Note on each dataset whether its SQL could be read to the end, so that answers about lineage can say so."""

    async def work(unit: Unit) -> int:
        unit.details |= {"unread": sum(code is not None for code in codes.values()), "run": run}
        return await writes.set_problems(unit.tx, codes)

    return await execute(graph, actor, "lineage.publish_problems", work) if codes else 0


async def _require_visible(graph: GraphSession, actor: Principal, up: str, down: str) -> None:
    seen = await reads.visible_ends(graph, [up, down], actor.scope)
    for field, urn in (("upstream", up), ("downstream", down)):
        if urn not in seen:
            raise NotFound("asset", urn, path=(field,))


async def link(
    graph: GraphSession, actor: Principal, *, upstream: str, downstream: str, reason: str = ""
) -> None:
    """Record by hand that ``upstream`` feeds ``downstream``; raise ``NotFound`` where either is not there for the actor."""
    actor.require(Permission.EDIT)
    edge = LineageEdge(Urn.parse(upstream), Urn.parse(downstream), (Transformation.UNKNOWN,))
    await _require_visible(graph, actor, upstream, downstream)

    async def work(unit: Unit) -> None:
        await writes.upsert_edges(
            unit.tx,
            [(edge, unit.at)],
            origin=EdgeOrigin.MANUAL,
            assertion=f"person:{actor.id}",
            author=actor.id,
            at=unit.at,
            run="",
        )
        unit.subjects += [upstream, downstream]

    await execute(graph, actor, "lineage.link", work, reason=reason)


async def unlink(
    graph: GraphSession, actor: Principal, *, upstream: str, downstream: str, reason: str = ""
) -> None:
    """Close the edge that people drew; raise ``NotFound`` where there is none. What sources assert stays."""
    actor.require(Permission.EDIT)
    await _require_visible(graph, actor, upstream, downstream)

    async def work(unit: Unit) -> None:
        if not await writes.unlink(unit.tx, up=upstream, down=downstream, at=unit.at):
            raise NotFound("edge drawn by hand", f"{upstream} -> {downstream}", path=("downstream",))
        unit.subjects += [upstream, downstream]

    await execute(graph, actor, "lineage.unlink", work, reason=reason)
