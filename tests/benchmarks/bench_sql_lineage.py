"""SQL lineage on one core: statements of the class of TPC-DS per second, and the statements that make other tools slow.

``python -m pytest tests/benchmarks/bench_sql_lineage.py -s``. Time is that of the processor: other processes do not count.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from ingest.sql_lineage import analyse_script
from tests.benchmarks.tpcds import catalog, statements

STATEMENTS_A_SECOND = 200
STRESS_S = 0.5
ROUNDS = 10


def stress() -> Iterator[tuple[str, str]]:
    """The statements that make other tools slow."""
    columns = [f"c{i}" for i in range(300)]
    steps = ["s0 AS (SELECT " + ", ".join(columns) + " FROM base)"]
    steps += [
        f"s{k} AS (SELECT {', '.join(c + ' + 1 AS ' + c for c in columns)} FROM s{k - 1})"
        for k in range(1, 10)
    ]
    yield "10 CTEs x 300 columns", "INSERT INTO t WITH " + ", ".join(steps) + " SELECT * FROM s9"
    yield "star over 2,000 columns", "SELECT * FROM (SELECT * FROM wide) w"
    yield (
        "1,000 VALUES rows",
        "INSERT INTO t (a, b) VALUES " + ", ".join(f"({i}, 'v{i}')" for i in range(1000)),
    )
    yield "IN list of 5,000", f"SELECT a FROM t WHERE b IN ({', '.join(str(i) for i in range(5000))})"
    yield (
        "CASE of 500 WHENs",
        "SELECT CASE " + " ".join(f"WHEN a = {i} THEN b" for i in range(500)) + " END FROM t",
    )
    nested = "SELECT a FROM t"
    for i in range(60):
        nested = f"SELECT a FROM ({nested}) q{i}"
    yield "60 nested queries", nested
    yield "UNION of 100", " UNION ALL ".join(f"SELECT a, b FROM t{i}" for i in range(100))
    joins = " ".join(f"JOIN t{i} ON t{i}.k = t{i - 1}.k" for i in range(1, 40))
    yield "join of 40", "SELECT " + ", ".join(f"t{i}.v AS v{i}" for i in range(40)) + f" FROM t0 {joins}"


def test_statements_a_second_with_columns_on_one_core() -> None:
    texts, known = statements(), catalog()
    edges = sum(
        len(analyse_script(sql, dialect="postgres", catalog=known).statements[0].columns) for sql in texts
    )
    start = time.process_time()
    for _ in range(ROUNDS):
        for sql in texts:
            analyse_script(sql, dialect="postgres", catalog=known)
    rate = ROUNDS * len(texts) / (time.process_time() - start)

    print(f"\n{rate:.0f} statements/s (aim {STATEMENTS_A_SECOND}), {edges} column edges in {len(texts)}")
    assert rate >= STATEMENTS_A_SECOND


@pytest.mark.parametrize(("name", "sql"), stress())
def test_a_statement_that_is_slow_elsewhere(name: str, sql: str) -> None:
    start = time.process_time()
    (statement,) = analyse_script(sql, dialect="postgres", catalog=catalog()).statements
    spent = time.process_time() - start

    print(
        f"\n{name}: {1000 * spent:.1f} ms (aim {1000 * STRESS_S:.0f}), {len(statement.columns)} column edges"
    )
    assert spent < STRESS_S
