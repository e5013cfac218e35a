"""Reading classifications and verdicts as one reader may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession
from schema.domain.identity import Scope
from schema.domain.time import AsOf

_VERDICTS = load(__package__, "verdicts")
_VERDICTS_PAST = load(__package__, "verdicts_past")
_CLASSIFICATIONS = load(__package__, "classifications")
_CLASSIFICATIONS_BY_KEYS = load(__package__, "classifications_by_keys")
_CLASSIFIED_COUNTS = load(__package__, "classified_counts")

Row = dict[str, Any]


async def verdicts(
    graph: GraphSession, urns: Sequence[str], scope: Scope, as_of: AsOf | None = None
) -> dict[str, list[Row]]:
    """Urn to ``classification`` and ``verdict`` pairs, rejected ones last, else the surest first."""
    query = _VERDICTS if as_of is None else _VERDICTS_PAST
    when = {} if as_of is None else as_of.parameters()
    rows = await graph.rows(query, urns=list(urns), **when, **scope.parameters())
    return {row["urn"]: row["verdicts"] for row in rows}


async def classifications(graph: GraphSession, *, key: str | None, backward: bool, first: int) -> list[Row]:
    """A page of all classifications, by name."""
    rows = await graph.rows(_CLASSIFICATIONS, key=key, backward=backward, first=first)
    return [row["classification"] for row in rows]


async def classifications_by_keys(graph: GraphSession, keys: Sequence[int]) -> dict[int, Row]:
    rows = await graph.rows(_CLASSIFICATIONS_BY_KEYS, keys=list(keys))
    return {row["classification"]["key"]: row["classification"] for row in rows}


async def classified_counts(graph: GraphSession, names: Sequence[str], scope: Scope) -> dict[str, int]:
    """Classification to the number of assets the reader may see that carry it, rejected verdicts apart."""
    rows = await graph.rows(_CLASSIFIED_COUNTS, names=list(names), **scope.parameters())
    return {row["name"]: row["assets"] for row in rows}
