"""What a client of POST and GET /graphql sees."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from graph_api.app import MAX_GRAPHQL
from tests.graph_api.http.demo_schema import LOADED

GRAPHQL, JSON = "application/graphql-response+json", "application/json"


async def post(client: httpx.AsyncClient, query: str, accept: str = GRAPHQL, **more: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": query, **more}, headers={"accept": accept})


def code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


async def test_a_query_is_answered_in_the_type_that_was_asked_for(client: httpx.AsyncClient) -> None:
    for accept, answered in (
        (GRAPHQL, GRAPHQL),
        (JSON, JSON),
        ("*/*", JSON),
        (f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL),
    ):
        response = await post(client, "{ hello }", accept)

        assert response.status_code == 200
        assert response.headers["content-type"] == f"{answered}; charset=utf-8"
        assert response.json()["data"] == {"hello": "world"}


async def test_nothing_is_read_without_a_valid_token(address: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://{address}") as anonymous:
        for headers in (
            {},
            {"authorization": "Bearer wrong"},
            {"authorization": "Basic YTpi"},
            {"authorization": "Bearer " + "x" * 5_000},
        ):
            for method, path in (
                ("POST", "/graphql"),
                ("GET", "/graphql?query={hello}"),
                ("DELETE", "/graphql"),
                ("GET", "/schema.graphql"),
            ):
                response = await anonymous.request(method, path, headers=headers)

                assert response.status_code == 401
                assert response.headers["www-authenticate"].startswith("Bearer")
                assert code(response) == "UNAUTHENTICATED"


async def test_a_token_without_the_permission_to_read_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/graphql", json={"query": "{hello}"}, headers={"authorization": "Bearer ingester-token"}
    )

    assert response.status_code == 403
    assert code(response) == "FORBIDDEN"


@pytest.mark.parametrize(
    ("request_", "status", "expected"),
    [
        ({"content": b'{"query":'}, 400, "BAD_REQUEST"),
        ({"json": [{"query": "{hello}"}]}, 422, "BAD_REQUEST"),
        ({"json": {"query": 7}}, 422, "BAD_REQUEST"),
        ({"json": {"query": "{hello}", "variables": [1]}}, 422, "BAD_REQUEST"),
        ({"json": {"qeury": "{hello}"}}, 422, "BAD_REQUEST"),
        ({"json": {"query": "{"}}, 400, "GRAPHQL_PARSE_FAILED"),
        ({"json": {"query": "{nope}"}}, 422, "GRAPHQL_VALIDATION_FAILED"),
        ({"json": {"query": "query($n:Int!){assets(first:$n){id}}", "variables": {"n": "x"}}}, 422, "BAD_USER_INPUT"),
        ({"json": {"query": "query A{hello}", "operationName": "Z"}}, 422, "OPERATION_RESOLUTION_FAILURE"),
        ({"json": {"query": "query A{hello} query B{hello}"}}, 422, "OPERATION_RESOLUTION_FAILURE"),
        ({"json": {"query": "subscription{count}"}}, 406, "NOT_ACCEPTABLE"),
        ({"json": {"query": "{hello ...@defer{who}}"}}, 422, "GRAPHQL_VALIDATION_FAILED"),
        ({"content": b"query={hello}", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content": b'{"query":"{hello}"}', "headers": {"content-type": "text/plain"}}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"json": {"query": "{hello}"}, "headers": {"accept": "text/csv"}}, 406, "NOT_ACCEPTABLE"),
        ({"content": b'{"query":"{hello}","variables":{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}}"}, 400, "BAD_REQUEST"),
        ({"content": b'{"query":"{hello}","variables":{"x":' + b"[" * 40 + b"]" * 40 + b"}}"}, 422, "QUERY_TOO_COMPLEX"),
    ],
)  # fmt: skip
async def test_a_request_that_cannot_run_is_refused_with_a_code(
    client: httpx.AsyncClient, request_: dict[str, Any], status: int, expected: str
) -> None:
    headers = {"accept": GRAPHQL, "content-type": JSON, **request_.pop("headers", {})}
    response = await client.post("/graphql", headers=headers, **request_)

    assert (response.status_code, code(response)) == (status, expected)
    assert "data" not in response.json()


async def test_a_get_runs_queries_and_nothing_else(client: httpx.AsyncClient) -> None:
    query = "query($n: Int) { assets(first: $n) { name } }"
    read = await client.get("/graphql", params={"query": query, "variables": '{"n": 1}'})
    written = await client.get(
        "/graphql", params={"query": 'mutation { rename(id: "1", name: "x") { __typename } }'}
    )

    assert read.json()["data"] == {"assets": [{"name": "asset 0"}]}
    assert (written.status_code, written.headers["allow"]) == (405, "POST")


async def test_part_of_an_answer_comes_with_status_294_and_masked_defects(client: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        response = await post(client, "{ hello boom }")
    (error,) = response.json()["errors"]
    (log,) = [entry for entry in logs if entry["event"] == "resolver failed"]

    assert response.status_code == 294
    assert response.json()["data"] == {"hello": "world", "boom": None}
    assert error["message"] == "Internal error"
    assert error["extensions"] == {"code": "INTERNAL", "traceId": response.headers["x-trace-id"]}
    assert log["trace_id"] == response.headers["x-trace-id"]
    assert "hunter2" not in response.text
    assert "neo4j://***@10.0.0.5 refused" in log["exception"]


@pytest.mark.parametrize("field", ["boom", "mustBoom", "wrongNumber"])
async def test_no_failing_resolver_shows_what_it_failed_on(client: httpx.AsyncClient, field: str) -> None:
    response = await post(client, f"{{ {field} }}")

    assert code(response) == "INTERNAL"
    assert "hunter2" not in response.text


async def test_an_error_the_caller_can_act_on_is_shown_with_its_remedy(client: httpx.AsyncClient) -> None:
    response = await post(client, "{ missing hello }")

    assert response.json()["errors"][0]["extensions"] == {
        "code": "NOT_FOUND",
        "path": ["urn"],
        "remedy": "Check the identifier and your access.",
    }


async def test_a_graph_that_does_not_answer_gives_503_and_when_to_retry(client: httpx.AsyncClient) -> None:
    whole, part = await post(client, "{ unavailable }"), await post(client, "{ unavailable hello }")

    assert (whole.status_code, code(whole)) == (503, "GRAPH_UNAVAILABLE")
    assert int(whole.headers["retry-after"]) > 0
    assert part.status_code == 294
    assert part.json()["data"]["hello"] == "world"


async def test_a_token_that_nobody_can_check_gives_503_and_not_401(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/graphql", json={"query": "{hello}"}, headers={"authorization": "Bearer unanswered-token"}
    )

    assert (response.status_code, code(response)) == (503, "GRAPH_UNAVAILABLE")


async def test_a_query_that_took_too_long_says_so(client: httpx.AsyncClient) -> None:
    assert code(await post(client, "{ slowQuery }")) == "QUERY_TIMEOUT"


@pytest.mark.parametrize(
    ("arguments", "token", "expected"),
    [
        ('id: "1", name: "x"', "admin-token", {"__typename": "RenameSuccess"}),
        ('id: "1", name: ""', "admin-token", {"__typename": "InvalidInputError", "code": "INVALID_INPUT", "path": ["name"], "remedy": "Pass a name."}),
        ('id: "1", name: "taken"', "admin-token", {"__typename": "ConflictError", "code": "CONFLICT", "path": ["name"], "remedy": "Choose another."}),
        ('id: "unknown", name: "x"', "admin-token", {"__typename": "NotFoundError", "code": "NOT_FOUND", "path": ["id"], "remedy": "Check the identifier and your access."}),
        ('id: "1", name: "x"', "reader-token", {"__typename": "ForbiddenError", "code": "FORBIDDEN", "path": [], "permission": "EDIT", "remedy": "Ask an administrator for a token with that permission."}),
    ],
)  # fmt: skip
async def test_a_mutation_answers_its_failures_as_members_of_its_union(
    client: httpx.AsyncClient, arguments: str, token: str, expected: dict[str, Any]
) -> None:
    query = f"mutation {{ rename({arguments}) {{ __typename ... on UserError {{ code path remedy }} ... on ForbiddenError {{ permission }} }} }}"
    response = await client.post(
        "/graphql", json={"query": query}, headers={"authorization": f"Bearer {token}"}
    )

    assert response.json()["data"]["rename"] == expected


async def test_a_mutation_that_breaks_is_masked(client: httpx.AsyncClient) -> None:
    response = await post(client, 'mutation { rename(id: "1", name: "boom") { __typename } }')

    assert code(response) == "INTERNAL"
    assert "hunter2" not in response.text


async def test_the_cost_of_a_query_is_told(client: httpx.AsyncClient) -> None:
    response = await post(client, "{ assets(first: 100) { id name } }")

    assert response.json()["extensions"]["cost"] == {"requested": 21, "limit": 10_000}


async def test_loaders_batch_the_keys_of_one_operation(client: httpx.AsyncClient) -> None:
    LOADED.clear()
    response = await post(client, "{ a: loaded(keys: [1, 2]) b: loaded(keys: [2, 3]) }")

    assert response.json()["data"] == {"a": ["asset 1", "asset 2"], "b": ["asset 2", "asset 3"]}
    assert LOADED == [[1, 2, 3]]


async def test_neither_query_nor_variables_nor_tokens_are_logged(client: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        await post(
            client,
            "query Canary($canaryname: Int) { boom hello canaryfield }",
            variables={"canaryname": "canaryvalue"},
        )
        await post(client, "{ canary")
        await post(
            client,
            "query($canaryname: ID!) { asset(id: $canaryname) { name } boom }",
            variables={"canaryname": "canaryvalue"},
        )

    assert any(entry["event"] == "resolver failed" for entry in logs)
    assert "canary" not in repr(logs).lower()
    assert "admin-token" not in repr(logs)


async def test_introspection_and_suggestions_can_be_switched_off(
    client: httpx.AsyncClient, closed_address: str
) -> None:
    open_ = await post(client, "{ __schema { queryType { name } } helo }")
    async with httpx.AsyncClient(base_url=f"http://{closed_address}", headers=client.headers) as closed:
        hidden = await post(closed, "{ __schema { queryType { name } } }")
        misspelt = await post(closed, "{ helo }")
        argument = await post(closed, "{ assets(frist: 1) { id } }")

    assert "Did you mean" in open_.text
    assert code(hidden) == "GRAPHQL_VALIDATION_FAILED"
    for response in (misspelt, argument):
        assert response.status_code == 422
        assert "did you mean" not in response.text.lower()


async def test_the_audit_profile_answers_older_clients_with_200(
    audit_address: str, client: httpx.AsyncClient
) -> None:
    async with httpx.AsyncClient(base_url=f"http://{audit_address}", headers=client.headers) as audit:
        assert [
            (await post(audit, query, JSON)).status_code for query in ("{", "{nope}", "{hello boom}")
        ] == [200, 200, 200]
        assert [(await post(audit, query)).status_code for query in ("{", "{nope}", "{hello boom}")] == [
            400,
            400,
            200,
        ]


async def test_a_trace_of_the_caller_is_continued(client: httpx.AsyncClient) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    response = await client.post(
        "/graphql", json={"query": "{hello}"}, headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"}
    )

    assert response.headers["x-trace-id"] == trace_id


async def test_a_body_beyond_the_limit_is_refused_with_or_without_its_length(
    client: httpx.AsyncClient,
) -> None:
    async def chunks() -> Any:
        for _ in range(MAX_GRAPHQL // (32 << 10) + 1):
            yield b" " * (32 << 10)

    declared = await client.post("/graphql", content=b" " * (MAX_GRAPHQL + 1), headers={"content-type": JSON})
    chunked = await client.post("/graphql", content=chunks(), headers={"content-type": JSON})
    fitting = json.dumps({"query": "{hello}", "zzz": "x" * (MAX_GRAPHQL - 100)}).encode()

    assert (declared.status_code, code(declared)) == (413, "PAYLOAD_TOO_LARGE")
    assert (chunked.status_code, code(chunked)) == (413, "PAYLOAD_TOO_LARGE")
    assert (await client.post("/graphql", content=fitting, headers={"content-type": JSON})).status_code == 200


async def test_a_client_that_leaves_while_sending_is_no_failure_of_ours(address: str) -> None:
    host, port = address.split(":")
    with capture_logs() as logs:
        _, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /graphql HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer admin-token\r\ncontent-type: {JSON}\r\ncontent-length: 1000\r\n\r\n"
        writer.write(head.encode() + b'{"query":')
        await writer.drain()
        writer.close()
        deadline = asyncio.get_running_loop().time() + 5
        while not any(entry["event"] == "request" for entry in logs):
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.01)

    assert [(entry["event"], entry["status"]) for entry in logs] == [("request", 499)]


async def test_a_browser_gets_a_query_page_that_asks_no_other_host(address: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://{address}") as anonymous:
        page = await anonymous.get(
            "/graphql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        )
        script, style = (
            await anonymous.get("/graphql/console.js"),
            await anonymous.get("/graphql/console.css"),
        )

    assert page.status_code == script.status_code == style.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    for response in (page, script, style):
        assert "//" not in response.text.replace("// ", "")


async def test_errors_on_any_path_are_json_without_a_stack(client: httpx.AsyncClient) -> None:
    for response, status in (
        (await client.get("/nowhere"), 404),
        (await client.post("/healthz"), 405),
        (await client.get("/graphql", params={"query": "{hello}#" + "x" * 40_000}), 414),
    ):
        assert response.status_code == status
        assert code(response)
        assert "Traceback" not in response.text
