"""Reading what datasets were judged by and what waits to be judged anew: for workers, which see everything, and for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load, load_ways
from cypher.session import GraphSession, Transaction
from schema.domain.identity import Scope

_TABLES = load(__package__, "tables_past")
_WAITING = load(__package__, "waiting_past")
_JUDGED_BY = load(__package__, "judged_by")
_MARKS = load(__package__, "marks")
_BASIS = load(__package__, "basis")
_VERSIONS = load(__package__, "versions")
_IS_KEPT = load(__package__, "is_kept")
_DESCRIBED = load(__package__, "described")
_STATE = load(__package__, "state")
_DUE = load(__package__, "due")
_PROFILES = load(__package__, "profiles")
_STANDING = load(__package__, "standing")
_REJECTING = load(__package__, "rejecting")
_PREVIEW = load(__package__, "preview")
_APPLICABLE = load(__package__, "applicable")
_CHANGES = load_ways(__package__, "changes")
_CHANGE_COUNTS = load(__package__, "change_counts")

Row = dict[str, Any]
Reader = GraphSession | Transaction


async def tables(graph: GraphSession, urns: Sequence[str]) -> list[Row]:
    """Datasets with their columns and what is said of them, as they were judged."""
    return [row["dataset"] for row in await graph.rows(_TABLES, urns=list(urns))]


async def described(graph: GraphSession, urns: Sequence[str]) -> list[Row]:
    """Datasets with ``comment``, ``tags`` of their source, and columns with the ``labels`` that nobody rejected."""
    return [row["dataset"] for row in await graph.rows(_DESCRIBED, urns=list(urns))]


async def waiting(graph: GraphSession, source: str, version: str, *, after: str, first: int) -> list[Row]:
    """A page of the datasets of a source that were judged by something else than ``version``, as ``tables``."""
    rows = await graph.rows(_WAITING, source=source, version=version, after=after, first=first)
    return [row["dataset"] for row in rows]


async def judged_by(graph: GraphSession, source: str) -> dict[str, str]:
    """Urn of each judged dataset of a source to the version of the vocabulary."""
    return {
        urn: version for row in await graph.rows(_JUDGED_BY, source=source) for urn, version in row["chunk"]
    }


async def marks(graph: GraphSession, urns: Sequence[str]) -> list[Row]:
    """Of datasets the ``urn``, what they were ``judged_by`` and their ``fingerprint``."""
    return await graph.rows(_MARKS, urns=list(urns))


async def basis(reader: Reader) -> Row:
    """``thresholds`` as [name, accept, reject], names of those that somebody ``set``, and of those that are ``excepted`` somewhere."""
    row = await reader.one(_BASIS)
    assert row is not None
    return row


async def versions(graph: GraphSession, idents: Sequence[str]) -> dict[str, str]:
    """Versions of the vocabulary as they were packed; those that nobody kept are left out."""
    return {row["id"]: row["data"] for row in await graph.rows(_VERSIONS, ids=list(idents))}


async def is_kept(graph: GraphSession, ident: str) -> bool:
    return await graph.one(_IS_KEPT, id=ident) is not None


async def state(graph: GraphSession, version: str, scope: Scope) -> list[Row]:
    """By ``source`` how many datasets were judged by something else than ``version``, and ``since`` when."""
    return await graph.rows(_STATE, version=version, **scope.parameters())


async def due(graph: GraphSession, version: str) -> list[Row]:
    """Sources that have such datasets and no unfinished run: ``source``, ``options``, and the version ``asked`` for last."""
    return await graph.rows(_DUE, version=version)


async def profiles(reader: Reader, urns: Sequence[str], *, shown: int) -> dict[str, str]:
    """Profiles of those of the columns whose level is above ``shown``."""
    rows = await reader.rows(_PROFILES, urns=list(urns), shown=shown)
    return {row["urn"]: row["profile"] for row in rows}


async def standing(reader: Reader, urns: Sequence[str]) -> dict[str, list[Row]]:
    """Urn to what is said of it."""
    return {row["urn"]: row["verdicts"] for row in await reader.rows(_STANDING, urns=list(urns))}


async def rejecting(reader: Reader, names: Sequence[str]) -> dict[str, Row]:
    """Classification to ``reject_at`` and ``enabled``."""
    return {row["name"]: row for row in await reader.rows(_REJECTING, names=list(names))}


async def previews(graph: GraphSession, runs: Sequence[str], scope: Scope, *, now_ms: int) -> dict[str, Row]:
    """Run id to its preview, where that is kept and the reader may see its source."""
    rows = await graph.rows(_PREVIEW, ids=list(runs), now_ms=now_ms, **scope.parameters())
    return {row["preview"]["id"]: row["preview"] for row in rows}


async def applicable(graph: GraphSession, source: str, version: str, *, now_ms: int) -> str | None:
    """The run of the latest preview of a source that shows what ``version`` would change."""
    row = await graph.one(_APPLICABLE, source=source, version=version, now_ms=now_ms)
    return str(row["run"]) if row else None


async def changes(
    graph: GraphSession,
    run: str,
    scope: Scope,
    *,
    kinds: Sequence[str] | None,
    classification: str | None,
    key: str | None,
    backward: bool,
    first: int,
) -> list[Row]:
    """A page of what a run would change, by the id of the change."""
    above, below = f"{run}:", f"{run};"
    if key is not None:
        above, below = (above, key) if backward else (key, below)
    rows = await graph.rows(
        _CHANGES["DESC" if backward else "ASC"],
        above=above,
        below=below,
        kinds=None if kinds is None else list(kinds),
        classification=classification,
        first=first,
        **scope.parameters(),
    )
    return [row["change"] for row in rows]


async def change_counts(graph: GraphSession, run: str, scope: Scope) -> list[Row]:
    """``classification``, ``kind`` and how many ``columns``."""
    return await graph.rows(_CHANGE_COUNTS, above=f"{run}:", below=f"{run};", **scope.parameters())
