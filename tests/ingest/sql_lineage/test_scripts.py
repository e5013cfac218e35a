"""Several statements: order, scope, temporary tables, routines."""

from __future__ import annotations

import pytest

from ingest.sql_lineage import Conventions, ReasonCode


@pytest.mark.parametrize(
    "make",
    [
        ("CREATE TEMPORARY TABLE step AS SELECT a, b + 1 AS c FROM src;", "postgres", "step"),
        ("SELECT a, b + 1 AS c INTO #step FROM src;", "tsql", "#step"),
        ("CREATE TABLE step AS SELECT a, b + 1 AS c FROM src;", "postgres", "step"),
    ],
    ids=["declared", "by name", "dropped later"],
)
def test_a_temporary_table_is_replaced_by_what_feeds_it(lineage, make):
    sql, dialect, name = make
    seen = lineage(f"{sql} INSERT INTO final (x) SELECT c FROM {name}; DROP TABLE {name}", dialect)
    assert seen.columns == {"src.b > final.x"}
    assert seen.kinds == {"src.b > x": "EXPRESSION"}
    assert seen.tables == {"src > final"}


def test_a_temporary_table_collects_every_insert(lineage):
    seen = lineage(
        "CREATE TEMP TABLE step (v int); INSERT INTO step SELECT a FROM one; INSERT INTO step SELECT b FROM two; "
        "INSERT INTO final SELECT v FROM step"
    )
    assert seen.columns == {"one.a > final.v", "two.b > final.v"}


def test_a_temporary_table_that_nobody_reads_stays_visible(lineage):
    assert lineage("CREATE TEMP TABLE step AS SELECT a FROM src").tables == {"src > step"}


def test_temporary_tables_can_be_kept(lineage):
    sql = "CREATE TEMP TABLE step AS SELECT a FROM src; INSERT INTO final SELECT a FROM step"
    seen = lineage(sql, settings=Conventions(collapse_temporary=False))
    assert seen.tables == {"src > step", "step > final"}


def test_a_table_variable_is_temporary(lineage):
    seen = lineage(
        "DECLARE @t TABLE (k int, v int)\nINSERT INTO @t SELECT a, b FROM src\n"
        "UPDATE d SET d.v = t.v FROM dim d JOIN @t t ON t.k = d.k",
        "tsql",
    )
    assert seen.columns == {"src.b > dim.v"}


def test_a_created_table_lends_its_columns_to_later_stars(lineage):
    seen = lineage("CREATE TABLE mid AS SELECT a, b AS c FROM src; CREATE VIEW last AS SELECT * FROM mid")
    assert seen.columns == {"src.a > mid.a", "src.b > mid.c", "mid.a > last.a", "mid.c > last.c"}


@pytest.mark.parametrize(
    ("sql", "dialect", "table"),
    [
        ("USE shop; SELECT a FROM t", "mysql", "shop.t"),
        ("USE shop.sales; SELECT a FROM t", "snowflake", "shop.sales.t"),
        ("USE DATABASE shop; SELECT a FROM sales.t", "snowflake", "shop.sales.t"),
        ("USE SCHEMA sales; SELECT a FROM t", "snowflake", "sales.t"),
        ("USE shop\nSELECT a FROM dbo.t", "tsql", "shop.dbo.t"),
        ("SET search_path TO sales, public; SELECT a FROM t", "postgres", "sales.t"),
        ("ALTER SESSION SET CURRENT_SCHEMA = sales; SELECT a FROM t", "oracle", "sales.t"),
        ("USE default; SELECT a FROM t", "hive", "t"),
    ],
)
def test_the_current_scope_completes_names(lineage, sql, dialect, table):
    assert lineage(sql, dialect).tables == {f"{table} > <output>"}


def test_defaults_complete_names_and_find_schemas(lineage):
    seen = lineage(
        "SELECT * FROM t", "snowflake", {"shop.sales.t": ["a"]}, default_db="SHOP", default_schema="SALES"
    )
    assert seen.columns == {"shop.sales.t.a > <output>.a"}


def test_statements_without_semicolons_are_told_apart(lineage):
    seen = lineage(
        "INSERT INTO a SELECT x FROM b\nUPDATE c SET y = 1\nDELETE FROM d\nINSERT e (z) SELECT w FROM f",
        "tsql",
    )
    assert seen.tables == {"b > a", "- > c", "- > d", "f > e"}


