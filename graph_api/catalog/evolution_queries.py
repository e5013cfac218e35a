"""The difference of two versions of a schema: parse, read, map."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph_api.catalog.evolution import SchemaChangeConnection, SchemaVersion, changes_page, histories
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.paging import After, Before, First, Last, Page
from schema.domain import schema_history, schemas
from schema.errors import InvalidInput


@strawberry.type(description="How two versions of the schema of a dataset differ.")
class SchemaDiff:
    dataset: strawberry.Private[str]
    found: strawberry.Private[tuple[schemas.Change, ...]]
    from_version: SchemaVersion = strawberry.field(description="The version that is compared.")
    to_version: SchemaVersion | None = strawberry.field(
        description="The version that it is compared with; null for what the dataset is now."
    )

    @strawberry.field(description="How many differences there are.")
    def change_count(self) -> int:
        return len(self.found)

    @strawberry.field(description="How many of them are breaking.")
    def breaking_count(self) -> int:
        return sum(change.breaking for change in self.found)

    @strawberry.field(description="The differences.")
    async def changes(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> SchemaChangeConnection:
        page = Page.of("schemaChanges", (int,), first=first, after=after, last=last, before=before)
        return changes_page(page, self.found)


def compared(
    history: schema_history.SchemaHistory, old: int | None, new: int | None
) -> tuple[schema_history.SchemaVersion, schema_history.SchemaVersion | None]:
    """The two versions that are meant: without ``old`` the one before ``new``, without ``new`` what is now.

    Raises ``InvalidInput`` where there is no such version.
    """
    if not history.versions:
        raise InvalidInput(
            "Nothing is known of the columns of this asset.",
            path=("dataset",),
            remedy="Name a dataset that a scan has read.",
        )
    to = None if new is None else _named(history, new, "to")
    if old is not None:
        return _named(history, old, "from"), to
    latest = to or history.versions[-1]
    return history.before(latest) or latest, to


def _named(history: schema_history.SchemaHistory, number: int, path: str) -> schema_history.SchemaVersion:
    try:
        return history.version(number)
    except InvalidInput as error:
        error.path = (path,)
        raise


@strawberry.type
class SchemaQueries:
    @strawberry.field(
        description="How two versions of a dataset's schema differ, or a version and what is now; null where there is no such dataset for the caller.",
        extensions=[Compiled()],
    )
    async def schema_diff(
        self,
        info: Info,
        dataset: Annotated[str, strawberry.argument(description="Urn of the dataset.")],
        from_: Annotated[
            int | None,
            strawberry.argument(
                name="from", description="Number of a version; null for the one before the other."
            ),
        ] = None,
        to: Annotated[
            int | None,
            strawberry.argument(description="Number of a version; null for what the dataset is now."),
        ] = None,
    ) -> SchemaDiff | None:
        history = await info.context.loader(histories).load(dataset)
        if history is None:
            return None
        old, new = compared(history, from_, to)
        return SchemaDiff(
            dataset=dataset,
            found=schemas.diff(history.at(old), history.at(new)),
            from_version=SchemaVersion.of(dataset, old),
            to_version=None if new is None else SchemaVersion.of(dataset, new),
        )
