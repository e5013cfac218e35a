"""Classification entry points: parse, read or command, map."""

from __future__ import annotations

from typing import Annotated

import strawberry

from cypher.governance import reads
from graph_api.classifications.types import Classification, ClassificationConnection, ClassificationVerdict
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.errors import ForbiddenError, InvalidInputError, NotFoundError
from graph_api.paging import After, Before, First, Last, Page
from ingest.commands import classifications as commands
from schema.domain.classifications import VerdictStatus

Urn = Annotated[str, strawberry.argument(description="Urn of the asset.")]
Name = Annotated[str, strawberry.argument(description="Stable name of the classification.")]
Reason = Annotated[str, strawberry.argument(description="Why, for the audit trail.")]


@strawberry.type
class ClassificationQueries:
    @strawberry.field(
        description="The kinds of data that the product knows, by name.", extensions=[Compiled()]
    )
    async def classifications(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ClassificationConnection:
        page = Page.of("classifications", (str,), first=first, after=after, last=last, before=before)
        rows = await reads.classifications(
            info.context.graph,
            **page.keyset_of_one,
        )
        return ClassificationConnection.of(page, rows, key=lambda row: (row["name"],), node=Classification.of)


@strawberry.type(description="The verdict was confirmed.")
class ClassificationConfirmSuccess:
    urn: str = strawberry.field(description="Urn of the asset.")
    verdicts: list[ClassificationVerdict] = strawberry.field(description="All verdicts on the asset now.")


@strawberry.type(description="The verdict was rejected.")
class ClassificationRejectSuccess:
    urn: str = strawberry.field(description="Urn of the asset.")
    verdicts: list[ClassificationVerdict] = strawberry.field(description="All verdicts on the asset now.")


ClassificationConfirmResult = Annotated[
    ClassificationConfirmSuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union(
        "ClassificationConfirmResult", description="The verdicts now, or why nothing was decided."
    ),
]
ClassificationRejectResult = Annotated[
    ClassificationRejectSuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union(
        "ClassificationRejectResult", description="The verdicts now, or why nothing was decided."
    ),
]


async def _decided(
    info: Info, urn: str, classification: str, status: VerdictStatus, reason: str
) -> list[ClassificationVerdict]:
    context = info.context
    await commands.decide(
        context.graph, context.principal, urn=urn, classification=classification, status=status, reason=reason
    )
    # A confirmed verdict may lift the asset above the clearance of who confirmed it.
    found = await reads.verdicts(context.graph, [urn], context.scope)
    return [ClassificationVerdict.of(row, urn) for row in found.get(urn, [])]


@strawberry.type
class ClassificationMutations:
    @strawberry.mutation(description="Confirm that an asset holds this kind of data. Needs CLASSIFY.")
    async def classification_confirm(
        self, info: Info, urn: Urn, classification: Name, reason: Reason = ""
    ) -> ClassificationConfirmResult:
        verdicts = await _decided(info, urn, classification, VerdictStatus.CONFIRMED, reason)
        return ClassificationConfirmSuccess(urn=urn, verdicts=verdicts)

    @strawberry.mutation(
        description="Reject that an asset holds this kind of data; remembered by later scans. Needs CLASSIFY."
    )
    async def classification_reject(
        self, info: Info, urn: Urn, classification: Name, reason: Reason = ""
    ) -> ClassificationRejectResult:
        verdicts = await _decided(info, urn, classification, VerdictStatus.REJECTED, reason)
        return ClassificationRejectSuccess(urn=urn, verdicts=verdicts)
