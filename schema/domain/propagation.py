"""What columns inherit along lineage: which classifications, from where, over how many hops; decided here, and stored elsewhere.

Every column lists, per classification, the nearest columns that say so. What a column lists follows from the lists of the columns that feed
it alone, and, since each entry is one hop farther than the one it rests on, there is just one way to fill in all lists. So where no column
differs from what its feeders say, everything is right; and where some do, only what is downstream of those can change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from schema.domain.lineage import Transformation

TOLD = 5
"""Reasons of an inherited classification that people are told of: the nearest."""

_LISTED = TOLD + 2  # one may be the column itself, and one says that there are more

CARRIES = frozenset(
    {
        Transformation.IDENTITY,
        Transformation.CAST,
        Transformation.EXPRESSION,
        Transformation.SELECTION,
        Transformation.UNKNOWN,
    }
)
"""What leaves the value, or a part of it, readable. An edge carries where one of its ways does."""


class Reason(NamedTuple):
    """``origin`` says so itself, ``hops`` away, the last of them from ``via``; columns by key. Sorts by nearness."""

    hops: int
    origin: int
    via: int
    confidence: float


Reasons = tuple[Reason, ...]


class Change(NamedTuple):
    """What ``column`` is to list for ``classification``: nothing where it inherits it no more. ``before`` is what it lists now."""

    column: int
    classification: str
    reasons: Reasons
    before: Reasons


@dataclass(slots=True)
class Columns:
    """What is known of some columns and of all that feed them directly; columns by key.

    ``says`` is what people or machines found in the column itself, with how sure that is; ``closed`` are (column, classification) pairs
    that inherit nothing, since a person rejected it there or a block forbids it; ``lists`` is what is stored.
    """

    says: dict[int, dict[str, float]] = field(default_factory=dict)
    closed: set[tuple[int, str]] = field(default_factory=set)
    lists: dict[int, dict[str, Reasons]] = field(default_factory=dict)
    feeders: dict[int, list[int]] = field(default_factory=dict)

    def passed_on(self, column: int, name: str) -> Reasons:
        """What ``column`` tells those that it feeds, itself first."""
        listed = self.lists.get(column, {}).get(name, ())
        own = self.says.get(column, {}).get(name)
        return listed if own is None else (Reason(0, column, column, own), *listed)[:_LISTED]

    def names(self, column: int) -> set[str]:
        """The classifications that ``column`` lists or that what feeds it says."""
        found = set(self.lists.get(column, ()))
        for feeder in self.feeders.get(column, ()):
            found |= self.says.get(feeder, {}).keys() | self.lists.get(feeder, {}).keys()
        return found


def check(columns: Columns, some: Iterable[int]) -> dict[str, set[int]]:
    """Classification to those of ``some`` columns that do not list what the columns that feed them say."""
    wrong: dict[str, set[int]] = {}
    for column in some:
        for name in columns.names(column):
            if _from_feeders(columns, column, name) != columns.lists.get(column, {}).get(name, ()):
                wrong.setdefault(name, set()).add(column)
    return wrong


def _from_feeders(columns: Columns, column: int, name: str) -> Reasons:
    if (column, name) in columns.closed:
        return ()
    nearest: dict[int, Reason] = {}
    for feeder in columns.feeders.get(column, ()):
        for hops, origin, _, confidence in columns.passed_on(feeder, name):
            reason = Reason(hops + 1, origin, feeder, confidence)
            if origin != column and (origin not in nearest or reason < nearest[origin]):
                nearest[origin] = reason
    return tuple(sorted(nearest.values())[: _room(columns, column, name)])


def _room(columns: Columns, column: int, name: str) -> int:
    """How many others ``column`` lists: one less where it is an origin itself."""
    return _LISTED - (name in columns.says.get(column, {}))


def settle(columns: Columns, inside: set[int], names: Iterable[str]) -> list[Change]:
    """What the columns ``inside`` must list for these classifications instead of what they do; all that is downstream of them is inside.

    ``columns`` knows all of them and what feeds them; what feeds them from outside is right as it is stored.
    """
    fed: dict[int, list[int]] = {}
    for column in inside:
        for feeder in columns.feeders.get(column, ()):
            fed.setdefault(feeder, []).append(column)
    found: list[Change] = []
    for name in sorted(names):
        lists = _spread(columns, inside, fed, name)
        for column in inside:
            before = columns.lists.get(column, {}).get(name, ())
            reasons = tuple(lists.get(column, ()))
            if reasons != before:
                found.append(Change(column, name, reasons, before))
    return found


def _spread(
    columns: Columns, inside: set[int], fed: Mapping[int, list[int]], name: str
) -> dict[int, list[Reason]]:
    """A walk by breadth from all origins at once; each column is entered by its nearest ones, and passes on no others."""
    waiting: dict[int, list[tuple[int, int, int, float]]] = {}
    for feeder, targets in fed.items():
        told: Reasons
        if feeder in inside:
            own = columns.says.get(feeder, {}).get(name)
            told = () if own is None else (Reason(0, feeder, feeder, own),)
        else:
            told = columns.passed_on(feeder, name)
        for hops, origin, _, confidence in told:
            waiting.setdefault(hops + 1, []).extend((origin, feeder, to, confidence) for to in targets)
    lists: dict[int, list[Reason]] = {}
    known: dict[int, set[int]] = {}
    while waiting:
        hops = min(waiting)
        for origin, via, column, confidence in sorted(waiting.pop(hops)):
            origins = known.get(column)
            if origins is None:
                if (column, name) in columns.closed:
                    continue
                origins = known[column] = {column}
                lists[column] = []
            if origin in origins or len(lists[column]) >= _room(columns, column, name):
                continue
            origins.add(origin)
            lists[column].append(Reason(hops, origin, via, confidence))
            if onward := fed.get(column):
                farther = waiting.setdefault(hops + 1, [])
                farther.extend((origin, column, to, confidence) for to in onward)
    return lists
