"""Reading what a run changed, as one reader may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from cypher.catalogue import Query, load, load_ways
from cypher.session import GraphSession
from schema.domain.identity import Scope
from schema.domain.undo import Aspect

_BY_ASPECT = {
    Aspect.ASSET: load_ways(__package__, "assets"),
    Aspect.EDGE: load_ways(__package__, "edges"),
    Aspect.VERDICT: load_ways(__package__, "verdicts"),
    Aspect.REFERENCE: load_ways(__package__, "references"),
    Aspect.LABEL: load_ways(__package__, "labels"),
    Aspect.SCHEMA: load_ways(__package__, "versions"),
    Aspect.INCIDENT: load_ways(__package__, "incidents"),
}
_COUNTS = load(__package__, "counts")
_STATE = load(__package__, "state")
_LAST = "\uffff"

Row = dict[str, Any]


class Reader(Protocol):
    """A session or an open transaction."""

    async def rows(self, query: Query, /, **params: Any) -> list[Row]: ...


async def changes(
    reader: Reader,
    aspect: Aspect,
    run: str,
    scope: Scope,
    *,
    key: str | None,
    first: int,
    backward: bool = False,
    whole: bool = False,
    containers: bool | None = None,
) -> list[Row]:
    """Rows of one aspect by key, behind ``key``; each has ``seen``, which is whether ``scope`` may know of it.

    Those that it may not are left out, unless ``whole``. Of assets, ``containers`` narrows to databases and schemas, or to all else.
    """
    query = _BY_ASPECT[aspect]["DESC" if backward else "ASC"]
    params: dict[str, Any] = {
        "run": run,
        "after": "" if backward or key is None else key,
        "before": key if backward and key is not None else _LAST,
        "first": first,
        "all": whole,
        **scope.parameters(),
    }
    if aspect is Aspect.ASSET:
        params["containers"] = containers
    return await reader.rows(query, **params)


async def counts(graph: GraphSession, run: str, scope: Scope) -> Mapping[Aspect, int]:
    """How much ``run`` changed of each aspect, of what ``scope`` may see."""
    rows = await graph.rows(_COUNTS, run=run, **scope.parameters())
    return {Aspect(row["aspect"]): row["count"] for row in rows}


async def state(graph: GraphSession, run: str) -> Row | None:
    """Of a run its ``state``, ``undo_state`` and the ``busy`` runs of its source; None where there is no such run."""
    return await graph.one(_STATE, run=run)
