"""Walks over the structure, with the answers that the queries of ``cypher.lineage`` give, paths included.

Breadth first by levels, each a sorted array of positions, so that hits come in the order of (hops, urn) by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from cypher.adjacency.columns import Flags, Ints, Longs
from cypher.adjacency.structure import Adjacency, Rows
from cypher.catalog.filters import AssetFilter
from cypher.lineage.reads import Hit, Row, Walk
from schema.domain.identity import Scope
from schema.domain.lineage import Direction

_DEPTH = 4  # from a source down to its columns
_FEW = 2_000  # below, sorting the level is cheaper than a flag for every position


class _Side:
    """One direction of a walk; ``fronts`` are the positions at each distance, from 1 on, as far as it has gone."""

    def __init__(self, rows: Rows, back: Rows, allowed: Flags | None, size: int) -> None:
        self._rows, self._back, self._allowed = rows, back, allowed
        self._seen = np.zeros(size, np.bool_)
        self.fronts: list[Longs] = []

    def levels(self, front: Longs, passable: Flags | None) -> Iterator[Longs]:
        rows, seen, size = self._rows, self._seen, len(self._seen)
        seen[front] = True
        while True:
            counts = rows.counts.take(front)
            total = int(counts.sum())
            if not total:
                return
            # Where the edges of all these positions lie: runs of consecutive numbers, one after the other.
            at = np.repeat(rows.starts.take(front) - (np.cumsum(counts) - counts), counts)
            at += np.arange(total)
            ends = rows.ends.take(at)
            if self._allowed is not None:
                ends = ends[self._allowed.take(rows.codes.take(at))]
            ends = ends[~seen.take(ends)]
            if passable is not None:
                ends = ends[passable.take(ends)]
            if not len(ends):
                return
            front = _distinct(ends, size)
            seen[front] = True
            self.fronts.append(front)
            yield front

    def has(self, position: int, hops: int) -> bool:
        """Whether ``position`` is at this distance."""
        return len(self.fronts) >= hops and bool(_among(self.fronts[hops - 1], np.array([position]))[0])

    def path(self, hit: int, hops: int, start: Longs, known: dict[int, int]) -> list[int]:
        """Positions of a shortest path to ``hit``, a start first; of several ways back the first by urn."""
        found = [hit]
        for left in range(hops - 1, -1, -1):
            before = known.get(hit)
            if before is None:
                begin = int(self._back.starts[hit])
                end = begin + int(self._back.counts[hit])
                ends = self._back.ends[begin:end]
                if self._allowed is not None:
                    ends = ends[self._allowed.take(self._back.codes[begin:end])]
                nearer = self.fronts[left - 1] if left else start
                before = known[hit] = int(ends[_among(nearer, ends)].min())
            hit = before
            found.append(hit)
        return found[::-1]


def _among(ordered: Longs, wanted: npt.NDArray[Any]) -> Flags:
    """Which of ``wanted`` are in ``ordered``."""
    at = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    found: Flags = ordered.take(at) == wanted
    return found


def _distinct(ends: Ints, size: int) -> Longs:
    if len(ends) < _FEW:
        return np.unique(ends).astype(np.int64)
    flags = np.zeros(size, np.bool_)
    flags[ends] = True
    return np.flatnonzero(flags)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What hits are narrowed to, with the keys of those that carry what only the graph knows."""

    filter: AssetFilter
    labelled: tuple[Longs, ...] = ()


class Walked:
    """One walk of one reader over one structure, as far as somebody asked; several threads may ask."""

    def __init__(self, within: Adjacency, walk: Walk, scope: Scope) -> None:
        self.within, self.walk = within, walk
        self.seen = within.seen_by(scope)
        allowed = _allowed(within, walk)
        down, up = (within.down, within.up) if walk.indirect else (within.down_direct, within.up_direct)
        ways = {Direction.DOWNSTREAM: (down, up), Direction.UPSTREAM: (up, down)}
        directions = ways if walk.direction is Direction.BOTH else (walk.direction,)
        self.sides = [_Side(*ways[each], allowed, len(within.nodes)) for each in directions]
        self.start = self._from()
        self._found: list[Longs] = []
        self._more = self._walked()
        self._lock = Lock()

    def levels(self) -> Iterator[tuple[int, Longs]]:
        """Distance and positions at it; those that both sides reach at the shorter one."""
        for hops in count(1):
            with self._lock:
                if len(self._found) < hops:
                    level = next(self._more, None)
                    if level is None:
                        return
                    self._found.append(level)
            yield hops, self._found[hops - 1]

    def _from(self) -> Longs:
        """The start, where the reader may see it, and what it contains where the walk starts there too."""
        start = self.within.nodes.urns.find(self.walk.urn)
        if start is None or (self.seen is not None and not self.seen[start]):
            return np.zeros(0, np.int64)
        found = np.array([start], np.int64)
        if not self.walk.contained:
            return found
        inside = np.zeros(len(self.within.nodes), np.bool_)
        parents = self.within.nodes.parents
        inside[found] = True
        for _ in range(_DEPTH):
            inside |= (parents >= 0) & inside[parents]
        if self.seen is not None and not self.walk.past_hidden:
            inside &= self.seen
        return np.flatnonzero(inside)

    def _walked(self) -> Iterator[Longs]:
        passable = None if self.walk.past_hidden else self.seen
        sides = [side.levels(self.start, passable) for side in self.sides]
        if len(sides) == 1:
            yield from sides[0]
            return
        told = np.zeros(len(self.within.nodes), np.bool_)
        while fronts := [front for front in (next(side, None) for side in sides) if front is not None]:
            level = np.unique(np.concatenate(fronts))
            level = level[~told.take(level)]
            told[level] = True
            yield level


