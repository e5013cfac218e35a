"""Commands on exceptions: where machines may not say that something holds a kind of data."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cypher.governance import writes as governance
from cypher.reclassification import reads as judging
from cypher.reclassification import writes as judged
from cypher.review import reads, writes
from cypher.review.reads import Reader
from cypher.session import GraphSession, Transaction
from ingest.commands.unit import Unit, execute
from schema.domain.classifications import Verdict
from schema.domain.identity import EVERYTHING, SYSTEM, Permission, Principal, Scope
from schema.domain.review import ClassificationException
from schema.domain.sources import source_urn
from schema.domain.time import stored
from schema.errors import InvalidInput, NotFound
from schema.ports import Clock, SystemClock

_BATCH = 1_000
MOST = 1_000
_SHOWN = 20
_PAGE = 200
_CLOCK = SystemClock()
_MOST_READ = 100_000


@dataclass(frozen=True, slots=True)
class SavedException:
    """An exception as it is stored, without an id in a preview, and how many verdicts of machines it withdrew, or would; ``some`` of their urns."""

    row: dict[str, Any]
    withdrawn: int
    some: tuple[str, ...]


async def without_exceptions(
    unit: Unit, pairs: Sequence[tuple[str, Verdict]]
) -> Sequence[tuple[str, Verdict]]:
    """The (urn, verdict) pairs that no exception keeps back."""
    held = [ClassificationException.of(row) for row in await reads.exceptions(unit.tx, at=unit.at)]
    named = {each.classification for each in held}
    concerned = sorted({urn for urn, verdict in pairs if verdict.classification in named})
    if not concerned:
        return pairs
    placed = await reads.placed(unit.tx, concerned)
    by_name: dict[str, list[ClassificationException]] = {}
    for each in held:
        by_name.setdefault(each.classification, []).append(each)
    return [
        (urn, verdict)
        for urn, verdict in pairs
        if urn not in placed
        or not any(_holds(each, placed[urn]) for each in by_name.get(verdict.classification, ()))
    ]


def _holds(exception: ClassificationException, row: dict[str, Any]) -> bool:
    return exception.holds(row["name"] or "", row["source"], row["holders"])


async def save_exception(
    graph: GraphSession, actor: Principal, exception: ClassificationException, *, dry_run: bool
) -> SavedException:
    """Remember the exception and withdraw what machines said against it so far, a batch after the other; people's verdicts stay.

    One that holds in the same place already says from now on what this one says.
    Raises ``NotFound`` where there is no such classification or holder, ``InvalidInput`` where it is over already.
    """
    actor.require(Permission.CLASSIFY)
    now = SystemClock().now()
    if exception.expires_at is not None and stored(exception.expires_at) <= stored(now):
        raise InvalidInput("It would be over already.", path=("expiresAt",), remedy="Give a time to come.")
    await _known(graph, actor.scope, exception)
    urns = await _against(graph, actor.scope, exception)
    if dry_run:
        return SavedException(exception.props(), len(urns), tuple(urns[:_SHOWN]))
    if len(await reads.exceptions(graph)) >= MOST:
        raise InvalidInput(
            f"There are {MOST:,} exceptions.", path=(), remedy="Remove those that are over, or widen one."
        )
    new = str(uuid.uuid4())

    async def save(unit: Unit) -> dict[str, Any]:
        ident = await _of_the_same_place(unit, exception) or new
        props = exception.props() | {"created_by": unit.by, "created_at": unit.at}
        await writes.save_exception(unit.tx, ident=ident, props=props)
        unit.subjects.append(ident)
        unit.details |= {name: value for name, value in exception.props().items() if value is not None}
        return props | {"id": ident}

    row = await execute(graph, actor, "classification.save_exception", save, reason=exception.reason)
    ident = row["id"]
    withdrawn = 0
    for start in range(0, len(urns), _BATCH):
        some = urns[start : start + _BATCH]

        async def withdraw(unit: Unit, some: list[str] = some) -> int:
            gone = await writes.withdraw(
                unit.tx,
                some,
                classification=exception.classification,
                by=unit.by,
                at=unit.at,
                reason=exception.reason,
            )
            await governance.refresh_sensitivity(unit.tx, some)
            unit.subjects += some
            unit.details |= {"exception": ident, "withdrawn": gone}
            return gone

        withdrawn += await execute(
            graph, actor, "classification.withdraw_excepted", withdraw, reason=exception.reason
        )
    return SavedException(row, withdrawn, tuple(urns[:_SHOWN]))


async def _of_the_same_place(unit: Unit, exception: ClassificationException) -> str | None:
    place = ("classification", "pattern", "under", "source")
    wanted = [exception.props()[name] for name in place]
    rows = await reads.exceptions(unit.tx, at=unit.at)
    return next((row["id"] for row in rows if [row.get(name) for name in place] == wanted), None)


async def _known(graph: GraphSession, scope: Scope, exception: ClassificationException) -> None:
    places = {
        "under": exception.under or "",
        "source": str(source_urn(exception.source)) if exception.source else "",
    }
    pairs = [(urn, exception.classification) for urn in places.values()]
    for name, row in zip(places, await reads.standing(graph, pairs, scope), strict=True):
        if row["classification"] is None:
            raise NotFound("classification", exception.classification, path=("classification",))
        if places[name] and row["urn"] is None:
            raise NotFound("asset" if name == "under" else name, places[name], path=(name,))


async def _against(reader: Reader, scope: Scope, exception: ClassificationException) -> list[str]:
    """Urns of assets with a verdict that the exception ends, which ``scope`` may see; in order."""
    rows = await reads.machine_verdicts(
        reader,
        exception.classification,
        scope,
        source=exception.source,
        under=exception.under,
        first=_MOST_READ + 1,
    )
    if len(rows) > _MOST_READ:
        raise InvalidInput(
            f"Machines say it of more than {_MOST_READ:,} assets there.",
            path=("source",),
            remedy="Make an exception for each source, or for what holds fewer.",
        )
    return sorted(row["urn"] for row in rows if exception.named(row["name"] or ""))


async def remove_exception(graph: GraphSession, actor: Principal, ident: str, *, reason: str = "") -> None:
    """Machines may say so again: what it concerned waits to be judged anew. Raises ``NotFound``."""
    actor.require(Permission.CLASSIFY)

    async def work(unit: Unit) -> dict[str, Any]:
        props = await writes.remove_exception(unit.tx, ident=ident, at=unit.at)
        if props is None:
            raise NotFound("exception", ident, path=("id",))
        unit.subjects.append(ident)
        unit.details |= {name: value for name, value in props.items() if value is not None}
        return props

    await _settle(graph, await execute(graph, actor, "classification.remove_exception", work, reason=reason))


async def settle_ended(graph: GraphSession, *, clock: Clock = _CLOCK) -> None:
    """Have what exceptions concerned that ended judged anew."""
    for row in await reads.ended_exceptions(graph, at=stored(clock.now())):
        await _settle(graph, row)


async def _settle(graph: GraphSession, row: Mapping[str, Any]) -> None:
    """Mark the datasets with columns that the exception concerned as judged by something else than is in force: what it kept back there
    is kept nowhere.
    """
    exception, ident = ClassificationException.of(row), str(row["id"])
    named = [each["source"] for each in await judging.state(graph, "", EVERYTHING)]
    for source in [exception.source] if exception.source else named:
        after = ""
        while tables := await judging.waiting(graph, source, "", after=after, first=_PAGE):
            after = tables[-1]["urn"]
            placed = await reads.placed(graph, [table["urn"] for table in tables])
            concerned = [table["urn"] for table in tables if _concerns(exception, source, table, placed)]
            if concerned:
                await _judge_anew(graph, ident, source, concerned)

    async def settle(tx: Transaction) -> None:
        await writes.settle_exception(tx, ident=ident)

    await graph.write("review.settle_exception", settle)


def _concerns(
    exception: ClassificationException, source: str, table: Mapping[str, Any], placed: Mapping[str, Any]
) -> bool:
    above = placed[table["urn"]]["holders"]
    within = [
        (table["urn"], placed[table["urn"]]["name"]),
        *((c["urn"], c["name"]) for c in table["columns"]),
    ]
    return any(exception.holds(name or "", source, [*above, urn]) for urn, name in within)


async def _judge_anew(graph: GraphSession, ident: str, source: str, urns: Sequence[str]) -> None:
    async def work(unit: Unit) -> None:
        await judged.mark_judged(unit.tx, urns, f"before exception {ident} ended", at=unit.at)
        await judged.asked(unit.tx, str(source_urn(source)), "")
        unit.subjects += urns
        unit.details |= {"exception": ident, "datasets": len(urns)}

    await execute(graph, SYSTEM, "classification.judge_anew", work)
