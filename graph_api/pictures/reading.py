"""Reads one picture: a walk each way, the edges among what it reaches, and what is told of each asset, all in few questions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cypher.lineage.reads import UNLIMITED, Walk
from cypher.pictures import reads
from cypher.pictures.reads import Row, Said
from graph_api.context import Context
from graph_api.lineage.walks import SHORT, Reached, reach, unread
from graph_api.pictures.columns import with_columns
from graph_api.pictures.layout import Layout, arrange
from graph_api.pictures.model import Assertion, Edge, Holder, Job, Node, Picture
from schema.domain.lineage import Direction, Incomplete


@dataclass(frozen=True, slots=True)
class Question:
    """Which picture is wanted: what ``walk`` reaches, at most ``most`` assets besides the start.

    ``most_columns`` adds that many columns of the datasets that exchange something with those of the start.
    """

    walk: Walk
    most: int
    most_columns: int = 0

    @property
    def ways(self) -> tuple[Direction, ...]:
        """The directions of the walk, one by one: each node lies on one side of the start."""
        both = (Direction.DOWNSTREAM, Direction.UPSTREAM)
        return both if self.walk.direction is Direction.BOTH else (self.walk.direction,)


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What a picture holds before anything is told of it: urns with their levels, and what is said of each edge.

    ``past_hidden`` are the ends of edges that stand for ways over assets which the reader may not see.
    """

    question: Question
    levels: Mapping[str, int]
    edges: Mapping[tuple[str, str], list[Said]]
    past_hidden: Sequence[tuple[str, str]]
    lacks: Incomplete | None
    limit: int | None


async def surroundings(context: Context, question: Question) -> Surroundings | None:
    """What surrounds the start; None where the reader may not see it."""
    graph, scope, walk = context.graph, context.scope, question.walk
    walks = [replace(walk, direction=way) for way in question.ways]
    seen, found = await asyncio.gather(
        reads.nodes(graph, [walk.urn], scope),
        asyncio.gather(*(reach(context, each, first=question.most + 1) for each in walks)),
    )
    if not seen:
        return None
    levels, cut = _nearest(question, found)
    lacks, limit = _walked(question, found, cut)
    if question.most_columns and seen[walk.urn]["kind"] == "DATASET":
        uses = await reads.column_uses(graph, list(levels), walk, scope)
        levels, cut = with_columns(walk.urn, question.ways, levels, uses, most=question.most_columns)
        if cut and lacks is not Incomplete.TIMEOUT:
            lacks, limit = Incomplete.LIMIT, question.most_columns
    edges, past_hidden = await asyncio.gather(
        reads.edges(graph, list(levels), walk, scope), _past_hidden(context, list(levels), walk)
    )
    return Surroundings(question, levels, edges, past_hidden, lacks or await unread(context, walk), limit)


async def _past_hidden(context: Context, urns: list[str], walk: Walk) -> list[tuple[str, str]]:
    if not walk.past_hidden:
        return []
    return await reads.past_hidden(context.graph, urns, walk, context.scope)


def _nearest(question: Question, found: Sequence[Reached]) -> tuple[dict[str, int], bool]:
    """Urns with their levels, as many as are wanted, and whether there are more."""
    near = sorted(
        ((hit.hops, hit.urn, reached.walk.direction) for reached in found for hit in reached.hits),
        key=lambda each: (each[0], each[1], each[2].value),
    )
    levels = {question.walk.urn: 0}
    for hops, urn, way in near:
        if len(levels) <= question.most:
            levels.setdefault(urn, hops if way is Direction.DOWNSTREAM else -hops)
    return levels, any(urn not in levels for _, urn, _ in near)


