"""LookML: which columns of the warehouse views, explores and dashboards are made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.connectors.base import open_connector
from ingest.formats.extract import Extract
from ingest.network import NetworkPolicy
from ingest.stages import lineage
from schema.domain.catalog import Subtype

DATA = Path(__file__).parents[2] / "data" / "bi" / "lookml"
DATABASES = {
    "my_connection": {"namespace": "snowflake://acme", "database": "DWH"},
    "my_other_connection": {"namespace": "snowflake://acme", "database": "other"},
}


def read(folder: Path, **config: Any) -> Extract:
    settings = {"path": str(folder), "namespace": "looker://bi", "databases": DATABASES} | config
    return open_connector("looker", settings, access=NetworkPolicy(local_files=(folder,))).extract()  # type: ignore[attr-defined, no-any-return]


def written(folder: Path, **files: str) -> Extract:
    for name, body in files.items():
        (folder / f"{name}.lkml").write_text(body)
    return read(folder)


def edges(found: Extract) -> set[tuple[str, str]]:
    """Ends without namespaces, of what the project states and of its SQL."""
    lineage._prepare({})
    stated = [*found.edges, *(e for task in lineage.tasks([], found) for e in lineage.read(task).edges)]
    return {(str(e.upstream).partition("~")[2], str(e.downstream).partition("~")[2]) for e in stated}


def test_fields_of_a_view_come_from_the_columns_of_its_table_or_its_sql() -> None:
    found = edges(read(DATA))
    assert ("dwh.flightstats.accidents~id", "flights~id") in found
    assert ("dwh.ecommerce.ability~pk", "ability~pk") in found
    assert ("dwh.public.my_table~measurement", "my_view~average_measurement") in found
    assert ("other.public.my_table~country", "my_view2~country") in found


def test_a_view_over_another_reaches_the_table_under_it_and_one_over_an_explore_its_views() -> None:
    found = edges(read(DATA))
    assert ("dwh.public.my_table~city", "my_derived_view~city") in found
    assert ("my_view~country", "view_derived_explore~country") in found


def test_refinements_and_extensions_are_applied() -> None:
    found = read(DATA)
    columns = {d.name: {c.name: c.data_type for c in d.columns} for d in found.datasets}
    assert columns["flights"] == {"id": "string"}
    assert set(columns["owners"]) == {"id", "owner_name", "has_owner_name"}
    assert ("dwh.looker_schema.events", "extending_looker_events") in edges(found)


def test_explores_are_reports_fed_by_the_fields_of_their_views() -> None:
    found = read(DATA, url="https://looker.example.com")
    jobs = {job.urn.name: job for job in found.jobs}
    assert jobs["explore/data/data_model"].name == "Data model!"
    owners = jobs["explore/data/some_owners"]  # its file is no model: the model includes it
    assert (owners.subtype, owners.properties["url"]) == (
        Subtype.EXPLORE,
        "https://looker.example.com/explore/data/some_owners",
    )
    assert ("my_view~city", "explore/data/aliased_explore") in edges(found)


def test_a_dashboard_is_fed_by_its_explores_and_by_the_fields_it_shows(tmp_path: Path) -> None:
    (tmp_path / "sales.dashboard.lookml").write_text(
        "- dashboard: sales\n  title: Sales\n  elements:\n  - name: a\n    model: shop\n    explore: orders\n"
        "    fields: [orders.created_month, buyers.email]\n"
    )
    found = edges(
        written(
            tmp_path,
            **{
                "shop.model": 'connection: "my_connection"\ninclude: "*.view"\nexplore: orders { join: buyers { from: people sql_on: 1=1 ;; } }',
                "orders.view": "view: orders { dimension_group: created { type: time sql: ${TABLE}.made_at ;; } }",
                "people.view": "view: people { dimension: email {} }",
            },
        )
    )
    assert {up for up, down in found if down == "dashboard/sales"} == {
        "explore/shop/orders", "orders", "orders~created", "people", "people~email",
    }  # fmt: skip
    assert ("dwh.public.orders~made_at", "orders~created") in found
    assert ("dwh.public.people~email", "people~email") in found


def test_fields_over_fields_are_followed_and_liquid_does_not_hide_the_rest(tmp_path: Path) -> None:
    view = """view: orders { sql_table_name: shop.orders ;;
      dimension: net { type: number sql: ${TABLE}.gross - ${TABLE}.tax ;; }
      measure: sum_net { type: sum sql: ${net} ;; }
      dimension: label { sql: {% if x %} ${TABLE}.name {% endif %} ;; }
      dimension: other { sql: ${elsewhere.name} ;; } }"""
    found = edges(written(tmp_path, m='connection: "my_connection"\ninclude: "o"', o=view))
    into = {down: {up for up, each in found if each == down} for _, down in found}
    assert into["orders~sum_net"] == {"dwh.shop.orders~gross", "dwh.shop.orders~tax"}
    assert into["orders~label"] == {"dwh.shop.orders~name"}
    assert "orders~other" not in into


def test_what_cannot_be_read_is_a_problem_and_stops_nothing() -> None:
    found = read(DATA, databases={})
    problems = {(p.code, p.subject) for p in found.problems}
    assert ("BAD_DOCUMENT", "nested/poison.dashboard.lkml") in problems
    assert {("UNMAPPED_DATABASE", "my_connection"), ("UNMAPPED_DATABASE", "my_other_connection")} <= problems
    assert len(found.datasets) == 14


@pytest.mark.parametrize(
    "body",
    [
        "view: a { extends: [a] } ", "view: a { extends: [b] } view: b { extends: [a] }", "view: a { sql_table_name: ${a.SQL_TABLE_NAME} ;; }",
        "view: a { dimension: x { sql: ${x} ;; } }", "explore: a {", "view: a { derived_table: { sql: ${b.SQL_TABLE_NAME} ;; } }", "}}}", "\x00",
        "view: a { derived_table: { explore_source: gone { column: x { field: y.z } } } }", 'include: "*"', "view: { }", "explore: a { join: b {} }",
    ],
)  # fmt: skip
def test_no_shape_of_lookml_ends_the_reading(tmp_path: Path, body: str) -> None:
    found = written(
        tmp_path, m=f'connection: "my_connection"\ninclude: "*"\n{body}', other='include: "m"\nview: z {}'
    )
    assert "z" in {dataset.name for dataset in found.datasets}
    edges(found)
