"""The services of an installation: tokens as the graph keeps them, and what readiness asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from cypher.session import GraphSession
from graph_api.app import create_app
from graph_api.schema import Schema
from graph_api.services import GraphTokens, open_services
from ingest.commands.identity import create_token, revoke_token
from schema.domain.identity import SYSTEM, Role, Scope
from schema.settings import Settings
from tests.conftest import Neo4jAddress
from tests.graph_api.http.demo_schema import Asset, Mutation, Query, Subscription
from tests.graph_api.http.demo_server import serving

SCOPE = Scope(2, ("finance", ""))


async def test_a_token_is_known_with_its_role_and_scope_until_it_is_revoked(graph: GraphSession) -> None:
    ident, token = await create_token(graph, SYSTEM, name="analyst", role=Role.READER, scope=SCOPE)
    tokens = GraphTokens(graph)
    principal = await tokens.verify(token)
    await revoke_token(graph, SYSTEM, ident=ident)

    assert principal is not None
    assert (principal.id, principal.name, principal.role, principal.scope) == (
        ident,
        "analyst",
        Role.READER,
        SCOPE,
    )
    assert await tokens.verify(token) is None
    assert await tokens.verify(token + "x") is None
    assert await tokens.verify("") is None


async def test_a_token_is_refused_from_the_moment_it_expires(graph: GraphSession) -> None:
    now = datetime(2026, 8, 6, tzinfo=UTC)

    class At:
        def __init__(self, moment: datetime) -> None:
            self._moment = moment

        def now(self) -> datetime:
            return self._moment

    _, token = await create_token(graph, SYSTEM, name="week", role=Role.READER, scope=SCOPE, expires_at=now)

    assert await GraphTokens(graph, At(now - timedelta(seconds=1))).verify(token) is not None
    assert await GraphTokens(graph, At(now)).verify(token) is None


@pytest.fixture
async def installation(graph: GraphSession, neo4j_server: Neo4jAddress, redis_url: str) -> Settings:
    return Settings(
        neo4j_uri=neo4j_server.uri,
        neo4j_user=neo4j_server.user,
        neo4j_password=neo4j_server.password,
        neo4j_database=neo4j_server.database,
        redis_url=redis_url,
    )


async def test_the_api_serves_the_holder_of_a_token_in_the_graph(
    graph: GraphSession, installation: Settings
) -> None:
    _, token = await create_token(graph, SYSTEM, name="analyst", role=Role.READER, scope=SCOPE)
    app = create_app(installation, schema=Schema(Query, Mutation, Subscription, types=[Asset]))
    async with serving(app) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=20) as client:
        ready = await client.get("/readyz")
        known = await client.post(
            "/graphql", json={"query": "{who}"}, headers={"authorization": f"Bearer {token}"}
        )
        unknown = await client.post(
            "/graphql", json={"query": "{who}"}, headers={"authorization": "Bearer x"}
        )
        metrics = await client.get("/metrics")

    assert ready.json()["checks"] == {"graph": "ok", "migrations": "ok", "redis": "ok"}
    assert known.status_code == 200
    assert unknown.status_code == 401
    assert 'pursight_cypher_seconds_count{query="identity.token_by_hash"}' in metrics.text


async def test_readiness_fails_where_neither_server_answers() -> None:
    nowhere = Settings(neo4j_uri="bolt://127.0.0.1:1", redis_url="redis://127.0.0.1:1/0", retry_time_s=0)
    async with open_services(nowhere) as services:
        for check in services.checks.values():
            with pytest.raises(Exception, match=r"."):
                await check()
