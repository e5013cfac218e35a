"""Thresholds of classifications: set, taken from what people's verdicts propose, and those of the text again."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph_api.arguments import Reason
from graph_api.classifications import loaders
from graph_api.classifications.changing import changed
from graph_api.classifications.classifiers import NEEDS, Name
from graph_api.classifications.types import Classification
from graph_api.context import Info
from graph_api.errors import ForbiddenError, InvalidInputError, NotFoundError
from ingest.commands import thresholds as commands


@strawberry.type(description="The thresholds are set.")
class ClassificationThresholdsSetSuccess:
    classification: Classification = strawberry.field(description="The classification as it is now.")


@strawberry.type(description="The thresholds are those of the text again.")
class ClassificationThresholdsResetSuccess:
    classification: Classification = strawberry.field(description="The classification as it is now.")


@strawberry.type(description="The proposed thresholds are set.")
class ThresholdProposalsAcceptSuccess:
    classifications: list[Classification] = strawberry.field(
        description="The classifications as they are now, in the order they were named."
    )


ClassificationThresholdsSetResult = Annotated[
    ClassificationThresholdsSetSuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union("ClassificationThresholdsSetResult", description="The classification, or why not."),
]
ClassificationThresholdsResetResult = Annotated[
    ClassificationThresholdsResetSuccess | NotFoundError | ForbiddenError,
    strawberry.union("ClassificationThresholdsResetResult", description="The classification, or why not."),
]
ThresholdProposalsAcceptResult = Annotated[
    ThresholdProposalsAcceptSuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union("ThresholdProposalsAcceptResult", description="The classifications, or why not."),
]


@strawberry.type
class ThresholdMutations:
    @strawberry.mutation(
        description=f"Say from which confidence on verdicts are accepted, and below which they are not given. They hold for what is judged from now on. {NEEDS}"
    )
    async def classification_thresholds_set(
        self,
        info: Info,
        name: Name,
        accept_at: Annotated[
            float | None, strawberry.argument(description="Accepted from this confidence on, 0 to 1.")
        ] = None,
        reject_at: Annotated[
            float | None, strawberry.argument(description="Not given below this confidence, 0 to 1.")
        ] = None,
        reason: Reason = "",
    ) -> ClassificationThresholdsSetResult:
        found = await changed(
            info, commands.set_thresholds, name, accept_at=accept_at, reject_at=reject_at, reason=reason
        )
        return ClassificationThresholdsSetSuccess(classification=found)

    @strawberry.mutation(
        description=f"Let the thresholds be again what the text of the classifier says, for what is judged from now on. {NEEDS}"
    )
    async def classification_thresholds_reset(
        self, info: Info, name: Name, reason: Reason = ""
    ) -> ClassificationThresholdsResetResult:
        found = await changed(info, commands.reset_thresholds, name, reason=reason)
        return ClassificationThresholdsResetSuccess(classification=found)

    @strawberry.mutation(
        description="Set the thresholds that `thresholdProposals` with these arguments shows, computed anew; one that is not proposed stays as it is. "
        f"All of them or none. {NEEDS}"
    )
    async def threshold_proposals_accept(
        self,
        info: Info,
        classifications: Annotated[
            list[str], strawberry.argument(description="Names of the classifications, at most 100.")
        ],
        target_precision: Annotated[
            float, strawberry.argument(description="The precision to be reached, 0.5 to 0.999.")
        ] = 0.95,
        source: Annotated[
            str | None,
            strawberry.argument(description="Name of a source whose verdicts alone count; null for all."),
        ] = None,
        reason: Reason = "",
    ) -> ThresholdProposalsAcceptResult:
        context = info.context
        await context.command(
            commands.accept_proposals,
            names=classifications,
            target=target_precision,
            source=source,
            reason=reason,
        )
        rows = await context.loader(loaders.by_names).load_many(list(dict.fromkeys(classifications)))
        return ThresholdProposalsAcceptSuccess(
            classifications=[Classification.of(row) for row in rows if row is not None]
        )
