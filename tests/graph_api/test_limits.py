"""What a document may ask for, and that finding out costs no more than reading it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from graphql import parse

from graph_api.limits import CAP, Limits, measure, nested_deeper
from graph_api.schema import Schema
from tests.graph_api.http.demo_schema import Asset, Mutation, Query, Subscription

SCHEMA = Schema(Query, Mutation, Subscription, types=[Asset])._schema
ASSET = 'asset(id: "1")'


def exceeded(query: str, variables: dict[str, object] | None = None) -> list[str]:
    return [text.split()[0] for text in measure(parse(query), variables, SCHEMA).exceeded(Limits())]


@pytest.mark.parametrize(
    ("query", "limits"),
    [
        ("{" + " ".join(f"a{i}: hello" for i in range(31)) + "}", ["aliases", "root_fields"]),
        ("{...X} fragment X on Query {" + " ".join(f"a{i}: hello" for i in range(31)) + "}", ["aliases"]),
        ("{" + ASSET + "{" + "parent{" * 11 + "name" + "}" * 13, ["depth"]),
        ("{hello " + "@include(if: true)" * 51 + "}", ["directives"]),
        ("query Q " + "@a" * 51 + "{hello}", ["directives"]),
        (
            "{...X " + "@include(if: true)" * 30 + "} fragment X on Query " + "@a" * 30 + " {hello}",
            ["directives"],
        ),
        ("{" + ASSET + "{" + "name " * 61 + "}}", ["repeats"]),
        ("{" + ASSET + "{" + "... {name} " * 61 + "}}", ["repeats"]),
        ("{" + " ".join(f"f{i}" for i in range(21)) + "}", ["root_fields"]),
        (" ".join(f"query Q{i} {{hello}}" for i in range(11)), ["operations"]),
        ("{hello}" + " ".join(f"fragment F{i} on Query {{hello}}" for i in range(61)), ["fragments"]),
        ("{assets(first: 101) {name}}", ["page"]),
        ("{assetList(last: 101) {edges {node {name}}}}", ["page"]),
        ("{assets(first: 99999999999999999999) {name}}", ["cost", "page"]),
        ("{" + ASSET + "{" + "children(first: 10){" * 5 + "name" + "}" * 7, ["cost"]),
        ("{nodes(ids: [" + '"a",' * 101 + "]) {id}}", ["page"]),
        ("{__schema {" + " ".join(f"a{i}: types {{name}}" for i in range(4)) + "}}", ["aliases"]),
    ],
)
def test_a_document_over_one_limit_is_refused_for_that_limit(query: str, limits: list[str]) -> None:
    assert exceeded(query) == limits


@pytest.mark.parametrize(
    "query",
    [
        "{hello}",
        "{assetList {edges {cursor node {id name kind owner score parent {name}}} pageInfo {hasNextPage endCursor}}}",
        "{assetList(first: 100) {edges {node {name children(first: 20) {name}}}}}",
        'mutation {rename(id: "1", name: "x") {__typename ... on UserError {message path}}}',
        "{" + ASSET + "{" + "parent{" * 10 + "name" + "}" * 12,
        "{" + " ".join(f't{i}: __type(name: "Asset") {{name}}' for i in range(20)) + "}",
    ],
)
def test_what_a_page_of_the_product_asks_for_is_within_the_limits(query: str) -> None:
    assert exceeded(query) == []


def test_the_usual_introspection_query_is_within_the_limits() -> None:
    from graphql import get_introspection_query

    assert exceeded(get_introspection_query(specified_by_url=True, input_value_deprecation=True)) == []


@pytest.mark.parametrize(
    ("variables", "rows"),
    [
        ({"n": 7}, 7),
        ({}, 20),
        (None, 20),
        ({"n": None}, 50),
        ({"n": "many"}, 0),
        ({"n": 10**30}, CAP),
        ({"n": -5}, 0),
    ],
)
def test_pages_sized_by_a_variable_cost_what_they_will_return(
    variables: dict[str, object] | None, rows: int
) -> None:
    found = measure(
        parse("query($n: Int = 20) {assetList(first: $n) {edges {node {name}}}}"), variables, SCHEMA
    )

    assert found.page == rows


def test_rows_multiply_and_what_stands_beside_them_does_not() -> None:
    def cost(query: str) -> int:
        return measure(parse(query), None, SCHEMA).cost

    connection = cost("{assetList(first: 100) {edges {node {name}}}}")

    assert connection == 211  # the connection, and for each of 100 rows an edge, a node and a leaf of 0.1
    assert cost("{assetList(first: 100) {edges {node {name}} pageInfo {endCursor}}}") == connection + 2
    assert cost("{assetList {edges {node {name}}}}") == 106
    assert cost("{assets(first: 10) {children(first: 10) {name}}}") == 1 + 10 * (1 + 10 * 0.1)


def test_only_the_largest_of_several_operations_counts() -> None:
    found = measure(parse("query A {assets(first: 100) {name}} query B {hello}"), None, SCHEMA)

    assert (found.cost, found.operations) == (11, 2)


def spreads(n: int) -> str:
    chain = "".join(f"fragment F{i} on Asset {{...F{i + 1} ...F{i + 1}}}" for i in range(n))
    return f"{{{ASSET} {{...F0}}}} {chain} fragment F{n} on Asset {{name}}"


def branches(n: int) -> str:
    chain = "".join(
        f"fragment F{i} on Asset {{a: parent {{...F{i + 1}}} b: parent {{...F{i + 1}}}}}" for i in range(n)
    )
    return f"{{{ASSET} {{...F0}}}} {chain} fragment F{n} on Asset {{name}}"


def pages(n: int) -> str:
    fields = " ".join(f"p{i}: assets(first: {i}) {{...F}}" for i in range(n))
    return f"{{{fields}}} fragment F on Asset {{{'name ' * n}}}"


def flat(n: int) -> str:
    return "{" + f"{ASSET} {{name}} " * n + "}"


@pytest.mark.parametrize("make", [spreads, branches, pages, flat])
def test_twice_the_document_takes_about_twice_the_time(make: Callable[[int], str]) -> None:
    def seconds(n: int) -> float:
        document = parse(make(n))
        times = []
        for _ in range(7):
            started = time.process_time()
            measure(document, None, SCHEMA)
            times.append(time.process_time() - started)
        return min(times)

    seconds(50)  # warm

    assert seconds(120) <= 2.5 * seconds(60) + 0.001


def test_fragments_that_double_sixty_times_are_measured_at_once() -> None:
    document = parse(branches(60))
    started = time.process_time()
    found = measure(document, None, SCHEMA)

    assert time.process_time() - started < 0.02
    assert found.fields == found.aliases == found.cost == CAP


def test_circles_and_unknown_names_are_left_to_validation() -> None:
    assert exceeded("{...A ...Nope} fragment A on Query {...B} fragment B on Query {...A hello}") == []
    assert exceeded("{nope {a {b}} ... on Nope {c}}") == []


@pytest.mark.parametrize(
    ("value", "deeper"), [({}, False), ({"a": [[1]]}, False), ({"a": [[[1]]]}, True), (None, False)]
)
def test_the_nesting_of_variables_is_counted_in_lists_and_objects(value: object, deeper: bool) -> None:
    assert nested_deeper(value, 3) is deeper


def test_very_deep_variables_are_counted_without_recursion() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]

    assert nested_deeper(value, 32)
    while value:  # taking it apart by hand, as freeing it at once would recurse
        value = value.pop()  # type: ignore[assignment]
