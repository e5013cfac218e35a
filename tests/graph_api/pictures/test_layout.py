"""Layers, orders and places of pictures, without a graph."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_api.pictures.layering import layers_of, ordered, spread
from graph_api.pictures.layout import HEAD, ROW, WIDTH, Layout, arrange
from graph_api.pictures.model import Assertion, Edge, Holder, Node, Picture
from schema.domain.lineage import Direction

SAID = (Assertion("SQL", ("IDENTITY",), False, 1.0, "2026", "2026"),)
SCHEMA = Holder("schema:x~s", "s", "db.s", "SCHEMA", None, "postgres", "db", 0)


def dataset(name: str, level: int) -> Node:
    return Node(f"dataset:x~{name}", name, f"s.{name}", "DATASET", "TABLE", "postgres", "db", "", 0, "", 0, level, (SCHEMA,))  # fmt: skip


def column(of: str, name: str, level: int, ordinal: int = 1) -> Node:
    held = Holder(f"dataset:x~{of}", of, f"s.{of}", "DATASET", "TABLE", "postgres", "db", 0)
    return Node(f"column:x~{of}~{name}", name, f"s.{of}.{name}", "COLUMN", None, "postgres", "db", "", 0, "text", ordinal, level, (held, SCHEMA))  # fmt: skip


def edge(up: Node, down: Node) -> Edge:
    return Edge(up.urn, down.urn, SAID)


def picture(nodes: list[Node], steps: list[tuple[Node, Node]]) -> Picture:
    start = next(node for node in nodes if node.level == 0)
    return Picture(start.urn, Direction.BOTH, 3, tuple(nodes), tuple(edge(*step) for step in steps))


def test_a_step_leads_to_a_higher_layer_even_where_a_shorter_way_exists() -> None:
    levels = {"a": 0, "b": 1, "c": 1, "d": 1, "z": -1, "y": -1}
    steps = [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("c", "d"), ("z", "a"), ("y", "a"), ("y", "z")]
    assert layers_of(levels, steps) == {"a": 0, "b": 1, "c": 2, "d": 3, "z": -1, "y": -2}


def test_a_circle_gets_layers_all_the_same() -> None:
    found = layers_of({"a": 0, "b": 1, "c": 2}, [("a", "b"), ("b", "c"), ("c", "b"), ("c", "a")])
    assert found == {"a": 0, "b": 1, "c": 2}


def test_what_no_visible_step_reaches_lies_at_its_level() -> None:
    assert layers_of({"a": 0, "far": 3}, []) == {"a": 0, "far": 3}


def test_crossings_that_need_not_be_are_gone() -> None:
    layers = {0: ["a", "b", "c"], 1: ["x", "y", "z"], 2: ["p", "q", "r"]}
    steps = [("a", "z"), ("b", "y"), ("c", "x"), ("x", "r"), ("y", "q"), ("z", "p")]
    found = ordered(layers, steps)

    for upper, lower in ((0, 1), (1, 2)):
        between = [
            (found[upper].index(up), found[lower].index(down)) for up, down in steps if up in found[upper]
        ]
        assert all((a - c) * (b - d) > 0 for (a, b), (c, d) in combinations(between, 2))


@given(
    st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(1, 200), st.sampled_from([0.1, 1.0, 3.0])), min_size=1)
)
def test_boxes_do_not_overlap_and_stay_where_they_want_if_they_can(
    boxes: list[tuple[float, float, float]],
) -> None:
    wanted, heights, weights = (list(each) for each in zip(*boxes, strict=True))
    tops = spread(wanted, heights, weights)

    assert all(
        after - before >= height - 1e-6
        for before, after, height in zip(tops, tops[1:], heights, strict=False)
    )
    free = all(a + height <= b for a, b, height in zip(wanted, wanted[1:], heights, strict=False))
    assert not free or tops == pytest.approx(wanted, abs=1e-6)


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Any graph of datasets, some of them with columns, circles included."""
    levels = {"start": 0} | {
        f"d{n}": draw(st.integers(-3, 3).filter(bool)) for n in range(draw(st.integers(0, 12)))
    }
    nodes = [dataset(name, level) for name, level in levels.items()]
    for name, level in levels.items():
        nodes += [column(name, f"c{n}", level, n) for n in range(draw(st.integers(0, 3)))]
    kinds = {kind: [node for node in nodes if node.kind == kind] for kind in ("DATASET", "COLUMN")}
    steps = {
        (up.urn, down.urn): (up, down)
        for kind in kinds.values()
        if len(kind) > 1
        for up, down in draw(st.lists(st.tuples(st.sampled_from(kind), st.sampled_from(kind)), max_size=20))
        if up is not down
    }
    return picture(nodes, list(steps.values()))


