"""Asks the questions of a first visitor before he comes: plans and pages of a cold database, and the embedding model, take seconds.

Only what is read on the way is kept, in the database's own caches; nothing is answered to anybody.
"""

from __future__ import annotations

import asyncio

import structlog

from graph_api.context import Context
from graph_api.roots import NODE_LOADERS
from graph_api.schema import Schema
from graph_api.services import Services
from schema.domain.identity import SYSTEM
from schema.errors import GraphUnavailable

_log = structlog.get_logger("pursight.warmup")
_PATIENCE_S = 60
_LISTS = """{
  assets(first: 1, filter: {kinds: [DATASET]}) { totalCount edges { node { urn columns(first: 2) { edges { node {
    urn tags { name } classifications { status } } } } ancestors { name } } } }
  search(query: "customer address", first: 2) { totalCount facets { kind } edges { reasons { kind } node { name } } }
  suggest(prefix: "cu") { name }
}"""
_WALKS = """query ($urn: String!) {
  impact(urn: $urn, first: 2) { completeness { complete } edges { cursor } }
  impactCount(urn: $urn) { total }
  lineage(urn: $urn, direction: UPSTREAM) { completeness { complete } nodes { urn } }
}"""


async def warm(schema: Schema, services: Services) -> bool:
    """Whether the questions were answered; waits a minute for the database and never raises but when cancelled."""
    for _ in range(_PATIENCE_S):
        context = Context(SYSTEM, services.graph, node_loaders=NODE_LOADERS, services=services.extra)
        found = await schema.execute(_LISTS, context_value=context)
        if not any(isinstance(error.original_error, GraphUnavailable) for error in found.errors or ()):
            break
        await asyncio.sleep(1)
    edges = ((found.data or {}).get("assets") or {}).get("edges") or ()
    errors = list(found.errors or ())
    for edge in edges:
        walked = await schema.execute(
            _WALKS, variable_values={"urn": edge["node"]["urn"]}, context_value=context
        )
        errors += walked.errors or ()
    if errors:
        _log.warning("warming up", errors=[type(e.original_error or e).__name__ for e in errors])
    return not errors
