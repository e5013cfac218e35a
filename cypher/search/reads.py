"""Searching assets as one reader may see them: hits, matched sets, facets and suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalog.filters import AssetFilter
from cypher.catalogue import load
from cypher.session import GraphSession
from schema.domain.identity import Scope

_EXACT = load(__package__, "exact")
_TEXT = load(__package__, "text")
_TEXT_BEFORE = load(__package__, "text_before")
_TEXT_KEYS = load(__package__, "text_keys")
_VECTOR = load(__package__, "vector")
_FACETS = load(__package__, "facets")
_SUGGEST = load(__package__, "suggest")
_EMBEDDED = load(__package__, "embedded")

_SUGGEST_BOUND = 5_000
_NEAREST = (400, 3_200, 25_600)


async def exact(
    graph: GraphSession, text: str, wanted: AssetFilter, scope: Scope, *, limit: int
) -> list[int]:
    """Keys of assets called ``text``, or ``schema.table`` by their path, or with that urn; datasets first."""
    folded = text.strip().lower()
    rows = await graph.rows(
        _EXACT,
        urn=text.strip(),
        path=folded,
        name=folded.rpartition(".")[2] or folded,
        filter=wanted.parameters(),
        limit=limit,
        **scope.parameters(),
    )
    return [row["key"] for row in rows]


async def text(
    graph: GraphSession,
    lucene: str,
    wanted: AssetFilter,
    scope: Scope,
    *,
    key: tuple[float, str] | None,
    backward: bool,
    first: int,
) -> list[dict[str, Any]]:
    """``key``, ``urn`` and ``score`` of a page of matches, by (score, urn), best first."""
    score, urn = key or (None, "")
    return await graph.rows(
        _TEXT_BEFORE if backward else _TEXT,
        lucene=lucene,
        filter=wanted.parameters(),
        score=score,
        urn=urn,
        first=first,
        **scope.parameters(),
    )


async def text_keys(
    graph: GraphSession, lucene: str, wanted: AssetFilter, scope: Scope, *, bound: int
) -> list[int]:
    """Keys of all matches in no order, at most ``bound``."""
    row = await graph.one(
        _TEXT_KEYS, lucene=lucene, filter=wanted.parameters(), bound=bound, **scope.parameters()
    )
    return list(row["keys"]) if row else []


async def vector(
    graph: GraphSession,
    query: Sequence[float],
    wanted: AssetFilter,
    scope: Scope,
    *,
    limit: int,
    least: float,
) -> list[tuple[int, float]]:
    """(key, similarity from 0 to 1) of at least ``least``, nearest first.

    The index is asked for more until enough of what it gives may be shown, so that hidden neighbours take nobody's place.
    """
    hits: list[tuple[int, float]] = []
    for asked in _NEAREST:
        (row,) = await graph.rows(
            _VECTOR, vector=list(query), filter=wanted.parameters(), limit=asked, **scope.parameters()
        )
        hits = [(key, similarity) for key, similarity in row["hits"] if similarity >= least]
        if len(hits) >= limit or row["seen"] < asked or row["least"] < least:
            break
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:limit]


async def facets(graph: GraphSession, keys: Sequence[int], scope: Scope) -> dict[str, list[tuple[str, int]]]:
    """Facet to (value, number of assets) of the set ``keys``, most frequent first."""
    found: dict[str, list[tuple[str, int]]] = {}
    for row in await graph.rows(_FACETS, keys=list(keys), **scope.parameters()):
        found.setdefault(row["facet"], []).append((row["value"], row["assets"]))
    return found


async def suggest(graph: GraphSession, prefix: str, scope: Scope, *, first: int) -> list[dict[str, Any]]:
    """``name``, ``kinds`` and ``assets`` of names that begin with ``prefix``, short ones first."""
    return await graph.rows(
        _SUGGEST, prefix=prefix.lower(), bound=_SUGGEST_BOUND, first=first, **scope.parameters()
    )


async def embedded(graph: GraphSession, scope: Scope) -> bool:
    """Whether there are vectors to search by meaning."""
    row = await graph.one(_EMBEDDED, **scope.parameters())
    return bool(row and row["ready"])
