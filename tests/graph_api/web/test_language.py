"""The console's reading of GraphQL, run by Node.js where there is one, over the product's own schema."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, print_ast
from strawberry.types.graphql import OperationType

from graph_api.demo.examples import EXAMPLES
from graph_api.http.console import Example
from graph_api.roots import product_schema

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="needs Node.js")

SCRIPT = """
import { prettify } from "./format.js";
import { analyse } from "./language.js";
import { INTROSPECTION, Schema } from "./schema.js";
import { analyseVariables } from "./variables.js";
import fs from "node:fs";
const { query, cursor, variables, schema } = JSON.parse(fs.readFileSync(0, "utf8"));
const known = schema && new Schema(schema);
const found = analyse(query, known, cursor);
console.log(JSON.stringify({
  introspection: INTROSPECTION,
  problems: found.problems.map((each) => [query.slice(each.start, each.end), each.message]),
  choices: found.choices.map((each) => each.label),
  operations: found.operations.map((each) => each.name),
  pretty: prettify(query),
  variables: analyseVariables(variables, found.operations[0] ?? null, found.operations, known).problems.map((each) => each.message),
}));
"""


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The console's modules where Node.js takes them for modules."""
    folder = tmp_path_factory.mktemp("console")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "read.js").write_text(SCRIPT)
    for entry in files("graph_api.web").iterdir():
        if entry.name.endswith(".js"):
            (folder / entry.name).write_bytes(entry.read_bytes())
    return folder


def read(modules: Path, query: str, *, variables: str = "", described: Any = None) -> dict[str, Any]:
    """What the console makes of ``query``; ``|`` in it is the cursor."""
    asked = {
        "query": query.replace("|", "", 1),
        "cursor": query.find("|"),
        "variables": variables,
        "schema": described,
    }
    assert NODE is not None
    done = subprocess.run(
        [NODE, "read.js"], cwd=modules, input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="session")
def described(modules: Path) -> Any:
    """The product's schema, as the console asks for it."""
    schema = product_schema()
    introspection = read(modules, "{ a }")["introspection"]
    found = schema.execute_sync(introspection, allowed_operation_types=set(OperationType))
    assert found.errors is None
    assert found.data is not None
    return found.data["__schema"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_an_example_shows_no_problem_and_is_laid_out_already(
    modules: Path, described: Any, example: Example
) -> None:
    given = json.dumps(example.variables | dict.fromkeys(example.lookups, "x"))

    found = read(modules, example.query, variables=given, described=described)

    assert found["problems"] == found["variables"] == []
    assert found["pretty"] == example.query


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("{ sear|", {"search"}),
        ("{ a: search(|) }", {"query", "mode", "filter"}),
        ('{ search(query: "x", mode: |) }', {"HYBRID", "EXACT"}),
        ("{ assets(filter: { ki| }) }", {"kinds", "domain"}),
        ("query A($urn: String!) { lineage(urn: $|", {"$urn"}),
        ("query A($kind: Asset|", {"AssetKind", "AssetFilter"}),
        ("{ node(id: 1) { ... on |", {"Asset", "Run"}),
        ("{ viewer @|", {"@include", "@skip"}),
        ("{ ...| } fragment F on Query { viewer { name } }", {"F", "on"}),
        ("|", {"query", "mutation", "subscription", "fragment"}),
    ],
)
def test_what_may_stand_at_the_cursor_is_offered(
    modules: Path, described: Any, query: str, wanted: set[str]
) -> None:
    assert wanted <= set(read(modules, query, described=described)["choices"])


@pytest.mark.parametrize("query", ['{ search(query: "vie|w") }', "{ # vie|\n viewer { name } }"])
def test_nothing_is_offered_inside_of_strings_and_comments(modules: Path, described: Any, query: str) -> None:
    assert read(modules, query, described=described)["choices"] == []


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("{ viewer { nam } }", "nam"),
        ("{ viewer }", "viewer"),
        ("{ viewer { name { x } } }", "name"),
        ("{ search { totalCount } }", "search"),
        ('{ suggest(prefix: "a", frist: 1) { name } }', "frist"),
        ("{ suggest(prefix: 1) { name } }", "1"),
        ('{ search(query: "a", mode: SOME) { totalCount } }', "SOME"),
        ("query A { viewer { name @skip(if: $no) } }", "$no"),
        ("query A($x: Int) { viewer { name } }", "$x"),
        ("{ ...F }", "F"),
        ("{ node(id: 1) { ... on Viewer { name } } }", "Viewer"),
        ("{ viewer { name }", "{"),
        ("{ viewer { name } } }", "}"),
    ],
)
def test_a_problem_is_marked_at_its_place(modules: Path, described: Any, query: str, place: str) -> None:
    assert [marked for marked, _ in read(modules, query, described=described)["problems"]] == [place]


def test_variables_are_checked_against_the_operation(modules: Path, described: Any) -> None:
    query = "query A($text: String!, $filter: AssetFilter) { search(query: $text, filter: $filter) { totalCount } }"

    def problems(text: str) -> list[str]:
        found: list[str] = read(modules, query, variables=text, described=described)["variables"]
        return found

    assert problems('{"text": "a", "filter": {"kinds": ["COLUMN"]}}') == []
    assert problems("") == ["text must be given."]
    assert problems('{"text": "a", "more": 1}') == ["A has no variable more."]
    assert problems('{"text": "a", "filter": {"kinds": ["PLANET"]}}') == ["AssetKind has no PLANET."]
    assert problems('{"text": "a",}') == ['"name": expected.']


@pytest.mark.parametrize(
    "query",
    [
        'query A($a:[Int!]!=[1,2],$b:In={x:{y:"z, {"}}@d){a:b(c:$a)@include(if:true){...F ...on T@x{c}...{d}}}'
        'fragment F on T{e(long:"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",other:"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")}',
        "# first\n{ a # of a\n # own line\n b }\n# last",
        'mutation { a(b: """block\n  text""") }',
        "subscription S { s }",
    ],
)
def test_a_prettified_document_means_the_same_and_stays_as_it_is(modules: Path, query: str) -> None:
    pretty = read(modules, query)["pretty"]

    assert print_ast(parse(pretty)) == print_ast(parse(query))
    assert pretty.count("#") == query.count("#")
    assert read(modules, pretty)["pretty"] == pretty


def test_a_document_that_cannot_be_read_is_not_prettified(modules: Path) -> None:
    assert read(modules, "{ a(b: ) }")["pretty"] is None
