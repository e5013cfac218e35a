"""Usage of one source from its log to the graph: what a scan and the command line call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from cypher.scanning import reads
from cypher.session import GraphSession
from ingest.commands.usage import Published, publish_usage
from ingest.connectors.base import Capability, Connector, Counting
from ingest.stages.lineage import schema_of
from ingest.usage.analysis import analysed
from ingest.usage.counters import COUNTERS, differences
from ingest.usage.logs import read_log
from schema.domain.identity import Principal
from schema.domain.scans import Problem, ScanStage
from schema.domain.usage import UsageLog, UsageReport, reader_id
from schema.errors import ConnectionFailed
from schema.ids import Urn


async def collect_log(
    graph: GraphSession, actor: Principal, *, source: str, namespace: str, path: Path, reader: str = "log"
) -> tuple[Published, tuple[Problem, ...]]:
    """Count what a file of logged statements tells of ``source``; raises ``BadDocument``.

    ``reader`` names the log, for a source whose statements are logged in several places at the same time.
    """
    position = await reads.usage_position(graph, reader_id(source, reader))
    log = await asyncio.to_thread(read_log, path, position, reader=reader)
    return await _published(graph, actor, log, source=source, namespace=namespace)


async def collect_usage(
    graph: GraphSession, actor: Principal, connector: Connector, *, source: str, run: str = ""
) -> tuple[Published, tuple[Problem, ...]] | None:
    """Count what the server of ``source`` counted since the last time; None where it counts nothing.

    What cannot be read is a problem.
    """
    if Capability.USAGE not in connector.capabilities:
        return None
    since = await reads.usage_position(graph, reader_id(source, COUNTERS))
    known = await known_datasets(graph, connector.namespace)
    try:
        report = await read_usage(connector, since, known)
    except ConnectionFailed as error:
        return Published(), (Problem(ScanStage.LINEAGE, f"USAGE_{error.cause}", source, error.message),)
    return await publish_usage(graph, actor, report, source=source, run=run), report.problems


async def read_usage(connector: Connector, since: str, known: Mapping[Urn, Sequence[str]]) -> UsageReport:
    """What a server counted behind the position ``since``, of the datasets in ``known``; raises ``ConnectionFailed``."""
    counted = await asyncio.to_thread(cast(Counting, connector).counters)
    log = differences(counted, since)
    return await analysed(log, namespace=connector.namespace, known=known, schema=schema_of(known.items()))


async def _published(
    graph: GraphSession, actor: Principal, log: UsageLog, *, source: str, namespace: str
) -> tuple[Published, tuple[Problem, ...]]:
    known = await known_datasets(graph, namespace)
    report = await analysed(log, namespace=namespace, known=known, schema=schema_of(known.items()))
    return await publish_usage(graph, actor, report, source=source), report.problems


async def known_datasets(graph: GraphSession, namespace: str) -> Mapping[Urn, Sequence[str]]:
    """The datasets of an instance with their columns in order, by whichever source reads them."""
    registered = await reads.namespaces(graph)
    found: dict[Urn, Sequence[str]] = {}
    for name in registered.names(namespace):
        found |= {
            Urn.parse(urn): columns for urn, columns in (await reads.known_columns(graph, name)).items()
        }
    return found
