"""State of one statement's analysis: what it read, what it depends on, what it could not resolve."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ingest.sql_lineage.flows import Flow
from ingest.sql_lineage.model import Candidate, ColumnRef, Conventions, Reason, ReasonCode, Table
from ingest.sql_lineage.naming import Naming
from ingest.sql_lineage.relations import Relation

if TYPE_CHECKING:
    from sqlglot import exp

    from ingest.sql_lineage.landing import Landing

TableSource = Callable[[Table, bool], tuple[Relation, tuple[Table, ...], Flow]]
"""For a table's full name, and whether it is read: its columns, the base tables behind it, and the dependencies it inherits."""
Evaluate = Callable[[Any, Any, Any, "Context"], Relation]
"""Query, visible CTEs, outer scope, context: the query's result (``queries.evaluate``)."""

Returning = Callable[[Any, Any, "Context"], Relation]
"""INSERT, UPDATE, DELETE or MERGE inside a WITH, visible CTEs, context: the rows it returns (``statements.returning``)."""


class Context:
    """Collects while one statement is walked. ``scoped`` completes a written name by the current database and schema.

    ``variables`` and ``rows`` are a routine's variables, cursors and loop rows, with what feeds them; ``joins`` collects
    the script's pairs of equal columns.
    """

    def __init__(
        self,
        naming: Naming,
        settings: Conventions,
        tables: TableSource,
        scoped: Callable[[Table], Table],
        evaluate: Evaluate,
        returning: Returning,
        variables: dict[str, Flow],
        rows: dict[str, Relation],
        joins: dict[tuple[ColumnRef, ColumnRef], None],
        lines: int = 0,
    ) -> None:
        self.naming, self.settings, self.source, self.scoped = naming, settings, tables, scoped
        self.evaluate, self.returning = evaluate, returning
        self.variables, self.rows, self.joins, self.lines = variables, rows, joins, lines
        self.read: dict[Table, None] = {}
        self.uses: Flow = {}
        self.reasons: dict[Reason, None] = {}
        self.candidates: dict[Candidate, None] = {}
        self.nested: list[Landing] = []
        self._relations: dict[Table, Relation] = {}

    def relation(self, table: Table, *, reads: bool = True) -> Relation:
        """The relation called ``table``; ``reads`` notes it as an upstream."""
        if reads or table not in self._relations:
            relation, behind, uses = self.source(table, reads)
            relation = self._relations.setdefault(table, relation)
            if reads:
                self.read.update(dict.fromkeys(behind))
                self.uses.update(uses)
        return self._relations[table]

    def reason(
        self, code: ReasonCode, node: exp.Expression | None = None, subject: str | None = None
    ) -> None:
        """Note why something is missing; ``node`` gives the place."""
        line, column = position(node)
        self.reasons[Reason(code, line + self.lines if line else None, column, subject)] = None

    def ambiguous(self, column: str, tables: tuple[Table, ...], node: exp.Expression) -> None:
        """Note a column that several tables may own."""
        self.candidates[Candidate(column, tables)] = None
        self.reason(ReasonCode.AMBIGUOUS_COLUMN, node, column)


def position(node: Any) -> tuple[int | None, int | None]:
    """Line and column of an identifier; None where the parser kept none."""
    while node is not None and not isinstance(node, str):
        meta = node.meta
        if "line" in meta:
            return meta["line"], meta["col"]
        node = node.args.get("this")
    return None, None
