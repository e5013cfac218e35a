from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from schema.domain.dispatch import (
    APART_MS,
    ORDER,
    ROOM_WAIT_MS,
    WEIGHTS,
    Band,
    Candidate,
    Choice,
    Hold,
    Room,
    Taker,
    choose,
    place,
)


def queue(band: Band, count: int) -> list[Candidate]:
    return [Candidate(f"{band}-{n}", band, f"{band}-source-{n}") for n in range(count)]


def served(waiting: dict[Band, list[Candidate]], rounds: int, slots: int = 1) -> list[str]:
    """What is given out when a worker asks again and again and every task is over at once."""
    waiting, passes, out = {band: list(tasks) for band, tasks in waiting.items()}, {}, []
    for _ in range(rounds):
        choice = choose(waiting, slots=slots, running={}, passes=passes, extras=())
        passes = dict(choice.passes)
        out += choice.given
        waiting = {
            band: [task for task in tasks if task.id not in choice.given] for band, tasks in waiting.items()
        }
    return out


def test_bands_share_the_workers_by_their_weights_and_the_lowest_is_not_starved() -> None:
    out = served({band: queue(band, 1_000) for band in Band}, rounds=290)

    shares = Counter(name.partition("-")[0] for name in out)
    assert {band: shares[band] for band in Band} == {band: 10 * WEIGHTS[band] for band in Band}


@given(st.integers(1, 8), st.integers(1, 40))
def test_the_lowest_band_waits_for_no_more_than_one_round_of_the_weights(slots: int, low: int) -> None:
    out = served({Band.URGENT: queue(Band.URGENT, 2_000), Band.LOW: queue(Band.LOW, low)}, 60, slots)

    places = [n for n, name in enumerate(out) if name.startswith(Band.LOW)]
    assert all(later - earlier <= 17 for earlier, later in pairwise(places))
    assert places[0] <= 17


def test_a_band_that_was_idle_has_saved_up_no_claim() -> None:
    first = choose({Band.NORMAL: queue(Band.NORMAL, 400)}, slots=400, running={}, passes={}, extras=())

    then = choose(
        {Band.NORMAL: queue(Band.NORMAL, 400), Band.LOW: queue(Band.LOW, 400)},
        slots=50,
        running={},
        passes=first.passes,
        extras=(),
    )

    assert Counter(name.partition("-")[0] for name in then.given) == {Band.NORMAL: 40, Band.LOW: 10}


def test_a_source_never_has_more_tasks_than_it_allows_and_does_not_block_those_behind_it() -> None:
    tasks = [Candidate(f"a{n}", Band.HIGH, "a", limit=2) for n in range(5)]
    tasks.append(Candidate("b0", Band.HIGH, "b"))

    choice = choose({Band.HIGH: tasks}, slots=10, running={"a": 1}, passes={}, extras=())

    assert choice.given == ("a0", "b0")
    assert dict(choice.parked) == {f"a{n}": (Hold.SOURCE_BUSY, None) for n in (1, 2, 3, 4)}


def test_what_may_not_run_now_is_put_aside_with_its_reason() -> None:
    tasks = [
        Candidate("night", Band.LOW, "a", held=Hold.BLACKOUT, until_ms=5_000),
        Candidate("oracle", Band.LOW, "b", needs=("oracledb",)),
        Candidate("free", Band.LOW, "c", needs=("psycopg",)),
    ]

    choice = choose({Band.LOW: tasks}, slots=9, running={}, passes={}, extras={"psycopg"})

    assert choice.given == ("free",)
    assert dict(choice.parked) == {"night": (Hold.BLACKOUT, 5_000), "oracle": (Hold.EXTRAS, None)}


SUSPECT = Candidate("lost", Band.HIGH, "a", suspect=True)
SOUND = [Candidate(f"sound{n}", Band.HIGH, f"b{n}") for n in range(3)]


def asked(
    *tasks: Candidate,
    holds: int = 0,
    suspects: int = 0,
    room: Room | None = None,
    at: int = 0,
) -> Choice:
    taker = Taker("me", holds, suspects)
    return choose(
        {Band.HIGH: tasks}, slots=4 - holds, running={}, passes={}, extras=(), taker=taker, room=room, now_ms=at
    )  # fmt: skip


def test_an_empty_worker_takes_a_suspect_and_nothing_else() -> None:
    choice = asked(SUSPECT, *SOUND)

    assert (choice.given, choice.room) == (("lost",), Room("me", "lost", APART_MS))
    assert asked(*SOUND, holds=1, suspects=1, room=choice.room, at=APART_MS - 1).given == ()


