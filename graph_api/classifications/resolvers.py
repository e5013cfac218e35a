"""Classification entry points: parse, read or command, map."""

from __future__ import annotations

from typing import Annotated

import strawberry

from cypher.governance import reads
from graph_api.arguments import Reason
from graph_api.classifications import loaders
from graph_api.classifications.types import Classification, ClassificationConnection, ClassificationVerdict
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import Sensitivity
from graph_api.errors import ForbiddenError, InvalidInputError, NotFoundError
from graph_api.paging import After, Before, First, Last, Page
from ingest.commands import classifications as commands
from schema.domain.classifications import VerdictStatus

Urn = Annotated[str, strawberry.argument(description="Urn of the asset.")]
Name = Annotated[str, strawberry.argument(description="Stable name of the classification.")]


@strawberry.input(description="Narrows the list of classifications; all that is given must hold.")
class ClassificationFilter:
    category: str | None = strawberry.field(default=None, description="Of this category.")
    regulation: str | None = strawberry.field(
        default=None, description="Hints at this regulation, such as GDPR; itself or by a wider one."
    )
    sensitivity_at_least: Sensitivity | None = strawberry.field(
        default=None, description="This level or higher."
    )
    sensitivity_at_most: Sensitivity | None = strawberry.field(
        default=None, description="This level or lower."
    )
    under: str | None = strawberry.field(
        default=None, description="This classification, by its stable name, and all below it."
    )
    built_in: bool | None = strawberry.field(
        default=None, description="Only what the product brings, or only what is one's own."
    )
    enabled: bool | None = strawberry.field(
        default=None, description="Only what is given, or only what is switched off."
    )
    text: str | None = strawberry.field(
        default=None, description="Part of the name, the title or the description, in any letter case."
    )

    def wanted(self) -> reads.ClassificationFilter:
        """The same for the graph."""
        least, most = self.sensitivity_at_least, self.sensitivity_at_most
        return reads.ClassificationFilter(
            category=self.category,
            regulation=self.regulation,
            at_least=least.value if least else None,
            at_most=most.value if most else None,
            under=self.under,
            built_in=self.built_in,
            enabled=self.enabled,
            text=self.text,
        )


@strawberry.type
class ClassificationQueries:
    @strawberry.field(
        description="The kinds of data that the product knows, by name.", extensions=[Compiled()]
    )
    async def classifications(
        self,
        info: Info,
        filter: Annotated[
            ClassificationFilter | None,
            strawberry.argument(description="Narrows the list; all that is given must hold."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ClassificationConnection:
        page = Page.of("classifications", (str,), first=first, after=after, last=last, before=before)
        rows = await reads.classifications(
            info.context.graph, (filter or ClassificationFilter()).wanted(), **page.keyset_of_one
        )
        return ClassificationConnection.of(page, rows, key=lambda row: (row["name"],), node=Classification.of)

    @strawberry.field(
        description="One kind of data by its stable name; null where there is none.", extensions=[Compiled()]
    )
    async def classification(self, info: Info, name: Name) -> Classification | None:
        row = await info.context.loader(loaders.by_names).load(name)
        return None if row is None else Classification.of(row)


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
    await context.command(
        commands.decide, urn=urn, classification=classification, status=status, reason=reason
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
