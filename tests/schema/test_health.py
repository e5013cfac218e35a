"""The score of health: within its bounds, explained by its reasons, and never raised by what gets worse."""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.credentials import CredentialState, credential_state
from schema.domain.health import (
    MARGIN,
    MOST,
    Figures,
    HealthCause,
    HealthFacts,
    HealthGrade,
    Hour,
    figures_of,
    grade_after,
    grade_of,
    health_of,
    quantile,
    scan_period_s,
    wait_before_check,
)
from schema.domain.plans import ScanPlan
from schema.domain.retries import Circuit
from schema.domain.scans import RunState
from schema.domain.schedules import Schedule
from schema.errors import ConnectionFailed, InvalidInput

NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)
SHARES = st.none() | st.floats(0, 1)
SPANS = st.none() | st.floats(0, 1e8)
LATENCIES = st.none() | st.floats(0.01, 1e6)
FACTS = st.builds(
    HealthFacts,
    check_ok=st.none() | st.booleans(),
    check_cause=st.sampled_from(ConnectionFailed.CAUSES),
    checked_s=SPANS,
    check_every_s=st.none() | st.floats(60, 86_400),
    figures=st.builds(Figures, day=SHARES, median_ms=LATENCIES, baseline_ms=LATENCIES),
    last_scan=st.none() | st.sampled_from([RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED]),
    scan_age_s=SPANS,
    scan_period_s=st.none() | st.floats(60, 1e7),
    dead_letters=st.integers(0, 100),
    circuit=st.sampled_from(Circuit),
    credential_s=st.none() | st.floats(-1e8, 1e8),
    warning_s=st.floats(0, 1e7),
)


@given(FACTS)
def test_the_reasons_add_up_to_what_is_missing_of_a_hundred(facts: HealthFacts) -> None:
    found = health_of(facts)

    assert found.score == max(0, 100 - sum(reason.points for reason in found.reasons))
    assert all(0 < reason.points <= MOST[reason.cause] for reason in found.reasons)
    assert all(reason.message.endswith((".", "?")) for reason in found.reasons)
    assert [reason.points for reason in found.reasons] == sorted(
        (reason.points for reason in found.reasons), reverse=True
    )
    assert len({reason.cause for reason in found.reasons}) == len(found.reasons)
    assert found.grade is grade_of(found.score)


@given(FACTS, st.data())
def test_what_gets_worse_never_raises_the_score(facts: HealthFacts, data: st.DataObject) -> None:
    longer = st.floats(0, 1e8)
    figures = facts.figures
    worse = data.draw(
        st.sampled_from(
            [
                replace(facts, check_ok=False, check_cause=facts.check_cause),
                replace(facts, check_ok=False, check_cause="CREDENTIALS"),
                replace(facts, last_scan=RunState.FAILED),
                replace(facts, dead_letters=facts.dead_letters + data.draw(st.integers(0, 50))),
                replace(facts, circuit=Circuit.OPEN),
                replace(facts, checked_s=(facts.checked_s or 0) + data.draw(longer)),
                replace(facts, scan_age_s=(facts.scan_age_s or 0) + data.draw(longer)),
                replace(facts, credential_s=min(facts.credential_s or 1e8, 1e8) - data.draw(longer)),
                replace(facts, figures=replace(figures, day=(figures.day or 0) * data.draw(st.floats(0, 1))))
                if figures.day is not None
                else facts,
                replace(facts, figures=replace(figures, median_ms=figures.median_ms + data.draw(longer)))
                if figures.median_ms is not None
                else facts,
            ]
        )
    )

    assert health_of(worse).score <= health_of(facts).score


def test_a_source_of_which_nothing_bad_is_known_has_a_hundred() -> None:
    well = HealthFacts(
        check_ok=True,
        checked_s=60,
        check_every_s=900,
        figures=Figures(1.0, 1.0, 1.0, 12.0, 20.0, 30.0, 11.0),
        last_scan=RunState.SUCCEEDED,
        scan_age_s=3_600,
        scan_period_s=86_400,
        credential_s=90 * 86_400,
        warning_s=14 * 86_400,
    )

    assert health_of(well).reasons == ()
    assert health_of(well).score == 100
    assert health_of(HealthFacts()).score == 100


