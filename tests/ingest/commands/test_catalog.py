"""Several describers of one dataset: each adds what it knows, and none undoes another's word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands.catalog import publish_datasets, retire_missing, touch_datasets
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.identity import Principal
from schema.domain.platforms import dataset_urn
from tests.seed import register, warehouse

FOUND = Query(
    "test.found",
    "CYPHER 25 MATCH (d:Dataset)-[:CONTAINS]->(c:Column) "
    "RETURN d.comment AS comment, c.name AS name, c.data_type AS type, c.comment AS says ORDER BY name",
    "read",
    frozenset(),
    (),
    1000,
)
READ = DiscoveredDataset(
    urn=dataset_urn("postgres://shop:5432", "shop.public.orders"),
    path=("shop", "public", "orders"),
    columns=(DiscoveredColumn("amount", "numeric"), DiscoveredColumn("id", "integer")),
)
DOCUMENTED = replace(
    READ,
    comment="Orders as they were placed.",
    columns=(DiscoveredColumn("amount", "", comment="In euros."), DiscoveredColumn("imagined", "text")),
)


@pytest.fixture
async def shop(graph: GraphSession) -> GraphSession:
    await register(graph, warehouse("shop", "", datasets=1, columns=1))
    return graph


async def test_a_document_adds_words_to_a_dataset_and_no_columns_that_it_does_not_have(
    shop: GraphSession, admin: Principal
) -> None:
    await publish_datasets(shop, admin, [READ], run="r1", by="shop")
    await publish_datasets(shop, admin, [DOCUMENTED], run="r2", by="docs")

    assert await shop.rows(FOUND) == [
        {"comment": "Orders as they were placed.", "name": "amount", "type": "numeric", "says": "In euros."},
        {"comment": "Orders as they were placed.", "name": "id", "type": "integer", "says": None},
    ]


async def test_a_document_that_comes_first_describes_the_dataset_until_it_is_read(
    shop: GraphSession, admin: Principal
) -> None:
    await publish_datasets(shop, admin, [DOCUMENTED], run="r1", by="docs")
    assert [row["name"] for row in await shop.rows(FOUND)] == ["amount", "imagined"]

    changed = replace(DOCUMENTED, comment="Orders, as placed.")
    await publish_datasets(shop, admin, [changed], run="r2", by="docs")
    assert {row["comment"] for row in await shop.rows(FOUND)} == {"Orders, as placed."}


async def test_a_source_of_more_datasets_than_one_transaction_holds_is_seen_again_and_goes_as_a_whole(
    shop: GraphSession, admin: Principal
) -> None:
    urns = [str(dataset_urn("postgres://shop:5432", f"shop.public.t{n}")) for n in range(1_001)]
    made = ", ".join(f"'{urn}'" for urn in urns)
    await shop.schema_statement(
        f"UNWIND [{made}] AS urn CREATE (:Asset:Dataset {{urn: urn, kind: 'DATASET', status: 'ACTIVE', source: 'shop', sensitivity: 1}})"
    )
    assert await touch_datasets(shop, admin, urns, run="r2") == len(urns)
    assert await retire_missing(shop, admin, urns, source="shop", run="r3") == len(urns)
