"""Reading who may decide in whose place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from cypher.catalogue import Query, load

_HELD = load(__package__, "held")
_PAGE = load(__package__, "page")
_TOKEN = load(__package__, "token")

Row = dict[str, Any]


class Reader(Protocol):
    """A session or an open transaction."""

    async def rows(self, query: Query, /, **params: Any) -> list[Row]: ...


async def held(reader: Reader, holder: str, *, at: str) -> list[Row]:
    """Rows of ``delegation`` and ``token``, that of who gave it, for what ``holder`` may decide at ``at``."""
    return await reader.rows(_HELD, holder=holder, at=at)


async def token(reader: Reader, ident: str) -> Row | None:
    rows = await reader.rows(_TOKEN, id=ident)
    return rows[0]["token"] if rows else None


async def page(
    reader: Reader,
    *,
    party: str | None,
    at: str | None,
    key: Sequence[str] | None,
    backward: bool,
    first: int,
) -> list[Row]:
    """Of everybody where ``party`` is None; with ``at`` those alone that are not over then."""
    rows = await reader.rows(
        _PAGE, party=party, at=at, key=None if key is None else list(key), backward=backward, first=first
    )
    return [row["delegation"] for row in rows]
