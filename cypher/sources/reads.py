"""Reading sources as one reader may see them; ``config`` is sealed and never for an answer as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession
from schema.domain.identity import Scope

_PAGE_FORWARD = load(__package__, "page_forward")
_PAGE_BACKWARD = load(__package__, "page_backward")
_BY_URNS = load(__package__, "by_urns")
_BY_KEYS = load(__package__, "by_keys")

Row = dict[str, Any]


async def page(
    graph: GraphSession,
    scope: Scope,
    *,
    registered: bool | None,
    key: str | None,
    backward: bool,
    first: int,
) -> list[Row]:
    """Sources by urn; ``registered`` False gives instances that only lineage mentioned, None gives both."""
    query = _PAGE_BACKWARD if backward else _PAGE_FORWARD
    start = ("\uffff" if backward else "") if key is None else key
    rows = await graph.rows(query, key=start, registered=registered, first=first, **scope.parameters())
    return [row["source"] for row in rows]


async def by_urns(graph: GraphSession, urns: Sequence[str], scope: Scope) -> dict[str, Row]:
    rows = await graph.rows(_BY_URNS, urns=list(urns), **scope.parameters())
    return {row["source"]["urn"]: row["source"] for row in rows}


async def by_keys(graph: GraphSession, keys: Sequence[int], scope: Scope) -> dict[int, Row]:
    rows = await graph.rows(_BY_KEYS, keys=list(keys), **scope.parameters())
    return {row["source"]["key"]: row["source"] for row in rows}
