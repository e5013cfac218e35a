"""How a value reaches a column: one small integer per upstream column, combined along the way.

The strongest direct kind wins: MASK > AGGREGATE > EXPRESSION > CAST > IDENTITY; indirect kinds add up.
"""

from __future__ import annotations

from ingest.sql_lineage.model import ColumnRef
from schema.domain.lineage import Transformation

IDENTITY, CAST, EXPRESSION, AGGREGATE, MASK = 1, 2, 4, 8, 16
WINDOW, CONDITIONAL, FILTER, JOIN, GROUP_BY, SORT = 32, 64, 128, 256, 512, 1024
DIRECT = 31
STEERING = WINDOW | CONDITIONAL

Flow = dict[ColumnRef, int]
"""Upstream columns and the kinds of their way; shared between columns, so never changed once handed out."""

_NAMES = (
    (MASK, Transformation.MASK),
    (AGGREGATE, Transformation.AGGREGATE),
    (EXPRESSION, Transformation.EXPRESSION),
    (CAST, Transformation.CAST),
    (IDENTITY, Transformation.IDENTITY),
    (WINDOW, Transformation.WINDOW),
    (CONDITIONAL, Transformation.CONDITIONAL),
    (FILTER, Transformation.FILTER),
    (JOIN, Transformation.JOIN),
    (GROUP_BY, Transformation.GROUP_BY),
    (SORT, Transformation.SORT),
)
_TUPLES: dict[int, tuple[Transformation, ...]] = {}


def kinds(mask: int) -> tuple[Transformation, ...]:
    """The transformations of one way, the direct one first."""
    found = _TUPLES.get(mask)
    if found is None:
        found = _TUPLES[mask] = tuple(name for bit, name in _NAMES if mask & bit)
    return found


def after(kind: int, step: int) -> int:
    """The kind of a way that ends in ``kind`` with ``step`` in front of it (outside in)."""
    if not step & DIRECT:
        return step
    return max(kind, step) if kind & DIRECT else kind


def add(into: Flow, flow: Flow, step: int) -> None:
    """Let every way of ``flow`` go on through ``step`` and join it to ``into``."""
    if not step & DIRECT:
        for ref in flow:
            into[ref] = into.get(ref, 0) | step
        return
    for ref, mask in flow.items():
        direct = mask & DIRECT
        if direct and direct < step:
            mask = mask & ~DIRECT | step
        old = into.get(ref)
        if old is not None and old != mask:
            direct, other = mask & DIRECT, old & DIRECT
            mask = (mask | old) & ~DIRECT | (direct if direct > other else other)
        into[ref] = mask


def union(flows: list[Flow]) -> Flow:
    """All ways of several columns."""
    if len(flows) == 1:
        return flows[0]
    into: Flow = {}
    for flow in flows:
        add(into, flow, IDENTITY)
    return into
