"""Taking back runs one after the other, out of their order, and with what others did meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cypher.catalog import reads as catalog_reads
from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import catalog, lineage, runs
from ingest.commands.undo import Undone, undo_run
from ingest.commands.usage import publish_usage
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.identity import EVERYTHING, Principal
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.domain.undo import Aspect, Outcome, Reason
from schema.domain.usage import UsageReport
from schema.errors import Conflict
from tests.seed import ONE_STAGE, register, scan, warehouse

SHOP = warehouse("shop", "", datasets=2, columns=3)
ONE, TWO = SHOP.datasets
EDGES = Query(
    "test.edges",
    "CYPHER 25 MATCH (u:Asset)-[e:FEEDS]->(d:Asset) RETURN u.urn AS up, d.urn AS down ORDER BY up, down",
    "read",
    frozenset(),
    (),
    1000,
)

DONE = Query(
    "test.done",
    "CYPHER 25 MATCH (r:Run {id: $id}) RETURN properties(r) AS run",
    "read",
    frozenset({"id"}),
    (),
    1000,
)


@pytest.fixture
async def shop(graph: GraphSession) -> GraphSession:
    await register(graph, SHOP)
    return graph


async def ran(shop: GraphSession, admin: Principal, *datasets: DiscoveredDataset) -> str:
    """A run of the shop that is over and published ``datasets``."""
    run = await scan(shop, admin, "shop")
    await catalog.publish_datasets(shop, admin, datasets, run=run, by="shop")
    return run


async def undone(shop: GraphSession, admin: Principal, run: str) -> Undone:
    dry = await undo_run(shop, admin, run=run, dry_run=True)
    done = await undo_run(shop, admin, run=run, dry_run=False)
    assert dry.tally.counts == done.tally.counts
    row = await shop.one(DONE, id=run)
    assert row is not None
    expected = {f"undo_{each.value.lower()}": dry.tally.number(each) for each in Outcome}
    assert {name: row["run"][name] for name in expected} == expected | {"undo_follows": 0}
    return done


async def column(shop: GraphSession, name: str = "email", of: DiscoveredDataset = ONE) -> dict[str, Any]:
    urn = str(of.column_urn(name))
    return (await catalog_reads.by_urns(shop, [urn], EVERYTHING))[urn]


def typed(data_type: str, comment: str | None = None) -> DiscoveredDataset:
    changed = [
        replace(c, data_type=data_type, comment=comment or c.comment) if c.name == "email" else c
        for c in ONE.columns
    ]
    return replace(ONE, columns=tuple(changed))


async def test_runs_are_taken_back_from_the_last_to_the_first(shop: GraphSession, admin: Principal) -> None:
    first = await ran(shop, admin, ONE)
    second = await ran(shop, admin, typed("bigint"))
    third = await ran(shop, admin, typed("uuid"))

    for run, expected in ((third, "bigint"), (second, "text")):
        await undone(shop, admin, run)
        assert (await column(shop))["data_type"] == expected
    await undone(shop, admin, first)
    assert (await column(shop))["status"] == "STALE"


async def test_what_a_later_run_changed_again_stays_and_the_rest_goes_back(
    shop: GraphSession, admin: Principal
) -> None:
    await ran(shop, admin, ONE)
    second = await ran(shop, admin, typed("bigint", "told by the second"))
    await ran(shop, admin, typed("uuid", "told by the second"))

    done = await undone(shop, admin, second)

    email = await column(shop)
    assert (email["data_type"], email["comment"]) == ("uuid", ONE.columns[2].comment)
    (conflict,) = done.tally.conflicts
    assert (conflict.clashes, conflict.reason) == (("data_type",), Reason.LATER_RUN)


async def test_a_description_stays_where_what_the_source_says_goes_back(
    shop: GraphSession, admin: Principal
) -> None:
    await ran(shop, admin, ONE)
    second = await ran(shop, admin, typed("bigint"))
    urn = str(ONE.column_urn("email"))
    await catalog.describe(shop, admin, urn=urn, description="Where we write to")

    done = await undone(shop, admin, second)

    email = await column(shop)
    assert (email["data_type"], email["description"]) == ("text", "Where we write to")
    assert done.tally.conflicts == []


async def told(shop: GraphSession, admin: Principal, run: str, by: str, edges: Sequence[LineageEdge]) -> None:
    await lineage.publish_edges(
        shop, admin, edges, origin=EdgeOrigin.SQL, assertion=f"source:{by}", run=run, closes=[TWO.urn]
    )


async def test_a_table_stays_while_what_others_say_needs_it(shop: GraphSession, admin: Principal) -> None:
    await ran(shop, admin, ONE)
    second = await ran(shop, admin, TWO)
    edge = LineageEdge(ONE.urn, TWO.urn, (Transformation.IDENTITY,))
    await told(shop, admin, "elsewhere", "other", [edge])

    done = await undone(shop, admin, second)

    reasons = {each.urn: each.reason for each in done.tally.conflicts}
    assert reasons.pop(str(TWO.urn)) is Reason.NEEDED
    assert (await catalog_reads.by_urns(shop, [str(TWO.urn)], EVERYTHING))[str(TWO.urn)]["status"] == "ACTIVE"
    assert set(reasons.values()) <= {Reason.NEEDED, Reason.HOLDS_OTHERS}


async def test_edges_that_a_run_closed_are_there_again_and_those_it_made_are_not(
    shop: GraphSession, admin: Principal
) -> None:
    first = await ran(shop, admin, ONE, TWO)
    ends = [(ONE.column_urn("email"), TWO.column_urn("email")), (ONE.column_urn("id"), TWO.column_urn("id"))]
    old, new = (LineageEdge(*each, (Transformation.IDENTITY,)) for each in ends)
    await told(shop, admin, first, "shop", [old])
    before = await shop.rows(EDGES)
    second = await scan(shop, admin, "shop")
    await told(shop, admin, second, "shop", [new])
    assert await shop.rows(EDGES) != before

    done = await undone(shop, admin, second)

    assert await shop.rows(EDGES) == before
    assert done.tally.counts[Aspect.EDGE, Outcome.UNDO] == 2
    third = await scan(shop, admin, "shop")
    await told(shop, admin, third, "shop", [new])
    assert [row["up"] for row in await shop.rows(EDGES)] == [str(new.upstream)]


async def test_tags_of_a_source_go_and_its_owners_are_said_to_stay(
    shop: GraphSession, admin: Principal
) -> None:
    await ran(shop, admin, ONE)
    second = await ran(shop, admin, replace(ONE, tags=("pii",), owners=("ada@example.org",)))

    done = await undone(shop, admin, second)

    tags, owners = (await catalog_reads.labels(shop, [str(ONE.urn)], EVERYTHING))[str(ONE.urn)]
    assert [tag["name"] for tag in tags] == ["gold"]
    assert "ada@example.org" in [owner["name"] for owner in owners]
    assert done.tally.counts[Aspect.LABEL, Outcome.NOT_KEPT] == 1


async def test_a_run_is_not_taken_back_while_its_source_is_scanned(
    shop: GraphSession, admin: Principal
) -> None:
    first = await ran(shop, admin, ONE)
    going = await runs.request(shop, admin, source="shop", workflow=ONE_STAGE)

    for run in (first, going):
        for dry_run in (True, False):
            with pytest.raises(Conflict):
                await undo_run(shop, admin, run=run, dry_run=dry_run)
    assert (await column(shop))["status"] == "ACTIVE"


async def test_a_column_that_came_later_keeps_the_table_that_holds_it(
    shop: GraphSession, admin: Principal
) -> None:
    first = await ran(shop, admin, ONE)
    more = (*ONE.columns, DiscoveredColumn("later", "text", ordinal=9))
    await ran(shop, admin, replace(ONE, columns=more))

    done = await undone(shop, admin, first)

    assert {each.urn: each.reason for each in done.tally.conflicts}[str(ONE.urn)] is Reason.NEEDED
    assert (await column(shop, "later"))["status"] == "ACTIVE"


async def test_an_edge_that_ended_without_use_is_made_again_and_stays_for_a_while(
    shop: GraphSession, admin: Principal
) -> None:
    await ran(shop, admin, ONE, TWO)
    used = datetime.now(UTC) - timedelta(days=100)
    edge = LineageEdge(ONE.urn, TWO.urn, observed_at=used, last_at=used)
    told = UsageReport("log", "", "one", edges=(edge,))
    assert (await publish_usage(shop, admin, told, source="shop", keep_days=200)).edges == 1

    run = await scan(shop, admin, "shop")
    nothing = replace(told, before="one", edges=())
    assert (await publish_usage(shop, admin, nothing, source="shop", run=run)).closed == 1
    assert await shop.rows(EDGES) == []
    await undone(shop, admin, run)
    assert len(await shop.rows(EDGES)) == 1
    assert (await publish_usage(shop, admin, nothing, source="shop")).closed == 0
