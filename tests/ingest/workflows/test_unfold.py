"""Workflows within workflows: unfolded when a run is made, with what conditions see inside and outside of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.orchestration.rules import RULES, spec_of, workflow_of
from ingest.workflows.library import read_workflow, standard, standards
from ingest.workflows.unfold import DEEPEST, given_inputs, unfold
from schema.domain.orchestration import UNDO, StageState, StageStatus, Step, advance, begin
from schema.domain.scans import FINAL, RunState
from schema.domain.workflows import Workflow
from schema.errors import BadWorkflow, InvalidInput

INNER = """\
workflow: inner
inputs: {most: 10}
stages:
  count: {uses: check, with: {that: "true"}}
  few:
    uses: check
    after: [count]
    if: stages.count.rows > inputs.most
    with: {that: "true"}
"""
OUTER = """\
workflow: outer
inputs: {most: 3, wanted: true}
stages:
  first: {uses: check, with: {that: "true"}}
  part:
    workflow: inner
    after: [first]
    if: inputs.wanted && stages.first.rows >= 0
    with: {most: "{inputs.most}"}
    compensate: {uses: notify, with: {text: "{stages.part.count.rows} rows"}}
  last:
    uses: check
    after: [part]
    if: stages.part.count.rows > 0
    with: {that: "true"}
"""
OTHERS = {"inner": read_workflow(INNER, {})}
FACTS: dict[str, Any] = {"run": {}, "source": {}, "inputs": {"most": 3, "wanted": True}}


def outer(**inputs: Any) -> Workflow:
    found = read_workflow(OUTER, OTHERS)
    return unfold(found, OTHERS, given_inputs(found, inputs))


def followed(
    workflow: Workflow, facts: dict[str, Any], rows: int, failing: str = ""
) -> tuple[Step, list[str]]:
    """The run to its end, each task finding ``rows``; the names of its tasks in the order they were made."""
    step, made = Step(RunState.QUEUED, begin(workflow)), []
    while True:
        step = advance(workflow, step.run, step.stages, facts, RULES)
        if step.run in FINAL:
            return step, made
        assert step.tasks
        for name, _ in step.tasks:
            made.append(name)
            status = step.stages[name]
            ended = (
                replace(status, failed=1)
                if name == failing
                else replace(status, done=1, facts={"rows": rows})
            )
            step = replace(step, stages={**step.stages, name: ended})


def test_the_stages_of_a_workflow_within_stand_in_the_place_of_the_stage_that_runs_it() -> None:
    workflow = outer()

    step, made = followed(workflow, FACTS, rows=5)

    assert made == ["first", "part.count", "part.few", "last"]
    assert step.run is RunState.SUCCEEDED
    assert step.stages["part"].state is StageState.SUCCEEDED
    assert workflow_of(spec_of(workflow)["spec"]).stages == workflow.stages


def test_conditions_within_see_their_own_inputs_and_stages() -> None:
    _, made = followed(outer(most=7), FACTS, rows=5)

    assert made == ["first", "part.count", "last"]


def test_a_condition_that_does_not_hold_skips_all_within() -> None:
    workflow = read_workflow(OUTER.replace("    if: stages.part.count.rows > 0\n", ""), OTHERS)
    whole = unfold(workflow, OTHERS, given_inputs(workflow, {}))

    step, made = followed(whole, FACTS | {"inputs": {"most": 3, "wanted": False}}, rows=5)

    assert made == ["first", "last"]
    assert "the condition of part does not hold" in step.stages["part.count"].reason


def test_what_a_workflow_within_did_is_taken_back_as_one_where_the_run_fails_later() -> None:
    _, late = followed(outer(), FACTS, rows=5, failing="last")
    _, half_way = followed(outer(), FACTS, rows=5, failing="part.few")
    _, never = followed(outer(), FACTS, rows=5, failing="part.count")

    assert late[-1] == half_way[-1] == UNDO + "part"
    assert never == ["first", "part.count"]


@given(st.integers(0, 20), st.integers(0, 20))
def test_a_run_that_follows_an_unfolded_workflow_always_ends(rows: int, most: int) -> None:
    for failing in ("", "first", "part.count", "part.few", "last"):
        step, _ = followed(outer(most=most), FACTS, rows=rows, failing=failing)
        assert all(isinstance(status, StageStatus) for status in step.stages.values())


def test_workflows_that_run_each_other_in_a_circle_are_refused() -> None:
    other = "workflow: a\nstages: {s: {workflow: b}}"
    first = read_workflow(other, {"b": replace(standard(), name="b")})
    with pytest.raises(BadWorkflow) as failed:
        read_workflow("workflow: b\nstages: {s: {workflow: a}}", {"a": first, **standards()})

    assert "b runs a runs b" in failed.value.message
    assert (failed.value.line, failed.value.column) == (2, 14)


def test_workflows_that_are_too_deep_within_each_other_are_refused() -> None:
    others = dict(standards())
    for n in range(DEEPEST):
        inside = "scan" if n == 0 else f"w{n - 1}"
        others[f"w{n}"] = read_workflow(f"workflow: w{n}\nstages: {{s: {{workflow: {inside}}}}}", others)
    with pytest.raises(BadWorkflow, match="deep"):
        read_workflow("workflow: top\nstages: {s: {workflow: w4}}", others)


def test_a_workflow_that_is_missing_when_a_run_begins_is_named() -> None:
    with pytest.raises(BadWorkflow, match="'inner'"):
        unfold(read_workflow(OUTER, OTHERS), {}, {"most": 1, "wanted": True})


@pytest.mark.parametrize(
    ("given", "field"), [({"mst": 1}, "mst"), ({"most": "many"}, "most"), ({"wanted": 1}, "wanted")]
)
def test_a_wrong_input_is_named_and_its_value_is_not_repeated(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as failed:
        given_inputs(read_workflow(OUTER, OTHERS), given)

    assert failed.value.path == ("inputs", field)
    assert "many" not in failed.value.message
    assert failed.value.remedy


SCAN = """\
workflow: mine
inputs: {most: 10}
stages:
  scan: {workflow: scan, compensate: undo}
  tell:
    uses: notify
    after: [scan]
    with: {text: "{stages.scan.discover.changed} changed", severity: INFO}
