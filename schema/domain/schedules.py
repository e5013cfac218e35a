"""When scans are due: cron in a time zone, spread by a jitter, held back by blackouts, caught up once.

Moments carry an offset; what is returned is in UTC. Cron has five fields and, at changes of the clock, the habits of Debian's:
a job at a fixed time runs once on the day an hour is skipped (late) or repeated (the first time).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, islice, takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from schema.errors import InvalidInput

GRACE_S = 300.0  # a run that is no later than this was not missed
MOST_MISSED = 1_000  # nobody needs a larger number, and counting takes time
_MOST_JITTER_S = 86_400.0
_LONGEST_CATCH_UP_S = 31 * 86_400.0
_LONGEST_BLACKOUT_S = 7 * 86_400.0
_CHAIN = 100  # blackouts that follow each other without a gap
_LONGEST_EVERY_S = 366 * 86_400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PROBE = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Blackout:
    """No run begins from each ``start`` (cron in ``zone``) for ``duration_s`` seconds. Raises ``InvalidInput``."""

    start: str
    duration_s: float
    zone: str = "UTC"

    def __post_init__(self) -> None:
        _check_cron(self.start, self.zone, "blackouts")
        _check_range("blackouts", "duration", self.duration_s, 60.0, _LONGEST_BLACKOUT_S)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When one source is scanned: by ``cron``, or where it is empty each ``every_s`` seconds, counted from 1970.

    Raises ``InvalidInput`` that names the field. ``jitter_s`` spreads sources with one cron over that many seconds, each always by the same part of it. A run that was
    missed is made up for once within ``catch_up_s`` seconds.
    """

    source: str
    cron: str = ""
    zone: str = "UTC"
    jitter_s: float = 0.0
    paused: bool = False
    catch_up_s: float = 86_400.0
    blackouts: tuple[Blackout, ...] = ()
    every_s: float = 0.0

    def __post_init__(self) -> None:
        if self.cron or not self.every_s:
            _check_cron(self.cron, self.zone, "cron")
        if self.every_s:
            _check_range("every", "interval", self.every_s, 60.0, _LONGEST_EVERY_S)
        if self.cron and self.every_s:
            raise InvalidInput(
                "A schedule has either a cron expression or an interval.",
                path=("schedule", "every"),
                remedy="Leave one of the two out.",
            )
        _check_range("jitter", "jitter", self.jitter_s, 0.0, _MOST_JITTER_S)
        _check_range("catch_up", "time to catch up", self.catch_up_s, 0.0, _LONGEST_CATCH_UP_S)

    @property
    def offset(self) -> timedelta:
        """How long after each tick of the cron this source begins: whole seconds below ``jitter_s``, by its name."""
        share = int.from_bytes(hashlib.sha256(self.source.encode()).digest()[:8], "big") / 2**64
        return timedelta(seconds=int(share * self.jitter_s))


@dataclass(frozen=True, slots=True)
class Due:
    """One run is to begin now. It was planned for ``planned``; ``missed`` more before it did not take place."""

    planned: datetime
    missed: int = 0


def next_after(schedule: Schedule, moment: datetime) -> datetime | None:
    """The first time after ``moment`` at which a run begins; None where the schedule is paused."""
    if schedule.paused:
        return None
    held = _held(schedule.blackouts, moment)
    if held and next(_planned(schedule, held[0] - timedelta(seconds=1))) < held[1]:
        return held[1]  # what was planned since the blackout began waits for its end
    planned = next(_planned(schedule, moment))
    return blackout_end(schedule.blackouts, planned) or planned


