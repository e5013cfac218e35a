"""Reading workflows of one's own, in or outside of a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession, Transaction

_BY_NAMES = load(__package__, "by_names")
_USERS = load(__package__, "users")
_PAGE_AFTER = load(__package__, "page_after")
_PAGE_BEFORE = load(__package__, "page_before")
_VERSIONS = load(__package__, "versions")

Row = dict[str, Any]
Reader = GraphSession | Transaction


async def by_names(reader: Reader, names: Sequence[str]) -> dict[str, Row]:
    """Workflows that are not deleted, by name: ``version``, ``text``, ``digest``, ``calls`` and who saved it when."""
    found = await reader.rows(_BY_NAMES, names=list(names))
    return {row["definition"]["name"]: row["definition"] for row in found}


async def users(reader: Reader, name: str) -> tuple[int, list[str]]:
    """How many plans of sources name a workflow, and the first workflows that run it."""
    row = await reader.one(_USERS, name=name)
    return (row["plans"], row["workflows"]) if row else (0, [])


async def page(reader: Reader, *, key: str | None, backward: bool, first: int) -> list[Row]:
    """Workflows by name, behind ``key``."""
    name = key if key is not None else "\uffff" if backward else ""
    rows = await reader.rows(_PAGE_BEFORE if backward else _PAGE_AFTER, name=name, first=first)
    return [row["definition"] for row in rows]


async def versions(
    graph: GraphSession, names: Sequence[str], *, key: int | None, backward: bool, first: int
) -> dict[str, list[Row]]:
    """Name to a page of its versions, the newest first."""
    rows = await graph.rows(_VERSIONS, names=list(names), key=key, backward=backward, first=first)
    return {row["name"]: row["versions"] for row in rows}
