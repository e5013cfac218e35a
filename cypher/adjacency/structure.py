"""The structure: assets by position, and the edges of each in compressed sparse rows, both ways. It never changes; a change makes a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cypher.adjacency.columns import Flags, Ints, Longs, Names, Nodes, Stretch, Urns
from schema.domain.identity import Scope

_MOST_SCOPES = 32


@dataclass(frozen=True, slots=True)
class Rows:
    """Edges of one direction: those of position ``i`` are ``counts[i]`` of ``ends`` from ``starts[i]`` on; ``codes`` number what is said of each."""

    starts: Longs
    counts: Ints
    ends: Ints
    codes: npt.NDArray[np.uint16]

    @classmethod
    def of(cls, size: int, begins: Ints, ends: Ints, codes: npt.NDArray[np.uint16]) -> Rows:
        order = np.argsort(begins, kind="stable")
        counts = np.bincount(begins, minlength=size)
        return cls(np.cumsum(counts) - counts, counts.astype(np.int32), ends[order], codes[order])


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Lineage at one version of the graph, which is how far each lane of the audit trail was."""

    nodes: Nodes
    down: Rows
    up: Rows
    down_direct: Rows  # without columns that only filter, join, group or order
    up_direct: Rows
    names: Names
    heads: tuple[int, ...]
    by_key: Ints  # positions in the order of their keys
    profiles: Ints  # number of each position's kind, sensitivity, domain and source together
    profile_of: Longs  # one position for each such number
    doubtful: Flags  # whether SQL of it, or of the dataset of a column, could not be read
    visible: dict[Scope, Flags] = field(default_factory=dict)

    @property
    def edges(self) -> int:
        return len(self.down.ends)

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        rows = (self.down, self.up, self.down_direct, self.up_direct)
        arrays = [getattr(part, name) for part in rows for name in part.__slots__]
        arrays += [getattr(self.nodes, name) for name in self.nodes.__slots__ if name != "urns"]
        arrays += [self.by_key, self.profiles, self.doubtful, self.nodes.urns._text, self.nodes.urns._ends]
        return sum(array.nbytes for array in arrays)

    def positions(self, keys: Longs) -> Ints:
        """Of ``keys``, those that are here."""
        at, there = _places(self.nodes.keys, self.by_key, keys)
        return at[there]

    def seen_by(self, scope: Scope) -> Flags | None:
        """Which positions ``scope`` may see; None for all."""
        if scope.is_everything:
            return None
        found = self.visible.get(scope)
        if found is None:
            found = self.nodes.sensitivities <= scope.clearance
            if scope.domains is not None:
                found &= self.names.domains.among(scope.domains)[self.nodes.domains]
            if len(self.visible) >= _MOST_SCOPES:
                self.visible.clear()
            self.visible[scope] = found
        return found

    def at(self, heads: tuple[int, ...]) -> Adjacency:
        """The same for a later version that changed nothing of it."""
        return replace(self, heads=heads)

    def changed(self, found: Stretch, touched: Longs, heads: tuple[int, ...]) -> Adjacency:
        """With the assets of ``found`` as they are there, and its edges in place of all that reached the keys ``touched``."""
        nodes, moved = _merged(self.nodes, found)
        order = np.argsort(nodes.keys, kind="stable").astype(np.int32)
        reached = np.zeros(len(nodes), np.bool_)
        at, there = _places(nodes.keys, order, touched)
        reached[at[there]] = True
        ups = moved[np.repeat(np.arange(len(self.nodes), dtype=np.int32), self.down.counts)]
        downs = moved[self.down.ends]
        kept = ~reached[downs]
        more_up, more_down, codes = _edges(nodes, order, found)
        return _built(
            nodes,
            np.concatenate([ups[kept], more_up]),
            np.concatenate([downs[kept], more_down]),
            np.concatenate([self.down.codes[kept], codes]),
            self.names,
            heads,
            order,
        )


def build(parts: Sequence[Stretch], names: Names, heads: tuple[int, ...]) -> Adjacency:
    """The whole from stretches that follow one another in the order of urns."""
    whole = Stretch.joined(parts)
    order = np.argsort(whole.keys, kind="stable").astype(np.int32)
    at, there = _places(whole.keys, order, whole.parents)
    nodes = Nodes(
        whole.urns,
        whole.keys,
        whole.kinds,
        whole.sensitivities,
        whole.domains,
        whole.sources,
        np.where(there, at, np.int32(-1)),
        whole.unread,
    )
    return _built(nodes, *_edges(nodes, order, whole), names, heads, order)


