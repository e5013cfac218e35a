from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from schema.domain.dispatch import ORDER, WEIGHTS, Band, Candidate, Hold, choose, place


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


def test_no_worker_has_two_of_the_tasks_that_others_were_lost_with() -> None:
    tasks = [Candidate(f"lost{n}", Band.HIGH, f"a{n}", suspect=True) for n in range(3)]
    tasks.append(Candidate("sound", Band.HIGH, "b"))

    free = choose({Band.HIGH: tasks}, slots=9, running={}, passes={}, extras=())
    taken = choose({Band.HIGH: tasks}, slots=9, running={}, passes={}, extras=(), suspects=1)

    assert (free.given, taken.given) == (("lost0", "sound"), ("sound",))
    assert free.parked["lost1"] == (Hold.SUSPECT, None)


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
