"""A scan from its recipe to the graph, by the product's own worker."""

from __future__ import annotations

from typing import Any

from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import scans, sources
from ingest.recipes import parse_recipe
from ingest.worker import ArqQueue, worker
from schema.domain.identity import Principal
from schema.settings import Settings

_RUN = Query(
    "test",
    "CYPHER 25 MATCH (r:Run {id: $id}) OPTIONAL MATCH (r)-[:REPORTED]->(p:Problem) "
    "RETURN properties(r) AS run, collect(CASE WHEN p IS NULL THEN null ELSE [p.code, p.subject] END) AS problems",
    "read",
    frozenset({"id"}),
    ("run", "problems"),
    1000,
)


async def scanned(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, recipe: str
) -> dict[str, Any]:
    """Register what ``recipe`` says and scan it; the run, with its ``problems`` as (code, subject) pairs."""
    spec = parse_recipe(recipe)
    await sources.register(graph, admin, spec, config=config, replace=True)
    run = await scans.request(graph, admin, source=spec.name)
    queue = ArqQueue(redis_url)
    await queue.signal()
    await queue.close()
    working = worker(graph, redis_url=redis_url, config=config, embedder=None, burst=True)
    await working.main()
    await working.close()
    row = await graph.one(_RUN, id=run)
    assert row is not None
    assert row["run"]["state"] == "SUCCEEDED", row
    return {**row["run"], "problems": [tuple(each) for each in row["problems"]]}
