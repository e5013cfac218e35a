"""What holds for every text: no exception, the same answer twice, tables for all columns, time that grows evenly."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sql_lineage import Catalog, ScriptLineage, analyse_script

STATEMENTS = [
    "INSERT INTO t (a, b) SELECT x.a, MAX(y.b) FROM x JOIN y ON x.k = y.k WHERE x.c > 1 GROUP BY x.a",
    "WITH q AS (SELECT a, b FROM s UNION ALL SELECT c, d FROM r) SELECT a, CASE WHEN b > 0 THEN 'x' END AS f FROM q",
    "MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET t.v = s.v WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)",
    "UPDATE t SET a = s.b FROM s WHERE s.k = t.k; DELETE FROM u WHERE k IN (SELECT k FROM t)",
    "CREATE TEMP TABLE m AS SELECT * FROM s; INSERT INTO o SELECT * FROM m; DROP TABLE m",
    "CREATE PROCEDURE p AS BEGIN IF 1 = 1 BEGIN INSERT INTO a SELECT b FROM c END ELSE SELECT d FROM e END",
    "SELECT a.b.c, f(x -> x + 1), \"q\" || 'z' FROM LATERAL (SELECT 1) l, UNNEST(t.z) AS u PIVOT (SUM(v) FOR m IN ('x'))",
    "COPY INTO t FROM @stage/x; USE SCHEMA d.s; ALTER TABLE a SWAP WITH b; EXECUTE IMMEDIATE 'SELECT a FROM t'",
]
DIALECTS = ["ansi", "postgres", "tsql", "bigquery", "snowflake", "oracle", "mysql", "hive", "duckdb"]
CATALOG = Catalog({("s",): ["a", "b", "k"], ("t",): ["a", "b", "k", "v"]})


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A statement with pieces cut out, doubled, moved or put in from another one."""
    words = draw(st.sampled_from(STATEMENTS)).split(" ")
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(words)))
        end = draw(st.integers(start, min(len(words), start + 4)))
        other = draw(st.sampled_from(STATEMENTS)).split(" ")
        put = draw(
            st.sampled_from(
                [[], words[start:end] * 2, other[:3], other[-3:], [")"], ["("], ["'"], [";"], ["BEGIN"]]
            )
        )
        words[start:end] = put
    text = " ".join(words)
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text


def check(script: ScriptLineage) -> None:
    for statement in script.statements:
        tables = {up for up, _ in statement.tables}
        assert {up.table for up, _, _ in statement.columns} <= tables
        assert {down.table for _, down, _ in statement.columns} <= {statement.target}
        assert 0 <= statement.confidence <= 1
        if tables - {None} and not statement.columns:
            assert statement.reasons


@settings(max_examples=400, deadline=None)
@given(sql=broken(), dialect=st.sampled_from(DIALECTS))
def test_any_text_gets_a_consistent_answer_and_no_exception(sql, dialect):
    first = analyse_script(sql, dialect=dialect, catalog=CATALOG)
    check(first)
    assert repr(analyse_script(sql, dialect=dialect, catalog=CATALOG)) == repr(first)


@settings(max_examples=150, deadline=None)
@given(sql=st.text(max_size=80), dialect=st.sampled_from(DIALECTS))
def test_text_that_is_no_sql_gets_an_answer(sql, dialect):
    check(analyse_script(sql, dialect=dialect, catalog=CATALOG))


def ctes(n: int) -> str:
    columns = [f"c{i}" for i in range(n * 12)]
    steps = ["s0 AS (SELECT " + ", ".join(columns) + " FROM base)"]
    steps += [
        f"s{k} AS (SELECT {', '.join(c + ' + 1 AS ' + c for c in columns)} FROM s{k - 1})"
        for k in range(1, 10)
    ]
    return "INSERT INTO t WITH " + ", ".join(steps) + " SELECT * FROM s9"


def nested(n: int) -> str:
    sql = "SELECT a FROM t"
    for i in range(n * 2):
        sql = f"SELECT a FROM ({sql}) q{i}"
    return sql


def joined(n: int) -> str:
    tables = range(1, n * 8)
    joins = " ".join(f"JOIN t{i} ON t{i}.k = t{i - 1}.k" for i in tables)
    return "SELECT " + ", ".join(f"t{i}.v AS v{i}" for i in tables) + f" FROM t0 {joins}"


STRESS = {
    "ctes": ctes,
    "nested queries": nested,
    "joins": joined,
    "star": lambda n: "SELECT * FROM (SELECT * FROM wide) w",
    "values": lambda n: "INSERT INTO t (a, b) VALUES " + ", ".join(f"({i}, 'v{i}')" for i in range(n * 60)),
    "in list": lambda n: f"SELECT a FROM t WHERE b IN ({', '.join(str(i) for i in range(n * 250))})",
    "case": lambda n: (
        "SELECT CASE " + " ".join(f"WHEN a = {i} THEN b" for i in range(n * 30)) + " END AS x FROM t"
    ),
    "union": lambda n: " UNION ALL ".join(f"SELECT a, b FROM t{i}" for i in range(n * 10)),
    "conjunction": lambda n: "SELECT a FROM t WHERE " + " AND ".join(f"c{i} = {i}" for i in range(n * 40)),
    "concatenation": lambda n: "SELECT " + " || ".join(f"c{i}" for i in range(n * 20)) + " AS x FROM t",
    "statements": lambda n: "; ".join(f"CREATE TABLE t{i + 1} AS SELECT * FROM t{i}" for i in range(n * 10)),
}


@pytest.mark.parametrize("count", [100, 1_000, 20_000])
@pytest.mark.parametrize(
    "opening", ["SELECT a FROM (", "SELECT (", "SELECT f(", "SELECT CASE WHEN a THEN ", "SELECT NOT "]
)
def test_deep_nesting_ends_in_an_answer(opening, count):
    word = opening if opening.endswith("FROM (") else opening.removeprefix("SELECT ")
    sql = ("" if word == opening else "SELECT ") + word * count + "SELECT 1"
    script = analyse_script(sql, dialect="postgres", catalog=CATALOG)
    assert script.reasons or script.statements


@pytest.mark.parametrize("make", STRESS.values(), ids=STRESS.keys())
def test_twice_the_statement_takes_about_twice_the_time(make):
    def seconds(n: int) -> float:
        sql = make(n)
        catalog = Catalog({("wide",): [f"c{i}" for i in range(n * 100)]})
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            script = analyse_script(sql, dialect="ansi", catalog=catalog)
            best = min(best, time.process_time() - start)
        assert script.statements
        assert not script.reasons
        return best

    # Linear is 4, quadratic 16; the floor keeps tiny times from deciding.
    assert seconds(16) < 9 * max(seconds(4), 0.002)
