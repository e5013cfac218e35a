from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schema.domain.capacity import Planned, demand, waits
from schema.domain.forecasts import Forecast
from schema.domain.schedules import Schedule

MONDAY = datetime(2025, 1, 6, tzinfo=UTC)
HOUR = 3600.0


def plan(
    cron: str, hours: float, high: float | None = None, *, source: str = "a", jitter_s: float = 0.0
) -> Planned:
    return Planned(
        Schedule(source, cron, jitter_s=jitter_s),
        Forecast(hours * HOUR, hours * HOUR / 2, (high or hours) * HOUR, "x"),
    )


def test_runs_that_overlap_need_a_worker_each_and_runs_that_follow_share_one() -> None:
    apart = demand([plan("0 1 * * *", 1), plan("0 2 * * *", 1)], MONDAY)
    assert (apart.peak, apart.runs, apart.busy_s) == (1, 14, 14 * HOUR)
    together = demand([plan("0 1 * * *", 1), plan("30 1 * * *", 1)], MONDAY)
    assert together.peak == 2
    assert together.peak_at == MONDAY + timedelta(hours=1.5)
    assert together.by_hour[:4] == (0, 2, 1, 0)
    assert len(together.by_hour) == 7 * 24


def test_workers_are_counted_for_runs_that_take_as_long_as_they_may() -> None:
    found = demand([plan("0 1 * * *", 1, high=3), plan("0 3 * * *", 1)], MONDAY)
    assert (found.peak, found.workers) == (1, 2)


def test_one_source_never_runs_twice_at_once() -> None:
    found = demand([plan("0 * * * *", 2.5)], MONDAY, days=1)
    assert found.peak == 1
    assert found.runs == 10


def test_a_jitter_lowers_the_peak() -> None:
    sources = [f"source-{n}" for n in range(40)]
    at_once = demand([plan("0 3 * * *", 0.1, source=each) for each in sources], MONDAY, days=1)
    spread = demand([plan("0 3 * * *", 0.1, source=each, jitter_s=HOUR) for each in sources], MONDAY, days=1)
    assert at_once.peak == 40
    assert spread.peak < 15


PLANS = st.lists(
    st.builds(
        plan,
        st.sampled_from(["0 3 * * *", "*/30 * * * *", "15 2,14 * * *", "0 0 * * SUN"]),
        st.floats(0.01, 5),
        source=st.text("abc", min_size=1, max_size=3),
        jitter_s=st.sampled_from([0.0, 1800.0]),
    ),
    max_size=5,
)


@settings(deadline=None, max_examples=30)
@given(PLANS)
def test_nothing_waits_with_as_many_workers_as_the_peak_and_something_with_fewer(
    plans: list[Planned],
) -> None:
    found = demand(plans, MONDAY, days=2)
    assert max(found.by_hour) <= found.peak <= len(plans)
    assert found.workers >= found.peak
    if found.peak:
        assert waits(plans, MONDAY, found.peak, days=2) == 0
    if found.peak > 1:
        assert waits(plans, MONDAY, found.peak - 1, days=2) > 0
