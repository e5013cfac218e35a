"""Serves the demonstration schema on a free loopback port; run as a module it prints the port and waits."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette

from cypher.session import GraphSession
from graph_api.app import create_app
from graph_api.http.documents import PersistedDocuments
from graph_api.http.view import ViewOptions
from graph_api.schema import Schema
from graph_api.services import Services
from schema.domain.identity import EVERYTHING, Principal, Role
from schema.errors import GraphUnavailable
from schema.settings import Settings
from tests.graph_api.http.demo_schema import NODE_LOADERS, Mutation, Query, Subscription


class Tokens:
    """Tokens in memory."""

    def __init__(self) -> None:
        self.holders = {
            "admin-token": Principal("admin", "Admin", Role.ADMIN, EVERYTHING),
            "reader-token": Principal("reader", "Reader", Role.READER, EVERYTHING),
            "ingester-token": Principal("ingester", "Ingester", Role.INGESTER, EVERYTHING),
        }

    async def verify(self, token: str) -> Principal | None:
        if token == "unanswered-token":
            raise GraphUnavailable("The graph database does not answer.")
        return self.holders.get(token)


def demo_app(tokens: Tokens | None = None, *, persisted: Any = "apq", **settings: Any) -> Starlette:
    """The application over the demonstration schema, without any database."""
    configured = Settings(**settings)
    verifier = tokens or Tokens()

    @asynccontextmanager
    async def open_services(_: Settings) -> AsyncIterator[Services]:
        async def holds() -> bool:
            return True

        yield Services(graph=cast(GraphSession, None), verifier=verifier, checks={"graph": holds})

    schema = Schema(
        Query,
        Mutation,
        Subscription,
        introspection=configured.introspection,
        persisted=persisted if isinstance(persisted, PersistedDocuments) else PersistedDocuments(persisted),
    )
    options = ViewOptions(
        profile=configured.http_profile,
        allowed_origins=configured.allowed_origins,
        node_loaders=NODE_LOADERS,
        recheck_s=0.2,
    )
    return create_app(configured, schema=schema, open_services=open_services, view_options=options)


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """``host:port`` of a real server on a free loopback port, ready and stopped at the end."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=2, ws="websockets-sansio"
        )
    )
    task = asyncio.create_task(server.serve([listening]))
    try:
        deadline = time.monotonic() + 10
        while not server.started or app.state.backend.services is None:
            assert time.monotonic() < deadline, "the server did not start"
            await asyncio.sleep(0.01)
        yield "{}:{}".format(*listening.getsockname())
    finally:
        server.should_exit = True
        await task


if __name__ == "__main__":
    application = demo_app(
        http_profile=os.environ.get("PROFILE", "draft"),
        introspection=os.environ.get("INTROSPECTION", "1") == "1",
    )
    uvicorn.run(application, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
