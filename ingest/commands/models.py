"""Commands on versions of the trained model: have one trained, write how that ended, put one in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cypher.classifiers import writes as vocabulary
from cypher.models import reads, writes
from cypher.session import GraphSession, Transaction
from ingest.commands.unit import Unit, execute
from schema.domain.identity import SYSTEM, Permission, Principal
from schema.domain.models import (
    FEWEST,
    FEWEST_HELD_OUT,
    FEWEST_LEARNT,
    SHIPPED,
    Gate,
    ModelStatus,
    Trained,
    chosen,
)
from schema.domain.time import stored
from schema.errors import Conflict, Forbidden, LeaseLost, NotFound, TooFewVerdicts
from schema.ports import SystemClock

LEASE_MS = 60_000
KEPT = 10  # models whose artefacts are kept, about a megabyte each
_JOB = "retraining"

Row = dict[str, Any]


def require(actor: Principal) -> None:
    """Raise ``Forbidden`` unless ``actor`` may see what all verdicts together say, and change what judges all columns."""
    actor.require(Permission.CLASSIFY)
    if not actor.scope.is_everything:
        raise Forbidden(f"{Permission.CLASSIFY.value} in all domains and up to RESTRICTED")


async def request(graph: GraphSession, actor: Principal, *, promote: bool = True, reason: str = "") -> int:
    """Have a worker train a model by what people decided; returns its number.

    ``promote`` puts it in force at once where it passes the gate. Raises ``TooFewVerdicts``, and ``Conflict`` where another one is trained.
    """
    require(actor)
    counts = await verdict_counts(graph)
    if chosen(counts) is None:
        raise too_few(sum(counts.values()))

    async def work(unit: Unit) -> int:
        await vocabulary.hold_vocabulary(unit.tx)
        asked = {"requested_at": unit.at, "requested_by": unit.by, "promote": promote, "reason": reason}
        row = await writes.request(unit.tx, asked)
        if row["number"] is None:
            raise Conflict(
                f"Model {row['busy']} is being trained.", remedy="Wait until it is done, or cancel it."
            )
        unit.subjects.append(_subject(row["number"]))
        unit.details["promote"] = promote
        return int(row["number"])

    return await execute(graph, actor, "classification_model.train", work, reason=reason)


async def verdict_counts(reader: reads.Reader) -> dict[tuple[str, str], int]:
    """How many verdicts of people a model can learn from, by source and dataset."""
    from ml.classify.decision import OPEN, SURE

    return await reads.counts(reader, sure=SURE, open=OPEN)


def too_few(count: int) -> TooFewVerdicts:
    """That ``count`` verdicts do not divide into enough to learn from and enough to be tried on."""
    return TooFewVerdicts(count, FEWEST, FEWEST_LEARNT, FEWEST_HELD_OUT)


async def cancel(graph: GraphSession, actor: Principal, *, number: int, reason: str = "") -> None:
    """End a training. Raises ``NotFound``, and ``Conflict`` where it has ended."""
    require(actor)

    async def work(unit: Unit) -> None:
        status = await writes.cancel(unit.tx, number=number, at=unit.at)
        if status is None:
            raise NotFound("model", str(number), path=("number",))
        if status not in (ModelStatus.QUEUED, ModelStatus.TRAINING):
            raise Conflict(f"Model {number} is {status}.", path=("number",), remedy="Nothing is to be done.")
        unit.subjects.append(_subject(number))

    await execute(graph, actor, "classification_model.cancel", work, reason=reason)


async def promote(graph: GraphSession, actor: Principal, *, number: int, reason: str = "") -> Row:
    """Put a model in force that passed the gate; returns it.

    Raises ``NotFound``, and ``Conflict`` where it did not pass, or where another model is in force than it was compared with.
    """
    require(actor)

    async def work(unit: Unit) -> Row:
        await vocabulary.hold_vocabulary(unit.tx)
        model = await _found(unit.tx, number)
        if model["status"] != ModelStatus.CANDIDATE:
            raise Conflict(
                " ".join((f"Model {number} is {model['status']}.", *model.get("gate_reasons", ()))),
                path=("number",),
                remedy="Only a candidate that passed the gate can be promoted; a model that was in force is returned to by a roll back.",
            )
        if model["compared_with"] != (await reads.in_force(unit.tx))["model"]:
            raise Conflict(
                f"Model {number} was not compared with the model that is in force now.",
                path=("number",),
                remedy="Train again.",
            )
        return await _put_in_force(unit, model)

    return await execute(graph, actor, "classification_model.promote", work, reason=reason)


async def roll_back(graph: GraphSession, actor: Principal, *, to: int | None = None, reason: str = "") -> Row:
    """Put a model in force again that was; None is the one before the present, 0 the one that comes with the product.

    Returns it. Raises ``NotFound``, and ``Conflict`` where it was never in force, is so now, or is not kept any more.
    """
    require(actor)

    async def work(unit: Unit) -> Row:
        await vocabulary.hold_vocabulary(unit.tx)
        now = int((await reads.in_force(unit.tx))["number"])
        wanted = to
        if wanted is None:
            wanted = (
                SHIPPED if now == SHIPPED else int((await _found(unit.tx, now)).get("replaced") or SHIPPED)
            )
        model = await _found(unit.tx, wanted, path="to")
        if wanted == now:
            raise Conflict(f"Model {now} is in force.", path=("to",), remedy="Name another one.")
        if model["status"] != ModelStatus.RETIRED:
            raise Conflict(
                f"Model {wanted} is {model['status']} and was never in force.",
                path=("to",),
                remedy="Name one that is RETIRED, or 0 for the one that comes with the product.",
            )
        unit.details["before"] = now
        return await _put_in_force(unit, model)

    return await execute(graph, actor, "classification_model.roll_back", work, reason=reason)


async def _found(tx: Transaction, number: int, path: str = "number") -> Row:
    model = await reads.by_number(tx, number)
    if model is None:
        raise NotFound("model", str(number), path=(path,))
    return model


async def _put_in_force(unit: Unit, model: Mapping[str, Any]) -> Row:
    number, digest = int(model["number"]), str(model.get("digest") or "")
    if number != SHIPPED and await reads.artefact(unit.tx, digest) is None:
        raise Conflict(f"Model {number} is not kept any more.", remedy="Train again, or take another one.")
    await writes.put_in_force(unit.tx, number=number, digest=digest, at=unit.at, by=unit.by)
    unit.subjects.append(_subject(number))
    unit.details |= {"number": number, "digest": digest}
    return await _found(unit.tx, number)


async def claim(graph: GraphSession, *, holder: str) -> Row | None:
    """The model that this worker has to train now; None where there is none."""

    async def work(tx: Transaction) -> Row | None:
        return await writes.claim(tx, holder=holder, lease_ms=LEASE_MS, at=stored(SystemClock().now()))

    return await graph.write("classification_model.claim", work)


async def beat(graph: GraphSession, *, number: int, holder: str) -> bool:
    """Keep the training; whether somebody cancelled it. Raises ``LeaseLost``."""

    async def work(tx: Transaction) -> bool | None:
        return await writes.beat(tx, number=number, holder=holder, lease_ms=LEASE_MS)

    cancelled = await graph.write("classification_model.beat", work)
    if cancelled is None:
        raise LeaseLost(_JOB)
    return cancelled


async def give_up(graph: GraphSession, *, number: int, holder: str, status: ModelStatus, why: str) -> None:
    """Write that there is no model, and why. Raises ``LeaseLost``."""

    async def work(unit: Unit) -> None:
        props = {"status": status.value, "finished_at": unit.at, "gate_reasons": [why]}
        await _settle(unit, number, holder, props)

    await execute(graph, SYSTEM, "classification_model.finish", work, reason=why)


async def finish(
    graph: GraphSession,
    *,
    number: int,
    holder: str,
    trained: Trained,
    gate: Gate,
    compared_with: str,
    held_out: Mapping[str, Any],
) -> ModelStatus:
    """Write how a candidate did; it is put in force where it passed and that was asked for. Raises ``LeaseLost``.

    ``compared_with`` is the digest of the model that it had to beat, ``held_out`` says what was.
    """

    async def work(unit: Unit) -> ModelStatus:
        await vocabulary.hold_vocabulary(unit.tx)
        now = await reads.in_force(unit.tx)
        model = await _found(unit.tx, number)
        status = ModelStatus.CANDIDATE if gate.passed else ModelStatus.REFUSED
        props = _told(trained) | held_out
        props |= {
            "status": status.value,
            "finished_at": unit.at,
            "gate_reasons": list(gate.reasons),
            "compared_with": compared_with,
            "replaced": int(now["number"]),
        }
        await _settle(unit, number, holder, props)
        if not gate.passed:
            return status
        unit.details["dropped"] = await writes.keep(
            unit.tx, digest=trained.digest, data=trained.data, most=KEPT
        )
        if model["promote"] and now["model"] == compared_with:
            await _put_in_force(unit, model | props)
            return ModelStatus.PRESENT
        return status

    return await execute(graph, SYSTEM, "classification_model.finish", work)


async def _settle(unit: Unit, number: int, holder: str, props: Mapping[str, Any]) -> None:
    if not await writes.settle(unit.tx, number=number, holder=holder, props=props):
        raise LeaseLost(_JOB)
    unit.subjects.append(_subject(number))
    unit.details |= {"number": number, "status": props["status"]}


def _told(trained: Trained) -> dict[str, Any]:
    figures = {
        name: asdict(getattr(trained, name)) for name in ("held_out", "candidate", "present", "shipped")
    }
    return {
        "digest": trained.digest,
        "size": len(trained.data),
        "labels": list(trained.labels),
        "figures": json.dumps(figures),
        "classes": json.dumps([asdict(each) for each in trained.classes]),
        "seconds": trained.seconds,
        "memory_mb": trained.memory_mb,
    }


async def note_fault(graph: GraphSession, *, digest: str, why: str) -> None:
    """Write that the model in force cannot be used, unless that is known: the shipped one judges instead."""

    async def work(unit: Unit) -> None:
        number = await writes.note_fault(unit.tx, digest=digest, why=why)
        if number is None:
            raise Conflict("That is known, or another model is in force.")
        unit.subjects.append(_subject(number))
        unit.details |= {"number": number, "why": why}

    try:
        await execute(graph, SYSTEM, "classification_model.fault", work)
    except Conflict:
        return


def _subject(number: int) -> str:
    return f"classification_model:{number}"
