"""What one dialect writes and others do not, each named by what went missing or wrong without it."""

from __future__ import annotations

import pytest

from ingest.sql_lineage import ReasonCode

TARGETS = [
    ("T-SQL adds with +=", "tsql", "UPDATE t SET t.b += s.y FROM tgt t JOIN src s ON s.k = t.k", {"src.y > tgt.b", "tgt.b > tgt.b"}),
    ("T-SQL takes the first rows", "tsql", "UPDATE TOP (10) t SET a = s.x FROM tgt t JOIN src s ON s.k = t.k", {"src.x > tgt.a"}),
    ("T-SQL changes a CTE", "tsql", "WITH d AS (SELECT t.val v, s.n FROM t JOIN s ON s.k = t.k) UPDATE d SET v = n", {"s.n > t.val"}),
    ("T-SQL keeps deleted rows", "tsql", "DELETE FROM live OUTPUT deleted.id INTO gone (id) WHERE d < 1", {"live.id > gone.id"}),
    ("T-SQL logs what it changes under an alias", "tsql", "UPDATE t SET t.a = s.x OUTPUT inserted.a INTO log (v) FROM tgt AS t JOIN src s ON s.k = t.k", {"src.x > tgt.a", "tgt.a > log.v"}),
    ("Oracle changes a view in place", "oracle", "UPDATE (SELECT t.a, s.b FROM t JOIN s ON s.k = t.k) v SET a = b", {"s.b > t.a"}),
    ("Oracle deletes in a MERGE", "oracle", "MERGE INTO t USING s ON (t.k = s.k) WHEN MATCHED THEN UPDATE SET t.a = s.a DELETE WHERE t.d = 1 WHEN NOT MATCHED THEN INSERT (k, a) VALUES (s.k, s.a)", {"s.a > t.a", "s.k > t.k"}),
    ("Databricks evolves the schema in a MERGE", "databricks", "MERGE WITH SCHEMA EVOLUTION INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET a = s.a", {"s.a > t.a"}),
    ("DuckDB merges by name", "duckdb", "MERGE INTO t USING (SELECT a FROM s) q USING (a) WHEN MATCHED THEN UPDATE WHEN NOT MATCHED THEN INSERT BY NAME", {"s.a > t.a"}),
    ("BigQuery sets a field of a struct", "bigquery", "UPDATE d.t SET b.c = s.y FROM d.s s WHERE t.k = s.k", {"d.s.y > d.t.b"}),
    ("a default is no column", "postgres", "UPDATE t SET a = s.x, b = DEFAULT FROM s", {"s.x > t.a"}),
    ("MySQL names the new row", "mysql", "INSERT INTO t (a, b) VALUES (1, (SELECT m FROM s)) AS n ON DUPLICATE KEY UPDATE c = n.b", {"s.m > t.b", "s.m > t.c"}),
    ("MySQL's definitions add to the query's columns", "mysql", "CREATE TABLE b (id int PRIMARY KEY) SELECT x AS id, y FROM a", {"a.x > b.id", "a.y > b.y"}),
    ("Spark inserts a table", "spark", "CREATE TABLE s (a int); INSERT INTO TABLE t TABLE s", {"s.a > t.a"}),
    ("Hive lists columns behind the partition", "hive", "INSERT INTO TABLE t PARTITION (y = 1, m) (a, b) SELECT p, q, r FROM s", {"s.p > t.a", "s.q > t.b", "s.r > t.m"}),
    ("Spark writes a folder in a format", "spark", "INSERT OVERWRITE DIRECTORY '/x' USING parquet OPTIONS (a 'b') SELECT a FROM t", {"t.a > /x.a"}),
    ("MySQL writes a file", "mysql", "SELECT a INTO OUTFILE '/x' FROM t", {"t.a > /x.a"}),
    ("ClickHouse inserts into a function", "clickhouse", "INSERT INTO FUNCTION s3('https://x/y', 'CSV') SELECT a FROM t", {"t.a > https://x/y.a"}),
    ("Postgres overrides identities", "postgres", "INSERT INTO t (a) OVERRIDING SYSTEM VALUE SELECT b FROM s", {"s.b > t.a"}),
    ("Postgres fills a view later", "postgres", "CREATE MATERIALIZED VIEW v (p) AS SELECT a FROM t WITH NO DATA", {"t.a > v.p"}),
    ("ClickHouse mutates", "clickhouse", "ALTER TABLE t UPDATE a = b + 1 WHERE c", {"t.b > t.a"}),
    ("Databricks computes a name from literals", "databricks", "INSERT INTO IDENTIFIER('c.s.t') SELECT a FROM IDENTIFIER('s.' || 'x')", {"s.x.a > c.s.t.a"}),
    ("Teradata shortens its verbs", "teradata", "INS INTO t (a) SEL b FROM s", {"s.b > t.a"}),
    ("Teradata formats and names", "teradata", "INSERT INTO t (a, b) SELECT x (FORMAT 'YYYY'), y (NAMED z) FROM s", {"s.x > t.a", "s.y > t.b"}),
]  # fmt: skip
QUERIES = [
    ("ClickHouse reads the final rows", "clickhouse", "SELECT a FROM t FINAL PREWHERE z > 1", {"t.a > a"}),
    ("ClickHouse names values in WITH", "clickhouse", "WITH 5 AS x, (SELECT MAX(a) FROM m) AS y SELECT b + x AS bx, c + y AS cy FROM t", {"t.b > bx", "t.c > cy", "m.a > cy"}),
    ("Databricks streams a table", "databricks", "SELECT a FROM STREAM(raw.t)", {"raw.t.a > a"}),
    ("DuckDB chooses columns by a pattern", "duckdb", "CREATE TABLE t (aa int, ab int, c int); SELECT COLUMNS('a.') FROM t", {"t.aa > aa", "t.ab > ab"}),
    ("DuckDB computes each column", "duckdb", "CREATE TABLE t (a int, b int); SELECT min(COLUMNS(* EXCLUDE (b))) FROM t", {"t.a > a"}),
    ("DuckDB turns a table by statement", "duckdb", "UNPIVOT (SELECT k, jan, feb FROM m) ON jan, feb INTO NAME month VALUE sales", {"m.k > k", "m.jan > sales", "m.feb > sales"}),
    ("Snowflake filters a star", "snowflake", "CREATE TABLE t (ab int, c int); SELECT * ILIKE '%B' FROM t", {"t.ab > ab"}),
    ("a pattern's measures come from its rows", "trino", "SELECT p, m FROM t MATCH_RECOGNIZE (PARTITION BY p ORDER BY o MEASURES LAST(u.v) AS m PATTERN (s u+) DEFINE u AS u.v > 1)", {"t.p > p", "t.v > m"}),
    ("Oracle's rows have numbers that no table has", "oracle", "SELECT a, LEVEL, ROWNUM rn FROM t CONNECT BY PRIOR id = pid", {"t.a > a"}),
    ("a collection's values have a name of their own", "oracle", "SELECT COLUMN_VALUE FROM t, TABLE(t.items)", {"t.items > column_value"}),
    ("JSON_TABLE lists its columns", "mysql", "SELECT j.* FROM t, JSON_TABLE(t.doc, '$[*]' COLUMNS (id INT PATH '$.i', nm VARCHAR(9) PATH '$.n')) AS j", {"t.doc > id", "t.doc > nm"}),
    ("a model hands on the rows it rates", "bigquery", "SELECT * FROM ML.PREDICT(MODEL d.m, (SELECT a, b FROM d.t))", {"d.t.a > a", "d.t.b > b"}),
    ("a field of a whole row", "postgres", "SELECT (t).a AS x, (t.comp).field AS y FROM t", {"t.a > x", "t.comp.field > y"}),
    ("Spark's compiler records the column of a struct", "spark", "SELECT t.s.x AS z FROM t", {"t.s > z"}),
    ("Snowflake's streams tell what happened", "snowflake", "SELECT a FROM st WHERE METADATA$ACTION = 'INSERT'", {"st.a > a"}),
    ("files are read by functions", "tsql", "SELECT BulkColumn AS doc FROM OPENROWSET(BULK 'c:/x.json', SINGLE_CLOB) j", {"c:/x.json.bulkcolumn > doc"}),
    ("a template before a table's name", "snowflake", "SELECT a FROM ${env}.t WHERE d = '{{ ds }}'", {"t.a > a"}),
    ("a reference of dbt", "bigquery", "SELECT a FROM {{ ref('orders') }} JOIN {{ source('raw', 'x') }} x ON x.k = orders.k", set()),
]  # fmt: skip
MOVES = [
    ("tsql", "ALTER TABLE stage SWITCH PARTITION 3 TO fact PARTITION 3", {"stage > fact"}),
    ("tsql", "EXEC sp_rename 'dbo.old', 'new'", {"dbo.old > dbo.new"}),
    ("redshift", "ALTER TABLE t APPEND FROM s", {"s > t"}),
    ("clickhouse", "EXCHANGE TABLES a AND b", {"a > b", "b > a"}),
    ("clickhouse", "ALTER TABLE t REPLACE PARTITION '1' FROM s", {"s > t"}),
    ("clickhouse", "ALTER TABLE s MOVE PARTITION '1' TO TABLE t", {"s > t"}),
    ("clickhouse", "CREATE TABLE b AS a", {"a > b"}),
    ("teradata", "CREATE MULTISET TABLE t, NO FALLBACK AS s WITH DATA", {"s > t"}),
    ("snowflake", "CREATE OR REPLACE STREAM IF NOT EXISTS st ON TABLE raw.t", {"raw.t > st"}),
    ("databricks", "APPLY CHANGES INTO live.t FROM STREAM(live.s) KEYS (k)", {"live.s > live.t"}),
    ("databricks", "CREATE TABLE t DEEP CLONE s VERSION AS OF 2", {"s > t"}),
    ("bigquery", "CREATE SNAPSHOT TABLE d.snap CLONE d.s", {"d.s > d.snap"}),
    ("redshift", "MERGE INTO t USING s ON t.k = s.k REMOVE DUPLICATES", {"s > t"}),
    ("bigquery", "LOAD DATA OVERWRITE d.t FROM FILES (format='CSV', uris=['gs://b/x.csv'])", {"gs://b/x.csv > d.t"}),
    ("snowflake", "CREATE PIPE p AUTO_INGEST = TRUE AS COPY INTO t FROM @st/x", {"@st/x > t"}),
    ("redshift", "DELETE t FROM s WHERE t.k = s.k", {"s > t"}),
    ("teradata", "DELETE FROM t WHERE t.k = s.k", {"s > t"}),
]  # fmt: skip
SCRIPTS = [
    ("a text in a variable is executed", "tsql", "DECLARE @q nvarchar(max) = N'INSERT INTO t (a) SELECT b FROM s'\nEXEC sp_executesql @q", {"s.b > t.a"}),
    ("a text in a variable of PL/SQL", "oracle", "DECLARE q VARCHAR2(99); BEGIN q := 'INSERT INTO t (a) SELECT b FROM s'; EXECUTE IMMEDIATE q; END;", {"s.b > t.a"}),
    ("a prepared statement", "mysql", "SET @q = 'INSERT INTO t (a) SELECT b FROM s'; PREPARE p FROM @q; EXECUTE p", {"s.b > t.a"}),
    ("a statement prepared as it is", "postgres", "PREPARE p (int) AS INSERT INTO t (a) SELECT b FROM s WHERE c = $1", {"s.b > t.a"}),
    ("a name in a variable", "snowflake", "SET target = 'db.s.x'; INSERT INTO IDENTIFIER($target) (k) SELECT a FROM s", {"s.a > db.s.x.k"}),
    ("a variable that a query fills", "bigquery", "DECLARE x INT64 DEFAULT (SELECT MAX(a) FROM d.s); INSERT INTO d.t (c) VALUES (x)", {"d.s.a > d.t.c"}),
    ("an assigned query", "snowflake", "BEGIN LET v := (SELECT MAX(q) FROM w); INSERT INTO t (z) VALUES (:v); END", {"w.q > t.z"}),
    ("rows in a variable", "snowflake", "BEGIN LET r RESULTSET := (SELECT a FROM s); FOR x IN r DO INSERT INTO t (y) VALUES (x.a); END FOR; END", {"s.a > t.y"}),
    ("records in bulk", "oracle", "DECLARE TYPE tt IS TABLE OF s%ROWTYPE; l tt; BEGIN SELECT a, b BULK COLLECT INTO l FROM s; FORALL i IN 1..l.COUNT INSERT INTO t (p, q) VALUES l(i); END;", {"s.a > t.p", "s.b > t.q"}),
    ("a labelled loop over a cursor", "mysql", "CREATE PROCEDURE p() BEGIN DECLARE v INT; DECLARE c CURSOR FOR SELECT id FROM s; DECLARE CONTINUE HANDLER FOR NOT FOUND SET v = 1; OPEN c; l: LOOP FETCH c INTO v; INSERT INTO t (a) VALUES (v); END LOOP; END", {"s.id > t.a"}),
    ("a trigger of one statement", "mysql", "CREATE TRIGGER g AFTER INSERT ON a FOR EACH ROW INSERT INTO b (x) VALUES (NEW.y)", {"a.y > b.x"}),
    ("a trigger's table of new rows", "tsql", "CREATE TRIGGER g ON dbo.a AFTER INSERT AS BEGIN INSERT INTO b (x) SELECT i.y FROM inserted i END", {"dbo.a.y > b.x"}),
    ("a parameter of a table function", "bigquery", "CREATE TABLE FUNCTION d.f(y INT64) AS SELECT a FROM d.t WHERE b = y", {"d.t.a > <output>.a"}),
    ("a cached query is a view", "spark", "CACHE TABLE c AS SELECT a FROM s; INSERT INTO t (b) SELECT a FROM c", {"s.a > t.b"}),
]  # fmt: skip


