"""Usage of one source from its log to the graph: what a scan and the command line call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from cypher.scanning import reads
from cypher.session import GraphSession
from ingest.commands.usage import Published, publish_usage
from ingest.connectors.base import Capability, Connector, Counting, Recording
from ingest.stages.lineage import schema_of
from ingest.usage.analysis import analysed
from ingest.usage.counters import COUNTERS, differences
from ingest.usage.logs import read_log
from ingest.usage.records import RECORDED, read_recorded
from schema.domain.identity import Principal
from schema.domain.scans import Problem, ScanStage
from schema.domain.usage import KEPT_DAYS, UsageReport, reader_id
from schema.errors import ConnectionFailed
from schema.ids import Urn
from schema.ports import SystemClock


async def collect_log(
    graph: GraphSession,
    actor: Principal,
    *,
    source: str,
    namespace: str,
    path: Path,
    reader: str = "log",
    keep_days: float = KEPT_DAYS,
) -> tuple[Published, tuple[Problem, ...]]:
    """Count what a file of logged statements tells of ``source``; raises ``BadDocument``.

    ``reader`` names the log, for a source whose statements are logged in several places at the same time. Edges that logs
    tell no use of for ``keep_days`` are closed.
    """
    position = await reads.usage_position(graph, reader_id(source, reader))
    log = await asyncio.to_thread(read_log, path, position, reader=reader)
    known = await known_datasets(graph, namespace)
    report = await analysed(log, namespace=namespace, known=known, schema=schema_of(known.items()))
    return await publish_usage(graph, actor, report, source=source, keep_days=keep_days), report.problems


async def collect_usage(
    graph: GraphSession,
    actor: Principal,
    connector: Connector,
    *,
    source: str,
    run: str = "",
    keep_days: float = KEPT_DAYS,
) -> tuple[Published, tuple[Problem, ...]] | None:
    """What the server of ``source`` counted of its statements since the last time, or recorded of what they filled; None where it does neither.

    What cannot be read is a problem. Edges that this tells no use of for ``keep_days`` are closed.
    """
    if isinstance(connector, Recording):
        since = await reads.usage_position(graph, reader_id(source, RECORDED))
        known = await known_datasets(graph, connector.namespace)
        report, complete = await read_recorded(connector, since, known, now=SystemClock().now())
        if report.after == report.before:
            return Published(), report.problems
        days = keep_days if complete else None
        published = await publish_usage(graph, actor, report, source=source, run=run, keep_days=days)
        return published, report.problems
    if Capability.USAGE not in connector.capabilities:
        return None
    since = await reads.usage_position(graph, reader_id(source, COUNTERS))
    known = await known_datasets(graph, connector.namespace)
    try:
        report = await read_usage(connector, since, known)
    except ConnectionFailed as error:
        return Published(), (Problem(ScanStage.LINEAGE, f"USAGE_{error.cause}", source, error.message),)
    published = await publish_usage(graph, actor, report, source=source, run=run, keep_days=keep_days)
    return published, report.problems


async def read_usage(connector: Connector, since: str, known: Mapping[Urn, Sequence[str]]) -> UsageReport:
    """What a server counted behind the position ``since``, of the datasets in ``known``; raises ``ConnectionFailed``."""
    counted = await asyncio.to_thread(cast(Counting, connector).counters)
    log = differences(counted, since)
    return await analysed(log, namespace=connector.namespace, known=known, schema=schema_of(known.items()))


async def known_datasets(graph: GraphSession, namespace: str) -> Mapping[Urn, Sequence[str]]:
    """The datasets of an instance with their columns in order, by whichever source reads them."""
    registered = await reads.namespaces(graph)
    found: dict[Urn, Sequence[str]] = {}
    for name in registered.names(namespace):
        found |= {
            Urn.parse(urn): columns for urn, columns in (await reads.known_columns(graph, name)).items()
        }
    return found
