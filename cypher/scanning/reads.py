"""Reading sources and runs for the worker and for scans; what people may see of them is read in ``cypher.catalog``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession
from schema.domain.sources import Holding, Registered

_SOURCE = load(__package__, "source")
_NAMESPACES = load(__package__, "namespaces")
_FINGERPRINTS = load(__package__, "fingerprints")
_HELD_REFERENCES = load(__package__, "held_references")
_KNOWN_COLUMNS = load(__package__, "known_columns")
_QUEUED_SQL = load(__package__, "queued_sql")
_USAGE_POSITION = load(__package__, "usage_position")
_EMBEDDING_HASHES = load(__package__, "embedding_hashes")


async def source(graph: GraphSession, urn: str) -> dict[str, Any] | None:
    """All properties of a registered source, its sealed configuration among them."""
    row = await graph.one(_SOURCE, urn=urn)
    return row["source"] if row else None


async def namespaces(graph: GraphSession) -> Registered:
    """Which registered source holds which part of the world."""
    return Registered(Holding(**row) for row in await graph.rows(_NAMESPACES) if row["namespace"])


async def fingerprints(graph: GraphSession, source_name: str) -> dict[str, tuple[str, str]]:
    """Dataset urn to (fingerprint, status)."""
    return {
        urn: (fingerprint, status)
        for row in await graph.rows(_FINGERPRINTS, source=source_name)
        for urn, fingerprint, status in row["chunk"]
    }


async def known_columns(graph: GraphSession, source_name: str) -> dict[str, list[str]]:
    """Urn of each dataset of a source to its column names in order."""
    return {
        urn: columns
        for row in await graph.rows(_KNOWN_COLUMNS, source=source_name)
        for urn, columns in row["chunk"]
    }


async def held_references(graph: GraphSession, urns: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Dataset urn to the foreign keys that its columns have in the graph, as (own column, other column); those without are left out."""
    rows = await graph.rows(_HELD_REFERENCES, urns=list(urns))
    return {row["urn"]: [(mine, theirs) for mine, theirs in row["pairs"]] for row in rows}


async def embedding_hashes(graph: GraphSession, urns: Sequence[str]) -> dict[str, str]:
    return {row["urn"]: row["hash"] for row in await graph.rows(_EMBEDDING_HASHES, urns=list(urns))}


async def queued_sql(graph: GraphSession, *, first: int) -> list[dict[str, Any]]:
    """SQL texts that wait to be read, oldest first."""
    return [row["task"] for row in await graph.rows(_QUEUED_SQL, first=first)]


async def usage_position(graph: GraphSession, ident: str) -> str:
    """Up to where a reader of a log has counted; empty where it never read."""
    row = await graph.one(_USAGE_POSITION, id=ident)
    return str(row["position"]) if row else ""
