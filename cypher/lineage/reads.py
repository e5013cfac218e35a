"""Reads over lineage."""

from __future__ import annotations

from collections.abc import Sequence

from cypher.catalogue import load
from cypher.session import GraphSession
from schema.domain.identity import Scope

_VISIBLE_ENDS = load(__package__, "visible_ends")


async def visible_ends(graph: GraphSession, urns: Sequence[str], scope: Scope) -> dict[str, str]:
    """Those of ``urns`` that the reader may see, with their kind."""
    rows = await graph.rows(_VISIBLE_ENDS, urns=list(urns), **scope.parameters())
    return {row["urn"]: row["kind"] for row in rows}
