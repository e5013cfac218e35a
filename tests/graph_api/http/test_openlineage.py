"""The OpenLineage endpoint behind the standard client, on a real server and a real graph."""

from __future__ import annotations

import asyncio
import gzip
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import column_lineage_dataset, schema_dataset, sql_job
from openlineage.client.serde import Serde
from openlineage.client.transport.http import HttpConfig, HttpTransport

from cypher.catalogue import Query
from cypher.session import GraphSession
from graph_api.app import create_app
from graph_api.schema import Schema
from graph_api.services import GraphTokens, Services
from ingest.commands.identity import create_token
from ingest.worker import worker
from schema.domain.identity import EVERYTHING, Principal, Role
from schema.errors import GraphUnavailable
from schema.settings import Settings
from tests.graph_api.http.demo_schema import Mutation
from tests.graph_api.http.demo_schema import Query as Root
from tests.graph_api.http.demo_server import Tokens, serving

WAREHOUSE = "postgres://shop.example:5432"
PATH = "/api/v1/lineage"
EDGES = Query(
    "test",
    "CYPHER 25 MATCH (u:Asset)-[e:FEEDS]->(d:Asset) "
    "RETURN u.path + ' -' + e.transformation + '-> ' + d.path AS line, e.origin AS origin ORDER BY line, origin",
    "read",
    frozenset(),
    ("line", "origin"),
    1000,
)


