"""Registering, testing and reading sources through the API."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cypher.session import GraphSession
from schema.domain.identity import Role, Scope
from schema.settings import Settings
from tests.graph_api.asking import Api, api, nodes
from tests.seed import register, warehouse

REGISTER = """mutation ($i: SourceInput!, $r: Boolean!) { sourceRegister(input: $i, replace: $r) { __typename
  ... on SourceRegisterSuccess { source { name connector registered config options { sampleRows } check { ok } } report { namespace findings { capability ok } } }
  ... on ConnectionFailedError { cause } ... on UserError { code path remedy } } }"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customer (id INTEGER, email TEXT)")
    connection.close()
    return path


@pytest.fixture
def operator(graph: GraphSession, config: Settings) -> Api:
    return api(graph, Role.OPERATOR, settings=config)


async def test_a_source_is_tested_and_registered_by_its_fields(operator: Api, database: Path) -> None:
    given = {
        "name": "shop",
        "connector": "sqlite",
        "config": {"path": str(database)},
        "options": {"sampleRows": 7},
    }
    found = (await operator.ask(REGISTER, i=given, r=False))["sourceRegister"]

    assert found["__typename"] == "SourceRegisterSuccess", found
    assert found["source"]["config"] == {"path": str(database)}
    assert found["source"]["options"] == {"sampleRows": 7}
    assert found["source"]["check"] == {"ok": True}
    assert found["report"]["findings"]
    again = (await operator.ask(REGISTER, i=given, r=False))["sourceRegister"]
    assert (again["__typename"], again["path"]) == ("ConflictError", ["name"])
    assert (await operator.ask(REGISTER, i=given, r=True))["sourceRegister"][
        "__typename"
    ] == "SourceRegisterSuccess"
    checked = await operator.ask('mutation { sourceCheck(name: "shop") { __typename } }')
    assert checked == {"sourceCheck": {"__typename": "SourceCheckSuccess"}}


async def test_a_recipe_does_as_well(operator: Api, database: Path) -> None:
    recipe = f"source:\n  name: shop\n  type: sqlite\n  config:\n    path: {database}\n"
    found = (await operator.ask(REGISTER, i={"recipe": recipe}, r=False))["sourceRegister"]
    assert found["__typename"] == "SourceRegisterSuccess", found
    bad = (await operator.ask(REGISTER, i={"recipe": "source: [1"}, r=False))["sourceRegister"]
    assert bad["__typename"] == "BadRecipeError"
    both = (await operator.ask(REGISTER, i={"recipe": recipe, "name": "x"}, r=False))["sourceRegister"]
    assert (both["__typename"], both["path"]) == ("InvalidInputError", ["recipe"])


async def test_a_source_that_cannot_be_reached_is_refused_with_the_cause_and_not_kept(
    operator: Api, tmp_path: Path
) -> None:
    given = {"name": "gone", "connector": "sqlite", "config": {"path": str(tmp_path / "nothing.db")}}
    test = "mutation ($i: SourceInput!) { sourceTest(input: $i) { __typename ... on ConnectionFailedError { cause remedy } } }"
    for found in (
        (await operator.ask(REGISTER, i=given, r=False))["sourceRegister"],
        (await operator.ask(test, i=given))["sourceTest"],
    ):
        assert (found["__typename"], found["cause"]) == ("ConnectionFailedError", "NOT_FOUND")
        assert found["remedy"]
    assert nodes((await operator.ask("{ sources { edges { node { name } } } }"))["sources"]) == []


@pytest.mark.parametrize(
    ("given", "path"),
    [({}, ["name"]), ({"name": "x"}, ["connector"]), ({"name": "X y", "connector": "sqlite"}, ["name"]), ({"name": "x", "connector": "nope"}, ["connector"]),
     ({"name": "x", "connector": "sqlite", "config": [1]}, ["config"]), ({"name": "x", "connector": "sqlite", "options": {"sampleRows": -1}}, ["options", "sampleRows"])],
)  # fmt: skip
async def test_a_wrong_field_is_named(operator: Api, given: dict[str, object], path: list[str]) -> None:
    found = (await operator.ask(REGISTER, i=given, r=False))["sourceRegister"]
    assert (found["__typename"], found["path"]) == ("InvalidInputError", path)


async def test_secrets_never_leave(graph: GraphSession) -> None:
    await register(graph, warehouse("shop", "", datasets=0, columns=0))
    found = await api(graph).ask(
        '{ source(name: "shop") { config } sources { edges { node { id config } } } }'
    )
    assert found["source"]["config"] == {"host": "db", "password": "(sealed)"}
    assert "canary" not in str(found)


async def test_nobody_registers_or_replaces_outside_of_his_domains(
    graph: GraphSession, config: Settings
) -> None:
    await register(graph, warehouse("hr", "hr", datasets=0, columns=0))
    limited = api(graph, Role.OPERATOR, Scope(4, ("sales",)), settings=config)
    given = {"name": "hr", "connector": "sqlite", "config": {"path": "x"}, "domain": "sales"}
    assert (await limited.ask(REGISTER, i=given, r=True))["sourceRegister"]["__typename"] == "ConflictError"
    elsewhere = (await limited.ask(REGISTER, i={**given, "name": "new", "domain": "hr"}, r=False))[
        "sourceRegister"
    ]
    assert (elsewhere["__typename"], elsewhere["path"]) == ("InvalidInputError", ["domain"])


async def test_a_reader_registers_nothing(graph: GraphSession) -> None:
    found = (await api(graph, Role.READER).ask(REGISTER, i={"name": "x", "connector": "sqlite"}, r=False))[
        "sourceRegister"
    ]
    assert found["__typename"] == "ForbiddenError"
