"""What a user interface asks costs the same number of questions to the graph, whether it shows ten rows or a hundred."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cypher.session import GraphSession
from schema.domain.identity import EVERYTHING, Principal, Role
from tests.conftest import empty
from tests.graph_api.asking import Counting, api
from tests.seed import fill, scan, warehouse

SHOP = warehouse("shop", "", datasets=130, columns=10)
CARD = "id urn kind name path description sensitivity source { name } tags { name } owners { name }"
OPERATIONS = {
    "home page": "query ($n: Int) { viewer { name } sources(first: $n) { edges { node { name lastRun { state } } } } runs(first: $n) { edges { node { state source { name } } } } }",
    "list of assets": f"query ($n: Int) {{ assets(first: $n) {{ totalCount edges {{ node {{ {CARD} }} }} pageInfo {{ endCursor }} }} }}",
    "list with its parents": "query ($n: Int) { assets(first: $n, filter: {kinds: [COLUMN]}) { edges { node { name parent { name } ancestors { name } } } } }",
    "list with its levels": "query ($n: Int) { assets(first: $n, filter: {kinds: [DATASET]}) { edges { node { name contentSensitivity } } } }",
    "list with its verdicts": "query ($n: Int) { assets(first: $n, filter: {kinds: [COLUMN]}) { edges { node { classifications { status classification { name } } } } } }",
    "page of a dataset": f'query ($n: Int) {{ assetByUrn(urn: "{SHOP.urn(3)}") {{ {CARD} definition columns(first: $n) {{ edges {{ node {{ name dataType classifications {{ status }} }} }} }} }} }}',
    "schemas with their tables": 'query ($n: Int) { assets(first: 5, filter: {kinds: [SCHEMA]}) { edges { node { children(first: $n) { edges { node { name owners { name } } } } } } } }',
    "lineage picture": f'query ($n: Int!) {{ lineage(urn: "{SHOP.urn(60)}", maxHops: 50, first: $n) {{ nodes {{ level asset {{ name kind }} }} edges {{ upstream downstream assertions {{ job {{ name }} }} }} }} }}',
    "lineage picture laid out": f'query ($n: Int!) {{ lineage(urn: "{SHOP.urn(60)}", maxHops: 50, first: $n, columns: true) {{ nodes {{ group moreUpstream moreDownstream place {{ x y }} asset {{ name }} }} edges {{ id }} groups {{ label }} }} }}',
    "lineage document": f'query ($n: Int!) {{ lineageExport(urn: "{SHOP.urn(60)}", format: SVG, maxHops: 50, columns: true) {{ content }} assets(first: $n) {{ edges {{ cursor }} }} }}',
    "impact list": f'query ($n: Int) {{ impact(urn: "{SHOP.urn(0)}", maxHops: 50, first: $n) {{ completeness {{ complete }} edges {{ hops node {{ name source {{ name }} }} path {{ name }} }} }} }}',
    "impact groups": f'query ($n: Int!) {{ impactGroups(urn: "{SHOP.urn(0)}", by: DATASET, maxHops: 50, first: $n) {{ groups {{ count asset {{ name source {{ name }} }} }} completeness {{ complete }} }} }}',
    "ways": f'query ($n: Int!) {{ lineagePaths(from: "{SHOP.urn(0)}", to: "{SHOP.urn(30)}", first: $n) {{ paths {{ hops assets {{ name }} }} completeness {{ complete }} }} }}',
    "neighbours": "query ($n: Int) { assets(first: $n, filter: {kinds: [DATASET]}) { edges { node { feeds(first: 2) { edges { node { asset { name } assertions { origin } } } } } } } }",
    "search": "query ($n: Int) { search(query: \"customer order\", first: $n) { totalCount edges { node { name source { name } tags { name } } reasons { kind } } facets { kind values { value count } } } }",
    "foreign keys": "query ($n: Int) { assets(first: $n, filter: {kinds: [DATASET]}) { edges { node { references(first: 1) { edges { node { from { name } to { name parent { name } } } } } } } } }",
    "tags and classifications": "query ($n: Int) { tags(first: $n) { edges { node { name assetCount } } } classifications(first: $n) { edges { node { name assetCount } } } }",
}  # fmt: skip


@pytest.fixture(scope="module")
async def seeded(migrated: GraphSession) -> AsyncIterator[GraphSession]:
    actor = Principal("person:ada", "Ada", Role.ADMIN, EVERYTHING)
    await empty(migrated)
    await fill(migrated, actor, SHOP)
    for _ in range(12):
        await scan(migrated, actor, "shop", problems=["shop.a", "shop.b"])
    await migrated.schema_statement("CALL db.awaitIndexes(60)")
    yield migrated
    await empty(migrated)


@pytest.mark.parametrize("document", OPERATIONS.values(), ids=OPERATIONS)
async def test_a_hundred_rows_take_no_more_questions_than_ten(document: str, seeded: GraphSession) -> None:
    asked = {}
    for rows in (10, 100):
        counting = Counting(seeded)
        await api(counting).ask(document, n=rows)
        asked[rows] = counting.asked

    assert len(asked[100]) <= len(asked[10]), sorted(asked[100])
    assert len(asked[10]) <= 12
