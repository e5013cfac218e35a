"""POST /api/v1/lineage: takes OpenLineage events as the standard clients send them, one or a list, plain or gzip.

Sending an event again is harmless, so a client may repeat whatever was answered with 503.
"""

from __future__ import annotations

import zlib
from dataclasses import asdict

import orjson
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph_api.auth import authenticate, bearer
from graph_api.errors import extensions_of
from graph_api.http.negotiation import JSON
from graph_api.http.view import error_response
from ingest.commands import events
from schema.domain.identity import Permission
from schema.errors import InvalidInput
from schema.ports import JobQueue

MAX_BODY = 8 << 20  # bytes, as sent and as decompressed
PATHS = ("/api/v1/lineage", "/api/v1/lineage/batch")
LARGER = dict.fromkeys(PATHS, MAX_BODY)


def openlineage_routes() -> list[BaseRoute]:
    """Routes for single events and for batches; both take either."""
    return [Route(path, take, methods=["POST"]) for path in PATHS]


class Refused(Exception):
    """The body cannot be read as it was sent."""

    def __init__(self, status: int, message: str, code: str) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code


async def take(request: Request) -> Response:
    """201 with a receipt, or what is wrong and where."""
    state = request.app.state
    principal = await authenticate(state.backend.verifier, bearer(request.headers.get("authorization")))
    request.scope.setdefault("state", {})["principal"] = principal.id
    principal.require(Permission.INGEST)
    try:
        body = await _body(request)
        receipt = await events.ingest(
            state.backend.graph, principal, body, namespace_aliases=state.settings.namespace_aliases
        )
    except Refused as refused:
        return error_response(refused.status, refused.message, {"code": refused.code})
    except InvalidInput as error:
        return error_response(400, error.message, extensions_of(error))
    queue: JobQueue | None = state.backend.extra.get("queue")
    # After the answer, since nothing depends on it: a worker's sweep finds the SQL as well, seconds later.
    signal = BackgroundTask(queue.signal) if queue and receipt.sql_queued else None
    return Response(orjson.dumps(asdict(receipt)), 201, media_type=JSON, background=signal)


async def _body(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if media_type != JSON:
        raise Refused(415, f"The body must be {JSON}.", "UNSUPPORTED_MEDIA_TYPE")
    if encoding not in ("identity", "gzip"):
        raise Refused(415, "The body may be sent plain or with gzip.", "UNSUPPORTED_MEDIA_TYPE")
    body = await request.body()
    return body if encoding == "identity" else _unpacked(body)


def _unpacked(body: bytes) -> bytes:
    """What ``body`` holds, read no further than the limit: a small gzip can hold gigabytes."""
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        found = reader.decompress(body, MAX_BODY + 1)
    except zlib.error:
        raise Refused(400, "The body is not gzip.", "BAD_REQUEST") from None
    if len(found) > MAX_BODY:
        raise Refused(413, "The body is too large.", "PAYLOAD_TOO_LARGE")
    if not reader.eof:
        raise Refused(400, "The body ends too early.", "BAD_REQUEST")
    return found
