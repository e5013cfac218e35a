"""Puts the process together: routes, middleware, and a lifespan that opens the graph without waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from cypher.session import GraphSession
from graph_api.auth import CachedVerifier, TokenVerifier, bearer
from graph_api.context import NodeLoader
from graph_api.errors import described, extensions_of
from graph_api.http.console import Example, console_routes, page
from graph_api.http.health import Check, Health
from graph_api.http.lineage_export import export_routes
from graph_api.http.middleware import Envelope
from graph_api.http.openlineage import LARGER, openlineage_routes
from graph_api.http.view import GraphQLView, ViewOptions, error_response
from graph_api.schema import Schema
from graph_api.services import Services
from graph_api.services import open_services as open_installation
from schema.errors import GraphUnavailable, PursightError
from schema.ports import Clock
from schema.settings import Settings

_log = structlog.get_logger("pursight.app")

MAX_GRAPHQL = 4 << 20  # bytes: a spreadsheet of 10,000 verdicts with their reasons is an argument

OpenServices = Callable[[Settings], AbstractAsyncContextManager[Services]]


class Backend:
    """The services of a process that may still be starting."""

    def __init__(self) -> None:
        self.services: Services | None = None
        self._verifier: TokenVerifier | None = None

    def take(self, services: Services) -> None:
        self.services, self._verifier = services, CachedVerifier(services.verifier)

    @property
    def graph(self) -> GraphSession:
        return self._ready().graph

    @property
    def verifier(self) -> TokenVerifier:
        self._ready()
        assert self._verifier is not None
        return self._verifier

    @property
    def extra(self) -> Mapping[str, Any]:
        return self._ready().extra

    def checks(self) -> Mapping[str, Check]:
        return self.services.checks if self.services else {}

    def _ready(self) -> Services:
        if self.services is None:
            raise GraphUnavailable("PurSight is starting.", remedy="Try again in a few seconds.")
        return self.services


def create_app(
    settings: Settings,
    *,
    schema: Schema,
    open_services: OpenServices = open_installation,
    node_loaders: Mapping[str, NodeLoader] | None = None,
    routes: Sequence[BaseRoute] = (),
    examples: Sequence[Example] = (),
    clock: Clock | None = None,
    view_options: ViewOptions | None = None,
) -> Starlette:
    """The ASGI application. It answers /healthz at once, and everything else as soon as ``open_services`` has opened.

    ``routes`` are added as they are, with ``app.state.backend`` and ``app.state.view`` to work from.
    """
    backend = Backend()
    options = view_options or ViewOptions(
        profile=settings.http_profile,
        allowed_origins=settings.allowed_origins,
        node_loaders=node_loaders or {},
        past_hidden=settings.hidden_in_lineage == "pass",
    )
    view = GraphQLView(schema, backend, options=options, clock=clock, console=page(examples))
    health = Health(backend, backend.checks)
    sdl = PlainTextResponse(schema.as_str())

    async def schema_text(request: Request) -> Response:
        await view.authenticate(bearer(request.headers.get("authorization")))
        return sdl

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        stop = asyncio.Event()
        serving = asyncio.create_task(_serve(settings, open_services, backend, stop))
        try:
            yield
        finally:
            stop.set()
            await serving

    app = Starlette(
        routes=[
            Route("/graphql", view),
            WebSocketRoute("/graphql", view),
            Route("/schema.graphql", schema_text),
            Route("/healthz", health.alive),
            Route("/readyz", health.ready),
            Route("/metrics", health.metrics),
            *console_routes(),
            *openlineage_routes(),
            *export_routes(),
            *routes,
        ],
        middleware=[Middleware(Envelope, larger={**LARGER, "/graphql": MAX_GRAPHQL})],
        exception_handlers={HTTPException: _http_error, PursightError: _pursight_error},
        lifespan=lifespan,
    )
    app.state.backend, app.state.view, app.state.settings = backend, view, settings
    return app


async def _serve(
    settings: Settings, open_services: OpenServices, backend: Backend, stop: asyncio.Event
) -> None:
    """Hold the services open until ``stop``; try again where they cannot be opened yet."""
    pause_s = 0.5
    while not stop.is_set():
        try:
            async with open_services(settings) as services:
                backend.take(services)
                await stop.wait()
        except PursightError as error:
            _log.warning("the services are not there yet", code=error.code, remedy=error.remedy)
        except Exception as error:
            _log.error("the services cannot be opened", **described(error))
        await _wait(stop, pause_s)
        pause_s = min(pause_s * 2, 10.0)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, "HTTP_ERROR")
    return error_response(error.status_code, error.detail, {"code": code}, error.headers)


async def _pursight_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, PursightError)
    status, headers = {
        "UNAUTHENTICATED": (401, {"www-authenticate": 'Bearer realm="pursight"'}),
        "FORBIDDEN": (403, {}),
        "NOT_FOUND": (404, {}),
        "CONFLICT": (409, {}),
        "GRAPH_UNAVAILABLE": (503, {"retry-after": "2"}),
        "QUERY_TIMEOUT": (504, {}),
    }.get(error.code, (422, {}))
    return error_response(status, error.message, extensions_of(error), headers)
