"""From the YAML of a workflow to the workflow: every mistake at once, each with its stage, field, place and remedy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError

from ingest.workflows.conditions import Condition
from ingest.workflows.order import canonical, find_cycle
from ingest.workflows.shape import MOST_STAGES, CompensatePart, RetryPart, StagePart, WorkflowPart
from ingest.yaml_text import Mark, YamlMistake, YamlText, read_yaml
from schema.domain.workflows import Retry, Stage, Workflow
from schema.errors import BadWorkflow, InvalidInput

LARGEST = 128 * 1024  # characters of a workflow
MOST_MISTAKES = 50  # that are told at once
_REMEDY = "Compare with the workflows in the documentation; editors can check against the JSON Schema."

Mistake = tuple[tuple[str, ...], str, str]  # place, why, remedy
Check = Callable[[WorkflowPart], Iterator[Mistake]]


def parse_workflow(
    text: str, *, actions: Collection[str], workflows: Collection[str], also: Check | None = None
) -> Workflow:
    """The workflow in ``text``, which may use these actions and workflows. Raises ``BadWorkflow`` with all mistakes.

    ``also`` finds further mistakes in a text whose fields are as they should be.
    """
    try:
        document = read_yaml(text, largest=LARGEST)
    except YamlMistake as mistake:
        raise _told(mistake.place, mistake.why, "", mistake.mark) from None
    try:
        part = WorkflowPart.model_validate(document.tree)
    except ValidationError as error:
        raise _all(list(_wrong_fields(error)), document) from None
    mistakes = [
        *_wrong_references(part, actions, workflows),
        *_wrong_order(part),
        *_wrong_conditions(part),
        *(also(part) if also else ()),
    ]
    if mistakes:
        raise _all(mistakes, document)
    return canonical(as_workflow(part))


def as_workflow(part: WorkflowPart) -> Workflow:
    """What the keys say, in the order of the text."""
    stages = (
        Stage(
            name=name,
            uses=stage.uses,
            workflow=stage.workflow,
            after=tuple(stage.after),
            condition=stage.condition,
            for_each=stage.for_each,
            parallel=stage.parallel,
            arguments=stage.arguments,
            retry=Retry(stage.retry.tries, stage.retry.first, float(stage.retry.factor), stage.retry.longest),
            timeout_s=stage.timeout,
            on_failure=stage.on_failure,
            compensate=stage.compensate.uses if stage.compensate else "",
            compensate_with=stage.compensate.arguments if stage.compensate else {},
        )
        for name, stage in part.stages.items()
    )
    return Workflow(part.workflow, tuple(stages), part.description, inputs=part.inputs)


def _wrong_fields(error: ValidationError) -> Iterator[Mistake]:
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        place = tuple(str(part) for part in each["loc"])
        if place[-1:] == ("[key]",):
            yield (
                place[:-1],
                "cannot name a stage",
                "Use lower-case letters, digits and underscores; begin with a letter.",
            )
        elif each["type"] == "extra_forbidden":
            what, keys = _keys_around(place)
            near = get_close_matches(place[-1], keys, 1)
            hint = f"Did you mean {near[0]}? " if near else ""
            yield place, f"is not a key of a {what}", f"{hint}Keys are {', '.join(keys)}."
        else:
            yield place, f"is not acceptable: {each['msg'].removeprefix('Value error, ')}", ""


def _keys_around(place: tuple[str, ...]) -> tuple[str, list[str]]:
    around: dict[int, tuple[str, type[BaseModel]]] = {1: ("workflow", WorkflowPart), 3: ("stage", StagePart)}
    inner = ("compensate", CompensatePart) if "compensate" in place[2:3] else ("retry", RetryPart)
    what, model = around.get(len(place), inner)
    return what, [field.alias or name for name, field in model.model_fields.items()]


def _wrong_references(
    part: WorkflowPart, actions: Collection[str], workflows: Collection[str]
) -> Iterator[Mistake]:
    for name, stage in part.stages.items():
        place = ("stages", name)
        if bool(stage.uses) == bool(stage.workflow):
            both = "has both uses and workflow" if stage.uses else "has neither uses nor workflow"
            yield place, both, "Name an action in uses, or a workflow in workflow."
        undoing = stage.compensate.uses if stage.compensate else ""
        for field, action in (("uses", stage.uses), ("compensate", undoing)):
            if action and action not in actions:
                yield (
                    (*place, field),
                    f"names {action[:80]!r}, which is no action",
                    known_names("Actions", actions, action),
                )
        if stage.workflow == part.workflow:
            yield (*place, "workflow"), "is the workflow itself", "A workflow cannot run itself."
        elif stage.workflow and stage.workflow not in workflows:
            why = f"names {stage.workflow[:80]!r}, which is no workflow"
            yield (*place, "workflow"), why, known_names("Workflows", workflows, stage.workflow)
        if stage.parallel > 1 and not stage.for_each:
            yield (
                (*place, "parallel"),
                "has nothing to run in parallel",
                "Say in for_each over what the stage fans out.",
            )
        if stage.retry.first > stage.retry.longest:
            yield (
                (*place, "retry", "first"),
                "is longer than the longest wait",
                "Raise longest or lower first.",
            )


def _wrong_order(part: WorkflowPart) -> Iterator[Mistake]:
    for name, stage in part.stages.items():
        for index, before in enumerate(stage.after):
            place = ("stages", name, "after", str(index))
            if before not in part.stages:
                yield (
                    place,
                    f"names {before[:80]!r}, which is no stage",
                    known_names("Stages", part.stages, before),
                )
            elif before in stage.after[:index]:
                yield place, f"names {before!r} twice", "Name it once."
    if cycle := find_cycle({name: stage.after for name, stage in part.stages.items()}):
        why = f"waits for itself: {' after '.join(cycle)}"
        yield ("stages", cycle[0], "after"), why, "Take one of these stages out of the after of the other."


def _wrong_conditions(part: WorkflowPart) -> Iterator[Mistake]:
    for name, stage in part.stages.items():
        before = stages_before(part, name)
        for field, text in (("if", stage.condition), ("for_each", stage.for_each)):
            if not text:
                continue
            place = ("stages", name, field)
            try:
                condition = Condition(text)
            except InvalidInput as error:
                yield place, f"is not acceptable: {error.message}", error.remedy
                continue
            for other in sorted(condition.stages - before):
                if other not in part.stages:
                    yield (
                        place,
                        f"reads stages.{other[:80]}, which is no stage",
                        known_names("Stages", part.stages, other),
                    )
                else:
                    itself = "A stage knows what the stages before it counted, not what it counts itself."
                    remedy = itself if other == name else f"Add {other} to the after of this stage."
                    yield place, f"reads stages.{other}, which is not before this stage", remedy
            for unknown in sorted(condition.inputs - part.inputs.keys()):
                why = f"reads inputs.{unknown[:80]}, which is no input"
                yield place, why, known_names("Inputs", part.inputs, unknown)


def stages_before(part: WorkflowPart, name: str) -> set[str]:
    """Every stage that is over before ``name`` begins."""
    seen: set[str] = set()
    waiting = [*part.stages[name].after]
    while waiting:
        one = waiting.pop()
        if one not in seen and one in part.stages:
            seen.add(one)
            waiting += part.stages[one].after
    return seen - {name}


def known_names(what: str, names: Collection[str], given: str) -> str:
    """A remedy: the name that was meant, or all there are."""
    near = get_close_matches(given, names, 1)
    return (
        f"Did you mean {near[0]}?" if near else f"{what}: {', '.join(sorted(names)[:MOST_STAGES]) or 'none'}."
    )


def _all(mistakes: list[Mistake], document: YamlText) -> BadWorkflow:
    found = [_told(place, why, remedy, document.mark(place)) for place, why, remedy in mistakes]
    found.sort(key=lambda each: (each.line, each.column))
    first, *others = found[:MOST_MISTAKES]
    first.others = tuple(others)
    return first


def _told(place: tuple[str, ...], why: str, remedy: str, mark: Mark) -> BadWorkflow:
    field = ".".join(place)[:160] or "The workflow"
    return BadWorkflow(
        f"Line {mark.line}, column {mark.column}: {field} {why.rstrip('.')}.",
        path=("workflow", *place),
        remedy=remedy or _REMEDY,
        line=mark.line,
        column=mark.column,
    )
