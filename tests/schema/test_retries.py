from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from schema.domain.failures import Failure, FailureKind
from schema.domain.retries import (
    LONGEST_RETRY_AFTER_S,
    Breaker,
    BreakerRules,
    Circuit,
    after_failure,
    after_success,
    circuit,
    is_retried,
    next_wait,
    wait_before,
)
from schema.domain.workflows import Retry

NOW = datetime(2025, 5, 5, tzinfo=UTC)
RETRIES = st.builds(Retry, st.integers(1, 50), st.floats(0, 1e6), st.floats(1, 10), st.floats(0, 1e6))


@given(RETRIES, st.integers(1, 10_000), st.text(max_size=5), st.sampled_from(FailureKind))
def test_a_wait_is_within_its_bound_and_the_same_again(
    retry: Retry, attempt: int, seed: str, kind: FailureKind
) -> None:
    wait = wait_before(retry, attempt, seed=seed, kind=kind)
    assert 0 <= wait <= retry.longest_s
    assert wait == wait_before(retry, attempt, seed=seed, kind=kind)


def test_waits_grow_and_are_spread_over_all_of_their_bound() -> None:
    retry = Retry(tries=6, first_s=10, factor=2, longest_s=60)
    for attempt, bound in ((2, 10), (3, 20), (4, 40), (5, 60), (6, 60)):
        waits = sorted(wait_before(retry, attempt, seed=f"run-{n}") for n in range(400))
        assert waits[0] < 0.05 * bound
        assert 0.95 * bound < waits[-1] <= bound
        assert 0.4 * bound < sum(waits) / len(waits) < 0.6 * bound


def test_a_throttled_try_waits_longer_and_as_long_as_the_source_asks() -> None:
    retry = Retry(first_s=10, longest_s=300)
    seeds = [f"run-{n}" for n in range(50)]
    waits = [wait_before(retry, 2, seed=seed, kind=FailureKind.THROTTLED) for seed in seeds]
    assert min(waits) >= 20
    assert max(waits) <= 40
    asked = [
        wait_before(retry, 2, seed=seed, kind=FailureKind.THROTTLED, retry_after_s=900) for seed in seeds
    ]
    assert min(asked) >= 900
    assert len(set(asked)) == len(seeds)
    assert wait_before(retry, 2, seed="a", retry_after_s=1e9) < 1.01 * LONGEST_RETRY_AFTER_S


@pytest.mark.parametrize("kind", FailureKind)
def test_only_what_may_end_otherwise_is_tried_again(kind: FailureKind) -> None:
    assert is_retried(Failure(kind, True, 1.0)) is (kind in (FailureKind.TRANSIENT, FailureKind.THROTTLED))
    assert is_retried(Failure(kind, False, 0.3))


def test_there_are_no_more_tries_than_the_stage_has() -> None:
    failure = Failure(FailureKind.TRANSIENT, True, 1.0)
    waits = [next_wait(Retry(tries=3), failure, tried, seed="a") for tried in (1, 2, 3)]
    assert [wait is None for wait in waits] == [False, False, True]
    assert next_wait(Retry(tries=3), Failure(FailureKind.BUG, True, 1.0), 1, seed="a") is None


def test_a_source_that_fails_in_a_row_rests_and_twice_as_long_where_it_is_tried_out_in_vain() -> None:
    rules = BreakerRules(threshold=3, first_s=60)
    breaker = Breaker()
    for _ in range(3):
        assert circuit(breaker, NOW) is Circuit.CLOSED
        breaker = after_failure(breaker, NOW, FailureKind.TRANSIENT, rules)
    assert circuit(breaker, NOW) is Circuit.OPEN
    assert circuit(breaker, NOW + timedelta(seconds=59)) is Circuit.OPEN
    later = NOW + timedelta(seconds=60)
    assert circuit(breaker, later) is Circuit.HALF_OPEN
    again = after_failure(breaker, later, FailureKind.TRANSIENT, rules)
    assert again.open_until == later + timedelta(seconds=120)
    assert after_success(again) == Breaker()


def test_wrong_credentials_open_the_circuit_at_once_and_a_bug_never_does() -> None:
    assert circuit(after_failure(Breaker(), NOW, FailureKind.CREDENTIALS), NOW) is Circuit.OPEN
    breaker = Breaker()
    for _ in range(100):
        breaker = after_failure(breaker, NOW, FailureKind.BUG)
    assert breaker == Breaker()


class BreakerMachine(RuleBasedStateMachine):
    """Runs begin where the breaker allows it, end in some way, and time passes."""

    limits = BreakerRules(threshold=3, first_s=10, longest_s=100)

    def __init__(self) -> None:
        super().__init__()
        self.now, self.breaker, self.running = NOW, Breaker(), 0

    @rule(seconds=st.integers(1, 60))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: circuit(self.breaker, self.now) is not Circuit.OPEN)
    @rule()
    def a_run_begins(self) -> None:
        self.running += 1

    @precondition(lambda self: self.running)
    @rule(kind=st.sampled_from(FailureKind))
    def a_run_fails(self, kind: FailureKind) -> None:
        self.running -= 1
        self.breaker = after_failure(self.breaker, self.now, kind, self.limits)

    @precondition(lambda self: self.running)
    @rule()
    def a_run_succeeds(self) -> None:
        self.running -= 1
        self.breaker = after_success(self.breaker)
        assert circuit(self.breaker, self.now) is Circuit.CLOSED

    @invariant()
    def it_never_rests_longer_than_it_may(self) -> None:
        if self.breaker.open_until is not None:
            assert (self.breaker.open_until - self.now).total_seconds() <= self.limits.longest_s
        latest = self.now + timedelta(seconds=self.limits.longest_s)
        assert circuit(self.breaker, latest) is not Circuit.OPEN

    @invariant()
    def it_is_open_after_as_many_failures_in_a_row(self) -> None:
        closed = circuit(self.breaker, self.now) is Circuit.CLOSED
        assert not closed or self.breaker.failures < self.limits.threshold


TestBreaker = BreakerMachine.TestCase
