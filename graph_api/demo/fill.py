"""Registers and scans the sources of the demonstration, and posts its events; what succeeded once is not done again."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from string import Template
from typing import TYPE_CHECKING, Any

from cypher.catalog import reads as catalog
from cypher.scanning import reads as scanning
from cypher.sources import reads as sources
from graph_api.cli.scans import registered, scanned
from graph_api.demo.data import FILES, DemoData
from graph_api.demo.events import LAST_JOB, events
from graph_api.demo.postgres import is_made
from ingest.recipes import parse_recipe
from schema.domain.identity import EVERYTHING
from schema.domain.scans import RunState
from schema.domain.sources import SourceSpec
from schema.errors import StackError

if TYPE_CHECKING:
    from cypher.session import GraphSession

FIRST = ("pagila", "chinook", "analytics", "jaffle_shop", "rentals")
THEN = ("jaffle_dbt",)  # its SQL is read with the columns of the warehouse
_SQL_LIMIT_S = 60.0
Tell = Callable[[str], None]


def build(data: DemoData, tell: Tell) -> None:
    """All sources in the data folder, with PostgreSQL running, which is started by whoever supervises the folder."""
    if not is_made(data.data_dir):
        tell("Creating PostgreSQL")
        data.postgres.make()
    data.postgres.wait()
    tell("Filling the sources")
    data.load_pagila()
    data.build_chinook()
    data.build_analytics()
    data.build_rentals()
    data.build_jaffle_shop()


def recipe(data: DemoData, name: str) -> SourceSpec:
    """The source that ``demo/recipes/<name>.yaml`` describes, in this data folder."""
    text = (FILES / "recipes" / f"{name}.yaml").read_text("utf-8")
    given = {"data": str(data.folder), "password": data.reader_password()}
    # Inside the double quotes of YAML, as JSON escapes it.
    return parse_recipe(
        Template(text).substitute({key: json.dumps(value)[1:-1] for key, value in given.items()})
    )


async def fill(graph: GraphSession, data: DemoData, api: str, token: str, tell: Tell) -> list[dict[str, Any]]:
    """Scan what has not been scanned yet, all at once, and post the events; the runs, none where nothing was left to do.

    ``api`` is the address of the API. Raises ``PursightError`` where a source cannot be reached or events are refused.
    """
    waiting = [name for name in (*FIRST, *THEN) if await _waits(graph, data, name)]
    if waiting:
        tell("Scanning")
    runs: list[dict[str, Any]] = []
    for wave in (FIRST, THEN):
        runs += await scanned(graph, [name for name in wave if name in waiting], join=True)
    succeeded = all(run["state"] == RunState.SUCCEEDED for run in runs)
    if succeeded and not await catalog.by_urns(graph, [LAST_JOB], EVERYTHING):
        tell("Posting OpenLineage events")
        await post(api, token, events())
        await _sql_is_read(graph)
    return runs


async def _waits(graph: GraphSession, data: DemoData, name: str) -> bool:
    spec = recipe(data, name)
    changed = await registered(graph, spec)
    row = (await sources.by_urns(graph, [str(spec.urn)], EVERYTHING))[str(spec.urn)]
    return changed or row["last_run_state"] != RunState.SUCCEEDED


async def post(api: str, token: str, batch: Iterable[Mapping[str, Any]]) -> None:
    """Send events as one batch; raises ``StackError`` where they are refused."""
    import httpx

    async with httpx.AsyncClient(base_url=api, timeout=60) as client:
        answer = await client.post(
            "/api/v1/lineage/batch", json=list(batch), headers={"authorization": f"Bearer {token}"}
        )
    if answer.status_code != 201:
        raise StackError(
            f"The API refused the demo's events with status {answer.status_code}.",
            remedy="Look at logs/api.log in the data folder.",
        )


async def _sql_is_read(graph: GraphSession) -> None:
    """Until a worker has read the SQL of the events; which the API has called."""
    deadline = time.monotonic() + _SQL_LIMIT_S
    while await scanning.queued_sql(graph, first=1) and time.monotonic() < deadline:  # noqa: ASYNC110 - the graph calls nobody
        await asyncio.sleep(0.2)
