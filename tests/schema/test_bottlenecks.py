from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schema.domain.bottlenecks import LEAST_S, Cause, Timing, bottlenecks


def timing(
    stage: str = "examine",
    source: str = "shop",
    worker: str = "w1",
    *,
    queued: float = 0,
    slot: float = 0,
    work: float = 0,
    slots: int = 1,
) -> Timing:
    return Timing(source, stage, worker, queued, slot, work, slots)


def test_waiting_for_connections_names_the_source_the_share_and_how_many_to_allow() -> None:
    found = bottlenecks([timing(slot=71, work=29, slots=2)] * 4, workers=4)[0]
    assert found.cause is Cause.CONNECTIONS
    assert (found.source, found.stage, found.lost_s) == ("shop", "examine", 284)
    assert found.evidence == "examine of source shop waited 71% of its time for 2 of 2 connections"
    assert found.recommendation.startswith("Raise the connections of source shop to 4")


def test_waiting_for_the_limit_of_requests_names_the_source_and_the_limit() -> None:
    limited = Timing("lake", "discover", "w1", 0, 0, 20, limited_s=80, per_minute=600)
    found = bottlenecks([limited], workers=1)[0]
    assert (found.cause, found.source, found.stage, found.lost_s) == (Cause.REQUESTS, "lake", "discover", 80)
    assert found.evidence == "discover of source lake waited 80% of its time for its 600 requests per minute"
    assert found.recommendation.startswith("Raise requestsPerMinute of source lake")
    assert bottlenecks([timing(work=100)], workers=1) == []


def test_waiting_for_workers_names_the_stage_and_who_waited_most() -> None:
    rows = [timing(queued=60, work=40, source="shop")] * 3 + [timing(queued=20, work=10, source="crm")] * 3
    found = bottlenecks(rows, workers=2)[0]
    assert found.cause is Cause.WORKERS
    assert found.evidence == (
        "examine waited 62% of its time for one of 2 workers, most of it for source shop (75%)"
    )
    assert found.recommendation.startswith("Run 4 workers")


def test_a_slow_worker_is_told_from_one_that_has_hard_work() -> None:
    hard = [timing(source="lake", worker="w3", work=500)] * 4 + [
        timing(source="lake", worker="w1", work=480)
    ] * 2
    slow = [timing(worker="w1", work=20)] * 4 + [timing(worker="w2", work=70)] * 4
    found = [each for each in bottlenecks(hard + slow, workers=3) if each.cause is Cause.SLOW_WORKER]
    assert [each.worker for each in found] == ["w2"]
    assert "3.5 times as long" in found[0].evidence
    assert found[0].lost_s == 200


def test_a_stage_that_is_most_of_the_work_is_cut_or_run_in_parallel() -> None:
    one = bottlenecks([timing("discover", work=10), timing("examine", work=300)], workers=4)
    assert (one[0].cause, one[0].stage) == (Cause.WORK, "examine")
    assert "for_each" in one[0].recommendation
    many = bottlenecks([timing("discover", work=10), *[timing("examine", work=30)] * 10], workers=4)
    assert "parallel" in many[0].recommendation


def test_runs_that_are_not_held_up_give_nothing() -> None:
    assert bottlenecks([], workers=1) == []
    even = [timing(stage, queued=1, slot=1, work=20) for stage in ("discover", "examine", "publish")] * 3
    assert bottlenecks(even, workers=2) == []


SECONDS = st.floats(0, 1e5)
TIMINGS = st.lists(
    st.builds(
        Timing,
        source=st.sampled_from("ab"),
        stage=st.sampled_from(["discover", "examine"]),
        worker=st.sampled_from(["w1", "w2"]),
        queued_s=SECONDS,
        slot_s=SECONDS,
        work_s=SECONDS,
        slots=st.integers(1, 8),
    ),
    max_size=20,
)


@given(TIMINGS, st.integers(1, 50))
def test_what_is_found_is_ordered_by_cost_and_never_costs_more_than_there_was(
    rows: list[Timing], workers: int
) -> None:
    found = bottlenecks(rows, workers=workers)
    costs = [each.lost_s for each in found]
    assert costs == sorted(costs, reverse=True)
    assert all(LEAST_S <= cost <= sum(row.whole_s for row in rows) * 1.000001 for cost in costs)
    assert all(each.evidence and each.recommendation.endswith(".") for each in found)
