"""Operations over WebSocket, subprotocol graphql-transport-ws alone, with each operation in a context of its own."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketState
from starlette.websockets import WebSocketDisconnected as StarletteDisconnected
from strawberry.asgi import ASGIWebSocketAdapter as Adapter
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.schema.schema import StreamResult
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler

from graph_api.auth import bearer, bearer_of
from graph_api.errors import described
from graph_api.http import metrics
from schema.domain.identity import Principal
from schema.errors import Forbidden, GraphUnavailable, PursightError, Unauthenticated

if TYPE_CHECKING:
    from graph_api.http.view import GraphQLView

_log = structlog.get_logger("pursight.websocket")

MAX_MESSAGE = 1 << 20
_TOO_BIG, _TRY_AGAIN, _FORBIDDEN = 1009, 1013, 4403


class Connection:
    """One socket: what came with its handshake, and who opened it."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.connection_params: dict[str, Any] | None = None
        self.principal: Principal | None = None

    @property
    def token(self) -> str | None:
        return bearer_of(self.connection_params) or bearer(self.socket.headers.get("authorization"))


class Operations:
    """Stands where the protocol handler expects a schema: opens a fresh context for each operation of a socket."""

    def __init__(self, view: GraphQLView) -> None:
        self._view = view

    async def stream(self, query: str, *, context_value: Connection, **options: Any) -> StreamResult:
        assert (
            context_value.principal is not None
        )  # the handler refuses operations before the acknowledgement
        context = self._view.context(context_value.principal, secrets.token_hex(16))
        return await self._view.schema.stream(query, context_value=context, **options)


class MessageTooBig(Exception):
    """A message longer than ``MAX_MESSAGE``."""


class BoundedAdapter(Adapter):
    """Refuses messages that no document within the limits needs."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        try:
            async for message in super().iter_json(ignore_parsing_errors=ignore_parsing_errors):
                yield message
        except MessageTooBig:
            await self.close(_TOO_BIG, "Message too big")

    async def close(self, code: int, reason: str) -> None:
        if self.ws.application_state is not WebSocketState.DISCONNECTED:
            await super().close(code, reason)


class Handler(BaseGraphQLTransportWSHandler[Connection, None]):
    """The protocol, stricter about malformed messages, and ended when the token no longer holds."""

    _watch: asyncio.Task[None] | None = None
    view: SocketView

    async def handle_message(self, message: Any) -> None:
        if not _is_well_formed(message):
            await self.handle_invalid_message("Invalid message")
            return
        await super().handle_message(message)
        if self.connection_acknowledged and self._watch is None:
            self._watch = asyncio.create_task(self._close_when_refused())

    async def shutdown(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        await super().shutdown()

    async def _close_when_refused(self) -> None:
        while True:
            await asyncio.sleep(self.view.graphql.options.recheck_s)
            try:
                self.context.principal = await self.view.graphql.authenticate(self.context.token)
            except (Unauthenticated, Forbidden):
                for operation in list(self.operations):
                    await self.cleanup_operation(operation)
                await self.websocket.close(_FORBIDDEN, "Forbidden")
                return
            except GraphUnavailable:
                continue  # nobody can say; closing all sockets now would bring them all back at once

    async def handle_task_exception(self, error: Exception) -> None:
        if not isinstance(
            error, WebSocketDisconnected | StarletteDisconnected
        ):  # the client left: nothing to tell
            _log.error("operation failed", **described(error))

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:
        return (
            None  # a document that cannot be read is an error of its operation, not of the whole connection
        )


class SocketView(GraphQL[Connection, None]):
    """Strawberry's view, for its WebSocket half."""

    websocket_adapter_class = BoundedAdapter
    graphql_transport_ws_handler_class = Handler

    def __init__(self, view: GraphQLView) -> None:
        options = view.options
        super().__init__(
            Operations(view),  # type: ignore[arg-type]
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=options.init_wait_s),
            max_subscriptions_per_connection=options.max_subscriptions,
            allowed_origins=options.allowed_origins,
        )
        self.graphql = view

    async def run(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with metrics.STREAMS.track_inprogress():
            return await super().run(request, *args, **kwargs)

    async def get_context(self, request: Any, response: Any) -> Connection:
        return Connection(request)

    async def on_ws_connect(self, context: Connection) -> Any:
        try:
            context.principal = await self.graphql.authenticate(context.token)
        except GraphUnavailable:
            await context.socket.close(_TRY_AGAIN, "Try again later")  # clients take 4403 for final
            raise ConnectionRejectionError from None
        except PursightError:
            raise ConnectionRejectionError from None
        context.socket.state.principal = context.principal.id  # for the log
        return await super().on_ws_connect(context)

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data).decode()  # bytes would leave as binary frames

    def decode_json(self, data: str | bytes) -> object:
        if len(data) > MAX_MESSAGE:
            raise MessageTooBig
        return orjson.loads(data)


def _is_well_formed(message: object) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] == "complete":
        return isinstance(message.get("id"), str)
    if message["type"] != "subscribe":
        return True
    payload = message.get("payload")
    return (
        isinstance(message.get("id"), str)
        and isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )
