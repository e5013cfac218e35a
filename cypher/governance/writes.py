"""Writing verdicts and what follows from them. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cypher.catalogue import load
from cypher.session import Transaction
from schema.domain.classifications import Classifier, Verdict, VerdictOrigin
from schema.ids import new_key

_UPSERT_CLASSIFICATIONS = load(__package__, "upsert_classifications")
_NARROWER = load(__package__, "narrower")
_APPLY_VERDICTS = load(__package__, "apply_verdicts")
_WITHDRAW_VERDICTS = load(__package__, "withdraw_verdicts")
_DECIDE = load(__package__, "decide")
_OWN_SENSITIVITY = load(__package__, "own_sensitivity")
_EFFECTIVE_SENSITIVITY = load(__package__, "effective_sensitivity")
_KEEP_NOTES = load(__package__, "keep_notes")


async def upsert_classifications(tx: Transaction, classifiers: Sequence[Classifier]) -> int:
    """Write what classifications are and what each is narrower than; returns how many there were."""
    rows = [
        {
            "name": c.name,
            "key": new_key(),
            "accept_at": c.accept_at,
            "reject_at": c.reject_at,
            "parent": c.wider[0] if c.wider else None,
            "props": {
                "title": c.title,
                "description": c.description,
                "category": c.category,
                "sensitivity": int(c.sensitivity),
                "version": c.version,
                "regulations": list(c.regulations),
                "wider": [c.name, *c.wider],
                "group": c.group,
                "priority": c.priority,
                "built_in": c.built_in,
            },
        }
        for c in classifiers
    ]
    row = await tx.one(_UPSERT_CLASSIFICATIONS, rows=rows)
    await tx.one(_NARROWER, rows=rows)
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


async def decide(tx: Transaction, rows: Sequence[Mapping[str, str]], *, by: str, at: str) -> None:
    """Rows of ``urn``, ``classification``, ``status`` and ``reason``, of what is there and the actor may see."""
    await tx.rows(_DECIDE, rows=[dict(row) for row in rows], by=by, at=at)
    await refresh_sensitivity(tx, sorted({row["urn"] for row in rows}))


async def keep_notes(tx: Transaction, notes: Mapping[str, str]) -> int:
    """Keep what a model can learn from, by urn of the column; returns of how many."""
    row = await tx.one(_KEEP_NOTES, rows=[[urn, note] for urn, note in notes.items()])
    return int(row["kept"]) if row else 0
