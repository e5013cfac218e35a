"""What a SELECT's columns come from: sources, sub-queries, CTEs, set operations, stars."""

from __future__ import annotations

import pytest

from ingest.sql_lineage import ReasonCode

PEOPLE = {"people": ["id", "name", "city_id"], "cities": ["id", "title"]}


def test_a_column_is_found_through_aliases_and_nested_queries(lineage):
    seen = lineage("SELECT q.n AS who FROM (SELECT p.name AS n FROM people p) q")
    assert seen.columns == {"people.name > <output>.who"}
    assert seen.tables == {"people > <output>"}


def test_an_unqualified_column_belongs_to_the_source_whose_schema_has_it(lineage):
    seen = lineage("SELECT name, title FROM people p JOIN cities c ON c.id = p.city_id", schemas=PEOPLE)
    assert seen.columns == {"people.name > <output>.name", "cities.title > <output>.title"}
    assert seen.uses == {"people.city_id": "JOIN", "cities.id": "JOIN"}
    assert not seen.reasons


def test_a_column_that_two_tables_may_own_gives_candidates_and_no_edge(lineage):
    seen = lineage("SELECT amount FROM orders, payments")
    (statement,) = seen.script.statements
    assert not statement.columns
    assert statement.candidates[0].column == "amount"
    assert set(statement.candidates[0].tables) == {("orders",), ("payments",)}
    assert statement.confidence < 1
    (reason,) = statement.reasons
    assert (reason.code, reason.line) == (ReasonCode.AMBIGUOUS_COLUMN, 1)


def test_a_column_merged_by_using_comes_from_both_sides(lineage):
    seen = lineage("SELECT k, a FROM l JOIN r USING (k)", schemas={"l": ["k", "a"], "r": ["k", "b"]})
    assert seen.columns == {"l.k > <output>.k", "r.k > <output>.k", "l.a > <output>.a"}


def test_the_right_side_of_a_semi_join_is_no_source_of_columns(lineage):
    seen = lineage("SELECT a FROM l LEFT SEMI JOIN r ON l.k = r.k", "spark")
    assert seen.columns == {"l.a > <output>.a"}
    assert seen.tables == {"l > <output>", "r > <output>"}


@pytest.mark.parametrize(
    ("item", "columns"),
    [
        ("*", {"id", "name", "city_id"}),
        ("* EXCEPT (name)", {"id", "city_id"}),
        ("p.*", {"id", "name", "city_id"}),
    ],
)
def test_a_star_becomes_the_known_columns(lineage, item, columns):
    seen = lineage(f"SELECT {item} FROM people AS p", "bigquery", PEOPLE)
    assert seen.columns == {f"people.{c} > <output>.{c}" for c in columns}


def test_star_replace_and_rename_change_only_the_named_columns(lineage):
    replaced = lineage("SELECT * REPLACE (UPPER(name) AS name) FROM people", "bigquery", PEOPLE)
    assert replaced.kinds["people.name > name"] == "EXPRESSION"
    assert replaced.kinds["people.id > id"] == "IDENTITY"
    renamed = lineage("SELECT * RENAME (name AS label) FROM people", "snowflake", PEOPLE)
    assert "people.name > <output>.label" in renamed.columns


def test_a_star_without_schema_says_so_and_still_names_the_table(lineage):
    seen = lineage("INSERT INTO copy SELECT * FROM secret_source")
    assert seen.tables == {"secret_source > copy"}
    assert not seen.columns
    assert ReasonCode.STAR_WITHOUT_SCHEMA in seen.reasons
    assert seen.script.statements[0].stars == [(("secret_source",), ("copy",))]


def test_a_cte_sees_those_before_it_and_its_own_name_is_the_table(lineage):
    seen = lineage(
        "WITH t AS (SELECT * FROM t), u AS (SELECT a FROM t) SELECT a FROM u", schemas={"t": ["a", "b"]}
    )
    assert seen.columns == {"t.a > <output>.a"}
    assert seen.tables == {"t > <output>"}


def test_a_cte_that_nobody_reads_is_no_upstream(lineage):
    assert lineage("WITH x AS (SELECT a FROM unused) SELECT b FROM used").tables == {"used > <output>"}


def test_a_recursive_cte_carries_its_anchor_through_every_round(lineage):
    seen = lineage(
        "WITH RECURSIVE r(a, b) AS (SELECT x, y FROM base UNION ALL SELECT r.b, r.a + e.w FROM r JOIN edge e ON e.s = r.a) "
        "SELECT a FROM r"
    )
    assert seen.columns == {"base.x > <output>.a", "base.y > <output>.a", "edge.w > <output>.a"}


def test_set_operations_join_columns_by_position(lineage):
    seen = lineage("SELECT a AS k FROM one UNION ALL SELECT b FROM two UNION SELECT c FROM three")
    assert seen.columns == {"one.a > <output>.k", "two.b > <output>.k", "three.c > <output>.k"}


def test_the_right_side_of_except_steers_but_gives_no_value(lineage):
    seen = lineage("SELECT a FROM one EXCEPT SELECT b FROM two")
    assert seen.kinds == {"one.a > a": "IDENTITY", "two.b > a": "CONDITIONAL"}


