"""The lines of the drawing as paths of SVG."""

from __future__ import annotations

from graph_api.pictures.layout import Point, Route

_TURN = 44


def tenths(value: float) -> str:
    """A coordinate, as short as it can be written to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def curve(route: Route) -> str:
    """The data of the path."""
    start, *rest = route.points
    parts = [f"M{_at(start)}"]
    if route.within:
        out = start[0] + 26 + min(30.0, abs(rest[0][1] - start[1]) / 8)
        parts.append(_bend((out, start[1]), (out, rest[0][1]), rest[0]))
    elif route.back:
        below, left, end = rest
        out, back = start[0] + _TURN, end[0] - _TURN
        parts.append(_bend((out, start[1]), (out, below[1]), below))
        parts.append(f"L{_at(left)}")
        parts.append(_bend((back, left[1]), (back, end[1]), end))
    else:
        before = start
        for step, point in enumerate(rest):
            middle = (before[0] + point[0]) / 2
            level = step % 2  # across a layer
            parts.append(f"L{_at(point)}" if level else _bend((middle, before[1]), (middle, point[1]), point))
            before = point
    return "".join(parts)


def _bend(out: Point, into: Point, end: Point) -> str:
    return f"C{_at(out)} {_at(into)} {_at(end)}"


def _at(point: Point) -> str:
    return f"{tenths(point[0])} {tenths(point[1])}"
