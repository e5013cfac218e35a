"""One command, one transaction, one audit event: what an auditor and a crashing process rely on."""

from __future__ import annotations

import asyncio

import pytest

from cypher.audit import reads as audit
from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands.catalog import publish_datasets
from ingest.commands.unit import Unit, execute
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.identity import SYSTEM, Principal
from schema.domain.platforms import dataset_urn

COUNT = Query(
    "test.count", "CYPHER 25 MATCH (n:Asset) RETURN count(n) AS n", "read", frozenset(), ("n",), 100
)
FORGE = Query(
    "test.forge",
    "CYPHER 25 MATCH (e:AuditEvent {lane: $lane, seq: $seq}) SET e.actor = 'nobody' RETURN e.id AS id",
    "write",
    frozenset({"lane", "seq"}),
    ("id",),
    100,
)
DROP = Query(
    "test.drop",
    "CYPHER 25 MATCH (e:AuditEvent {lane: $lane, seq: $seq}) DETACH DELETE e RETURN 1 AS one",
    "write",
    frozenset({"lane", "seq"}),
    ("one",),
    100,
)


def table(name: str) -> DiscoveredDataset:
    return DiscoveredDataset(
        urn=dataset_urn("postgres://db:5432", f"shop.public.{name}"),
        path=("shop", "public", name),
        columns=(DiscoveredColumn("id", "integer"), DiscoveredColumn("email", "text")),
    )


async def test_every_command_leaves_one_audit_event_that_names_actor_and_subjects(
    graph: GraphSession, admin: Principal
) -> None:
    await publish_datasets(graph, admin, [table("a"), table("b")], run="r1", by="shop")

    (event,) = await audit.events(graph, first=10)

    assert event["actor"] == "person:ada"
    assert event["action"] == "catalog.publish"
    assert event["subjects"] == [str(table("a").urn), str(table("b").urn)]


async def test_a_command_that_fails_writes_neither_data_nor_audit_event(graph: GraphSession) -> None:
    async def work(unit: Unit) -> None:
        from cypher.governance.writes import upsert_classifications
        from schema.domain.classifications import Classifier, Sensitivity

        await upsert_classifications(
            unit.tx, [Classifier("EMAIL", "E-mail", "", "contact", Sensitivity.SENSITIVE, "1")]
        )
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        await execute(graph, SYSTEM, "test.fail", work)

    found = Query(
        "test.n", "CYPHER 25 MATCH (n:Classification) RETURN count(n) AS n", "read", frozenset(), ("n",), 9
    )
    assert (await graph.one(found)) == {"n": 0}
    assert await audit.events(graph, first=10) == []


async def test_writers_at_once_keep_the_chain_whole_and_none_is_lost(graph: GraphSession) -> None:
    await asyncio.gather(
        *(publish_datasets(graph, SYSTEM, [table(f"t{i}")], run="r", by="shop") for i in range(60))
    )

    checked, breaks = await audit.verify(graph)

    assert (checked, breaks) == (60, [])
    assert await audit.graph_version(graph) == 60


@pytest.mark.parametrize("tamper", [FORGE, DROP], ids=["forged", "deleted"])
async def test_a_forged_or_deleted_audit_event_is_found(graph: GraphSession, tamper: Query) -> None:
    for i in range(20):
        await publish_datasets(graph, SYSTEM, [table(f"t{i}")], run="r", by="shop")
    victim = (await audit.events(graph, first=20))[10]

    await graph.write("test", lambda tx: tx.rows(tamper, lane=victim["lane"], seq=victim["seq"]))
    _, breaks = await audit.verify(graph)

    assert {b.lane for b in breaks} == {victim["lane"]}


async def test_publishing_again_changes_no_count(graph: GraphSession) -> None:
    await publish_datasets(graph, SYSTEM, [table("a")], run="r1", by="shop")
    before = await graph.one(COUNT)
    await publish_datasets(graph, SYSTEM, [table("a")], run="r2", by="shop")

    assert await graph.one(COUNT) == before == {"n": 1 + 1 + 1 + 1 + 2}
