"""Sub-workflows put in the place of the stages that run them, when a run is made: what it then follows is one workflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ingest.orchestration.actions import ACTIONS, DISCOVER
from ingest.workflows.order import in_order
from ingest.workflows.shape import MOST_STAGES
from schema.domain.workflows import Inside, Stage, Workflow
from schema.errors import BadWorkflow, InvalidInput

DEEPEST = 5  # workflows within workflows
LONGEST_INPUT = 1_000
_PASSED = "inputs."


def unfold(workflow: Workflow, others: Mapping[str, Workflow], inputs: Mapping[str, Any] | None) -> Workflow:
    """``workflow`` with the stages of all it runs, out of ``others``; the digest is that of the text where it runs none.

    ``inputs`` are those of the run, None where only the shape is asked for. Raises ``BadWorkflow`` where a workflow is missing, runs
    itself, is too deep or has too many stages.
    """
    if not any(stage.workflow for stage in workflow.stages):
        _check_discovery(workflow)
        return workflow
    stages: list[Stage] = []
    for stage in _unfolded(workflow, others, "", None, (), (workflow.name,), inputs):
        stages.append(stage)
        if len(stages) > MOST_STAGES:
            raise _bad(
                (),
                f"It has more than {MOST_STAGES} stages with those of its workflows.",
                "Split it into two.",
            )
    whole = replace(workflow, stages=tuple(in_order(stages)), digest="")
    _check_discovery(whole)
    return whole


def _unfolded(
    workflow: Workflow,
    others: Mapping[str, Workflow],
    prefix: str,
    inside: Inside | None,
    after: tuple[str, ...],
    path: tuple[str, ...],
    inputs: Mapping[str, Any] | None,
) -> Iterator[Stage]:
    for stage in workflow.stages:
        name = prefix + stage.name
        waits = tuple(prefix + each for each in stage.after) or after
        if not stage.workflow:
            yield replace(stage, name=name, after=waits, inside=inside)
            continue
        place = ("stages", *name.split(".")[:1], "workflow")
        if stage.workflow in path:
            circle = " runs ".join((*path[path.index(stage.workflow) :], stage.workflow))
            raise _bad(place, f"Workflows run each other in a circle: {circle}.", "Take one of them out.")
        if len(path) > DEEPEST:
            raise _bad(
                place, f"Workflows are more than {DEEPEST} deep: {' runs '.join(path)}.", "Make it flatter."
            )
        found = others.get(stage.workflow)
        if found is None:
            raise _bad(
                place, f"There is no workflow {stage.workflow!r} any more.", "Save it, or name another."
            )
        given = None
        if inputs is not None:
            given = given_inputs(found, passed(stage.arguments, inputs), (*place[:2], "with"))
        inner = Inside(f"{name}.", given or {}, stage.condition, inside)
        yield from _unfolded(found, others, f"{name}.", inner, waits, (*path, found.name), given)
        awaited = {before for each in found.stages for before in each.after}
        ends = tuple(f"{name}.{each.name}" for each in found.stages if each.name not in awaited)
        yield replace(stage, name=name, after=(*waits, *ends), inside=inside)


def passed(arguments: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of a sub-workflow; ``{inputs.name}`` hands on an input of the workflow around it."""
    handed = {name: handed_on(value) for name, value in arguments.items()}
    return {
        name: value if (of := handed[name]) is None else inputs.get(of) for name, value in arguments.items()
    }


def handed_on(value: object) -> str | None:
    """The name of the input that a value hands on; None where it is a value of its own."""
    if not (isinstance(value, str) and value.startswith("{" + _PASSED) and value.endswith("}")):
        return None
    return value[len(_PASSED) + 1 : -1]


def given_inputs(
    workflow: Workflow, given: Mapping[str, Any], place: tuple[str, ...] = ("inputs",)
) -> dict[str, Any]:
    """What is given with what is left out; raises ``InvalidInput`` that names the input, and never repeats its value."""
    known = ", ".join(sorted(workflow.inputs)) or "none"
    for name in sorted(given.keys() - workflow.inputs.keys()):
        raise InvalidInput(
            f"{workflow.name} has no input {name[:80]!r}.", path=(*place, name), remedy=f"Inputs: {known}."
        )
    values = {**workflow.inputs, **given}
    for name, value in values.items():
        usual = workflow.inputs[name]
        if value is None:
            raise InvalidInput(
                f"The input {name} of {workflow.name} is missing.",
                path=(*place, name),
                remedy="Give it a value.",
            )
        if not isinstance(value, str | int | float) or (usual is not None and not _alike(value, usual)):
            raise InvalidInput(
                f"The input {name} of {workflow.name} is not of the type it has to be.",
                path=(*place, name),
                remedy=f"Give {_TYPES[type(usual)]}.",
            )
        if isinstance(value, str) and len(value) > LONGEST_INPUT:
            raise InvalidInput(
                f"The input {name} is too long.",
                path=(*place, name),
                remedy=f"Use {LONGEST_INPUT} characters or fewer.",
            )
    return values


_TYPES: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    type(None): "a text, a number, true or false",
}


def _alike(value: object, usual: object) -> bool:
    if isinstance(usual, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(usual)


def _check_discovery(workflow: Workflow) -> None:
    """A run reads the structure of its source once, and what works on that comes after it."""
    reading = [stage.name for stage in workflow.stages if stage.uses == DISCOVER]
    for name in reading[1:]:
        raise _bad(
            ("stages", *name.split(".")[:1]),
            f"Both {reading[0]} and {name} discover, and a run does that once.",
            "Make two workflows of it.",
        )
    for stage in workflow.stages:
        spec = ACTIONS.get(stage.uses)
        if spec and spec.after_discovery and not set(reading) & set(workflow.before(stage.name)):
            raise _bad(
                ("stages", *stage.name.split(".")[:1], "after"),
                f"{stage.name} works on what discover found, and no stage before it discovers.",
                "Put a stage that uses discover before it.",
            )


def _bad(place: tuple[str, ...], why: str, remedy: str) -> BadWorkflow:
    return BadWorkflow(why, path=("workflow", *place), remedy=remedy)
