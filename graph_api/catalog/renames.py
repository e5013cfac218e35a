"""The mutation that says of a column that it is another one under a new name."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph_api.arguments import Reason
from graph_api.catalog.types import Asset, load_asset
from graph_api.context import Info
from graph_api.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from ingest.commands import renames as commands


@strawberry.type(description="The column is known under its new name.")
class ColumnRenameConfirmSuccess:
    column: Asset | None = strawberry.field(
        description="The column with what people said of it before; null where a verdict that came along hides it from the caller."
    )


ColumnRenameConfirmResult = Annotated[
    ColumnRenameConfirmSuccess | NotFoundError | ConflictError | InvalidInputError | ForbiddenError,
    strawberry.union("ColumnRenameConfirmResult", description="The column, or why nothing was changed."),
]


@strawberry.type
class RenameMutations:
    @strawberry.mutation(
        description="Say that a column that went is another one of the same dataset; its description, tags, owners and people's verdicts come along. Needs EDIT and CLASSIFY."
    )
    async def column_rename_confirm(
        self,
        info: Info,
        from_: Annotated[str, strawberry.argument(name="from", description="Urn of the column that went.")],
        to: Annotated[str, strawberry.argument(description="Urn of the column that it is now.")],
        reason: Reason = "",
    ) -> ColumnRenameConfirmResult:
        context = info.context
        await commands.confirm(context.graph, context.principal, old=from_, new=to, reason=reason)
        context.loaders.clear()  # what was read before the change is out of date
        return ColumnRenameConfirmSuccess(column=await load_asset(info, to))
