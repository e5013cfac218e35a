"""What classifiers would change in the catalogue, before they are saved."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph_api.arguments import Reason
from graph_api.classifications.classifiers import NEEDS
from graph_api.context import Info
from graph_api.errors import (
    BadClassifierError,
    BadWorkflowError,
    ConditionFailedError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from graph_api.scans.changing import run_now, signal
from graph_api.scans.types import Run
from graph_api.sources import loaders as source_loaders
from ingest.commands import classifier_drafts as commands
from schema.domain.identity import Permission


@strawberry.type(description="What the classifiers would change is told as soon as a worker comes to it.")
class ClassifierPreviewSuccess:
    run: Run = strawberry.field(
        description="The run that does it; `reclassificationPreview` tells what it found."
    )


ClassifierPreviewResult = Annotated[
    ClassifierPreviewSuccess
    | BadClassifierError
    | NotFoundError
    | ConflictError
    | ForbiddenError
    | InvalidInputError
    | BadWorkflowError
    | ConditionFailedError,
    strawberry.union("ClassifierPreviewResult", description="The run, or why there is none."),
]


@strawberry.type
class ClassifierDraftMutations:
    @strawberry.mutation(
        description=f"Have found out what saving classifiers would change in a source, as `reclassificationPreview` of the run; the source is sampled, no verdict is written, nothing is saved. Once they are saved as they are, workers write what it shows, or `reclassify` with this preview does. {NEEDS}"
    )
    async def classifier_preview(
        self,
        info: Info,
        yaml: Annotated[
            str,
            strawberry.argument(
                description="The text of a classifier, as `classifierSave` takes it; or of several, as `classifierImport` does."
            ),
        ],
        source: Annotated[str, strawberry.argument(description="Name of the source.")],
        reason: Reason = "",
    ) -> ClassifierPreviewResult:
        context = info.context
        context.require(Permission.CLASSIFY)
        await source_loaders.visible(context, source)
        ident = await commands.preview(
            context.graph, context.principal, source=source, text=yaml, reason=reason
        )
        await signal(context)
        return ClassifierPreviewSuccess(run=await run_now(context, ident))
