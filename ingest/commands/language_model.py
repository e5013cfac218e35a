"""What leaves for a language model is counted before and recorded after: budgets of questions, and one audit event for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cypher.classifiers import writes
from cypher.session import GraphSession
from ingest.commands.unit import Unit, execute
from schema.domain.identity import SYSTEM
from schema.ports import Clock, SystemClock

_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One question and what came of it: ``given`` is the classification by column urn that was taken from the answer.

    ``prompt`` and ``answer`` are as they went over the wire; names and comments of columns, no value. ``error`` says why there is no
    answer, or why it was not taken; empty where it was. ``told`` are the urns that the prompt speaks of.
    """

    run: str
    model: str
    host: str
    prompt: str
    told: Sequence[str]
    answer: str = ""
    error: str = ""
    given: Mapping[str, str] = field(default_factory=dict)


async def take_calls(
    graph: GraphSession, *, run: str, wanted: int, per_run: int, per_day: int, clock: Clock = _CLOCK
) -> int:
    """How many of ``wanted`` questions the budgets of the run and of the day (UTC) allow; these are counted as asked."""

    async def work(unit: Unit) -> int:
        day = clock.now().date().isoformat()
        granted = await writes.take_calls(
            unit.tx, run=run, day=day, wanted=wanted, per_run=per_run, per_day=per_day
        )
        unit.details |= {"run": run, "wanted": wanted, "granted": granted}
        return granted

    return await execute(graph, SYSTEM, "languageModel.take", work)


async def record_call(graph: GraphSession, call: ModelCall) -> None:
    """Record one question, answered or not."""

    async def work(unit: Unit) -> None:
        unit.subjects += call.told
        unit.details |= {
            "run": call.run,
            "model": call.model,
            "host": call.host,
            "prompt": call.prompt,
            "answer": call.answer,
            "error": call.error,
            "given": dict(call.given),
        }

    await execute(graph, SYSTEM, "languageModel.ask", work)
