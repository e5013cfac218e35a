from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schema.domain.schedules import (
    MOST_MISSED,
    Blackout,
    Due,
    Schedule,
    blackout_end,
    due,
    next_after,
    starts,
)
from schema.errors import InvalidInput

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
WORKDAYS = Blackout("0 8 * * MON-FRI", 10 * 3600, BERLIN)


def at(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def runs(schedule: Schedule, begin: str, count: int) -> list[datetime]:
    found = []
    moment: datetime | None = at(begin)
    for _ in range(count):
        assert moment is not None
        moment = next_after(schedule, moment)
        assert moment is not None
        found.append(moment)
    return found


def test_a_daily_scan_keeps_its_local_time_over_summer_and_winter() -> None:
    schedule = Schedule("a", "0 6 * * *", BERLIN)
    assert next_after(schedule, at("2025-01-10")) == at("2025-01-10T05:00")
    assert next_after(schedule, at("2025-07-10")) == at("2025-07-10T04:00")


@pytest.mark.parametrize(
    ("zone", "cron", "begin", "expected"),
    [
        # the clock jumps from 02:00 to 03:00: the run in the hour that is not there is late, not lost
        (BERLIN, "30 2 * * *", "2025-03-29T12:00", ["2025-03-30T01:00", "2025-03-31T00:30"]),
        (NEW_YORK, "30 2 * * *", "2025-03-08T12:00", ["2025-03-09T07:00", "2025-03-10T06:30"]),
        # the clock goes back from 03:00 to 02:00: the hour that is there twice has one run
        (BERLIN, "30 2 * * *", "2025-10-25T12:00", ["2025-10-26T00:30", "2025-10-27T01:30"]),
        (NEW_YORK, "30 1 * * *", "2025-11-01T12:00", ["2025-11-02T05:30", "2025-11-03T06:30"]),
        (BERLIN, "30 2 * * *", "2025-10-26T01:10", ["2025-10-27T01:30"]),
        # what runs each hour runs each hour
        (BERLIN, "0 * * * *", "2025-03-30T00:30", ["2025-03-30T01:00", "2025-03-30T02:00"]),
        (
            BERLIN,
            "0 * * * *",
            "2025-10-25T23:30",
            ["2025-10-26T00:00", "2025-10-26T01:00", "2025-10-26T02:00"],
        ),
        # two times that fall together in the gap are one run
        (BERLIN, "30 2,3 * * *", "2025-03-29T22:00", ["2025-03-30T01:00", "2025-03-30T01:30"]),
    ],
)
def test_changes_of_the_clock_neither_lose_nor_double_a_run(
    zone: str, cron: str, begin: str, expected: list[str]
) -> None:
    assert runs(Schedule("a", cron, zone), begin, len(expected)) == [at(each) for each in expected]


def test_sources_with_one_cron_are_spread_each_always_by_the_same_offset() -> None:
    schedules = [Schedule(f"source-{n}", "0 3 * * *", jitter_s=3600) for n in range(200)]
    offsets = [each.offset.total_seconds() for each in schedules]
    assert all(0 <= each < 3600 for each in offsets)
    assert len({int(each // 600) for each in offsets}) == 6
    assert offsets == [
        Schedule(each.source, "0 4 * * *", jitter_s=3600).offset.total_seconds() for each in schedules
    ]
    assert next_after(schedules[0], at("2025-05-01")) == at("2025-05-01T03:00") + schedules[0].offset


def test_missed_runs_are_caught_up_once_and_counted() -> None:
    schedule = Schedule("a", "0 3 * * *")
    assert due(schedule, at("2025-05-01T03:00"), at("2025-05-02T02:59")) is None
    assert due(schedule, at("2025-05-01T03:00"), at("2025-05-02T03:00")) == Due(at("2025-05-02T03:00"))
    late = due(schedule, at("2025-05-01T03:00"), at("2025-05-05T09:00"))
    assert late == Due(at("2025-05-05T03:00"), missed=3)
    assert due(schedule, at("2025-05-05T09:00"), at("2025-05-05T09:01")) is None


def test_what_is_too_late_to_catch_up_waits_for_the_next_run() -> None:
    schedule = Schedule("a", "0 3 * * *", catch_up_s=3600)
    assert due(schedule, at("2025-05-01T03:00"), at("2025-05-02T04:00")) == Due(at("2025-05-02T03:00"))
    assert due(schedule, at("2025-05-01T03:00"), at("2025-05-02T04:01")) is None
    assert due(schedule, at("2025-05-01T03:00"), at("2025-05-03T03:00")) == Due(
        at("2025-05-03T03:00"), missed=1
    )
    no_catching_up = Schedule("a", "0 3 * * *", catch_up_s=0)
    assert due(no_catching_up, at("2025-05-01T03:00"), at("2025-05-02T03:01"))


def test_a_very_long_pause_is_counted_to_a_bound_and_caught_up_from_the_newest() -> None:
    found = due(Schedule("a", "* * * * *"), at("2023-05-01"), at("2025-05-01T10:00:30"))
    assert found == Due(at("2025-05-01T10:00"), missed=MOST_MISSED)


def test_an_interval_keeps_its_beat_whenever_it_is_asked() -> None:
    schedule = Schedule("a", every_s=6 * 3600)
    assert runs(schedule, "2025-05-01T01:00", 2) == [at("2025-05-01T06:00"), at("2025-05-01T12:00")]
    assert due(schedule, at("2025-05-01T00:00:09"), at("2025-05-01T05:59")) is None
    assert due(schedule, at("2025-05-01T00:00:09"), at("2025-05-01T13:00")) == Due(
        at("2025-05-01T12:00"), missed=1
    )
    spread = Schedule("a", every_s=6 * 3600, jitter_s=3600)
    assert next_after(spread, at("2025-05-01T01:00")) == at("2025-05-01T06:00") + spread.offset
    held = Schedule("a", every_s=3600, blackouts=(WORKDAYS,))
    assert next_after(held, at("2025-05-05T06:30")) == at("2025-05-05T16:00")


def test_a_paused_schedule_never_runs() -> None:
    schedule = Schedule("a", "* * * * *", paused=True)
    assert next_after(schedule, at("2025-05-01")) is None
    assert due(schedule, at("2025-05-01"), at("2025-06-01")) is None


def test_a_blackout_holds_runs_back_until_its_end() -> None:
    schedule = Schedule("a", "0 * * * *", blackouts=(WORKDAYS,), catch_up_s=600)
    assert runs(schedule, "2025-05-05T04:30", 3) == [
        at(f"2025-05-05T{t}") for t in ("05:00", "16:00", "17:00")
    ]
    assert due(schedule, at("2025-05-05T05:00"), at("2025-05-05T15:59")) is None
    assert due(schedule, at("2025-05-05T05:00"), at("2025-05-05T16:01")) == Due(
        at("2025-05-05T16:00"), missed=10
    )
    daily = Schedule("a", "0 9 * * *", BERLIN, blackouts=(WORKDAYS,), catch_up_s=600)
    assert next_after(daily, at("2025-05-05T12:00")) == at("2025-05-05T16:00")
    assert due(daily, at("2025-05-04T07:00"), at("2025-05-05T16:01")) == Due(at("2025-05-05T07:00"))
    assert due(daily, at("2025-05-04T07:00"), at("2025-05-05T16:11")) is None


def test_blackouts_that_overlap_or_touch_are_one() -> None:
    evening = Blackout("0 18 * * *", 3600, BERLIN)
    assert blackout_end((WORKDAYS,), at("2025-05-05T10:00")) == at("2025-05-05T16:00")
    assert blackout_end((WORKDAYS, evening), at("2025-05-05T10:00")) == at("2025-05-05T17:00")
    assert blackout_end((WORKDAYS, evening), at("2025-05-05T17:00")) is None
    assert blackout_end((WORKDAYS,), at("2025-05-04T10:00")) is None


def test_a_blackout_lasts_as_long_on_the_day_the_clock_changes() -> None:
    night = Blackout("0 1 * * *", 3 * 3600, BERLIN)
    assert blackout_end((night,), at("2025-03-30T00:30")) == at("2025-03-30T03:00")
    assert blackout_end((night,), at("2025-10-26T00:30")) == at("2025-10-26T02:00")


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Schedule("a", "0 3 * *"), "cron"),
        (lambda: Schedule("a", "0 0 3 * * *"), "cron"),
        (lambda: Schedule("a", "61 3 * * *"), "cron"),
        (lambda: Schedule("a", "0 0 31 2 *"), "cron"),
        (lambda: Schedule("a", "0 3 * * *", "Mars/Olympus"), "zone"),
        (lambda: Schedule("a", "0 3 * * *", "America"), "zone"),
        (lambda: Schedule("a", "0 3 * * *", "../etc/passwd"), "zone"),
        (lambda: Schedule("a", "0 3 * * *", ""), "zone"),
        (lambda: Schedule("a"), "cron"),
        (lambda: Schedule("a", every_s=5), "every"),
        (lambda: Schedule("a", every_s=float("inf")), "every"),
        (lambda: Schedule("a", "0 3 * * *", every_s=3600), "every"),
        (lambda: Schedule("a", "0 3 * * *", jitter_s=-1), "jitter"),
        (lambda: Schedule("a", "0 3 * * *", catch_up_s=float("nan")), "catch_up"),
        (lambda: Blackout("0 3 * * *", 0), "blackouts"),
        (lambda: Blackout("nightly", 3600), "blackouts"),
    ],
)
def test_a_wrong_schedule_names_the_field(make: object, field: str) -> None:
    assert callable(make)
    with pytest.raises(InvalidInput) as failed:
        make()
    assert failed.value.path == ("schedule", field)
    assert failed.value.remedy


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
CRONS = st.sampled_from(
    [
        "30 2 * * *",
        "*/20 * * * *",
        "0 1,2,3 * * *",
        "*/15 2 * * *",
        "0 0 1 * *",
        "15 3 * * SUN",
        "0 2 29 2 *",
        "5 * * 3,10 SUN",
    ]
)
ZONES = st.sampled_from(
    [BERLIN, NEW_YORK, "UTC", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"]
)
SCHEDULES = st.builds(
    lambda when, **rest: (
        Schedule(cron=when, **rest) if isinstance(when, str) else Schedule(every_s=when, **rest)
    ),
    source=st.text(max_size=5),
    when=CRONS | st.integers(60, 1_000_000).map(float),
    zone=ZONES,
    jitter_s=st.integers(0, 7200).map(float),
    blackouts=st.sampled_from([(), (WORKDAYS,), (Blackout("0 1 * * SUN", 7200, NEW_YORK), WORKDAYS)]),
)


@settings(deadline=None, max_examples=60)
@given(SCHEDULES, MOMENTS)
def test_runs_come_later_and_later_and_never_within_a_blackout(schedule: Schedule, moment: datetime) -> None:
    found = runs(schedule, moment.isoformat(), 6)
    assert all(earlier < later for earlier, later in pairwise([moment, *found]))
    assert all(blackout_end(schedule.blackouts, each) is None for each in found)


@settings(deadline=None, max_examples=60)
@given(SCHEDULES, MOMENTS, st.integers(0, 400_000))
def test_a_run_is_due_exactly_when_its_time_has_come(
    schedule: Schedule, moment: datetime, later_s: int
) -> None:
    planned = next_after(schedule, moment)
    assert planned is not None
    # what was planned before `moment` and waits for the end of a blackout has been asked for before `moment`
    if blackout_end(schedule.blackouts, moment):
        return
    assert due(schedule, moment, planned - timedelta(seconds=1)) is None
    assert due(schedule, moment, planned) is not None
    now = moment + timedelta(seconds=later_s)
    assert due(schedule, moment, now) is None or planned <= now


@given(SCHEDULES, MOMENTS)
@settings(deadline=None, max_examples=40)
def test_a_run_in_local_time_is_at_the_time_of_its_cron(schedule: Schedule, moment: datetime) -> None:
    if schedule.cron != "15 3 * * SUN" or schedule.blackouts:
        return
    planned = next_after(schedule, moment)
    assert planned is not None
    local = (planned - schedule.offset).astimezone(ZoneInfo(schedule.zone))
    assert (local.isoweekday(), local.hour, local.minute) == (7, 3, 15)


@settings(deadline=None, max_examples=30)
@given(SCHEDULES, MOMENTS)
@example(
    Schedule("\u46db\x9e", every_s=60.0, zone="Europe/Berlin", jitter_s=60.0),
    datetime(2024, 1, 1, 0, 0, 19, 1, tzinfo=UTC),
)
def test_the_starts_of_some_days_are_those_told_one_after_the_other(
    schedule: Schedule, begin: datetime
) -> None:
    often = "*/" in schedule.cron or 0 < schedule.every_s < 3600
    end = begin + (timedelta(hours=15) if often else timedelta(days=20))
    expected: list[datetime] = []
    moment = next_after(schedule, begin - timedelta(microseconds=1))
    while moment is not None and moment < end:
        expected.append(moment)
        moment = next_after(schedule, moment)
    assert list(starts(schedule, begin, end)) == expected
