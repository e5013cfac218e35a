"""Values of a scanned source leave no trace: in the graph, in Redis, in logs and traces, in what models are given, in messages and answers.

Canaries are planted in every column. They are searched for after a scan with profiles, usage and classification, after samples of the
source, and after failures; first it is shown that they would be found.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis.asyncio
from opentelemetry import trace

import cypher.session
from cypher.catalogue import Query
from cypher.session import GraphSession
from graph_api.app import create_app
from graph_api.logs import configure
from graph_api.roots import NODE_LOADERS, product_schema
from graph_api.services import GraphTokens, Services
from ingest.alerts.delivery import tend
from ingest.commands import alerts, scans, sources
from ingest.commands.identity import create_token
from ingest.usage.collecting import collect_log
from ingest.worker import ArqQueue, worker
from schema.domain.alerts import ChannelKind, ChannelSpec, Severity
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.domain.sources import SourceSpec
from schema.ids import Urn
from schema.settings import Settings
from tests.ingest.alerts.servers import web_server

# What is part of one canary or another, in the spelling that it has wherever it is copied to.
CANARIES = (
    "zqvanary",  # of mails, logins and addresses
    "Quexvale",  # a name that no dictionary has
    "4485983356242217",  # a card that passes its check
    "4485 9833 5624 2217",
    "DE44500105175407324931",
    "+49 30 90187744",
    "907318462055",  # a number that is of no known form
    "1961-07-23",
    "pst-zqv-4711",
)
ROWS = 30
COLUMNS = {
    "id": lambda n: n,
    "full_name": lambda n: f"Mary Quexvale{chr(97 + n % 26)}",
    "email": lambda n: f"zqvanary{n}@example.org",
    "card": lambda n: "4485983356242217",
    "phone": lambda n: "+49 30 90187744",
    "iban": lambda n: "DE44500105175407324931",
    "birth_date": lambda n: "1961-07-23",
    "password": lambda n: "pst-zqv-4711",
    "account_number": lambda n: 907318462055,
    "note": lambda n: f"Mary Quexvale wrote from zqvanary{n}@example.org about the card 4485 9833 5624 2217, then rang +49 30 90187744.",
    "payload": lambda n: json.dumps(
        {
            "customer": {"email": f"zqvanary{n}@example.org", "last_name": "Quexvale", "birth_date": "1961-07-23"},
            "cards": ["4485983356242217"],
            f"zqvanary{n}@example.org": True,
        }
    ),
    "c17": lambda n: f"zqvanary{n}@example.org",
    "remark": lambda n: "zqvanary7@example.org" if n == 3 else f"batch {n}",
}  # fmt: skip
EVERYWHERE = Query(
    "test",
    """CYPHER 25
    CALL () {
      MATCH (n) UNWIND keys(n) AS k RETURN labels(n)[0] AS owner, k, n[k] AS v
      UNION ALL
      MATCH ()-[r]->() UNWIND keys(r) AS k RETURN type(r) AS owner, k, r[k] AS v
    }
    WITH owner, k, CASE WHEN v IS :: LIST<ANY> THEN reduce(t = '', e IN v | t + ' ' + coalesce(toStringOrNull(e), '')) ELSE toStringOrNull(v) END AS text
    WHERE any(c IN $canaries WHERE text CONTAINS c)
    RETURN DISTINCT owner + '.' + k AS place""",
    "read",
    frozenset({"canaries"}),
    ("place",),
    5000,
)
SAMPLE = """
mutation ($i: AssetSampleInput!) { assetSample(input: $i) { __typename
  ... on AssetSampleSuccess { rowCount columns { name mask reason values } } ... on UserError { code message } } }
