"""What one picture shows, as one reader may see it: read in large parts, each of few rows that hold much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cypher.catalogue import Query, load, load_ways
from cypher.lineage.reads import Walk
from cypher.session import GraphSession
from schema.domain.identity import Scope

_NODES = load(__package__, "nodes")
_EDGES = load_ways(__package__, "edges")
_OUTSIDE = load_ways(__package__, "outside")
_COLUMNS = load_ways(__package__, "columns")
_PAST_HIDDEN = load_ways(__package__, "past_hidden")

PART = 1_000

Row = dict[str, Any]
Said = Mapping[str, Any]


async def nodes(graph: GraphSession, urns: Sequence[str], scope: Scope) -> dict[str, Row]:
    """Urn to what a picture tells of an asset; ``holders`` are what holds it, the nearest first, at most two."""
    found: dict[str, Row] = {}
    for part in _parts(urns):
        row = await graph.one(_NODES, urns=part, **scope.parameters())
        found |= {node["urn"]: node for node in (row["nodes"] if row else ())}
    return found


async def edges(
    graph: GraphSession, urns: Sequence[str], walk: Walk, scope: Scope
) -> dict[tuple[str, str], list[Said]]:
    """What is said of each edge among ``urns`` that ``walk`` would pass, one row per asserter, by its two ends."""
    found: dict[tuple[str, str], list[Said]] = {}
    for part in _parts(urns):
        rows = await graph.rows(
            _way(_EDGES, walk), part=part, urns=list(urns), **_passed(walk), **scope.parameters()
        )
        found |= {(row["up"], down): said for row in rows for down, said in row["edges"]}
    return found


async def outside(
    graph: GraphSession, urns: Sequence[str], walk: Walk, scope: Scope
) -> dict[str, tuple[int, int]]:
    """Urn to the numbers of its direct neighbours (upstream, downstream) that are not among ``urns``; zeros are left out."""
    found: dict[str, tuple[int, int]] = {}
    for part in _parts(urns):
        row = await graph.one(
            _way(_OUTSIDE, walk), part=part, urns=list(urns), **_passed(walk), **scope.parameters()
        )
        found |= {urn: (above, below) for urn, above, below in (row["counts"] if row else ())}
    return found


async def column_uses(
    graph: GraphSession, datasets: Sequence[str], walk: Walk, scope: Scope
) -> list[tuple[str, str, str, str]]:
    """(dataset, its column, what that feeds, the dataset which this is or belongs to), all within ``datasets``."""
    found: list[tuple[str, str, str, str]] = []
    for part in _parts(datasets):
        rows = await graph.rows(
            _way(_COLUMNS, walk), part=part, urns=list(datasets), **_passed(walk), **scope.parameters()
        )
        found += [(row["dataset"], up, down, held) for row in rows for up, down, held in row["uses"]]
    return found


async def past_hidden(
    graph: GraphSession, urns: Sequence[str], walk: Walk, scope: Scope
) -> list[tuple[str, str]]:
    """Pairs of ``urns`` of which the first feeds the second over assets alone that the reader may not see."""
    found: list[tuple[str, str]] = []
    for part in _parts(urns):
        rows = await graph.rows(
            _way(_PAST_HIDDEN, walk), part=part, urns=list(urns), **_passed(walk), **scope.parameters()
        )
        found += [(row["up"], row["down"]) for row in rows]
    return found


def _way(ways: Mapping[str, Query], walk: Walk) -> Query:
    return ways["past" if walk.as_of else "now"]


def _passed(walk: Walk) -> dict[str, Any]:
    """Which edges the walk passes; these statements say themselves what they do at hidden assets."""
    return {name: value for name, value in walk.edges().items() if name != "past_hidden"}


def _parts(urns: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(urns), PART):
        yield list(urns[start : start + PART])