def named(cases: list[tuple[str, ...]]) -> list[str]:
    return [case[0] for case in cases]


@pytest.mark.parametrize(("what", "dialect", "sql", "columns"), TARGETS, ids=named(TARGETS))
def test_writes_of_one_dialect_reach_the_right_columns(lineage, what, dialect, sql, columns):
    seen = lineage(sql, dialect)
    assert seen.columns == columns
    assert ReasonCode.PARSE_ERROR not in seen.reasons


@pytest.mark.parametrize(("what", "dialect", "sql", "columns"), QUERIES, ids=named(QUERIES))
def test_queries_of_one_dialect_come_from_the_right_columns(lineage, what, dialect, sql, columns):
    seen = lineage(sql, dialect)
    assert {edge.replace("<output>.", "") for edge in seen.columns} == columns
    assert ReasonCode.PARSE_ERROR not in seen.reasons


@pytest.mark.parametrize(("dialect", "sql", "tables"), MOVES)
def test_rows_that_move_without_a_query_lead_from_table_to_table(lineage, dialect, sql, tables):
    assert lineage(sql, dialect).tables == tables


@pytest.mark.parametrize(("what", "dialect", "sql", "columns"), SCRIPTS, ids=named(SCRIPTS))
def test_scripts_of_one_dialect_carry_values_through(lineage, what, dialect, sql, columns):
    assert lineage(sql, dialect).columns == columns


