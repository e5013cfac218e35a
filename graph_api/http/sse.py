"""Operations over server-sent events, in distinct connections mode. Source: the graphql-sse protocol (PROTOCOL.md)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from strawberry.http import process_result

from graph_api.context import Context
from graph_api.errors import extensions_of
from graph_api.http import metrics
from graph_api.http.negotiation import EVENT_STREAM
from graph_api.http.requests import Parameters
from schema.errors import GraphUnavailable, PursightError

if TYPE_CHECKING:
    from graph_api.http.view import GraphQLView


def response(
    view: GraphQLView,
    request: Request,
    context: Context,
    token: str | None,
    query: str,
    parameters: Parameters,
) -> Response:
    """The stream of one operation's results; it ends when the token no longer holds."""
    events = _events(view, request, context, token, query, parameters)
    return StreamingResponse(
        events,
        media_type=EVENT_STREAM,
        headers={"cache-control": "no-store, no-transform", "x-accel-buffering": "no"},
    )


async def _events(
    view: GraphQLView,
    request: Request,
    context: Context,
    token: str | None,
    query: str,
    parameters: Parameters,
) -> AsyncIterator[bytes]:
    results = await view.schema.stream(
        query,
        variable_values=parameters.variables,
        context_value=context,
        operation_name=parameters.operation_name,
        operation_extensions=parameters.extensions,
        allowed_operation_types=view.allowed(request, streaming=True),
    )
    waiting: asyncio.Task[Any] | None = None
    recheck_s = view.options.recheck_s
    check_at = time.monotonic() + recheck_s
    metrics.STREAMS.inc()
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(anext(results))
            await asyncio.wait({waiting}, timeout=max(0.0, check_at - time.monotonic()))
            if time.monotonic() >= check_at:
                try:
                    with contextlib.suppress(GraphUnavailable):
                        await view.authenticate(token)
                except PursightError as error:
                    refused = {"errors": [{"message": error.message, "extensions": extensions_of(error)}]}
                    yield _event("next", refused)
                    break
                check_at = time.monotonic() + recheck_s
                yield b":\n\n"
            if waiting.done():
                try:
                    result = waiting.result()
                except StopAsyncIteration:
                    break
                waiting = None
                yield _event("next", process_result(result))
        yield _event("complete")
    finally:
        metrics.STREAMS.dec()
        if waiting is not None:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await results.aclose()


def _event(name: str, data: Any = None) -> bytes:
    # Browsers drop an event without data.
    payload = b"" if data is None else orjson.dumps(data)
    return b"event: %s\ndata: %s\n\n" % (name.encode(), payload)
