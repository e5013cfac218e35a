"""What all workers together may do to the sources, as the API takes and shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

import strawberry

from cypher.orchestration import reads
from graph_api.arguments import Reason
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.errors import ForbiddenError, InvalidInputError
from graph_api.values import Long
from ingest.commands import limits as commands
from ingest.orchestration.holds import day, limits_of
from schema.domain import limits as domain
from schema.domain.identity import Permission
from schema.errors import InvalidInput
from schema.ports import SystemClock


@strawberry.type(description="How many tasks read sources of one kind at once.")
class QueueKindLimit:
    kind: str = strawberry.field(description="Kind of connector.")
    tasks: int = strawberry.field(description="How many.")


@strawberry.input(description="How many tasks read sources of one kind at once.")
class QueueKindLimitInput:
    kind: str = strawberry.field(description="Kind of connector.")
    tasks: int = strawberry.field(description="How many, 1 to 1,000.")


@strawberry.type(
    description="What all workers together may do to the sources, and what they did of it today."
)
class QueueLimits:
    seconds_per_day: int | None = strawberry.field(
        description="How long all sources together may be read in a day, UTC; null without a limit."
    )
    rows_per_day: int | None = strawberry.field(
        description="How many rows may be sampled of them in a day, UTC; null without a limit."
    )
    tasks_per_kind: list[QueueKindLimit] = strawberry.field(
        description="Tasks at once, of those kinds that have a limit."
    )
    seconds_used: float = strawberry.field(description="How long they were read today.")
    rows_used: Long = strawberry.field(description="How many rows were sampled today.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        limits = limits_of(row["limits"])
        return cls(
            seconds_per_day=limits.seconds_per_day,
            rows_per_day=limits.rows_per_day,
            tasks_per_kind=[
                QueueKindLimit(kind=kind, tasks=tasks)
                for kind, tasks in sorted(limits.tasks_per_kind.items())
            ],
            seconds_used=row["used_ms"] / 1_000,
            rows_used=Long(row["used_rows"]),
        )


async def _limits(info: Info) -> QueueLimits:
    return QueueLimits.of(await reads.limits(info.context.graph, day(SystemClock().now())))


@strawberry.type
class LimitQueries:
    @strawberry.field(
        description="What all workers together may do to the sources. Needs SCAN.", extensions=[Compiled()]
    )
    async def queue_limits(self, info: Info) -> QueueLimits:
        info.context.require(Permission.SCAN)
        return await _limits(info)


@strawberry.input(
    description="What all workers together may do to the sources; what is left out has no limit."
)
class QueueLimitsInput:
    seconds_per_day: int | None = strawberry.field(
        default=None, description="How long all sources together may be read in a day, UTC."
    )
    rows_per_day: int | None = strawberry.field(
        default=None, description="How many rows may be sampled of them in a day, UTC."
    )
    tasks_per_kind: list[QueueKindLimitInput] = strawberry.field(
        default_factory=list, description="How many tasks read sources of a kind at once."
    )

    def limits(self) -> domain.QueueLimits:
        """Raises ``InvalidInput`` that names the field."""
        tasks = {each.kind: each.tasks for each in self.tasks_per_kind}
        if len(tasks) < len(self.tasks_per_kind):
            raise InvalidInput(
                "A kind has two limits.", path=("limits", "tasksPerKind"), remedy="Name each kind once."
            )
        return domain.QueueLimits(self.seconds_per_day, self.rows_per_day, tasks)


@strawberry.type(description="The limits hold from now on.")
class QueueLimitsSetSuccess:
    limits: QueueLimits = strawberry.field(description="The limits as they are now.")


QueueLimitsSetResult = Annotated[
    QueueLimitsSetSuccess | InvalidInputError | ForbiddenError,
    strawberry.union("QueueLimitsSetResult", description="The limits, or why they stay as they were."),
]


@strawberry.type
class LimitMutations:
    @strawberry.mutation(
        description="Say what all workers together may do to the sources, in the place of what held before. Needs ADMIN."
    )
    async def queue_limits_set(
        self,
        info: Info,
        limits: Annotated[QueueLimitsInput, strawberry.argument(description="All of the limits.")],
        reason: Reason = "",
    ) -> QueueLimitsSetResult:
        context = info.context
        context.require(Permission.ADMIN)
        await commands.set_limits(context.graph, context.principal, limits.limits(), reason=reason)
        return QueueLimitsSetSuccess(limits=await _limits(info))
