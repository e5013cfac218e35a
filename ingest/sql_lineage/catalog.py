"""Known schemas: which columns a table has, found by full or short name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.sql_lineage.model import Table
from ingest.sql_lineage.naming import Naming, naming_of


class Catalog:
    """Columns in order by table name (segments in the platform's spelling); case is folded by the dialect's rule."""

    def __init__(self, schemas: Mapping[Table, Sequence[str]] | None = None, *, dialect: str = "") -> None:
        self.naming: Naming = naming_of(dialect)
        self._tables: dict[Table, Sequence[str]] = {}
        self._short: dict[Table, Table | None] = {}
        self._folded: dict[Table, tuple[str, ...]] = {}
        for name, columns in (schemas or {}).items():
            self._add(tuple(self.naming.segment(part, quoted=True) for part in name), columns)

    def __len__(self) -> int:
        return len(self._tables)

    def _add(self, name: Table, columns: Sequence[str]) -> None:
        self._tables[name] = columns
        for start in range(1, len(name)):
            short = name[start:]
            self._short[short] = None if short in self._short else name

    def columns(self, table: Table) -> tuple[str, ...] | None:
        """Columns of ``table``; a short name counts where it is unique or lies in the platform's default schema."""
        name = self._full(table)
        if name is None:
            return None
        found = self._folded.get(name)
        if found is None:
            folded = [self.naming.column(column, quoted=True) for column in self._tables[name]]
            known = set(folded)
            # Fields of a struct may be listed beside it; they are no columns of their own.
            found = tuple(c for c in folded if "." not in c or c.partition(".")[0] not in known)
            self._folded[name] = found
        return found

    def _full(self, table: Table) -> Table | None:
        default = self.naming.platform.default_schema or ""
        parts = tuple(part for part in table if part)
        candidates = [parts]
        if len(parts) < len(table):
            candidates.append(tuple(part or default for part in table))
        else:
            unique = self._short.get(parts)
            if unique is not None:
                candidates.append(unique)
            elif default and len(parts) == 1:
                candidates += [self._short.get((default, *parts)) or (default, *parts)]
        if len(table) > 2:
            candidates.append(table[1:])
        return next((name for name in candidates if name in self._tables), None)
