"""Lineage that a warehouse records itself, read in stretches from where the last reading ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from ingest.connectors.base import Recording
from ingest.stages.lineage import merged
from ingest.usage.analysis import Known
from schema.domain.lineage import LineageEdge
from schema.domain.scans import Problem, ScanStage, Severity
from schema.domain.time import moment, stored
from schema.domain.usage import KEPT_DAYS, UsageReport
from schema.errors import ConnectionFailed
from schema.ids import Urn

RECORDED = "recorded"
"""Name of the reader of what a warehouse records."""

LATE = timedelta(days=2)
"""What was recorded before the last reading ended is read again: records come hours late, and say when a statement began."""

_STRETCH = timedelta(days=7)
_MOST_ANSWERS = 100


async def read_recorded(
    connector: Recording, position: str, known: Mapping[Urn, Sequence[str]], *, now: datetime
) -> tuple[UsageReport, bool]:
    """Edges between the datasets in ``known``, whose columns it lists, and whether all is read up to ``now``.

    What cannot be read is a problem; the position is behind what was.
    """
    last, oldest = moment(position), now - timedelta(days=KEPT_DAYS)
    since = oldest if last is None else max(oldest, last - LATE)
    edges: list[LineageEdge] = []
    problems: list[Problem] = []
    unread = answers = 0
    while since < now:
        if answers >= _MOST_ANSWERS:
            told = f"Only what was recorded before {stored(since)[:16]} was read; the next scan goes on."
            problems.append(Problem(ScanStage.LINEAGE, "MANY_RECORDS", RECORDED, told))
            break
        try:
            found = await asyncio.to_thread(connector.recorded, since, min(since + _STRETCH, now))
        except ConnectionFailed as error:
            problems.append(_refused(error, connector.grant))
            break
        answers += 1
        edges = merged([*edges, *found.edges])
        unread += found.unread
        since = found.until
    problems += _lost(unread)
    after = max(position, stored(since)) if answers else position
    inside = Known(known)
    kept = [edge for edge in edges if edge.upstream in inside and edge.downstream in inside]
    report = UsageReport(
        RECORDED, position, after, edges=tuple(kept), problems=tuple(problems), asserter="record"
    )
    return report, since >= now


def _refused(error: ConnectionFailed, grant: str) -> Problem:
    # Whoever may not read a view is often told that there is none.
    if error.cause in ("PERMISSION", "NOT_FOUND"):
        why = f"This account cannot read the lineage that the warehouse records. {grant}"
        return Problem(ScanStage.LINEAGE, "RECORDS_PERMISSION", RECORDED, why)
    why = f"The lineage that the warehouse records was not read. {error.message} {error.remedy}"
    return Problem(ScanStage.LINEAGE, f"RECORDS_{error.cause}", RECORDED, why)


def _lost(unread: int) -> Iterator[Problem]:
    if unread:
        told = f"{unread} records are not as their maker documents them, and were left out."
        yield Problem(ScanStage.LINEAGE, "MALFORMED_RECORDS", RECORDED, told, Severity.INFO)
