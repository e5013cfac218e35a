"""The command on usage: figures of a log, counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cypher.session import GraphSession
from cypher.usage import writes
from ingest.commands import lineage
from ingest.commands.unit import Unit, execute
from schema.domain.identity import Permission, Principal
from schema.domain.lineage import EdgeOrigin
from schema.domain.usage import KEPT_DAYS, UsageReport, account_id, reader_id
from schema.errors import Conflict

_BATCH = 5_000
_FORGOTTEN = 10_000


@dataclass(frozen=True, slots=True)
class Published:
    """How many queries were counted, for how many days of assets and of joins, and how many edges they assert."""

    queries: int = 0
    assets: int = 0
    joins: int = 0
    edges: int = 0


async def publish_usage(
    graph: GraphSession, actor: Principal, report: UsageReport, *, source: str, run: str = ""
) -> Published:
    """Add the figures of ``report`` to those of ``source``, all of them or none, and assert its edges.

    A report that was published before changes nothing. Raises ``Conflict`` where its reader has counted something else
    since it was read. Figures older than ninety days are forgotten.
    """
    actor.require(Permission.SCAN)
    ident = reader_id(source, report.reader)

    async def work(unit: Unit) -> Published:
        position = await writes.hold(unit.tx, ident=ident, source=source, reader=report.reader, at=unit.at)
        unit.details |= {"source": source, "reader": report.reader, "run": run}
        if position == report.after:
            return Published()
        if position != report.before:
            raise Conflict(
                f"The log {report.reader} of {source} was counted by another meanwhile.",
                remedy="Read it again.",
            )
        found = await _counted(unit, report, source)
        await writes.move_on(unit.tx, ident=ident, position=report.after)
        oldest = (date.fromisoformat(unit.at[:10]) - timedelta(days=KEPT_DAYS)).isoformat()
        forgotten = await writes.forget(unit.tx, source=source, before=oldest, limit=_FORGOTTEN)
        unit.details |= {"queries": found.queries, "assets": found.assets, "forgotten": forgotten}
        return found

    counted = await execute(graph, actor, "usage.publish", work)
    if not report.edges:
        return counted
    edges, _ = await lineage.publish_edges(
        graph,
        actor,
        report.edges,
        origin=EdgeOrigin.QUERY_LOG,
        assertion=f"log:{source}",
        run=run,
    )
    return Published(counted.queries, counted.assets, counted.joins, edges)


async def _counted(unit: Unit, report: UsageReport, source: str) -> Published:
    oldest = (date.fromisoformat(unit.at[:10]) - timedelta(days=KEPT_DAYS)).isoformat()
    names = sorted({name for use in report.assets for name in use.accounts})
    idents = {name: account_id(source, name) for name in names}
    for some in _batches([{"id": idents[name], "name": name} for name in names]):
        await writes.name_accounts(unit.tx, some, source=source)
    uses = [
        {
            "id": f"{source}~{use.day}~{use.urn}",
            "urn": str(use.urn),
            "day": use.day,
            "queries": use.queries,
            "accounts": [idents[name] for name in use.accounts],
            "last_used": use.last_used.isoformat(),
        }
        for use in report.assets
        if use.day >= oldest
    ]
    joins = [
        {"one": str(use.one), "other": str(use.other), "day": use.day, "queries": use.queries}
        for use in report.joins
        if use.day >= oldest
    ]
    written = [await writes.add_uses(unit.tx, some, source=source) for some in _batches(uses)]
    joined = [await writes.add_joins(unit.tx, some, source=source) for some in _batches(joins)]
    return Published(report.queries, sum(written), sum(joined))


def _batches(rows: Sequence[dict[str, Any]]) -> list[Sequence[dict[str, Any]]]:
    return [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]
