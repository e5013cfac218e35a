"""Column-level lineage from SQL text. ``analyse_script`` is pure: text and known schemas in, edges and reasons out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.sql_lineage.catalog import Catalog
from ingest.sql_lineage.model import (
    OUTPUT,
    Candidate,
    ColumnRef,
    Conventions,
    Reason,
    ReasonCode,
    ScriptLineage,
    StatementLineage,
)
from ingest.sql_lineage.reading import Reads, reads
from ingest.sql_lineage.urns import edges

if TYPE_CHECKING:
    from ingest.sql_lineage.script import analyse_script
    from ingest.sql_lineage.views import view_lineage

__all__ = [
    "OUTPUT",
    "Candidate",
    "Catalog",
    "ColumnRef",
    "Conventions",
    "Reads",
    "Reason",
    "ReasonCode",
    "ScriptLineage",
    "StatementLineage",
    "analyse_script",
    "edges",
    "reads",
    "view_lineage",
]


def __getattr__(name: str) -> Any:
    # The parser is loaded with the first analysis, not by everything that handles its results.
    if name == "analyse_script":
        from ingest.sql_lineage.script import analyse_script

        return analyse_script
    if name == "view_lineage":
        from ingest.sql_lineage.views import view_lineage

        return view_lineage
    raise AttributeError(name)
