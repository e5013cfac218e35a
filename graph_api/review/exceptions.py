"""Exceptions to what machines say: list, save after a preview, remove."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from cypher.review import reads
from graph_api.arguments import Reason
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.errors import ForbiddenError, InvalidInputError, NotFoundError
from graph_api.paging import After, Before, First, Last, Page
from graph_api.review.types import ClassificationException, ClassificationExceptionConnection
from ingest.commands import exceptions as commands
from schema.domain import review
from schema.domain.time import stored


@strawberry.type
class ExceptionQueries:
    @strawberry.field(
        description="Where machines may not say that something holds a kind of data, the newest first.",
        extensions=[Compiled()],
    )
    async def classification_exceptions(
        self,
        info: Info,
        classification: Annotated[
            str | None, strawberry.argument(description="Name of a classification; null for all.")
        ] = None,
        include_expired: Annotated[bool, strawberry.argument(description="Those that are over too.")] = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ClassificationExceptionConnection:
        page = Page.of(
            "classificationExceptions", (str, str), first=first, after=after, last=last, before=before
        )
        at = None if include_expired else stored(info.context.clock.now())
        found = [
            row
            for row in await reads.exceptions(info.context.graph, at=at)
            if classification in (None, row["classification"])
        ]
        # What an exception is about may be above the caller, who is not told of it then.
        visible = await reads.standing(
            info.context.graph,
            [(row["under"], row["classification"]) for row in found if row.get("under")],
            info.context.scope,
        )
        seen = {row["urn"] for row in visible}
        shown = [row for row in found if not row.get("under") or row["under"] in seen]
        return ClassificationExceptionConnection.cut(
            page,
            shown,
            key=lambda row: (row["created_at"], row["id"]),
            node=ClassificationException.of,
            descending=True,
        )


@strawberry.type(description="The exception holds, or would.")
class ClassificationExceptionSaveSuccess:
    exception: ClassificationException = strawberry.field(description="The exception.")
    dry_run: bool = strawberry.field(description="Whether nothing was written.")
    withdrawn: int = strawberry.field(
        description="How many verdicts of machines it withdrew, or would, that the caller may see; others end with the next scan."
    )
    withdrawn_urns: list[str] = strawberry.field(description="Urns of the first twenty assets.")


@strawberry.type(description="The exception is gone.")
class ClassificationExceptionRemoveSuccess:
    exception_id: str = strawberry.field(description="Its id.")


ClassificationExceptionSaveResult = Annotated[
    ClassificationExceptionSaveSuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union(
        "ClassificationExceptionSaveResult", description="The exception, or why it was not saved."
    ),
]
ClassificationExceptionRemoveResult = Annotated[
    ClassificationExceptionRemoveSuccess | NotFoundError | ForbiddenError,
    strawberry.union("ClassificationExceptionRemoveResult", description="Its id, or why it was not removed."),
]


@strawberry.type
class ExceptionMutations:
    @strawberry.mutation(
        description="Machines never say this again of what the conditions fit, all of which must hold; what they said is withdrawn, what people said stays. One that holds in the same place already is changed. Needs CLASSIFY."
    )
    async def classification_exception_save(
        self,
        info: Info,
        classification: Annotated[str, strawberry.argument(description="Name of the classification.")],
        reason: Annotated[str, strawberry.argument(description="Why; shown with it.")],
        pattern: Annotated[
            str | None,
            strawberry.argument(description="Names of columns, with * for any text, such as *_hash."),
        ] = None,
        under: Annotated[
            str | None,
            strawberry.argument(description="Urn of a source, database, schema, dataset or column."),
        ] = None,
        source: Annotated[str | None, strawberry.argument(description="Name of a source.")] = None,
        expires_at: Annotated[
            datetime | None, strawberry.argument(description="Until when it holds; null for ever.")
        ] = None,
        dry_run: Annotated[
            bool, strawberry.argument(description="Only tell what it would withdraw; write nothing.")
        ] = False,
    ) -> ClassificationExceptionSaveResult:
        context = info.context
        wanted = review.ClassificationException(
            classification, reason, pattern or None, under or None, source or None, expires_at
        )
        saved = await context.command(commands.save_exception, wanted, dry_run=dry_run)
        return ClassificationExceptionSaveSuccess(
            exception=ClassificationException.of(saved.row),
            dry_run=dry_run,
            withdrawn=saved.withdrawn,
            withdrawn_urns=list(saved.some),
        )

    @strawberry.mutation(
        description="Remove an exception; what it concerned is judged anew by workers, or by the next scan. Needs CLASSIFY."
    )
    async def classification_exception_remove(
        self,
        info: Info,
        id: Annotated[str, strawberry.argument(description="The exceptionId.")],
        reason: Reason = "",
    ) -> ClassificationExceptionRemoveResult:
        await info.context.command(commands.remove_exception, id, reason=reason)
        return ClassificationExceptionRemoveSuccess(exception_id=id)
