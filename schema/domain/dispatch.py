"""Which waiting task a worker gets next: bands by weighted fair shares, inside a band by what was begun, deadline, criticality and age.

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
ROOM_WAIT_MS = 4_000  # a killed worker's tasks are to go on soon, also where they are suspected with it
APART_MS = 60_000  # a suspect that has run for so long is not what ends workers at once, and others may run beside it


def place(
    band: Band, *, started: bool, deadline_ms: int | None, criticality: int, created_ms: int, ident: str
) -> str:
    """Where a task stands in the queue, as text that sorts; what was begun goes before what was not. Times in epoch milliseconds.

    A task that a worker had and did not end stands at 0, before both, from then on until another one takes it.
    """
    deadline = _NO_DEADLINE if deadline_ms is None else min(max(deadline_ms, 0), _NO_DEADLINE)
    return f"{ORDER.index(band)}|{1 if started else 2}|{deadline:015d}|{9 - criticality}|{created_ms:015d}|{ident}"


class Hold(StrEnum):
    """Why a task that could run does not."""

    SOURCE_BUSY = "SOURCE_BUSY"  # as many tasks of its source run as may
    BLACKOUT = "BLACKOUT"  # its source is not to be read now
    BUDGET = "BUDGET"  # what may be read of its source, or of all, in a day has been read; or of its kind as many as may are
    CIRCUIT = "CIRCUIT"  # its source failed too often in a row
    DEPENDENCY = "DEPENDENCY"  # a source it depends on is being scanned
    SUSPECT = "SUSPECT"  # its workers were lost with it, and none has yet nothing else to do
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
    waited_ms: int = 0
    alone: bool = False
    kind: str = ""
    kind_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A worker takes nothing new, so that a suspect may run on it by itself; ``until_ms`` by the server's clock at most."""

    worker: str
    task: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class Taker:
    """The worker that asks: how many tasks it ``holds``, and how many of them are suspects."""

    name: str = ""
    holds: int = 0
    suspects: int = 0


_NOBODY = Taker()


@dataclass(frozen=True, slots=True)
class Choice:
    """What is given out, in order; what is put aside and why; how far each band has come; and the room that is kept for a suspect then."""

    given: tuple[str, ...]
    parked: Mapping[str, tuple[Hold, int | None]]
    passes: Mapping[Band, float] = field(default_factory=dict)
    room: Room | None = None


def choose(
    waiting: Mapping[Band, Sequence[Candidate]],
    *,
    slots: int,
    running: Mapping[str, int],
    passes: Mapping[Band, float],
    extras: Collection[str],
    taker: Taker = _NOBODY,
    room: Room | None = None,
    now_ms: int = 0,
    kinds: Mapping[str, int] = MappingProxyType({}),
) -> Choice:
    """Give out up to ``slots`` tasks. ``waiting`` is the head of each band's queue in order; ``running`` counts tasks by source,
    ``kinds`` those that read, by kind of source.

    A suspect runs where nothing else does: so what ends with it was its doing, and nobody else's work is lost with it. One worker at a time
    takes nothing new until it is empty. A suspect that found no room in time runs beside others, but never beside another suspect.
    """
    apart = _Apart(taker, room, now_ms)
    if apart.closed:
        return Choice((), {}, passes, room)
    busy, of_kind = dict(running), dict(kinds)
    parked: dict[str, tuple[Hold, int | None]] = {}
    heads = {
        band: _Admissible(candidates, busy, of_kind, extras, apart, parked)
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
        if not ready or apart.closed:
            break
        band = min(ready, key=lambda each: (at[each], ORDER.index(each)))
        taken = heads[band].take()
        busy[taken.source] = busy.get(taken.source, 0) + 1
        of_kind[taken.kind] = of_kind.get(taken.kind, 0) + 1
        apart.note(taken)
        given.append(taken.id)
        at[band] += 1 / WEIGHTS[band]
    return Choice(tuple(given), parked, at, apart.room)


class _Apart:
    """Keeps suspects apart. ``closed`` where the worker that asks is to take nothing more; ``room`` is what is kept free after this choice."""

    def __init__(self, taker: Taker, room: Room | None, now_ms: int) -> None:
        if room is not None and room.until_ms <= now_ms:
            room = None
        mine = room is not None and room.worker == taker.name
        self._taker, self._holds, self._suspects, self._now_ms = taker, taker.holds, taker.suspects, now_ms
        self.closed = mine and taker.holds > 0
        # Who is empty has made his room or needs it no more.
        self.room = None if mine and not taker.holds else room

    def admits(self, task: Candidate) -> bool:
        """Whether a suspect may run here now; where nobody does so yet, this worker begins to make room for it."""
        if self._suspects:
            return False
        if not self._holds or task.waited_ms >= ROOM_WAIT_MS:
            return True
        if self.room is None:
            self._keep(task, ROOM_WAIT_MS - task.waited_ms)
        return False

    def note(self, taken: Candidate) -> None:
        self._holds += 1
        if taken.suspect:
            self._suspects += 1
            if self.room is not None and self.room.task == taken.id:
                self.room = None
            # One worker at a time: if each had a suspect to itself, all others would wait.
            if self._holds == 1 and self.room is None:
                self._keep(taken, APART_MS)

    def _keep(self, task: Candidate, for_ms: int) -> None:
        self.room, self.closed = Room(self._taker.name, task.id, self._now_ms + for_ms), True


class _Admissible:
    """The candidates of one band that may run now; the others are noted as parked when they are met."""

    def __init__(
        self,
        candidates: Iterable[Candidate],
        busy: Mapping[str, int],
        of_kind: Mapping[str, int],
        extras: Collection[str],
        apart: _Apart,
        parked: dict[str, tuple[Hold, int | None]],
    ) -> None:
        self._rest, self._busy, self._extras, self._parked = iter(candidates), busy, frozenset(extras), parked
        self._apart, self._of_kind = apart, of_kind
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
        elif task.alone and self._busy.get(task.source, 0):
            self._parked[task.id] = (Hold.CIRCUIT, None)
        elif self._busy.get(task.source, 0) >= task.limit:
            self._parked[task.id] = (Hold.SOURCE_BUSY, None)
        elif task.kind_limit is not None and self._of_kind.get(task.kind, 0) >= task.kind_limit:
            self._parked[task.id] = (Hold.BUDGET, None)
        elif task.suspect and not self._apart.admits(task):
            self._parked[task.id] = (Hold.SUSPECT, None)
        else:
            return False
        return True
