"""Reading incidents as one reader may know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.lineage.reads import Walk
from cypher.paging import TimePages
from cypher.session import GraphSession
from schema.domain.identity import EVERYTHING, Scope
from schema.domain.lineage import Direction

_TO_OPEN = load(__package__, "to_open")
_REACHED = load(__package__, "reached")
_PAGES = TimePages.of(__package__)
_BY_KEYS = load(__package__, "by_keys")
_AFFECTED = load(__package__, "affected")

Row = dict[str, Any]


async def to_open(graph: GraphSession, run: str, *, first: int) -> tuple[int, int, list[Row]]:
    """How many incidents a run has, how many of its breaking versions have none, and some of these.

    Each has ``urn``, ``version`` and ``gone``; those of datasets that feed most come first.
    """
    row = await graph.one(_TO_OPEN, run=run, first=first)
    return (int(row["opened"]), int(row["waiting"]), row["versions"]) if row else (0, 0, [])


async def reached(
    graph: GraphSession, starts: Mapping[str, Sequence[str]], *, max_hops: int, first: int
) -> dict[str, tuple[int, list[Row]]]:
    """Id to how many assets lie downstream of its starts, and the nearest of them: ``urn`` and ``hops``.

    Raises ``QueryTimeout``.
    """
    walk = Walk("", Direction.DOWNSTREAM, max_hops, indirect=True)
    rows = [{"id": ident, "urns": list(urns)} for ident, urns in starts.items()]
    found = await graph.rows(
        _REACHED, rows=rows, max_hops=max_hops, first=first, **walk.edges(), **EVERYTHING.parameters()
    )
    return {row["id"]: (int(row["total"]), row["nearest"]) for row in found}


def _incident(row: Mapping[str, Any]) -> Row:
    return {**row["incident"], "dataset": row["dataset"]}


async def page(
    graph: GraphSession,
    scope: Scope,
    *,
    dataset: str | None,
    states: Sequence[str] | None,
    key: tuple[str, str] | None,
    backward: bool,
    first: int,
) -> list[Row]:
    """Incidents by (time of opening, id), newest first, each with the urn of its ``dataset``."""
    rows = await _PAGES.rows(
        graph,
        key=key,
        backward=backward,
        first=first,
        states=states,
        dataset=dataset,
        **scope.parameters(),
    )
    return [_incident(row) for row in rows]


async def by_keys(graph: GraphSession, keys: Sequence[int], scope: Scope) -> dict[int, Row]:
    rows = await graph.rows(_BY_KEYS, keys=list(keys), **scope.parameters())
    return {row["incident"]["key"]: _incident(row) for row in rows}


async def affected(
    graph: GraphSession,
    ids: Sequence[str],
    scope: Scope,
    *,
    key: tuple[int, str] | None,
    backward: bool,
    first: int,
) -> dict[str, tuple[int, list[Row]]]:
    """Id to how many of the assets that the incident names the reader may see, and a page of them by (hops, urn)."""
    rows = await graph.rows(
        _AFFECTED,
        ids=list(ids),
        key=None if key is None else list(key),
        backward=backward,
        first=first,
        **scope.parameters(),
    )
    return {row["id"]: (int(row["total"]), row["assets"]) for row in rows}
