"""Usage of one source from its log to the graph: what a scan and the command line call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from cypher.scanning import reads
from cypher.session import GraphSession
from ingest.commands.usage import Published, publish_usage
from ingest.stages.lineage import schema_of
from ingest.usage.analysis import analysed
from ingest.usage.logs import read_log
from schema.domain.identity import Principal
from schema.domain.scans import Problem
from schema.domain.usage import UsageLog, reader_id
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


async def _published(
    graph: GraphSession, actor: Principal, log: UsageLog, *, source: str, namespace: str, run: str = ""
) -> tuple[Published, tuple[Problem, ...]]:
    known = await known_datasets(graph, namespace)
    report = await analysed(log, namespace=namespace, known=known, schema=schema_of(known.items()))
    return await publish_usage(graph, actor, report, source=source, run=run), report.problems


async def known_datasets(graph: GraphSession, namespace: str) -> Mapping[Urn, Sequence[str]]:
    """The datasets of an instance with their columns in order, by whichever source reads them."""
    registered = await reads.namespaces(graph)
    found: dict[Urn, Sequence[str]] = {}
    for name in registered.names(namespace):
        found |= {
            Urn.parse(urn): columns for urn, columns in (await reads.known_columns(graph, name)).items()
        }
    return found
