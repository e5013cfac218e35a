"""What columns must inherit, computed the simple way: one walk per origin, over plain dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schema.domain.propagation import Reason, Reasons

LISTED = 7

Says = Mapping[int, Mapping[str, float]]
Lists = dict[int, dict[str, Reasons]]


def inherited(edges: Iterable[tuple[int, int]], says: Says, closed: Iterable[tuple[int, str]]) -> Lists:
    """Column to classification to reasons, nearest first; ``edges`` are those that carry the value, ``closed`` what inherits nothing."""
    shut = set(closed)
    fed: dict[int, set[int]] = {}
    for up, down in edges:
        fed.setdefault(up, set()).add(down)
    found: dict[int, dict[str, list[Reason]]] = {}
    for origin, names in says.items():
        for name, sure in names.items():
            hops, edge = {origin: 0}, [origin]
            while edge:
                after: dict[int, int] = {}
                for up in edge:
                    for down in fed.get(up, ()):
                        if down not in hops and (down, name) not in shut:
                            after[down] = min(up, after.get(down, up))
                distance = hops[edge[0]] + 1
                for down, via in after.items():
                    hops[down] = distance
                    reason = Reason(distance, origin, via, sure)
                    found.setdefault(down, {}).setdefault(name, []).append(reason)
                edge = list(after)
    return {
        column: {
            name: tuple(sorted(some)[: LISTED - (name in says.get(column, {}))])
            for name, some in lists.items()
        }
        for column, lists in found.items()
    }
