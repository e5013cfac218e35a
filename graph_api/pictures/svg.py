"""The drawing of a picture: one SVG file that needs nothing else, follows the reader's light or dark, and runs no script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from graph_api.pictures.curves import curve, tenths
from graph_api.pictures.layout import HEAD, ROW, WIDTH, Box, Layout, Place, Route, arrange
from graph_api.pictures.model import Edge, Node, Picture, printable
from graph_api.pictures.style import (
    ACCENTS,
    ICONS,
    LEVELS,
    LINES,
    SHEET,
    SHOWN_FROM,
    fitted,
    icon_of,
    line_class,
    width_of,
)

_MARGIN, _TOP, _BOTTOM = 36, 82, 52
_LEAST_WIDTH = 620
_BOLD = 14  # a name's 13 pixels take the room of these
_TOLD = 40  # assets that the description names

# The sheet is the only style there is, so that a browser may be told to take no other.
POLICY = (
    "default-src 'none'; style-src 'sha256-"
    f"{base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()}'; frame-ancestors 'none'"
)


def draw(picture: Picture) -> bytes:
    """The picture as an SVG document in UTF-8."""
    return "".join(_Drawing(picture, arrange(picture)).parts()).encode()


def _text(text: str) -> str:
    return escape(printable(text))


class _Drawing:
    def __init__(self, picture: Picture, layout: Layout) -> None:
        self._picture, self._layout = picture, layout
        sources = sorted({box.of.source for box in layout.boxes})
        self._accent = {source: number % ACCENTS for number, source in enumerate(sources)}

    def parts(self) -> Iterator[str]:
        layout, picture = self._layout, self._picture
        legend, wide = self._legend()
        width = max(_LEAST_WIDTH, layout.width + 2 * _MARGIN, wide)
        height = _TOP + layout.height + _BOTTOM
        size = f'width="{tenths(width)}" height="{tenths(height)}" viewBox="0 0 {tenths(width)} {tenths(height)}"'
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc" class="p">'
            f'<title id="title">{_text(picture.title)}</title><desc id="desc">{_text(self._told())}</desc>'
            f"{self._metadata()}<style>{SHEET}</style>"
        )
        yield from self._definitions()
        yield f'<rect class="bg" width="{tenths(width)}" height="{tenths(height)}"/>'
        yield from self._headline(width)
        yield f'<g transform="translate({tenths((width - layout.width) / 2)} {_TOP})">'
        for route in layout.routes:
            yield _line(picture, route)
        for box in layout.boxes:
            yield from self._box(box)
        yield "</g>"
        yield f'<g transform="translate(0 {tenths(height - 22)})">{"".join(legend)}</g>'
        yield "</svg>\n"

    def _metadata(self) -> str:
        picture = self._picture
        facts = {"start": picture.start, "question": picture.question, "completeness": picture.completeness}
        facts |= {"assets": str(len(picture.nodes)), "edges": str(len(picture.edges))}
        told = " ".join(f"{name}={quoteattr(printable(value))}" for name, value in facts.items())
        return f'<metadata><picture xmlns="urn:pursight:picture" {told}/></metadata>'

    def _told(self) -> str:
        """What the picture shows, for those who do not see it."""
        picture = self._picture
        parts = [f"{picture.size}, {picture.question}; {picture.completeness}."]
        for name, nodes in (
            ("Upstream", [node for node in picture.nodes if node.level < 0][::-1]),
            ("Downstream", [node for node in picture.nodes if node.level > 0]),
        ):
            if nodes:
                rest = f" and {len(nodes) - _TOLD} more" if len(nodes) > _TOLD else ""
                parts.append(f"{name}: {', '.join(node.path or node.name for node in nodes[:_TOLD])}{rest}.")
        return " ".join(parts)

    def _definitions(self) -> Iterator[str]:
        yield "<defs>"
        for name in LINES:
            yield (
                f'<marker id="m-{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
                f'markerUnits="userSpaceOnUse" orient="auto"><path class="head {name}" d="M0 .5L7.5 4 0 7.5z"/></marker>'
            )
        for name, path in ICONS.items():
            yield f'<path id="i-{name}" class="icon" d="{path}"/>'
        yield "</defs>"

    def _headline(self, width: float) -> Iterator[str]:
        picture = self._picture
        title = fitted(printable(picture.title), width - 2 * _MARGIN, 17)
        yield f'<text class="title" x="{_MARGIN}" y="34">{_text(title)}</text>'
        yield f'<text class="soft" x="{_MARGIN}" y="54">{_text(f"{picture.size} · {picture.question}")}</text>'
        if picture.lacks is not None:
            note = picture.completeness[:1].upper() + picture.completeness[1:]
            yield f'<text class="warn" x="{_MARGIN}" y="72">{_text(note)}</text>'

    def _box(self, box: Box) -> Iterator[str]:
        of, place = box.of, box.place
        x, y = place.x, place.y
        node = self._picture.by_urn.get(of.urn)
        start = " start" if of.urn == self._picture.start else ""
        marked = of.sensitivity >= SHOWN_FROM
        room = WIDTH - 46 - (22 if marked else 0)
        yield f'<g class="box{start}"><title>{_text(_tooltip(of.path, of.kind, of.subtype, of.source, of.sensitivity))}</title>'
        yield f'<rect class="card" x="{tenths(x)}" y="{tenths(y)}" width="{tenths(place.width)}" height="{tenths(place.height)}" rx="7"/>'
        accent = self._accent[of.source]
        yield f'<rect class="a{accent}" x="{tenths(x + 7)}" y="{tenths(y + 9)}" width="3" height="{HEAD - 18}" rx="1.5"/>'
        yield f'<use href="#i-{icon_of(of.kind, of.subtype)}" x="{tenths(x + 17)}" y="{tenths(y + 9)}"/>'
        yield f'<text class="name" x="{tenths(x + 37)}" y="{tenths(y + 21)}">{_text(fitted(printable(of.name), room, _BOLD))}</text>'
        caption = printable(self._caption(box))
        yield f'<text class="caption" x="{tenths(x + 17)}" y="{tenths(y + 38)}">{_text(caption)}</text>'
        if marked:
            yield _mark(of.sensitivity, x + WIDTH - 19, y + 16)
        for number, row in enumerate(box.rows):
            yield from self._row(row, Place(place.layer, number, x, y + HEAD + ROW * number, WIDTH, ROW))
        if node:
            yield _badge(node.more_upstream, x, y + place.height, "upstream")
            yield _badge(node.more_downstream, x + WIDTH, y + place.height, "downstream")
        yield "</g>"

    def _caption(self, box: Box) -> str:
        """What holds the box: its schema and its source, or its dataset."""
        of = box.of
        if isinstance(of, Node):
            above = of.holders[0] if of.holders else None
        else:
            above = box.rows[0].holders[1] if box.rows and len(box.rows[0].holders) > 1 else None
        where = (above.path or above.name) if above and above.kind != "SOURCE" else ""
        parts = list(dict.fromkeys(part for part in (where, of.source, of.platform) if part))
        while len(parts) > 1 and width_of(" · ".join(parts), 11) > WIDTH - 30:
            parts.pop()
        return fitted(" · ".join(parts), WIDTH - 30, 11)

    def _row(self, node: Node, place: Place) -> Iterator[str]:
        x, y = place.x, place.y
        marked = node.sensitivity >= SHOWN_FROM
        right = x + WIDTH - 12
        shift = 0.0
        yield f"<g><title>{_text(_tooltip(node.path, node.data_type or 'column', None, node.source, node.sensitivity))}</title>"
        yield f'<path class="rule" d="M{tenths(x + 1)} {tenths(y)}h{WIDTH - 2}"/>'
        if node.more_upstream:
            yield _badge(node.more_upstream, x + 22, y + ROW / 2, "upstream")
            shift = 26
        if node.more_downstream:
            yield _badge(node.more_downstream, right - 10, y + ROW / 2, "downstream")
            right -= 28
        if marked:
            yield _mark(node.sensitivity, right - 8, y + ROW / 2)
            right -= 22
        of_type = fitted(printable(node.data_type.lower()), 84, 11)
        yield f'<text class="type" x="{tenths(right)}" y="{tenths(y + 16)}">{_text(of_type)}</text>'
        left = x + 17 + shift
        name = fitted(printable(node.name), right - left - width_of(of_type, 11) - 8, 12)
        style = "own" if node.urn == self._picture.start else "row"
        yield f'<text class="{style}" x="{tenths(left)}" y="{tenths(y + 16)}">{_text(name)}</text></g>'

    def _legend(self) -> tuple[list[str], float]:
        """What lines and letters mean, of those that are there, and how wide it is; on a line at the height 0."""
        parts: list[str] = []
        x = float(_MARGIN)
        lines = {line_class(edge) for edge in self._picture.lines}
        for name in (name for name in LINES if name in lines):
            parts.append(f'<path class="line {name}" d="M{tenths(x)} -4h30" marker-end="url(#m-{name})"/>')
            parts.append(f'<text class="soft" x="{tenths(x + 38)}" y="0">{LINES[name]}</text>')
            x += 38 + width_of(LINES[name], 12) + 22
        assets = [each for box in self._layout.boxes for each in (box.of, *box.rows)]
        for level in sorted({each.sensitivity for each in assets if each.sensitivity >= SHOWN_FROM}):
            words = LEVELS[level].lower()
            parts.append(_mark(level, x + 8, -4))
            parts.append(f'<text class="soft" x="{tenths(x + 22)}" y="0">{words}</text>')
            x += 22 + width_of(words, 12) + 22
        return parts, x


def _tooltip(path: str, kind: str, subtype: str | None, source: str, sensitivity: int) -> str:
    parts = [path, (subtype or kind).replace("_", " ").lower(), source, LEVELS[sensitivity].lower()]
    return " · ".join(part for part in parts if part)


def _mark(level: int, x: float, y: float) -> str:
    """The first letter of a sensitivity in a ring: it says without colour what its colour says."""
    return (
        f'<circle class="mark l{level}" cx="{tenths(x)}" cy="{tenths(y)}" r="7.5"/>'
        f'<text class="letter t{level}" x="{tenths(x)}" y="{tenths(y + 3.4)}">{LEVELS[level][0]}</text>'
    )


def _badge(number: int, x: float, y: float, side: str) -> str:
    """How much more lies on one side than is drawn."""
    if not number:
        return ""
    shown = f"+{number}" if number < 1_000 else f"+{number // 1_000}k"
    width = 9 + 6.4 * len(shown)
    return (
        f"<g><title>{number:,} more {side}</title>"
        f'<rect class="badge" x="{tenths(x - width / 2)}" y="{tenths(y - 8)}" width="{tenths(width)}" height="16" rx="8"/>'
        f'<text class="count" x="{tenths(x)}" y="{tenths(y + 3.6)}">{shown}</text></g>'
    )


def _line(picture: Picture, route: Route) -> str:
    edge = route.edge
    name = line_class(edge)
    return (
        f'<path class="line {name}" d="{curve(route)}" marker-end="url(#m-{name})">'
        f"<title>{_text(_said(picture, edge))}</title></path>"
    )


def _said(picture: Picture, edge: Edge) -> str:
    up, down = picture.by_urn[edge.upstream], picture.by_urn[edge.downstream]
    ends = f"{up.path or up.name} → {down.path or down.name}"
    if edge.past_hidden:
        return f"{ends} · {LINES['gap']}"
    by = ", ".join(dict.fromkeys(each.origin for each in edge.assertions))
    jobs = f" · {', '.join(job.name for job in edge.jobs)}" if edge.jobs else ""
    return f"{ends} · {', '.join(edge.transformations)} by {by}{jobs}"
