"""Commands on the thresholds of classifications: set them, take them from what people's verdicts propose, return to those of the text."""

from __future__ import annotations

from collections.abc import Sequence

from cypher.classifiers import writes
from cypher.governance import reads as governance
from cypher.review import reads as review
from cypher.session import GraphSession
from ingest.commands.classifiers import ensure_known, require_vocabulary
from ingest.commands.unit import Unit, execute
from ingest.vocabulary import current_vocabulary
from schema.domain.identity import Principal
from schema.domain.verdict_figures import evidence_of, needed, proposed
from schema.errors import InvalidInput, NotFound

MOST_PROPOSALS = 100  # classifications whose proposed thresholds are set at once


async def set_thresholds(
    graph: GraphSession,
    actor: Principal,
    *,
    name: str,
    accept_at: float | None,
    reject_at: float | None,
    reason: str = "",
) -> None:
    """From which confidence on a machine's verdicts are accepted, and below which they are not given; None is never.

    They hold for what is judged from now on, and stand above what the text says. Raises ``InvalidInput`` and ``NotFound``.
    """
    require_vocabulary(actor)
    for path, value in (("acceptAt", accept_at), ("rejectAt", reject_at)):
        if value is not None and not 0 <= value <= 1:
            raise InvalidInput("Not a confidence.", path=(path,), remedy="Use a number from 0 to 1.")
    if accept_at is not None and reject_at is not None and accept_at < reject_at:
        raise InvalidInput(
            "What is accepted is less sure than what is rejected.",
            path=("acceptAt",),
            remedy="Raise acceptAt or lower rejectAt.",
        )

    async def work(unit: Unit) -> None:
        await ensure_known(unit)
        before = await writes.set_thresholds(
            unit.tx, name=name, accept_at=accept_at, reject_at=reject_at, at=unit.at, by=unit.by
        )
        if before is None:
            raise NotFound("classification", name, path=("name",))
        unit.subjects.append(f"classification:{name}")
        unit.details |= {"before": before, "after": {"accept_at": accept_at, "reject_at": reject_at}}

    await execute(graph, actor, "classification.thresholds", work, reason=reason)


async def reset_thresholds(graph: GraphSession, actor: Principal, *, name: str, reason: str = "") -> None:
    """Let the thresholds be again what the text of the classifier says. Raises ``NotFound``."""
    require_vocabulary(actor)

    async def work(unit: Unit) -> None:
        await ensure_known(unit)
        spec = (await current_vocabulary(unit.tx)).named(name)
        if spec is None:
            raise NotFound("classification", name, path=("name",))
        after = {"accept_at": spec.accept_at, "reject_at": spec.reject_at}
        before = await writes.set_thresholds(unit.tx, name=name, **after, at=None, by=None)
        if before is None:
            raise NotFound("classification", name, path=("name",))
        unit.subjects.append(f"classification:{name}")
        unit.details |= {"before": before, "after": after}

    await execute(graph, actor, "classification.thresholds_reset", work, reason=reason)


async def accept_proposals(
    graph: GraphSession,
    actor: Principal,
    *,
    names: Sequence[str],
    target: float,
    source: str | None = None,
    reason: str = "",
) -> None:
    """Set for each of ``names`` the thresholds that people's verdicts, of ``source`` alone where it is named, propose for the precision ``target``.

    They are computed in the transaction that sets them; what is not proposed stays as it is. All of it or nothing: raises ``InvalidInput``
    where nothing is proposed for one, or what is proposed contradicts the threshold that stays, and ``NotFound``.
    """
    require_vocabulary(actor)
    needed(target)
    wanted = list(dict.fromkeys(names))
    if not 1 <= len(wanted) <= MOST_PROPOSALS:
        raise InvalidInput(
            f"{len(wanted)} classifications cannot be set at once.",
            path=("classifications",),
            remedy=f"Name 1 to {MOST_PROPOSALS}.",
        )

    async def work(unit: Unit) -> None:
        await ensure_known(unit)
        known = await governance.classifications_by_names(unit.tx, wanted)
        evidence = await review.evidence(unit.tx, actor.scope, source=source)
        for name in wanted:
            if name not in known:
                raise NotFound("classification", name, path=("classifications",))
            found = proposed(evidence_of(evidence.get(name, ())), target)
            if found.accept is None and found.reject is None:
                raise InvalidInput(
                    f"Verdicts of people propose no threshold for {name}.",
                    path=("classifications",),
                    remedy="Leave it out, or aim at a lower precision.",
                )
            accept_at = found.accept.at if found.accept else known[name].get("accept_at")
            reject_at = found.reject.at if found.reject else known[name].get("reject_at")
            if accept_at is not None and reject_at is not None and accept_at < reject_at:
                raise InvalidInput(
                    f"{name} would be accepted from {accept_at:g} on and not given below {reject_at:g}.",
                    path=("classifications",),
                    remedy="Set both of its thresholds yourself.",
                )
            after = {"accept_at": accept_at, "reject_at": reject_at}
            before = await writes.set_thresholds(unit.tx, name=name, **after, at=unit.at, by=unit.by)
            unit.subjects.append(f"classification:{name}")
            unit.details[name] = {"before": before, "after": after, "decided": found.decided}
        unit.details |= {"target": target, "source": source}

    await execute(graph, actor, "classification.thresholds_accept", work, reason=reason)
