"""What columns inherit, step by step, is what a computation from scratch finds."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from schema.domain.propagation import Change, Columns, Reason, check, settle
from tests.propagating import inherited

NAMES = ("EMAIL", "SSN")


class World:
    """Columns in memory, and the job as a worker does it: look near what is marked, settle downstream of what is wrong."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.edges: set[tuple[int, int]] = set()
        self.known = Columns()

    def expected(self) -> dict[int, dict[str, tuple[Reason, ...]]]:
        return inherited(self.edges, self.known.says, self.known.closed)

    def fed(self, some: set[int]) -> set[int]:
        return {down for up, down in self.edges if up in some}

    def change(self, chance: random.Random) -> set[int]:
        """Change something; returns what a command would mark."""
        column, name = chance.randrange(self.size), chance.choice(NAMES)
        match chance.randrange(4):
            case 0:
                edge = (column, chance.randrange(self.size))
                if edge[0] == edge[1]:
                    return set()
                self.edges ^= {edge}
                return {edge[1]}
            case 1:
                told = self.known.says.setdefault(column, {})
                if told.pop(name, None) is None:
                    told[name] = chance.choice((0.8, 0.9, 1.0))
            case 2 if name in self.known.says.get(column, {}):
                self.known.says[column][name] = chance.choice((0.8, 0.9, 1.0))
            case _:
                self.known.closed ^= {(column, name)}
                self.known.says.get(column, {}).pop(name, None)
        return {column}

    def follow(self, marked: set[int]) -> list[Change]:
        self.known.feeders = {}
        for up, down in self.edges:
            self.known.feeders.setdefault(down, []).append(up)
        wrong = check(self.known, marked | self.fed(marked))
        inside = edge = {column for some in wrong.values() for column in some}
        while edge:
            edge = self.fed(edge) - inside
            inside = inside | edge
        changes = settle(self.known, inside, wrong)
        for each in changes:
            lists = self.known.lists.setdefault(each.column, {})
            assert lists.get(each.classification, ()) == each.before
            if each.reasons:
                lists[each.classification] = each.reasons
            else:
                del lists[each.classification]
        return changes

    def stored(self) -> dict[int, dict[str, tuple[Reason, ...]]]:
        return {column: lists for column, lists in self.known.lists.items() if lists}


@settings(max_examples=150)
@given(st.integers(0, 10**9), st.integers(2, 14), st.integers(1, 5))
def test_following_every_change_is_the_same_as_computing_from_scratch(
    seed: int, size: int, at_once: int
) -> None:
    chance = random.Random(seed)
    world = World(size)
    for _ in range(40):
        marked = {column for _ in range(at_once) for column in world.change(chance)}
        world.follow(marked)
        assert world.stored() == world.expected()
        assert world.follow(marked) == []


def _line(*pairs: tuple[int, int]) -> World:
    world = World(10)
    world.edges = set(pairs)
    return world


def test_of_two_reasons_one_goes_and_the_other_stays() -> None:
    world = _line((1, 3), (2, 3), (3, 4))
    world.known.says = {1: {"EMAIL": 1.0}, 2: {"EMAIL": 0.9}}
    world.follow({1, 2})
    assert world.stored()[4]["EMAIL"] == (Reason(2, 1, 3, 1.0), Reason(2, 2, 3, 0.9))
    world.edges.remove((1, 3))
    world.follow({3})
    assert world.stored()[4]["EMAIL"] == (Reason(2, 2, 3, 0.9),)


def test_a_circle_does_not_keep_alive_what_nobody_says_any_more() -> None:
    world = _line((1, 2), (2, 3), (3, 4), (4, 2))
    world.known.says = {1: {"EMAIL": 1.0}}
    world.follow({1})
    assert set(world.stored()) == {2, 3, 4}
    world.known.says = {}
    world.follow({1})
    assert world.stored() == {}


def test_a_diamond_gives_one_reason_by_the_shortest_way() -> None:
    world = _line((1, 2), (1, 3), (2, 4), (3, 4), (1, 5), (5, 6), (6, 4))
    world.known.says = {1: {"EMAIL": 1.0}}
    world.follow({1})
    assert world.stored()[4]["EMAIL"] == (Reason(2, 1, 2, 1.0),)


def test_what_is_rejected_in_between_is_not_passed_on() -> None:
    world = _line((1, 2), (2, 3), (1, 4), (4, 5))
    world.known.says = {1: {"EMAIL": 1.0}}
    world.follow({1})
    world.known.closed = {(2, "EMAIL")}
    world.follow({2})
    assert set(world.stored()) == {4, 5}
