"""Commands on data tests: what tools say of how they went."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cypher.catalog import writes as catalog
from cypher.quality import writes
from cypher.scanning import reads as scanning
from cypher.session import GraphSession
from ingest.commands import rows as shape
from ingest.commands.unit import Unit, execute
from schema.domain.data_tests import DataTest, DataTestResult, DataTestStatus
from schema.domain.identity import Principal
from schema.domain.time import stored

KEPT = 50  # results of one test
_BATCH = 500


async def publish_tests(graph: GraphSession, actor: Principal, tests: Sequence[DataTest], *, run: str) -> int:
    """Write what tests test and how they went; returns how many. The jobs that they are must have been published.

    The same result said twice is one. What they test and nobody described becomes a stub.
    """
    registered = await scanning.namespaces(graph)

    async def work(unit: Unit) -> int:
        subjects = {str(urn): urn for test in tests for urn in test.subjects}
        unknown = [subjects[urn] for urn in sorted(await catalog.missing(unit.tx, list(subjects)))]
        if unknown:
            stubs = [row | {"valid": unit.at} for row in shape.stub_rows(unknown, registered)]
            await catalog.ensure_assets(unit.tx, stubs, at=unit.at, by=unit.by, run=run)
        rows = [_row(test) for test in tests]
        written = 0
        for start in range(0, len(rows), _BATCH):
            written += await writes.record_tests(unit.tx, rows[start : start + _BATCH], kept=KEPT)
        bad = (DataTestStatus.FAIL, DataTestStatus.ERROR)
        failing = sum(any(result.status in bad for result in test.results) for test in tests)
        unit.subjects += [str(test.job) for test in tests]
        unit.details |= {"tests": written, "failing": failing, "run": run}
        return written

    return await execute(graph, actor, "quality.publish_tests", work) if tests else 0


def _row(test: DataTest) -> dict[str, Any]:
    return {
        "urn": str(test.job),
        "check": test.check,
        "tool": test.tool,
        "subjects": [str(urn) for urn in test.subjects],
        "results": [
            {"id": result.ident(test.job), "props": _props(result)}
            for result in sorted(test.results, key=lambda each: each.at)[-KEPT:]
        ],
    }


def _props(result: DataTestResult) -> dict[str, Any]:
    return {
        "status": result.status.value,
        "at": stored(result.at),
        "run": result.run,
        "figures": json.dumps({measure.value: value for measure, value in result.figures.items()}),
    }
