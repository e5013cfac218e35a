"""Entry points of workflows: parse, read or command, map."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from cypher.workflows import reads
from graph_api.arguments import Reason
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import Band
from graph_api.errors import (
    BadWorkflowError,
    ConditionFailedError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    WorkflowMistake,
)
from graph_api.paging import After, Before, First, Last, Page
from graph_api.scans.changing import run_now, signal
from graph_api.scans.types import Run
from graph_api.sources import loaders as source_loaders
from graph_api.workflows import loaders
from graph_api.workflows.types import Workflow, WorkflowConnection, WorkflowStage, workflow_stages
from ingest.commands import runs
from ingest.commands import workflows as commands
from ingest.workflows.library import BUILT_IN
from schema.domain import dispatch
from schema.domain.identity import Permission
from schema.errors import BadWorkflow, InvalidInput, NotFound

Name = Annotated[str, strawberry.argument(description="Name of the workflow.")]
Yaml = Annotated[str, strawberry.argument(description="The text of the workflow.")]


@strawberry.type(description="What is wrong in a text, or what it would be as a workflow.")
class WorkflowValidation:
    ok: bool = strawberry.field(description="Whether it could be saved.")
    name: str | None = strawberry.field(description="Its name; null where something is wrong.")
    mistakes: list[WorkflowMistake] = strawberry.field(
        description="All that is wrong, in the order of the text."
    )
    stages: list[WorkflowStage] = strawberry.field(
        description="Its stages in order; none where something is wrong."
    )


@strawberry.type
class WorkflowQueries:
    @strawberry.field(
        description="Workflows by name, those that are built in among them.", extensions=[Compiled()]
    )
    async def workflows(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> WorkflowConnection:
        page = Page.of("workflows", (str,), first=first, after=after, last=last, before=before)
        rows = await reads.page(info.context.graph, **page.keyset_of_one)
        found = [*map(Workflow.of, rows), *map(Workflow.standard, BUILT_IN)]
        return WorkflowConnection.cut(page, found, key=lambda each: (each.name,), node=lambda each: each)

    @strawberry.field(
        description="One workflow by its name; null where there is none.", extensions=[Compiled()]
    )
    async def workflow(self, info: Info, name: Name) -> Workflow | None:
        if name in BUILT_IN:
            return Workflow.standard(name)
        row = await info.context.loader(loaders.by_names).load(name)
        return None if row is None else Workflow.of(row)

    @strawberry.field(
        description="What is wrong in the text of a workflow that could be saved; nothing is written. Needs SCAN.",
        extensions=[Compiled()],
    )
    async def workflow_validate(self, info: Info, yaml: Yaml) -> WorkflowValidation:
        info.context.require(Permission.SCAN)
        try:
            found = await commands.validate(info.context.graph, yaml)
        except BadWorkflow as error:
            return WorkflowValidation(ok=False, name=None, mistakes=WorkflowMistake.all_of(error), stages=[])
        return WorkflowValidation(ok=True, name=found.name, mistakes=[], stages=workflow_stages(found))


@strawberry.type(description="The workflow is saved; runs that begin from now on follow it.")
class WorkflowSaveSuccess:
    workflow: Workflow = strawberry.field(description="The workflow as it is now.")


@strawberry.type(description="Nothing new can run the workflow; runs under way go on.")
class WorkflowDeleteSuccess:
    name: str = strawberry.field(description="Name of the workflow that was.")


@strawberry.type(description="The run waits for a worker.")
class WorkflowStartSuccess:
    run: Run = strawberry.field(description="The new run.")


WorkflowSaveResult = Annotated[
    WorkflowSaveSuccess | BadWorkflowError | ConflictError | ForbiddenError,
    strawberry.union("WorkflowSaveResult", description="The workflow, or why it was not saved."),
]
WorkflowDeleteResult = Annotated[
    WorkflowDeleteSuccess | NotFoundError | ConflictError | ForbiddenError,
    strawberry.union("WorkflowDeleteResult", description="That it is gone, or why it is not."),
]
WorkflowStartResult = Annotated[
    WorkflowStartSuccess
    | NotFoundError
    | ConflictError
    | ForbiddenError
    | InvalidInputError
    | BadWorkflowError
    | ConditionFailedError,
    strawberry.union("WorkflowStartResult", description="The new run, or why there is none."),
]


@strawberry.type
class WorkflowMutations:
    @strawberry.mutation(
        description="Save a workflow under the name in its text, as its next version; what runs already goes on as it began. Needs SCAN in all domains."
    )
    async def workflow_save(
        self,
        info: Info,
        yaml: Yaml,
        expected_version: Annotated[
            int | None,
            strawberry.argument(
                description="The version that the text was made from, 0 for a new workflow; any where null."
            ),
        ] = None,
        reason: Reason = "",
    ) -> WorkflowSaveResult:
        context = info.context
        row = await context.command(
            commands.save, text=yaml, expected_version=expected_version, reason=reason
        )
        return WorkflowSaveSuccess(workflow=Workflow.of(row))

    @strawberry.mutation(
        description="Delete a workflow that no plan and no other workflow uses. Its versions are kept. Needs SCAN in all domains."
    )
    async def workflow_delete(self, info: Info, name: Name, reason: Reason = "") -> WorkflowDeleteResult:
        await info.context.command(commands.delete, name=name, reason=reason)
        return WorkflowDeleteSuccess(name=name)

    @strawberry.mutation(description="Run a workflow over a source now. Needs SCAN.")
    async def workflow_start(
        self,
        info: Info,
        name: Name,
        source: Annotated[str, strawberry.argument(description="Name of the source.")],
        inputs: Annotated[
            JSON | None, strawberry.argument(description="What it is given, as an object by name.")
        ] = None,
        band: Annotated[
            Band | None,
            strawberry.argument(description="How urgent it is; as the source's plan says where null."),
        ] = None,
        reason: Reason = "",
    ) -> WorkflowStartResult:
        context = info.context
        context.require(Permission.SCAN)
        if inputs is not None and not isinstance(inputs, dict):
            raise InvalidInput(
                "The inputs are no object.", path=("inputs",), remedy='Give {"name": value} or the like.'
            )
        await source_loaders.visible(context, source)
        if not name:
            raise NotFound("workflow", name, path=("name",))
        ident = await context.command(
            runs.request,
            source=source,
            workflow=name,
            inputs=inputs,
            band=None if band is None else dispatch.Band(band.value),
            reason=reason,
        )
        await signal(context)
        return WorkflowStartSuccess(run=await run_now(context, ident))