def test_a_correlated_query_finds_the_columns_around_it(lineage):
    seen = lineage(
        "SELECT o.id, (SELECT MAX(i.price) FROM items i WHERE i.order_id = o.id) AS top FROM orders o",
    )
    assert seen.columns == {"orders.id > <output>.id", "items.price > <output>.top"}
    assert seen.uses == {"items.order_id": "FILTER", "orders.id": "FILTER"}


def test_in_and_exists_read_tables_without_feeding_columns(lineage):
    seen = lineage(
        "SELECT a FROM t WHERE a IN (SELECT b FROM u) AND EXISTS (SELECT * FROM v WHERE v.k = t.k)",
        schemas={"t": ["a", "k"], "u": ["b"], "v": ["k", "z"]},
    )
    assert seen.columns == {"t.a > <output>.a"}
    assert seen.tables == {"t > <output>", "u > <output>", "v > <output>"}
    assert "v.z" not in seen.uses


def test_lateral_queries_and_unnested_arrays_keep_their_origin(lineage):
    seen = lineage("SELECT l.d FROM t CROSS JOIN LATERAL (SELECT t.a * 2 AS d) l")
    assert seen.columns == {"t.a > <output>.d"}
    seen = lineage("SELECT item, t.id FROM t, UNNEST(t.items) AS item", "bigquery")
    assert seen.columns == {"t.items > <output>.item", "t.id > <output>.id"}
    seen = lineage("SELECT f.value:name::string AS n FROM t, LATERAL FLATTEN(input => t.doc) f", "snowflake")
    assert seen.columns == {"t.doc > <output>.n"}
    seen = lineage("SELECT k, v FROM t LATERAL VIEW EXPLODE(t.attrs) x AS k, v", "hive")
    assert seen.columns == {"t.attrs > <output>.k", "t.attrs > <output>.v"}


def test_tables_in_parentheses_keep_their_names(lineage):
    seen = lineage("SELECT a.x, b.y FROM ((a JOIN b ON a.k = b.k) JOIN c ON c.k = a.k)")
    assert seen.columns == {"a.x > <output>.x", "b.y > <output>.y"}
    assert seen.tables == {"a > <output>", "b > <output>", "c > <output>"}


def test_pivot_and_unpivot_turn_columns(lineage):
    sales = {"sales": ["region", "month", "amount"], "wide": ["id", "q1", "q2"]}
    seen = lineage("SELECT * FROM sales PIVOT (SUM(amount) FOR month IN ('jan', 'feb'))", "snowflake", sales)
    assert "sales.region > <output>.region" in seen.columns
    assert {up for up, _, down in (c.partition(" > ") for c in seen.columns) if "region" not in down} == {
        "sales.amount",
        "sales.month",
    }
    seen = lineage("SELECT id, v FROM wide UNPIVOT (v FOR q IN (q1, q2))", "snowflake", sales)
    assert seen.columns == {"wide.id > <output>.id", "wide.q1 > <output>.v", "wide.q2 > <output>.v"}


def test_a_struct_field_is_named_by_its_path(lineage):
    seen = lineage("SELECT doc.address.city FROM people", "bigquery", {"people": ["doc"]})
    assert seen.columns == {"people.doc.address.city > <output>.city"}


def test_an_alias_of_the_same_select_is_used_where_no_column_has_the_name(lineage):
    seen = lineage(
        "SELECT a || b AS ab, ab || c AS abc FROM t",
        "snowflake",
        {"t": ["a", "b", "c"]},
    )
    assert seen.columns >= {"t.a > <output>.abc", "t.b > <output>.abc", "t.c > <output>.abc"}


def test_a_column_wins_over_an_alias_that_redefines_it(lineage):
    seen = lineage("SELECT TRIM(name) AS name, name AS raw FROM t", "snowflake")
    assert seen.kinds == {"t.name > name": "EXPRESSION", "t.name > raw": "IDENTITY"}


def test_an_output_without_a_name_shows_no_value_of_the_query(lineage):
    seen = lineage("SELECT a || 'very secret' FROM t", "mysql")
    assert seen.columns == {"t.a > <output>._col_0"}


def test_quoted_names_keep_their_case_where_the_platform_does(lineage):
    seen = lineage('SELECT "Name" FROM "People"', "postgres")
    assert seen.columns == {"People.Name > <output>.Name"}
    assert lineage('SELECT "Name" FROM "People"', "snowflake").columns == {"people.name > <output>.name"}


def test_names_that_every_query_may_use_are_no_columns(lineage):
    seen = lineage("SELECT k, grouping__id AS g FROM t GROUP BY k WITH ROLLUP", "hive", {"t": ["k"]})
    assert seen.columns == {"t.k > <output>.k"}
    assert not seen.reasons


def test_a_script_in_the_query_mixes_all_its_inputs(lineage):
    seen = lineage("SELECT TRANSFORM(a, b) USING 'cat' AS (x, y) FROM t", "hive")
    assert seen.columns == {f"t.{up} > <output>.{down}" for up in "ab" for down in "xy"}
