"""A seeded graph that holds something of everything, for all tests of compiled selections."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from schema.ids import node_id
from tests.conftest import empty
from tests.graph_api.compiled.growing import READERS, Known
from tests.graph_api.test_access import build

_ALL = Query(
    "test.all", "MATCH (a:Asset) RETURN a {.urn, .key, .kind} AS asset", "read", frozenset(), ("asset",), 0
)


@pytest.fixture(scope="module")
async def known(migrated: GraphSession) -> AsyncIterator[Known]:
    await empty(migrated)
    runs = await build(migrated, READERS[0])
    await migrated.schema_statement("MATCH (a:Asset) WHERE a.urn ENDS WITH '~note' SET a.status = 'STALE'")
    await migrated.schema_statement(
        "MATCH (j:Job {name: 'load_1'}) SET j.job_run_id = 'r', j.job_run_at = '2026-01-01T00:00:00Z', j.properties = '{\"a\": [1]}'"
    )
    await migrated.schema_statement(
        "MATCH (c:Column {name: 'email'}) SET c.sampled_rows = 5, c.sampled_nulls = 1, c.sampled_at = '2026-01-01T00:00:00+02:00', "
        'c.profile = \'{"minimum": "1", "quantiles": ["1", "2"], "longest": 3, "shapes": [["a+", 2]]}\''
    )
    await migrated.schema_statement(
        "MATCH (d:Dataset) SET d.sampled_at = '2026-01-01T00:00:00Z', d.table_profile = '{\"rows\": 9, \"exact\": true}'"
    )
    found = [row["asset"] for row in await migrated.rows(_ALL)]
    found.sort(key=lambda row: row["urn"])
    await migrated.schema_statement("CALL db.awaitIndexes(60)")
    yield Known(
        migrated,
        [row["urn"] for row in found],
        {row["urn"]: row["key"] for row in found},
        [node_id("Asset", row["key"]) for row in found],
        [node_id("Source", next(row["key"] for row in found if row["kind"] == "SOURCE")), "garbage"],
        runs,
    )
    await empty(migrated)
