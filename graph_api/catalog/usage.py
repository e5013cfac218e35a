"""What logs of queries tell of assets: how much they are used, when last, and what they are joined with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self

import strawberry

from cypher.usage import reads
from graph_api.context import Context, Info
from graph_api.paging import After, Before, Connection, First, Last, Page
from graph_api.values import Long, by_arguments
from schema.domain.identity import Permission
from schema.domain.time import moment
from schema.domain.usage import KEPT_DAYS

if TYPE_CHECKING:
    from graph_api.catalog.types import Asset

Row = dict[str, Any]


@strawberry.type(description="Two columns that queries set equal.")
class ColumnJoin:
    own_urn: strawberry.Private[str]
    other_urn: strawberry.Private[str]
    queries: Long = strawberry.field(description="How many queries of the last 90 days did.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(own_urn=row["own"], other_urn=row["other"], queries=Long(row["queries"]))

    @strawberry.field(description="The column itself, or the column of the dataset.")
    async def column(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")]:
        from graph_api.catalog.types import required_asset

        return await required_asset(info, self.own_urn)

    @strawberry.field(name="with", description="The column it is joined with.")
    async def with_(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")]:
        from graph_api.catalog.types import required_asset

        return await required_asset(info, self.other_urn)


@strawberry.type(description="A page of joins, the most frequent first.")
class ColumnJoinConnection(Connection[ColumnJoin]): ...


@strawberry.type(
    description="How much a dataset or column is queried, by the logs that were read. Days are in UTC."
)
class AssetUsage:
    urn: strawberry.Private[str]
    queries_last_7_days: Long = strawberry.field(
        name="queriesLast7Days", description="Queries that read it today and in the 6 days before."
    )
    queries_last_30_days: Long = strawberry.field(
        name="queriesLast30Days", description="The same with the 29 days before."
    )
    queries_last_90_days: Long = strawberry.field(
        name="queriesLast90Days", description="The same with the 89 days before."
    )
    users: int = strawberry.field(description="Database accounts that did so in the last 90 days.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last read, as far as the log tells: counters tell only that it was before they were read."
    )

    @classmethod
    def of(cls, urn: str, row: Mapping[str, Any]) -> Self:
        return cls(
            urn=urn,
            queries_last_7_days=row["week"],
            queries_last_30_days=row["month"],
            queries_last_90_days=row["quarter"],
            users=row["accounts"],
            last_used_at=moment(row["last_used"]),
        )

    @strawberry.field(
        description="Names of those accounts, for administrators alone; null for everybody else, as names tell of persons."
    )
    async def accounts(self, info: Info) -> list[str] | None:
        if not info.context.principal.may(Permission.ADMIN):
            return None
        return await info.context.loader(accounts).load(self.urn)

    @strawberry.field(
        description="Columns that queries of the last 90 days set equal to it or to its columns, the most frequent first."
    )
    async def joins(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ColumnJoinConnection:
        page = Page.of("joins", (int, str, str), first=first, after=after, last=last, before=before)
        rows = await info.context.loader(joins).load((self.urn, JoinsOf(page)))
        return ColumnJoinConnection.of(
            page, rows, key=lambda row: (-row["queries"], row["own"], row["other"]), node=ColumnJoin.of
        )


class JoinsOf(NamedTuple):
    """Arguments of a page of joins."""

    page: Page


def _behind(days: int) -> str:
    """The day behind which the last ``days`` days are, today among them."""
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()


async def usages(context: Context, urns: list[str]) -> Sequence[Row | None]:
    """Figures by urn; None where no query of the last 90 days is known."""
    found = await reads.by_urns(
        context.graph, urns, context.scope, week=_behind(7), month=_behind(30), quarter=_behind(KEPT_DAYS)
    )
    return [row if (row := found.get(urn)) and row["quarter"] else None for urn in urns]


async def accounts(context: Context, urns: list[str]) -> Sequence[list[str]]:
    """Names by urn; whoever asks must have seen that the caller is an administrator."""
    found = await reads.accounts(context.graph, urns, context.scope, since=_behind(KEPT_DAYS))
    return [found.get(urn, []) for urn in urns]


async def joins(context: Context, keys: list[tuple[str, JoinsOf]]) -> Sequence[list[Row]]:
    """Pages of joins by urn and arguments."""

    async def read(urns: list[str], wanted: JoinsOf) -> dict[str, list[Row]]:
        page = wanted.page
        return await reads.joins(
            context.graph,
            urns,
            context.scope,
            since=_behind(KEPT_DAYS),
            **page.keyset,
        )

    return await by_arguments(keys, read, list)
