"""What all workers together may do to the sources: over all of them in a day, and to those of one kind at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schema.errors import InvalidInput

MOST_TASKS = 1_000


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """Budgets are per day in UTC, over all sources; None has no limit. ``tasks_per_kind`` is how many tasks read sources of one kind of
    connector at once. Raises ``InvalidInput``."""

    seconds_per_day: int | None = None
    rows_per_day: int | None = None
    tasks_per_kind: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, budget in (("secondsPerDay", self.seconds_per_day), ("rowsPerDay", self.rows_per_day)):
            if budget is not None and budget < 1:
                raise InvalidInput(
                    "A budget of nothing lets nothing run.",
                    path=("limits", name),
                    remedy="Give a number above 0, or none.",
                )
        for kind, tasks in self.tasks_per_kind.items():
            if not 1 <= tasks <= MOST_TASKS:
                raise InvalidInput(
                    f"{tasks} tasks at once are not possible for {kind}.",
                    path=("limits", "tasksPerKind"),
                    remedy=f"Use 1 to {MOST_TASKS:,}.",
                )

    def spent(self, used_ms: int, used_rows: int) -> bool:
        """Whether a budget of the day is used up."""
        late = self.seconds_per_day is not None and used_ms >= self.seconds_per_day * 1_000
        return late or (self.rows_per_day is not None and used_rows >= self.rows_per_day)
