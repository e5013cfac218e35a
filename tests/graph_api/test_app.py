"""The process around the endpoint: what answers when, and what it tells."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cypher.session import GraphSession
from graph_api.app import create_app
from graph_api.schema import Schema
from graph_api.services import Services
from schema.errors import Conflict, StackError
from schema.settings import Settings
from tests.graph_api.http.conftest import BEARER
from tests.graph_api.http.demo_schema import Asset, Mutation, Query, Subscription
from tests.graph_api.http.demo_server import Tokens


async def fail(request: Request) -> Response:
    raise RuntimeError("bolt://neo4j:hunter2@graph refused")


async def conflict(request: Request) -> Response:
    raise Conflict("It exists already.", path=("name",), remedy="Choose another name.")


class Starting:
    """Services that come up when told to, after failing once."""

    def __init__(self) -> None:
        self.may_open = asyncio.Event()
        self.attempts = self.checks = 0
        self.healthy = True
        self.is_closed = False

    @asynccontextmanager
    async def open(self, settings: Settings) -> AsyncIterator[Services]:
        self.attempts += 1
        if self.attempts == 1:
            raise StackError("No neo4j runs.", remedy="`pursight up` starts one.")
        await self.may_open.wait()

        async def check() -> bool:
            self.checks += 1
            if not self.healthy:
                raise ConnectionError("bolt://neo4j:hunter2@graph refused")
            return True

        yield Services(cast(GraphSession, None), Tokens(), {"graph": check}, {"answer": 42})
        self.is_closed = True


@asynccontextmanager
async def running(services: Starting) -> AsyncIterator[tuple[Starlette, httpx.AsyncClient]]:
    app = create_app(
        Settings(),
        schema=Schema(Query, Mutation, Subscription, types=[Asset]),
        open_services=services.open,
        routes=[Route("/fail", fail), Route("/conflict", conflict)],
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("203.0.113.9", 1))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://pursight", headers=BEARER) as client,
    ):
        yield app, client


async def started(client: httpx.AsyncClient) -> None:
    deadline = asyncio.get_running_loop().time() + 5
    while (await client.get("/readyz")).status_code != 200:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)


async def test_the_process_answers_before_the_graph_does_and_serves_once_it_is_there() -> None:
    services = Starting()
    async with running(services) as (_, client):
        alive = await client.get("/healthz")
        ready = await client.get("/readyz")
        early = await client.post("/graphql", json={"query": "{hello}"})
        services.may_open.set()
        await started(client)
        served = await client.post("/graphql", json={"query": "{hello}"})

    assert alive.json() == {"status": "alive"}
    assert (ready.status_code, ready.json()["errors"][0]["extensions"]["code"]) == (503, "NOT_READY")
    assert (early.status_code, early.json()["errors"][0]["extensions"]["code"]) == (503, "GRAPH_UNAVAILABLE")
    assert "retry-after" in early.headers
    assert served.json()["data"] == {"hello": "world"}
    assert services.is_closed


async def test_readiness_names_the_failed_check_and_nothing_else() -> None:
    services = Starting()
    services.may_open.set()
    async with running(services) as (_, client):
        await started(client)
        services.healthy = False
        deadline = asyncio.get_running_loop().time() + 5
        while (response := await client.get("/readyz")).status_code == 200:
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.02)

    assert response.status_code == 503
    assert response.json()["checks"] == {"graph": "failed"}
    assert "bolt" not in response.text


async def test_many_who_ask_whether_it_is_ready_ask_the_graph_once() -> None:
    services = Starting()
    services.may_open.set()
    async with running(services) as (_, client):
        await started(client)
        before = services.checks
        answers = await asyncio.gather(*(client.get("/readyz") for _ in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert services.checks - before <= 2


async def test_errors_of_other_routes_are_json_and_masked_alike() -> None:
    services = Starting()
    services.may_open.set()
    async with running(services) as (_, client):
        await started(client)
        failed, refused = await client.get("/fail"), await client.get("/conflict")

    assert failed.status_code == 500
    assert failed.json()["errors"][0]["extensions"] == {
        "code": "INTERNAL",
        "traceId": failed.headers["x-trace-id"],
    }
    assert "hunter2" not in failed.text
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["remedy"]) == (
        409,
        "Choose another name.",
    )


async def test_metrics_and_schema_need_a_token_from_elsewhere() -> None:
    services = Starting()
    services.may_open.set()
    async with running(services) as (_, client):
        await started(client)
        for path in ("/metrics", "/schema.graphql"):
            assert (await client.get(path, headers={"authorization": ""})).status_code == 401
            assert (await client.get(path)).status_code == 200
        assert "type Asset implements Node" in (await client.get("/schema.graphql")).text


async def test_a_proxy_on_this_machine_does_not_open_the_metrics() -> None:
    from tests.graph_api.http.demo_server import demo_app, serving

    async with serving(demo_app()) as address, httpx.AsyncClient(base_url=f"http://{address}") as client:
        assert (await client.get("/metrics")).status_code == 200
        assert (await client.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})).status_code == 401


async def test_every_answer_carries_the_security_headers() -> None:
    services = Starting()
    async with running(services) as (_, client):
        for path in ("/healthz", "/graphql", "/nowhere", "/fail"):
            headers = (await client.get(path)).headers

            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["cache-control"] == "no-store"
            assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("module", ["graph_api.app", "graph_api.services"])
def test_the_api_starts_without_the_heavy_libraries(module: str) -> None:
    heavy: Any = [
        "torch",
        "spacy",
        "sentence_transformers",
        "duckdb",
        "onnxruntime",
        "sqlalchemy",
        "sqlglot",
        "arq",
    ]
    program = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
