"""No statement is right about its tables and silent about its columns: over a corpus of every dialect."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.sql_lineage import OUTPUT, Catalog, ReasonCode, StatementLineage, analyse_script
from ingest.sql_lineage.jsonl import answer

FOLDER = Path(__file__).parents[2] / "data" / "dialects"
CORPUS = [
    (path.stem, sql.strip())
    for path in sorted(FOLDER.glob("*.txt"))
    for sql in path.read_text().split("\n---\n")
]


def ids(case: tuple[str, str]) -> str:
    return f"{case[0]}: {' '.join(case[1].split())[:60]}"


def silent(statement: StatementLineage) -> bool:
    sources = {up for up, _ in statement.tables} - {None}
    return bool(sources) and not statement.columns and not statement.reasons


@pytest.mark.parametrize(("dialect", "sql"), CORPUS, ids=map(ids, CORPUS))
def test_tables_without_columns_come_with_a_reason(dialect: str, sql: str) -> None:
    script = analyse_script(sql, dialect=dialect, catalog=Catalog(dialect=dialect))

    for statement in script.statements:
        assert not silent(statement), statement
        tables = {up for up, _ in statement.tables}
        assert {up.table for up, _, _ in statement.columns} <= tables
        assert 0 < statement.confidence <= 1
        assert (statement.confidence == 1) == all(
            r.code is ReasonCode.NO_COLUMN_FLOW for r in statement.reasons
        )
        if statement.target != OUTPUT:
            assert statement.tables, "a write names its target"


def test_nearly_all_of_the_corpus_can_be_read() -> None:
    unread = [
        ids((dialect, sql))
        for dialect, sql in CORPUS
        if any(code == "PARSE_ERROR" for code, *_ in answer({"sql": sql, "dialect": dialect})["reasons"])
    ]
    assert len(unread) <= 0.02 * len(CORPUS), unread
