"""How the schema of a dataset evolved: its versions, what changed with each, and since when each column is as it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from cypher.schemas import reads
from graph_api.context import Context, Info
from graph_api.enums import RenameEvidence, Retyping, SchemaChangeKind
from graph_api.paging import After, Before, Connection, First, Last, Page, numbered
from graph_api.values import by_arguments
from schema.domain import renames, schema_history, schemas
from schema.domain.time import moment


@strawberry.type(description="A column as a version of its dataset's schema has it.")
class SchemaColumn:
    name: str = strawberry.field(description="Its name, in the source's spelling.")
    data_type: str = strawberry.field(description="Its type, in the source's words; empty where nobody told.")
    nullable: bool | None = strawberry.field(description="Whether it may hold nulls; null where nobody told.")

    @classmethod
    def of(cls, column: renames.SchemaColumn) -> Self:
        return cls(name=column.name, data_type=column.data_type, nullable=column.nullable)


def _column(column: renames.SchemaColumn | None) -> SchemaColumn | None:
    return None if column is None else SchemaColumn.of(column)


@strawberry.type(description="One difference of two schemas.")
class SchemaChange:
    kind: SchemaChangeKind = strawberry.field(description="What happened.")
    breaking: bool = strawberry.field(
        description="Whether somebody who reads the dataset may fail, or read something else."
    )
    reason: str = strawberry.field(description="Whom it breaks, or why it breaks nobody.")
    before: SchemaColumn | None = strawberry.field(
        description="The column before; null where it, or the whole dataset, was not there."
    )
    after: SchemaColumn | None = strawberry.field(
        description="The column afterwards; null where it, or the whole dataset, is not there."
    )
    position: int | None = strawberry.field(
        description="Its place afterwards, from 1; null where the order of columns means nothing."
    )
    retyping: Retyping | None = strawberry.field(
        description="What another type means; null for other changes."
    )
    confidence: float | None = strawberry.field(
        description="How sure it is that a column was renamed, up to 1; null for other changes."
    )
    evidence: list[RenameEvidence] = strawberry.field(description="Why it is taken for a rename.")

    @classmethod
    def of(cls, change: schemas.Change) -> Self:
        return cls(
            kind=SchemaChangeKind(change.kind.value),
            breaking=change.breaking,
            reason=change.reason,
            before=_column(change.before),
            after=_column(change.after),
            position=change.position,
            retyping=None if change.retyping is None else Retyping(change.retyping.value),
            confidence=change.confidence,
            evidence=[RenameEvidence(each.value) for each in change.evidence],
        )


@strawberry.type(
    description="A page of changes: the dataset first, then columns in their order, those that went last."
)
class SchemaChangeConnection(Connection[SchemaChange]): ...


def changes_page(page: Page, changes: Sequence[schemas.Change]) -> SchemaChangeConnection:
    """A page out of all changes."""
    return SchemaChangeConnection.of(
        page, numbered(page, changes), key=lambda row: (row[0],), node=lambda row: SchemaChange.of(row[1])
    )


@strawberry.type(description="A page of columns, by position.")
class SchemaColumnConnection(Connection[SchemaColumn]): ...


@strawberry.type(
    description="One version of the schema of a dataset, as far as the caller may see its columns."
)
class SchemaVersion:
    dataset: strawberry.Private[str]
    version: strawberry.Private[schema_history.SchemaVersion]
    number: int = strawberry.field(description="Counts from 1 for each dataset.")
    valid_from: datetime | None = strawberry.field(description="From when on it held.")
    recorded_at: datetime | None = strawberry.field(description="Since when the catalogue has it so.")
    run: str | None = strawberry.field(description="The run that found it, or the batch that brought it.")
    actor: str | None = strawberry.field(description="The principal that recorded it.")
    described_by: str | None = strawberry.field(
        description="The source or producer that described the dataset."
    )
    gone: bool = strawberry.field(description="True where the dataset was not there.")

    @classmethod
    def of(cls, dataset: str, version: schema_history.SchemaVersion) -> Self:
        return cls(
            dataset=dataset,
            version=version,
            number=version.number,
            valid_from=moment(version.valid_from),
            recorded_at=moment(version.recorded_at),
            run=version.run,
            actor=version.actor,
            described_by=version.source,
            gone=version.gone,
        )

    @strawberry.field(description="How many columns it had.")
    async def column_count(self, info: Info) -> int:
        history = await self._history(info)
        return 0 if history is None else len(history.at(self.version).columns)

    @strawberry.field(description="Its columns.")
    async def columns(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> SchemaColumnConnection:
        page = Page.of("schemaColumns", (int,), first=first, after=after, last=last, before=before)
        history = await self._history(info)
        rows = numbered(page, () if history is None else history.at(self.version).columns)
        return SchemaColumnConnection.of(
            page, rows, key=lambda row: (row[0],), node=lambda row: SchemaColumn.of(row[1])
        )

    @strawberry.field(description="Whether something breaking changed with it.")
    async def breaking(self, info: Info) -> bool:
        return any(change.breaking for change in await self._changes(info))

    @strawberry.field(description="How much changed with it; 0 for the first.")
    async def change_count(self, info: Info) -> int:
        return len(await self._changes(info))

    @strawberry.field(description="What changed with it.")
    async def changes(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> SchemaChangeConnection:
        page = Page.of("schemaChanges", (int,), first=first, after=after, last=last, before=before)
        return changes_page(page, await self._changes(info))

    async def _history(self, info: Info) -> schema_history.SchemaHistory | None:
        return await info.context.loader(histories).load(self.dataset)

    async def _changes(self, info: Info) -> tuple[schemas.Change, ...]:
        history = await self._history(info)
        return () if history is None else history.changes(self.version)


@strawberry.type(description="A page of versions of a schema, the newest first.")
class SchemaVersionConnection(Connection[SchemaVersion]): ...


@strawberry.type(description="A change of one column, and the version that brought it.")
class ColumnChange:
    version: SchemaVersion = strawberry.field(description="The version.")
    change: SchemaChange = strawberry.field(description="What changed.")


@strawberry.type(description="A page of changes of one column, the newest first.")
class ColumnChangeConnection(Connection[ColumnChange]): ...


@strawberry.type(description="Since when, and by whom, a column is as it is.")
class ColumnBlame:
    dataset: strawberry.Private[str]
    found: strawberry.Private[schema_history.Blame]
    column: SchemaColumn = strawberry.field(description="The column as it is.")
    since: SchemaVersion | None = strawberry.field(
        description="The version since which it is so; null where that is longer ago than versions are kept."
    )

    @classmethod
    def of(cls, dataset: str, found: schema_history.Blame) -> Self:
        since = None if found.since is None else SchemaVersion.of(dataset, found.since)
        return cls(dataset=dataset, found=found, column=SchemaColumn.of(found.column), since=since)

    @strawberry.field(description="What changed of it, also under the names that it had before.")
    async def changes(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ColumnChangeConnection:
        page = Page.of("columnChanges", (int,), first=first, after=after, last=last, before=before)
        return ColumnChangeConnection.of(
            page,
            numbered(page, self.found.changes),
            key=lambda row: (row[0],),
            node=lambda row: ColumnChange(
                version=SchemaVersion.of(self.dataset, row[1][0]), change=SchemaChange.of(row[1][1])
            ),
        )


@strawberry.type(description="A page of columns with since when they are as they are, by position.")
class ColumnBlameConnection(Connection[ColumnBlame]): ...


async def versions(
    context: Context, keys: list[tuple[str, Page]]
) -> Sequence[list[schema_history.SchemaVersion]]:
    """Pages of versions by urn and arguments."""

    async def read(urns: list[str], page: Page) -> dict[str, list[schema_history.SchemaVersion]]:
        return await reads.versions(context.graph, urns, context.scope, **page.keyset_of_one)

    return await by_arguments(keys, read, list)


async def histories(context: Context, urns: list[str]) -> Sequence[schema_history.SchemaHistory | None]:
    """What the caller may know of the schemas of datasets."""
    found = await reads.histories(context.graph, urns, context.scope)
    return [found.get(urn) for urn in urns]


async def renamed(context: Context, urns: list[str]) -> Sequence[tuple[str | None, str | None]]:
    """What columns were called before, and are called now."""
    found = await reads.renamed(context.graph, urns, context.scope)
    return [found.get(urn, (None, None)) for urn in urns]
