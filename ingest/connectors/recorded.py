"""What warehouses record themselves of which columns their statements filled from which: how it is asked for, and what the rows mean.

Columns and JSON are as their makers document them (Snowflake: ACCESS_HISTORY view; Databricks: lineage system tables). Not run against
a server here: the statements are run on another engine over rows of that shape.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.connectors.base import Recorded
from schema.domain.lineage import LineageEdge
from schema.domain.platforms import column_urn, dataset_urn
from schema.errors import InvalidInput
from schema.ids import Urn

Ends = Iterator[tuple[Urn, Urn]]

MOST_ACCESSES = 5_000  # different writes in one answer of Snowflake; one of a wide table may take 100 KB
MOST_FLOWS = 50_000  # different pairs of columns in one answer of Databricks

# Grouped there, so that what runs every hour is told once.
ACCESS_HISTORY = """\
SELECT
  TO_JSON(direct_objects_accessed),
  TO_JSON(objects_modified),
  DATE_PART(EPOCH_SECOND, MIN(query_start_time)),
  DATE_PART(EPOCH_SECOND, MAX(query_start_time)) AS last_at
FROM snowflake.account_usage.access_history
WHERE query_start_time >= CAST('{since}' AS TIMESTAMP_TZ)
  AND query_start_time < CAST('{until}' AS TIMESTAMP_TZ)
  AND ARRAY_SIZE(objects_modified) > 0
GROUP BY 1, 2
ORDER BY last_at
LIMIT {most}
"""
LINEAGE_TABLES = """\
SELECT
  source_table_full_name,
  source_column_name,
  target_table_full_name,
  target_column_name,
  UNIX_SECONDS(MIN(event_time)),
  UNIX_SECONDS(MAX(event_time)) AS last_at
FROM (
  SELECT source_table_full_name, source_column_name, target_table_full_name, target_column_name, event_time, event_date
  FROM system.access.column_lineage
  UNION ALL
  SELECT source_table_full_name, CAST(NULL AS STRING), target_table_full_name, CAST(NULL AS STRING), event_time, event_date
  FROM system.access.table_lineage
) AS told
WHERE event_date >= CAST('{day}' AS DATE)
  AND event_time >= CAST('{since}' AS TIMESTAMP)
  AND event_time < CAST('{until}' AS TIMESTAMP)
  AND source_table_full_name IS NOT NULL
  AND target_table_full_name IS NOT NULL
GROUP BY 1, 2, 3, 4
ORDER BY last_at
LIMIT {most}
"""


def asked(statement: str, since: datetime, until: datetime, most: int) -> str:
    """``statement`` for what was recorded from ``since`` on and before ``until``."""
    start, end = (each.astimezone(UTC).isoformat(timespec="seconds") for each in (since, until))
    return statement.format(since=start, until=end, day=start[:10], most=most)


def accessed(namespace: str, row: Sequence[Any]) -> Ends:
    """Ends of edges of a row of ``ACCESS_HISTORY``; raises ``ValueError``, ``KeyError`` or ``TypeError`` where it is none.

    What a column was filled from directly feeds it. Other tables that the statement names decide what is written, and feed the table.
    A write without any such source, as of constants or a DELETE, tells of no lineage.
    """
    named = [_dataset(namespace, each) for each in json.loads(row[0] or "[]") if _is_table(each)]
    for target in json.loads(row[1]):
        if not _is_table(target):
            continue
        table = _dataset(namespace, target)
        sources: dict[Urn, None] = {}
        for column in target.get("columns") or ():
            for source in column.get("directSources") or ():
                if _is_table(source):
                    origin = _dataset(namespace, source)
                    sources[origin] = None
                    yield column_urn(origin, source["columnName"]), column_urn(table, column["columnName"])
        for origin in dict.fromkeys([*sources, *named]) if sources else ():
            yield origin, table


def told(namespace: str, row: Sequence[Any]) -> Ends:
    """Ends of edges of a row of ``LINEAGE_TABLES``; a column that was only read, or written from none, is told by the tables alone."""
    source, column, target, filled = row[:4]
    up, down = dataset_urn(namespace, source), dataset_urn(namespace, target)
    yield up, down
    if column and filled:
        yield column_urn(up, column), column_urn(down, filled)


def recorded(
    rows: Iterable[tuple[Iterable[tuple[Urn, Urn]], Any, Any]],
) -> list[LineageEdge]:
    """Edges with when they were recorded first and last, from ends and seconds since 1970."""
    times: dict[tuple[Urn, Urn], tuple[float, float]] = {}
    for ends, first, last in rows:
        for pair in ends:
            if pair[0] != pair[1]:
                was = times.get(pair, (first, last))
                times[pair] = min(was[0], float(first)), max(was[1], float(last))
    return [
        LineageEdge(up, down, observed_at=_moment(first), last_at=_moment(last))
        for (up, down), (first, last) in times.items()
    ]


def answer(
    rows: Sequence[Sequence[Any]], read: Any, namespace: str, since: datetime, until: datetime, most: int
) -> Recorded:
    """What the rows of one answer tell, of which each ends with when it was recorded first and last.

    An answer of ``most`` rows was cut: what is behind its last row is to be asked for again.
    """
    found: list[tuple[list[tuple[Urn, Urn]], float, float]] = []
    unread = 0
    for row in rows:
        try:
            found.append((list(read(namespace, row)), float(row[-2]), float(row[-1])))
        except (ValueError, KeyError, TypeError, AttributeError, InvalidInput):
            unread += 1
    if len(rows) >= most:
        # At the same second there may be more; a second that fills an answer alone is left behind all the same.
        until = min(until, max(_moment(float(rows[-1][-1])), since + timedelta(seconds=1)))
    return Recorded(tuple(recorded(found)), until, unread)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _is_table(told: Any) -> bool:
    """Stages, functions and procedures have names of their own kind, which may be those of tables."""
    return str(told["objectDomain"]).lower().endswith(("table", "view")) and bool(told.get("objectName"))


def _dataset(namespace: str, told: Any) -> Urn:
    return dataset_urn(namespace, str(told["objectName"]))
