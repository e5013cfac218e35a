"""The scenarios: which fault strikes when, and what is required of the scans that it strikes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.faults.checker import RESUMED_S, Row, Tasks, checked, doubled, export
from tests.faults.world import Scan, World, scanning, struck


@dataclass(slots=True)
class Course:
    """A run of scenarios: the world, what it looks like undisturbed, how often faults strike."""

    world: World
    moments: int
    expected: Sequence[str] = ()
    undisturbed_s: float = 0.0
    rows: list[Row] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [spec.name for spec in self.world.sources.specs]


Scenario = Callable[[Course], Awaitable[list[Row]]]
SCENARIOS: dict[str, Scenario] = {}


def scenario(function: Scenario) -> Scenario:
    SCENARIOS[function.__name__] = function
    return function


async def undisturbed(course: Course) -> list[Row]:
    """Without faults: what the others are compared with."""
    async with scanning(course.world, "undisturbed") as scan:
        whole = await struck(scan, None, course.names)
        course.expected = await export(course.world.graph)
        course.undisturbed_s = scan.took_s
        rows = await checked("undisturbed", scan, course.expected, whole=whole)
        tasks = await Tasks.of(course.world.graph)
    twice = doubled(course.expected)
    rows.append(Row("undisturbed", "doubled edges, verdicts, states: 0", str(len(twice)), not twice, twice))
    told = f"{scan.took_s:.0f} s, {len(scan.runs)} runs, {len(tasks.rows)} tasks"
    return [*rows, Row("undisturbed", "(the measure of the others)", told, True)]


@scenario
async def kill(course: Course) -> list[Row]:
    """SIGKILL of a worker at random moments."""
    rng = course.world.rng

    async def nemesis(scan: Scan) -> None:
        for _ in range(course.moments):
            await asyncio.sleep(rng.uniform(1.5, 4.0))
            scan.fleet.kill(rng.choice(scan.fleet.slots))

    async with scanning(course.world, "kill") as scan:
        whole = await struck(scan, nemesis, course.names)
        rows = await checked("kill", scan, course.expected, whole=whole)
        tasks = await Tasks.of(course.world.graph)
    resumed = tasks.resumed_s(scan.history)
    kills = len(scan.history.of("kill"))
    longest = max(resumed, default=0.0)
    told = f"{kills} kills, {len(resumed)} batches redone, longest {longest:.1f} s"
    rows.append(Row("kill", f"next attempt <= {RESUMED_S:g} s after a kill", told, longest <= RESUMED_S))
    rows.append(_time("kill", scan, course))
    return rows


def _time(name: str, scan: Scan, course: Course) -> Row:
    return Row(name, "(time)", f"{scan.took_s:.0f} s, undisturbed {course.undisturbed_s:.0f} s", True)
