"""Telling people what a workflow has to say, over the channels of alerts."""

from __future__ import annotations

from cypher.orchestration import writes
from cypher.session import GraphSession
from ingest.commands.unit import Unit, execute
from schema.domain.alerts import NOTICES
from schema.domain.identity import SYSTEM
from schema.domain.scans import Severity


async def notify(
    graph: GraphSession, *, run: str, source: str, task: str, text: str, severity: Severity
) -> bool:
    """Tell ``text`` as one event, once for a task however often that is tried; False where it was told before."""

    async def work(unit: Unit) -> bool:
        first = await writes.tell_once(unit.tx, ident=task)
        unit.subjects.append(run)
        unit.details |= {"task": task, "severity": severity.value, "told": first}
        if first:
            unit.outbox.append((NOTICES[severity], {"run": run, "source": source, "text": text}))
        return first

    return await execute(graph, SYSTEM, "run.notify", work)
