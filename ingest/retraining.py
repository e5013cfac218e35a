"""The job that trains a model by what people decided: one worker at a time, in a process of its own.

It is a job beside the runs, as they belong to sources and this belongs to none: the model itself says how it stands. A worker that dies
loses its lease, and another one begins anew.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import fields
from typing import Any

import structlog

from cypher.classifiers import reads as classifiers
from cypher.models import reads
from cypher.session import GraphSession
from ingest.commands import models as commands
from ingest.isolation import Isolated, Lost
from ingest.vocabulary import current_vocabulary, definitions_of
from schema.domain.models import Division, ModelStatus, PersonsVerdict, Trained, divided, gate
from schema.errors import LeaseLost

MOST_VERDICTS = 50_000
_TRIES = 3
_BEAT_S = 2.0
_LONGEST_S = 3_600.0
_FIELDS = frozenset(each.name for each in fields(PersonsVerdict))
_WHY = {
    "MEMORY": "The training needed more memory than a process may take.",
    "TIMEOUT": "The training took longer than an hour.",
    "CRASHED": "The process of the training ended before it was done; the log of the worker says why.",
}
_log = structlog.get_logger("pursight.classify")


class _Cancelled(Exception):
    """Somebody cancelled the training."""


class Trainer:
    """One worker's part in the job."""

    def __init__(self, graph: GraphSession) -> None:
        self._graph, self._holder = graph, str(uuid.uuid4())

    async def tend(self) -> bool:
        """Train the model that waits; returns whether there was one and this worker had it."""
        if not await reads.waiting(self._graph):
            return False
        model = await commands.claim(self._graph, holder=self._holder)
        if model is None:
            return False
        try:
            await self._work(model)
        except LeaseLost:
            _log.warning("the training was cancelled, or another worker took it over", model=model["number"])
        return True

    async def _work(self, model: dict[str, Any]) -> None:
        number = int(model["number"])
        if model["tries"] > _TRIES:
            await self._give_up(
                number, ModelStatus.FAILED, f"It was begun {_TRIES} times, and every worker was lost over it."
            )
            return
        force = await reads.in_force(self._graph)
        verdicts = await persons_verdicts(self._graph)
        division = divided(verdicts, await self._held_out_before(int(force["number"])))
        if division is None:
            await self._give_up(number, ModelStatus.REFUSED, commands.too_few(len(verdicts)).message)
            return
        usable = (await current_vocabulary(self._graph)).trained is not None
        try:
            trained = await self._in_a_process(number, division, force["model"] if usable else "")
        except _Cancelled:
            await self._give_up(number, ModelStatus.CANCELLED, "Somebody cancelled it.")
            return
        if isinstance(trained, Lost):
            await self._give_up(number, ModelStatus.FAILED, _WHY.get(trained.code, trained.code))
            return
        status = await commands.finish(
            self._graph,
            number=number,
            holder=self._holder,
            trained=trained,
            gate=gate(trained.held_out, trained.candidate, trained.shipped),
            compared_with=force["model"],
            held_out={
                "divided_by": division.by,
                "held_out_groups": list(division.groups),
                "held_out_verdicts": len(division.held_out),
                "learnt_verdicts": len(division.learnt),
            },
        )
        _log.info("a model was trained", number=number, status=status.value, seconds=trained.seconds)

    async def _held_out_before(self, number: int) -> list[str]:
        present = await reads.by_number(self._graph, number)
        return list((present or {}).get("held_out_groups") or ())

    async def _give_up(self, number: int, status: ModelStatus, why: str) -> None:
        await commands.give_up(self._graph, number=number, holder=self._holder, status=status, why=why)

    async def _in_a_process(self, number: int, division: Division, present: str) -> Trained | Lost:
        """Raises ``_Cancelled``, and ``LeaseLost``; the process ends with the worker's task, however that does."""
        from ml.classify.retraining import Order, prepare, retrain

        row = await classifiers.vocabulary(self._graph)
        order = Order(
            division,
            await reads.artefact(self._graph, present) if present else None,
            present,
            tuple(row["disabled"]),
            tuple(definitions_of(row)),
        )
        child: Isolated[Order, Trained] = Isolated(retrain, prepare, timeout_s=_LONGEST_S)
        asked = asyncio.create_task(asyncio.to_thread(child.ask, order))
        try:
            while not (await asyncio.wait([asked], timeout=_BEAT_S))[0]:
                if await commands.beat(self._graph, number=number, holder=self._holder):
                    raise _Cancelled
            return asked.result()
        finally:
            child.stop()
            # The thread hears that its process is gone.
            await asyncio.gather(asked, return_exceptions=True)


async def persons_verdicts(graph: GraphSession) -> list[PersonsVerdict]:
    """What people decided and a model can learn from, by column and classification; the latest, where there is too much of it."""
    from ml.classify.decision import OPEN, SURE

    found: list[PersonsVerdict] = []
    async for row in reads.verdicts(graph, sure=SURE, open=OPEN):
        found.append(PersonsVerdict(**{name: row[name] for name in _FIELDS}))
        if len(found) == MOST_VERDICTS:
            break
    return sorted(found, key=lambda each: (each.column, each.classification))
