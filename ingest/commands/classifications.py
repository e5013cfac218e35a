"""Commands on classifications: what machines suggest and what people decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from cypher.governance import writes
from cypher.review import reads as review
from cypher.review import writes as review_writes
from cypher.session import GraphSession
from ingest.commands.exceptions import without_exceptions
from ingest.commands.review import check_decisions, write_decisions
from ingest.commands.unit import Unit, execute
from schema.domain.classifications import Classifier, Verdict, VerdictStatus
from schema.domain.identity import Permission, Principal
from schema.domain.review import Decision, Published
from schema.errors import NotFound

_BATCH = 2_000


async def sync_classifications(
    graph: GraphSession, actor: Principal, classifiers: Sequence[Classifier]
) -> int:
    """Make the graph know the classifications that verdicts will name."""

    async def work(unit: Unit) -> int:
        unit.details["classifications"] = len(classifiers)
        return await writes.upsert_classifications(unit.tx, classifiers)

    return await execute(graph, actor, "classification.sync", work)


async def publish_verdicts(
    graph: GraphSession,
    actor: Principal,
    verdicts: Sequence[tuple[str, Verdict]],
    judged: Sequence[str],
    *,
    run: str,
    valid_at: datetime | None = None,
    notes: Mapping[str, str] | None = None,
) -> Published:
    """Write (urn, verdict) pairs for the columns ``judged``, but those that an exception keeps back.

    They hold from ``valid_at`` on, when what was judged was read; None is now. ``notes`` are kept of columns, by urn, for a model to
    learn from.
    """
    by_urn: dict[str, list[tuple[str, Verdict]]] = {}
    for urn, verdict in verdicts:
        by_urn.setdefault(urn, []).append((urn, verdict))
    published = Published()
    for start in range(0, len(judged), _BATCH):
        urns = judged[start : start + _BATCH]
        pairs = [pair for urn in urns for pair in by_urn.get(urn, ())]

        async def work(
            unit: Unit, urns: Sequence[str] = urns, pairs: Sequence[tuple[str, Verdict]] = pairs
        ) -> Published:
            allowed = await without_exceptions(unit, pairs)
            counts = await writes.apply_verdicts(
                unit.tx, allowed, urns, at=unit.at, valid=unit.since(valid_at), run=run
            )
            if kept := {urn: notes[urn] for urn in urns if urn in notes} if notes else {}:
                await writes.keep_notes(unit.tx, kept)
            done = Published(*counts, len(pairs) - len(allowed))
            unit.details |= {
                "verdicts": done.written,
                "withdrawn": done.withdrawn,
                "suppressed": done.suppressed,
                "judged": len(urns),
                "run": run,
            }
            return done

        published += await execute(graph, actor, "classification.publish", work)
    return published


async def decide(
    graph: GraphSession,
    actor: Principal,
    *,
    urn: str,
    classification: str,
    status: VerdictStatus,
    reason: str = "",
) -> None:
    """Confirm or reject one classification of one asset; it stands above every machine's verdict from then on."""
    actor.require(Permission.CLASSIFY)
    decision = Decision(urn, classification, status, reason)
    check_decisions([decision], path=("status",))

    async def work(unit: Unit) -> None:
        await review_writes.hold(unit.tx, [urn])
        (row,) = await review.standing(unit.tx, [(urn, classification)], actor.scope)
        if row["urn"] is None:
            raise NotFound("asset", urn)
        if row["classification"] is None:
            raise NotFound("classification", classification, path=("classification",))
        await write_decisions(unit, [decision])
        before = row["verdict"] and row["verdict"]["status"]
        unit.details |= {"classification": classification, "before": before, "after": status.value}

    await execute(
        graph,
        actor,
        f"classification.{'confirm' if status is VerdictStatus.CONFIRMED else 'reject'}",
        work,
        reason=reason,
    )
