"""A compiled selection answers, byte for byte, what the resolvers answer, with one question to the graph."""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import orjson
import pytest
from graphql import get_named_type, is_leaf_type
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import queries
from prometheus_client import REGISTRY

from cypher.catalogue import Query
from cypher.session import GraphSession
from graph_api.context import Context
from graph_api.errors import present
from graph_api.limits import Limits
from graph_api.roots import NODE_LOADERS, product_schema
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.ids import encode_cursor, node_id
from tests.conftest import empty
from tests.graph_api.asking import Counting
from tests.graph_api.test_access import build

LIMITS = Limits(cost=10**9, depth=40)
PLAIN = product_schema(compile_after=None, limits=LIMITS)
COMPILED = product_schema(compile_after=0, limits=LIMITS)
ROOTS = ("asset", "assetByUrn", "assets", "node", "nodes")
READERS = [
    Principal("token:all", "All", Role.ADMIN, EVERYTHING),
    Principal("token:some", "Some", Role.READER, Scope(2, ("",))),
    Principal("token:hr", "Hr", Role.READER, Scope(3, ("hr",))),
]
EXAMPLES = int(os.environ.get("PURSIGHT_TEST_EXAMPLES", "300"))


@dataclass(frozen=True)
class Known:
    """What the seeded graph holds, to ask for."""

    graph: GraphSession
    urns: list[str]
    ids: list[str]
    others: list[str]


@pytest.fixture(scope="module")
async def known(migrated: GraphSession) -> AsyncIterator[Known]:
    await empty(migrated)
    await build(migrated, READERS[0])
    await migrated.schema_statement("MATCH (a:Asset) WHERE a.urn ENDS WITH '~note' SET a.status = 'STALE'")
    await migrated.schema_statement(
        "MATCH (j:Job {name: 'load_1'}) SET j.job_run_id = 'r', j.job_run_at = '2026-01-01T00:00:00Z', j.properties = '{\"a\": [1]}'"
    )
    await migrated.schema_statement(
        "MATCH (c:Column {name: 'email'}) SET c.sampled_rows = 5, c.sampled_nulls = 1, c.sampled_at = '2026-01-01T00:00:00+02:00'"
    )
    async with migrated.stream(_ALL) as rows:
        found = [row["asset"] async for row in rows]
    found.sort(key=lambda row: row["urn"])
    await migrated.schema_statement("CALL db.awaitIndexes(60)")
    yield Known(
        migrated,
        [row["urn"] for row in found],
        [node_id("Asset", row["key"]) for row in found],
        [node_id("Source", next(row["key"] for row in found if row["kind"] == "SOURCE")), "garbage"],
    )
    await empty(migrated)


_ALL = Query(
    "test.all", "MATCH (a:Asset) RETURN a {.urn, .key, .kind} AS asset", "read", frozenset(), ("asset",), 0
)