TSQL = """
CREATE OR ALTER PROCEDURE load_all @day date AS
BEGIN
  SET NOCOUNT ON
  BEGIN TRY
    BEGIN TRANSACTION
    IF EXISTS (SELECT 1 FROM control WHERE day = @day)
      DELETE FROM target WHERE day = @day
    ELSE
    BEGIN
      INSERT INTO target (v, day) SELECT s.v, @day FROM source s
    END
    MERGE INTO dim AS d USING stage AS s ON d.k = s.k
      WHEN MATCHED THEN UPDATE SET d.n = s.n
      WHEN NOT MATCHED THEN INSERT (k, n) VALUES (s.k, s.n);
    COMMIT
  END TRY
  BEGIN CATCH
    INSERT INTO problems (text) SELECT message FROM failures
  END CATCH
END
"""
PLPGSQL = """
CREATE OR REPLACE FUNCTION load_all(p_day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_count int;
BEGIN
  SELECT count(*) INTO v_count FROM control;
  IF v_count > 0 THEN
    INSERT INTO target (v, day) SELECT s.v, p_day FROM source s;
  END IF;
  FOR r IN SELECT k, n FROM stage LOOP
    UPDATE dim SET n = r.n WHERE k = r.k;
  END LOOP;
EXCEPTION WHEN OTHERS THEN
  INSERT INTO problems (text) SELECT message FROM failures;
END;
$$;
"""
ORACLE = """
CREATE OR REPLACE PROCEDURE load_all (p_day IN DATE) IS
  v_count NUMBER := 0;
  CURSOR c IS SELECT k, n FROM stage;
BEGIN
  INSERT INTO target (v, day) SELECT s.v, p_day FROM source s;
  FOR r IN c LOOP
    UPDATE dim SET n = r.n WHERE k = r.k;
  END LOOP;
EXCEPTION
  WHEN OTHERS THEN
    INSERT INTO problems (text) SELECT message FROM failures;
END load_all;
/
"""
BIGQUERY = """
CREATE OR REPLACE PROCEDURE d.load_all(p_day DATE)
BEGIN
  DECLARE total INT64 DEFAULT 0;
  IF total = 0 THEN
    INSERT INTO target (v, day) SELECT s.v, p_day FROM source s;
  END IF;
  FOR r IN (SELECT k, n FROM stage) DO
    UPDATE dim SET n = r.n WHERE k = r.k;
  END FOR;
EXCEPTION WHEN ERROR THEN
  INSERT INTO problems (text) SELECT message FROM failures;
END;
"""


@pytest.mark.parametrize(
    ("body", "dialect"), [(TSQL, "tsql"), (PLPGSQL, "postgres"), (ORACLE, "oracle"), (BIGQUERY, "bigquery")]
)
def test_the_statements_inside_a_routine_are_read(lineage, body, dialect):
    columns = lineage(body, dialect).columns
    assert {"source.v > target.v", "stage.n > dim.n", "failures.message > problems.text"} <= columns
    assert not any("p_day" in column or "v_count" in column for column in columns)


def test_a_variable_carries_what_was_selected_into_it(lineage):
    seen = lineage(
        "DECLARE @m int\nSELECT @m = MAX(id) FROM src\nINSERT INTO log (top) VALUES (@m)",
        "tsql",
    )
    assert seen.kinds["src.id > top"] == "AGGREGATE+SELECTION"


def test_a_statement_inside_a_string_is_read(lineage):
    seen = lineage("EXECUTE IMMEDIATE 'INSERT INTO t (a) SELECT b FROM s'", "snowflake")
    assert seen.columns == {"s.b > t.a"}


def test_a_statement_that_cannot_be_read_does_not_stop_the_others(lineage):
    seen = lineage("SELECT FROM WHERE )(; INSERT INTO t (a) SELECT b FROM s")
    assert "s.b > t.a" in seen.columns
    assert ReasonCode.PARSE_ERROR in seen.reasons


def test_reasons_hold_no_value_of_the_sql(lineage):
    seen = lineage("SELECT 'hunter2' FROM; INSERT INTO t VALUES ('hunter2' 'x'; CREATE nonsense 'hunter2'")
    assert "hunter2" not in repr(seen.script)
    assert seen.reasons


