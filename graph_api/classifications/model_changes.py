"""Changing which trained model judges: have one trained, promote it, roll back."""

from __future__ import annotations

from typing import Annotated

import strawberry

from cypher.models import reads
from graph_api.arguments import Reason
from graph_api.classifications.models import NEEDS, ClassificationModel
from graph_api.context import Info
from graph_api.errors import ConflictError, ForbiddenError, NotFoundError, TooFewVerdictsError
from ingest.commands import models as commands
from schema.errors import NotFound

Number = Annotated[int, strawberry.argument(description="Number of the model.")]


@strawberry.type(description="A worker will train the model.")
class ClassificationModelTrainSuccess:
    model: ClassificationModel = strawberry.field(description="The model that is to be, with its number.")


@strawberry.type(description="The training ends, at once or by its worker within seconds.")
class ClassificationModelCancelSuccess:
    model: ClassificationModel = strawberry.field(description="The model that is not to be.")


@strawberry.type(description="The model judges from now on; what it can concern is judged anew.")
class ClassificationModelPromoteSuccess:
    model: ClassificationModel = strawberry.field(description="The model in force.")


@strawberry.type(description="The earlier model judges again.")
class ClassificationModelRollBackSuccess:
    model: ClassificationModel = strawberry.field(description="The model in force.")


ClassificationModelTrainResult = Annotated[
    ClassificationModelTrainSuccess | TooFewVerdictsError | ConflictError | ForbiddenError,
    strawberry.union("ClassificationModelTrainResult", description="The training, or why there is none."),
]
ClassificationModelCancelResult = Annotated[
    ClassificationModelCancelSuccess | NotFoundError | ConflictError | ForbiddenError,
    strawberry.union("ClassificationModelCancelResult", description="The training, or why it goes on."),
]
ClassificationModelPromoteResult = Annotated[
    ClassificationModelPromoteSuccess | NotFoundError | ConflictError | ForbiddenError,
    strawberry.union(
        "ClassificationModelPromoteResult",
        description="The model in force, or why it is another: a model that did not pass the gate cannot be promoted.",
    ),
]
ClassificationModelRollBackResult = Annotated[
    ClassificationModelRollBackSuccess | NotFoundError | ConflictError | ForbiddenError,
    strawberry.union("ClassificationModelRollBackResult", description="The model in force, or why not."),
]


async def _now(info: Info, number: int) -> ClassificationModel:
    row = await reads.by_number(info.context.graph, number)
    if row is None:
        raise NotFound("model", str(number), path=("number",))
    return ClassificationModel.of(row)


@strawberry.type
class ModelMutations:
    @strawberry.mutation(
        description=f"Have a worker train the model by what people confirmed and rejected. It is put in force only if it does better on verdicts held out, and not worse on the built-in evaluation. {NEEDS}"
    )
    async def classification_model_train(
        self,
        info: Info,
        promote: Annotated[
            bool,
            strawberry.argument(
                description="Whether a model that passes the gate is put in force at once; else it stays a candidate."
            ),
        ] = True,
        reason: Reason = "",
    ) -> ClassificationModelTrainResult:
        context = info.context
        number = await commands.request(context.graph, context.principal, promote=promote, reason=reason)
        return ClassificationModelTrainSuccess(model=await _now(info, number))

    @strawberry.mutation(description=f"End a training that waits or is at work. {NEEDS}")
    async def classification_model_cancel(
        self, info: Info, number: Number, reason: Reason = ""
    ) -> ClassificationModelCancelResult:
        await commands.cancel(info.context.graph, info.context.principal, number=number, reason=reason)
        return ClassificationModelCancelSuccess(model=await _now(info, number))

    @strawberry.mutation(
        description=f"Put a candidate in force that passed the gate. There is no way around the gate. {NEEDS}"
    )
    async def classification_model_promote(
        self, info: Info, number: Number, reason: Reason = ""
    ) -> ClassificationModelPromoteResult:
        row = await commands.promote(info.context.graph, info.context.principal, number=number, reason=reason)
        return ClassificationModelPromoteSuccess(model=ClassificationModel.of(row))

    @strawberry.mutation(description=f"Put a model in force again that was. {NEEDS}")
    async def classification_model_roll_back(
        self,
        info: Info,
        to: Annotated[
            int | None,
            strawberry.argument(
                description="Number of the model, 0 for the one of the product; null for the one before the present."
            ),
        ] = None,
        reason: Reason = "",
    ) -> ClassificationModelRollBackResult:
        row = await commands.roll_back(info.context.graph, info.context.principal, to=to, reason=reason)
        return ClassificationModelRollBackSuccess(model=ClassificationModel.of(row))
