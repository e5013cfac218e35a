"""Commands on classifications: what machines suggest and what people decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cypher.governance import writes
from cypher.session import GraphSession
from ingest.commands.unit import Unit, execute
from schema.domain.classifications import Classifier, Verdict, VerdictStatus
from schema.domain.identity import Permission, Principal
from schema.errors import InvalidInput, NotFound

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
) -> tuple[int, int]:
    """Write (urn, verdict) pairs for the columns ``judged``; returns how many were written and withdrawn.

    They hold from ``valid_at`` on, when what was judged was read; None is now.
    """
    by_urn: dict[str, list[tuple[str, Verdict]]] = {}
    for urn, verdict in verdicts:
        by_urn.setdefault(urn, []).append((urn, verdict))
    written = withdrawn = 0
    for start in range(0, len(judged), _BATCH):
        urns = judged[start : start + _BATCH]
        pairs = [pair for urn in urns for pair in by_urn.get(urn, ())]

        async def work(
            unit: Unit, urns: Sequence[str] = urns, pairs: Sequence[tuple[str, Verdict]] = pairs
        ) -> tuple[int, int]:
            counts = await writes.apply_verdicts(
                unit.tx, pairs, urns, at=unit.at, valid=unit.since(valid_at), run=run
            )
            unit.details |= {"verdicts": counts[0], "withdrawn": counts[1], "judged": len(urns), "run": run}
            return counts

        wrote, gone = await execute(graph, actor, "classification.publish", work)
        written, withdrawn = written + wrote, withdrawn + gone
    return written, withdrawn


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
    if status is VerdictStatus.SUGGESTED:
        raise InvalidInput(
            "A person confirms or rejects.", path=("status",), remedy="Use CONFIRMED or REJECTED."
        )

    async def work(unit: Unit) -> None:
        row = await writes.decide(
            unit.tx,
            urn=urn,
            classification=classification,
            status=status,
            by=actor.id,
            at=unit.at,
            reason=reason,
            scope=actor.scope,
        )
        if row is None:
            raise NotFound("asset", urn)
        if row["classification"] is None:
            raise NotFound("classification", classification, path=("classification",))
        unit.subjects.append(urn)
        unit.details |= {"classification": classification, "before": row["before"], "after": status.value}

    await execute(
        graph,
        actor,
        f"classification.{'confirm' if status is VerdictStatus.CONFIRMED else 'reject'}",
        work,
        reason=reason,
    )
