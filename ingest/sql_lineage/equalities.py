"""Which columns a condition sets equal: the pairs that joins go by, also through sub-queries and CTEs."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from ingest.sql_lineage.columns import resolve
from ingest.sql_lineage.flows import CAST, DIRECT, IDENTITY, Flow
from ingest.sql_lineage.model import ColumnRef
from ingest.sql_lineage.scopes import Scope

_INSIDE = (exp.And, exp.Or, exp.Paren, exp.Where)
_EQUAL = (exp.EQ, exp.NullSafeEQ)


def note_equalities(condition: Any, scope: Scope) -> None:
    """Note the pairs of ``condition``, where ``Conventions.join_pairs`` asks for them; conditions inside of functions tell none."""
    if not scope.context.settings.join_pairs:
        return
    nodes = [condition]
    while nodes:
        node = nodes.pop()
        if isinstance(node, _INSIDE):
            nodes += [child for child in node.args.values() if isinstance(child, exp.Expression)]
        elif isinstance(node, _EQUAL) and all(
            isinstance(side, exp.Column) and not isinstance(side.this, exp.Star)
            for side in (node.this, node.expression)
        ):
            sides = [resolve(side, scope) for side in (node.this, node.expression)]
            note_pair([only for side in sides if (only := _unchanged(side)) is not None], scope)


def note_shared(flow: Flow, scope: Scope) -> None:
    """Note the pair behind a column of USING or NATURAL, which is fed by both sides."""
    if scope.context.settings.join_pairs:
        note_pair([ref for ref, mask in flow.items() if not mask & DIRECT & ~(IDENTITY | CAST)], scope)


def note_pair(refs: list[ColumnRef], scope: Scope) -> None:
    """Two columns in a stable order; a column is not joined with itself by name."""
    if len(refs) == 2 and refs[0] != refs[1]:
        scope.context.joins[min(refs), max(refs)] = None


def _unchanged(flow: Flow) -> ColumnRef | None:
    """The one column behind a value that reached it as it is."""
    if len(flow) != 1:
        return None
    [(ref, mask)] = flow.items()
    return None if mask & DIRECT & ~(IDENTITY | CAST) else ref
