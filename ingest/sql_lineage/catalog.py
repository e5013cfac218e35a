"""Known schemas: which columns a table has, found by full or short name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.sql_lineage.model import Table
from ingest.sql_lineage.naming import Naming, naming_of


class Catalog:
    """Columns in order by table name (segments in the platform's spelling); case is folded by the dialect's rule."""

    def __init__(self, schemas: Mapping[Table, Sequence[str]] | None = None, *, dialect: str = "") -> None:
        self.naming: Naming = naming_of(dialect)
        self._tables: dict[Table, tuple[str, ...]] = {}
        self._short: dict[Table, Table | None] = {}
        for name, columns in (schemas or {}).items():
            self._add(tuple(self.naming.segment(part, quoted=True) for part in name), columns)

    def __len__(self) -> int:
        return len(self._tables)

    def _add(self, name: Table, columns: Sequence[str]) -> None:
        folded = [self.naming.column(column, quoted=True) for column in columns]
        known = set(folded)
        # Fields of a struct may be listed beside it; they are no columns of their own.
        self._tables[name] = tuple(c for c in folded if "." not in c or c.partition(".")[0] not in known)
        for start in range(1, len(name)):
            short = name[start:]
            self._short[short] = None if short in self._short else name

    def columns(self, table: Table) -> tuple[str, ...] | None:
        """Columns of ``table``; a short name counts where it is unique or lies in the platform's default schema."""
        parts = tuple(part for part in table if part)
        found = self._tables.get(parts)
        if found is None and len(parts) == len(table):
            full = self._short.get(parts)
            default = self.naming.platform.default_schema
            if full is None and default and len(parts) == 1:
                full = self._short.get((default, *parts)) or (default, *parts)
            found = self._tables.get(full) if full else None
        if found is None and len(parts) < len(table):
            filled = tuple(part or self.naming.platform.default_schema or "" for part in table)
            found = self._tables.get(filled)
        if found is None and len(table) > 2:
            found = self._tables.get(table[1:])
        return found
