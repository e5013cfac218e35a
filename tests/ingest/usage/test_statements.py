"""What is left of a statement when its values are taken out."""

from __future__ import annotations

import pytest

from ingest.sql_lineage import Catalog, Conventions, analyse_script, reads
from ingest.usage.statements import without_values

KNOWN = {("shop", "public", "a"): ("id", "x", "email"), ("shop", "public", "b"): ("id", "a_id", "y")}


@pytest.mark.parametrize(
    ("dialect", "sql", "plain"),
    [
        ("postgres", "SELECT a FROM t WHERE b = 'secret' AND c > 42.5", "SELECT a FROM t WHERE b = 'x' AND c > 1"),
        ("postgres", "SELECT a FROM t WHERE b IN (1, 2,3) -- secret", "SELECT a FROM t WHERE b IN (1)"),
        ("postgres", "VALUES (1, 'secret', 3)", "VALUES (1, 'x', 1)"),
        ("postgres", "SELECT $$secret$$, E'sec\\'ret', $1 /* secret */", "SELECT 'x', 'x', $1"),
        ("mysql", 'SELECT "secret" FROM `t` WHERE n = 0xCA9A', "SELECT 'x' FROM `t` WHERE n = 'x'"),
        ("bigquery", "SELECT r'secret', b'secret', \"\"\"secret\"\"\"", "SELECT 'x', 'x', 'x'"),
        ("snowflake", "COPY INTO t FROM @s CREDENTIALS=(AWS_KEY='secret')", "COPY INTO t FROM @s CREDENTIALS=(AWS_KEY='x')"),
    ],
)  # fmt: skip
def test_values_and_comments_are_taken_out(dialect: str, sql: str, plain: str) -> None:
    found = without_values(sql, dialect)
    assert "secret" not in found
    assert "".join(found.split()) == "".join(plain.split())


def test_broken_text_is_refused_without_being_quoted() -> None:
    with pytest.raises(ValueError, match=r"^not SQL$") as refused:
        without_values("SELECT 'secret", "postgres")
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM a JOIN b ON a.id = b.a_id AND a.email = 'x'",
        "SELECT 1 FROM a, b WHERE (b.a_id = a.id) AND a.x > 1",
        "WITH q AS (SELECT id AS k FROM a) SELECT b.y FROM q JOIN b ON q.k = b.a_id",
        "SELECT 1 FROM (SELECT id FROM a) s JOIN b ON b.a_id = s.id",
        "SELECT y FROM b WHERE EXISTS (SELECT 1 FROM a WHERE a.id = b.a_id)",
        "UPDATE a SET x = b.y FROM b WHERE b.a_id = a.id",
        "MERGE INTO a USING b ON a.id = b.a_id WHEN MATCHED THEN UPDATE SET x = b.y",
        "DELETE FROM a USING b WHERE b.a_id = a.id",
    ],
)
def test_the_columns_that_a_statement_joins_by_are_found(sql: str) -> None:
    script = analyse_script(
        sql,
        dialect="postgres",
        catalog=Catalog(KNOWN, dialect="postgres"),
        default_db="shop",
        default_schema="public",
        settings=Conventions(join_pairs=True),
    )
    found = reads(script, namespace="postgres://h:5432").joins
    assert [(one.column, other.column) for one, other in found] == [("id", "a_id")]


@pytest.mark.parametrize(
    ("sql", "pairs"),
    [
        ("SELECT 1 FROM a JOIN b USING (id)", [("id", "id")]),
        ("SELECT 1 FROM a NATURAL JOIN b", [("id", "id")]),
        ("SELECT 1 FROM a JOIN b ON lower(a.email) = b.y", []),
        ("SELECT 1 FROM a JOIN b ON a.id < b.a_id", []),
        ("SELECT 1 FROM a WHERE a.id = 1 AND a.x = $1", []),
    ],
)
def test_other_conditions_are_no_pairs(sql: str, pairs: list[tuple[str, str]]) -> None:
    script = analyse_script(
        sql,
        dialect="postgres",
        catalog=Catalog(KNOWN, dialect="postgres"),
        default_db="shop",
        default_schema="public",
        settings=Conventions(join_pairs=True),
    )
    found = reads(script, namespace="postgres://h:5432").joins
    assert [(str(one.column), str(other.column)) for one, other in found] == pairs
