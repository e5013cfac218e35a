"""The endpoint in process, over any schema and any graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from prometheus_client import REGISTRY

from graph_api.http.view import GraphQLView, ViewOptions
from graph_api.roots import NODE_LOADERS
from graph_api.schema import Schema
from schema.domain.identity import Principal
from tests.graph_api.asking import Vectors
from tests.graph_api.compiled.growing import READERS, ROOTS


@dataclass
class Readers:
    """Knows each reader by his own id."""

    known: Mapping[str, Principal] = field(default_factory=lambda: {reader.id: reader for reader in READERS})

    async def verify(self, token: str) -> Principal | None:
        return self.known.get(token)


@dataclass
class Backend:
    graph: Any
    verifier: Readers = field(default_factory=Readers)
    extra: Mapping[str, Any] = field(default_factory=lambda: {"embedder": Vectors()})


@dataclass
class Served:
    """The endpoint over one schema, in process."""

    schema: Schema
    graph: Any

    def __post_init__(self) -> None:
        view = GraphQLView(self.schema, Backend(self.graph), options=ViewOptions(node_loaders=NODE_LOADERS))
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(view), base_url="http://test", timeout=60
        )

    async def ask(self, reader: Principal, **body: Any) -> httpx.Response:
        return await self.client.post("/", json=body, headers={"authorization": f"Bearer {reader.id}"})

    async def answer(self, reader: Principal, document: str) -> tuple[int, bytes, list[bytes]]:
        """Status, body without errors, and the errors in an order of their own: side by side, reads fail in any order."""
        variables = {"no": False} if "$no" in document else {}
        response = await self.ask(reader, query=document, variables=variables)
        found = orjson.loads(response.content)
        errors = found.pop("errors", [])
        if not errors:
            return response.status_code, response.content, []
        return response.status_code, orjson.dumps(found), sorted(map(orjson.dumps, errors))


def root_fields(answer: str) -> float:
    """How many root fields were answered like this so far."""
    return sum(
        REGISTRY.get_sample_value("pursight_graphql_root_fields_total", {"field": name, "answer": answer})
        or 0
        for name in ROOTS
    )