def test_a_worker_at_work_takes_nothing_more_until_it_is_empty_and_then_the_suspect() -> None:
    begins = asked(SUSPECT, *SOUND, holds=2, at=1_000)
    assert (begins.given, dict(begins.parked)) == ((), {"lost": (Hold.SUSPECT, None)})
    assert begins.room == Room("me", "lost", 1_000 + ROOM_WAIT_MS)

    waits = asked(SUSPECT, *SOUND, holds=1, room=begins.room, at=1_500)
    assert (waits.given, waits.room) == ((), begins.room)

    done = asked(SUSPECT, *SOUND, room=begins.room, at=2_000)
    assert (done.given, done.room) == (("lost",), Room("me", "lost", 2_000 + APART_MS))


def test_one_worker_at_a_time_has_nothing_but_a_suspect() -> None:
    other = Room("other", "lost too", 50_000)
    choice = asked(SUSPECT, *SOUND, room=other, at=1_000)

    assert (choice.given, choice.room) == (("lost", "sound0", "sound1", "sound2"), other)


def test_while_one_worker_makes_room_for_a_suspect_the_others_go_on() -> None:
    other = Room("other", "lost", 9_000)
    choice = asked(SUSPECT, *SOUND, holds=1, room=other, at=1_000)

    assert (choice.given, choice.room) == (("sound0", "sound1", "sound2"), other)
    assert dict(choice.parked) == {"lost": (Hold.SUSPECT, None)}


def test_a_suspect_for_which_no_room_was_made_in_time_runs_beside_others_but_not_beside_another() -> None:
    late = replace(SUSPECT, waited_ms=ROOM_WAIT_MS)
    another = Candidate("lost too", Band.HIGH, "c", suspect=True)

    choice = asked(late, another, *SOUND, holds=1, room=Room("other", "lost", 9_000), at=9_000)

    assert (choice.given, choice.room) == (("lost", "sound0", "sound1"), None)
    assert choice.parked["lost too"] == (Hold.SUSPECT, None)


def test_a_suspect_that_has_run_for_long_has_others_beside_it_again() -> None:
    choice = asked(SUSPECT, *SOUND, holds=1, suspects=1, room=Room("me", "other", 9_000), at=9_000)

    assert choice.given == ("sound0", "sound1", "sound2")
    assert dict(choice.parked) == {"lost": (Hold.SUSPECT, None)}


def test_room_that_was_made_for_a_suspect_which_is_gone_is_used() -> None:
    choice = asked(*SOUND, room=Room("me", "lost", 9_000), at=1_000)

    assert (choice.given, choice.room) == (("sound0", "sound1", "sound2"), None)


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.booleans()), min_size=1, max_size=12),
    st.integers(1, 40),
)
def test_every_suspect_runs_sometime_and_no_other_task_waits_for_ever(
    tasks: list[tuple[str, bool]], pace: int
) -> None:
    """Three workers of two slots that ask in turn; each ends its oldest task when it has been asked ``pace`` times."""
    left = [
        Candidate(f"{n}", Band.HIGH, source, limit=9, suspect=bad) for n, (source, bad) in enumerate(tasks)
    ]
    suspects = {task.id for task in left if task.suspect}
    held: dict[str, list[str]] = {"w0": [], "w1": [], "w2": []}
    room, done = None, []
    for turn in range(3 * 2 * 12 * pace + 100):
        name = f"w{turn % 3}"
        own, now = held[name], turn * 1_000
        if own and turn // 3 % pace == 0:
            done.append(own.pop(0))
        mine = suspects.intersection(own)
        waiting = [replace(task, waited_ms=now) for task in left]
        taker = Taker(name, len(own), len(mine))
        room = None if room and room.task in done else room
        choice = choose(
            {Band.HIGH: waiting}, slots=2 - len(own), running={}, passes={}, extras=(), taker=taker, room=room, now_ms=now
        )  # fmt: skip
        room = choice.room
        own += choice.given
        left = [task for task in left if task.id not in choice.given]
    assert not left
    assert sorted(done) == sorted(str(n) for n in range(len(tasks)))


def test_the_queue_is_sorted_by_band_then_what_was_begun_then_deadline_criticality_and_age() -> None:
    def at(band: Band, ident: str, **given: int | None) -> str:
        values = {"started": 0, "deadline_ms": None, "criticality": 0, "created_ms": 10} | given
        return place(band, ident=ident, **(values | {"started": bool(values["started"])}))  # type: ignore[arg-type]

    expected = [
        at(Band.URGENT, "a", created_ms=99),
        at(Band.NORMAL, "b", started=1, created_ms=90),
        at(Band.NORMAL, "c", deadline_ms=1_000, created_ms=80),
        at(Band.NORMAL, "d", deadline_ms=2_000, criticality=3),
        at(Band.NORMAL, "e", criticality=3, created_ms=70),
        at(Band.NORMAL, "f", created_ms=5),
        at(Band.NORMAL, "g", created_ms=60),
        at(Band.LOW, "h", started=1),
    ]

    assert sorted(expected) == expected
    assert ORDER[0] is Band.URGENT
