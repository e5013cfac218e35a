"""The command on what all workers together may do to the sources."""

from __future__ import annotations

from cypher.orchestration import writes
from cypher.session import GraphSession
from ingest.commands.unit import Unit, execute
from ingest.connectors.base import kinds
from ingest.orchestration.holds import limits_text
from schema.domain.dispatch import Hold
from schema.domain.identity import Permission, Principal
from schema.domain.limits import QueueLimits
from schema.errors import InvalidInput


async def set_limits(graph: GraphSession, actor: Principal, limits: QueueLimits, *, reason: str = "") -> None:
    """Put ``limits`` in the place of those that there were; raises ``InvalidInput`` where a kind of connector is unknown."""
    actor.require(Permission.ADMIN)
    unknown = sorted(limits.tasks_per_kind.keys() - {*kinds()})
    if unknown:
        raise InvalidInput(
            f"There is no kind of connector {unknown[0][:40]!r}.",
            path=("limits", "tasksPerKind"),
            remedy=f"Use one of {', '.join(kinds())}.",
        )

    async def work(unit: Unit) -> None:
        await writes.set_limits(unit.tx, limits_text(limits))
        unit.details["woken"] = await writes.wake(unit.tx, Hold.BUDGET)
        unit.details |= {
            "seconds_per_day": limits.seconds_per_day,
            "rows_per_day": limits.rows_per_day,
            "tasks_per_kind": dict(limits.tasks_per_kind),
        }

    await execute(graph, actor, "queue.limits", work, reason=reason)
