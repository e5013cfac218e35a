"""All ways from one asset downstream to another, shortest first."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cypher.lineage import reads
from cypher.lineage.reads import Between, Walk
from graph_api.context import Context
from graph_api.lineage.walks import attempts
from schema.domain.lineage import Incomplete
from schema.errors import QueryTimeout

MOST_ASSETS = 2_000
_MOST_STEPS = 50_000
_Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """What the reader may see of a way, the start first, and its length in edges, hidden ones included."""

    urns: tuple[str, ...]
    hops: int


@dataclass(frozen=True, slots=True)
class Ways:
    """Urns of each way, what is said of each edge among them, and what is known to be missing."""

    walk: Walk
    ways: list[Way]
    edges: dict[tuple[str, str], list[Mapping[str, Any]]]
    lacks: Incomplete | None = None


async def ways_between(context: Context, walk: Walk, target: str, *, first: int) -> Ways:
    """At most ``first`` ways, none of which passes an asset twice."""
    timed_out = False
    for attempt in attempts(walk):
        try:
            left, beyond = await reads.between(
                context.graph, attempt, target, context.scope, first=MOST_ASSETS + 1
            )
            rows = await reads.edges_between(
                context.graph,
                list(left),
                context.scope,
                indirect=walk.indirect,
                past_hidden=walk.past_hidden,
                as_of=walk.as_of,
            )
        except QueryTimeout:
            timed_out = True
            continue
        edges = {(row["up"], row["down"]): row["edges"] for row in rows}
        found, cut, longer = _shortest_first(edges, left, attempt, target, first)
        lacks = (
            Incomplete.TIMEOUT
            if timed_out
            else Incomplete.LIMIT
            if cut or len(left) > MOST_ASSETS
            else Incomplete.HOPS
            if beyond or longer
            else None
        )
        return Ways(attempt, found, edges, lacks)
    return Ways(walk, [], {}, Incomplete.TIMEOUT)


def _shortest_first(
    edges: Mapping[tuple[str, str], Any], left: Mapping[str, Between], walk: Walk, target: str, first: int
) -> tuple[list[Way], bool, bool]:
    """Ways without repetition in the order of (length, urns), whether there are more, whether there are longer ones.

    Best first, by the length so far and the shortest that is left (A*: Hart, Nilsson, Raphael 1968).
    """
    after: dict[str, list[str]] = {}
    for up, down in edges:
        after.setdefault(up, []).append(down)
    found: dict[Way, None] = {}  # ways that differ in what is hidden alone are one
    longer = False
    heap: list[tuple[int, _Steps]] = [(left[walk.urn].left, (walk.urn,))] if walk.urn in left else []
    for _ in range(_MOST_STEPS):
        if not heap:
            return list(found), False, longer
        _, way = heapq.heappop(heap)
        if way[-1] == target:
            seen = Way(tuple(urn for urn in way if left[urn].visible), len(way) - 1)
            if len(found) == first and seen not in found:
                return list(found), True, longer
            found[seen] = None
            continue
        for step in after.get(way[-1], ()):
            if step in way:
                continue
            length = len(way) + left[step].left
            if length > walk.max_hops:
                longer = True
            else:
                heapq.heappush(heap, (length, (*way, step)))
    return list(found), bool(heap), longer


def hops_of(way: Way, edges: Mapping[tuple[str, str], Any]) -> Sequence[tuple[str, str, Any]]:
    """The edges of a way, in its order; with None where hidden assets lie between their ends."""
    return [(up, down, edges.get((up, down))) for up, down in pairwise(way.urns)]
