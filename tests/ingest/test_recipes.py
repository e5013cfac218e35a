from __future__ import annotations

import json
import re

import pytest
import yaml

from ingest.recipes import LARGEST, dump_recipe, parse_recipe, recipe_schema
from schema.domain.sources import ScanOptions, SourceSpec
from schema.errors import BadRecipe

CANARY = "canary-Zq7-password"
PAGILA = """\
source:
  name: pagila
  type: postgres
  description: Film rental
  domain: Sales
  config:
    host: db.example
    port: 5432
    user: reader
    password: "${env:PG_PASSWORD}"
    databases: [pagila]
scan:
  include: ["public.*"]
  exclude: ["*_tmp"]
  sample_rows: 200
  embed: false
"""


def test_a_recipe_becomes_a_source() -> None:
    spec = parse_recipe(PAGILA)
    assert (spec.name, spec.connector, spec.description, spec.domain) == (
        "pagila",
        "postgres",
        "Film rental",
        "Sales",
    )
    assert spec.config["password"] == "${env:PG_PASSWORD}"
    assert spec.options == ScanOptions(("public.*",), ("*_tmp",), 200, True, True, False)


def test_an_alias_of_a_type_is_the_type() -> None:
    assert parse_recipe("source: {name: a, type: mariadb, config: {host: h}}").connector == "mysql"


def test_a_dumped_recipe_reads_back_the_same() -> None:
    spec = parse_recipe(PAGILA)
    assert parse_recipe(dump_recipe(spec)) == spec


def test_a_dumped_recipe_holds_no_secret_but_a_reference_to_fill() -> None:
    plain = SourceSpec("shop-1", "postgres", {"host": "h", "password": CANARY})
    sealed = SourceSpec("shop-1", "postgres", {"host": "h", "password": {"sealed": CANARY}})
    for spec in (plain, sealed):
        text = dump_recipe(spec)
        assert CANARY not in text
        assert yaml.safe_load(text)["source"]["config"]["password"] == "${env:SHOP_1_PASSWORD}"
    assert CANARY not in dump_recipe(SourceSpec("a", "postgres", {"url": f"postgres://u:{CANARY}@h/d"}))


@pytest.mark.parametrize(
    ("find", "replace", "line", "field"),
    [
        ("  type: postgres", "  typ: postgres", 1, "source.type"),
        ("    port: 5432", "    prot: 5432", 8, "source.config.prot"),
        ("    port: 5432", "    port: many", 8, "source.config.port"),
        ("  type: postgres", "  type: dbase", 3, "source.type"),
        ("  sample_rows: 200", "  sample_rows: -1", 15, "scan.sample_rows"),
        ("  embed: false", "  embed: maybe", 16, "scan.embed"),
        ("  name: pagila", "  name: Pagila DB", 2, "source.name"),
        ("scan:", "scna:", 12, "scna"),
        ("    host: db.example", "    host: [db.example", 8, "The recipe"),
        ("    host: db.example", "    host: a\n    host: b", 8, "source.config.host"),
        ("    host: db.example", "    host: &a h", 7, "The recipe"),
        ("    host: db.example", "    host: !!python/name:os.system", 7, "The recipe"),
    ],
)
def test_a_wrong_recipe_names_line_and_field(find: str, replace: str, line: int, field: str) -> None:
    with pytest.raises(BadRecipe) as failed:
        parse_recipe(PAGILA.replace(find, replace))
    assert failed.value.message.startswith(f"Line {line}: {field} ")
    assert failed.value.remedy


PLANNED = (
    PAGILA
    + """\
plan:
  cron: "0 3 * * *"
  zone: Europe/Berlin
  criticality: high
  most_tasks: 4
  requests_per_minute: 600
  check_minutes: 30
  blackouts: [{start: "0 8 * * 1-5", minutes: 90}]
workflow: nightly
"""
)