def _built(
    nodes: Nodes,
    ups: Ints,
    downs: Ints,
    codes: npt.NDArray[np.uint16],
    names: Names,
    heads: tuple[int, ...],
    order: Ints,
) -> Adjacency:
    size = len(nodes)
    direct = np.array([not each.indirect for each in names.said.values], np.bool_)[codes]
    mixed = nodes.kinds.astype(np.int64)
    for column, table in (
        (nodes.sensitivities, 8),
        (nodes.domains, len(names.domains.values)),
        (nodes.sources, len(names.sources.values)),
    ):
        mixed = mixed * max(table, 1) + column
    _, firsts, profiles = np.unique(mixed, return_index=True, return_inverse=True)
    return Adjacency(
        nodes,
        Rows.of(size, ups, downs, codes),
        Rows.of(size, downs, ups, codes),
        Rows.of(size, ups[direct], downs[direct], codes[direct]),
        Rows.of(size, downs[direct], ups[direct], codes[direct]),
        names,
        heads,
        order,
        profiles.astype(np.int32),
        firsts.astype(np.int64),
        nodes.unread
        | (
            (nodes.kinds == names.kinds.number("COLUMN")) & (nodes.parents >= 0) & nodes.unread[nodes.parents]
        ),
    )


def _places(keys: Longs, order: Ints, wanted: Longs) -> tuple[Ints, Flags]:
    """Positions of ``wanted`` among ``keys``, which ``order`` sorts, and whether each is there."""
    if not len(keys):
        return np.zeros(len(wanted), np.int32), np.zeros(len(wanted), np.bool_)
    at = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    return at, keys[at] == wanted


def _edges(nodes: Nodes, order: Ints, found: Stretch) -> tuple[Ints, Ints, npt.NDArray[np.uint16]]:
    """Edges between positions; one whose end is not here belongs to a change that is still to come."""
    ups, has_up = _places(nodes.keys, order, found.ups)
    downs, has_down = _places(nodes.keys, order, found.downs)
    both = has_up & has_down
    return ups[both], downs[both], found.codes[both].astype(np.uint16)


def _merged(old: Nodes, found: Stretch) -> tuple[Nodes, Ints]:
    """Nodes with those of ``found`` put in or over them, and where each old position went."""
    places = [old.urns.place(found.urns[number]) for number in range(len(found.keys))]
    is_new = np.array(
        [at == len(old) or old.urns[at] != found.urns[number] for number, at in enumerate(places)],
        np.bool_,
    )
    before = np.array(places, np.int64)
    inserted = before[is_new]
    moved = (np.arange(len(old)) + np.searchsorted(inserted, np.arange(len(old)), side="right")).astype(
        np.int32
    )
    at = (before + np.cumsum(is_new) - is_new).astype(np.int64)

    def column(name: str) -> Any:
        mine, theirs = getattr(old, name), getattr(found, name)
        values = np.empty(len(old) + len(inserted), mine.dtype)
        values[moved] = mine
        values[at] = theirs
        return values

    keys = column("keys")
    order = np.argsort(keys, kind="stable").astype(np.int32)
    parents = np.full(len(keys), -1, np.int32)
    parents[moved] = np.where(old.parents >= 0, moved[old.parents], -1)
    own, there = _places(keys, order, found.parents)
    parents[at] = np.where(there, own, -1)
    nodes = Nodes(
        _urns(old.urns, found.urns, inserted, np.flatnonzero(is_new)),
        keys,
        column("kinds"),
        column("sensitivities"),
        column("domains"),
        column("sources"),
        parents,
        column("unread"),
    )
    return nodes, moved


def _urns(old: Urns, found: Urns, inserted: Longs, new: Longs) -> Urns:
    if not len(inserted):
        return old
    parts, start = [], 0
    for place, number in zip(inserted.tolist(), new.tolist(), strict=True):
        parts += [old.part(start, place), found.part(number, number + 1)]
        start = place
    return Urns.joined([*parts, old.part(start, len(old))])
