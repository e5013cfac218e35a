"""A root field of the catalogue is answered by few statements, whatever its data and its variables are."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import orjson
import pytest

from graph_api.compiled.field import Compiled
from graph_api.context import Context
from graph_api.errors import present
from graph_api.roots import NODE_LOADERS, product_schema
from schema.domain.identity import Principal
from schema.ids import encode_cursor
from tests.graph_api.asking import Counting
from tests.graph_api.compiled.growing import LIMITS, PLAIN, READERS, Known

COMPILED = product_schema(compile_after=0, hot=False, limits=LIMITS)


async def answer(schema: Any, graph: Any, reader: Principal, document: str) -> tuple[bytes, list[bytes]]:
    context = Context(reader, graph, node_loaders=NODE_LOADERS)
    result = await schema.execute(document, context_value=context)
    shown = [present(error, "trace").formatted for error in result.errors or []]
    return orjson.dumps(result.data), sorted(map(orjson.dumps, shown))


RICH = """query ($urn: String!, $n: Int) { assetByUrn(urn: $urn) {
  id name parent { name source { name } } ancestors { urn } tags { name } owners { name }
  columns(first: $n) { edges { cursor node { name dataType classifications { status classification { name } } } } pageInfo { endCursor } }
  feeds(first: $n) { edges { node { asset { name contentSensitivity } assertions { origin job { name } } } } }
  references(first: $n) { edges { node { to { name parent { name } } } } } } }"""
LIST = "query ($n: Int) { assets(first: $n, filter: {kinds: [DATASET]}) { edges { node { name tags { name } fedBy(first: 2) { edges { node { asset { name } } } } } } } }"


@pytest.mark.parametrize("document", [RICH, LIST])
async def test_a_root_field_is_one_question_to_the_graph(document: str, known: Known) -> None:
    urn = next(each for each in known.urns if each.startswith("dataset:"))
    for rows in (1, 20):
        counting = Counting(known.graph)
        context = Context(READERS[0], counting, node_loaders=NODE_LOADERS)  # type: ignore[arg-type]
        variables = {"n": rows, **({"urn": urn} if "$urn" in document else {})}
        result = await COMPILED.execute(document, variable_values=variables, context_value=context)

        assert result.errors is None
        assert len(counting.asked) == 1
        assert counting.asked[0].startswith("selection.catalog.")


async def test_the_first_answer_of_a_document_is_the_resolvers_and_the_second_is_compiled(
    known: Known,
) -> None:
    schema, asked = product_schema(), []
    for _ in range(3):
        counting = Counting(known.graph)
        context = Context(READERS[0], counting, node_loaders=NODE_LOADERS)  # type: ignore[arg-type]
        await schema.execute("{ assets(first: 2) { edges { node { name } } } }", context_value=context)
        asked.append(counting.asked)

    assert asked == [["catalog.page_forward"], *[["selection.catalog.page_forward"]] * 2]


async def test_a_document_sends_few_statements_whatever_its_variables_are(known: Known) -> None:
    texts = set()

    class Remembering:
        async def one(self, query: Any, /, **params: Any) -> Any:
            texts.add(query.text)
            return await known.graph.one(query, **params)

    document = "query ($n: Int, $a: String, $yes: Boolean!) { assets(first: 3, after: $a) { edges { cursor node { children(first: $n) { edges { node { name tags @include(if: $yes) { name } } } } } } } }"
    for rows in range(5):
        for after in (None, encode_cursor("assets", (known.urns[rows],))):
            context = Context(READERS[rows % 3], Remembering(), node_loaders=NODE_LOADERS)  # type: ignore[arg-type]
            await COMPILED.execute(
                document, variable_values={"n": rows, "a": after, "yes": rows > 2}, context_value=context
            )

    assert len(texts) == 2


@pytest.mark.parametrize(
    ("stored", "selection"),
    [
        ("SET a.version = 9000000000", "version name"),
        ("SET a.status = 'LOST'", "name status"),
        ("SET a.first_seen = 'yesterday'", "firstSeen"),
        ("SET a.properties = '{'", "name properties"),
    ],
)
async def test_a_stored_value_that_cannot_be_shown_gets_the_resolvers_error(
    stored: str, selection: str, known: Known
) -> None:
    urn = next(each for each in known.urns if each.startswith("dataset:"))
    document = f'{{ assetByUrn(urn: "{urn}") {{ {selection} }} }}'
    match = f"MATCH (a:Asset {{urn: '{urn}'}}) "
    await known.graph.schema_statement(match + "SET a.kept = [a.status, a.first_seen]")
    await known.graph.schema_statement(match + stored)
    try:
        plain, compiled = [
            await answer(schema, known.graph, READERS[0], document) for schema in (PLAIN, COMPILED)
        ]
    finally:
        await known.graph.schema_statement(
            match + "SET a.status = a.kept[0], a.first_seen = a.kept[1], a.version = 0, a.properties = null"
        )

    assert plain[1]
    assert compiled == plain


def test_every_pattern_that_reaches_an_asset_asks_for_the_readers_scope() -> None:
    for file in files("cypher.selection").iterdir():
        if file.name.endswith(".cypher"):
            text = file.read_text("utf-8")
            for name in re.findall(r"\((<\w+>\w?):(?:Asset|Column)\b", text):
                if "contentsensitivity" in file.name.replace("_", "") and name == "<node>":
                    name = "<node>x"  # each step of the walk is checked, and so its end
                assert f"{name}.sensitivity <= $clearance" in text, file.name
                assert f"{name}.domain IN $domains" in text, file.name


def test_no_root_field_is_left_to_the_executor_alone() -> None:
    fields = product_schema().schema_converter.type_map["Query"].definition.fields
    left = [each.name for each in fields if not any(isinstance(found, Compiled) for found in each.extensions)]
    assert left == []
