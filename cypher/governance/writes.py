"""Writing verdicts and what follows from them. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cypher.catalogue import load
from cypher.session import Transaction
from schema.domain.classifications import LANGUAGE_MODEL, Classifier, Verdict, VerdictOrigin
from schema.ids import new_key

_UPSERT_CLASSIFICATIONS = load(__package__, "upsert_classifications")
_BEARERS = load(__package__, "bearers")
_REFRESHED = load(__package__, "refreshed")
_NARROWER = load(__package__, "narrower")
_APPLY_VERDICTS = load(__package__, "apply_verdicts")
_WITHDRAW_VERDICTS = load(__package__, "withdraw_verdicts")
_DECIDE = load(__package__, "decide")
_OWN_SENSITIVITY = load(__package__, "own_sensitivity")
_EFFECTIVE_SENSITIVITY = load(__package__, "effective_sensitivity")
_KEEP_NOTES = load(__package__, "keep_notes")
_MACHINES = [VerdictOrigin.RULE.value, VerdictOrigin.ML.value, VerdictOrigin.AI.value]


async def upsert_classifications(tx: Transaction, classifiers: Sequence[Classifier]) -> tuple[int, list[str]]:
    """Write what classifications are and what each is narrower than; how many there were, and the names of those that got another level."""
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
    return (int(row["written"]), sorted(row["moved"])) if row else (0, [])


async def bearers(tx: Transaction, names: Sequence[str]) -> list[int]:
    """Keys of all assets whose level may come from one of these classifications."""
    return [row["key"] for row in await tx.rows(_BEARERS, names=list(names))]


async def refresh_levels(tx: Transaction, keys: Sequence[int]) -> None:
    """As ``refresh_sensitivity``, by keys."""
    row = await tx.one(_REFRESHED, keys=list(keys))
    await refresh_sensitivity(tx, row["urns"] if row else ())


async def apply_verdicts(
    tx: Transaction,
    verdicts: Sequence[tuple[str, Verdict]],
    judged: Sequence[str],
    *,
    at: str,
    valid: str,
    run: str,
    unasked: Sequence[str] = (),
) -> tuple[int, int]:
    """Write a run's (urn, verdict) pairs, withdraw older ones of machines on ``judged``; counts of both.

    Both hold from ``valid`` on. What the language model suggested of the classifications ``unasked`` stays. The sensitivity of every judged asset and of all it contains follows in the same transaction.
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
    written = (
        await tx.one(
            _APPLY_VERDICTS,
            rows=rows,
            machines=_MACHINES,
            suggested=LANGUAGE_MODEL,
            at=at,
            valid=valid,
            run=run,
        )
        if rows
        else None
    )
    gone = await tx.one(
        _WITHDRAW_VERDICTS,
        urns=list(judged),
        machines=_MACHINES,
        suggested=LANGUAGE_MODEL,
        unasked=list(unasked),
        at=at,
        valid=valid,
        run=run,
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