def test_a_template_that_nobody_filled_lowers_the_confidence(lineage):
    seen = lineage("SELECT a FROM {{ ref('orders') }}", "bigquery")
    assert seen.tables == {"orders > <output>"}
    assert seen.reasons == {ReasonCode.DYNAMIC_NAME}
    assert seen.script.confidence <= 0.5


def test_a_routine_in_another_language_is_said_to_be_unread(lineage):
    for sql in (
        "CREATE PROCEDURE p() RETURNS STRING LANGUAGE JAVASCRIPT AS $$ insert into t select 1 $$",
        "CREATE FUNCTION f() RETURNS int AS $$ insert into t select 1 $$ LANGUAGE plpython3u",
    ):
        seen = lineage(sql, "snowflake")
        assert seen.reasons == {ReasonCode.UNSUPPORTED_STATEMENT}
        assert not seen.tables


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS rn FROM t QUALIFY rn = 1",
        "SELECT a, SUM(b) AS rn, MAX(c) FROM t GROUP BY a HAVING rn > 1",
    ],
)
def test_an_alias_in_a_later_clause_is_no_column_of_the_table(lineage, sql):
    assert "t.rn" not in lineage(sql, "snowflake").uses


def test_the_condition_of_an_upsert_and_of_a_merge_filters(lineage):
    upsert = "INSERT INTO t (a) SELECT x FROM s ON CONFLICT (a) DO UPDATE SET a = excluded.a WHERE t.d < 1"
    merge = "MERGE INTO t USING s ON (t.k = s.k) WHEN MATCHED THEN UPDATE SET t.a = s.a WHERE s.n > t.a"
    assert lineage(upsert, "postgres").uses["t.d"] == "FILTER"
    assert lineage(merge, "oracle").uses["s.n"] == "FILTER"


def test_group_by_all_groups_by_what_is_not_aggregated(lineage):
    seen = lineage("SELECT a, b + 1 AS c, SUM(d) AS e FROM t GROUP BY ALL", "duckdb")
    assert seen.uses == {"t.a": "GROUP_BY", "t.b": "GROUP_BY"}


def test_rows_of_a_procedure_are_unknown_and_said_so(lineage):
    seen = lineage("INSERT INTO t (a) EXEC dbo.rows @p = 1", "tsql")
    assert seen.tables == {"- > t"}
    assert seen.reasons == {ReasonCode.COMMAND_FALLBACK}
