"""Asking the product's schema in process, as whoever one likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cypher.catalogue import Query
from cypher.session import GraphSession
from graph_api.context import Context
from graph_api.errors import present
from graph_api.roots import NODE_LOADERS, product_schema
from graph_api.schema import Schema
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from tests.seed import vector

SCHEMA = product_schema()


class Vectors:
    """An embedder whose vectors depend on the text alone."""

    model, dimensions = "vectors", 384

    def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        return [vector(text) for text in texts]

    async def embed_query(self, text: str) -> list[float]:
        return vector(text)


@dataclass
class Counting:
    """A graph that counts how often it is asked."""

    graph: GraphSession
    asked: list[str] = field(default_factory=list)

    async def rows(self, query: Query, /, **params: Any) -> list[dict[str, Any]]:
        self.asked.append(query.name)
        return await self.graph.rows(query, **params)

    async def one(self, query: Query, /, **params: Any) -> dict[str, Any] | None:
        self.asked.append(query.name)
        return await self.graph.one(query, **params)


@dataclass(frozen=True)
class Api:
    """The schema, asked by one principal."""

    graph: Any
    principal: Principal
    services: Mapping[str, Any] = field(default_factory=lambda: {"embedder": Vectors()})
    past_hidden: bool = True
    schema: Schema = SCHEMA

    def context(self) -> Context:
        return Context(
            self.principal,
            self.graph,
            node_loaders=NODE_LOADERS,
            services=self.services,
            past_hidden=self.past_hidden,
        )

    async def answer(self, document: str, **variables: Any) -> Any:
        return await self.schema.execute(document, variable_values=variables, context_value=self.context())

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        result = await self.answer(document, **variables)
        assert not result.errors, result.errors
        data: dict[str, Any] = result.data
        return data

    async def refused(self, document: str, **variables: Any) -> str:
        """The code of the first error."""
        result = await self.answer(document, **variables)
        assert result.errors, result.data
        return str((present(result.errors[0], "trace").extensions or {})["code"])


def api(graph: Any, role: Role = Role.ADMIN, scope: Scope = EVERYTHING, **services: Any) -> Api:
    who = Principal(f"token:{role.value.lower()}", role.value.title(), role, scope)
    return Api(graph, who, services or {"embedder": Vectors()})


def nodes(connection: Mapping[str, Any]) -> list[Any]:
    """The nodes of a connection."""
    return [edge["node"] for edge in connection["edges"]]