"""
# All that the API tells of an asset, of what was done, and of what went wrong.
QUESTIONS = (
    """{ assets(first: 100, filter: {includeStale: true}) { edges { node { urn name description sensitivity definition
      profile { rows nulls distinct minimum maximum quantiles shortest longest shapes { shape count } }
      tableProfile { rows } classifications { reason confidence classification { name } } } } } }""",
    '{ search(query: "mail", mode: FULLTEXT, first: 50) { facets { kind values { value count } } edges { node { urn } reasons { field snippet } } } }',
    '{ search(query: "zqvanary") { edges { node { urn name } reasons { field snippet } } } }',
    "{ runs(first: 20) { edges { node { runId state error problems(first: 50) { edges { node { code message subject } } } } } } }",
    "{ auditEvents(first: 100) { edges { node { action subjects reason details } } } }",
)


class Texts:
    """A model that remembers what it was given."""

    model, dimensions = "remembering", 384

    def __init__(self) -> None:
        self.given: list[str] = []

    def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        self.given += texts
        return [[1.0] + [0.0] * 383 for _ in texts]


class Spans(trace.NoOpTracer):
    """Keeps what is said of each span."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def start_span(self, name: str, *args: Any, **kwargs: Any) -> trace.Span:  # type: ignore[override]
        said = self.said
        said += [name, args, kwargs]

        class Kept(trace.NonRecordingSpan):
            def set_attribute(self, key: str, value: Any) -> None:
                said.append((key, value))

            def record_exception(self, exception: BaseException, *args: Any, **kwargs: Any) -> None:
                said.append(repr(exception))

        return Kept(trace.INVALID_SPAN_CONTEXT)


@pytest.fixture
def source_file(tmp_path: Path) -> Path:
    file = tmp_path / "people.sqlite"
    marks = ", ".join("?" * len(COLUMNS))
    with sqlite3.connect(file) as db:
        kinds = {"id": "INTEGER", "account_number": "INTEGER", "payload": "JSON"}
        spelled = ", ".join(f"{name} {kinds.get(name, 'TEXT')}" for name in COLUMNS)
        db.execute(f"CREATE TABLE people ({spelled})")
        db.executemany(
            f"INSERT INTO people VALUES ({marks})",
            [[make(n) for make in COLUMNS.values()] for n in range(ROWS)],
        )
        db.execute("CREATE VIEW named AS SELECT full_name, email FROM people WHERE email = 'x'")
    return file


