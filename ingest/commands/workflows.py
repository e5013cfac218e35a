"""Commands on workflows of one's own: save a version, delete; and what a run that begins now follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cypher.session import GraphSession, Transaction
from cypher.workflows import reads, writes
from ingest.commands.unit import Unit, execute
from ingest.orchestration.rules import spec_of, workflow_of
from ingest.workflows.library import BUILT_IN, read_workflow, standard, standards
from ingest.workflows.unfold import DEEPEST, given_inputs, unfold
from schema.domain.identity import Permission, Principal
from schema.domain.workflows import Workflow
from schema.errors import Conflict, Forbidden, InvalidInput, NotFound

MOST_WORKFLOWS = 500
Reader = GraphSession | Transaction


@dataclass(frozen=True, slots=True)
class Followed:
    """What a run follows: the workflow with all that it runs in it, its ``version`` (None of a built-in one), and its ``inputs``."""

    workflow: Workflow
    version: int | None
    inputs: Mapping[str, Any]


async def validate(graph: GraphSession, text: str) -> Workflow:
    """The workflow in ``text`` as it would be saved; raises ``BadWorkflow`` with all mistakes."""
    return read_workflow(text, await _everything(graph))


async def save(
    graph: GraphSession,
    actor: Principal,
    *,
    text: str,
    expected_version: int | None = None,
    reason: str = "",
) -> dict[str, Any]:
    """Save a workflow under the name in its text, as its next version; one that says what it says already stays as it is.

    ``expected_version`` is the one that the text was made from, 0 for none. Raises ``BadWorkflow`` with all mistakes, and ``Conflict``
    where somebody saved another version meanwhile or there are too many workflows.
    """
    _require(actor)

    async def work(unit: Unit) -> dict[str, Any]:
        others = await _everything(unit.tx)
        workflow = read_workflow(text, others)
        if workflow.name not in others and len(others) - len(BUILT_IN) >= MOST_WORKFLOWS:
            raise Conflict(
                f"There are {MOST_WORKFLOWS} workflows already.",
                path=("yaml",),
                remedy="Delete one that nobody uses.",
            )
        before = await writes.hold(unit.tx, name=workflow.name, at=unit.at, by=unit.by)
        there = 0 if before["deleted"] else int(before["version"])
        if expected_version is not None and expected_version != there:
            raise Conflict(
                f"The workflow is at version {there}, not {expected_version}.",
                path=("expectedVersion",),
                remedy="Read it again and make your change to that.",
            )
        unit.subjects.append(f"workflow:{workflow.name}")
        if there and before["text"] == text:
            unit.details |= {"version": there, "changed": False}
            return before
        version = int(before["version"]) + 1
        props = {
            "text": text,
            "description": workflow.description,
            "calls": sorted({stage.workflow for stage in workflow.stages if stage.workflow}),
            **{name: value for name, value in spec_of(workflow).items() if name != "name"},
        }
        unit.details |= {"version": version, "digest": props["digest"]}
        return await writes.save(
            unit.tx, name=workflow.name, version=version, props=props, at=unit.at, by=unit.by
        )

    return await execute(graph, actor, "workflow.save", work, reason=reason)


async def delete(graph: GraphSession, actor: Principal, *, name: str, reason: str = "") -> None:
    """Let nothing new run a workflow; runs under way go on. Raises ``NotFound``, and ``Conflict`` where it is built in or used."""
    _require(actor)
    if name in BUILT_IN:
        raise Conflict(
            f"{name} is built in.", path=("name",), remedy="Name another workflow in plans instead."
        )

    async def work(unit: Unit) -> None:
        if name not in await reads.by_names(unit.tx, [name]):
            raise NotFound("workflow", name, path=("name",))
        plans, workflows = await reads.users(unit.tx, name)
        if plans or workflows:
            users = [f"the plans of sources ({plans})"] * bool(plans) + workflows
            raise Conflict(
                f"The workflow is used by {', '.join(users)}.",
                path=("name",),
                remedy="Let those name another workflow first.",
            )
        await writes.delete(unit.tx, name=name)
        unit.subjects.append(f"workflow:{name}")

    await execute(graph, actor, "workflow.delete", work, reason=reason)


async def resolved(reader: Reader, workflow: Workflow | str, inputs: Mapping[str, Any]) -> Followed:
    """What a run of ``workflow`` follows that begins now.

    Raises ``NotFound``, ``BadWorkflow`` where it cannot be run as it and others are now, ``InvalidInput`` on wrong inputs.
    """
    version: int | None = None
    others: dict[str, Workflow] = dict(standards())
    if isinstance(workflow, str):
        if workflow in others:
            workflow = others[workflow]
        else:
            row = (await reads.by_names(reader, [workflow])).get(workflow)
            if row is None:
                raise NotFound("workflow", workflow, path=("workflow",))
            workflow, version = workflow_of(row["spec"]), int(row["version"])
    level = {stage.workflow for stage in workflow.stages if stage.workflow}
    for _ in range(DEEPEST):
        if not (missing := sorted(level - others.keys())):
            break
        found = {
            name: workflow_of(row["spec"]) for name, row in (await reads.by_names(reader, missing)).items()
        }
        others |= found
        level = {stage.workflow for each in found.values() for stage in each.stages if stage.workflow}
    given = given_inputs(workflow, inputs)
    return Followed(unfold(workflow, {workflow.name: workflow} | others, given), version, given)


async def require_runnable(reader: Reader, name: str, path: tuple[str, ...]) -> None:
    """That a plan may name a workflow; raises ``InvalidInput`` at ``path`` where it is missing, broken, or needs inputs."""
    try:
        await resolved(reader, name or standard().name, {})
    except NotFound:
        raise InvalidInput(
            f"There is no workflow {name[:80]!r}.",
            path=path,
            remedy="Save it first; `pursight workflow list` shows those there are.",
        ) from None
    except InvalidInput as error:
        raise InvalidInput(error.message, path=path, remedy=error.remedy) from None


async def _everything(reader: Reader) -> dict[str, Workflow]:
    own = await reads.page(reader, key=None, backward=False, first=MOST_WORKFLOWS + 1)
    return {row["name"]: workflow_of(row["spec"]) for row in own} | dict(standards())


def _require(actor: Principal) -> None:
    actor.require(Permission.SCAN)
    if actor.scope.domains is not None:  # a workflow holds for every source whose plan names it
        raise Forbidden(f"{Permission.SCAN.value} in all domains")