@settings(max_examples=150, deadline=None)
@given(pictures())
def test_any_picture_is_laid_out_without_overlaps_within_its_size(of: Picture) -> None:
    found = arrange(of)

    assert set(found.places) == set(of.by_urn)
    assert not overlapping(found)
    for box in found.boxes:
        place = box.place
        assert 0 <= place.x <= place.x + place.width <= found.width
        assert 0 <= place.y <= place.y + place.height <= found.height + 1e-6
        assert [found.places[row.urn].y for row in box.rows] == pytest.approx(
            [place.y + HEAD + ROW * n for n in range(len(box.rows))]
        )
    for route in found.routes:
        for end, (x, y), shift in (
            (route.edge.upstream, route.points[0], WIDTH),
            (route.edge.downstream, route.points[-1], WIDTH if route.within else 0),
        ):
            place = found.places[end]
            assert x == pytest.approx(place.x + shift)
            assert place.y <= y <= place.y + place.height


def overlapping(found: Layout) -> list[tuple[str, str]]:
    return [
        (a.of.urn, b.of.urn)
        for a, b in combinations(found.boxes, 2)
        if a.place.x < b.place.x + b.place.width
        and b.place.x < a.place.x + a.place.width
        and a.place.y < b.place.y + b.place.height
        and b.place.y < a.place.y + a.place.height
    ]


def test_the_layout_does_not_depend_on_the_order_of_what_it_is_given() -> None:
    nodes = [dataset("start", 0), *(dataset(f"d{n}", 1 + n % 3) for n in range(30))]
    chance = random.Random(7)
    steps = [(nodes[0], node) for node in nodes[1:] if node.level == 1]
    steps += [
        (up, down)
        for up in nodes
        for down in nodes
        if down.level == up.level + 1 > 1 and chance.random() < 0.2
    ]
    whole = arrange(picture(nodes, steps))

    for _ in range(3):
        chance.shuffle(nodes)
        chance.shuffle(steps)
        assert arrange(picture(nodes, steps)).places == whole.places


def test_a_long_line_passes_between_the_boxes_of_the_layers_on_its_way() -> None:
    start, near, far = dataset("start", 0), dataset("near", 1), dataset("far", 1)
    found = arrange(picture([start, near, far], [(start, near), (near, far), (start, far)]))

    assert found.places[far.urn].layer == 2
    (route,) = (
        each for each in found.routes if each.edge.upstream == start.urn and each.edge.downstream == far.urn
    )
    middle = found.places[near.urn]
    passing = [y for x, y in route.points[1:-1] if middle.x <= x <= middle.x + middle.width]
    assert len(passing) == 2
    assert all(not middle.y <= y <= middle.y + middle.height for y in passing)


def test_a_line_that_leads_back_runs_below_all_boxes() -> None:
    start, near = dataset("start", 0), dataset("near", 1)
    found = arrange(picture([start, near], [(start, near), (near, start)]))

    (back,) = (route for route in found.routes if route.back)
    assert back.edge.upstream == near.urn
    lowest = max(box.place.y + box.place.height for box in found.boxes)
    assert all(lowest < y < found.height for _, y in back.points[1:3])


def test_between_datasets_whose_columns_are_drawn_no_line_of_their_own_is_drawn() -> None:
    up, down, other = dataset("start", 0), dataset("a", 1), dataset("b", 1)
    ends = column("start", "x", 0), column("a", "x", 1)
    found = arrange(picture([up, down, other, *ends], [(up, down), (up, other), ends]))

    assert {(r.edge.upstream, r.edge.downstream) for r in found.routes} == {
        (up.urn, other.urn),
        (ends[0].urn, ends[1].urn),
    }
