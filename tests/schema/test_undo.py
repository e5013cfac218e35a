"""What can be taken back of a run: work of people and later runs stays, all else goes back to what it was."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schema.domain.undo import SAID, Action, Aspect, Change, Outcome, Reason, Tally, plan, settle_containers

GOVERNED = (*SAID, "description", "domain")
VALUES = st.sampled_from([None, "a", "b", "c"])
STATES = st.fixed_dictionaries(
    {name: VALUES for name in GOVERNED if name != "status"} | {"status": st.sampled_from(["ACTIVE", "STALE"])}
)
FLAGS = st.booleans()


def asset(
    was: dict[str, Any] | None, left: dict[str, Any], now: dict[str, Any], **extra: Any
) -> dict[str, Any]:
    about = {"urn": "column:x", "kind": "COLUMN", "parent": "dataset:x", "recorded_run": None, "at": ""}
    flags = {"worked_on": False, "needed": False, "active": 0, "seen": True}
    return {"key": "column:x", "asset": about, "was": was, "left": left, "now": now, **flags, **extra}


def planned(*states: Any, **extra: Any) -> Change:
    return plan(Aspect.ASSET, "run", asset(*states, **extra))


@given(STATES, STATES, STATES)
def test_an_asset_gets_back_what_nothing_changed_since_and_keeps_the_rest(
    was: dict[str, Any], left: dict[str, Any], now: dict[str, Any]
) -> None:
    change = planned(was, left, now)
    after = now | change.restore

    for name in GOVERNED:
        by_the_run = was[name] != left[name] and name in SAID
        since = now[name] != left[name]
        assert after[name] == (was[name] if by_the_run and not since else now[name])
        assert (name in change.clashes) == (by_the_run and since and now[name] != was[name])
    assert change.left_alone == bool(change.clashes)


@given(STATES, STATES, STATES)
def test_what_was_taken_back_is_found_taken_back(
    was: dict[str, Any], left: dict[str, Any], now: dict[str, Any]
) -> None:
    after = now | planned(was, left, now).restore

    assert planned(was, left, after).outcome is not Outcome.UNDO


@given(STATES, STATES, FLAGS, FLAGS)
def test_an_asset_that_a_run_made_goes_unless_somebody_made_something_of_it(
    left: dict[str, Any], now: dict[str, Any], worked_on: bool, needed: bool
) -> None:
    change = planned(None, left, now, worked_on=worked_on, needed=needed)
    same = all(left[name] == now[name] for name in (*SAID, "description"))

    if now["status"] == "STALE":
        assert change.outcome is Outcome.NOTHING
    elif same and not worked_on and not needed:
        assert (change.outcome, change.restore) == (Outcome.UNDO, {"status": "STALE"})
    else:
        assert (change.outcome, dict(change.restore)) == (Outcome.CONFLICT, {})
        assert not worked_on or change.reason is Reason.PERSON


DECIDERS = st.sampled_from([None, "person:ada"])
RUNS = st.sampled_from(["run", "later", "undo:run", None])


@given(st.sampled_from(["MADE", "WITHDRAWN", "CHANGED"]), st.booleans(), DECIDERS, RUNS, RUNS)
def test_a_verdict_that_a_person_decided_is_never_withdrawn_nor_given(
    action: str, there: bool, by: str | None, recorded: str | None, evidence: str | None
) -> None:
    now = {"decided_by": by, "recorded_run": recorded, "evidence_run": evidence} if there else None
    row = {
        "key": "k",
        "action": action,
        "urn": "column:x",
        "classification": "EMAIL",
        "now": now,
        "seen": True,
    }
    change = plan(Aspect.VERDICT, "run", row)

    if by and there and action != "CHANGED":
        assert change.outcome in (Outcome.CONFLICT, Outcome.NOTHING)
    if action == "WITHDRAWN":
        assert (change.outcome is Outcome.UNDO) == (not there)


@given(st.sampled_from(["MADE", "CLOSED"]), st.lists(st.sampled_from(["run", "later", "undo:run", ""])))
def test_an_edge_is_closed_where_it_is_the_runs_and_made_again_where_there_is_none(
    action: str, opened: list[str]
) -> None:
    row = {"key": "k", "action": action, "up": "u", "down": "d", "open": opened, "seen": True}
    change = plan(Aspect.EDGE, "run", row)

    assert (change.outcome is Outcome.UNDO) == ("run" in opened if action == "MADE" else not opened)
    assert change.outcome is not Outcome.CONFLICT or change.reason is Reason.LATER_RUN


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=6), st.integers(0, 2))
def test_a_container_goes_when_nothing_in_it_stays(schemas: list[tuple[int, int]], others: int) -> None:
    """Schemas of (datasets that go, datasets that stay) in a database that also holds ``others``."""
    state = dict.fromkeys(GOVERNED) | {"status": "ACTIVE"}

    def container(urn: str, kind: str, parent: str, active: int) -> Change:
        about = {"urn": urn, "kind": kind, "parent": parent, "recorded_run": "run", "at": ""}
        return plan(Aspect.ASSET, "run", asset(None, state, state, key=urn, active=active) | {"asset": about})

    found = [container("db", "DATABASE", "source", len(schemas) + others)]
    found += [container(f"s{n}", "SCHEMA", "db", sum(some)) for n, some in enumerate(schemas)]
    settled = settle_containers(found, {f"s{n}": going for n, (going, _) in enumerate(schemas)})

    goes = {change.urn: change.outcome is Outcome.UNDO for change in settled}
    stays = [staying > 0 for _, staying in schemas]
    assert goes == {f"s{n}": not each for n, each in enumerate(stays)} | {"db": not any(stays) and not others}
    assert all(change.reason is Reason.HOLDS_OTHERS for change in settled if change.left_alone)


def test_a_tally_counts_all_and_lists_no_more_conflicts_than_it_may() -> None:
    tally = Tally(most=2)
    for n in range(5):
        tally.add(Change(Aspect.EDGE, Action.CLOSED, str(n), "d", Outcome.CONFLICT, Reason.LATER_RUN))

    assert tally.number(Outcome.CONFLICT) == 5
    assert [each.key for each in tally.conflicts] == ["0", "1"]
