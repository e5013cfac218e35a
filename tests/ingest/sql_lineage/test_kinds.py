"""What happens to a value on its way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sql_lineage import Catalog, Conventions, analyse_script
from ingest.sql_lineage.jsonl import answer


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ("a", "IDENTITY"),
        ("(a)", "IDENTITY"),
        ("CAST(a AS int)", "CAST"),
        ("a::text", "CAST"),
        ("a + 1", "EXPRESSION"),
        ("COALESCE(a, 0)", "EXPRESSION+CONDITIONAL"),
        ("NULLIF(a, 0)", "EXPRESSION+CONDITIONAL"),
        ("NULLIF(0, a)", "CONDITIONAL"),
        ("SUM(a)", "AGGREGATE"),
        ("MAX(a)", "AGGREGATE+SELECTION"),
        ("UPPER(MAX(a))", "AGGREGATE+SELECTION"),
        ("SUM(LENGTH(a))", "AGGREGATE"),
        ("MD5(MAX(a))", "MASK"),
        ("STRING_AGG(a, ',' ORDER BY b)", "AGGREGATE+SELECTION"),
        ("MAX(a) FILTER (WHERE b > 0)", "AGGREGATE+SELECTION"),
        ("MODE() WITHIN GROUP (ORDER BY a)", "AGGREGATE+SELECTION"),
        ("CAST(SUM(a + 1) AS int)", "AGGREGATE"),
        ("MD5(a)", "MASK"),
        ("UPPER(SHA256(a::bytea)::text)", "MASK"),
        ("COUNT(DISTINCT MD5(a))", "MASK"),
        ("COUNT(a)", "MASK"),
        ("MD5(a) || a", "MASK+EXPRESSION"),
        ("GREATEST(MAX(a), a::int)", "AGGREGATE+SELECTION+EXPRESSION"),
        ("LAG(a) OVER (ORDER BY b)", "EXPRESSION"),
        ("REGEXP_REPLACE(a, '.', '*')", "MASK"),
        ("REGEXP_REPLACE(a, 'x', 'y')", "EXPRESSION"),
        ("LEFT(a, 2) || '***'", "MASK"),
        ("a || ' '", "EXPRESSION"),
        ("tokenise(a)", "MASK"),
        ("CASE WHEN a > 0 THEN 1 END", "CONDITIONAL"),
        ("CASE WHEN a > 0 THEN a END", "EXPRESSION+CONDITIONAL"),
        ("COUNT(*) FILTER (WHERE a)", "CONDITIONAL"),
        ("ROW_NUMBER() OVER (PARTITION BY a)", "WINDOW"),
        ("SUM(a) OVER (ORDER BY a)", "AGGREGATE+WINDOW"),
        ("PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY a)", "AGGREGATE"),
        ("STRING_AGG('x', ',' ORDER BY a)", "WINDOW"),
    ],
)
def test_an_item_has_the_kind_of_its_strongest_step(lineage, item, kind):
    assert lineage(f"SELECT {item} AS x FROM t").kinds["t.a > x"] == kind


def test_kinds_add_up_over_several_queries(lineage):
    seen = lineage(
        "WITH one AS (SELECT MD5(email) AS h, total FROM t), two AS (SELECT h, SUM(total) AS s FROM one GROUP BY h) "
        "SELECT UPPER(h) AS h, s::int AS s FROM two"
    )
    assert seen.kinds == {"t.email > h": "MASK", "t.total > s": "AGGREGATE"}
    assert seen.uses == {"t.email": "GROUP_BY"}


def test_clauses_are_dependencies_of_the_target(lineage):
    seen = lineage(
        "INSERT INTO o SELECT t.v FROM t JOIN u ON t.k = u.k WHERE t.f > 1 GROUP BY t.g HAVING MAX(t.h) > 0 ORDER BY t.s"
    )
    assert seen.uses == {
        "t.k": "JOIN",
        "u.k": "JOIN",
        "t.f": "FILTER",
        "t.g": "GROUP_BY",
        "t.h": "FILTER",
        "t.s": "SORT",
    }
    assert seen.columns == {"t.v > o.v"}


def test_positions_in_order_by_and_group_by_stand_for_items(lineage):
    seen = lineage("SELECT a, SUM(b) AS s FROM t GROUP BY 1 ORDER BY s, 1")
    assert seen.uses == {"t.a": "GROUP_BY+SORT", "t.b": "SORT"}


def test_a_named_window_steers_the_columns_that_use_it(lineage):
    seen = lineage("SELECT SUM(a) OVER w AS s FROM t WINDOW w AS (PARTITION BY p ORDER BY o)")
    assert seen.kinds == {"t.a > s": "AGGREGATE", "t.p > s": "WINDOW", "t.o > s": "WINDOW"}


def test_steering_columns_can_be_kept_out_of_the_column_edges(lineage):
    sql = "SELECT CASE WHEN c THEN v END AS x, ROW_NUMBER() OVER (ORDER BY o) AS n FROM t"
    seen = lineage(sql, settings=Conventions(steering_edges=False))
    assert seen.kinds == {"t.v > x": "EXPRESSION"}
    assert seen.uses == {"t.c": "CONDITIONAL", "t.o": "WINDOW"}


@pytest.mark.parametrize(
    ("call", "dialect"),
    [
        ("HASHBYTES('SHA2_256', a)", "tsql"),
        ("ORA_HASH(a)", "oracle"),
        ("STANDARD_HASH(a, 'SHA256')", "oracle"),
        ("DBMS_CRYPTO.HASH(a, 2)", "oracle"),
        ("AES_ENCRYPT(a, 'key')", "mysql"),
        ("SHA1_HEX(a)", "snowflake"),
        ("TO_HEX(SHA256(a))", "bigquery"),
        ("FARM_FINGERPRINT(a)", "bigquery"),
        ("DETERMINISTIC_ENCRYPT(k, a, 'x')", "bigquery"),
        ("FUNC_SHA1(a)", "redshift"),
        ("crypt(a, gen_salt('bf'))", "postgres"),
        ("xxhash64(a)", "spark"),
        ("mask_first_n(a, 4)", "hive"),
        ("mask(a)", "databricks"),
        ("md5_number(a)", "duckdb"),
        ("to_hex(sha512(to_utf8(a)))", "trino"),
        ("sipHash64(a)", "clickhouse"),
        ("halfMD5(a)", "clickhouse"),
        ("HASHROW(a)", "teradata"),
    ],
)
def test_hashing_and_encrypting_functions_mask_in_every_dialect(lineage, call, dialect):
    assert lineage(f"SELECT {call} AS x FROM t", dialect).kinds["t.a > x"] == "MASK"


def test_a_value_that_also_arrives_in_clear_is_not_called_masked_alone(lineage):
    seen = lineage("SELECT MD5(email) AS e FROM t UNION ALL SELECT email FROM t")
    assert seen.kinds == {"t.email > e": "MASK+IDENTITY"}


# What wraps a value: how strong that is, whether it masks, whether it also steers.
WRAPS = {
    "({})": (0, False, False),
    "CAST({} AS text)": (1, False, False),
    "UPPER({})": (2, False, False),
    "{} || 'x'": (2, False, False),
    "CASE WHEN k THEN {} END": (2, False, False),
    "COALESCE({}, 'x')": (2, False, True),
    "NULLIF({}, 'x')": (2, False, True),
    "MAX({})": (3, False, False),
    "STRING_AGG({}, ',')": (3, False, False),
    "COUNT({})": (4, True, False),
    "MD5({})": (2, True, False),
    "LEFT({}, 2) || '***'": (2, True, False),
}
STRENGTH = ["IDENTITY", "CAST", "EXPRESSION", "AGGREGATE+SELECTION", "AGGREGATE"]


@given(
    wraps=st.lists(st.sampled_from(sorted(WRAPS)), max_size=5),
    form=st.sampled_from(["inline", "nested", "ctes"]),
)
def test_steps_add_up_alike_in_one_expression_and_over_several_queries(wraps, form):
    expression, query = "a", "SELECT k, a AS x FROM t"
    steps = ["q0 AS (SELECT k, a AS x FROM t)"]
    for i, wrap in enumerate(wraps):
        expression = wrap.format(expression)
        query = f"SELECT k, {wrap.format('x')} AS x FROM ({query}) q{i}"
        steps.append(f"q{i + 1} AS (SELECT k, {wrap.format('x')} AS x FROM q{i})")
    sql = {
        "inline": f"SELECT {expression} AS x FROM t",
        "nested": query,
        "ctes": f"WITH {', '.join(steps)} SELECT x FROM q{len(wraps)}",
    }[form]

    strength = max((WRAPS[w][0] for w in wraps), default=0)
    masked, steers = (any(WRAPS[w][i] for w in wraps) for i in (1, 2))
    expected = ("MASK" if masked else STRENGTH[strength]) + ("+CONDITIONAL" if steers else "")
    found = answer({"sql": sql, "dialect": "postgres", "schemas": {"t": ["k", "a"]}})
    (statement,) = analyse_script(
        sql, dialect="postgres", catalog=Catalog({("t",): ["k", "a"]}, dialect="postgres")
    ).statements
    assert {"+".join(k) for up, down, k in statement.columns if (up.column, down.column) == ("a", "x")} == {
        expected
    }
    assert (["t.a", "<output>.x"] in found["masked"]) == masked
    if strength >= 3:
        assert "AGGREGATION" in next(
            k for up, down, k in found["kinds"] if (up, down) == ("t.a", "<output>.x")
        )


def test_the_line_protocol_speaks_the_words_of_openlineage():
    sql = (
        "INSERT INTO o (i, t, a, m, c, w) SELECT s.a, s.b::int, SUM(s.c), MD5(s.d), COALESCE(s.e, 'x'), "
        "RANK() OVER (ORDER BY s.f) FROM s JOIN r ON r.k = s.k WHERE s.g > 1 GROUP BY s.h ORDER BY s.i"
    )
    found = answer({"sql": sql, "dialect": "postgres"})
    assert {(up, down): kinds for up, down, kinds in found["kinds"]} == {
        ("s.a", "o.i"): ["IDENTITY"],
        ("s.b", "o.t"): ["TRANSFORMATION"],
        ("s.c", "o.a"): ["AGGREGATION"],
        ("s.d", "o.m"): ["TRANSFORMATION"],
        ("s.e", "o.c"): ["TRANSFORMATION", "CONDITIONAL"],
        ("s.f", "o.w"): ["WINDOW"],
    }
    assert found["masked"] == [["s.d", "o.m"]]
    assert dict(found["dataset_dependencies"]) == {
        "r.k": ["JOIN"],
        "s.k": ["JOIN"],
        "s.g": ["FILTER"],
        "s.h": ["GROUP_BY"],
        "s.i": ["SORT"],
    }