@pytest.fixture
def logs(capfd: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """Standard output and error of this process and its children, with all that is ever logged."""
    configure(Settings(log_json=True, log_level="DEBUG"))
    yield capfd
    configure(Settings(log_json=True, log_level="ERROR"))


@asynccontextmanager
async def served(graph: GraphSession, config: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The API as it is served, on this graph."""
    opened = asyncio.Event()

    @asynccontextmanager
    async def open_services(_: Settings) -> AsyncIterator[Services]:
        opened.set()
        yield Services(graph, GraphTokens(graph), {}, {"settings": config})

    app = create_app(config, schema=product_schema(), open_services=open_services, node_loaders=NODE_LOADERS)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://pursight", timeout=30
        ) as client,
    ):
        async with asyncio.timeout(30):
            await opened.wait()
        yield client


async def asked(
    client: httpx.AsyncClient, token: str, document: str, variables: dict[str, Any] | None = None
) -> str:
    answer = await client.post(
        "/graphql",
        json={"query": document, "variables": variables or {}},
        headers={"authorization": f"Bearer {token}"},
    )
    return answer.text


def held(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


async def test_no_value_of_a_sampled_column_is_found_anywhere(
    graph: GraphSession,
    admin: Principal,
    redis_url: str,
    config: Settings,
    source_file: Path,
    tmp_path: Path,
    logs: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spans, texts = Spans(), Texts()
    monkeypatch.setattr(cypher.session, "_tracer", spans)
    planted = " ".join(str(make(n)) for make in COLUMNS.values() for n in range(ROWS))
    assert held(planted) == list(CANARIES)

    with web_server() as hooks:
        await alerts.set_channel(
            graph,
            admin,
            ChannelSpec("team", ChannelKind.WEBHOOK, {"url": hooks.url}, at_least=Severity.INFO),
            config=config,
        )
        spec = SourceSpec("people", "sqlite", {"path": str(source_file)})
        await sources.register(graph, admin, spec, config=config)
        await scans.request(graph, admin, source="people")
        queue = ArqQueue(redis_url)
        await queue.signal()
        await queue.close()
        working = worker(graph, redis_url=redis_url, config=config, embedder=texts, burst=True)
        await working.main()
        await working.close()
        (dataset,) = await graph.rows(PEOPLE)
        log = tmp_path / "queries.jsonl"
        log.write_text(
            "\n".join(
                json.dumps({"query": sql, "timestamp": "2026-11-01T10:00:00Z", "user": "etl"})
                for sql in (
                    "SELECT full_name FROM people WHERE email = 'zqvanary1@example.org' AND card = '4485983356242217'",
                    "SELECT note FROM people WHERE full_name LIKE '%Quexvale%' OR account_number = 907318462055",
                )
            )
        )
        await collect_log(
            graph, admin, source="people", namespace=Urn.parse(dataset["urn"]).namespace, path=log
        )

        masked = await sampled(graph, config, dataset["urn"])
        await tend(graph, config)
        sent = " ".join(body.decode() for _, _, body in hooks.requests)

    assert sent
    store = redis.asyncio.from_url(redis_url)
    kept = [str(await store.execute_command("DUMP", key)) + str(key) async for key in store.scan_iter()]
    await store.aclose()
    logged = "".join(logs.readouterr())

    assert await graph.rows(EVERYWHERE, canaries=list(CANARIES)) == []
    assert held(logged) == []
    assert held(sent) == []
    assert texts.given
    assert held(" ".join(texts.given)) == []
    assert spans.said
    assert held(repr(spans.said)) == []
    assert held(" ".join(kept)) == []
    assert held(masked) == []


PEOPLE = Query(
    "test",
    "CYPHER 25 MATCH (a:Asset) WHERE a.kind = 'DATASET' AND a.name = 'people' RETURN a.urn AS urn",
    "read",
    frozenset(),
    ("urn",),
    1000,
)


async def sampled(graph: GraphSession, config: Settings, urn: str) -> str:
    """All that the API answers of the source to those who may not see values whole, and that samples were given at all."""
    made = {
        role: (await create_token(graph, SYSTEM_ADMIN, name=role, role=role, scope=scope))[1]
        for role, scope in (
            (Role.READER, EVERYTHING),
            (Role.OPERATOR, EVERYTHING),
            (Role.ANALYST, EVERYTHING),
            (Role.STEWARD, Scope(3)),
            (Role.INVESTIGATOR, EVERYTHING),
            (Role.ADMIN, EVERYTHING),
        )
    }
    answers = []
    async with served(graph, config) as client:
        for role, token in made.items():
            answer = await asked(client, token, SAMPLE, {"i": {"urn": urn, "first": 20}})
            answers.append(answer)
            allowed = role in (Role.ANALYST, Role.STEWARD, Role.INVESTIGATOR, Role.ADMIN)
            assert ('"AssetSampleSuccess"' in answer) is allowed, answer
            told = [await asked(client, token, question) for question in QUESTIONS]
            assert role is not Role.ADMIN or not [each for each in told if '"errors"' in each], told
            answers += told
    return "\n".join(answers)


SYSTEM_ADMIN = Principal("person:ada", "Ada", Role.ADMIN, EVERYTHING)


async def test_the_search_for_canaries_finds_those_that_are_there(graph: GraphSession) -> None:
    """Without this the test above could hold while it looks nowhere."""
    await graph.schema_statement(
        "CREATE (:Asset {urn: 'a', key: 1, tags: ['x', 'mail zqvanary1@example.org'], n: 907318462055})"
        "-[:FEEDS {note: 'Quexvale'}]->(:Asset {urn: 'b', key: 2})"
    )

    found = {row["place"] for row in await graph.rows(EVERYWHERE, canaries=list(CANARIES))}

    assert found == {"Asset.tags", "Asset.n", "FEEDS.note"}
