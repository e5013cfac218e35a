"""The fault that matters most, on a small world, in every test run; ``make faults`` has the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from cypher.session import GraphSession
from tests.conftest import Neo4jAddress
from tests.faults.scenarios import Course, kill, undisturbed
from tests.faults.sources import TINY
from tests.faults.world import world


@pytest.mark.timeout(300)
async def test_workers_that_are_killed_cost_a_scan_nothing_but_time(
    tmp_path: Path, neo4j_server: Neo4jAddress, graph: GraphSession
) -> None:
    async with world(TINY, tmp_path / "world", neo4j=neo4j_server) as there:
        course = Course(there, moments=3)
        rows = [*await undisturbed(course), *await kill(course)]

    assert [(row.required, row.measured, row.details) for row in rows if not (row.holds or row.timed)] == []
