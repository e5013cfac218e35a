"""Walks over lineage as one reader may see it: nothing hidden from him is named, and a walk passes it only where told to.

Long walks visit assets nearest first by ``VarLengthExpand(Pruning,BFS)``; the time limit of reads holds for each query.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cypher.catalog.filters import AssetFilter
from cypher.catalogue import load, load_ways
from cypher.session import GraphSession
from schema.domain.identity import Scope
from schema.domain.lineage import Direction
from schema.domain.time import AsOf

_VISIBLE_ENDS = load(__package__, "visible_ends")
_PAGE = load_ways(__package__, "page")
_CONTAINED = load_ways(__package__, "contained")
_READERS = load(__package__, "readers")
_PAGE_BEFORE = load_ways(__package__, "page_before")
_COUNTS = load_ways(__package__, "counts")
_GROUPS = load_ways(__package__, "groups")
_PROBLEMS = load_ways(__package__, "problems")
_HIDDEN = load_ways(__package__, "hidden")
_PATHS = load_ways(__package__, "paths")
_BETWEEN = load_ways(__package__, "between")
_NEIGHBOURS = {
    Direction.DOWNSTREAM: load_ways(__package__, "feeds"),
    Direction.UPSTREAM: load_ways(__package__, "fed_by"),
}
_EDGES_BETWEEN = load_ways(__package__, "edges_between")
_SIDES = (Direction.DOWNSTREAM, Direction.UPSTREAM)
_WAYS = {Direction.DOWNSTREAM: "down", Direction.UPSTREAM: "up", Direction.BOTH: "both"}

UNLIMITED = 1_000_000_000
"""Hops of a walk that ends where the graph does."""

Row = dict[str, Any]


def _when(as_of: AsOf | None) -> dict[str, str]:
    return as_of.parameters() if as_of else {}


def _time(as_of: AsOf | None) -> str:
    return "past" if as_of else "now"


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk starts, where it goes and how far; ``indirect`` also follows columns that only filter, join or group.

    It passes only edges of one of ``origins`` on which one of ``transformations`` happens, where these are given.
    With ``past_hidden`` it goes on behind assets that the reader may not see, and does not tell of them. With
    ``contained``, which ``reach`` knows downstream and forward alone, it starts from all that the asset contains too.
    """

    urn: str
    direction: Direction
    max_hops: int
    indirect: bool = False
    origins: tuple[str, ...] | None = None
    transformations: tuple[str, ...] | None = None
    as_of: AsOf | None = None
    past_hidden: bool = False
    contained: bool = False

    @property
    def way(self) -> str:
        """Which of a query's ways it goes."""
        return _WAYS[self.direction] + ("_past" if self.as_of else "")

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
            **_when(self.as_of),
            "indirect": self.indirect,
            "past_hidden": self.past_hidden,
            "origins": None if self.origins is None else list(self.origins),
            "transformations": None if self.transformations is None else list(self.transformations),
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """One asset that a walk reaches, at its shortest distance; with the urns of a path as of ``paths`` where they came along."""

    urn: str
    hops: int
    path: tuple[str, ...] | None = None


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
    hops, urn = key or ((UNLIMITED, "") if backward else (0, ""))
    common = {
        "filter": None if narrowed is None else narrowed.parameters(),
        "first": first,
        **walk.parameters(scope),
    }
    if walk.contained:
        rows = await graph.rows(_CONTAINED[walk.way], **common)
    elif backward:
        rows = await graph.rows(_PAGE_BEFORE[walk.way], before_hops=hops, before_urn=urn, **common)
    else:
        rows = await graph.rows(_PAGE[walk.way], after_hops=hops, after_urn=urn, **common)
    hits = [
        Hit(row["urn"], row["hops"], tuple(row["path"]) if walk.contained else None)
        for row in rows
        if row["hops"] <= walk.max_hops
    ]
    return hits, len(hits) < len(rows)


