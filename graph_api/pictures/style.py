"""How the drawing looks: one style sheet for light and dark, symbols, and how wide a text is. Nothing here depends on what a picture shows."""

from __future__ import annotations

from graph_api.pictures.model import Edge
from schema.domain.lineage import INDIRECT, Transformation

# Class of a line, and what its legend says.
LINES = {
    "copy": "copied or cast",
    "expression": "computed",
    "aggregate": "aggregated",
    "mask": "masked",
    "indirect": "decides only (filter, join, order …)",
    "unknown": "not known how",
    "gap": "over assets hidden from you",
}
_CLASSES = {
    Transformation.IDENTITY: "copy",
    Transformation.CAST: "copy",
    Transformation.EXPRESSION: "expression",
    Transformation.AGGREGATE: "aggregate",
    Transformation.MASK: "mask",
    Transformation.UNKNOWN: "unknown",
} | dict.fromkeys(INDIRECT, "indirect")

LEVELS = ("Public", "Internal", "Confidential", "Sensitive", "Restricted")
SHOWN_FROM = 2  # levels below are the rule, and a mark on everything marks nothing
ACCENTS = 8


def line_class(edge: Edge) -> str:
    return "gap" if edge.past_hidden else "indirect" if edge.indirect else _CLASSES[edge.main]


_FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif'
_ACCENTS = (
    ("#3b6fd4", "#6f9bf0"),
    ("#0f8a7e", "#3fc4b5"),
    ("#b3541e", "#e6935a"),
    ("#8a4fbf", "#b98ae6"),
    ("#5b7f1c", "#9cc257"),
    ("#b83268", "#ee7fa9"),
    ("#0b7aa8", "#55b9e0"),
    ("#7a6520", "#c9ad55"),
)
_LIGHT = {
    "bg": "#f6f7f9", "card": "#ffffff", "edge": "#d3d9e2", "rule": "#e9edf2", "text": "#18212f", "soft": "#5a6676",
    "copy": "#8793a6", "expression": "#2f6be0", "aggregate": "#b95c04", "mask": "#7b3ff2", "indirect": "#97a1b0",
    "unknown": "#aab3c0", "gap": "#5a6676", "start": "#18212f", "badge": "#e4e9f1", "warn": "#8a5a00",
    "l2": "#8a6a00", "l3": "#b3470b", "l4": "#b91c35",
}  # fmt: skip
_DARK = {
    "bg": "#12161c", "card": "#1b212a", "edge": "#36404e", "rule": "#28303b", "text": "#e8edf4", "soft": "#9aa7b8",
    "copy": "#75839a", "expression": "#7ea6ff", "aggregate": "#eba35a", "mask": "#b394ff", "indirect": "#66738a",
    "unknown": "#56627a", "gap": "#9aa7b8", "start": "#e8edf4", "badge": "#2b3442", "warn": "#e9b949",
    "l2": "#dcb84a", "l3": "#f08f55", "l4": "#ff7a8c",
}  # fmt: skip
_SHAPES = f"""
.p{{font-family:{_FONT}}}
.title{{font-size:17px;font-weight:650}}
.soft{{font-size:12px}}
.warn{{font-size:12px;font-weight:600}}
.start .card{{stroke-width:2}}
.name{{font-size:13px;font-weight:600}}
.caption{{font-size:11px}}
.row{{font-size:12px}}
.own{{font-size:12px;font-weight:700}}
.type{{font-size:11px;text-anchor:end}}
.icon{{fill:none;stroke-width:1.3;stroke-linejoin:round;stroke-linecap:round}}
.count{{font-size:10.5px;font-weight:600;text-anchor:middle}}
.mark{{fill:none;stroke-width:1.2}}
.letter{{font-size:9.5px;font-weight:700;text-anchor:middle}}
.line{{fill:none;stroke-width:1.5}}
.aggregate{{stroke-dasharray:9 4}}
.mask{{stroke-width:2;stroke-dasharray:2.5 3.5;stroke-linecap:round}}
.indirect{{stroke-width:1;stroke-dasharray:4 4}}
.gap{{stroke-dasharray:1 6;stroke-linecap:round}}
.head{{stroke:none}}
"""
# Colours are written out for each of the two, since not every program that shows SVG knows variables of CSS.
_FILLS = {
    ".p": "text", ".bg": "bg", ".card": "card", ".soft": "soft", ".warn": "warn", ".caption": "soft", ".type": "soft",
    ".badge": "badge", ".count": "soft",
    **{f".head.{name}": name for name in LINES},
    **{f".t{level}": f"l{level}" for level in range(SHOWN_FROM, len(LEVELS))},
    **{f".a{number}": f"a{number}" for number in range(ACCENTS)},
}  # fmt: skip
_STROKES = {
    ".card": "edge", ".start .card": "start", ".rule": "rule", ".icon": "soft", ".badge": "edge",
    **{f".line.{name}": name for name in LINES},
    **{f".l{level}": f"l{level}" for level in range(SHOWN_FROM, len(LEVELS))},
}  # fmt: skip


