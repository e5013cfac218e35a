"""Writing verdicts and what follows from them. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction
from schema.domain.classifications import Classifier, Verdict, VerdictOrigin, VerdictStatus
from schema.domain.identity import Scope
from schema.ids import new_key

_UPSERT_CLASSIFICATIONS = load(__package__, "upsert_classifications")
_APPLY_VERDICTS = load(__package__, "apply_verdicts")
_WITHDRAW_VERDICTS = load(__package__, "withdraw_verdicts")
_DECIDE = load(__package__, "decide")
_OWN_SENSITIVITY = load(__package__, "own_sensitivity")
_EFFECTIVE_SENSITIVITY = load(__package__, "effective_sensitivity")


async def upsert_classifications(tx: Transaction, classifiers: Sequence[Classifier]) -> int:
    rows = [
        {
            "name": c.name,
            "key": new_key(),
            "props": {
                "title": c.title,
                "description": c.description,
                "category": c.category,
                "sensitivity": int(c.sensitivity),
                "version": c.version,
            },
        }
        for c in classifiers
    ]
    row = await tx.one(_UPSERT_CLASSIFICATIONS, rows=rows)
    return int(row["written"]) if row else 0


async def apply_verdicts(
    tx: Transaction,
    verdicts: Sequence[tuple[str, Verdict]],
    judged: Sequence[str],
    *,
    at: str,
    valid: str,
    run: str,
) -> tuple[int, int]:
    """Write a run's (urn, verdict) pairs, withdraw older rule verdicts on ``judged``; counts of both.

    Both hold from ``valid`` on. The sensitivity of every judged asset and of all it contains follows in the same transaction.
    """
    rows = [
        {
            "urn": urn,
            "classification": v.classification,
            "origin": v.origin.value,
            "tier": v.tier,
            "confidence": v.confidence,
            "reason": v.reason,
            "classifier": v.classifier,
            "classifier_version": v.classifier_version,
        }
        for urn, v in verdicts
    ]
    written = await tx.one(_APPLY_VERDICTS, rows=rows, at=at, valid=valid, run=run) if rows else None
    gone = await tx.one(
        _WITHDRAW_VERDICTS, urns=list(judged), origin=VerdictOrigin.RULE.value, at=at, valid=valid, run=run
    )
    await refresh_sensitivity(tx, judged)
    return int(written["written"]) if written else 0, int(gone["withdrawn"]) if gone else 0


async def refresh_sensitivity(tx: Transaction, urns: Sequence[str]) -> None:
    """Recompute the own and effective sensitivity of ``urns`` and of all they contain, and mark what others may inherit of it."""
    own = await tx.one(_OWN_SENSITIVITY, urns=list(urns))
    tx.mark(own["marked"] if own else ())
    row = await tx.one(_EFFECTIVE_SENSITIVITY, urns=list(urns))
    if row and row["written"]:
        tx.touch(urns, below=True)


async def decide(
    tx: Transaction,
    *,
    urn: str,
    classification: str,
    status: VerdictStatus,
    by: str,
    at: str,
    reason: str,
    scope: Scope,
) -> dict[str, Any] | None:
    """None where the asset is not there for this reader; ``classification`` is None where there is no such one."""
    row = await tx.one(
        _DECIDE,
        urn=urn,
        classification=classification,
        status=status.value,
        by=by,
        at=at,
        reason=reason,
        **scope.parameters(),
    )
    if row is not None and row["classification"] is not None:
        await refresh_sensitivity(tx, [urn])
    return row