class Walking:
    """Questions about a walk, whose hits may be narrowed."""

    def __init__(self, walked: Walked, narrowing: Narrowing | None = None) -> None:
        self._walked, self._in, self._walk, self._seen = walked, walked.within, walked.walk, walked.seen
        self._wanted = None if narrowing is None else _wanted(self._in, narrowing)

    def reach(self, *, key: tuple[int, str] | None, backward: bool, first: int) -> tuple[list[Hit], bool]:
        """As ``cypher.lineage.reads.reach``, with a path in each hit."""
        found, beyond = self._before(key, first) if backward else self._behind(key, first)
        known: list[dict[int, int]] = [{} for _ in self._walked.sides]
        urns = self._in.nodes.urns
        hits = [
            Hit(urns[at], hops, tuple(urns[step] for step in self._path(at, hops, known)))
            for hops, at in found
        ]
        return hits, beyond

    def _behind(self, key: tuple[int, str] | None, first: int) -> tuple[list[tuple[int, int]], bool]:
        after, urn = key or (0, "")
        found: list[tuple[int, int]] = []
        for hops, level in self._walked.levels():
            if hops > self._walk.max_hops:
                return found, bool(len(self._told(level)))
            if hops < after:
                continue
            hits = self._hits(level)
            if hops == after:
                place = self._in.nodes.urns.place(urn)
                same = place < len(self._in.nodes) and self._in.nodes.urns[place] == urn
                hits = hits[np.searchsorted(hits, place, side="right" if same else "left") :]
            found += [(hops, at) for at in hits[: first - len(found)].tolist()]
            if len(found) == first:
                return found, False
        return found, False

    def _before(self, key: tuple[int, str] | None, first: int) -> tuple[list[tuple[int, int]], bool]:
        last = self._walk.max_hops if key is None else min(key[0], self._walk.max_hops)
        levels = list(islice(self._walked.levels(), last))
        found: list[tuple[int, int]] = []
        for hops, level in reversed(levels):
            hits = self._hits(level)
            if key is not None and hops == key[0]:
                hits = hits[: np.searchsorted(hits, self._in.nodes.urns.place(key[1]), side="left")]
            found += [(hops, at) for at in hits[::-1][: first - len(found)].tolist()]
            if len(found) == first:
                break
        return found, False

    def counts(self) -> tuple[list[Row], bool]:
        """As ``cypher.lineage.reads.counts``."""
        nodes, names = self._in.nodes, self._in.names
        rows: list[Row] = []
        for hops, level in self._walked.levels():
            if hops > self._walk.max_hops:
                if len(self._told(level)):
                    return rows, True
                continue
            numbers = np.bincount(self._in.profiles.take(self._hits(level)))
            for profile in np.flatnonzero(numbers).tolist():
                at = int(self._in.profile_of[profile])
                rows.append(
                    {
                        "hops": hops,
                        "kind": names.kinds.values[nodes.kinds[at]],
                        "sensitivity": int(nodes.sensitivities[at]),
                        "domain": names.domains.values[nodes.domains[at]],
                        "source": names.sources.values[nodes.sources[at]],
                        "assets": int(numbers[profile]),
                    }
                )
        return rows, False

    def groups(self, by: str) -> tuple[list[Row], bool]:
        """As ``cypher.lineage.reads.groups``."""
        counts: dict[int, int] = {}
        nearest: dict[int, int] = {}
        beyond = False
        for hops, level in self._walked.levels():
            if hops > self._walk.max_hops:
                beyond = bool(len(self._told(level)))
                break
            held, numbers = np.unique(self._holders(self._hits(level), by), return_counts=True)
            for group, assets in zip(held.tolist(), numbers.tolist(), strict=True):
                counts[group] = counts.get(group, 0) + assets
                nearest.setdefault(group, hops)
        name = self._group_name(by)
        return [
            {"beyond": False, "group": name(group), "assets": assets, "nearest": nearest[group]}
            for group, assets in counts.items()
        ], beyond

    def unread(self) -> int:
        """As ``cypher.lineage.reads.unread_sql``."""
        nodes, doubtful = self._in.nodes, self._in.doubtful
        found = [level[doubtful.take(level)] for level in (self._walked.start, *self._within())]
        touched = np.concatenate(found)
        holder = np.where(nodes.kinds[touched] == self._kind("COLUMN"), nodes.parents[touched], touched)
        if self._seen is not None and not self._walk.past_hidden:
            holder = holder[self._seen[holder]]
        return len(np.unique(holder))

    def hidden(self) -> int:
        """As ``cypher.lineage.reads.hidden``, for a walk past hidden assets."""
        if self._seen is None:
            return 0
        seen = self._seen
        return sum(int(np.count_nonzero(~seen.take(level))) for level in self._within())

    def _within(self) -> list[Longs]:
        return [level for _, level in islice(self._walked.levels(), self._walk.max_hops)]

    def _told(self, level: Longs) -> Longs:
        """Those of ``level`` that the reader may be told of."""
        if self._seen is None or not self._walk.past_hidden:
            return level
        return level[self._seen.take(level)]

    def _hits(self, level: Longs) -> Longs:
        hits = self._told(level)
        return hits if self._wanted is None else hits[self._wanted.take(hits)]

    def _path(self, hit: int, hops: int, known: Sequence[dict[int, int]]) -> list[int]:
        """A shortest path, without what the reader may not see."""
        sides = self._walked.sides
        side = next(n for n, each in enumerate(sides) if each.has(hit, hops))
        path = sides[side].path(hit, hops, self._walked.start, known[side])
        return path if self._seen is None else [at for at in path if self._seen[at]]

    def _kind(self, name: str) -> int:
        return self._in.names.kinds.number(name)

    def _holders(self, hits: Longs, by: str) -> npt.NDArray[Any]:
        """Number of the group of each hit, -1 for none."""
        nodes = self._in.nodes
        if by == "SOURCE":
            return nodes.sources[hits]
        if by == "DOMAIN":
            return nodes.domains[hits]
        found = np.where(nodes.kinds[hits] == self._kind(by), hits, np.int32(-1))
        above = hits
        for _ in range(2):
            above = np.where(above >= 0, nodes.parents[above], np.int32(-1))
            fits = (found < 0) & (above >= 0) & (nodes.kinds[above] == self._kind(by))
            if self._seen is not None:
                fits &= self._seen[above]
            found = np.where(fits, above, found)
        return found

    def _group_name(self, by: str) -> Any:
        names, urns = self._in.names, self._in.nodes.urns
        if by == "SOURCE":
            return names.sources.values.__getitem__
        if by == "DOMAIN":
            return names.domains.values.__getitem__
        return lambda at: None if at < 0 else urns[at]


