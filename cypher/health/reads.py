"""Reading what checks of sources found: as one reader may see it, and for workers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession
from schema.domain.identity import Scope

_DUE = load(__package__, "due")
_OLD = load(__package__, "old")
_NOW = load(__package__, "now")
_CHANGED = load(__package__, "changed")
_DEAD_LETTERS = load(__package__, "dead_letters")
_HISTORY = load(__package__, "history")
_CHECKS = load(__package__, "checks")

Row = dict[str, Any]


async def due(graph: GraphSession, *, first: int) -> list[Row]:
    """Sources whose check is due: ``urn`` and ``due_ms``, which ``take`` asks for."""
    return await graph.rows(_DUE, first=first)


async def has_older(graph: GraphSession, *, before: str) -> bool:
    """Whether there are hours before one of them."""
    row = await graph.one(_OLD, before=before)
    return bool(row and row["found"])


async def now_ms(graph: GraphSession) -> int:
    """The time by the server's clock, epoch milliseconds."""
    row = await graph.one(_NOW)
    assert row is not None
    return int(row["now"])


async def changed(graph: GraphSession, scope: Scope, *, since_ms: int, first: int) -> list[Row]:
    """Sources whose health was looked at since then, in that order: ``urn`` and ``changed_ms``."""
    return await graph.rows(_CHANGED, since_ms=since_ms, first=first, **scope.parameters())


async def dead_letters(graph: GraphSession, urns: Sequence[str], scope: Scope) -> dict[str, int]:
    """Urn of a source to how many tasks of its last scan were given up."""
    rows = await graph.rows(_DEAD_LETTERS, urns=list(urns), **scope.parameters())
    return {row["urn"]: row["tasks"] for row in rows}


async def history(
    graph: GraphSession, urns: Sequence[str], scope: Scope, *, key: str | None, backward: bool, first: int
) -> dict[str, list[Row]]:
    """Urn of a source to a page of its hours: ``hour``, ``checks``, ``ok``, ``latencies``."""
    start = ("" if backward else "\uffff") if key is None else key
    rows = await graph.rows(
        _HISTORY, urns=list(urns), key=start, backward=backward, first=first, **scope.parameters()
    )
    found = {row["urn"]: row["hours"] for row in rows}
    for hours in found.values():
        hours.sort(key=lambda hour: hour["hour"], reverse=not backward)
    return found


async def checks(
    graph: GraphSession,
    urns: Sequence[str],
    scope: Scope,
    *,
    key: tuple[str, str] | None,
    backward: bool,
    first: int,
) -> dict[str, list[Row]]:
    """Urn of a source to a page of its latest checks by (time, id)."""
    at, ident = key or (("", "") if backward else ("\uffff", "\uffff"))
    rows = await graph.rows(
        _CHECKS, urns=list(urns), at=at, id=ident, backward=backward, first=first, **scope.parameters()
    )
    found = {row["urn"]: row["checks"] for row in rows}
    for checks in found.values():
        checks.sort(key=lambda check: (check["at"], check["id"]), reverse=not backward)
    return found