def _colours(named: dict[str, str], shade: int) -> str:
    values = named | {f"a{number}": pair[shade] for number, pair in enumerate(_ACCENTS)}
    rules = [f"{where}{{fill:{values[name]}}}" for where, name in _FILLS.items()]
    return "".join(rules + [f"{where}{{stroke:{values[name]}}}" for where, name in _STROKES.items()])


SHEET = (
    "".join(line.strip() for line in _SHAPES.splitlines())
    + _colours(_LIGHT, 0)
    + f"@media (prefers-color-scheme:dark){{{_colours(_DARK, 1)}}}"
)

# Within 14 × 14, the origin at the upper left.
ICONS = {
    "table": "M1.5 2.5h11v9h-11zM1.5 5.5h11M6 5.5v6",
    "view": "M1 7s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4zM5.2 7a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0",
    "file": "M3 1.5h5l3 3v8h-8zM8 1.5v3h3",
    "stream": "M1.5 4c2-2 3.5-2 5.5 0s3.5 2 5.5 0M1.5 9c2-2 3.5-2 5.5 0s3.5 2 5.5 0",
    "column": "M4.5 1.5h5v11h-5zM4.5 5h5M4.5 9h5",
    "job": "M3 2l9 5-9 5z",
    "other": "M7 1.5l5.5 5.5-5.5 5.5-5.5-5.5z",
}
_SUBTYPES = {
    "TABLE": "table", "FOREIGN_TABLE": "table", "SEED": "table", "SNAPSHOT": "table", "VIEW": "view",
    "MATERIALIZED_VIEW": "view", "EPHEMERAL": "view", "FILE": "file", "FOLDER": "file", "TOPIC": "stream",
}  # fmt: skip


def icon_of(kind: str, subtype: str | None) -> str:
    if kind == "DATASET":
        return _SUBTYPES.get(subtype or "", "table")
    return kind.lower() if kind.lower() in ICONS else "other"


def fitted(text: str, width: float, size: float) -> str:
    """``text`` if it takes no more than ``width`` at this size of letters, else its beginning and end around an ellipsis."""
    if width_of(text, size) <= width:
        return text
    most = len(text) - 1
    while most > 2 and width_of(_cut(text, most), size) > width:
        most = min(most - 1, int(most * width / width_of(_cut(text, most), size)) + 1)
    return _cut(text, most)


def _cut(text: str, kept: int) -> str:
    tail = kept // 3
    return f"{text[: kept - tail]}…{text[len(text) - tail :]}"


def width_of(text: str, size: float) -> float:
    """About how wide a text is in the fonts that the sheet names; rather too wide than too narrow."""
    return size * sum(map(_em, text))


def _em(character: str) -> float:
    if character in "iljI.,:;|!'`()[]{} ft":
        return 0.34
    if character in "mwMW@%…—":
        return 0.92
    if ord(character) >= 0x1100:
        return 1.05
    return 0.7 if character.isupper() else 0.6
