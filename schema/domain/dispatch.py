"""Which waiting task a worker gets next: bands by weighted fair shares, inside a band by deadline, criticality and age.

Stride scheduling (Waldspurger and Weihl 1995): a band with weight w moves on by 1/w for each task it gets, and the band that
is furthest behind is next. A band that had nothing to do takes up at the place of the others, so that it saves up no claim.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Band(StrEnum):
    """How urgent a run is; each band gets a share of the workers by its weight, and none waits for ever."""

    URGENT = "URGENT"
    HIGH = "HIGH"
    NORMAL = "NORMAL"
    LOW = "LOW"


WEIGHTS: Mapping[Band, int] = {Band.URGENT: 16, Band.HIGH: 8, Band.NORMAL: 4, Band.LOW: 1}
ORDER = tuple(Band)
_NO_DEADLINE = 10**15 - 1


def place(
    band: Band, *, started: bool, deadline_ms: int | None, criticality: int, created_ms: int, ident: str
) -> str:
    """Where a task stands in the queue, as text that sorts; what was begun goes before what was not. Times in epoch milliseconds."""
    deadline = _NO_DEADLINE if deadline_ms is None else min(max(deadline_ms, 0), _NO_DEADLINE)
    return (
        f"{ORDER.index(band)}|{int(not started)}|{deadline:015d}|{9 - criticality}|{created_ms:015d}|{ident}"
    )


class Hold(StrEnum):
    """Why a task that could run does not."""

    SOURCE_BUSY = "SOURCE_BUSY"  # as many tasks of its source run as may
    BLACKOUT = "BLACKOUT"  # its source is not to be read now
    BUDGET = "BUDGET"  # what may be read of its source, or of all, in a day has been read; or of its kind as many as may are
    CIRCUIT = "CIRCUIT"  # its source failed too often in a row
    DEPENDENCY = "DEPENDENCY"  # a source it depends on is being scanned
    SUSPECT = "SUSPECT"  # its workers were lost with it, and this one has such a task already
    EXTRAS = "EXTRAS"  # no driver for its source in this worker


@dataclass(frozen=True, slots=True)
class Candidate:
    """A waiting task. ``limit`` is how many tasks of its source may run at once; ``held`` why it may not now, until ``until_ms``.

    ``needs`` are kinds of sources that the worker must be able to open. A ``suspect`` was twice among those that a worker held when it was
    lost. One that goes ``alone`` tries out a source that had to rest. Of one ``kind`` no more than ``kind_limit`` run at once.
    """

    id: str
    band: Band
    source: str
    limit: int = 1
    needs: Collection[str] = ()
    held: Hold | None = None
    until_ms: int | None = None
    suspect: bool = False
    alone: bool = False
    kind: str = ""
    kind_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What is given out, in order; what is put aside and why; and how far each band has come."""

    given: tuple[str, ...]
    parked: Mapping[str, tuple[Hold, int | None]]
    passes: Mapping[Band, float] = field(default_factory=dict)


def choose(
    waiting: Mapping[Band, Sequence[Candidate]],
    *,
    slots: int,
    running: Mapping[str, int],
    passes: Mapping[Band, float],
    extras: Collection[str],
    suspects: int = 0,
    kinds: Mapping[str, int] = MappingProxyType({}),
) -> Choice:
    """Give out up to ``slots`` tasks. ``waiting`` is the head of each band's queue in order; ``running`` counts tasks by source,
    ``kinds`` those that read, by kind of source.

    A worker has one suspect at a time, of which it holds ``suspects``: so no task is given up for another that ends its workers.
    """
    busy, of_kind = dict(running), dict(kinds)
    parked: dict[str, tuple[Hold, int | None]] = {}
    suspected = [""] * suspects
    heads = {
        band: _Admissible(candidates, busy, of_kind, extras, suspected, parked)
        for band, candidates in waiting.items()
    }
    at = dict(passes)
    given: list[str] = []
    # The least of those that have work is where the clock stands: who was idle does not start from before it.
    with_work = [band for band, candidates in waiting.items() if candidates]
    now = min((at.get(band, 0.0) for band in with_work if band in at), default=0.0)
    for band in with_work:
        at[band] = max(at.get(band, now), now)
    while len(given) < slots:
        ready = [band for band in with_work if heads[band].peek() is not None]
        if not ready:
            break
        band = min(ready, key=lambda each: (at[each], ORDER.index(each)))
        taken = heads[band].take()
        busy[taken.source] = busy.get(taken.source, 0) + 1
        of_kind[taken.kind] = of_kind.get(taken.kind, 0) + 1
        suspected += [taken.id] * taken.suspect
        given.append(taken.id)
        at[band] += 1 / WEIGHTS[band]
    return Choice(tuple(given), parked, at)


class _Admissible:
    """The candidates of one band that may run now; the others are noted as parked when they are met."""

    def __init__(
        self,
        candidates: Iterable[Candidate],
        busy: Mapping[str, int],
        of_kind: Mapping[str, int],
        extras: Collection[str],
        suspected: Sequence[str],
        parked: dict[str, tuple[Hold, int | None]],
    ) -> None:
        self._rest, self._busy, self._extras, self._parked = iter(candidates), busy, frozenset(extras), parked
        self._suspected, self._of_kind = suspected, of_kind
        self._next: Candidate | None = None

    def peek(self) -> Candidate | None:
        while True:
            if self._next is None:
                self._next = next(self._rest, None)
            if self._next is None or not self._held(self._next):
                return self._next
            self._next = None

    def take(self) -> Candidate:
        taken, self._next = self._next, None
        assert taken is not None
        return taken

    def _held(self, task: Candidate) -> bool:
        if task.held is not None:
            self._parked[task.id] = (task.held, task.until_ms)
        elif not self._extras.issuperset(task.needs):
            self._parked[task.id] = (Hold.EXTRAS, None)
        elif task.suspect and self._suspected:
            self._parked[task.id] = (Hold.SUSPECT, None)
        elif task.alone and self._busy.get(task.source, 0):
            self._parked[task.id] = (Hold.CIRCUIT, None)
        elif self._busy.get(task.source, 0) >= task.limit:
            self._parked[task.id] = (Hold.SOURCE_BUSY, None)
        elif task.kind_limit is not None and self._of_kind.get(task.kind, 0) >= task.kind_limit:
            self._parked[task.id] = (Hold.BUDGET, None)
        else:
            return False
        return True
