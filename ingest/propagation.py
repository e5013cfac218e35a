"""The job that keeps what columns inherit: it looks at what commands marked, and writes what follows downstream.

What a transaction changed is marked in that transaction (``Transaction.mark``); one worker at a time takes the marks, some thousand columns
at once. A mark that changes nothing costs a look at its columns and those that they feed.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import structlog

from cypher.propagation import reads
from cypher.session import GraphSession
from ingest.commands import propagation as commands
from schema.domain.propagation import CARRIES, Change, check, settle
from schema.errors import LeaseLost
from schema.settings import Settings

_MARKS, _KEYS = 500, 50_000
# From here on all columns downstream are found hop by hop for all origins together.
_FEW = 8
_log = structlog.get_logger("pursight.propagation")


@dataclass(slots=True)
class Planned:
    """What has to change, of how many columns looked at."""

    changes: list[Change] = field(default_factory=list)
    looked_at: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many inherit something ``given``, ``changed`` or ``withdrawn``, per classification."""
        found = dict.fromkeys(("given", "changed", "withdrawn"), 0)
        for each in self.changes:
            found["withdrawn" if not each.reasons else "changed" if each.before else "given"] += 1
        return found


def rules(threshold: float) -> str:
    """What the stored result goes by; where that is something else than it was, all is computed anew."""
    return f"{threshold:g} {','.join(sorted(each.value for each in CARRIES))}"


async def plan_all(graph: GraphSession, threshold: float) -> Planned:
    """What differs from a computation of everything from scratch."""
    inside = await reads.heirs(graph)
    columns = await reads.columns(graph, inside, threshold)
    names = {name for said in columns.says.values() for name in said}
    names |= {name for lists in columns.lists.values() for name in lists}
    return Planned(await asyncio.to_thread(settle, columns, inside, names), len(inside))


async def plan_some(graph: GraphSession, marked: set[int], threshold: float) -> Planned:
    """What follows from a change of the columns ``marked``."""
    near = marked | await reads.fed(graph, marked)
    known = await reads.columns(graph, near, threshold)
    wrong = await asyncio.to_thread(check, known, near)
    roots = {column for some in wrong.values() for column in some}
    if not roots:
        return Planned(looked_at=len(near))
    inside = await _downstream(graph, roots)
    columns = await reads.columns(graph, inside, threshold)
    return Planned(await asyncio.to_thread(settle, columns, inside, wrong), len(near | inside))


async def _downstream(graph: GraphSession, roots: set[int]) -> set[int]:
    if len(roots) <= _FEW:
        found = set(roots)
        for root in roots:
            found |= (await reads.downstream(graph, root)).keys()
        return found
    found, edge = set(roots), set(roots)
    while edge:
        edge = await reads.fed(graph, edge) - found
        found |= edge
    return found


class Propagator:
    """One worker's part in the job."""

    def __init__(self, graph: GraphSession, config: Settings) -> None:
        self._graph, self._threshold = graph, config.propagation_confidence
        self._holder = str(uuid.uuid4())

    async def tend(self) -> bool:
        """Do what waits, some of it where that is much; returns whether there was any and this worker had the job."""
        rules_now = rules(self._threshold)
        state = await reads.state(self._graph)
        noted: dict[str, Any] = state["state"] or {}
        if not state["pending"] and noted.get("rules") == rules_now and not noted.get("whole"):
            return False
        turn = await commands.take(self._graph, holder=self._holder)
        if turn is None:
            return False
        try:
            await self._work(rules_now, whole=turn["whole"] or turn["rules"] != rules_now)
        except LeaseLost:
            _log.warning("another worker took the propagation over")
        return True

    async def _work(self, rules_now: str, *, whole: bool) -> None:
        began = time.monotonic()
        taken = await self._next()
        for mark in (each for each in taken if each["levels"]):
            await commands.refresh_levels(
                self._graph, holder=self._holder, mark=mark["id"], keys=mark["keys"]
            )
        marks = [mark for mark in taken if not mark["levels"]]
        marked = {key for mark in marks for key in mark["keys"]}
        whole = whole or any(mark["whole"] for mark in marks)
        planned = await (
            plan_all(self._graph, self._threshold)
            if whole
            else plan_some(self._graph, marked, self._threshold)
        )
        state: dict[str, Any] = {"looked_at": planned.looked_at, "changed": len(planned.changes)}
        if whole:
            state["rules"] = rules_now
        counts = await commands.publish(
            self._graph,
            planned.changes,
            holder=self._holder,
            marks=[mark["id"] for mark in marks],
            state=state,
        )
        if planned.changes:
            spent_ms = round((time.monotonic() - began) * 1000)
            _log.info("classifications propagated", looked_at=planned.looked_at, ms=spent_ms, **counts)

    async def _next(self) -> list[dict[str, Any]]:
        """The oldest marks, as many as are done at once."""
        taken: list[dict[str, Any]] = []
        keys = 0
        for mark in await reads.marks(self._graph, _MARKS):
            keys += len(mark["keys"])
            if taken and keys > _KEYS:
                break
            taken.append(mark)
        return taken
