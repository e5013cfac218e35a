"""Reading what was asked of assets, as one reader may see them. Days are ISO dates; those behind a day count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession
from schema.domain.identity import Scope

_BY_URNS = load(__package__, "by_urns")
_ACCOUNTS = load(__package__, "accounts")
_JOINS = load(__package__, "joins")

Row = dict[str, Any]


async def by_urns(
    graph: GraphSession, urns: Sequence[str], scope: Scope, *, week: str, month: str, quarter: str
) -> dict[str, Row]:
    """Urn to the numbers of queries behind three days, ``accounts`` and ``last_used`` (None where never)."""
    rows = await graph.rows(
        _BY_URNS, urns=list(urns), week=week, month=month, quarter=quarter, **scope.parameters()
    )
    return {row["urn"]: row for row in rows}


async def accounts(
    graph: GraphSession, urns: Sequence[str], scope: Scope, *, since: str
) -> dict[str, list[str]]:
    """Urn to names of accounts; only administrators may be told."""
    rows = await graph.rows(_ACCOUNTS, urns=list(urns), since=since, **scope.parameters())
    return {row["urn"]: row["names"] for row in rows}


async def joins(
    graph: GraphSession,
    urns: Sequence[str],
    scope: Scope,
    *,
    since: str,
    key: tuple[int, str, str] | None,
    backward: bool,
    first: int,
) -> dict[str, list[Row]]:
    """Urn to a page of ``own``, ``other``, ``queries``, by (-queries, own, other)."""
    rows = await graph.rows(
        _JOINS,
        urns=list(urns),
        since=since,
        key=None if key is None else list(key),
        backward=backward,
        first=first,
        **scope.parameters(),
    )
    return {row["urn"]: row["joins"] for row in rows}