def test_lines_count_through_the_body_of_a_routine(lineage):
    seen = lineage(
        "SELECT 1;\nCREATE FUNCTION f() RETURNS void AS $$\nBEGIN\n  INSERT INTO t SELECT a FROM x, y;\nEND $$"
    )
    statement = next(s for s in seen.script.statements if s.target == ("t",))
    assert statement.line == 4
    assert [r.line for r in statement.reasons if r.code is ReasonCode.AMBIGUOUS_COLUMN] == [4]


def test_a_batch_is_cut_only_where_a_statement_begins(lineage):
    seen = lineage(
        """
        CREATE TABLE #step (k int, v int)
        INSERT #step WITH (TABLOCK) (k, v)
        SELECT CASE WHEN a = 1 THEN b ELSE c END, d FROM src WITH (NOLOCK)
        UNION ALL
        SELECT 1, 2
        ;WITH twice AS (SELECT k, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v) AS n FROM dim)
        DELETE FROM twice WHERE n > 1
        WITH ready AS (SELECT k, v FROM #step)
        INSERT INTO final (k, v) SELECT k, v FROM ready
        UPDATE STATISTICS final
        MERGE INTO dim AS d USING (VALUES (1, 'a')) AS s (k, n) ON d.k = s.k
          WHEN NOT MATCHED THEN INSERT (k, n) VALUES (s.k, s.n)
        ;
        """,
        "tsql",
    )
    assert seen.columns == {"src.a > final.k", "src.b > final.k", "src.c > final.k", "src.d > final.v"}
    assert "- > dim" in seen.tables
    assert not seen.reasons


def test_a_trigger_reads_the_row_of_its_table(lineage):
    seen = lineage(
        "CREATE TRIGGER tr AFTER INSERT ON orders FOR EACH ROW BEGIN INSERT INTO log (id) VALUES (NEW.id); END",
        "mysql",
    )
    assert seen.columns == {"orders.id > log.id"}


def test_client_delimiters_end_statements(lineage):
    seen = lineage(
        "DELIMITER //\nCREATE PROCEDURE p(IN day INT)\nBEGIN\n  INSERT INTO a (x) SELECT y FROM b WHERE d = day;\nEND//\n"
        "CREATE PROCEDURE q() BEGIN INSERT INTO c (x) SELECT z FROM d; END //\nDELIMITER ;\nINSERT INTO e (x) SELECT w FROM f;",
        "mysql",
    )
    assert seen.columns == {"b.y > a.x", "d.z > c.x", "f.w > e.x"}
    assert set(seen.uses) == {"b.d"}


@pytest.mark.parametrize(
    ("written", "known", "found"),
    [
        ("t", "public.t", True),
        ("t", "shop.sales.t", True),
        ("sales.t", "shop.sales.t", True),
        ("other.t", "shop.sales.t", False),
        ("shop.sales.t", "sales.t", True),
    ],
)
def test_a_short_name_finds_the_schema_it_can_only_mean(lineage, written, known, found):
    seen = lineage(f"SELECT * FROM {written}", schemas={known: ["a"]})
    assert bool(seen.columns) is found


def test_a_name_in_two_schemas_means_the_default_one_or_none(lineage):
    schemas = {"public.t": ["a"], "sales.t": ["b"], "sales.u": ["c"], "stock.u": ["d"]}
    assert lineage("SELECT * FROM t", schemas=schemas).columns == {"t.a > <output>.a"}
    assert not lineage("SELECT * FROM u", schemas=schemas).columns


def test_a_table_made_like_another_has_its_columns_and_none_of_its_rows(lineage):
    seen = lineage(
        "CREATE TEMP TABLE x (LIKE t); INSERT INTO x SELECT k, v FROM s; DELETE FROM t USING x WHERE t.k = x.k; "
        "INSERT INTO t SELECT * FROM x",
        "redshift",
        {"s": ["k", "v"], "t": ["k", "v"]},
    )
    assert seen.columns == {"s.k > t.k", "s.v > t.v"}
    assert seen.tables == {"s > t"}


def test_a_statement_that_cannot_be_read_lowers_the_confidence_of_its_script(lineage):
    assert lineage("SELECT a FROM t").script.confidence == 1
    assert lineage("SELECT a FROM t; CALL p(1)").script.confidence < 1


def test_a_function_of_one_expression_needs_no_reason(lineage):
    seen = lineage("CREATE TEMP FUNCTION f(x STRING) AS (UPPER(x)); SELECT f(a) AS b FROM d.t", "bigquery")
    assert seen.columns == {"d.t.a > <output>.b"}
    assert not seen.reasons
