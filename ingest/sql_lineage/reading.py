"""What a script reads, as urns of one namespace: datasets, columns, and the pairs of columns that it joins by."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.sql_lineage.model import OUTPUT, ColumnRef, ScriptLineage
from ingest.sql_lineage.naming import is_path
from ingest.sql_lineage.urns import Urns
from schema.ids import Urn


@dataclass(frozen=True, slots=True)
class Reads:
    """Each once, in the order of the text."""

    datasets: tuple[Urn, ...] = ()
    columns: tuple[Urn, ...] = ()
    joins: tuple[tuple[Urn, Urn], ...] = ()


def reads(script: ScriptLineage, *, namespace: str) -> Reads:
    """What the statements of ``script`` read; files and temporary tables are left out."""
    naming = Urns(namespace, script.default_db, script.default_schema)
    columns: dict[ColumnRef, None] = {}
    tables: dict[tuple[str, ...], None] = {}
    for statement in script.statements:
        columns.update(dict.fromkeys(up for up, _, _ in statement.columns))
        columns.update(dict.fromkeys(up for up, _, _ in statement.dependencies))
        tables.update(dict.fromkeys(source for source, _ in statement.tables if source is not None))
    tables.update(dict.fromkeys(ref.table for ref in columns))
    here = {table for table in tables if table != OUTPUT and not is_path(table)}
    return Reads(
        tuple(naming.dataset(table) for table in tables if table in here),
        tuple(naming.column(ref) for ref in columns if ref.table in here),
        tuple(
            (naming.column(one), naming.column(other))
            for one, other in script.joins
            if {one.table, other.table} <= here
        ),
    )
