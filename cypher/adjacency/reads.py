"""What the structure is loaded from and kept fresh by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession

_PAGE = load(__package__, "page")
_TOUCHED = load(__package__, "touched")
_NODES = load(__package__, "nodes")
_HEADS = load(__package__, "heads")
_CHANGES = load(__package__, "changes")
_LABELLED = load(__package__, "labelled")

Row = dict[str, Any]


async def heads(graph: GraphSession) -> tuple[int, ...]:
    """How far each lane is."""
    row = await graph.one(_HEADS)
    return tuple(row["heads"]) if row else ()


async def page(graph: GraphSession, after: str, *, first: int) -> Row:
    """The columns of a stretch of assets behind ``after``, and ``last``, its end; None behind the last asset."""
    row = await graph.one(_PAGE, after=after, first=first)
    assert row is not None
    return row


async def touched(graph: GraphSession, urns: Sequence[str], below: Sequence[str]) -> Row:
    """The columns of what changed, and of the edges that reach it."""
    row = await graph.one(_TOUCHED, urns=list(urns), below=list(below))
    assert row is not None
    return row


async def nodes(graph: GraphSession, keys: Sequence[int]) -> Row:
    """The columns of these assets."""
    row = await graph.one(_NODES, keys=list(keys))
    assert row is not None
    return row


async def changes(graph: GraphSession, stretches: Sequence[tuple[int, int, int]]) -> list[Row]:
    """Outbox rows of these stretches (lane, behind, up to): ``lane``, ``seq``, ``topic``, and the ``payload`` of changed lineage."""
    return await graph.rows(_CHANGES, stretches=[list(each) for each in stretches])


async def labelled(
    graph: GraphSession, *, tag: str | None, classification: str | None, owner: str | None
) -> list[list[int]]:
    """Keys of the assets that carry each of what is asked for."""
    row = await graph.one(_LABELLED, tag=tag, classification=classification, owner=owner)
    assert row is not None
    return [keys for keys in row.values() if keys is not None]
