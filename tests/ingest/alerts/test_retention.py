"""Old messages leave the outbox, but none that a channel has yet to be told of, and what is kept in memory notices that they are gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cypher.adjacency.live import Live
from cypher.alerts import reads
from cypher.catalogue import Query
from cypher.lineage.reads import Walk
from cypher.session import GraphSession
from ingest.alerts import delivery
from ingest.commands import alerts, catalog, lineage
from schema.domain.alerts import ChannelKind, ChannelSpec
from schema.domain.identity import EVERYTHING, Principal
from schema.domain.lineage import Direction
from schema.domain.scans import Severity
from schema.domain.time import stored
from schema.ports import SystemClock
from schema.settings import Settings
from tests.seed import fill, register, scan, warehouse

EAST = warehouse("east", "", datasets=6, columns=4)
PLACES = Query(
    "test.places",
    "CYPHER 25 MATCH (o:OutboxEvent) RETURN o.lane AS lane, o.seq AS seq, o.topic AS topic ORDER BY lane, seq",
    "read", frozenset(), (), 1000,
)  # fmt: skip
LOG = ChannelSpec("log", ChannelKind.LOG, at_least=Severity.INFO)


class Later:
    """A clock that is days ahead."""

    def __init__(self, days: float) -> None:
        self._days = days

    def now(self) -> Any:
        return SystemClock().now() + timedelta(days=self._days)


async def places(graph: GraphSession) -> list[tuple[int, int]]:
    return sorted({(row["lane"], row["seq"]) for row in await graph.rows(PLACES)})


async def test_messages_go_when_they_are_older_than_the_setting(
    graph: GraphSession, admin: Principal, config: Settings
) -> None:
    await register(graph, EAST)
    for _ in range(3):
        await scan(graph, admin, "east")
    before = await places(graph)
    await delivery.tend(graph, config)
    assert await places(graph) == before
    assert await delivery.prune(graph, config, clock=Later(6.9)) == 0
    assert await delivery.prune(graph, config, clock=Later(7.1)) >= len(before)
    assert await places(graph) == []
    assert await delivery.prune(graph, config, clock=Later(7.1)) == 0


async def test_what_a_channel_has_yet_to_be_told_of_stays(
    graph: GraphSession, admin: Principal, config: Settings
) -> None:
    await register(graph, EAST)
    await scan(graph, admin, "east")
    await alerts.set_channel(graph, admin, LOG, config=config)
    await alerts.set_channel(graph, admin, ChannelSpec("asleep", ChannelKind.LOG, paused=True), config=config)
    told = set(await places(graph))
    await scan(graph, admin, "east")
    new = set(await places(graph)) - told

    await delivery.prune(graph, config, clock=Later(8))
    # The channel was set while its own command was not written yet: that one is behind its cursor as well.
    assert new <= set(await places(graph))
    assert len(await places(graph)) <= len(new) + 2
    await delivery.tend(graph, config)
    await delivery.prune(graph, config, clock=Later(8))
    assert await places(graph) == []


async def test_messages_go_in_small_batches_and_all_of_one_event_at_once(
    graph: GraphSession, admin: Principal
) -> None:
    await register(graph, EAST)
    await catalog.publish_datasets(graph, admin, EAST.datasets, run="r1", by="east")
    for n in range(5):
        await lineage.link(graph, admin, upstream=EAST.urn(n), downstream=EAST.urn(n + 1))
    # Everything in one lane, so that one batch cannot hold all of it.
    await graph.schema_statement(
        "CYPHER 25 MATCH (o:OutboxEvent) WITH o.event AS event, collect(o) AS rows ORDER BY event "
        "WITH collect(rows) AS events UNWIND range(0, size(events) - 1) AS n "
        "FOREACH (o IN events[n] | SET o.lane = 3, o.seq = n + 1)"
    )
    before = await graph.rows(PLACES)
    assert len(before) > len(await places(graph)) > 5
    ahead = stored(Later(1).now())
    while left := await graph.rows(PLACES):
        assert await alerts.prune(graph, before=ahead, first=1) >= 1
        now = await graph.rows(PLACES)
        gone = {row["seq"] for row in left} - {row["seq"] for row in now}
        assert len(gone) == 1
        assert len(now) == len([row for row in left if row["seq"] not in gone])


async def test_what_follows_a_younger_message_stays_in_order(
    graph: GraphSession, admin: Principal, config: Settings
) -> None:
    await register(graph, EAST)
    for _ in range(2):
        await scan(graph, admin, "east")
    await graph.schema_statement(
        "CYPHER 25 MATCH (o:OutboxEvent) WITH o ORDER BY o.id WITH collect(o) AS rows "
        "UNWIND range(0, size(rows) - 1) AS n FOREACH (o IN [rows[n]] | SET o.lane = 0, o.seq = n + 1, "
        "o.at = CASE WHEN n = 1 THEN '2999-01-01' ELSE o.at END)"
    )
    many = await places(graph)
    await delivery.prune(graph, config, clock=Later(8))
    assert await places(graph) == many[1:]


async def test_old_deliveries_are_forgotten(graph: GraphSession, admin: Principal, config: Settings) -> None:
    await register(graph, EAST)
    await alerts.set_channel(graph, admin, LOG, config=config)
    await scan(graph, admin, "east")
    await delivery.tend(graph, config)

    async def kept() -> int:
        found = await reads.deliveries(graph, channel=None, states=None, key=None, backward=False, first=100)
        return len(found)

    assert await kept() == 2
    await delivery.prune(graph, config, clock=Later(8))
    assert await kept() == 0


@pytest.mark.parametrize("whole", [True, False], ids=["all messages went", "some messages went"])
async def test_an_adjacency_that_was_away_for_longer_notices_and_loads_anew(
    graph: GraphSession, admin: Principal, config: Settings, whole: bool
) -> None:
    await fill(graph, admin, EAST, embedded=False)
    live = Live(graph, patience_s=30)
    await live.load()
    await lineage.link(graph, admin, upstream=EAST.urn(5), downstream=EAST.urn(0))
    for n in range(4):
        await catalog.apply_tag(graph, admin, urns=[EAST.urn(n)], tag="seen")
    # The process heard nothing of these commands, and their messages are gone.
    if whole:
        await delivery.prune(graph, config, clock=Later(8))
        assert await places(graph) == []
    else:
        await alerts.prune(graph, before=stored(Later(1).now()), first=1)
        while len(await places(graph)) > 3:
            await alerts.prune(graph, before=stored(Later(1).now()), first=1)

    assert await live.view() is None
    await live.load()
    view = await live.view()
    assert view is not None
    # The edge that was made meanwhile is there.
    back = Walk(EAST.urn(5), Direction.DOWNSTREAM, 1)
    found = await view.reach(back, EVERYTHING, narrowed=None, key=None, backward=False, first=100)
    assert found is not None
    assert EAST.urn(0) in {hit.urn for hit in found[0]}
