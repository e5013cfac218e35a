"""Reading what the scans of a source do not find any more."""

from __future__ import annotations

from typing import Any, Protocol

from cypher.catalogue import Query, load_ways
from schema.domain.identity import Scope

_UNITS = load_ways(__package__, "units")
_LAST = "\uffff"

Row = dict[str, Any]


class Reader(Protocol):
    """A session or an open transaction."""

    async def rows(self, query: Query, /, **params: Any) -> list[Row]: ...


async def units(
    reader: Reader,
    source: str,
    scope: Scope,
    *,
    until: str,
    key: str | None,
    first: int,
    backward: bool = False,
) -> list[Row]:
    """Rows by urn behind ``key``, of what ``scope`` may see; ``until`` is the latest ``since`` of what may be deleted."""
    return await reader.rows(
        _UNITS["DESC" if backward else "ASC"],
        source=source,
        until=until,
        after="" if backward or key is None else key,
        before=key if backward and key is not None else _LAST,
        first=first,
        **scope.parameters(),
    )
