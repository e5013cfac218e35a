"""The fault that matters most, on a small world, in every test run; ``make faults`` has the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.scenarios import Course, kill, poison, undisturbed
from tests.faults.sources import TINY
from tests.faults.world import world


@pytest.mark.timeout(600)
async def test_workers_that_are_killed_cost_a_scan_nothing_but_time(tmp_path: Path) -> None:
    async with world(TINY, tmp_path / "world") as there:
        course = Course(there, moments=4)
        rows = [*await undisturbed(course), *await kill(course), *await poison(course)]

    assert [(row.required, row.measured, row.details) for row in rows if not row.holds] == []
