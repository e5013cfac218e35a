"""What statements write: INSERT, MERGE, UPDATE, DELETE, CREATE, ALTER, COPY and their like."""

from __future__ import annotations

import pytest

from ingest.sql_lineage import ReasonCode


def test_an_insert_with_a_column_list_matches_by_position(lineage):
    seen = lineage("INSERT INTO t (x, y) SELECT a, b FROM s")
    assert seen.columns == {"s.a > t.x", "s.b > t.y"}
    assert not seen.reasons


def test_an_insert_without_a_list_matches_by_the_known_columns_of_its_target(lineage):
    seen = lineage("INSERT INTO t SELECT a, b FROM s", schemas={"t": ["x", "y"]})
    assert seen.columns == {"s.a > t.x", "s.b > t.y"}


def test_an_insert_into_an_unknown_target_matches_by_name_and_says_so(lineage):
    seen = lineage("INSERT INTO t SELECT a, b AS y FROM s")
    assert seen.columns == {"s.a > t.a", "s.b > t.y"}
    assert seen.reasons == {ReasonCode.NO_SCHEMA}


def test_partition_values_are_no_columns_of_the_query(lineage):
    seen = lineage(
        "INSERT OVERWRITE TABLE t PARTITION (day = '2024-01-01', hour) SELECT a, h FROM s",
        "hive",
        {"t": ["v", "day", "hour"]},
    )
    assert seen.columns == {"s.a > t.v", "s.h > t.hour"}


def test_inserted_rows_may_come_from_queries(lineage):
    seen = lineage("INSERT INTO t (n, m) VALUES (1, (SELECT MAX(id) FROM s))")
    assert seen.columns == {"s.id > t.m"}
    assert lineage("INSERT INTO t VALUES (1), (2)").tables == {"- > t"}


def test_create_view_and_create_table_take_the_listed_names(lineage):
    assert lineage("CREATE VIEW v (x, y) AS SELECT a, b FROM s").columns == {"s.a > v.x", "s.b > v.y"}
    assert lineage("CREATE TABLE c AS SELECT a, b AS z FROM s").columns == {"s.a > c.a", "s.b > c.z"}
    assert lineage("CREATE TABLE n (a int)").tables == {"- > n"}


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("CREATE TABLE b CLONE a", "snowflake"),
        ("CREATE TABLE b LIKE a", "mysql"),
        ("SELECT * INTO b FROM a", "tsql"),
        ("ALTER TABLE a RENAME TO b", "postgres"),
        ("ALTER TABLE b EXCHANGE PARTITION (d = '1') WITH TABLE a", "hive"),
    ],
)
def test_a_copied_or_renamed_table_has_the_columns_of_its_origin(lineage, sql, dialect):
    seen = lineage(sql, dialect, {"a": ["x", "y"]})
    assert seen.tables == {"a > b"}
    assert seen.columns == {"a.x > b.x", "a.y > b.y"}


def test_swapped_tables_feed_each_other(lineage):
    seen = lineage("ALTER TABLE a SWAP WITH b", "snowflake")
    assert seen.tables == {"a > b", "b > a"}
    assert seen.reasons == {ReasonCode.STAR_WITHOUT_SCHEMA}


def test_merge_takes_every_clause(lineage):
    seen = lineage(
        "MERGE INTO t USING (SELECT id, v, w FROM s) AS q ON t.id = q.id "
        "WHEN MATCHED AND q.w > 0 THEN UPDATE SET total = t.total + q.v "
        "WHEN NOT MATCHED THEN INSERT (id, total) VALUES (q.id, q.v)",
        "snowflake",
    )
    assert seen.kinds == {
        "s.v > total": "EXPRESSION+IDENTITY",
        "t.total > total": "EXPRESSION",
        "s.id > id": "IDENTITY",
    }
    assert seen.tables == {"s > t", "t > t"}
    assert seen.uses == {"s.id": "JOIN", "t.id": "JOIN", "s.w": "FILTER"}


def test_merge_of_all_columns_matches_by_name(lineage):
    sql = "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    assert lineage(sql, "databricks", {"s": ["id", "v"]}).columns == {"s.id > t.id", "s.v > t.v"}


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("UPDATE t SET v = s.w FROM s WHERE s.k = t.k", "postgres"),
        ("UPDATE x SET x.v = y.w FROM t x INNER JOIN s y ON x.k = y.k", "tsql"),
        ("UPDATE t x INNER JOIN s y ON x.k = y.k SET x.v = y.w", "mysql"),
        ("UPDATE t SET v = (SELECT s.w FROM s WHERE s.k = t.k)", "oracle"),
        ("UPDATE t SET (v) = (SELECT s.w FROM s WHERE s.k = t.k)", "oracle"),
        ("WITH q AS (SELECT k, w FROM s) UPDATE t SET v = q.w FROM q WHERE q.k = t.k", "postgres"),
    ],
)
def test_update_finds_its_target_and_its_sources(lineage, sql, dialect):
    seen = lineage(sql, dialect)
    assert seen.columns == {"s.w > t.v"}
    assert seen.tables == {"s > t"}


def test_update_of_several_tables_has_one_lineage_each(lineage):
    seen = lineage("UPDATE a, b SET a.x = b.y, b.z = a.w WHERE a.k = b.k", "mysql")
    assert seen.columns == {"b.y > a.x", "a.w > b.z"}


