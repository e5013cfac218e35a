"""Commands on what other tools report: jobs, datasets and edges of OpenLineage events; their SQL is read by a worker."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cypher.catalog import writes as catalog_writes
from cypher.scanning import reads, writes
from cypher.session import GraphSession
from ingest.commands import catalog, lineage
from ingest.commands.unit import Unit, execute
from ingest.formats import openlineage
from ingest.formats.extract import Extract, Statement
from ingest.stages import lineage as sql
from schema.domain.identity import SYSTEM, Permission, Principal
from schema.domain.lineage import EdgeOrigin
from schema.domain.time import moment, stored
from schema.ids import Urn


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a batch of events came to."""

    events: int
    datasets: int
    jobs: int
    edges: int
    sql_queued: int
    problems: tuple[str, ...]


async def ingest(
    graph: GraphSession, actor: Principal, body: bytes, *, namespace_aliases: Mapping[str, str]
) -> Receipt:
    """Take one OpenLineage event or a list of them; raise ``BadDocument`` with the place where one is not valid.

    Safe to send twice: everything is written by natural key.
    """
    actor.require(Permission.INGEST)
    count, found = await asyncio.to_thread(_read, body, namespace_aliases)
    run = f"openlineage:{hashlib.blake2b(body, digest_size=12).hexdigest()}"
    datasets = await catalog.publish_datasets(graph, actor, found.datasets, run=run, by="openlineage")
    jobs = await catalog.publish_jobs(graph, actor, found.jobs, run=run)
    edges = 0
    for job, said in _by_job(found).items():
        written, _ = await lineage.publish_edges(
            graph, actor, said, origin=EdgeOrigin.OPENLINEAGE, assertion=f"openlineage:{job}", run=run
        )
        edges += written
    queued = await _record(graph, actor, found)
    return Receipt(count, datasets, jobs, edges, queued, tuple(p.code for p in found.problems))


def _read(body: bytes, namespace_aliases: Mapping[str, str]) -> tuple[int, Extract]:
    events = openlineage.parse_events(body)
    return len(events), openlineage.extract(events, namespace_aliases=namespace_aliases)


def _by_job(found: Extract) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = {}
    for edge in found.edges:
        grouped.setdefault(str(edge.job or ""), []).append(edge)
    return grouped


async def _record(graph: GraphSession, actor: Principal, found: Extract) -> int:
    if not found.runs and not found.statements:
        return 0

    async def work(unit: Unit) -> int:
        runs = [
            {
                "urn": str(run.job),
                "id": run.run_id,
                "state": run.state,
                "at": stored(run.event_time),
                "error": run.error,
            }
            for run in sorted(found.runs, key=lambda run: run.event_time)
        ]
        if runs:
            await catalog_writes.record_job_runs(unit.tx, runs)
        seen = {job.urn: job.observed_at for job in found.jobs}
        rows = [_row(s, unit.since(seen.get(s.job))) for s in found.statements if s.job]
        queued = await writes.queue_sql(unit.tx, rows, at=unit.at)
        unit.subjects += sorted({str(run.job) for run in found.runs})
        unit.details |= {"runs": len(runs), "sql": queued}
        return queued

    return await execute(graph, actor, "openlineage.record", work)


def _row(statement: Statement, seen_at: str) -> dict[str, Any]:
    job = str(statement.job)
    return {
        "id": job,
        "job": job,
        "hash": hashlib.blake2b(statement.sql.encode(), digest_size=12).hexdigest(),
        "sql": statement.sql,
        "dialect": statement.dialect,
        "namespace": statement.namespace,
        "default_db": statement.default_db,
        "default_schema": statement.default_schema,
        "target": str(statement.target) if statement.target else None,
        "seen_at": seen_at,
    }


async def read_queued_sql(graph: GraphSession, *, most: int = 200) -> int:
    """Read the SQL that waits, assert its edges, and settle it; returns how many texts."""
    rows = await reads.queued_sql(graph, first=most)
    if not rows:
        return 0
    tasks = [
        sql.Task(
            row["sql"],
            row["dialect"],
            row["namespace"],
            Urn.parse(row["target"]) if row.get("target") else None,
            Urn.parse(row["job"]),
            row.get("default_db"),
            row.get("default_schema"),
        )
        for row in rows
    ]
    registered = await reads.namespaces(graph)
    known: dict[str, sql.Schema] = {}
    for namespace in {task.namespace for task in tasks}:
        known[namespace] = {}
        for name in registered.names(namespace):
            columns = await reads.known_columns(graph, name)
            known[namespace] |= sql.schema_of((Urn.parse(urn), names) for urn, names in columns.items())
    outcome = await sql.analyse(tasks, known)
    seen = {row["job"]: moment(row.get("seen_at")) for row in rows}
    by_job: dict[str, list[Any]] = {str(task.job): [] for task in tasks}
    for edge in outcome.edges:
        by_job[str(edge.job)].append(edge)
    for job, edges in by_job.items():
        await lineage.publish_edges(
            graph,
            SYSTEM,
            edges,
            origin=EdgeOrigin.SQL,
            assertion=f"sql:{job}",
            run=f"sql:{rows[0]['at']}",
            closes=sql.filled_by(edges),
            valid_at=seen[job],
        )
    await lineage.publish_problems(graph, SYSTEM, outcome.unread, run="")
    await _settle(graph, rows)
    return len(rows)


async def _settle(graph: GraphSession, rows: Sequence[Mapping[str, Any]]) -> None:
    async def work(unit: Unit) -> None:
        unit.details["sql"] = await writes.settle_sql(unit.tx, rows)
        unit.subjects += [row["job"] for row in rows]

    await execute(graph, SYSTEM, "lineage.read_sql", work)
