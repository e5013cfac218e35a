"""The command on usage: figures of a log, counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from cypher.lineage import writes as lineage_writes
from cypher.session import GraphSession
from cypher.usage import writes
from ingest.commands import lineage
from ingest.commands.unit import Unit, execute
from schema.domain.identity import Permission, Principal
from schema.domain.lineage import EdgeOrigin
from schema.domain.time import stored
from schema.domain.usage import KEPT_DAYS, UsageReport, account_id, reader_id
from schema.errors import Conflict

_BATCH = 5_000
_FORGOTTEN = 10_000
_CLOSED = 5_000  # edges of each kind in one command; the others wait for the next


@dataclass(frozen=True, slots=True)
class Published:
    """How many queries were counted, for how many days of assets and of joins, and how many edges they assert or are ``closed``."""

    queries: int = 0
    assets: int = 0
    joins: int = 0
    edges: int = 0
    closed: int = 0


async def publish_usage(
    graph: GraphSession,
    actor: Principal,
    report: UsageReport,
    *,
    source: str,
    run: str = "",
    keep_days: float | None = KEPT_DAYS,
) -> Published:
    """Assert the edges of ``report`` and add its figures to those of ``source``, all of them or none.

    A report that was published before adds nothing. Raises ``Conflict`` where its reader has counted something else
    since it was read. Figures older than ninety days are forgotten. Edges of its asserter that were not used for ``keep_days``
    are closed; None where the report does not tell all uses up to now.
    """
    actor.require(Permission.SCAN)
    ident, assertion = reader_id(source, report.reader), f"{report.asserter}:{source}"
    edges = 0
    if report.edges:
        # Before the position moves on: who stops in between reads them again, and an edge said twice is one.
        edges, _ = await lineage.publish_edges(
            graph, actor, report.edges, origin=EdgeOrigin.QUERY_LOG, assertion=assertion, run=run
        )

    async def work(unit: Unit) -> Published:
        position = await writes.hold(unit.tx, ident=ident, source=source, reader=report.reader, at=unit.at)
        unit.details |= {"source": source, "reader": report.reader, "run": run}
        if position not in (report.before, report.after):
            raise Conflict(
                f"The log {report.reader} of {source} was counted by another meanwhile.",
                remedy="Read it again.",
            )
        found = Published(edges=edges)
        if position != report.after:
            found = replace(await _counted(unit, report, source), edges=edges)
            await writes.move_on(unit.tx, ident=ident, position=report.after)
        oldest = (date.fromisoformat(unit.at[:10]) - timedelta(days=KEPT_DAYS)).isoformat()
        forgotten = await writes.forget(unit.tx, source=source, before=oldest, limit=_FORGOTTEN)
        unit.details |= {"queries": found.queries, "assets": found.assets, "forgotten": forgotten}
        if keep_days is None:
            return found
        before = stored(datetime.fromisoformat(unit.at) - timedelta(days=keep_days))
        closed = await lineage_writes.close_unused(
            unit.tx, assertion=assertion, before=before, at=unit.at, run=run, limit=_CLOSED
        )
        unit.details["closed_edges"] = closed
        return replace(found, closed=closed)

    return await execute(graph, actor, "usage.publish", work)


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