@pytest.mark.parametrize(
    ("facts", "cause", "points"),
    [
        (HealthFacts(check_ok=False, check_cause="CREDENTIALS"), HealthCause.CREDENTIALS_REFUSED, 40),
        (HealthFacts(check_ok=False, check_cause="TIMEOUT"), HealthCause.CHECK_FAILED, 30),
        (HealthFacts(checked_s=8_000, check_every_s=900), HealthCause.NOT_CHECKED, 10),
        (HealthFacts(figures=Figures(day=0.95)), HealthCause.AVAILABILITY, 9),
        (HealthFacts(figures=Figures(day=0.5)), HealthCause.AVAILABILITY, 40),
        (HealthFacts(figures=Figures(median_ms=400, baseline_ms=100)), HealthCause.LATENCY, 8),
        (HealthFacts(last_scan=RunState.FAILED), HealthCause.SCAN_FAILED, 15),
        (HealthFacts(scan_age_s=225, scan_period_s=100), HealthCause.SCAN_OVERDUE, 8),
        (HealthFacts(dead_letters=2), HealthCause.DEAD_LETTERS, 4),
        (HealthFacts(circuit=Circuit.HALF_OPEN), HealthCause.CIRCUIT, 10),
        (HealthFacts(credential_s=7, warning_s=14), HealthCause.CREDENTIAL_EXPIRING, 10),
        (HealthFacts(credential_s=-1, warning_s=14), HealthCause.CREDENTIAL_EXPIRED, 30),
    ],
)
def test_each_cause_takes_what_the_reference_says(
    facts: HealthFacts, cause: HealthCause, points: int
) -> None:
    (reason,) = health_of(facts).reasons
    assert (reason.cause, reason.points) == (cause, points)


def test_a_few_milliseconds_more_are_no_slow_source() -> None:
    assert health_of(HealthFacts(figures=Figures(median_ms=18, baseline_ms=2))).score == 100


@given(st.sampled_from(HealthGrade), st.integers(0, 100))
def test_people_are_told_of_worse_at_once_and_of_better_with_points_to_spare(
    before: HealthGrade, score: int
) -> None:
    order = list(HealthGrade)
    after = grade_after(before, score)

    assert order.index(after) >= order.index(grade_of(score))
    if order.index(grade_of(score)) >= order.index(before):
        assert after is grade_of(score)
    if grade_of(max(score - MARGIN, 0)) is grade_of(score):
        assert after is grade_of(score)
    assert grade_after(after, score) is after


def test_a_score_that_flutters_around_a_bound_is_told_once() -> None:
    grade, told = HealthGrade.HEALTHY, 0
    for score in (79, 81, 79, 82, 78, 84):
        after = grade_after(grade, score)
        told += after is not grade
        grade = after
    assert told == 1


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=60))
def test_quantiles_are_those_of_the_statistics_module(values: list[float]) -> None:
    expected = statistics.quantiles(values, n=100, method="inclusive")
    for percent in (5, 50, 95, 99):
        assert quantile(values, percent / 100) == pytest.approx(expected[percent - 1], abs=1e-6)


def test_figures_tell_the_windows_apart() -> None:
    hour = NOW.replace(minute=0)
    hours = [
        Hour(hour, 4, 4, (40.0, 42.0, 44.0, 46.0)),
        Hour(hour - timedelta(days=3), 4, 2, (10.0, 10.0)),
        *(Hour(hour - timedelta(days=20, hours=n), 4, 4, (10.0, 12.0)) for n in range(6)),
        Hour(hour - timedelta(days=40), 100, 0),
    ]
    found = figures_of(hours, NOW)

    assert (found.day, found.week, found.month) == (1.0, 6 / 8, 30 / 32)
    assert (found.median_ms, found.baseline_ms) == (43.0, 11.0)
    assert figures_of([], NOW) == Figures()


def test_checks_are_spread_around_their_interval() -> None:
    waits = {wait_before_check(900, f"source:{n}") for n in range(500)}

    assert len(waits) == 500
    assert 810 <= min(waits) < 830
    assert 970 < max(waits) <= 990
    assert wait_before_check(900, "source:1") in waits


def test_a_scan_of_weekdays_is_not_overdue_on_sunday() -> None:
    plan = ScanPlan(schedule=Schedule("shop", "0 3 * * MON-FRI"))

    assert scan_period_s(plan, None, NOW) == 3 * 86_400
    assert scan_period_s(ScanPlan(), None, NOW) is None
    assert scan_period_s(ScanPlan(schedule=Schedule("shop", "0 3 * * *", paused=True)), None, NOW) is None


def test_a_credential_is_warned_of_before_its_end() -> None:
    warning = timedelta(days=14)
    states = [credential_state(NOW + timedelta(days=days), NOW, warning) for days in (15, 13, -1)]

    assert states == [CredentialState.VALID, CredentialState.EXPIRING, CredentialState.EXPIRED]
    assert credential_state(None, NOW, warning) is CredentialState.VALID


@pytest.mark.parametrize("seconds", [1, 59, 86_401])
def test_an_interval_of_checks_has_bounds(seconds: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        ScanPlan(check_every_s=seconds)
    assert refused.value.path == ("plan", "checkMinutes")
    assert ScanPlan(check_every_s=0).check_every_s == 0
