"""What Prometheus reads of the GraphQL endpoint; no label comes from a request."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("pursight_graphql_requests_total", "GraphQL requests answered over HTTP.", ["status"])
SECONDS = Histogram(
    "pursight_graphql_seconds",
    "Time from the parsed request to the answer, seconds.",
    buckets=(0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
STREAMS = Gauge("pursight_graphql_streams", "Open WebSockets and event streams.")
ROOT_FIELDS = Counter(
    "pursight_graphql_root_fields_total",
    "Root fields: answered by a hot plan, by compiled statements, or why by their resolvers.",
    ["field", "answer"],
)
WALKS = Counter("pursight_walks_total", "Walks over lineage, by what answered them.", ["answer"])
ADJACENCY = Gauge("pursight_adjacency_edges", "Edges of lineage held in memory; 0 until they are loaded.")
CYPHER_SECONDS = Histogram("pursight_cypher_seconds", "Time of one Cypher query, seconds.", ["query"])

_BY_STATUS = {status: REQUESTS.labels(str(status)) for status in (200, 294, 400, 422, 503)}


def observe(status: int, seconds: float) -> None:
    """Count one answered request."""
    (_BY_STATUS.get(status) or REQUESTS.labels(str(status))).inc()
    SECONDS.observe(seconds)


def observe_cypher(query: str, seconds: float) -> None:
    """Count one Cypher query by the name of its file; for ``cypher.session.open_graph(observer=…)``."""
    CYPHER_SECONDS.labels(query).observe(seconds)
