"""Events in the order of their arrival, which need not be that of their times."""

from __future__ import annotations

import json

from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import events
from schema.domain.identity import Principal
from tests.ingest.formats.documents import dataset, event

EDGES = Query(
    "test.edges",
    "CYPHER 25 MATCH (u:Dataset)-[e:FEEDS]->(d:Dataset) WHERE e.origin = 'SQL' "
    "RETURN u.name AS up, d.name AS down, e.valid_from AS since ORDER BY up",
    "read",
    frozenset(),
    (),
    1000,
)


def ran(at: str, query: str) -> bytes:
    facet = {"_producer": "https://example.com/p", "_schemaURL": "https://example.com/s", "query": query}
    return json.dumps(
        event(
            eventTime=at,
            job={"namespace": "airflow", "name": "load", "facets": {"sql": facet}},
            outputs=[dataset("shop.public.c")],
        )
    ).encode()


async def test_sql_that_ran_earlier_and_is_told_later_does_not_undo_what_ran_since(
    graph: GraphSession, admin: Principal
) -> None:
    newer = ran("2026-05-02T10:00:00Z", "insert into public.c select * from public.b")
    older = ran("2026-05-01T10:00:00Z", "insert into public.c select * from public.a")
    for body in (newer, older):
        await events.ingest(graph, admin, body, namespace_aliases={})
        await events.read_queued_sql(graph)

    assert await graph.rows(EDGES) == [{"up": "b", "down": "c", "since": "2026-05-02T10:00:00.000000+00:00"}]