async def counts(
    graph: GraphSession, walk: Walk, scope: Scope, *, narrowed: AssetFilter | None = None
) -> tuple[list[Row], bool]:
    """Numbers of ``assets`` by hops, kind, sensitivity, domain and source; and whether there is more beyond the walk."""
    rows = await graph.rows(
        _COUNTS[walk.way],
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
        _GROUPS[walk.way],
        by=by,
        filter=None if narrowed is None else narrowed.parameters(),
        **walk.parameters(scope),
    )
    within = [row for row in rows if not row["beyond"]]
    return within, len(within) < len(rows)


@dataclass(frozen=True, slots=True)
class Between:
    """An asset on ways from one to another: how far it is from the end, and whether the reader may see it."""

    left: int
    visible: bool


async def between(
    graph: GraphSession, walk: Walk, target: str, scope: Scope, *, first: int
) -> tuple[dict[str, Between], bool]:
    """Assets on ways of the walk downstream to ``target``, by urn, and whether there are longer ways.

    At most ``first``, those on the shortest ways before others.
    """
    rows = await graph.rows(_BETWEEN[walk.way], target=target, first=first, **walk.parameters(scope))
    within = {
        row["urn"]: Between(row["left"], row["visible"]) for row in rows if row["length"] <= walk.max_hops
    }
    return within, len(within) < len(rows)


async def unread_sql(graph: GraphSession, walk: Walk, scope: Scope) -> int:
    """How many datasets the walk touches whose SQL could not be read, so that it may lack edges."""
    row = await graph.one(_PROBLEMS[walk.way], **walk.parameters(scope))
    return int(row["datasets"]) if row else 0


async def hidden(graph: GraphSession, walk: Walk, scope: Scope) -> int:
    """How many assets that the reader may not see the walk, which has to be one past hidden ones, reaches."""
    row = await graph.one(_HIDDEN[walk.way], **walk.parameters(scope))
    return int(row["assets"]) if row else 0


async def paths(graph: GraphSession, walk: Walk, hits: Sequence[str], scope: Scope) -> dict[str, list[str]]:
    """Urn of each hit to the urns of what the reader may see on one shortest path, the start of the walk first."""
    if walk.direction is Direction.BOTH:
        down, up = await asyncio.gather(
            *(paths(graph, replace(walk, direction=way), hits, scope) for way in _SIDES)
        )
        return {**up, **{urn: path for urn, path in down.items() if len(path) <= len(up.get(urn, path))}}
    rows = await graph.rows(
        _PATHS[walk.way], urn=walk.urn, hits=list(hits), **walk.edges(), **scope.parameters()
    )
    return {row["urn"]: row["path"] for row in rows}


async def readers(graph: GraphSession, urns: Sequence[str], scope: Scope) -> list[Row]:
    """Tests and reports over ``urns`` or the datasets of such columns: ``urn``, ``reader`` and ``is_report``."""
    return await graph.rows(_READERS, urns=list(urns), **scope.parameters())


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
    as_of: AsOf | None = None,
) -> dict[str, list[Row]]:
    """Urn to a page of its direct neighbours: ``urn`` and ``edges``, one per asserter, with their properties and ``type``."""
    rows = await graph.rows(
        _NEIGHBOURS[direction][_time(as_of)],
        **_when(as_of),
        urns=list(urns),
        indirect=indirect,
        key=key,
        backward=backward,
        first=first,
        **scope.parameters(),
    )
    return {row["urn"]: row["neighbours"] for row in rows}


async def edges_between(
    graph: GraphSession,
    urns: Sequence[str],
    scope: Scope,
    *,
    indirect: bool,
    past_hidden: bool = False,
    as_of: AsOf | None = None,
) -> list[Row]:
    """Edges among ``urns``: ``up``, ``down`` and ``edges``, one per asserter.

    With ``past_hidden`` also those of assets that the reader may not see; whoever asks so must not name them.
    """
    return await graph.rows(
        _EDGES_BETWEEN[_time(as_of)],
        urns=list(urns),
        indirect=indirect,
        past_hidden=past_hidden,
        **_when(as_of),
        **scope.parameters(),
    )
