"""What a user interface asks costs the same number of questions to the graph, whether it shows ten rows or a hundred."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from cypher.session import GraphSession
from graph_api.roots import product_schema
from graph_api.schema import Schema
from schema.domain.identity import EVERYTHING, Principal, Role
from tests.conftest import empty
from tests.graph_api.asking import Counting, api
from tests.seed import fill, scan, warehouse

SHOP = warehouse("shop", "", datasets=130, columns=10)
CARD = "id urn kind name path description sensitivity source { name } tags { name } owners { name }"
RESOLVERS = product_schema(compile_after=None)
COMPILED = product_schema(compile_after=0, hot=False)
HOT = product_schema(compile_after=0)
# How many questions each takes where it is compiled, and the document.
OPERATIONS = {
    "home page": (4, "query ($n: Int) { viewer { name } sources(first: $n) { edges { node { name lastRun { state } } } } runs(first: $n) { edges { node { state source { name } } } } }"),
    "list of assets": (2, f"query ($n: Int) {{ assets(first: $n) {{ totalCount edges {{ node {{ {CARD} }} }} pageInfo {{ endCursor }} }} }}"),
    "list with its parents": (1, "query ($n: Int) { assets(first: $n, filter: {kinds: [COLUMN]}) { edges { node { name parent { name } ancestors { name } } } } }"),
    "list with its levels": (1, "query ($n: Int) { assets(first: $n, filter: {kinds: [DATASET]}) { edges { node { name contentSensitivity } } } }"),
    "list with its verdicts": (1, "query ($n: Int) { assets(first: $n, filter: {kinds: [COLUMN]}) { edges { node { classifications { status classification { name } } } } } }"),
    "page of a dataset": (1, f'query ($n: Int) {{ assetByUrn(urn: "{SHOP.urn(3)}") {{ {CARD} definition columns(first: $n) {{ edges {{ node {{ name dataType classifications {{ status }} }} }} }} }} }}'),
    "schemas with their tables": (1, 'query ($n: Int) { assets(first: 5, filter: {kinds: [SCHEMA]}) { edges { node { children(first: $n) { edges { node { name owners { name } } } } } } } }'),
    "lineage picture": (6, f'query ($n: Int!) {{ lineage(urn: "{SHOP.urn(60)}", maxHops: 50, first: $n) {{ nodes {{ level asset {{ name kind }} }} edges {{ upstream downstream assertions {{ job {{ name }} }} }} }} }}'),
    "lineage picture laid out": (9, f'query ($n: Int!) {{ lineage(urn: "{SHOP.urn(60)}", maxHops: 50, first: $n, columns: true) {{ nodes {{ group moreUpstream moreDownstream place {{ x y }} asset {{ name }} }} edges {{ id }} groups {{ label }} }} }}'),
    "lineage document": (10, f'query ($n: Int!) {{ lineageExport(urn: "{SHOP.urn(60)}", format: SVG, maxHops: 50, columns: true) {{ content }} assets(first: $n) {{ edges {{ cursor }} }} }}'),
    "impact list": (5, f'query ($n: Int) {{ impact(urn: "{SHOP.urn(0)}", maxHops: 50, first: $n) {{ completeness {{ complete }} edges {{ hops node {{ name source {{ name }} }} path {{ name }} }} }} }}'),
    "impact groups": (3, f'query ($n: Int!) {{ impactGroups(urn: "{SHOP.urn(0)}", by: DATASET, maxHops: 50, first: $n) {{ groups {{ count asset {{ name source {{ name }} }} }} completeness {{ complete }} }} }}'),
    "ways": (4, f'query ($n: Int!) {{ lineagePaths(from: "{SHOP.urn(0)}", to: "{SHOP.urn(30)}", first: $n) {{ paths {{ hops assets {{ name }} }} completeness {{ complete }} }} }}'),
    "neighbours": (1, "query ($n: Int) { assets(first: $n, filter: {kinds: [DATASET]}) { edges { node { feeds(first: 2) { edges { node { asset { name } assertions { origin } } } } } } } }"),
    "search": (6, "query ($n: Int) { search(query: \"customer order\", first: $n) { totalCount edges { node { name source { name } tags { name } } reasons { kind } } facets { kind values { value count } } } }"),
    "foreign keys": (1, "query ($n: Int) { assets(first: $n, filter: {kinds: [DATASET]}) { edges { node { references(first: 1) { edges { node { from { name } to { name parent { name } } } } } } } } }"),
    "tags and classifications": (3, "query ($n: Int) { tags(first: $n) { edges { node { name assetCount } } } classifications(first: $n) { edges { node { name assetCount } } } }"),
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


@pytest.mark.parametrize("document", [document for _, document in OPERATIONS.values()], ids=OPERATIONS)
async def test_a_hundred_rows_take_no_more_questions_than_ten(document: str, seeded: GraphSession) -> None:
    few, many = [await asked(RESOLVERS, document, seeded, rows) for rows in (10, 100)]

    assert len(many) <= len(few), sorted(many)
    assert len(few) <= 12


@pytest.mark.parametrize("schema", [COMPILED, HOT], ids=["compiled", "hot"])
@pytest.mark.parametrize(("questions", "document"), OPERATIONS.values(), ids=OPERATIONS)
async def test_a_compiled_operation_takes_the_same_few_questions_for_any_number_of_rows(
    questions: int, document: str, schema: Schema, seeded: GraphSession
) -> None:
    for rows in (10, 10, 100):
        found = await asked(schema, document, seeded, rows)

        assert len(found) == questions, sorted(found)


async def asked(schema: Schema, document: str, graph: GraphSession, rows: int) -> list[str]:
    """The names of the questions."""
    counting = Counting(graph)
    await replace(api(counting), schema=schema).ask(document, n=rows)
    return counting.asked
