"""Reading what masking is decided by."""

from __future__ import annotations

from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession, Transaction
from schema.domain.identity import Scope
from schema.domain.masking import DataKind, Mask, MaskingRule, MaskingSubject

_TARGET = load(__package__, "target")
_KINDS = load(__package__, "kinds")
_RULES = load(__package__, "rules")
_KEY = load(__package__, "key")


async def target(graph: GraphSession, urn: str, scope: Scope) -> dict[str, Any] | None:
    """A dataset with the columns that the reader may see; None where there is none or he may not see it."""
    row = await graph.one(_TARGET, urn=urn, **scope.parameters())
    return row["dataset"] if row else None


async def kinds(graph: GraphSession | Transaction) -> dict[str, DataKind]:
    """All classifications by name."""
    rows = await graph.rows(_KINDS)
    return {
        row["name"]: DataKind(
            row["name"], row["category"] or "", row["sensitivity"] or 0, tuple(row["purposes"] or ())
        )
        for row in rows
    }


async def rules(graph: GraphSession) -> list[MaskingRule]:
    """The rules that were set, by id."""
    return [
        MaskingRule(
            MaskingSubject(rule["subject"]), rule["name"], Mask(rule["mask"]), rule["set_by"], rule["set_at"]
        )
        for rule in (row["rule"] for row in await graph.rows(_RULES))
    ]


async def key(graph: GraphSession) -> str | None:
    """The sealed key of marks; None before the first."""
    row = await graph.one(_KEY)
    return row["sealed"] if row else None
