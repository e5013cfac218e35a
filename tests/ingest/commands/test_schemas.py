"""A version of a dataset's schema is made when the schema is another one, and at no other time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cypher.catalogue import Query
from cypher.migrate import steps
from cypher.schemas import reads
from cypher.session import GraphSession
from ingest.commands import catalog
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.identity import EVERYTHING, Principal
from schema.domain.platforms import dataset_urn
from schema.domain.schema_history import SchemaHistory
from tests.seed import register, warehouse

VERSIONS = Query(
    "test.versions",
    "CYPHER 25 MATCH (d:Dataset)-[:HAS_SCHEMA]->(v:SchemaVersion) RETURN v.number AS number, v.run AS run, "
    "v.breaking AS breaking, v.gone AS gone, v.source AS source, d.schema_version AS present ORDER BY number",
    "read", frozenset(), (), 1000,
)  # fmt: skip
FORGET = (
    "CYPHER 25 MATCH (d:Dataset)-[:HAS_SCHEMA]->(v) DETACH DELETE v REMOVE d.schema_version, d.schema_digest"
)
ORDERS = DiscoveredDataset(
    urn=dataset_urn("postgres://shop:5432", "shop.public.orders"),
    path=("shop", "public", "orders"),
    columns=(
        DiscoveredColumn("id", "integer", False, 1, primary_key=True),
        DiscoveredColumn("total", "numeric(10,2)", True, 2),
        DiscoveredColumn("note", "text", True, 3),
    ),
)
URN = str(ORDERS.urn)


def with_columns(*columns: DiscoveredColumn) -> DiscoveredDataset:
    return replace(ORDERS, columns=columns)


RENAMED = with_columns(*ORDERS.columns[:2], DiscoveredColumn("notes", "text", True, 3))
WIDER = with_columns(
    ORDERS.columns[0], DiscoveredColumn("total", "numeric(12,2)", True, 2), ORDERS.columns[2]
)


@pytest.fixture
async def shop(graph: GraphSession) -> GraphSession:
    await register(graph, warehouse("shop", "", datasets=1, columns=1))
    return graph


async def publish(
    graph: GraphSession, admin: Principal, dataset: DiscoveredDataset, run: str, by: str = "shop"
) -> None:
    await catalog.publish_datasets(graph, admin, [dataset], run=run, by=by)


async def versions(graph: GraphSession) -> list[tuple[int, str, bool]]:
    return [(row["number"], row["run"], row["breaking"]) for row in await graph.rows(VERSIONS)]


async def history(graph: GraphSession) -> SchemaHistory:
    return (await reads.histories(graph, [URN], EVERYTHING))[URN]


def kinds(history: SchemaHistory, number: int) -> list[str]:
    return [change.kind.value for change in history.changes(history.version(number))]


async def test_each_schema_that_is_another_is_a_version(shop: GraphSession, admin: Principal) -> None:
    await publish(shop, admin, ORDERS, "r1")
    await publish(shop, admin, WIDER, "r2")
    await publish(shop, admin, RENAMED, "r3")

    assert await versions(shop) == [(1, "r1", False), (2, "r2", False), (3, "r3", True)]
    found = await history(shop)
    assert [kinds(found, n) for n in (1, 2, 3)] == [[], ["RETYPED"], ["RETYPED", "RENAMED"]]
    assert [c.name for c in found.at(found.version(1)).columns] == ["id", "total", "note"]
    assert found.at(found.version(3)) == found.at(None)


@pytest.mark.parametrize(
    "again",
    [
        ORDERS,
        replace(ORDERS, comment="Orders.", row_count=7),
        with_columns(*(replace(c, comment="It says something.") for c in ORDERS.columns)),
        with_columns(*(replace(c, ordinal=c.ordinal + 1) for c in ORDERS.columns)),
        with_columns(ORDERS.columns[0], replace(ORDERS.columns[1], data_type="NUMERIC(10, 2)"), ORDERS.columns[2]),
        with_columns(replace(ORDERS.columns[0], data_type="int4"), *ORDERS.columns[1:]),
    ],
    ids=["the same", "words and counts", "comments", "numbers of places", "spelling", "another name of a type"],
)  # fmt: skip
async def test_what_is_not_the_schema_makes_no_version(
    shop: GraphSession, admin: Principal, again: DiscoveredDataset
) -> None:
    await publish(shop, admin, ORDERS, "r1")
    await publish(shop, admin, again, "r2")
    await publish(shop, admin, ORDERS, "r3")
    assert await versions(shop) == [(1, "r1", False)]


async def test_the_order_of_columns_in_a_document_makes_no_version(
    shop: GraphSession, admin: Principal
) -> None:
    loose = with_columns(*(replace(c, ordinal=0) for c in ORDERS.columns))
    await publish(shop, admin, loose, "r1", by="docs")
    await publish(shop, admin, replace(loose, columns=loose.columns[::-1]), "r2", by="docs")
    assert await versions(shop) == [(1, "r1", False)]


async def test_who_reads_the_dataset_after_a_document_did_breaks_nothing(
    shop: GraphSession, admin: Principal
) -> None:
    await publish(
        shop, admin, with_columns(*ORDERS.columns, DiscoveredColumn("imagined", "text")), "r1", by="docs"
    )
    await publish(shop, admin, ORDERS, "r2")
    assert await versions(shop) == [(1, "r1", False), (2, "r2", False)]


async def test_a_document_about_a_dataset_that_was_read_makes_no_version(
    shop: GraphSession, admin: Principal
) -> None:
    await publish(shop, admin, ORDERS, "r1")
    await publish(shop, admin, with_columns(DiscoveredColumn("total", ""), DiscoveredColumn("no", "text")), "r2", by="docs")  # fmt: skip
    assert await versions(shop) == [(1, "r1", False)]


async def test_a_dataset_that_went_and_came_back_has_a_version_of_each(
    shop: GraphSession, admin: Principal
) -> None:
    await publish(shop, admin, ORDERS, "r1")
    await catalog.retire_missing(shop, admin, [URN], source="shop", run="r2")
    await catalog.retire_missing(shop, admin, [URN], source="shop", run="r3")
    await publish(shop, admin, ORDERS, "r4")
    assert await versions(shop) == [(1, "r1", False), (2, "r2", True), (3, "r4", False)]
    found = await history(shop)
    assert kinds(found, 2) == ["DROPPED"]
    assert kinds(found, 3) == ["RETURNED", "ADDED", "ADDED", "ADDED"]


async def test_a_change_before_versions_were_kept_is_no_loss(shop: GraphSession, admin: Principal) -> None:
    await publish(shop, admin, ORDERS, "r1")
    await shop.schema_statement(FORGET)
    for statement in next(step for step in steps() if step.version == 6).statements:
        await shop.schema_statement(f"CYPHER 25 {statement}")
    await publish(shop, admin, replace(ORDERS, comment="Orders."), "r2")
    await publish(shop, admin, RENAMED, "r3")

    rows: list[dict[str, Any]] = await shop.rows(VERSIONS)
    assert [(row["number"], row["run"], row["breaking"]) for row in rows] == [
        (1, None, False),
        (2, "r3", True),
    ]
    assert kinds(await history(shop), 2) == ["RENAMED"]


async def test_a_column_is_told_since_when_and_by_whom_it_is_as_it_is(
    shop: GraphSession, admin: Principal
) -> None:
    await publish(shop, admin, ORDERS, "r1")
    await publish(shop, admin, WIDER, "r2")
    await publish(shop, admin, replace(WIDER, columns=(*WIDER.columns[:2], RENAMED.columns[2])), "r3")

    blame = {each.column.name: each for each in (await history(shop)).blame()}
    assert {name: each.since and each.since.run for name, each in blame.items()} == {
        "id": "r1",
        "total": "r2",
        "notes": "r3",
    }
    assert [change.kind.value for _, change in blame["notes"].changes] == ["RENAMED"]
    assert blame["total"].since
    assert blame["total"].since.source == "shop"
