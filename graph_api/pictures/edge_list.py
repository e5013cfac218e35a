"""The edges of a picture as CSV (RFC 4180), a row for each asserter of each edge and for each way over hidden assets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from graph_api.pictures.model import Assertion, Node, Picture

_END = ("urn", "kind", "name", "path", "platform", "source", "sensitivity", "level")
COLUMNS = (
    *(f"upstream_{name}" for name in _END),
    *(f"downstream_{name}" for name in _END),
    *(
        "transformations",
        "indirect",
        "origin",
        "job",
        "job_name",
        "confidence",
        "first_seen",
        "last_seen",
        "past_hidden",
    ),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write(picture: Picture) -> bytes:
    """The rows in UTF-8; the last line, which begins with ``#``, says whether they are all."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows([harmless(value) for value in row] for row in _rows(picture))
    text.write(f"# {picture.completeness}\r\n")
    return text.getvalue().encode("utf-8", "replace")


def harmless(value: Any) -> Any:
    """A name that a spreadsheet would run as a formula is kept as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _rows(picture: Picture) -> Iterator[list[Any]]:
    for edge in picture.edges:
        ends = [*_end(picture.by_urn[edge.upstream]), *_end(picture.by_urn[edge.downstream])]
        for said in edge.assertions:
            yield [*ends, *_said(said), "false"]
        if edge.past_hidden:
            yield [*ends, *[""] * 8, "true"]


def _end(node: Node) -> list[Any]:
    return [getattr(node, name) for name in _END]


def _said(said: Assertion) -> list[Any]:
    return [
        " ".join(said.transformations),
        str(said.indirect).lower(),
        said.origin,
        said.job.urn if said.job else "",
        said.job.name if said.job else "",
        said.confidence,
        said.first_seen,
        said.last_seen,
    ]
