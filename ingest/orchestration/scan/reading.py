"""``lineage`` and ``usage``: what SQL says, of views and documents and of the statements that a server has run."""

from __future__ import annotations

import asyncio

from cypher.scanning import reads
from cypher.session import GraphSession
from ingest.orchestration.outcomes import Done
from ingest.orchestration.scan.handed import (
    EDGES,
    TEXTS,
    Edges,
    outline_of,
)
from ingest.orchestration.task import Task, action
from ingest.stages import lineage as sql
from ingest.usage.collecting import collect_usage
from schema.domain.identity import SYSTEM
from schema.ids import Urn


@action("lineage")
async def read_lineage(task: Task) -> Done:
    """Read the SQL of views and documents, each text on its own."""
    texts = (await task.chunks.take("texts", [0], TEXTS))[0]
    outline = await outline_of(task)
    schemas: dict[str, sql.Schema] = {}
    for space, name, columns in texts.tables:
        schemas.setdefault(space, {})[name] = columns
    for namespace in {each.namespace for each in texts.tasks}:
        if namespace not in schemas or outline.extract is not None:
            # Documents list some columns, in any order; whoever read the tables themselves knows better.
            foreign = await _foreign_schema(task.graph, namespace)
            schemas[namespace] = schemas.get(namespace, {}) | foreign
    total = len(texts.tasks)
    outcome = await sql.analyse(texts.tasks, schemas, lambda done: task.at(done, total))
    task.stop.check()
    edges = Edges(tuple(outcome.edges), tuple(outcome.spoken_of), outcome.unread)
    await task.chunks.keep("edges", 0, edges, EDGES)
    return Done(problems=outcome.problems)


async def _foreign_schema(graph: GraphSession, namespace: str) -> sql.Schema:
    """Columns of the tables that another source read; a name that nobody read has none."""
    registered = await reads.namespaces(graph)
    known = {
        urn: columns
        for name in registered.names(namespace)
        for urn, columns in (await reads.known_columns(graph, name)).items()
    }
    return sql.schema_of((Urn.parse(urn), columns) for urn, columns in known.items())


@action("usage")
async def count_usage(task: Task) -> Done:
    """What the source's server has counted or recorded of its statements since the last scan; nothing where it does neither."""
    connector = await asyncio.to_thread(task.open)
    try:
        counted = await collect_usage(
            task.graph,
            SYSTEM,
            connector,
            source=task.source,
            run=task.run,
            keep_days=task.config.logged_lineage_days,
        )
    finally:
        await asyncio.to_thread(connector.close)
    if counted is None:
        return Done()
    published, problems = counted
    return Done(counts={"queries": published.queries}, problems=problems)
