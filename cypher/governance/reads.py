"""Reading classifications and verdicts as one reader may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession, Transaction
from schema.domain.identity import Scope
from schema.domain.time import AsOf

_VERDICTS = load(__package__, "verdicts")
_VERDICTS_PAST = load(__package__, "verdicts_past")
_CLASSIFICATIONS = load(__package__, "classifications")
_CLASSIFICATIONS_BY_KEYS = load(__package__, "classifications_by_keys")
_CLASSIFICATIONS_BY_NAMES = load(__package__, "classifications_by_names")
_NARROWER_PAGES = load(__package__, "narrower_pages")
_PARENTS = load(__package__, "parents")
_CLASSIFIED_COUNTS = load(__package__, "classified_counts")
_CLASSIFIED_COUNTS_BELOW = load(__package__, "classified_counts_below")

Row = dict[str, Any]


async def verdicts(
    graph: GraphSession, urns: Sequence[str], scope: Scope, as_of: AsOf | None = None
) -> dict[str, list[Row]]:
    """Urn to ``classification`` and ``verdict`` pairs, rejected ones last, else the surest first."""
    query = _VERDICTS if as_of is None else _VERDICTS_PAST
    when = {} if as_of is None else as_of.parameters()
    rows = await graph.rows(query, urns=list(urns), **when, **scope.parameters())
    return {row["urn"]: row["verdicts"] for row in rows}


@dataclass(frozen=True, slots=True)
class ClassificationFilter:
    """All of it must hold; None asks nothing. ``under`` is a classification, which is among what is below it."""

    category: str | None = None
    regulation: str | None = None
    at_least: int | None = None
    at_most: int | None = None
    under: str | None = None
    built_in: bool | None = None
    enabled: bool | None = None
    text: str | None = None


async def classifications(
    graph: GraphSession, wanted: ClassificationFilter, *, key: str | None, backward: bool, first: int
) -> list[Row]:
    """A page of classifications, by name."""
    asked = asdict(wanted) | {"text": wanted.text.lower() if wanted.text else None}
    rows = await graph.rows(_CLASSIFICATIONS, filter=asked, key=key, backward=backward, first=first)
    return [row["classification"] for row in rows]


async def classifications_by_keys(graph: GraphSession, keys: Sequence[int]) -> dict[int, Row]:
    rows = await graph.rows(_CLASSIFICATIONS_BY_KEYS, keys=list(keys))
    return {row["classification"]["key"]: row["classification"] for row in rows}


async def classifications_by_names(
    reader: GraphSession | Transaction, names: Sequence[str]
) -> dict[str, Row]:
    rows = await reader.rows(_CLASSIFICATIONS_BY_NAMES, names=list(names))
    return {row["classification"]["name"]: row["classification"] for row in rows}


async def narrower(
    graph: GraphSession, names: Sequence[str], *, key: str | None, backward: bool, first: int
) -> dict[str, list[Row]]:
    """Classification to a page of those directly below it, by name."""
    rows = await graph.rows(_NARROWER_PAGES, names=list(names), key=key, backward=backward, first=first)
    return {row["name"]: row["classifications"] for row in rows}


async def parents(graph: GraphSession, names: Sequence[str]) -> dict[str, Row]:
    """Classification to the one directly above it; those at the top are left out."""
    rows = await graph.rows(_PARENTS, names=list(names))
    return {row["name"]: row["classification"] for row in rows}


async def classified_counts(
    graph: GraphSession, names: Sequence[str], scope: Scope, *, narrower: bool = False
) -> dict[str, int]:
    """Classification to the number of assets the reader may see that carry it, or with ``narrower`` one below it; rejected verdicts apart."""
    query = _CLASSIFIED_COUNTS_BELOW if narrower else _CLASSIFIED_COUNTS
    rows = await graph.rows(query, names=list(names), **scope.parameters())
    return {row["name"]: row["assets"] for row in rows}