def test_delete_depends_on_the_tables_that_choose_the_rows(lineage):
    seen = lineage("DELETE FROM t USING s WHERE s.k = t.k AND t.d IN (SELECT d FROM old)")
    assert seen.tables == {"s > t", "old > t"}
    assert not seen.columns
    assert seen.uses["s.k"] == "FILTER"
    assert lineage("DELETE a FROM a JOIN b ON a.k = b.k", "mysql").tables == {"b > a"}


def test_one_hive_query_may_fill_several_tables(lineage):
    seen = lineage(
        "FROM s INSERT OVERWRITE TABLE a SELECT x INSERT INTO TABLE b SELECT y WHERE z > 1", "hive"
    )
    assert seen.columns == {"s.x > a.x", "s.y > b.y"}
    assert seen.uses == {"s.z": "FILTER"}


def test_insert_all_fills_each_branch(lineage):
    seen = lineage(
        "INSERT ALL INTO a (k) VALUES (id) INTO b (n) VALUES (name) SELECT id, name FROM s", "oracle"
    )
    assert seen.columns == {"s.id > a.k", "s.name > b.n"}


def test_a_data_changing_cte_is_a_statement_of_its_own(lineage):
    seen = lineage(
        "WITH gone AS (DELETE FROM live WHERE old RETURNING id, body) INSERT INTO archive (id, body) SELECT id, body FROM gone"
    )
    assert seen.columns == {"live.id > archive.id", "live.body > archive.body"}
    assert "- > live" in seen.tables


@pytest.mark.parametrize(
    ("sql", "dialect", "tables"),
    [
        ("COPY INTO t FROM 's3://bucket/dir'", "snowflake", {"s3://bucket/dir > t"}),
        ("COPY INTO t FROM @stage/dir", "snowflake", {"@stage/dir > t"}),
        ("COPY INTO @stage/dir FROM (SELECT a FROM t)", "snowflake", {"t > @stage/dir"}),
        ("COPY t FROM '/data/t.csv' CSV", "postgres", {"/data/t.csv > t"}),
        ("COPY t TO '/data/t.csv'", "postgres", {"t > /data/t.csv"}),
        ("UNLOAD ('SELECT a FROM t') TO 's3://bucket/t_' IAM_ROLE 'r'", "redshift", {"t > s3://bucket/t_"}),
        ("LOAD DATA INPATH '/data/t' INTO TABLE t", "hive", {"/data/t > t"}),
        ("INSERT OVERWRITE DIRECTORY 'hdfs://x/y' SELECT a FROM t", "spark", {"t > hdfs://x/y"}),
        ("SELECT a FROM parquet.`/data/t`", "spark", {"/data/t > <output>"}),
        ("SELECT a FROM read_parquet('s3://b/t.parquet')", "duckdb", {"s3://b/t.parquet > <output>"}),
    ],
)
def test_files_and_stages_are_tables(lineage, sql, dialect, tables):
    assert lineage(sql, dialect).tables == tables


def test_identifier_calls_name_tables_where_the_text_is_known(lineage):
    seen = lineage("INSERT INTO IDENTIFIER('db.t') SELECT a FROM IDENTIFIER(s)", "snowflake")
    assert seen.tables == {"s > db.t"}
    seen = lineage("INSERT INTO IDENTIFIER($target) SELECT a FROM s", "snowflake")
    assert seen.tables == {"s > <output>"}
    assert ReasonCode.DYNAMIC_NAME in seen.reasons


@pytest.mark.parametrize(
    "sql", ["DROP TABLE t", "TRUNCATE TABLE t", "GRANT SELECT ON t TO u", "ANALYZE t", "BEGIN; COMMIT"]
)
def test_statements_that_move_no_data_have_no_lineage(lineage, sql):
    seen = lineage(sql)
    assert not seen.tables
    assert not seen.reasons


def test_a_view_with_unknown_options_still_gives_its_query(lineage):
    seen = lineage("CREATE MATERIALIZED VIEW s.v SHINY OPTION YES AS SELECT a FROM t", "redshift")
    assert seen.columns == {"t.a > s.v.a"}
    assert seen.reasons & {ReasonCode.PARSE_ERROR, ReasonCode.COMMAND_FALLBACK}


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        (
            "INSERT INTO t (k, v) SELECT a, b FROM s ON CONFLICT (k) DO UPDATE SET v = EXCLUDED.v || t.w",
            "postgres",
        ),
        ("INSERT INTO t (k, v) SELECT a, b FROM s ON DUPLICATE KEY UPDATE v = CONCAT(VALUES(v), w)", "mysql"),
    ],
)
def test_an_upsert_sets_columns_from_the_new_and_the_old_row(lineage, sql, dialect):
    assert lineage(sql, dialect).columns == {"s.a > t.k", "s.b > t.v", "t.w > t.v"}


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("UPDATE t FROM s SET v = s.w WHERE t.k = s.k", "teradata"),
        ("INSERT OVERWRITE TABLE t PARTITION (d = 1) IF NOT EXISTS SELECT w AS v FROM s", "hive"),
        ("CREATE VIEW t AS LOCKING ROW FOR ACCESS SELECT w AS v FROM s", "teradata"),
        ("CREATE MATERIALIZED VIEW mv TO t AS SELECT w AS v FROM s", "clickhouse"),
        ("REPLACE INTO t (v) SELECT w FROM s", "mysql"),
    ],
)
def test_words_of_one_dialect_do_not_hide_the_lineage(lineage, sql, dialect):
    assert lineage(sql, dialect).columns == {"s.w > t.v"}
