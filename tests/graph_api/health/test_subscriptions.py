"""Watching runs, health and the queue over real WebSockets and event streams, with real tokens, on a real graph and Redis."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from cypher.session import GraphSession
from graph_api.app import create_app
from graph_api.http.view import ViewOptions
from graph_api.roots import NODE_LOADERS, product_schema
from graph_api.services import GraphTokens, Services
from ingest.commands import run_tasks, runs, sources
from ingest.commands.identity import create_token, revoke_token
from ingest.health.checking import Checker
from ingest.orchestration.outcomes import Claim, Done, Failed
from ingest.progress import Progressor
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.domain.sources import SourceSpec
from schema.domain.workflows import Retry, Stage, Workflow
from schema.settings import Settings
from tests.graph_api.http.demo_server import serving
from tests.seed import register, warehouse

PROTOCOL = Subprotocol("graphql-transport-ws")
DEADLINE_S = 15
TWO = Workflow(
    "two",
    (
        Stage("discover", "discover", retry=Retry(tries=3, first_s=0.001, longest_s=0.002)),
        Stage("publish", "publish", after=("discover",)),
    ),
)
LOG = "subscription ($r: String!, $a: String) { runLog(runId: $r, after: $a) { cursor at kind stage task attempt worker state failure reason until } }"
HEALTH = "subscription ($s: String) { sourceHealth(source: $s) { name health { score grade reasons { cause points } checks(first: 1) { edges { node { ok cause } } } } } }"
QUEUE = "subscription { queueState { running lost bands { band tasks } held { reason tasks } workers { name busy } } }"


@dataclass(frozen=True)
class Endpoint:
    address: str
    graph: GraphSession
    admin: Principal

    async def token(self, role: Role = Role.READER, scope: Scope = EVERYTHING) -> tuple[str, str]:
        return await create_token(self.graph, self.admin, name="t", role=role, scope=scope)

    @asynccontextmanager
    async def socket(self, token: str) -> AsyncIterator[ClientConnection]:
        async with connect(f"ws://{self.address}/graphql", subprotocols=[PROTOCOL]) as socket:
            payload = {"authorization": f"Bearer {token}"}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            assert (await received(socket))["type"] == "connection_ack"
            yield socket

    @asynccontextmanager
    async def watching(
        self, query: str, token: str | None = None, **variables: Any
    ) -> AsyncIterator[ClientConnection]:
        token = token or (await self.token(Role.OPERATOR))[1]
        async with self.socket(token) as socket:
            payload = {"query": query, "variables": variables}
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
            yield socket


async def received(socket: ClientConnection) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), DEADLINE_S))
    return found


async def following(socket: ClientConnection, field: str) -> dict[str, Any]:
    message = await received(socket)
    assert message["type"] == "next", message
    assert "errors" not in message["payload"], message
    found: dict[str, Any] = message["payload"]["data"][field]
    return found


async def to_the_end(socket: ClientConnection, field: str) -> list[dict[str, Any]]:
    found = []
    while (message := await received(socket))["type"] == "next":
        found.append(message["payload"]["data"][field])
    assert message == {"type": "complete", "id": "1"}
    return found


@pytest.fixture
async def endpoint(
    graph: GraphSession, admin: Principal, config: Settings, redis_url: str
) -> AsyncIterator[Endpoint]:
    await register(graph, warehouse("shop", "", datasets=0, columns=0))
    await register(graph, warehouse("hr", "hr", datasets=0, columns=0))

    @asynccontextmanager
    async def open_services(_: Settings) -> AsyncIterator[Services]:
        yield Services(graph, GraphTokens(graph), {}, {"redis_url": redis_url, "settings": config})

    options = ViewOptions(node_loaders=NODE_LOADERS, recheck_s=0.3)
    app = create_app(config, schema=product_schema(), open_services=open_services, view_options=options)
    async with serving(app) as address:
        yield Endpoint(address, graph, admin)


async def taken(graph: GraphSession) -> Claim:
    async with asyncio.timeout(DEADLINE_S):
        while not (claims := await run_tasks.claim(graph, worker="w", slots=1)):
            await asyncio.sleep(0.02)
    return claims[0]


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [
        " ".join(str(e[name]) for name in ("kind", "stage", "attempt") if e[name] is not None) for e in events
    ]


WHOLE = [
    "RUN_QUEUED", "RUN_STARTED", "STAGE_STARTED discover", "TASK_STARTED discover", "ATTEMPT_STARTED discover 1",
    "ATTEMPT_ENDED discover 1", "TASK_RETRIED discover 1", "ATTEMPT_STARTED discover 2", "ATTEMPT_ENDED discover 2",
    "TASK_ENDED discover", "STAGE_ENDED discover", "STAGE_STARTED publish", "TASK_STARTED publish",
    "ATTEMPT_STARTED publish 1", "ATTEMPT_ENDED publish 1", "TASK_ENDED publish", "STAGE_ENDED publish", "RUN_ENDED",
]  # fmt: skip


async def test_what_happens_in_a_run_is_told_as_it_happens_and_goes_on_from_a_cursor(
    endpoint: Endpoint,
) -> None:
    graph = endpoint.graph
    run = await runs.request(graph, endpoint.admin, source="shop", workflow=TWO)
    events: list[dict[str, Any]] = []
    async with endpoint.watching(LOG, r=run) as socket:
        events.append(await following(socket, "runLog"))
        first = await taken(graph)
        while events[-1]["kind"] != "ATTEMPT_STARTED":  # before the attempt has ended
            events.append(await following(socket, "runLog"))
        await run_tasks.settle(graph, first, Failed("TRANSIENT", "TIMEOUT: The source is slow.", 1))
        while events[-1]["kind"] != "TASK_RETRIED":
            events.append(await following(socket, "runLog"))
    await run_tasks.settle(graph, await taken(graph), Done())
    await run_tasks.settle(graph, await taken(graph), Done())
    async with endpoint.watching(LOG, r=run, a=events[-1]["cursor"]) as socket:
        rest = await to_the_end(socket, "runLog")
    async with endpoint.watching(LOG, r=run) as socket:
        whole = await to_the_end(socket, "runLog")

    assert kinds(events + rest) == kinds(whole) == WHOLE
    assert len({event["cursor"] for event in whole}) == len(whole)
    assert [event["at"] for event in whole] == sorted(event["at"] for event in whole)
    retried = next(event for event in whole if event["kind"] == "TASK_RETRIED")
    assert (retried["failure"], retried["reason"]) == ("TRANSIENT", "TIMEOUT: The source is slow.")
    assert (events[4]["worker"], whole[-1]["state"]) == ("w", "SUCCEEDED")


async def test_a_resumed_log_repeats_none_of_the_events_of_the_second_before_its_cursor(
    endpoint: Endpoint,
) -> None:
    graph = endpoint.graph
    run = await runs.request(graph, endpoint.admin, source="shop", workflow=TWO)
    for _ in range(2):  # all of it within a second
        await run_tasks.settle(graph, await taken(graph), Done())
    async with endpoint.watching(LOG, r=run) as socket:
        whole = await to_the_end(socket, "runLog")
    assert len(whole) > 10
    for told in (1, 4, len(whole) - 1):
        async with endpoint.watching(LOG, r=run, a=whole[told - 1]["cursor"]) as socket:
            assert await to_the_end(socket, "runLog") == whole[told:]


async def test_why_a_task_is_held_is_told_with_the_time_at_which_it_comes_back(endpoint: Endpoint) -> None:
    graph = endpoint.graph
    breaker = '{"failures": 5, "opened": 1, "open_until": "2999-01-01T00:00:00Z", "probe_until": null}'
    await graph.schema_statement(f"MATCH (s:Source {{name: 'shop'}}) SET s.breaker = '{breaker}'")
    run = await runs.request(graph, endpoint.admin, source="shop", workflow=TWO)
    async with endpoint.watching(LOG, r=run) as socket:
        assert (await following(socket, "runLog"))["kind"] == "RUN_QUEUED"
        assert await run_tasks.claim(graph, worker="w", slots=1) == []
        held = await following(socket, "runLog")
        # As long as the reason lasts it is told once.
        await graph.schema_statement("MATCH (t:RunTask) SET t.retry_at = 1")
        assert await run_tasks.claim(graph, worker="w", slots=1) == []
        await runs.cancel(graph, endpoint.admin, run=run)
        rest = await to_the_end(socket, "runLog")

    assert (held["kind"], held["reason"], held["stage"], held["task"]) == (
        "TASK_HELD",
        "CIRCUIT",
        "discover",
        0,
    )
    assert datetime.fromisoformat(held["until"]).year == 2999
    assert [(event["kind"], event["state"]) for event in rest][-1] == ("RUN_ENDED", "CANCELLED")
    assert "TASK_HELD" not in [event["kind"] for event in rest]


async def test_a_run_of_a_source_out_of_reach_has_no_log_and_one_that_goes_out_of_reach_ends_it(
    endpoint: Endpoint,
) -> None:
    graph = endpoint.graph
    _, limited = await endpoint.token(scope=Scope(4, ("",)))
    run = await runs.request(graph, endpoint.admin, source="hr", workflow=TWO)
    async with endpoint.watching(LOG, limited, r=run) as socket:
        refused = await received(socket)
    mine = await runs.request(graph, endpoint.admin, source="shop", workflow=TWO)
    async with endpoint.watching(LOG, limited, r=mine) as socket:
        await following(socket, "runLog")
        await graph.schema_statement("MATCH (s:Source {name: 'shop'}) SET s.domain = 'hr'")
        ended = await received(socket)

    for message in (refused, ended):
        (error,) = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        assert error["extensions"]["code"] == "NOT_FOUND"


async def test_a_cursor_of_another_list_is_refused(endpoint: Endpoint) -> None:
    run = await runs.request(endpoint.graph, endpoint.admin, source="shop", workflow=TWO)
    async with endpoint.watching(LOG, r=run, a="eyJ4IjoxfQ==") as socket:
        message = await received(socket)
    (error,) = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    assert error["extensions"]["code"] == "BAD_CURSOR"


async def test_health_is_told_whenever_a_check_changed_it_and_of_sources_in_reach_alone(
    endpoint: Endpoint, config: Settings, redis_url: str, tmp_path: Path
) -> None:
    graph, admin = endpoint.graph, endpoint.admin
    for name, domain in (("files", ""), ("secret", "hr")):
        with sqlite3.connect(tmp_path / f"{name}.sqlite") as database:
            database.execute("CREATE TABLE t (id INTEGER)")
        database.close()
        spec = SourceSpec(name, "sqlite", {"path": str(tmp_path / f"{name}.sqlite")}, domain=domain)
        await sources.register(graph, admin, spec, config=config)
    _, limited = await endpoint.token(scope=Scope(4, ("",)))
    progressor = Progressor(redis_url)
    checker = Checker(graph, config, progressor)
    async with (
        endpoint.watching(HEALTH, limited, s="files") as one,
        endpoint.watching(HEALTH, limited) as every,
    ):
        begun = await following(one, "sourceHealth")
        (tmp_path / "files.sqlite").unlink()
        await graph.schema_statement("MATCH (s:Source) WHERE s.next_check_ms > 0 SET s.next_check_ms = 0")
        await checker.tend()
        dropped, told = await following(one, "sourceHealth"), await following(every, "sourceHealth")
        silent = asyncio.create_task(received(every))
        await checker.tend()
        quiet, _ = await asyncio.wait({silent}, timeout=1)
        silent.cancel()
    async with endpoint.watching(HEALTH, limited, s="secret") as socket:
        hidden = await received(socket)
    checker.close()
    await progressor.close()

    assert (begun["health"]["score"], begun["health"]["grade"]) == (100, "HEALTHY")
    assert dropped == told
    assert dropped["name"] == "files"
    assert (dropped["health"]["grade"], dropped["health"]["reasons"][0]) == (
        "UNHEALTHY",
        {"cause": "AVAILABILITY", "points": 40},
    )
    assert dropped["health"]["checks"]["edges"] == [{"node": {"ok": False, "cause": "NOT_FOUND"}}]
    assert not quiet  # the source of the other domain was checked as well
    assert "NOT_FOUND" in json.dumps(hidden)


async def test_the_queue_is_told_whenever_it_moved_and_to_operators_alone(
    endpoint: Endpoint, redis_url: str
) -> None:
    graph, progressor = endpoint.graph, Progressor(redis_url)
    async with endpoint.watching(QUEUE) as socket:
        empty = await following(socket, "queueState")
        run = await runs.request(graph, endpoint.admin, source="shop", workflow=TWO)
        waiting = await following(socket, "queueState")
        await run_tasks.claim(graph, worker="w", slots=1)
        await progressor.moved(run)
        running = await following(socket, "queueState")
    async with endpoint.watching(QUEUE, (await endpoint.token(Role.READER))[1]) as socket:
        refused = await received(socket)
    await progressor.close()

    def tasks(queue: dict[str, Any]) -> int:
        return sum(band["tasks"] for band in queue["bands"])

    assert (tasks(empty), empty["running"]) == (0, 0)
    assert (tasks(waiting), waiting["running"]) == (1, 0)
    assert (tasks(running), running["running"]) == (0, 1)
    assert "FORBIDDEN" in json.dumps(refused)


@pytest.mark.parametrize("query", [QUEUE, HEALTH])
async def test_a_revoked_token_ends_what_it_watched(endpoint: Endpoint, query: str) -> None:
    ident, token = await endpoint.token(Role.OPERATOR)
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    async with (
        endpoint.watching(query, token, **({"s": "shop"} if query is HEALTH else {})) as socket,
        httpx.AsyncClient(base_url=f"http://{endpoint.address}", timeout=DEADLINE_S) as client,
        client.stream("POST", "/graphql", json={"query": query, "variables": {}}, headers=headers) as stream,
    ):
        await received(socket)
        await revoke_token(endpoint.graph, endpoint.admin, ident=ident)
        with contextlib.suppress(ConnectionClosed):
            while True:
                await received(socket)
        text = (await stream.aread()).decode()

    assert socket.close_code == 4403
    assert "UNAUTHENTICATED" in text
