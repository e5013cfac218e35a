"""Asking for a scan: a run of the workflow in the plan of a source, or of the standard one."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from cypher.session import GraphSession
from ingest.commands import runs
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

    Raises as ``runs.request``.
    """
    return await runs.request(
        graph,
        actor,
        source=source,
        options=json.dumps(asdict(options)) if options else "{}",
        band=band,
        deadline=deadline,
        reason=reason,
    )