def _allowed(within: Adjacency, walk: Walk) -> Flags | None:
    """Which codes of edges the walk passes; None for all."""
    said = within.names.said.values
    passes = [
        (walk.origins is None or each.origin in walk.origins)
        and (
            walk.transformations is None or any(step in walk.transformations for step in each.transformations)
        )
        for each in said
    ]
    return None if all(passes) else np.array(passes, np.bool_)


def _wanted(within: Adjacency, narrowing: Narrowing) -> Flags | None:
    nodes, names, asked = within.nodes, within.names, narrowing.filter
    found = np.ones(len(nodes), np.bool_)
    if asked.kinds is not None:
        found &= names.kinds.among(asked.kinds)[nodes.kinds]
    if asked.domain is not None:
        found &= names.domains.among((asked.domain,))[nodes.domains]
    if asked.source is not None:
        found &= names.sources.among((asked.source,))[nodes.sources]
    if asked.not_source is not None:
        found &= ~names.sources.among((asked.not_source,))[nodes.sources]
    if asked.at_least is not None:
        found &= nodes.sensitivities >= asked.at_least
    if asked.at_most is not None:
        found &= nodes.sensitivities <= asked.at_most
    for keys in narrowing.labelled:
        carries = np.zeros(len(nodes), np.bool_)
        carries[within.positions(keys)] = True
        found &= carries
    return found


def answerable(asked: AssetFilter | None) -> bool:
    """Whether all of a filter is known in memory, or found by a label."""
    return asked is None or all(
        value is None
        for value in (
            asked.subtypes,
            asked.platform,
            asked.name_prefix,
            asked.name_contains,
            asked.status,
            asked.stub,
        )
    )
