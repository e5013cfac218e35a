"""Compiled selections and hot plans answer, byte for byte, what the resolvers answer; errors included."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import queries

from graph_api.roots import product_schema
from schema.domain.identity import Principal
from tests.graph_api.compiled.growing import LIMITS, PLAIN, READERS, ROOTS, Growing, Known
from tests.graph_api.compiled.serving import Served, root_fields

COMPILED = product_schema(compile_after=0, hot=False, limits=LIMITS)
HOT = product_schema(compile_after=0, limits=LIMITS)
EXAMPLES = int(os.environ.get("PURSIGHT_TEST_EXAMPLES", "100"))


async def test_generated_queries_get_the_same_bytes_from_resolvers_compiled_selections_and_hot_plans(
    known: Known,
) -> None:
    loop = asyncio.get_running_loop()
    plain, compiled, hot = (Served(schema, known.graph) for schema in (PLAIN, COMPILED, HOT))
    before = {answer: root_fields(answer) for answer in ("compiled", "hot", "unusual")}
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

    assert count["unusual"] == 0
    assert count["compiled"] > asked / 2
    assert count["hot"] > asked / 4
