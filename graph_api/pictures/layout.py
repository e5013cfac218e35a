"""Where everything of a picture lies: boxes in layers from left to right, lines between them. One unit is one pixel of CSS.

A dataset is a box with its columns as rows; any other asset is a box of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from graph_api.pictures.layering import Layers, layers_of, ordered, spread
from graph_api.pictures.model import Edge, Holder, Node, Picture

WIDTH, HEAD, ROW, FOOT = 236, 50, 24, 6
_NARROW, _WIDE, _PER_LINE = 84, 190, 3
_BELOW, _LANE = (
    22,
    7,
)  # lines that lead back: how far below all boxes the first runs, and each other from the one before
_SWEEPS = 8
_MOST_BENDS = 20_000
# Of bends of long lines, and of boxes: the room around them, and how much it counts where they would like to be.
_GAPS = (6, 24)
_WEIGHTS = (3.0, 1.0)
_LOOSE = 0.1  # what no line holds

Point = tuple[float, float]
_Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle. ``order`` counts from the top: boxes within their layer, columns within their dataset."""

    layer: int
    order: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Box:
    """What is drawn as one box: an asset, or the dataset of columns, which need not be an asset of the picture itself."""

    of: Node | Holder
    rows: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Route:
    """The line of an edge: its points, between which it bends, from the right of one end to the left of the other.

    ``within`` is set where both ends are rows of one box: the line leaves and enters at its right. ``back`` is set where the
    end lies not further right than the start: the second and the third point are below all boxes, under the two ends.
    """

    edge: Edge
    points: tuple[Point, ...]
    within: bool = False
    back: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """All places, by urn, and all lines; the upper left corner is (0, 0)."""

    boxes: tuple[Box, ...]
    places: Mapping[str, Place]
    routes: tuple[Route, ...]
    width: float
    height: float


def arrange(picture: Picture) -> Layout:
    """The layout of a picture; the same for the same picture."""
    return _Arranging(picture).layout()