def test_a_recipe_says_when_and_how_its_source_is_scanned() -> None:
    spec = parse_recipe(PLANNED)
    plan = spec.plan
    assert plan is not None
    assert plan.schedule is not None
    assert (plan.schedule.cron, plan.schedule.zone, plan.workflow) == (
        "0 3 * * *",
        "Europe/Berlin",
        "nightly",
    )
    assert (plan.criticality.value, plan.most_tasks, plan.blackouts[0].duration_s) == ("HIGH", 4, 5400)
    assert plan.requests_per_minute == 600
    assert parse_recipe(dump_recipe(spec)) == spec
    assert parse_recipe(PAGILA).plan is None


@pytest.mark.parametrize(
    ("find", "replace", "line", "field"),
    [
        ('  cron: "0 3 * * *"', '  cron: "61 * * * *"', 18, "plan.cron"),
        ("  zone: Europe/Berlin", "  zone: Mars/Olympus", 19, "plan.zone"),
        ("  criticality: high", "  criticality: huge", 20, "plan.criticality"),
        ("  most_tasks: 4", "  most_tasks: 0", 21, "plan.most_tasks"),
        ("  most_tasks: 4", "  mostTasks: 4", 21, "plan.mostTasks"),
        ("  most_tasks: 4", "  shortest_minutes: 60", 17, "plan"),
        ("  requests_per_minute: 600", "  requests_per_minute: 0", 22, "plan.requests_per_minute"),
        ("minutes: 90", "minutes: 0", 24, "plan.blackouts"),
    ],
)
def test_a_wrong_plan_names_line_and_field(find: str, replace: str, line: int, field: str) -> None:
    with pytest.raises(BadRecipe) as failed:
        parse_recipe(PLANNED.replace(find, replace))
    assert f": {field}" in failed.value.message
    assert failed.value.message.startswith(f"Line {line}: "), failed.value.message
    assert failed.value.remedy


def test_an_error_does_not_repeat_the_secret() -> None:
    recipe = PAGILA.replace("5432", CANARY).replace('"${env:PG_PASSWORD}"', CANARY)
    with pytest.raises(BadRecipe) as failed:
        parse_recipe(recipe)
    assert CANARY not in f"{failed.value!r}{failed.value.remedy}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "a: \x00",
        "[" * 100_000,
        "a: " * 100_000,
        "x" * (LARGEST + 1),
        "a: &a [x]\nb: [*a, *a]",
        "source: 2024-01-01",
        "source: {name: a, type: sqlite, config: {1: 2}}",
        "? {a: b}\n: c",
        "a: 1\n--- \nb: 2",
        "source: {name: a, type: postgres, config: {host: 1}}",
    ],
)
def test_hostile_texts_are_refused_as_recipes(text: str) -> None:
    with pytest.raises(BadRecipe, match=r"^Line \d+: "):
        parse_recipe(text)


def test_a_bad_url_in_a_recipe_is_told_with_its_line() -> None:
    with pytest.raises(BadRecipe) as failed:
        parse_recipe(f"source:\n  name: a\n  type: postgres\n  config:\n    url: mysql://u:{CANARY}@h\n")
    assert failed.value.message.startswith("Line 5: source.config.url ")
    assert CANARY not in f"{failed.value!r}"


def test_the_json_schema_knows_the_settings_of_every_kind() -> None:
    schema = recipe_schema()
    kinds = schema["$defs"]["SourcePart"]["properties"]["type"]["enum"]
    assert {"postgres", "postgresql", "mysql", "mariadb", "sqlite", "duckdb", "files", "relational"} <= set(
        kinds
    )
    assert schema["$defs"]["postgres"]["additionalProperties"] is False
    references = re.findall(r'"\$ref": "#/\$defs/([^"]+)"', json.dumps(schema))
    assert set(references) <= set(schema["$defs"])
    assert all(each.get("description") for each in schema["$defs"]["postgres"]["properties"].values())
