"""Random workflows, random fates of their tasks: what must hold whatever happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.orchestration import (
    OVER,
    UNDO,
    Rules,
    StageState,
    StageStatus,
    Step,
    advance,
    begin,
    merged_facts,
)
from schema.domain.scans import FINAL, RunState
from schema.domain.workflows import OnFailure, Stage, Workflow
from schema.errors import InvalidInput


def holds(stage: Stage, facts: Mapping[str, Any]) -> bool:
    return stage.condition != "false"


def count(stage: Stage, facts: Mapping[str, Any]) -> int:
    return int(stage.for_each)


RULES = Rules(holds, count)


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    stages: list[Stage] = []
    for n in range(draw(st.integers(1, 7))):
        names = [stage.name for stage in stages]
        stages.append(
            Stage(
                f"s{n}",
                "act",
                after=tuple(draw(st.lists(st.sampled_from(names), unique=True))) if names else (),
                condition=draw(st.sampled_from(["", "", "true", "false"])),
                for_each=draw(st.sampled_from(["", "0", "1", "3", "8"])),
                parallel=draw(st.integers(1, 4)),
                on_failure=draw(st.sampled_from(OnFailure)),
                compensate=draw(st.sampled_from(["", "", "undo"])),
            )
        )
    return Workflow("random", tuple(stages))


class Simulation:
    """A run whose tasks end in a drawn order with drawn results, cancelled after a drawn number of them."""

    def __init__(self, workflow: Workflow, data: st.DataObject, cancel_after: int | None = None) -> None:
        self.workflow, self.data, self.cancel_after = workflow, data, cancel_after
        self.flight: list[tuple[str, int]] = []
        self.made: list[tuple[str, int]] = []
        self.begun: dict[str, Mapping[str, StageStatus]] = {}
        self.step = Step(RunState.QUEUED, begin(workflow))
        self._settle()

    def _settle(self) -> None:
        before = self.step
        self.step = advance(self.workflow, before.run, before.stages, {}, RULES)
        assert not set(self.step.tasks) & set(self.made)  # nothing is done twice
        self.made += self.step.tasks
        self.flight += self.step.tasks
        for name, status in self.step.stages.items():
            old = before.stages.get(name, StageStatus())
            if old.state in OVER:
                assert status == old  # what is over stays as it is
            if old.state is StageState.BLOCKED and status.state is StageState.RUNNING:
                self.begun[name] = self.step.stages
        again = advance(self.workflow, self.step.run, self.step.stages, {}, RULES)
        assert (again.run, again.stages, again.tasks) == (self.step.run, self.step.stages, ())

    def run(self) -> None:
        for ended in range(500):
            if self.step.run in FINAL:
                return
            if ended == self.cancel_after:
                self.step = replace(self.step, run=RunState.CANCELLING)
                self._settle()
                continue
            assert self.flight, "nothing is in flight and the run does not end"
            stage, _ = self.flight.pop(self.data.draw(st.integers(0, len(self.flight) - 1)))
            status = self.step.stages[stage]
            failed = self.data.draw(st.integers(0, 9)) == 0
            status = (
                replace(status, failed=status.failed + 1) if failed else replace(status, done=status.done + 1)
            )
            self.step = replace(self.step, stages={**self.step.stages, stage: status})
            self._settle()
            for name in {name for name, _ in self.flight}:
                parallel = 1 if name.startswith(UNDO) else self.workflow.stage(name).parallel
                assert sum(1 for other, _ in self.flight if other == name) <= parallel
        raise AssertionError("the run does not end")


@given(workflows(), st.data())
def test_every_run_ends_in_the_state_that_its_stages_say(workflow: Workflow, data: st.DataObject) -> None:
    simulation = Simulation(workflow, data)

    simulation.run()

    stages = simulation.step.stages
    fatal = [s for s in workflow.stages if s.on_failure is OnFailure.FAIL and stages[s.name].failed]
    assert simulation.step.run is (RunState.FAILED if fatal else RunState.SUCCEEDED)
    assert all(status.state in OVER for status in stages.values())
    assert not simulation.flight
    for name, then in simulation.begun.items():
        if not name.startswith(UNDO):
            assert all(then[before].state in OVER for before in workflow.before(name))
    if not fatal:
        for stage in workflow.stages:
            status = stages[stage.name]
            expected = 0 if stage.condition == "false" else int(stage.for_each or 1)
            assert status.done + status.failed == expected
            assert (status.state is StageState.SKIPPED) == (stage.condition == "false")


@given(workflows(), st.data())
def test_what_was_done_is_taken_back_last_stage_first_where_a_run_fails(
    workflow: Workflow, data: st.DataObject
) -> None:
    simulation = Simulation(workflow, data)

    simulation.run()

    undone = [name.removeprefix(UNDO) for name, _ in simulation.made if name.startswith(UNDO)]
    done = [s.name for s in workflow.stages if s.compensate and simulation.step.stages[s.name].done]
    assert undone == (done[::-1] if simulation.step.run is RunState.FAILED else [])


@given(workflows(), st.data(), st.integers(0, 6))
def test_what_was_done_is_taken_back_last_stage_first_where_a_run_is_cancelled(
    workflow: Workflow, data: st.DataObject, after: int
) -> None:
    simulation = Simulation(workflow, data, cancel_after=after)

    simulation.run()

    undone = [name.removeprefix(UNDO) for name, _ in simulation.made if name.startswith(UNDO)]
    done = [s.name for s in workflow.stages if s.compensate and simulation.step.stages[s.name].done]
    assert undone == ([] if simulation.step.run is RunState.SUCCEEDED else done[::-1])


@given(workflows(), st.data(), st.integers(0, 6))
def test_a_cancelled_run_begins_nothing_more_and_ends_when_nothing_is_in_flight(
    workflow: Workflow, data: st.DataObject, after: int
) -> None:
    simulation = Simulation(workflow, data, cancel_after=after)

    simulation.run()

    assert simulation.step.run in FINAL
    assert all(status.state in OVER for status in simulation.step.stages.values())


def test_a_paused_run_stays_as_it_is() -> None:
    workflow = Workflow("two", (Stage("a", "act"), Stage("b", "act", after=("a",))))
    stages = {"a": StageStatus(StageState.RUNNING, 1, 1, 1), "b": StageStatus()}

    paused = advance(workflow, RunState.PAUSED, stages, {}, RULES)
    resumed = advance(workflow, RunState.RUNNING, stages, {}, RULES)

    assert (paused.run, paused.stages, paused.tasks) == (RunState.PAUSED, stages, ())
    assert resumed.tasks == (("b", 0),)


def test_a_condition_that_cannot_be_answered_fails_its_stage_and_says_why() -> None:
    def broken(stage: Stage, facts: Mapping[str, Any]) -> bool:
        raise InvalidInput("There is no fact stages.discover.rows.", path=("if",), remedy="")

    workflow = Workflow("one", (Stage("a", "act", condition="stages.discover.rows > 1"),))

    step = advance(workflow, RunState.QUEUED, begin(workflow), {}, Rules(broken, count))

    assert step.run is RunState.FAILED
    assert "There is no fact stages.discover.rows." in step.error


@pytest.mark.parametrize(
    ("before", "more", "merged"),
    [
        ({}, {"rows": 3, "complete": True}, {"rows": 3, "complete": True}),
        ({"rows": 3, "complete": True}, {"rows": 4, "complete": False}, {"rows": 7, "complete": False}),
        ({"complete": False}, {"complete": True}, {"complete": False}),
        ({"mark": "a"}, {"mark": "b"}, {"mark": "b"}),
    ],
)
def test_facts_of_batches_add_up(
    before: dict[str, Any], more: dict[str, Any], merged: dict[str, Any]
) -> None:
    assert merged_facts(before, more) == merged
