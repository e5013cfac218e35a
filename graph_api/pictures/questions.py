"""What callers may ask for a picture of."""

from __future__ import annotations

from graph_api.as_of import AsOf
from graph_api.context import Context
from graph_api.enums import Direction
from graph_api.lineage.filters import LineageEdgeFilter, walk_of
from graph_api.pictures.reading import Question

MOST_COLUMNS = 1_000
MOST_EXPORTED = 5_000


def question_of(
    context: Context,
    urn: str,
    direction: Direction,
    max_hops: int | None,
    indirect: bool,
    edges: LineageEdgeFilter | None,
    as_of: AsOf | None,
    *,
    most: int,
    most_columns: int,
) -> Question:
    """The picture that is asked for; raise ``InvalidInput`` where the walk may go nowhere."""
    walk = walk_of(context, urn, direction, max_hops, indirect, edges, as_of)
    return Question(walk, most, most_columns)