@dataclass(frozen=True)
class Endpoint:
    url: str
    token: str

    def client(self, token: str | None = None, **config: Any) -> OpenLineageClient:
        auth = {"type": "api_key", "apiKey": token or self.token}
        settings = HttpConfig.from_dict({"url": self.url, "auth": auth, "retry": {"total": 0}, **config})
        return OpenLineageClient(transport=HttpTransport(settings))

    def post(
        self, body: bytes, *, path: str = PATH, token: str | None = "", **headers: str
    ) -> httpx.Response:
        sent = {"content-type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
        if token is not None:
            sent["authorization"] = f"Bearer {token or self.token}"
        return httpx.post(self.url + path, content=body, headers=sent, timeout=30)


async def _token(graph: GraphSession, admin: Principal, role: Role) -> str:
    _, token = await create_token(graph, admin, name=role.value, role=role, scope=EVERYTHING)
    return token


@asynccontextmanager
async def _served(services: Services, settings: Settings) -> AsyncIterator[str]:
    @asynccontextmanager
    async def open_services(_: Settings) -> AsyncIterator[Services]:
        yield services

    app = create_app(settings, schema=Schema(Root, Mutation), open_services=open_services)
    async with serving(app) as address:
        yield f"http://{address}"


@pytest.fixture
async def endpoint(graph: GraphSession, admin: Principal, config: Settings) -> AsyncIterator[Endpoint]:
    settings = config.model_copy(update={"namespace_aliases": {"postgres://10.0.0.7:5432": WAREHOUSE}})
    token = await _token(graph, admin, Role.INGESTER)
    async with _served(Services(graph, GraphTokens(graph)), settings) as url:
        yield Endpoint(url, token)


def event(
    *,
    namespace: str = WAREHOUSE,
    target: str = "shop.public.revenue",
    sql: str | None = None,
    columns: bool = True,
) -> RunEvent:
    lineage = column_lineage_dataset.ColumnLineageDatasetFacet(
        fields={
            "who": column_lineage_dataset.Fields(
                inputFields=[
                    column_lineage_dataset.InputField(
                        namespace,
                        "shop.public.customer",
                        "email",
                        [column_lineage_dataset.Transformation("DIRECT", "TRANSFORMATION", masking=True)],
                    )
                ]
            )
        }
    )
    fields = [schema_dataset.SchemaDatasetFacetFields("who", "text")]
    return RunEvent(
        eventType=RunState.COMPLETE,
        eventTime="2026-05-01T10:00:00Z",
        run=Run(str(uuid.uuid4())),
        job=Job("airflow", f"load.{target}", facets={"sql": sql_job.SQLJobFacet(sql)} if sql else {}),
        inputs=[InputDataset(namespace, "shop.public.customer")],
        outputs=[
            OutputDataset(
                namespace,
                target,
                facets={
                    "schema": schema_dataset.SchemaDatasetFacet(fields),
                    **({"columnLineage": lineage} if columns else {}),
                },
            )
        ],
        producer="https://example.org/airflow",
    )


async def emit(client: OpenLineageClient, *events: RunEvent) -> None:
    for each in events:
        await asyncio.to_thread(client.emit, each)


async def edges(graph: GraphSession) -> list[tuple[str, str]]:
    return [(row["line"], row["origin"]) for row in await graph.rows(EDGES)]


@pytest.mark.parametrize("compression", [None, "gzip"])
async def test_the_standard_client_reports_column_lineage(
    graph: GraphSession, endpoint: Endpoint, compression: str | None
) -> None:
    await emit(endpoint.client(compression=compression), event())

    assert ("shop.public.customer.email -MASK-> shop.public.revenue.who", "OPENLINEAGE") in await edges(graph)


async def test_a_batch_is_taken_whole_and_twice_the_same(graph: GraphSession, endpoint: Endpoint) -> None:
    batch = f"[{Serde.to_json(event())}, {Serde.to_json(event(target='shop.public.churn'))}]".encode()

    first = await asyncio.to_thread(endpoint.post, batch, path=f"{PATH}/batch")
    before = await edges(graph)
    again = await asyncio.to_thread(endpoint.post, batch, path=f"{PATH}/batch")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["events"] == 2
    assert first.json()["jobs"] == 2
    assert await edges(graph) == before
    assert {line.rpartition("> ")[2] for line, _ in before} >= {
        "shop.public.revenue.who",
        "shop.public.churn.who",
    }


async def test_another_name_of_an_instance_leads_to_the_same_dataset(
    graph: GraphSession, endpoint: Endpoint
) -> None:
    await emit(endpoint.client(), event(), event(namespace="postgres://10.0.0.7:5432"))

    lines = [line for line, _ in await edges(graph)]
    assert lines.count("shop.public.customer.email -MASK-> shop.public.revenue.who") == 1


async def test_a_worker_reads_the_sql_of_a_reported_job(
    graph: GraphSession, endpoint: Endpoint, redis_url: str, config: Settings
) -> None:
    sql = "insert into public.revenue select lower(email) as who from public.customer"
    await emit(endpoint.client(), event(sql=sql, columns=False))

    working = worker(graph, redis_url=redis_url, config=config, embedder=None, burst=True)
    await working.main()
    await working.close()

    assert ("shop.public.customer.email -EXPRESSION-> shop.public.revenue.who", "SQL") in await edges(graph)


async def test_a_bad_event_of_a_batch_is_named_with_its_place_and_nothing_is_written(
    graph: GraphSession, endpoint: Endpoint
) -> None:
    bad = Serde.to_json(event()).replace('"name": "load.', '"nam": "load.')
    answer = await asyncio.to_thread(endpoint.post, f"[{Serde.to_json(event())}, {bad}]".encode())

    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert error["extensions"]["code"] == "BAD_DOCUMENT"
    assert error["extensions"]["path"][:2] == ["[1]", "job"]
    assert error["extensions"]["remedy"]
    assert await edges(graph) == []


async def test_who_may_not_ingest_is_turned_away(
    graph: GraphSession, admin: Principal, endpoint: Endpoint
) -> None:
    reader = await _token(graph, admin, Role.READER)
    body = Serde.to_json(event()).encode()

    answers = [
        await asyncio.to_thread(endpoint.post, body, token=token) for token in (None, "pst_wrong", reader)
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 403]
    assert answers[0].headers["www-authenticate"].startswith("Bearer")
    assert answers[2].json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await edges(graph) == []


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {"content_type": "text/plain"}, 415),
        (b"{}", {"content_encoding": "br"}, 415),
        (b"{}", {"content_encoding": "gzip"}, 400),
        (gzip.compress(b"{}")[:-9], {"content_encoding": "gzip"}, 400),
        (gzip.compress(b" " * (64 << 20)), {"content_encoding": "gzip"}, 413),
        (b" " * (9 << 20), {}, 413),
        (b"{", {}, 400),
        (b"", {}, 400),
        (b"[" * 100_000, {}, 400),
    ],
    ids=["no json", "brotli", "not gzip", "cut off", "bomb", "too large", "half", "empty", "deep"],
)
async def test_a_body_that_cannot_be_read_is_refused(
    endpoint: Endpoint, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await asyncio.to_thread(endpoint.post, body, **headers)

    assert answer.status_code == status
    assert answer.json()["errors"][0]["message"]


async def test_large_events_pass(endpoint: Endpoint) -> None:
    body = Serde.to_json(event()).encode()

    answer = await asyncio.to_thread(endpoint.post, b" " * (4 << 20) + body)

    assert answer.status_code == 201


async def test_while_the_graph_is_away_the_client_is_told_when_to_come_again(config: Settings) -> None:
    class Away:
        async def rows(self, *_: object, **__: object) -> list[object]:
            raise GraphUnavailable("The graph is away.", remedy="Try again.")

        write = rows

    async with _served(Services(Away(), Tokens()), config) as url:  # type: ignore[arg-type]
        answer = await asyncio.to_thread(
            Endpoint(url, "ingester-token").post, Serde.to_json(event()).encode()
        )

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
