"""Reading versions of schemas as one reader may see them: columns that are not for him are as if they did not exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession, Transaction
from schema.domain.identity import Scope
from schema.domain.schema_history import SchemaHistory, SchemaVersion
from schema.ids import Urn

MOST_VERSIONS = 1_000
"""Versions of a dataset that are read at once, the newest."""

_HELD = load(__package__, "held")
_HISTORIES = load(__package__, "histories_past")
_VERSIONS = load(__package__, "versions")
_RENAME = load(__package__, "rename")
_RENAMED = load(__package__, "renamed")

Row = dict[str, Any]


async def held(tx: Transaction, urns: Sequence[str], *, at: str) -> list[Row]:
    """What those of ``urns`` hold that were there before ``at``, or have a version."""
    return await tx.rows(_HELD, urns=list(urns), at=at)


async def histories(
    graph: GraphSession | Transaction,
    urns: Sequence[str],
    scope: Scope,
    *,
    versions: int = MOST_VERSIONS,
) -> dict[str, SchemaHistory]:
    """Urn to what is known of the dataset's schema, with so many of its newest versions."""
    rows = await graph.rows(_HISTORIES, urns=list(urns), versions=versions, **scope.parameters())
    return {row["urn"]: _history(row) for row in rows}


def _history(row: Mapping[str, Any]) -> SchemaHistory:
    return SchemaHistory(
        Urn.parse(row["urn"]),
        tuple(SchemaVersion.of(each) for each in reversed(row["versions"])),
        tuple(row["columns"]),
        bool(row["dataset"]["ordered"]),
        row["dataset"]["status"] != "ACTIVE",
    )


async def versions(
    graph: GraphSession, urns: Sequence[str], scope: Scope, *, key: int | None, backward: bool, first: int
) -> dict[str, list[SchemaVersion]]:
    """Urn to a page of versions by number, the newest first."""
    rows = await graph.rows(
        _VERSIONS, urns=list(urns), key=key, backward=backward, first=first, **scope.parameters()
    )
    return {row["urn"]: [SchemaVersion.of(each) for each in row["versions"]] for row in rows}


async def rename(tx: Transaction, old: str, new: str, scope: Scope) -> Row | None:
    """What is known of two columns, ``before`` and ``after``; None where the reader may not see both."""
    return await tx.one(_RENAME, old=old, new=new, **scope.parameters())


async def renamed(
    graph: GraphSession, urns: Sequence[str], scope: Scope
) -> dict[str, tuple[str | None, str | None]]:
    """Urn of a column to the urns of what it was called before and of what it is called now."""
    rows = await graph.rows(_RENAMED, urns=list(urns), **scope.parameters())
    return {row["urn"]: (row["before"], row["after"]) for row in rows}
