"""What the process answers from by default: the graph of this installation, its tokens, Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cypher.identity import reads
from cypher.migrate import pending
from cypher.session import GraphSession, open_graph
from graph_api.auth import TokenVerifier
from graph_api.http.health import Check
from graph_api.http.metrics import observe_cypher
from ingest.commands.identity import token_hash
from schema.domain.identity import Principal, Role, Scope
from schema.ports import Clock, SystemClock
from schema.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """``checks`` are what /readyz asks; ``extra`` reaches resolvers as ``info.context.services``."""

    graph: GraphSession
    verifier: TokenVerifier
    checks: Mapping[str, Check] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


class GraphTokens:
    """Tokens as the graph keeps them: by hash, with role, scope, expiry and revocation."""

    def __init__(self, graph: GraphSession, clock: Clock | None = None) -> None:
        self._graph, self._clock = graph, clock or SystemClock()

    async def verify(self, token: str) -> Principal | None:
        found = await reads.token_by_hash(self._graph, token_hash(token))
        if found is None or found.get("revoked_at") is not None:
            return None
        expires_at = found.get("expires_at")
        if expires_at is not None and datetime.fromisoformat(str(expires_at)) <= self._clock.now():
            return None
        domains = found.get("domains")
        scope = Scope(found["clearance"], None if domains is None else tuple(domains))
        purposes = tuple(found.get("purposes") or ())
        return Principal(found["id"], found["name"], Role(found["role"]), scope, purposes)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """The services at the addresses of this installation; connects at first use. Raises StackError where there are none."""
    import redis.asyncio

    from graph_api.stack.addresses import addresses

    where = addresses(settings)
    graph = open_graph(
        where.neo4j_uri,
        where.neo4j_user,
        where.neo4j_password,
        database=where.neo4j_database,
        settings=settings,
        observer=observe_cypher,
    )
    queue = redis.asyncio.Redis.from_url(where.redis_url, socket_timeout=2.0, socket_connect_timeout=2.0)

    async def graph_answers() -> bool:
        await pending(graph)
        return True

    async def is_migrated() -> bool:
        return not await pending(graph)

    async def redis_answers() -> bool:
        return bool(await queue.ping())

    try:
        checks = {"graph": graph_answers, "migrations": is_migrated, "redis": redis_answers}
        yield Services(graph, GraphTokens(graph), checks, {"redis": queue})
    finally:
        await queue.aclose()
        await graph.close()
