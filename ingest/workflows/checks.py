"""What a workflow that is to be saved can still get wrong: arguments of actions and workflows, and what only the whole tells."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from ingest.orchestration.actions import ACTIONS, Action
from ingest.workflows.conditions import Condition
from ingest.workflows.definition import Check, Mistake, as_workflow, known_names, stages_before
from ingest.workflows.order import find_cycle
from ingest.workflows.shape import StagePart, WorkflowPart
from ingest.workflows.unfold import given_inputs, handed_on, passed, unfold
from schema.domain.workflows import Workflow
from schema.errors import BadWorkflow, InvalidInput

# What only a stage with tasks of its own can have.
_OF_ACTIONS = {
    "for_each": "Fan out in the workflow that it runs, or name the workflow in several stages.",
    "parallel": "Say it at the stages of the workflow that it runs.",
    "retry": "Say it at the stages of the workflow that it runs.",
    "timeout": "Say it at the stages of the workflow that it runs.",
    "on_failure": "Say it at the stages of the workflow that it runs.",
}


def checks(others: Mapping[str, Workflow], taken: Collection[str] = ()) -> Check:
    """The check of a workflow that may run ``others`` and may not have a name that is ``taken``, for ``parse_workflow``."""

    def check(part: WorkflowPart) -> Iterator[Mistake]:
        if part.workflow in taken:
            yield ("workflow",), "is the name of a workflow that is built in", "Use a name of your own."
        found = [mistake for name in part.stages for mistake in _of_stage(part, name, others)]
        yield from found
        if not found:
            yield from _of_whole(part, others)

    return check


def _of_stage(part: WorkflowPart, name: str, others: Mapping[str, Workflow]) -> Iterator[Mistake]:
    stage, place = part.stages[name], ("stages", name)
    if stage.workflow:
        yield from _of_workflow(part, name, others)
    elif stage.uses in ACTIONS:
        spec = ACTIONS[stage.uses]
        if not spec.in_stages:
            yield (
                (*place, "uses"),
                f"names {stage.uses!r}, which only takes back",
                "Name it in the compensate of a stage.",
            )
        if spec.of_batch and not _over_batches(stage):
            why = "does not say how many batches there are, and the action works on one"
            yield (*place, "for_each"), why, "Write for_each: stages.discover.batches."
        if stage.for_each and not spec.of_batch:
            why = f"is not for {stage.uses}, which works on the whole"
            yield (*place, "for_each"), why, "Leave it out."
        yield from _arguments(
            part, name, stage.uses, spec, stage.arguments, (*place, "with"), others, before=True
        )
    if stage.compensate and stage.compensate.uses in ACTIONS:
        uses, given = stage.compensate.uses, stage.compensate.arguments
        spec = ACTIONS[uses]
        if not spec.in_compensate:
            allowed = [each for each, of in ACTIONS.items() if of.in_compensate]
            why = f"names {uses!r}, which takes nothing back"
            yield (*place, "compensate"), why, f"Use {' or '.join(allowed)}."
        yield from _arguments(
            part, name, uses, spec, given, (*place, "compensate", "with"), others, before=False
        )
    for field, text in (("if", stage.condition), ("for_each", stage.for_each)):
        yield from _parts_read(part, _condition(text), (*place, field), others)


def _over_batches(stage: StagePart) -> bool:
    condition = _condition(stage.for_each)
    return condition is not None and any(path[-1] == "batches" for path in condition.paths)


def _of_workflow(part: WorkflowPart, name: str, others: Mapping[str, Workflow]) -> Iterator[Mistake]:
    stage, place = part.stages[name], ("stages", name)
    for field, remedy in _OF_ACTIONS.items():
        if field in stage.model_fields_set:
            yield (*place, field), "is not for a stage that runs a workflow", remedy
    for key, value in stage.arguments.items():
        of = handed_on(value)
        if of is not None and of not in part.inputs:
            why = f"hands on inputs.{of[:80]}, which is no input"
            yield (*place, "with", key), why, known_names("Inputs", part.inputs, of)
            return
    if (found := others.get(stage.workflow)) is not None:
        given = passed(stage.arguments, part.inputs)
        # An input without a default may be of any type: what it hands on is judged when a run is made.
        open_ = {key for key, value in stage.arguments.items() if handed_on(value) and given[key] is None}
        usual = {key: found.inputs.get(key) for key in open_}
        try:
            given_inputs(found, given | {k: "" if v is None else v for k, v in usual.items()}, ())
        except InvalidInput as error:
            yield (*place, "with", *error.path), f"is not acceptable: {error.message}", error.remedy


def _arguments(
    part: WorkflowPart,
    stage: str,
    action: str,
    spec: Action,
    given: Mapping[str, Any],
    place: tuple[str, ...],
    others: Mapping[str, Workflow],
    *,
    before: bool,
) -> Iterator[Mistake]:
    """Mistakes in ``with``; ``before`` tells whether it may read stages before this one alone."""
    try:
        arguments = spec.arguments.model_validate(dict(given))
    except ValidationError as error:
        keys = ", ".join(spec.arguments.model_fields) or "none"
        for each in error.errors(include_url=False, include_context=False, include_input=False):
            field = tuple(str(key) for key in each["loc"])
            unknown = each["type"] == "extra_forbidden"
            why = each["msg"].removeprefix("Value error, ")
            told = f"is no argument of {action}" if unknown else f"is not acceptable: {why}"
            yield (*place, *field), told, f"Arguments of {action}: {keys}."
        return
    readable = stages_before(part, stage) if before else part.stages.keys()
    for condition in arguments.conditions():
        yield from _parts_read(part, condition, place, others)
        for name in sorted(condition.stages - readable):
            why = f"reads stages.{name[:80]}, which is not before this stage"
            yield place, why, known_names("Stages before it", sorted(readable), name)
        for name in sorted(condition.inputs - part.inputs.keys()):
            why = f"reads inputs.{name[:80]}, which is no input"
            yield place, why, known_names("Inputs", part.inputs, name)


def _condition(text: str) -> Condition | None:
    try:
        return Condition(text) if text else None
    except InvalidInput:  # told elsewhere
        return None


def _parts_read(
    part: WorkflowPart,
    condition: Condition | None,
    place: tuple[str, ...],
    others: Mapping[str, Workflow],
) -> Iterator[Mistake]:
    """Facts of a sub-workflow are those of its stages."""
    for first, *rest in sorted(condition.paths) if condition else ():
        stage: StagePart | None = part.stages.get(first)
        if stage is None or stage.workflow not in others or not rest:
            continue
        names = {each.name for each in others[stage.workflow].stages}
        if rest[0] not in names | {"state"}:
            why = f"reads stages.{first}.{rest[0][:80]}, which is no stage of {stage.workflow}"
            yield place, why, known_names("Its stages", names, rest[0])


def _of_whole(part: WorkflowPart, others: Mapping[str, Workflow]) -> Iterator[Mistake]:
    workflow = as_workflow(part)
    names = {stage.name for stage in workflow.stages}
    references = {stage.workflow for stage in workflow.stages if stage.workflow}
    waits = {stage.name: stage.after for stage in workflow.stages}
    if find_cycle(waits) or not all(before in names for after in waits.values() for before in after):
        return  # told elsewhere
    if not references <= others.keys() or workflow.name in references:
        return
    try:
        unfold(workflow, {**others, workflow.name: workflow}, None)
    except BadWorkflow as error:
        yield error.path[1:], f"does not fit together: {error.message}", error.remedy
    except InvalidInput as error:
        yield error.path, f"is not acceptable: {error.message}", error.remedy
