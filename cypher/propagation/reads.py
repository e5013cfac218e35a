"""Reading what columns say, what feeds them and what they inherit: for the job, which sees everything, and for people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import Any, Protocol

from cypher.catalogue import Query, load
from cypher.session import GraphSession
from schema.domain.identity import Scope
from schema.domain.propagation import CARRIES, Columns, Reason

_COLUMNS = load(__package__, "columns")
_FEEDERS = load(__package__, "feeders")
_FED = load(__package__, "fed")
_DOWNSTREAM = load(__package__, "downstream")
_HEIRS = load(__package__, "heirs")
_HEIRS_OF = load(__package__, "heirs_of")
_BLOCKED = load(__package__, "blocked")
_BLOCKS = load(__package__, "blocks")
_ALL_BLOCKS = load(__package__, "all_blocks")
_ENDS = load(__package__, "ends")
_MARKS = load(__package__, "marks")
_STATE = load(__package__, "state")
_REASONS = load(__package__, "reasons")
_PATHS = load(__package__, "paths")
_CHUNK, _AT_ONCE = 5_000, 4
_STRETCH = 20_000
_CARRIES = sorted(each.value for each in CARRIES)

Row = dict[str, Any]


class Reader(Protocol):
    """A session or an open transaction."""

    async def rows(self, query: Query, /, **params: Any) -> list[Row]: ...


async def _chunked(
    graph: GraphSession, query: Query, keys: Iterable[int], **params: Any
) -> AsyncIterator[Row]:
    """Rows of ``query`` for all ``keys``, asked for some thousand at a time."""
    wanted = list(keys)
    chunks = [wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK)]
    for start in range(0, len(chunks), _AT_ONCE):
        some = chunks[start : start + _AT_ONCE]
        for rows in await asyncio.gather(*(graph.rows(query, keys=chunk, **params) for chunk in some)):
            for row in rows:
                yield row


async def columns(graph: GraphSession, keys: Collection[int], threshold: float) -> Columns:
    """What is known of columns and of those that feed them; what is said with less than ``threshold`` counts as not said."""
    found = Columns()
    wanted = set(keys)
    async for row in _chunked(graph, _FEEDERS, keys, carries=_CARRIES):
        for feeder, column in row["pairs"]:
            found.feeders.setdefault(column, []).append(feeder)
            wanted.add(feeder)
    refused: list[tuple[int, str]] = []
    async for row in _chunked(graph, _COLUMNS, wanted):
        for key, says, sure, refuses, lists in row["columns"]:
            told = {n: s for n, s in zip(says or (), sure or (), strict=True) if s >= threshold}
            if told:
                found.says[key] = told
            if lists:
                found.lists[key] = {
                    name: tuple(map(Reason, hops, origins, via, confidences))
                    for name, hops, origins, via, confidences in lists
                }
            refused.extend((key, name) for name in refuses or ())
    found.closed = {*refused, *await _blocked(graph, keys)}
    return found


async def _blocked(graph: GraphSession, keys: Collection[int]) -> set[tuple[int, str]]:
    names: dict[str | None, list[str]] = {}
    for row in await graph.rows(_ALL_BLOCKS):
        names.setdefault(row["under"], []).append(row["classification"])
    found = {(key, name) for name in names.pop(None, ()) for key in keys}
    if names:
        async for row in _chunked(graph, _BLOCKED, keys, unders=sorted(map(str, names))):
            found |= {(key, name) for name in names[row["under"]] for key in row["keys"]}
    return found


async def fed(graph: GraphSession, keys: Collection[int]) -> set[int]:
    """The columns that these feed directly."""
    return {key async for row in _chunked(graph, _FED, keys, carries=_CARRIES) for key in row["keys"]}


async def downstream(graph: GraphSession, key: int) -> dict[int, int]:
    """All columns that the value of one reaches, to the least number of hops."""
    (row,) = await graph.rows(_DOWNSTREAM, key=key, carries=_CARRIES)
    return dict(zip(row["keys"], row["hops"], strict=True))


async def heirs(graph: GraphSession) -> set[int]:
    """All columns that are fed by others or inherit something."""
    found: set[int] = set()
    after = 0
    while True:
        (row,) = await graph.rows(_HEIRS, after=after, first=_STRETCH)
        if row["last"] is None:
            return found
        found.update(row["keys"])
        after = row["last"]


async def heirs_of(reader: Reader, classification: str, under: str | None) -> list[int]:
    """The columns in ``under`` (None: all) whose inheritance of ``classification`` a block there decides about."""
    (row,) = await reader.rows(_HEIRS_OF, classification=classification, under=under) or ({"keys": []},)
    return list(row["keys"])


async def ends(reader: Reader, up: str, down: str, scope: Scope) -> dict[str, Row]:
    """Urn to ``is_column`` and ``fed``, of the two that ``scope`` may see."""
    rows = await reader.rows(_ENDS, up=up, down=down, **scope.parameters())
    return {row["urn"]: row for row in rows}


async def marks(reader: Reader, first: int) -> list[Row]:
    """The oldest of what has yet to be looked at."""
    return await reader.rows(_MARKS, first=first)


async def state(reader: Reader) -> Row:
    """``pending`` columns, ``since`` when, and the ``state`` that the job noted, None before it first ran."""
    (row,) = await reader.rows(_STATE)
    return row


async def blocks(
    graph: GraphSession, scope: Scope, *, key: Sequence[str] | None, backward: bool, first: int
) -> list[Row]:
    """A page of blocks, newest first; ``key`` is (at, id)."""
    rows = await graph.rows(
        _BLOCKS, key=None if key is None else list(key), backward=backward, first=first, **scope.parameters()
    )
    return [row["block"] for row in rows]


async def reasons(graph: GraphSession, urns: Sequence[str], scope: Scope) -> dict[str, list[Row]]:
    """Urn to what it inherits: ``classification``, and ``reasons`` with the assets that may be named."""
    rows = await graph.rows(_REASONS, urns=list(urns), **scope.parameters())
    return {row["urn"]: row["inherited"] for row in rows}


async def paths(graph: GraphSession, rows: Sequence[Row], scope: Scope) -> dict[tuple[int, int, str], Row]:
    """(origin, heir, classification), by key, to the ``path`` of urns that may be named and whether some were ``hidden``."""
    found = await graph.rows(_PATHS, rows=list(rows), carries=_CARRIES, **scope.parameters())
    return {(row["origin"], row["heir"], row["classification"]): row for row in found}
