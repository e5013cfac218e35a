"""Walks over lineage as one reader may see it: no walk passes what is hidden from him.

Long walks visit assets nearest first by ``VarLengthExpand(Pruning,BFS)``; the time limit of reads holds for each query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cypher.catalog.filters import AssetFilter
from cypher.catalogue import load
from cypher.session import GraphSession
from schema.domain.identity import Scope
from schema.domain.lineage import AsOf, Direction

_VISIBLE_ENDS = load(__package__, "visible_ends")
_PAGE = {
    Direction.DOWNSTREAM: load(__package__, "downstream"),
    Direction.UPSTREAM: load(__package__, "upstream"),
}
_PAGE_PAST = {
    Direction.DOWNSTREAM: load(__package__, "downstream_past"),
    Direction.UPSTREAM: load(__package__, "upstream_past"),
}
_PAGE_BEFORE = {
    Direction.DOWNSTREAM: load(__package__, "downstream_before"),
    Direction.UPSTREAM: load(__package__, "upstream_before"),
}
_PAGE_BEFORE_PAST = {
    Direction.DOWNSTREAM: load(__package__, "downstream_past_before"),
    Direction.UPSTREAM: load(__package__, "upstream_past_before"),
}
_COUNTS = {
    Direction.DOWNSTREAM: load(__package__, "downstream_counts"),
    Direction.UPSTREAM: load(__package__, "upstream_counts"),
}
_GROUPS = {
    Direction.DOWNSTREAM: load(__package__, "downstream_groups"),
    Direction.UPSTREAM: load(__package__, "upstream_groups"),
}
_BETWEEN = load(__package__, "between")
_PROBLEMS = {
    Direction.DOWNSTREAM: load(__package__, "downstream_problems"),
    Direction.UPSTREAM: load(__package__, "upstream_problems"),
}
_PROBLEMS_PAST = {
    Direction.DOWNSTREAM: load(__package__, "downstream_past_problems"),
    Direction.UPSTREAM: load(__package__, "upstream_past_problems"),
}
_PATHS = {
    Direction.DOWNSTREAM: load(__package__, "paths_down"),
    Direction.UPSTREAM: load(__package__, "paths_up"),
}
_PATHS_PAST = {
    Direction.DOWNSTREAM: load(__package__, "paths_down_past"),
    Direction.UPSTREAM: load(__package__, "paths_up_past"),
}
_NEIGHBOURS = {
    Direction.DOWNSTREAM: load(__package__, "feeds"),
    Direction.UPSTREAM: load(__package__, "fed_by"),
}
_EDGES_BETWEEN = load(__package__, "edges_between")
_EDGES_BETWEEN_PAST = load(__package__, "edges_between_past")

MAX_HOPS = 50

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk starts, where it goes and how far; ``indirect`` also follows columns that only filter, join or group.

    It passes only edges of one of ``origins`` on which one of ``transformations`` happens, where these are given.
    """

    urn: str
    direction: Direction
    max_hops: int
    indirect: bool = False
    origins: tuple[str, ...] | None = None
    transformations: tuple[str, ...] | None = None
    as_of: AsOf | None = None

    def parameters(self, scope: Scope) -> dict[str, Any]:
        return {
            "urn": self.urn,
            "max_hops": self.max_hops,
            **self.edges(),
            **scope.parameters(),
        }

    def edges(self) -> dict[str, Any]:
        """Which edges it passes."""
        return {
            **(self.as_of.parameters() if self.as_of else {}),
            "indirect": self.indirect,
            "origins": None if self.origins is None else list(self.origins),
            "transformations": None if self.transformations is None else list(self.transformations),
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """One asset that a walk reaches, at its shortest distance."""

    urn: str
    hops: int


async def visible_ends(graph: GraphSession, urns: Sequence[str], scope: Scope) -> dict[str, str]:
    """Those of ``urns`` that the reader may see, with their kind."""
    rows = await graph.rows(_VISIBLE_ENDS, urns=list(urns), **scope.parameters())
    return {row["urn"]: row["kind"] for row in rows}


async def reach(
    graph: GraphSession,
    walk: Walk,
    scope: Scope,
    *,
    narrowed: AssetFilter | None = None,
    key: tuple[int, str] | None = None,
    backward: bool = False,
    first: int,
) -> tuple[list[Hit], bool]:
    """A page of those hits which ``narrowed`` lets pass, by (hops, urn), and whether it met assets further away than the walk may go.

    Raises ``QueryTimeout``.
    """
    hops, urn = key or ((MAX_HOPS + 1, "") if backward else (0, ""))
    common = {
        "filter": None if narrowed is None else narrowed.parameters(),
        "first": first,
        **walk.parameters(scope),
    }
    if backward:
        rows = await graph.rows(
            (_PAGE_BEFORE_PAST if walk.as_of else _PAGE_BEFORE)[walk.direction],
            before_hops=hops,
            before_urn=urn,
            **common,
        )
    else:
        rows = await graph.rows(
            (_PAGE_PAST if walk.as_of else _PAGE)[walk.direction], after_hops=hops, after_urn=urn, **common
        )
    hits = [Hit(row["urn"], row["hops"]) for row in rows if row["hops"] <= walk.max_hops]
    return hits, len(hits) < len(rows)


async def counts(
    graph: GraphSession, walk: Walk, scope: Scope, *, narrowed: AssetFilter | None = None
) -> tuple[list[Row], bool]:
    """Numbers of ``assets`` by hops, kind, sensitivity, domain and source; and whether there is more beyond the walk."""
    rows = await graph.rows(
        _COUNTS[walk.direction],
        filter=None if narrowed is None else narrowed.parameters(),
        **walk.parameters(scope),
    )
    within = [row for row in rows if row["hops"] <= walk.max_hops]
    return within, len(within) < len(rows)


async def groups(
    graph: GraphSession, walk: Walk, scope: Scope, *, by: str, narrowed: AssetFilter | None = None
) -> tuple[list[Row], bool]:
    """Numbers of ``assets`` and the ``nearest`` hop by ``group``, and whether there is more beyond the walk.

    ``by`` is DATASET or SCHEMA, whose groups are urns, or SOURCE or DOMAIN, whose groups are names; None is no group.
    """
    rows = await graph.rows(
        _GROUPS[walk.direction],
        by=by,
        filter=None if narrowed is None else narrowed.parameters(),
        **walk.parameters(scope),
    )
    within = [row for row in rows if not row["beyond"]]
    return within, len(within) < len(rows)


async def between(
    graph: GraphSession, walk: Walk, target: str, scope: Scope, *, first: int
) -> tuple[dict[str, int], bool]:
    """Assets on ways of the walk downstream to ``target``, with their distance from it, and whether there are longer ways.

    At most ``first``, those on the shortest ways before others.
    """
    rows = await graph.rows(_BETWEEN, target=target, first=first, **walk.parameters(scope))
    within = {row["urn"]: row["left"] for row in rows if row["length"] <= walk.max_hops}
    return within, len(within) < len(rows)


async def unread_sql(graph: GraphSession, walk: Walk, scope: Scope) -> int:
    """How many datasets the walk touches whose SQL could not be read, so that it may lack edges."""
    row = await graph.one(
        (_PROBLEMS_PAST if walk.as_of else _PROBLEMS)[walk.direction], **walk.parameters(scope)
    )
    return int(row["datasets"]) if row else 0


async def paths(graph: GraphSession, walk: Walk, hits: Sequence[str], scope: Scope) -> dict[str, list[str]]:
    """Urn of each hit to the urns of one shortest path, the start of the walk first."""
    rows = await graph.rows(
        (_PATHS_PAST if walk.as_of else _PATHS)[walk.direction],
        urn=walk.urn,
        hits=list(hits),
        **walk.edges(),
        **scope.parameters(),
    )
    return {row["urn"]: row["path"] for row in rows}


async def neighbours(
    graph: GraphSession,
    urns: Sequence[str],
    direction: Direction,
    scope: Scope,
    *,
    indirect: bool,
    key: str | None,
    backward: bool,
    first: int,
) -> dict[str, list[Row]]:
    """Urn to a page of its direct neighbours: ``urn`` and ``edges``, one per asserter, with their properties and ``type``."""
    rows = await graph.rows(
        _NEIGHBOURS[direction],
        urns=list(urns),
        indirect=indirect,
        key=key,
        backward=backward,
        first=first,
        **scope.parameters(),
    )
    return {row["urn"]: row["neighbours"] for row in rows}


async def edges_between(
    graph: GraphSession, urns: Sequence[str], scope: Scope, *, indirect: bool, as_of: AsOf | None = None
) -> list[Row]:
    """Edges among ``urns``: ``up``, ``down`` and ``edges``, one per asserter."""
    common = {"urns": list(urns), "indirect": indirect, **scope.parameters()}
    if as_of is None:
        return await graph.rows(_EDGES_BETWEEN, **common)
    return await graph.rows(_EDGES_BETWEEN_PAST, **as_of.parameters(), **common)