class Growing:
    """Grows a document from the roots: real ids and cursors, aliases, fragments, directives, variables; now and then nonsense."""

    def __init__(self, seed: int, known: Known) -> None:
        self.chance, self.known = random.Random(seed), known
        self.fragments: list[str] = []
        self.aliases = 0
        self.left = self.chance.choice((6, 20, 45))

    def document(self) -> str:
        roots = [self.root(self.chance.choice(ROOTS)) for _ in range(self.chance.choice((1, 1, 2)))]
        body = " ".join([*roots, *self.fragments])
        closing = "" if not self.fragments else " ".join(self.fragments)
        used = [f"${name}: {kind}" for name, kind in VARIABLES if f"${name}" in body]
        return f"query Q{'(' + ', '.join(used) + ')' if used else ''} {{ {' '.join(roots)} }} {closing}"

    def root(self, name: str) -> str:
        definition = QUERY.fields[name]
        kind = get_named_type(definition.type)
        alias = self.alias()
        if kind.name == "Node":
            inside = (
                f"... on Asset {self.selection(ASSET, 0)} {self.chance.choice(('', 'id', '__typename id'))}"
            )
            return f"{alias} {name}{self.arguments(name, definition)} {{ {inside} }}"
        return f"{alias} {name}{self.arguments(name, definition)} {self.selection(kind, 0)}"

    def alias(self) -> str:
        self.aliases += 1
        return f"x{self.aliases}:"

    def selection(self, kind: Any, depth: int) -> str:
        chance, parts = self.chance, []
        names = [
            name for name in kind.fields if depth < 7 or is_leaf_type(get_named_type(kind.fields[name].type))
        ]
        for name in chance.sample(names, min(len(names), chance.randint(1, 6))):
            if name in UNKNOWN and chance.random() < 0.97:
                continue
            definition = kind.fields[name]
            inner = get_named_type(definition.type)
            if not is_leaf_type(inner):
                if self.left <= 0:
                    continue
                self.left -= 1
            again = chance.random() < 0.1
            alias = self.alias() if definition.args or again or chance.random() < 0.2 else ""
            text = f"{alias} {name}{self.arguments(name, definition)}{self.directive()}"
            if not is_leaf_type(inner):
                text += " " + self.selection(inner, depth + 1)
            parts.append(text)
        if not parts or chance.random() < 0.15:
            parts.insert(chance.randrange(len(parts) + 1), "__typename")
        if chance.random() < 0.12:
            parts.append(f"... on {kind.name}{self.directive()} {{ {parts.pop(0)} }}")
        if chance.random() < 0.12:
            name = f"F{len(self.fragments)}"
            self.fragments.append("")
            self.fragments[int(name[1:])] = f"fragment {name} on {kind.name} {{ {chance.choice(parts)} }}"
            parts.insert(0, f"...{name}{self.directive()}")
        return "{ " + " ".join(parts) + " }"

    def directive(self) -> str:
        if self.chance.random() > 0.08:
            return ""
        condition = self.chance.choice(("$yes", "$yes", "$no", "true", "false"))
        return f" @{self.chance.choice(('skip', 'include', 'include'))}(if: {condition})"

    def arguments(self, field: str, definition: Any) -> str:
        chance, given = self.chance, {}
        names = set(definition.args)
        if "urn" in names:
            given["urn"] = orjson.dumps(chance.choice(self.known.urns)).decode()
        if "id" in names:
            given["id"] = f'"{self.ident()}"'
        if "ids" in names:
            given["ids"] = "[" + ", ".join(f'"{self.ident()}"' for _ in range(chance.randrange(5))) + "]"
        if "first" in names:
            size, cursor = ("first", "after") if chance.random() < 0.6 else ("last", "before")
            if chance.random() < 0.7:
                given[size] = chance.choice(("0", "1", "2", "3", "7", "100", "null", "$few"))
                if chance.random() < 0.01:
                    given[size] = "101"
            if chance.random() < 0.3:
                given[cursor] = f'"{self.cursor(field)}"'
        if "kind" in names and chance.random() < 0.4:
            given["kind"] = chance.choice(("COLUMN", "DATASET", "SCHEMA", "null"))
        for name in ("includeStale", "includeIndirect"):
            if name in names and chance.random() < 0.5:
                given[name] = chance.choice(("true", "false", "$yes"))
        if "filter" in names and chance.random() < 0.6:
            given["filter"] = chance.choice(FILTERS)
        return f"({', '.join(f'{name}: {value}' for name, value in given.items())})" if given else ""

    def ident(self) -> str:
        return self.chance.choice(self.known.ids if self.chance.random() < 0.9 else self.known.others)

    def cursor(self, field: str) -> str:
        urn, place = self.chance.choice(self.known.urns), self.chance.randrange(12)
        keys: dict[str, tuple[Any, ...]] = {
            "children": (place, urn),
            "columns": (place, urn),
            "references": (urn, ""),
            "referencedBy": (urn, ""),
        }
        return "nonsense" if self.chance.random() < 0.01 else encode_cursor(field, keys.get(field, (urn,)))


QUERY: Any = PLAIN._schema.query_type
ASSET: Any = PLAIN._schema.type_map["Asset"]
UNKNOWN = ("assetCount", "lastRun")
VARIABLES = (("yes", "Boolean = true"), ("no", "Boolean!"), ("few", "Int = 2"))
FILTERS = (
    "{}",
    "{kinds: [DATASET]}",
    "{kinds: [COLUMN, JOB], includeStale: true}",
    '{source: "east"}',
    '{tag: "gold"}',
    '{classification: "EMAIL"}',
    '{namePrefix: "cust"}',
)


async def answer(schema: Any, graph: Any, reader: Principal, document: str) -> tuple[bytes, list[bytes]]:
    context = Context(reader, graph, node_loaders=NODE_LOADERS)
    result = await schema.execute(
        document, variable_values={"no": False} if "$no" in document else {}, context_value=context
    )
    shown = [present(error, "trace").formatted for error in result.errors or []]
    return orjson.dumps(result.data), sorted(map(orjson.dumps, shown))


def compiled_fields() -> float:
    return sum(
        sample.value
        for metric in REGISTRY.collect()
        if metric.name == "pursight_graphql_root_fields"
        for sample in metric.samples
        if sample.name.endswith("_total") and sample.labels["answer"] == "compiled"
    )


def failed_fields() -> float:
    return sum(
        REGISTRY.get_sample_value("pursight_graphql_root_fields_total", {"field": name, "answer": "unusual"})
        or 0
        for name in ROOTS
    )


async def test_generated_queries_get_the_same_bytes_from_resolvers_and_from_compiled_selections(
    known: Known,
) -> None:
    loop = asyncio.get_running_loop()
    before, asked = compiled_fields(), 0

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

        async def both() -> list[Any]:
            return [await answer(schema, known.graph, reader, document) for schema in (PLAIN, COMPILED)]

        plain, compiled = asyncio.run_coroutine_threadsafe(both(), loop).result()
        assert compiled == plain, document

    await asyncio.to_thread(compare)
    print(f"{asked} documents, {compiled_fields() - before:.0f} root fields compiled")

    assert failed_fields() == 0
    assert compiled_fields() - before > asked / 4


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