def _walked(question: Question, found: Sequence[Reached], cut: bool) -> tuple[Incomplete | None, int | None]:
    lacks = [reached.lacks for reached in found]
    if Incomplete.TIMEOUT in lacks:
        return Incomplete.TIMEOUT, min(SHORT, question.walk.max_hops)
    if cut:
        return Incomplete.LIMIT, question.most
    first = next((reason for reason in lacks if reason), None)
    return first, question.walk.max_hops if first is Incomplete.HOPS else None


async def picture(context: Context, of: Surroundings) -> Picture:
    """All that is told of the assets and edges."""
    urns, walk = list(of.levels), of.question.walk
    jobs = sorted({row["job"] for said in of.edges.values() for row in said if row.get("job")})
    rows, outside, named = await asyncio.gather(
        reads.nodes(context.graph, urns, context.scope),
        reads.outside(context.graph, urns, walk, context.scope),
        reads.nodes(context.graph, jobs, context.scope),
    )
    nodes = [
        _node(rows[urn], level, outside.get(urn, (0, 0))) for urn, level in of.levels.items() if urn in rows
    ]
    known = {urn: Job(urn, row["name"] or urn) for urn, row in named.items()}
    return Picture(
        start=walk.urn,
        direction=walk.direction,
        max_hops=None if walk.max_hops == UNLIMITED else walk.max_hops,
        nodes=tuple(sorted(nodes, key=lambda node: (node.level, node.urn))),
        edges=tuple(
            edge
            for edge in [
                *(Edge(*ends, _assertions(said, known)) for ends, said in sorted(of.edges.items())),
                *(Edge(*ends, past_hidden=True) for ends in sorted(of.past_hidden)),
            ]
            if edge.upstream in rows and edge.downstream in rows
        ),
        lacks=of.lacks,
        limit=of.limit,
        as_of=walk.as_of,
    )


def _node(row: Row, level: int, outside: tuple[int, int]) -> Node:
    return Node(
        urn=row["urn"],
        name=row["name"] or row["urn"],
        path=row["path"] or row["name"] or "",
        kind=row["kind"],
        subtype=row["subtype"],
        platform=row["platform"] or "other",
        source=row["source"] or "",
        domain=row["domain"] or "",
        sensitivity=row["sensitivity"] or 0,
        data_type=row["data_type"] or "",
        ordinal=row["ordinal"] or 0,
        level=level,
        holders=tuple(_holder(holder) for holder in row["holders"]),
        more_upstream=outside[0],
        more_downstream=outside[1],
    )


def _holder(row: Row) -> Holder:
    return Holder(
        urn=row["urn"],
        name=row["name"] or row["urn"],
        path=row["path"] or row["name"] or "",
        kind=row["kind"],
        subtype=row["subtype"],
        platform=row["platform"] or "other",
        source=row["source"] or "",
        sensitivity=row["sensitivity"] or 0,
    )


def _assertions(said: Iterable[Said], jobs: Mapping[str, Job]) -> tuple[Assertion, ...]:
    """In a stable order; a job that the reader may not see is not named."""
    ordered = sorted(said, key=lambda row: (row["type"], row.get("assertion") or "", row.get("job") or ""))
    return tuple(
        Assertion(
            origin=row.get("origin") or "FOREIGN",
            transformations=tuple(row.get("transformations") or ("UNKNOWN",)),
            indirect=row["type"] == "INFLUENCES",
            confidence=float(row.get("confidence") or 0.0),
            first_seen=row.get("first_seen") or "",
            last_seen=row.get("last_seen") or "",
            job=jobs.get(row.get("job") or ""),
        )
        for row in ordered
    )


async def drawings(context: Context, of: list[Surroundings]) -> Sequence[tuple[Picture, Layout]]:
    """Pictures with their layouts; for a loader, so that all nodes of one answer share them."""
    found = await asyncio.gather(*(picture(context, each) for each in of))
    # The layout of a hundred assets with a thousand columns takes longer than the other requests should wait.
    layouts = await asyncio.gather(*(asyncio.to_thread(arrange, each) for each in found))
    return list(zip(found, layouts, strict=True))