def starts(schedule: Schedule, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Times from ``begin`` to before ``end`` at which runs begin, as ``next_after`` tells them one after the other."""
    if schedule.paused:
        return
    last: datetime | None = None
    held = _held(schedule.blackouts, begin - timedelta(seconds=1))
    if held and next_after(schedule, begin - timedelta(seconds=1)) == held[1] < end:
        last = held[1]
        yield last
    for planned in takewhile(lambda each: each < end, _planned(schedule, begin - timedelta(seconds=1))):
        start = blackout_end(schedule.blackouts, planned) or planned
        if begin <= start < end and (last is None or start > last):
            last = start
            yield start


def due(schedule: Schedule, last_fired: datetime, now: datetime) -> Due | None:
    """Whether a run is to begin ``now``; ``last_fired`` is when the last one did, or when the schedule was made.

    However many were missed, one run makes up for them. None while a blackout holds it back, and where the newest is overdue
    by more than the schedule's time to catch up, blackouts not counted.
    """
    if schedule.paused or now <= last_fired or blackout_end(schedule.blackouts, now):
        return None
    since = list(islice(takewhile(lambda each: each <= now, _planned(schedule, last_fired)), MOST_MISSED + 1))
    if not since:
        return None
    newest = since[-1] if len(since) <= MOST_MISSED else _newest(schedule, now)
    free_since = blackout_end(schedule.blackouts, newest) or newest
    if (now - free_since).total_seconds() > max(schedule.catch_up_s, GRACE_S):
        return None
    return Due(newest, len(since) - 1)


def blackout_end(windows: Sequence[Blackout], now: datetime) -> datetime | None:
    """When runs may begin again, over windows that overlap or touch; None where they may begin now."""
    held = _held(windows, now)
    return held[1] if held else None


def _held(windows: Sequence[Blackout], now: datetime) -> tuple[datetime, datetime] | None:
    """From when to when a blackout lasts that holds ``now``."""
    if not (here := _covering(windows, now)):
        return None
    begin, end = here
    for _ in range(_CHAIN):
        earlier = _covering(windows, begin - timedelta(seconds=1))
        later = _covering(windows, end)
        if not earlier and not later:
            break
        begin, end = earlier[0] if earlier else begin, later[1] if later else end
    return begin, end


def _covering(windows: Sequence[Blackout], now: datetime) -> tuple[datetime, datetime] | None:
    found = []
    for window in windows:
        length = timedelta(seconds=window.duration_s)
        starts = list(takewhile(lambda start: start <= now, _ticks(window.start, window.zone, now - length)))
        if starts:
            found.append((starts[0], starts[-1] + length))
    return (min(begin for begin, _ in found), max(end for _, end in found)) if found else None


def _planned(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    since = after - schedule.offset
    ticks = (
        _ticks(schedule.cron, schedule.zone, since) if schedule.cron else _multiples(schedule.every_s, since)
    )
    return (tick + schedule.offset for tick in ticks)


def _multiples(every_s: float, after: datetime) -> Iterator[datetime]:
    every = timedelta(seconds=every_s)
    return (_EPOCH + number * every for number in count((after - _EPOCH) // every + 1))


def _newest(schedule: Schedule, now: datetime) -> datetime:
    """The newest planned time up to ``now``, looked for in ever longer stretches before it."""
    stretch = timedelta(minutes=1)
    while not (found := list(takewhile(lambda each: each <= now, _planned(schedule, now - stretch)))):
        stretch *= 2
    return found[-1]


def _ticks(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    """Ticks later than ``after``, in order, each once."""
    last = after
    for tick in CronSim(cron, after.astimezone(ZoneInfo(zone))):
        utc = tick.astimezone(UTC)
        if (
            utc > last
        ):  # two wall times may be one moment where the clock skips an hour, or lie behind where it repeats one
            last = utc
            yield utc


def _check_cron(cron: str, zone: str, field: str) -> None:
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError):  # a folder of zones, a path, no such zone
        raise InvalidInput(
            f"There is no time zone {zone[:60]!r}.",
            path=("schedule", "zone"),
            remedy="Use a name of the IANA data base such as Europe/Berlin.",
        ) from None
    try:
        if len(cron) > 100 or len(cron.split()) != 5:
            raise CronSimError("it has not five fields")
        next(CronSim(cron, _PROBE))
    except (CronSimError, StopIteration) as error:
        why = str(error) or "it names no day that comes"
        raise InvalidInput(
            f"{cron[:100]!r} is not a cron expression: {why[:1].lower()}{why[1:]}.",
            path=("schedule", field),
            remedy="Write minute, hour, day of the month, month and day of the week, such as 0 3 * * MON.",
        ) from None


def _check_range(field: str, what: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise InvalidInput(
            f"The {what} may be {least:g} to {most:g} seconds.",
            path=("schedule", field),
            remedy="Choose a value within these bounds.",
        )
