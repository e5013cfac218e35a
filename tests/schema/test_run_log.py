from __future__ import annotations

import pytest

from schema.domain.run_log import LOOK_BACK_MS, MOST_MARKS, RunEvent, RunEventKind, Told, run_events


def event(at_ms: int, about: str = "") -> RunEvent:
    return RunEvent(at_ms, RunEventKind.TASK_HELD, about)


def test_what_was_committed_late_is_told_once_after_a_resume_and_nothing_else_again() -> None:
    first = [event(100_000), event(100_005, "b"), event(100_900, "c")]
    told = Told()
    assert list(told.new(first)) == first
    resumed = Told(*told.place())
    late = event(100_005, "a")  # its transaction took longer than that of those after it
    found = sorted([*first, late, event(101_000)], key=lambda each: each.key)
    assert list(resumed.new(found)) == [late, event(101_000)]
    assert list(Told(*resumed.place()).new(found)) == []


def test_a_reader_who_left_between_a_late_event_and_what_came_before_hears_each_once() -> None:
    told = Told()
    assert list(told.new([event(100_100, "b")])) == [event(100_100, "b")]
    resumed = Told(*told.place())
    found = [event(100_050, "late"), event(100_100, "b"), event(100_200, "c")]
    assert next(resumed.new(found)) == found[0]
    assert list(Told(*resumed.place()).new(found)) == [found[2]]


def test_a_place_stays_short_however_much_happens_at_once_and_still_repeats_nothing() -> None:
    many = [event(100_000 + n, f"{n:04d}") for n in range(5 * MOST_MARKS)]
    told = Told()
    assert list(told.new(many)) == many
    since_ms, marks = told.place()
    assert len(marks) < 1_000
    assert since_ms > many[0].at_ms
    assert list(Told(since_ms, marks).new([*many, event(200_000)])) == [event(200_000)]


def test_what_is_older_than_anything_that_comes_late_is_forgotten() -> None:
    told = Told()
    list(told.new([event(1), event(LOOK_BACK_MS + 50)]))
    told.forget()
    assert told.since_ms == 50
    assert list(told.new([event(1), event(60)])) == [event(60)]


@pytest.mark.parametrize("marks", ["nonsense!", "AAAA"])
def test_marks_that_are_none_are_refused(marks: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Told(0, marks)


def test_an_attempt_says_how_long_it_waited_to_be_allowed_to_ask_its_source() -> None:
    attempt = {
        "number": 1, "worker": "w", "started_ms": 1_000, "finished_ms": 9_000, "state": "SUCCEEDED", "limited_ms": 4_200,
    }  # fmt: skip
    run = {"id": "r", "state": "RUNNING", "created_ms": 1}
    task = {"stage": "discover", "n": 0, "state": "SUCCEEDED", "attempts": [attempt]}
    (ended,) = (e for e in run_events(run, [], [task]) if e.kind is RunEventKind.ATTEMPT_ENDED)
    assert ended.reason == "It waited 4.2 s for the requests per minute that its source allows."
