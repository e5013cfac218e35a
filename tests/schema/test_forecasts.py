from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.forecasts import Forecast, PastRun, forecast, remaining
from tests.benchmarks.forecast_backtest import FAMILIES, backtest, histories, within_run

MONDAY = datetime(2025, 1, 6, 3, tzinfo=UTC)
DURATIONS = st.lists(st.floats(0, 1e6), max_size=30)


def past(durations: list[float], objects: int = 0) -> list[PastRun]:
    return [PastRun(MONDAY + timedelta(days=n), each, objects) for n, each in enumerate(durations)]


@given(DURATIONS, st.integers(0, 10**9), DURATIONS)
def test_a_forecast_is_a_middle_within_its_interval(
    mine: list[float], objects: int, theirs: list[float]
) -> None:
    found = forecast(past(mine), MONDAY, objects=objects, others=past(theirs, 100))
    assert 0 < found.low_s <= found.point_s <= found.high_s
    assert found.basis


@given(
    st.floats(1, 1e5),
    st.floats(1, 3),
    st.floats(1, 3),
    st.floats(0, 1e6),
    st.integers(0, 500),
    st.none() | st.integers(0, 400),
)
def test_what_is_left_is_a_middle_within_its_interval(
    point: float, below: float, above: float, elapsed: float, done: int, total: int | None
) -> None:
    left = remaining(Forecast(point, point / below, point * above, "x"), elapsed, done, total)
    assert 0 <= left.low_s <= left.point_s <= left.high_s


def test_a_source_that_takes_as_long_each_time_is_forecast_so() -> None:
    found = forecast(past([600.0] * 40), MONDAY)
    assert found.point_s == pytest.approx(600, rel=0.01)
    assert found.low_s > 450
    assert found.high_s < 800
    assert found.basis == "40 earlier runs of this source"


def test_the_long_run_on_sundays_is_foreseen_for_sundays_only() -> None:
    runs = past([1800.0 if n % 7 == 6 else 600.0 for n in range(42)])
    sunday = MONDAY + timedelta(days=48)
    assert forecast(runs, sunday).point_s > 1200
    assert forecast(runs, sunday + timedelta(days=1)).point_s == pytest.approx(600, rel=0.1)


def test_a_source_that_was_never_scanned_is_compared_with_others_of_its_size() -> None:
    others = [PastRun(MONDAY, objects * 0.5, objects) for objects in (100, 300, 1000, 5000, 20_000)]
    small, large = (forecast([], MONDAY, objects=n, others=others) for n in (200, 10_000))
    assert 60 < small.point_s < 160
    assert 3500 < large.point_s < 7000
    assert "5 runs of other sources, for 200 objects" in small.basis
    nothing = forecast([], MONDAY)
    assert nothing.high_s > 5 * nothing.low_s
    assert nothing.basis == "nothing is known yet"


def test_the_interval_shrinks_as_the_run_goes_on() -> None:
    before = Forecast(1000, 500, 2000, "x")
    widths = []
    for done in range(0, 101, 10):
        left = remaining(before, 10.0 * done, done, 100)
        widths.append(left.high_s - left.low_s)
    assert all(later < earlier for earlier, later in pairwise(widths))
    assert widths[-1] == 0


def test_the_rate_so_far_outweighs_the_past_as_the_run_goes_on() -> None:
    before = Forecast(1000, 800, 1250, "x")
    early, late = remaining(before, 100, 5, 100), remaining(before, 1200, 60, 100)  # at this rate 2000 in all
    assert early.point_s == pytest.approx(900, rel=0.1)
    assert 450 < late.point_s < 850
    assert late.high_s > 800
    assert "60 of 100 objects are done" in late.basis


def test_a_run_that_lasts_longer_than_foreseen_is_never_said_to_be_over() -> None:
    before = Forecast(100, 80, 125, "x")
    left = [remaining(before, elapsed, 0, None) for elapsed in (90.0, 150.0, 1000.0, 1e5)]
    assert all(each.point_s > 0 for each in left)
    assert left[-1].point_s > left[-2].point_s > left[-3].point_s


def test_the_forecast_is_better_than_the_last_value_and_its_interval_holds_what_it_says() -> None:
    scores = {family.__name__: backtest(histories(family, 3, 90, seed=5)) for family in FAMILIES}
    for name, score in scores.items():
        assert score.mase < 0.97, name
        assert score.mape < score.naive_mape, name
        assert 0.7 <= score.coverage <= 0.95, name
    assert sum(score.mase for score in scores.values()) / len(scores) < 0.8


def test_within_a_run_the_error_falls_and_the_interval_still_holds() -> None:
    scored = within_run(seed=5, runs=150)
    errors = [error for _, error, _ in scored]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.08
    assert all(0.7 <= coverage <= 0.97 for _, _, coverage in scored)
