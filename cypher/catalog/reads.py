"""Reading assets as one reader may see them: every function takes the reader's scope and tells of nothing outside it.

Rows of assets are dicts with the names of ``_fields.cypher``. Pages hold up to ``first`` rows behind ``key``, in
descending order where ``backward``. Functions that take ``as_of`` tell with it of what was at that point in time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalog.filters import AssetFilter
from cypher.catalogue import Query, load
from cypher.session import GraphSession
from schema.domain.identity import Scope
from schema.domain.time import AsOf

BY_URNS = load(__package__, "by_urns")
BY_KEYS = load(__package__, "by_keys")
_BY_URNS_PAST = load(__package__, "by_urns_past")
_BY_KEYS_PAST = load(__package__, "by_keys_past")
_PAGE_FORWARD = load(__package__, "page_forward")
_PAGE_BACKWARD = load(__package__, "page_backward")
_PAGE_SELECTIVE = load(__package__, "page_selective")
_COUNT_IN_ORDER = load(__package__, "count_in_order")
_COUNT_SELECTIVE = load(__package__, "count_selective")
_CHILDREN = load(__package__, "children")
_CHILDREN_PAST = load(__package__, "children_past")
_ANCESTORS = load(__package__, "ancestors")
_ANCESTORS_PAST = load(__package__, "ancestors_past")
_CONTENT_SENSITIVITY = load(__package__, "content_sensitivity")
_CONTENT_SENSITIVITY_PAST = load(__package__, "content_sensitivity_past")
_DEFINITIONS = load(__package__, "definitions")
_DEFINITIONS_PAST = load(__package__, "definitions_past")
_LABELS = load(__package__, "labels")
_LABELS_PAST = load(__package__, "labels_past")
_HISTORY = load(__package__, "history")
_REFERENCES = load(__package__, "references")
_REFERENCED_BY = load(__package__, "referenced_by")
_TAGS = load(__package__, "tags")
_TAGS_BY_KEYS = load(__package__, "tags_by_keys")
_HIDDEN = load(__package__, "hidden")

LAST = "\uffff"  # behind every urn

Row = dict[str, Any]
Position = tuple[int, str]


def _when(as_of: AsOf | None) -> dict[str, str]:
    return {} if as_of is None else as_of.parameters()


async def by_urns(
    graph: GraphSession, urns: Sequence[str], scope: Scope, as_of: AsOf | None = None
) -> dict[str, Row]:
    """Urn to asset."""
    query = BY_URNS if as_of is None else _BY_URNS_PAST
    rows = await graph.rows(query, urns=list(urns), **_when(as_of), **scope.parameters())
    return {row["asset"]["urn"]: row["asset"] for row in rows}


async def by_keys(
    graph: GraphSession, keys: Sequence[int], scope: Scope, as_of: AsOf | None = None
) -> dict[int, Row]:
    """Key to asset."""
    query = BY_KEYS if as_of is None else _BY_KEYS_PAST
    rows = await graph.rows(query, keys=list(keys), **_when(as_of), **scope.parameters())
    return {row["asset"]["key"]: row["asset"] for row in rows}


def page_query(
    wanted: AssetFilter, *, key: str | None, backward: bool, first: int
) -> tuple[Query, dict[str, Any]]:
    """The statement of a page and its parameters, those of the scope apart."""
    anchor = wanted.anchor()
    common = {"filter": wanted.parameters(), "first": first}
    if anchor is not None:
        return _PAGE_SELECTIVE, {"anchor": anchor, "key": key, "backward": backward, **common}
    if backward:
        kinds = wanted.ordered_kinds()[::-1]
        return _PAGE_BACKWARD, {"kinds": kinds, "key": LAST if key is None else key, **common}
    return _PAGE_FORWARD, {"kinds": wanted.ordered_kinds(), "key": key or "", **common}


async def page(
    graph: GraphSession, wanted: AssetFilter, scope: Scope, *, key: str | None, backward: bool, first: int
) -> list[Row]:
    """Assets in the order of their urns."""
    query, params = page_query(wanted, key=key, backward=backward, first=first)
    return [row["asset"] for row in await graph.rows(query, **params, **scope.parameters())]


async def count(graph: GraphSession, wanted: AssetFilter, scope: Scope, *, bound: int) -> int:
    """How many assets such a list has in all, at most ``bound``."""
    anchor = wanted.anchor()
    common = {"filter": wanted.parameters(), "bound": bound, **scope.parameters()}
    if anchor is not None:
        row = await graph.one(_COUNT_SELECTIVE, anchor=anchor, **common)
    else:
        row = await graph.one(_COUNT_IN_ORDER, kinds=wanted.ordered_kinds(), key="", **common)
    return int(row["total"]) if row else 0


async def children(
    graph: GraphSession,
    urns: Sequence[str],
    scope: Scope,
    *,
    kind: str | None,
    stale: bool,
    key: Position | None,
    backward: bool,
    first: int,
    as_of: AsOf | None = None,
) -> dict[str, list[Row]]:
    """Urn to a page of what the asset contains, by (position of columns, urn)."""
    rows = await graph.rows(
        _CHILDREN if as_of is None else _CHILDREN_PAST,
        **_when(as_of),
        urns=list(urns),
        kind=kind,
        stale=stale,
        key=None if key is None else list(key),
        backward=backward,
        first=first,
        **scope.parameters(),
    )
    return {row["urn"]: row["assets"] for row in rows}


async def ancestors(
    graph: GraphSession, urns: Sequence[str], scope: Scope, as_of: AsOf | None = None
) -> dict[str, list[Row]]:
    """Urn to what holds the asset, root first, parent last."""
    query = _ANCESTORS if as_of is None else _ANCESTORS_PAST
    rows = await graph.rows(query, urns=list(urns), **_when(as_of), **scope.parameters())
    return {row["urn"]: row["assets"] for row in rows}


async def content_sensitivity(
    graph: GraphSession, urns: Sequence[str], scope: Scope, as_of: AsOf | None = None
) -> dict[str, int]:
    """Urn to the highest level the reader can see in the asset or below it; of the past by the verdicts on these alone."""
    query = _CONTENT_SENSITIVITY if as_of is None else _CONTENT_SENSITIVITY_PAST
    rows = await graph.rows(query, urns=list(urns), **_when(as_of), **scope.parameters())
    return {row["urn"]: int(row["level"] or 0) for row in rows}


async def definitions(
    graph: GraphSession, urns: Sequence[str], scope: Scope, as_of: AsOf | None = None
) -> dict[str, str | None]:
    """Urn to the SQL or code of the asset."""
    query = _DEFINITIONS if as_of is None else _DEFINITIONS_PAST
    rows = await graph.rows(query, urns=list(urns), **_when(as_of), **scope.parameters())
    return {row["urn"]: row["definition"] for row in rows}


async def labels(
    graph: GraphSession, urns: Sequence[str], scope: Scope, as_of: AsOf | None = None
) -> dict[str, tuple[list[Row], list[Row]]]:
    """Urn to (tags, owners)."""
    query = _LABELS if as_of is None else _LABELS_PAST
    rows = await graph.rows(query, urns=list(urns), **_when(as_of), **scope.parameters())
    return {row["urn"]: (row["tags"], row["owners"]) for row in rows}


async def history(
    graph: GraphSession,
    urns: Sequence[str],
    scope: Scope,
    *,
    columns: bool,
    since: str | None,
    until: str | None,
    key: tuple[str, str, str] | None,
    backward: bool,
    first: int,
) -> dict[str, list[Row]]:
    """Urn to a page of changes of the asset, with ``columns`` of theirs too, the newest first by (``at``, ``urn``, ``what``).

    They were recorded from ``since`` on and before ``until``; None sets no bound. Of a state there are ``is`` and ``was``, of a label,
    verdict or what is inherited ``of``, ``old`` and ``new``.
    """
    rows = await graph.rows(
        _HISTORY,
        urns=list(urns),
        columns=columns,
        since=since,
        until=until,
        key=None if key is None else list(key),
        backward=backward,
        first=first,
        **scope.parameters(),
    )
    return {row["urn"]: row["changes"] for row in rows}


async def references(
    graph: GraphSession,
    urns: Sequence[str],
    scope: Scope,
    *,
    inverse: bool,
    key: tuple[str, str] | None,
    backward: bool,
    first: int,
) -> dict[str, list[tuple[str, str]]]:
    """Urn to (own column, other column) pairs of foreign keys: those it has, or where ``inverse`` those that refer to it."""
    query: Query = _REFERENCED_BY if inverse else _REFERENCES
    rows = await graph.rows(
        query,
        urns=list(urns),
        key=None if key is None else list(key),
        backward=backward,
        first=first,
        **scope.parameters(),
    )
    return {row["urn"]: [(own, other) for own, other in row["pairs"]] for row in rows}


async def tags(
    graph: GraphSession, scope: Scope, *, key: str | None, backward: bool, first: int
) -> list[Mapping[str, Any]]:
    """``tag`` and the number of ``assets`` that carry it, by name; tags on hidden assets alone are hidden too."""
    return [*await graph.rows(_TAGS, key=key, backward=backward, first=first, **scope.parameters())]


async def tags_by_keys(
    graph: GraphSession, keys: Sequence[int], scope: Scope
) -> dict[int, Mapping[str, Any]]:
    rows = await graph.rows(_TAGS_BY_KEYS, keys=list(keys), **scope.parameters())
    return {row["tag"]["key"]: row for row in rows}


async def hidden(graph: GraphSession, urns: Sequence[str], scope: Scope) -> set[str]:
    """Those of ``urns`` that exist and are not for this reader."""
    return {row["urn"] for row in await graph.rows(_HIDDEN, urns=list(urns), **scope.parameters())}
