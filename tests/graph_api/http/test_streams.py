"""Subscriptions and other operations over graphql-transport-ws and server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from schema.domain.identity import EVERYTHING, Principal, Role
from tests.graph_api.http.conftest import BEARER
from tests.graph_api.http.demo_server import Tokens

PROTOCOL = Subprotocol("graphql-transport-ws")
DEADLINE_S = 5


@asynccontextmanager
async def opened(
    address: str, payload: dict[str, Any] | None = BEARER, **options: Any
) -> AsyncIterator[ClientConnection]:
    """A socket after its acknowledgement."""
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL], **options) as socket:
        await send(socket, type="connection_init", **({} if payload is None else {"payload": payload}))
        assert (await receive(socket))["type"] == "connection_ack"
        yield socket


async def send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def receive(socket: ClientConnection) -> dict[str, Any]:
    message = await asyncio.wait_for(socket.recv(), DEADLINE_S)
    assert isinstance(message, str), "a binary frame"
    found: dict[str, Any] = json.loads(message)
    return found


async def subscribe(socket: ClientConnection, query: str, ident: str = "1", **payload: Any) -> None:
    await send(socket, type="subscribe", id=ident, payload={"query": query, **payload})


async def close_code(socket: ClientConnection) -> int | None:
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(DEADLINE_S):
            async for _ in socket:
                pass
    return socket.close_code


async def test_a_subscription_delivers_in_order_and_completes(address: str) -> None:
    async with opened(address) as socket:
        await subscribe(socket, "subscription { count(to: 3) }")
        messages = [await receive(socket) for _ in range(4)]

    assert [message["payload"]["data"]["count"] for message in messages[:3]] == [0, 1, 2]
    assert messages[3] == {"type": "complete", "id": "1"}


async def test_the_token_may_come_with_the_handshake_or_with_the_first_message(address: str) -> None:
    for options in (
        {"payload": None, "additional_headers": BEARER},
        {"payload": {"Authorization": "Bearer admin-token"}},
    ):
        async with opened(address, **options) as socket:
            await subscribe(socket, "{ who }")

            assert (await receive(socket))["payload"]["data"] == {"who": "admin"}


@pytest.mark.parametrize(
    "payload",
    [{}, {"authorization": "Bearer wrong"}, {"authorization": 7}, {"authorization": "Bearer ingester-token"}],
)
async def test_a_socket_without_a_valid_token_is_closed(address: str, payload: dict[str, Any]) -> None:
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as socket:
        await send(socket, type="connection_init", payload=payload)

        assert await close_code(socket) == 4403


async def test_a_socket_is_told_to_come_back_while_nobody_can_check_its_token(address: str) -> None:
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as socket:
        await send(socket, type="connection_init", payload={"authorization": "Bearer unanswered-token"})

        assert await close_code(socket) == 1013


async def test_nothing_runs_before_the_acknowledgement(address: str) -> None:
    async with connect(
        f"ws://{address}/graphql", subprotocols=[PROTOCOL], additional_headers=BEARER
    ) as socket:
        await subscribe(socket, "{ hello }")

        assert await close_code(socket) == 4401


async def test_a_page_of_another_origin_cannot_open_a_socket(address: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL], origin="https://evil.example")  # type: ignore[arg-type]
    async with opened(address, origin="https://ui.example") as socket:
        await subscribe(socket, "{ hello }")

        assert (await receive(socket))["payload"]["data"] == {"hello": "world"}
    assert refused.value.response.status_code == 403


async def test_the_older_protocol_is_not_spoken(address: str) -> None:
    async with connect(f"ws://{address}/graphql", subprotocols=[Subprotocol("graphql-ws")]) as socket:
        assert socket.subprotocol is None
        assert await close_code(socket) == 4406


@pytest.mark.parametrize(
    "message",
    [
        "{nope", "[]", "7", "{}", '{"type": 1}', '{"type": "zzz"}', '{"type": "subscribe", "payload": {"query": "{hello}"}}',
        '{"type": "subscribe", "id": "1"}', '{"type": "subscribe", "id": "1", "payload": {}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{hello}", "variables": []}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{hello}"}}', '{"type": "complete"}',
        '{"type": "ping", "payload": ' + "[" * 5_000 + "]" * 5_000 + "}",
    ],
)  # fmt: skip
async def test_a_malformed_message_closes_the_socket(address: str, message: str) -> None:
    async with opened(address) as socket:
        await socket.send(message)

        assert await close_code(socket) == 4400


async def test_a_message_beyond_the_limit_closes_the_socket(address: str) -> None:
    async with opened(address) as socket:
        await subscribe(socket, "{ hello }", variables={"x": "x" * (1 << 20)})

        assert await close_code(socket) == 1009


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        ("{", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{" + " ".join(f"a{i}: hello" for i in range(100)) + "}", {}, "QUERY_TOO_COMPLEX"),
        ("query($n: Int!) { assets(first: $n) { name } }", {"n": 10**9}, "QUERY_TOO_COMPLEX"),
        ("{" + "hello," * 5_000 + "}", {}, "QUERY_TOO_COMPLEX"),
        ("query A { hello } query B { hello }", {}, "OPERATION_RESOLUTION_FAILURE"),
        ("query($x: String) { hello }", {"x": json.loads("[" * 50 + "]" * 50)}, "QUERY_TOO_COMPLEX"),
    ],
)
async def test_the_same_limits_hold_on_a_socket_which_stays_open(
    address: str, query: str, variables: dict[str, Any], expected: str
) -> None:
    async with opened(address) as socket:
        await subscribe(socket, query, variables=variables)
        refused = await receive(socket)
        await subscribe(socket, "{ hello }", ident="2")
        answered = await receive(socket)

    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"]["code"] == expected
    assert answered["payload"]["data"] == {"hello": "world"}


async def test_a_subscription_that_breaks_is_masked(address: str) -> None:
    async with opened(address) as socket:
        await subscribe(socket, "subscription { breaking }")
        await receive(socket)
        broken = await receive(socket)

    assert broken["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "hunter2" not in json.dumps(broken)


async def test_a_revoked_token_ends_socket_and_event_stream(address: str, tokens: Tokens) -> None:
    tokens.holders["short-lived"] = Principal("short", "Short", Role.READER, EVERYTHING)
    headers = {"authorization": "Bearer short-lived", "accept": "text/event-stream"}
    async with (
        opened(address, {"authorization": "Bearer short-lived"}) as socket,
        httpx.AsyncClient(base_url=f"http://{address}", timeout=DEADLINE_S) as client,
        client.stream(
            "POST", "/graphql", json={"query": "subscription { idle }"}, headers=headers
        ) as response,
    ):
        await subscribe(socket, "subscription { idle }")
        del tokens.holders["short-lived"]
        text = (await response.aread()).decode()

        assert await close_code(socket) == 4403
    assert "UNAUTHENTICATED" in text
    assert text.endswith("event: complete\ndata: \n\n")


async def test_an_event_stream_delivers_in_order_and_completes(client: httpx.AsyncClient) -> None:
    query, headers = "subscription { count }", {"accept": "text/event-stream"}
    for response in (
        await client.post("/graphql", json={"query": query}, headers=headers),
        await client.get("/graphql", params={"query": query}, headers=headers),
    ):
        *events, complete = response.text.strip("\n").split("\n\n")

        assert response.headers["content-type"].startswith("text/event-stream")
        assert [json.loads(event.split("data: ")[1])["data"]["count"] for event in events] == [0, 1, 2]
        assert complete.startswith("event: complete")


async def test_a_mutation_does_not_slip_through_a_streamed_get(client: httpx.AsyncClient) -> None:
    query = 'mutation { rename(id: "1", name: "x") { __typename } }'
    response = await client.get("/graphql", params={"query": query}, headers={"accept": "text/event-stream"})

    assert "RenameSuccess" not in response.text
    assert '"errors"' in response.text


async def test_a_client_that_leaves_an_event_stream_frees_it(client: httpx.AsyncClient, address: str) -> None:
    async def open_streams() -> float:
        text = (await client.get("/metrics")).text
        return float(
            next(line for line in text.splitlines() if line.startswith("pursight_graphql_streams ")).split()[
                1
            ]
        )

    before = await open_streams()
    body = {"query": "subscription { firehose }"}
    async with client.stream(
        "POST", "/graphql", json=body, headers={"accept": "text/event-stream"}
    ) as response:
        await anext(response.aiter_bytes())
        assert await open_streams() == before + 1

    deadline = asyncio.get_running_loop().time() + DEADLINE_S
    while await open_streams() != before:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.01)
