"""The endpoint /graphql: one request in, one GraphQL answer out; streams and sockets are handed on.

Every request carries its token in the Authorization header. That header makes any request of a browser a preflighted one, so
GET needs no other guard against forged requests as long as no cookie is ever accepted here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from cypher.outage import answering_within
from cypher.session import GraphSession
from graph_api import errors
from graph_api.auth import TokenVerifier, authenticate, bearer
from graph_api.context import Context, NodeLoader
from graph_api.http import metrics, negotiation, sse
from graph_api.http.negotiation import EVENT_STREAM, GRAPHQL_JSON, JSON, Failure, Profile
from graph_api.http.requests import BAD_REQUEST, Parameters, Refused, read
from graph_api.http.websocket import SocketView
from graph_api.schema import Schema
from schema.domain.identity import Permission, Principal
from schema.errors import Forbidden, GraphUnavailable, PursightError, Unauthenticated
from schema.ports import Clock, SystemClock

RETRY_AFTER_S = 2
# How long a request waits for a graph that is away, seconds: less than people do.
_PATIENCE_S = 2.5
_READING = frozenset({OperationType.QUERY})
_ALL = frozenset({OperationType.QUERY, OperationType.MUTATION})
_STREAMING = frozenset(OperationType)


class Backend(Protocol):
    """What requests are answered from; its properties raise ``GraphUnavailable`` until it is there."""

    @property
    def graph(self) -> GraphSession: ...

    @property
    def verifier(self) -> TokenVerifier: ...

    @property
    def extra(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """How the endpoint behaves; times in seconds."""

    profile: Profile = "draft"
    allowed_origins: tuple[str, ...] = ()
    recheck_s: float = 2.0
    init_wait_s: float = 10.0
    max_subscriptions: int = 100
    node_loaders: Mapping[str, NodeLoader] = field(default_factory=dict)
    past_hidden: bool = True


class GraphQLView:
    """An ASGI application for HTTP and WebSocket."""

    def __init__(
        self,
        schema: Schema,
        backend: Backend,
        *,
        options: ViewOptions | None = None,
        clock: Clock | None = None,
        console: Response | None = None,
    ) -> None:
        self.schema, self.backend, self.options = schema, backend, options or ViewOptions()
        self._clock, self._console = clock or SystemClock(), console
        self._socket = SocketView(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket.run(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        with answering_within(_PATIENCE_S):
            response = await self._answer(request)
        await response(scope, receive, send)

    def context(self, principal: Principal, trace_id: str) -> Context:
        """A context for one operation of ``principal``."""
        return Context(
            principal=principal,
            graph=self.backend.graph,
            clock=self._clock,
            trace_id=trace_id,
            node_loaders=self.options.node_loaders,
            services=self.backend.extra,
            past_hidden=self.options.past_hidden,
        )

    async def authenticate(self, token: str | None) -> Principal:
        """Who sends ``token``; raises ``Unauthenticated``, ``Forbidden`` without READ, ``GraphUnavailable``."""
        principal = await authenticate(self.backend.verifier, token)
        principal.require(Permission.READ)
        return principal

    async def _answer(self, request: Request) -> Response:
        accept = request.headers.get("accept")
        if self._console is not None and request.method == "GET" and "text/html" in (accept or ""):
            return self._console
        accepted = negotiation.media_type(accept)
        trace_id = request.scope.get("state", {}).get("trace_id", "")
        try:
            token = bearer(request.headers.get("authorization"))
            principal = await self.authenticate(token)
            request.scope.setdefault("state", {})["principal"] = principal.id
            if request.method not in ("GET", "POST"):
                raise Refused(
                    errors.refusal("GraphQL is served by GET and POST.", "METHOD_NOT_ALLOWED"),
                    status=405,
                    headers={"allow": "GET, POST"},
                )
            if accepted is None:
                types = ", ".join((GRAPHQL_JSON, JSON, EVENT_STREAM))
                raise Refused(
                    errors.refusal(f"This endpoint answers in {types}.", "NOT_ACCEPTABLE"), status=406
                )
            parameters = await read(request)
            query = self._resolve(parameters)
            context = self.context(principal, trace_id)
            if accepted == EVENT_STREAM:
                return sse.response(self, request, context, token, query, parameters)
            return await self._execute(request, context, query, parameters, accepted)
        except Refused as refused:
            return self._refuse(refused, accepted or JSON)
        except PursightError as error:
            return self._refuse(_refused(error), accepted or JSON)

    def allowed(self, request: Request, *, streaming: bool) -> frozenset[OperationType]:
        """Operation types this request may run: a GET never changes anything."""
        if request.method == "GET":
            return frozenset({OperationType.QUERY, OperationType.SUBSCRIPTION}) if streaming else _READING
        return _STREAMING if streaming else _ALL

    def _resolve(self, parameters: Parameters) -> str:
        try:
            query = self.schema.persisted.resolve(
                parameters.query, parameters.document_id, parameters.extensions
            )
        except GraphQLError as error:
            raise Refused(error, Failure.REFUSED) from None
        if not query:
            raise Refused(errors.refusal("The request has no parameter query.", BAD_REQUEST))
        return query

    async def _execute(
        self, request: Request, context: Context, query: str, parameters: Parameters, accepted: str
    ) -> Response:
        started = time.perf_counter()
        try:
            result = await self.schema.execute(
                query,
                variable_values=parameters.variables,
                context_value=context,
                operation_name=parameters.operation_name,
                allowed_operation_types=self.allowed(request, streaming=False),
                operation_extensions=parameters.extensions,
            )
        except InvalidOperationTypeError as error:
            raise _not_allowed(error, request.method) from None
        except (CannotGetOperationTypeError, MissingQueryError):
            raise Refused(
                errors.refusal("The document has no operation of this name.", errors.OPERATION_NOT_FOUND),
                Failure.REFUSED,
            ) from None
        response = self._respond(result, context, accepted)
        metrics.observe(response.status_code, time.perf_counter() - started)
        return response

    def _respond(self, result: ExecutionResult, context: Context, accepted: str) -> Response:
        body: dict[str, Any] = {}
        failure = None
        if result.errors:
            shown = [errors.present(error, context.trace_id) for error in result.errors]
            body["errors"] = [error.formatted for error in shown]
            failure = _failure(result.data, shown)
        if failure is None:
            body["data"] = result.data
            status, media_type = (
                negotiation.success_status(accepted, self.options.profile, has_errors=bool(result.errors)),
                accepted,
            )
        else:
            status, media_type = negotiation.failure_status(failure, accepted, self.options.profile)
        if result.extensions:
            body["extensions"] = result.extensions
        headers = {"retry-after": str(RETRY_AFTER_S)} if status == 503 else None
        return _json(body, status, media_type, headers)

    def _refuse(self, refused: Refused, accepted: str) -> Response:
        status, media_type = negotiation.failure_status(refused.failure, accepted, self.options.profile)
        if refused.status is not None or accepted == EVENT_STREAM:
            media_type = JSON
        return _json(
            {"errors": [refused.error.formatted]}, refused.status or status, media_type, refused.headers
        )


def _refused(error: PursightError) -> Refused:
    shown = GraphQLError(error.message, extensions=errors.extensions_of(error))
    match error:
        case Unauthenticated():
            return Refused(shown, status=401, headers={"www-authenticate": 'Bearer realm="pursight"'})
        case Forbidden():
            return Refused(shown, status=403)
        case GraphUnavailable():
            return Refused(shown, Failure.UNAVAILABLE, headers={"retry-after": str(RETRY_AFTER_S)})
        case _:
            return Refused(shown)


def _not_allowed(error: InvalidOperationTypeError, method: str) -> Refused:
    if error.operation_type is OperationType.SUBSCRIPTION:
        message = f"Subscriptions are served over WebSocket, or with Accept: {EVENT_STREAM}."
        return Refused(errors.refusal(message, "NOT_ACCEPTABLE"), status=406)
    return Refused(
        errors.refusal(f"{method} may not run a mutation; use POST.", "METHOD_NOT_ALLOWED"),
        status=405,
        headers={"allow": "POST"},
    )


def _failure(data: dict[str, Any] | None, shown: list[GraphQLError]) -> Failure | None:
    """What kept the answer from having ``data``; None where it has some."""
    nothing = data is None or all(value is None for value in data.values())
    if nothing and any(map(errors.is_unavailable, shown)):
        return Failure.UNAVAILABLE
    if data is not None or any(error.path is not None for error in shown):
        return None
    codes = {(error.extensions or {}).get("code") for error in shown}
    return Failure.PARSING if codes == {errors.PARSE_FAILED} else Failure.REFUSED


def _json(
    body: dict[str, Any], status: int, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(orjson.dumps(body), status, headers, f"{media_type}; charset=utf-8")


def error_response(
    status: int, message: str, extensions: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    """An error on any route, in the shape of a GraphQL answer."""
    return _json({"errors": [{"message": message, "extensions": dict(extensions)}]}, status, JSON, headers)
