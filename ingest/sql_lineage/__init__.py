"""Column-level lineage from SQL text. ``analyse_script`` is pure: text and known schemas in, edges and reasons out."""

from __future__ import annotations

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
from ingest.sql_lineage.script import analyse_script
from ingest.sql_lineage.urns import edges
from ingest.sql_lineage.views import view_lineage

__all__ = [
    "OUTPUT",
    "Candidate",
    "Catalog",
    "ColumnRef",
    "Conventions",
    "Reason",
    "ReasonCode",
    "ScriptLineage",
    "StatementLineage",
    "analyse_script",
    "edges",
    "view_lineage",
]
