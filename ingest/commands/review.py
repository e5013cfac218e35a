"""Commands on what waits for people: many decisions at once, all of a filter after a preview, and the order of the queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from cypher.governance import writes as governance
from cypher.review import reads, writes
from cypher.review.reads import Reader, ReviewFilter
from cypher.session import GraphSession
from ingest.commands.unit import Unit, execute
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import Permission, Principal
from schema.domain.review import (
    MOST_DECISIONS,
    MOST_REASON,
    WRITTEN,
    Decided,
    Decision,
    fingerprint,
    judged,
)
from schema.errors import Conflict, InvalidInput
from schema.ports import SystemClock

_BATCH = 1_000
_DAYS = timedelta(days=30)
_SHOWN = 20


def check_decisions(decisions: Sequence[Decision], *, path: tuple[str, ...]) -> None:
    """Raises ``InvalidInput`` where there are too many, or one of them is none."""
    if len(decisions) > MOST_DECISIONS:
        raise InvalidInput(
            f"{len(decisions)} decisions are too many.",
            path=path,
            remedy=f"Send at most {MOST_DECISIONS:,} at a time.",
        )
    if any(each.status is VerdictStatus.SUGGESTED for each in decisions):
        raise InvalidInput("A person confirms or rejects.", path=path, remedy="Use CONFIRMED or REJECTED.")
    if any(len(each.reason) > MOST_REASON for each in decisions):
        raise InvalidInput(
            f"A reason is longer than {MOST_REASON:,} characters.", path=path, remedy="Say it shorter."
        )


async def write_decisions(unit: Unit, decisions: Sequence[Decision]) -> None:
    """Write what stands above machines from now on; the one place through which people's verdicts go."""
    rows = [
        {
            "urn": each.urn,
            "classification": each.classification,
            "status": each.status.value,
            "reason": each.reason,
        }
        for each in decisions
    ]
    await governance.decide(unit.tx, rows, by=unit.by, at=unit.at)
    unit.subjects += sorted({each.urn for each in decisions} - set(unit.subjects))


async def decide_all(
    graph: GraphSession,
    actor: Principal,
    decisions: Sequence[Decision],
    *,
    dry_run: bool,
    overrule: bool = False,
    reason: str = "",
    path: tuple[str, ...] = ("items",),
    action: str = "classification.decide",
) -> list[Decided]:
    """What becomes of each decision, written in one transaction unless ``dry_run``; what conflicts or is not known is left out.

    ``overrule`` puts the actor's word above that of other people; ``reason`` is that of the whole, for the audit trail.
    """
    actor.require(Permission.CLASSIFY)
    check_decisions(decisions, path=path)
    if dry_run:
        return await _judged(graph, actor, decisions, overrule)

    async def work(unit: Unit) -> list[Decided]:
        await writes.hold(unit.tx, [each.urn for each in decisions])
        found = await _judged(unit.tx, actor, decisions, overrule)
        written = [each.decision for each in found if each.outcome in WRITTEN]
        if written:
            await write_decisions(unit, written)
        unit.details |= {
            each.value.lower(): n for each, n in Counter(one.outcome for one in found).items()
        } | {"decisions": len(decisions)}
        return found

    return await execute(graph, actor, action, work, reason=reason)


async def _judged(
    reader: Reader, actor: Principal, decisions: Sequence[Decision], overrule: bool
) -> list[Decided]:
    pairs = [(each.urn, each.classification) for each in decisions]
    standing = await reads.standing(reader, pairs, actor.scope)
    return judged(decisions, standing, by=actor.id, overrule=overrule)


@dataclass(frozen=True, slots=True)
class Swept:
    """Suggestions that a filter means: how many, some of them where nobody decided, the token that confirms just these, and whether they were decided."""

    count: int
    some: tuple[reads.Row, ...]
    token: str
    decided: bool = False


async def decide_suggestions(
    graph: GraphSession,
    actor: Principal,
    wanted: ReviewFilter,
    status: VerdictStatus,
    *,
    reason: str,
    token: str | None,
) -> Swept:
    """All suggestions of one classification that ``wanted`` means: a preview without ``token``, decided with that of the preview.

    Raises ``InvalidInput`` where it means too much, ``Conflict`` where they are not any more those of the preview.
    """
    actor.require(Permission.CLASSIFY)
    check_decisions([Decision("", "", status)], path=("verdict",))
    check_decisions([Decision("", "", status, reason)], path=("reason",))
    name = wanted.classification
    if name is None:
        raise InvalidInput(
            "Which classification is decided has to be said.",
            path=("filter", "classification"),
            remedy="Name one classification.",
        )
    if token is None:
        rows = await _meant(graph, actor, wanted)
        shown = ((row["urn"], name, row["verdict"]["confidence"]) for row in rows)
        return Swept(len(rows), tuple(rows[:_SHOWN]), fingerprint(status, shown))

    async def work(unit: Unit) -> Swept:
        # What the queue shows may change until it is held: what is held is what counts.
        urns = [row["urn"] for row in await _meant(unit.tx, actor, wanted)]
        held = await writes.hold_suggestions(unit.tx, urns, classification=name)
        if fingerprint(status, ((urn, name, confidence) for urn, confidence in held)) != token:
            raise Conflict(
                f"The suggestions are not those of the preview; there are {len(held)} now.",
                path=("token",),
                remedy="Look at the preview again and pass its token.",
            )
        await write_decisions(
            unit,
            [Decision(urn, name, status, reason) for urn, _ in held],
        )
        unit.details |= {
            "classification": name,
            "after": status.value,
            "decisions": len(held),
            "filter": {name: value for name, value in _given(wanted).items() if value is not None},
        }
        return Swept(len(held), (), token, decided=True)

    return await execute(graph, actor, "classification.decide_suggestions", work, reason=reason)


def _given(wanted: ReviewFilter) -> dict[str, str | float | None]:
    return {
        "source": wanted.source,
        "under": wanted.under,
        "owner": wanted.owner,
        "category": wanted.category,
        "min_confidence": wanted.min_confidence,
    }


async def _meant(reader: Reader, actor: Principal, wanted: ReviewFilter) -> list[reads.Row]:
    rows = await reads.queue(reader, actor.scope, wanted, first=MOST_DECISIONS + 1)
    if len(rows) > MOST_DECISIONS:
        raise InvalidInput(
            f"More than {MOST_DECISIONS:,} suggestions are meant.",
            path=("filter",),
            remedy="Narrow the filter, by a source, what holds them, or a higher confidence.",
        )
    return rows


async def refresh_reach(graph: GraphSession, actor: Principal, *, source: str) -> int:
    """Put the suggestions of a source in the order of what their assets reach now; returns how many moved."""
    since = (SystemClock().now() - _DAYS).date().isoformat()
    above, moved = "", 0
    while True:
        rows = await reads.reaches(graph, source, above=above, first=_BATCH, since=since)
        others = {row["urn"]: row["reach"] for row in rows if abs(row["reach"] - row["before"]) > 1e-9}
        if others:
            reached = [{"urn": urn, "reach": reach} for urn, reach in others.items()]

            async def work(unit: Unit, reached: list[dict[str, object]] = reached) -> int:
                unit.details |= {"source": source, "assets": len(reached)}
                return await writes.set_reaches(unit.tx, reached)

            moved += await execute(graph, actor, "classification.refresh_reach", work)
        if len(rows) < _BATCH:
            return moved
        above = rows[-1]["review"]
