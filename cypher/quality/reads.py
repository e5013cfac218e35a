"""Reading data tests as one reader may see them: those of assets, and over them, that are not hidden."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession
from schema.domain.identity import Scope

_OF_ASSETS = load(__package__, "of_assets")
_SUMMARY = load(__package__, "summary")
_BY_URNS = load(__package__, "by_urns")
_RESULTS = load(__package__, "results")

Row = dict[str, Any]


async def of_assets(
    graph: GraphSession,
    urns: Sequence[str],
    scope: Scope,
    *,
    columns: bool,
    statuses: Sequence[str] | None,
    key: str | None,
    backward: bool,
    first: int,
) -> dict[str, list[Row]]:
    """Urn to a page of the tests of the asset, with ``columns`` of its columns too, by urn."""
    rows = await graph.rows(
        _OF_ASSETS,
        urns=list(urns),
        columns=columns,
        statuses=None if statuses is None else list(statuses),
        key=key,
        backward=backward,
        first=first,
        **scope.parameters(),
    )
    return {row["urn"]: row["tests"] for row in rows}


async def summary(
    graph: GraphSession, urns: Sequence[str], scope: Scope, *, columns: bool
) -> dict[str, dict[str | None, int]]:
    """Urn to the number of tests by status; None for those without a result."""
    rows = await graph.rows(_SUMMARY, urns=list(urns), columns=columns, **scope.parameters())
    return {row["urn"]: dict(row["counts"]) for row in rows}


async def by_urns(graph: GraphSession, urns: Sequence[str], scope: Scope) -> dict[str, Row]:
    """Urn to the test that it is."""
    rows = await graph.rows(_BY_URNS, urns=list(urns), **scope.parameters())
    return {row["test"]["urn"]: row["test"] for row in rows}


async def results(
    graph: GraphSession,
    urns: Sequence[str],
    scope: Scope,
    *,
    key: tuple[str, str] | None,
    backward: bool,
    first: int,
) -> dict[str, list[Row]]:
    """Urn of a test to a page of its results, the newest first by (``at``, ``id``)."""
    rows = await graph.rows(
        _RESULTS,
        urns=list(urns),
        key=None if key is None else list(key),
        backward=backward,
        first=first,
        **scope.parameters(),
    )
    return {row["urn"]: row["results"] for row in rows}
