"""Asking for a scan: a run of the standard workflow over one source."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from cypher.session import GraphSession
from ingest.commands import runs
from ingest.workflows.library import standard
from schema.domain.dispatch import Band
from schema.domain.identity import Principal
from schema.domain.sources import ScanOptions


async def request(
    graph: GraphSession,
    actor: Principal,
    *,
    source: str,
    options: ScanOptions | None = None,
    band: Band | None = None,
    deadline: datetime | None = None,
    reason: str = "",
) -> str:
    """Queue a scan of the source called ``source``, by its own options where none are given; returns the run's id.

    Raises ``NotFound`` where there is no such source, ``Conflict`` where a run of it is not finished.
    """
    return await runs.request(
        graph,
        actor,
        source=source,
        workflow=standard(),
        options=json.dumps(asdict(options)) if options else "{}",
        band=band,
        deadline=deadline,
        reason=reason,
    )
