"""Serves the demonstration schema on a free loopback port; run as a module it prints the port and waits."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from starlette.applications import Starlette

sys.path.insert(0, str(Path(__file__).parent))

from demo_schema import NODE_LOADERS, Mutation, Query, Subscription

from cypher.session import GraphSession
from graph_api.app import create_app
from graph_api.http.documents import PersistedDocuments
from graph_api.http.view import ViewOptions
from graph_api.schema import Schema
from graph_api.services import Services
from schema.domain.identity import EVERYTHING, Principal, Role
from schema.settings import Settings


class Tokens:
    """Tokens in memory."""

    def __init__(self) -> None:
        self.holders = {
            "admin-token": Principal("admin", "Admin", Role.ADMIN, EVERYTHING),
            "reader-token": Principal("reader", "Reader", Role.READER, EVERYTHING),
            "ingester-token": Principal("ingester", "Ingester", Role.INGESTER, EVERYTHING),
        }

    async def verify(self, token: str) -> Principal | None:
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
    options = ViewOptions(profile=configured.http_profile, node_loaders=NODE_LOADERS, recheck_s=0.2)
    return create_app(configured, schema=schema, open_services=open_services, view_options=options)


if __name__ == "__main__":
    import uvicorn

    app = demo_app(
        http_profile=os.environ.get("PROFILE", "draft"),
        introspection=os.environ.get("INTROSPECTION", "1") == "1",
    )
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
