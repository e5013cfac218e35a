"""Statements of the class of TPC-DS, checked against another engine."""

from __future__ import annotations

import pytest
from sqlglot import exp, parse_one
from sqlglot.lineage import lineage as other_lineage
from sqlglot.optimizer.qualify import qualify

from ingest.sql_lineage import analyse_script
from tests.benchmarks.tpcds import catalog, schema, statements


def by_the_other_engine(sql: str) -> set[tuple[str, int]]:
    """Upstream columns, and the position of the output that they feed."""
    tree = parse_one(sql, dialect="postgres")
    query = tree.expression if isinstance(tree, exp.Insert) else tree
    types = {table: dict.fromkeys(columns, "text") for table, columns in schema().items()}
    names = qualify(query.copy(), schema=types, dialect="postgres").named_selects
    found = set()
    for position, name in enumerate(names):
        for node in other_lineage(name, query.copy(), schema=types, dialect="postgres").walk():
            if isinstance(node.expression, exp.Table):
                found.add((f"{node.expression.name}.{node.name.rpartition('.')[2]}", position))
    return found


@pytest.mark.parametrize("sql", statements(), ids=range(len(statements())))
def test_every_column_edge_is_the_one_that_another_engine_finds(sql: str) -> None:
    (statement,) = analyse_script(sql, dialect="postgres", catalog=catalog()).statements

    found = {
        (f"{up.table[-1]}.{up.column}", statement.outputs.index(down.column))
        for up, down, _ in statement.columns
    }
    assert found == by_the_other_engine(sql)
    assert statement.columns or statement.reasons
