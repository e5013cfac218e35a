"""What stands in a FROM clause: named columns with their upstream columns, and the parts whose columns are unknown."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.sql_lineage.flows import IDENTITY, Flow, union
from ingest.sql_lineage.model import ColumnRef, Table

Column = tuple[str, Flow]
Open = tuple["Relation", frozenset[str]]
"""A relation with unknown columns, and the names that ``EXCEPT`` removed or others shadow."""


class Relation:
    """``columns`` in order; ``opens`` are the relations whose columns, apart from those, are unknown.

    ``table`` is set on base tables. ``rest`` answers for every other column (table functions, stages).
    """

    __slots__ = ("_names", "columns", "opens", "rest", "table")

    def __init__(
        self,
        columns: Sequence[Column] = (),
        opens: Sequence[Open] = (),
        *,
        table: Table | None = None,
        rest: Flow | None = None,
    ) -> None:
        self.columns = list(columns)
        self.opens = list(opens)
        self.table, self.rest = table, rest
        self._names: dict[str, Flow] | None = None

    @property
    def open(self) -> bool:
        """True where it may have columns that are not listed."""
        return bool(self.opens)

    def find(self, name: str) -> Flow | None:
        """What feeds the column ``name``; None where it is not listed."""
        names = self._names
        if names is None:
            grouped: dict[str, list[Flow]] = {}
            for column, flow in self.columns:
                grouped.setdefault(column, []).append(flow)
            names = self._names = {column: union(flows) for column, flows in grouped.items()}
        return names.get(name)

    def guess(self, name: str) -> tuple[Flow | None, tuple[Table, ...]]:
        """What feeds an unlisted column: a flow where one table can own it, else the candidates."""
        if self.table is not None:
            return {ColumnRef(self.table, name): IDENTITY}, (self.table,)
        owners = [relation for relation, hidden in self.opens if name not in hidden]
        if len(owners) == 1:
            found = owners[0].find(name)
            return (found, ()) if found is not None else owners[0].guess(name)
        if not owners:
            return self.rest, ()
        tables: dict[Table, None] = {}
        for owner in owners:
            tables.update(dict.fromkeys(owner.guess(name)[1]))
        return None, tuple(tables)

    def bases(self) -> list[Table]:
        """The base tables whose columns are unknown here."""
        found: dict[Table, None] = {}
        stack: list[Relation] = [self]
        while stack:
            relation = stack.pop()
            if relation.table is not None:
                found[relation.table] = None
            else:
                stack.extend(owner for owner, _ in reversed(relation.opens))
        return list(found)

    def renamed(self, names: Sequence[str]) -> Relation:
        """The same with its leading columns called ``names`` (``AS t(a, b)``)."""
        if not names:
            return self
        if self.opens and not self.columns:
            return Relation([(name, {}) for name in names], rest=self.rest)
        columns = [
            (names[i] if i < len(names) else column, flow) for i, (column, flow) in enumerate(self.columns)
        ]
        columns += [(name, self.rest or {}) for name in names[len(columns) :]]
        return Relation(columns, self.opens, rest=self.rest)


def base(table: Table, columns: Sequence[str] | None) -> Relation:
    """A table of the database; without ``columns`` it may have any."""
    if columns is not None:
        relation = Relation([(c, {ColumnRef(table, c): IDENTITY}) for c in columns], table=table)
    else:
        relation = Relation(table=table)
        relation.opens.append((relation, frozenset()))
    return relation
