"""Compiled selections and hot plans answer, byte for byte, what the resolvers answer; errors included."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import queries
from prometheus_client import REGISTRY

from cypher.session import GraphSession
from graph_api.http.view import GraphQLView, ViewOptions
from graph_api.roots import NODE_LOADERS, product_schema
from graph_api.schema import Schema
from schema.domain.identity import Principal
from tests.graph_api.asking import Vectors
from tests.graph_api.compiled.growing import LIMITS, PLAIN, READERS, ROOTS, Growing, Known

COMPILED = product_schema(compile_after=0, hot=False, limits=LIMITS)
HOT = product_schema(compile_after=0, limits=LIMITS)
EXAMPLES = int(os.environ.get("PURSIGHT_TEST_EXAMPLES", "150"))


@dataclass
class Readers:
    """Knows each reader by his own id."""

    known: Mapping[str, Principal] = field(default_factory=lambda: {reader.id: reader for reader in READERS})

    async def verify(self, token: str) -> Principal | None:
        return self.known.get(token)


@dataclass
class Backend:
    graph: GraphSession
    verifier: Readers = field(default_factory=Readers)
    extra: Mapping[str, Any] = field(default_factory=lambda: {"embedder": Vectors()})


@dataclass
class Served:
    """The endpoint over one schema, in process."""

    schema: Schema
    graph: GraphSession

    def __post_init__(self) -> None:
        view = GraphQLView(self.schema, Backend(self.graph), options=ViewOptions(node_loaders=NODE_LOADERS))
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(view), base_url="http://test", timeout=60
        )

    async def answer(self, reader: Principal, document: str) -> tuple[int, bytes, list[bytes]]:
        """Status, body without errors, and the errors in an order of their own: side by side, reads fail in any order."""
        body = {"query": document, "variables": {"no": False} if "$no" in document else {}}
        response = await self.client.post("/", json=body, headers={"authorization": f"Bearer {reader.id}"})
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


async def test_generated_queries_get_the_same_bytes_from_resolvers_compiled_selections_and_hot_plans(
    known: Known,
) -> None:
    loop = asyncio.get_running_loop()
    plain, compiled, hot = (Served(schema, known.graph) for schema in (PLAIN, COMPILED, HOT))
    before = {answer: root_fields(answer) for answer in ("compiled", "hot")}
    asked = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(queries(str(PLAIN), fields=ROOTS), st.integers(0, 2**32), st.sampled_from(READERS))
    def compare(nonsense: str, seed: int, reader: Principal) -> None:
        for document in (nonsense, Growing(seed, known).document()):
            same(document, reader)

    def same(document: str, reader: Principal) -> None:
        nonlocal asked
        asked += 1

        async def answers() -> list[Any]:
            return [await served.answer(reader, document) for served in (plain, compiled, hot, hot)]

        expected, *others = asyncio.run_coroutine_threadsafe(answers(), loop).result()
        for way, found in zip(("compiled", "first", "hot"), others, strict=True):
            assert found == expected, f"{way}: {document}"

    await asyncio.to_thread(compare)
    for served in (plain, compiled, hot):
        await served.client.aclose()
    count = {answer: root_fields(answer) - before[answer] for answer in before}
    print(f"{asked} documents; root fields: {count}")

    assert root_fields("unusual") == 0
    assert count["compiled"] > asked / 2
    assert count["hot"] > asked / 4
