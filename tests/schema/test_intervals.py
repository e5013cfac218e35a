from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.intervals import (
    STEP,
    Bounds,
    Criticality,
    History,
    Visit,
    adapt,
    change_rate,
    spoken,
)
from schema.errors import InvalidInput
from tests.benchmarks.adaptive_schedule import adaptive, fixed_as_fresh, sources

HOUR, DAY = 3600.0, 86_400.0
BOUNDS = Bounds(900.0, 7 * DAY)
VISITS = st.lists(st.builds(Visit, st.floats(60, 30 * DAY), st.booleans()), max_size=100)
BOTH = st.tuples(st.floats(60, 40 * DAY), st.floats(1, 500)).map(
    lambda given: Bounds(given[0], min(given[0] * given[1], 366 * DAY))
)
HISTORIES = st.builds(
    History,
    VISITS,
    st.none() | st.floats(60, 40 * DAY),
    st.none() | st.floats(0, 1e9),
    st.sampled_from(Criticality),
)


def visits(rate_per_day: float, every_s: float, count: int, seed: int = 1) -> list[Visit]:
    chance = random.Random(seed)
    share = 1 - math.exp(-rate_per_day * every_s / DAY)
    return [Visit(every_s, chance.random() < share) for _ in range(count)]


@given(HISTORIES, BOTH)
def test_the_interval_stays_within_the_bounds_and_gives_a_reason(history: History, bounds: Bounds) -> None:
    decision = adapt(history, bounds)
    assert bounds.shortest_s <= decision.interval_s <= bounds.longest_s
    assert decision.changed is (decision.interval_s != history.current_s)
    assert decision.changes_per_day > 0
    assert decision.reason.endswith(".")


@given(VISITS, BOTH)
def test_a_scan_that_found_a_change_never_makes_the_source_seem_quieter(
    visits: list[Visit], bounds: Bounds
) -> None:
    if not visits:
        return
    with_change = change_rate([*visits[:-1], replace(visits[-1], changed=True)], bounds)
    without = change_rate([*visits[:-1], replace(visits[-1], changed=False)], bounds)
    assert with_change >= without


@given(HISTORIES, BOTH)
def test_more_use_or_criticality_never_lengthens_the_interval(history: History, bounds: Bounds) -> None:
    fresh = replace(history, current_s=None)
    assert (
        adapt(replace(fresh, criticality=Criticality.CRITICAL), bounds).interval_s
        <= adapt(replace(fresh, criticality=Criticality.LOW), bounds).interval_s
    )
    assert (
        adapt(replace(fresh, reads_per_day=1000.0), bounds).interval_s
        <= adapt(replace(fresh, reads_per_day=1.0), bounds).interval_s
    )


@given(HISTORIES, BOTH)
def test_one_decision_moves_the_interval_by_no_more_than_a_step(history: History, bounds: Bounds) -> None:
    if history.current_s is None or not bounds.shortest_s <= history.current_s <= bounds.longest_s:
        return
    chosen = adapt(history, bounds).interval_s
    half_a_minute = 30.0  # intervals are whole minutes
    assert history.current_s / STEP - half_a_minute <= chosen <= history.current_s * STEP + half_a_minute


@pytest.mark.parametrize("rate", [0.2, 1.0, 4.0])
def test_the_rate_of_change_is_found_although_a_scan_only_tells_whether_there_was_any(rate: float) -> None:
    found = [change_rate(visits(rate, DAY / rate, 200, seed), BOUNDS) * DAY for seed in range(20)]
    assert rate / 1.3 < math.exp(sum(map(math.log, found)) / len(found)) < rate * 1.3


def test_a_source_that_always_changed_or_never_did_keeps_a_finite_rate() -> None:
    always, never = (change_rate([Visit(DAY, what)] * 80, BOUNDS) * DAY for what in (True, False))
    assert 2 < always < 20
    assert 0 < never < 0.1


def test_an_unknown_source_gets_the_middle_of_the_bounds() -> None:
    decision = adapt(History(), Bounds(HOUR, 16 * HOUR))
    assert decision.interval_s == 4 * HOUR
    assert decision.reason.startswith("There were no scans yet")


def test_the_reason_has_the_numbers_in_plain_words() -> None:
    busy = [Visit(6 * HOUR, changed=True)] * 9 + [Visit(6 * HOUR, changed=False)] * 3
    decision = adapt(History(busy, 6 * HOUR, 40.0, Criticality.HIGH), BOUNDS)
    assert decision.reason.startswith("9 of the last 12 scans found a change: about ")
    assert "high criticality, 40 reads a day" in decision.reason
    assert f"from 6 h to {spoken(decision.interval_s)}" in decision.reason
    assert decision.interval_s < 6 * HOUR
    quiet = adapt(History([Visit(7 * DAY, changed=False)] * 60, 7 * DAY), Bounds(HOUR, 7 * DAY))
    assert not quiet.changed
    assert "7 days is close enough to stay" in quiet.reason
    moved = adapt(History((), 60 * DAY), BOUNDS)
    assert "outside the bounds" in moved.reason
    assert moved.interval_s == 7 * DAY


def _intervals(rates: list[float], seed: int) -> list[float]:
    """The interval after each scan of a source whose rate per day follows ``rates``."""
    chance = random.Random(seed)
    seen: list[Visit] = []
    current: float | None = None
    found = []
    for rate in rates:
        current = adapt(History(seen, current), BOUNDS).interval_s
        found.append(current)
        seen.append(Visit(current, chance.random() < 1 - math.exp(-rate * current / DAY)))
    return found


def test_the_interval_of_a_steady_source_does_not_flap() -> None:
    for seed in range(10):
        found = _intervals([2.0] * 300, seed)
        moves = [(a, b) for a, b in pairwise(found[20:]) if a != b]
        assert len(moves) <= 12, f"{len(moves)} moves in 280 scans"
        assert max(found[20:]) <= 4 * min(found[20:])


def test_a_source_that_changes_its_ways_is_followed() -> None:
    found = _intervals([0.2] * 100 + [20.0] * 60, seed=3)
    assert found[99] > 4 * found[-1]
    back = _intervals([20.0] * 100 + [0.2] * 60, seed=3)
    assert back[-1] > 4 * back[99]


def test_adapted_intervals_need_fewer_scans_than_fixed_ones_at_the_same_freshness() -> None:
    made = sources(30, 90.0, seed=7)
    ours = adaptive(made, 90.0)
    _, same = fixed_as_fresh(made, 90.0, ours.staleness_s)
    assert same.staleness_s == pytest.approx(ours.staleness_s, rel=0.05)
    assert ours.scans < 0.75 * same.scans


def test_bounds_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(InvalidInput):
        Bounds(DAY, HOUR)
    with pytest.raises(InvalidInput):
        Bounds(math.nan, HOUR)
