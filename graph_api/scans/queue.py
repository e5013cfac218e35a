"""The queue of tasks as the API shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from graph_api.enums import Band
from graph_api.values import Long


@strawberry.type(description="What waits in one band.")
class QueueBand:
    tasks: int = strawberry.field(description="Tasks that a worker could take.")
    longest_wait_ms: Long = strawberry.field(description="How long the first of them waits, milliseconds.")
    name: strawberry.Private[str]

    @strawberry.field(description="The band.")
    def band(self) -> Band:
        return Band(self.name)


@strawberry.type(description="Tasks that were put aside for one reason.")
class QueueHold:
    reason: str = strawberry.field(
        description="RETRY, SOURCE_BUSY, BLACKOUT, BUDGET, CIRCUIT, DEPENDENCY, SUSPECT, EXTRAS or PAUSED."
    )
    tasks: int = strawberry.field(description="How many.")
    next_in_ms: Long | None = strawberry.field(
        description="When the first of them comes back, milliseconds from now; null where that has no time."
    )


@strawberry.type(description="A worker process that lives.")
class QueueWorker:
    name: str = strawberry.field(description="Host, process and a part at random.")
    slots: int = strawberry.field(description="How many tasks it works on at once at most.")
    busy: int = strawberry.field(description="How many it works on.")
    quiet_ms: Long = strawberry.field(description="How long ago it was last heard of, milliseconds.")
    connectors: list[str] = strawberry.field(
        description="Kinds of sources that it can open, whose drivers it has."
    )


@strawberry.type(description="What waits for workers and who works.")
class Queue:
    bands: list[QueueBand] = strawberry.field(description="What waits, the most urgent band first.")
    held: list[QueueHold] = strawberry.field(description="What was put aside, and why.")
    running: int = strawberry.field(description="Tasks that workers have.")
    lost: int = strawberry.field(
        description="Tasks whose worker is not heard of any more; the next look takes them back."
    )
    workers: list[QueueWorker] = strawberry.field(description="Workers heard of in the last fifteen seconds.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            bands=[
                QueueBand(
                    name=each["band"].value, tasks=each["tasks"], longest_wait_ms=Long(each["longest_ms"])
                )
                for each in row["ready"]
            ],
            held=[
                QueueHold(
                    reason=each["held"],
                    tasks=each["tasks"],
                    next_in_ms=None if each["next_ms"] is None else Long(max(0, each["next_ms"])),
                )
                for each in row["parked"]
            ],
            running=row["running"],
            lost=row["lost"],
            workers=[
                QueueWorker(
                    name=each["id"],
                    slots=each["slots"],
                    busy=each["busy"],
                    quiet_ms=Long(each["quiet_ms"]),
                    connectors=each["extras"] or [],
                )
                for each in row["workers"]
            ],
        )
