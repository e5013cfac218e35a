"""How a value reaches a column: one small set of kinds per upstream column, combined along the way.

Along one way the strongest direct kind wins (AGGREGATE > SELECTION > EXPRESSION > CAST > IDENTITY), and a mask stays
one whatever follows. An aggregate that selects, such as ``max``, leaves a value readable that another one, such as ``sum``, does not. Ways that meet in one column keep their kinds side by side: ``md5(a) || a`` is a mask and an expression.
"""

from __future__ import annotations

from ingest.sql_lineage.model import ColumnRef
from schema.domain.lineage import Transformation

IDENTITY, CAST, EXPRESSION, SELECTION, AGGREGATE, MASK, MASKED_AGGREGATE = 1, 2, 4, 8, 16, 32, 64
WINDOW, CONDITIONAL, FILTER, JOIN, GROUP_BY, SORT = 128, 256, 512, 1024, 2048, 4096
DIRECT = 127
STEERING = WINDOW | CONDITIONAL
MASKED = MASK | MASKED_AGGREGATE

Flow = dict[ColumnRef, int]
"""Upstream columns and the kinds of their ways; shared between columns, so never changed once handed out."""

_NAMES = (
    (MASKED, Transformation.MASK),
    (AGGREGATE | SELECTION, Transformation.AGGREGATE),
    (SELECTION, Transformation.SELECTION),
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
_AFTER: dict[tuple[int, int], int] = {}


def kinds(mask: int) -> tuple[Transformation, ...]:
    """The transformations of all ways, the direct ones first."""
    found = _TUPLES.get(mask)
    if found is None:
        found = _TUPLES[mask] = tuple(name for bits, name in _NAMES if mask & bits)
    return found


def after(kind: int, step: int) -> int:
    """The kinds of the ways that end in one of ``kind`` with one of ``step`` in front of it (outside in)."""
    if kind == IDENTITY:
        return step
    found = _AFTER.get((kind, step))
    if found is None:
        found = step & ~DIRECT
        if step & DIRECT:
            found |= kind & ~DIRECT
            for inner in _bits(kind & DIRECT):
                for outer in _bits(step & DIRECT):
                    found |= _stronger(inner, outer)
        _AFTER[kind, step] = found
    return found


def _bits(mask: int) -> list[int]:
    return [1 << i for i in range(mask.bit_length()) if mask >> i & 1]


def _stronger(one: int, other: int) -> int:
    if (one | other) & MASKED:
        return MASKED_AGGREGATE if (one | other) & (SELECTION | AGGREGATE | MASKED_AGGREGATE) else MASK
    return max(one, other)


def add(into: Flow, flow: Flow, step: int) -> None:
    """Let every way of ``flow`` go on through ``step`` and join it to ``into``."""
    for ref, mask in flow.items():
        into[ref] = into.get(ref, 0) | after(mask, step)


def union(flows: list[Flow]) -> Flow:
    """All ways of several columns."""
    if len(flows) == 1:
        return flows[0]
    into: Flow = {}
    for flow in flows:
        for ref, mask in flow.items():
            into[ref] = into.get(ref, 0) | mask
    return into
