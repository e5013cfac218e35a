"""Workflows, as the API shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import strawberry

from graph_api.context import Info
from graph_api.paging import After, Before, Connection, First, Last, Page
from graph_api.workflows import loaders
from ingest.orchestration.rules import workflow_of
from ingest.workflows import library
from schema.domain import workflows as domain
from schema.domain.time import moment


@strawberry.type(description="Something that a run of a workflow may be given.")
class WorkflowInput:
    name: str = strawberry.field(description="Its name; conditions and texts read inputs.name.")
    default: str | None = strawberry.field(
        description="What it is where it is not given, as JSON; null where it has to be given."
    )


@strawberry.type(description="A stage of a workflow.")
class WorkflowStage:
    name: str = strawberry.field(description="Its name.")
    uses: str | None = strawberry.field(description="The action it does; null where it runs a workflow.")
    workflow: str | None = strawberry.field(description="The workflow it runs; null where it does an action.")
    after: list[str] = strawberry.field(description="Stages that must be over before it begins.")
    compensate: str | None = strawberry.field(
        description="Action that takes it back where the run fails or is cancelled later."
    )


@strawberry.type(description="The text of one version of a workflow.")
class WorkflowVersion:
    number: int = strawberry.field(description="Counts from 1.")
    yaml: str = strawberry.field(description="The text.")
    digest: str = strawberry.field(
        description="SHA-256 of what it says; the order of its keys does not matter."
    )
    saved_at: datetime | None = strawberry.field(description="When it was saved.")
    saved_by: str = strawberry.field(description="Who saved it.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            number=row["number"],
            yaml=row["text"],
            digest=row["digest"],
            saved_at=moment(row["saved_at"]),
            saved_by=row["saved_by"],
        )


@strawberry.type(description="A page of versions, the newest first.")
class WorkflowVersionConnection(Connection[WorkflowVersion]): ...


@strawberry.type(description="What runs follow: stages, when each runs, and what takes it back.")
class Workflow:
    definition: strawberry.Private[domain.Workflow]
    name: str = strawberry.field(description="Its name.")
    description: str = strawberry.field(description="What it is for.")
    built_in: bool = strawberry.field(description="Whether it comes with the product and cannot be changed.")
    version: int | None = strawberry.field(
        description="The version that runs follow that begin now; null for one that is built in."
    )
    yaml: str = strawberry.field(description="Its text as it is now.")
    digest: str = strawberry.field(description="SHA-256 of what it says.")
    saved_at: datetime | None = strawberry.field(
        description="When it was saved; null for one that is built in."
    )
    saved_by: str | None = strawberry.field(description="Who saved it; null for one that is built in.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """One of one's own."""
        return cls(
            definition=workflow_of(row["spec"]),
            name=row["name"],
            description=row["description"],
            built_in=False,
            version=row["version"],
            yaml=row["text"],
            digest=row["digest"],
            saved_at=moment(row["saved_at"]),
            saved_by=row["saved_by"],
        )

    @classmethod
    def standard(cls, name: str) -> Self:
        """One that is built in."""
        found = library.standard(name)
        return cls(
            definition=found,
            name=name,
            description=found.description,
            built_in=True,
            version=None,
            yaml=library.text_of(name),
            digest=found.digest,
            saved_at=None,
            saved_by=None,
        )

    @strawberry.field(description="What a run of it may be given, by name.")
    def inputs(self) -> list[WorkflowInput]:
        given = self.definition.inputs
        return [
            WorkflowInput(name=name, default=None if given[name] is None else json.dumps(given[name]))
            for name in sorted(given)
        ]

    @strawberry.field(description="Its stages, each after those it waits for.")
    def stages(self) -> list[WorkflowStage]:
        return workflow_stages(self.definition)

    @strawberry.field(description="Its versions, the newest first; none of one that is built in.")
    async def versions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> WorkflowVersionConnection:
        page = Page.of("workflowVersions", (int,), first=first, after=after, last=last, before=before)
        rows = [] if self.built_in else await info.context.loader(loaders.versions).load((self.name, page))
        return WorkflowVersionConnection.of(
            page, rows, key=lambda row: (row["number"],), node=WorkflowVersion.of
        )


def workflow_stages(workflow: domain.Workflow) -> list[WorkflowStage]:
    """The stages of a workflow, in order."""
    return [
        WorkflowStage(
            name=stage.name,
            uses=stage.uses or None,
            workflow=stage.workflow or None,
            after=list(stage.after),
            compensate=stage.compensate or None,
        )
        for stage in workflow.stages
    ]


@strawberry.type(description="A page of workflows, by name.")
class WorkflowConnection(Connection[Workflow]): ...