class _Arranging:
    """The state of one layout. A pair is two boxes between which lines go; a bend is a place where a long line passes a layer."""

    def __init__(self, picture: Picture) -> None:
        self._rows: dict[str, list[Node]] = {}
        self._of: dict[str, Node | Holder] = {}
        self._box: dict[str, str] = {}
        levels: dict[str, int] = {}
        for node in picture.nodes:
            key = node.dataset.urn if node.dataset else node.urn
            self._box[node.urn] = key
            self._rows.setdefault(key, [])
            if node.dataset:
                self._rows[key].append(node)
                self._of.setdefault(key, node.dataset)
            else:
                self._of[key] = node
            levels[key] = min(levels.get(key, node.level), node.level, key=lambda level: (abs(level), -level))
        for rows in self._rows.values():
            rows.sort(key=lambda node: (node.ordinal, node.urn))
        self._row = {node.urn: i for rows in self._rows.values() for i, node in enumerate(rows)}
        self._edges = picture.lines
        self._lines: dict[_Pair, list[Edge]] = defaultdict(list)
        self._number: dict[_Pair, int] = {}
        for edge in self._edges:
            lines = self._lines[self._box[edge.upstream], self._box[edge.downstream]]
            self._number[edge.upstream, edge.downstream] = len(lines)
            lines.append(edge)
        self._layer = layers_of(levels, [pair for pair in self._lines if pair[0] != pair[1]])
        self._rank = {layer: i for i, layer in enumerate(sorted(set(self._layer.values())))}
        self._height = {key: _height(len(rows)) for key, rows in self._rows.items()}
        self._bends: dict[_Pair, dict[int, str]] = {}
        self._bend()
        self._order = self._ordered()
        self._y = self._heights()

    def _bend(self) -> None:
        """Give each pair further apart than one layer a bend in every layer between."""
        for number, ((up, down), edges) in enumerate(sorted(self._lines.items())):
            first, last = self._rank_of(up), self._rank_of(down)
            if last - first < 2 or len(self._height) > _MOST_BENDS:
                continue
            self._bends[up, down] = bends = {rank: f"\0{number}\0{rank}" for rank in range(first + 1, last)}
            self._height |= dict.fromkeys(bends.values(), 10.0 + min(24, _PER_LINE * (len(edges) - 1)))

    def _rank_of(self, key: str) -> int:
        return self._rank[self._layer[key]]

    def _chains(self) -> Iterable[tuple[_Pair, list[str]]]:
        """Pairs whose lines go to the right, with the boxes and bends which they touch in neighbouring layers."""
        for up, down in sorted(self._lines):
            first, last = self._rank_of(up), self._rank_of(down)
            if first < last and (last == first + 1 or (up, down) in self._bends):
                yield (up, down), [up, *self._bends.get((up, down), {}).values(), down]

    def _ordered(self) -> Layers:
        layers: Layers = {rank: [] for rank in self._rank.values()}
        for key in self._of:
            layers[self._rank_of(key)].append(key)
        for bends in self._bends.values():
            for rank, key in bends.items():
                layers[rank].append(key)
        steps = [step for _, chain in self._chains() for step in pairwise(chain)]
        return ordered(layers, steps)

    def _heights(self) -> dict[str, float]:
        """Upper ends of boxes and bends, so that lines are as level as they can be."""
        before: dict[str, list[tuple[str, float]]] = defaultdict(list)
        after: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for pair, chain in self._chains():
            for up, down in pairwise(chain):
                for edge in self._lines[pair]:
                    shift = self._port(up, edge, edge.upstream) - self._port(down, edge, edge.downstream)
                    before[down].append((up, shift))
                    after[up].append((down, -shift))
        both = {key: [*before[key], *after[key]] for key in self._height}
        y = dict.fromkeys(self._height, 0.0)
        for sweep in range(_SWEEPS + 1):
            # First in their order, then by what is before them, then after them, at last by both.
            beside = {} if not sweep else both if sweep == _SWEEPS else before if sweep % 2 else after
            for boxes in self._order.values() if sweep % 2 else reversed(self._order.values()):
                y |= zip(boxes, self._spread(boxes, y, beside), strict=True)
        least = min(y.values(), default=0.0)
        return {key: round(top - least, 1) for key, top in y.items()}

    def _spread(
        self, boxes: Sequence[str], y: Mapping[str, float], beside: Mapping[str, Sequence[tuple[str, float]]]
    ) -> list[float]:
        room = [_GAPS[key in self._of] for key in boxes]
        wanted = [
            fmean(y[other] + shift for other, shift in beside[key]) if beside.get(key) else y[key]
            for key in boxes
        ]
        weights = [_WEIGHTS[key in self._of] if beside.get(key) else _LOOSE for key in boxes]
        tops = spread(
            [top - gap / 2 for top, gap in zip(wanted, room, strict=True)],
            [self._height[key] + gap for key, gap in zip(boxes, room, strict=True)],
            weights,
        )
        return [top + gap / 2 for top, gap in zip(tops, room, strict=True)]

    def _port(self, key: str, edge: Edge, end: str) -> float:
        """How far below the upper end of a box or bend the line of an edge meets it."""
        if key not in self._of:
            lines = len(self._lines[self._box[edge.upstream], self._box[edge.downstream]])
            part = self._number[edge.upstream, edge.downstream] / (lines - 1) if lines > 1 else 0.5
            return self._height[key] * part
        row = self._row.get(end)
        return HEAD / 2 if row is None else HEAD + ROW * row + ROW / 2

    def layout(self) -> Layout:
        lefts = self._lefts()
        boxes, places = [], {}
        for rank, keys in self._order.items():
            for order, key in enumerate(key for key in keys if key in self._of):
                layer, x, y = self._layer[key], lefts[rank], self._y[key]
                place = Place(layer, order, x, y, WIDTH, self._height[key])
                boxes.append(Box(self._of[key], tuple(self._rows[key]), place))
                places[key] = place
                for i, node in enumerate(self._rows[key]):
                    places[node.urn] = Place(layer, i, x, y + HEAD + ROW * i, WIDTH, ROW)
        width = max((box.place.x + WIDTH for box in boxes), default=0.0)
        height = max((box.place.y + box.place.height for box in boxes), default=0.0)
        height = max([height, *self._y.values()])
        routes = []
        for edge in self._edges:
            route = self._route(edge, lefts, height + _BELOW)
            height += _LANE if route.back else 0
            routes.append(route)
        height += _BELOW if any(route.back for route in routes) else 0
        return Layout(tuple(boxes), places, tuple(routes), width, height)

    def _lefts(self) -> list[float]:
        """Left end of each layer; the more lines pass between two, the wider they stand apart."""
        lines = [0] * len(self._rank)
        for (up, down), edges in self._lines.items():
            for rank in range(self._rank_of(up), min(self._rank_of(down), len(lines))):
                lines[rank] += len(edges)
        lefts, x = [], 0.0
        for count in lines:
            lefts.append(x)
            x += WIDTH + min(_WIDE, _NARROW + _PER_LINE * count)
        return lefts

    def _route(self, edge: Edge, lefts: Sequence[float], below: float) -> Route:
        up, down = self._box[edge.upstream], self._box[edge.downstream]
        ends = [
            (lefts[self._rank_of(key)] + right, self._y[key] + self._port(key, edge, end))
            for key, end, right in (
                (up, edge.upstream, WIDTH),
                (down, edge.downstream, WIDTH if up == down else 0),
            )
        ]
        start, end = ends
        if up != down and end[0] <= start[0]:
            return Route(edge, (start, (start[0], below), (end[0], below), end), back=True)
        points: list[Point] = []
        for rank, bend in self._bends.get((up, down), {}).items():
            y = self._y[bend] + self._port(bend, edge, "")
            points += [(lefts[rank], y), (lefts[rank] + WIDTH, y)]
        return Route(edge, (start, *points, end), up == down)


def _height(rows: int) -> float:
    return HEAD + (ROW * rows + FOOT if rows else 0)