"""


@pytest.mark.parametrize(
    ("find", "replace", "field", "remedy"),
    [
        ("workflow: mine", "workflow: scan", "workflow", "name of your own"),
        ("workflow: scan,", "workflow: scan, for_each: 3,", "stages.scan.for_each", "in several stages"),
        ("workflow: scan,", "workflow: scan, timeout: 5m,", "stages.scan.timeout", "of the workflow"),
        ("workflow: scan,", "workflow: scan, with: {a: 1},", "stages.scan.with.a", "Inputs: none"),
        ("workflow: scan,", "workflow: scan, with: {a: '{inputs.b}'},", "stages.scan.with.a", "Inputs: most"),
        ("compensate: undo", "compensate: publish", "stages.scan.compensate", "notify or undo"),
        ("compensate: undo", "compensate: {uses: undo, wiht: {}}", "stages.scan.compensate.wiht", "with"),
        ("uses: notify", "uses: undo", "stages.tell.uses", "compensate of a stage"),
        ("severity: INFO", "severity: LOUD", "stages.tell.with.severity", "text, severity"),
        ("severity: INFO", "to: me", "stages.tell.with.to", "text, severity"),
        ("discover.changed", "discvr.changed", "stages.tell.with", "discover"),
        ("{stages.scan", "{stages.tell", "stages.tell.with", "scan"),
        ("{stages.scan.discover.changed}", "{inputs.mst}", "stages.tell.with", "most"),
        ("{stages.scan.discover.changed}", "{stages.scan", "stages.tell.with.text", ""),
        (
            "    after: [scan]\n",
            "    after: [scan]\n    for_each: '3'\n",
            "stages.tell.for_each",
            "Leave it out",
        ),
        ("uses: notify", "uses: publish", "stages.tell.for_each", "stages.discover.batches"),
        ("uses: notify\n", "uses: discover\n", "stages.tell.with.text", "Arguments of discover: none"),
    ],
)
def test_what_a_workflow_gets_wrong_of_actions_and_workflows_has_field_place_and_remedy(
    find: str, replace: str, field: str, remedy: str
) -> None:
    assert SCAN.count(find) == 1
    with pytest.raises(BadWorkflow) as failed:
        read_workflow(SCAN.replace(find, replace), standards())

    told = [each for each in (failed.value, *failed.value.others) if f": {field} " in each.message]
    assert told, [each.message for each in (failed.value, *failed.value.others)]
    assert remedy in told[0].remedy
    assert told[0].line > 1 or field == "workflow"


def test_a_run_discovers_once_and_what_works_on_that_comes_after_it() -> None:
    twice = SCAN + "  again: {workflow: scan, after: [tell]}\n"
    early = "workflow: mine\nstages: {read: {uses: lineage}}"
    for text, why in ((twice, "a run does that once"), (early, "no stage before it discovers")):
        with pytest.raises(BadWorkflow, match=why):
            read_workflow(text, standards())
