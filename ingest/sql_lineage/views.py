"""The lineage of one view whose definition and columns the catalogue gives."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.sql_lineage.catalog import Catalog
from ingest.sql_lineage.model import OUTPUT, ColumnRef, Conventions, ScriptLineage, Table
from ingest.sql_lineage.script import analyse_script


def view_lineage(
    definition: str,
    target: Table,
    columns: Sequence[str] | None = None,
    *,
    dialect: str,
    catalog: Catalog,
    default_db: str | None = None,
    default_schema: str | None = None,
    settings: Conventions = Conventions(),
) -> ScriptLineage:
    """Lineage of the view ``target``, defined by a bare query or a CREATE VIEW.

    The output columns are called by the catalogue's list (``columns``, else what ``catalog`` knows), by position.
    """
    script = analyse_script(
        definition,
        dialect=dialect,
        catalog=catalog,
        default_db=default_db,
        default_schema=default_schema,
        settings=settings,
    )
    names = list(columns) if columns is not None else list(catalog.columns(target) or ())
    for statement in script.statements[-1:]:
        given = statement.outputs
        # The same names in another order are the same columns: a table that was built by adding columns keeps its own order.
        by_position = len(given) == len(names) and set(given) != set(names)
        renamed = dict(zip(given, names, strict=True)) if by_position else {}
        old = statement.target or OUTPUT
        statement.target = target
        statement.tables = [(up, target if down == old else down) for up, down in statement.tables]
        statement.stars = [(up, target) for up, _ in statement.stars]
        statement.dependencies = [(up, target, kinds) for up, _, kinds in statement.dependencies]
        statement.columns = [
            (up, ColumnRef(target, renamed.get(down.column, down.column)), kinds)
            for up, down, kinds in statement.columns
        ]
    return script
