"""Data tests as the API shows them: what they test, how they went, and counts; never a value of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self

import strawberry

from cypher.quality import reads
from graph_api.catalog import loaders
from graph_api.context import Context, Info
from graph_api.enums import DataTestMeasure, DataTestStatus
from graph_api.paging import After, Before, Connection, First, Last, Page
from graph_api.values import by_arguments, stored_json
from schema.domain.time import moment

if TYPE_CHECKING:
    from graph_api.catalog.types import Asset

Row = dict[str, Any]


@strawberry.type(description="One number that a data test gave.")
class DataTestFigure:
    measure: DataTestMeasure = strawberry.field(description="What it counts.")
    value: float = strawberry.field(description="The count or share.")


@strawberry.type(description="One run of a data test.")
class DataTestResult:
    status: DataTestStatus = strawberry.field(description="How it went.")
    at: datetime | None = strawberry.field(description="When it ended.")
    run: str = strawberry.field(description="Identity of the run at the tool; empty where it gives none.")
    figures: list[DataTestFigure] = strawberry.field(description="Counts and shares.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            status=DataTestStatus(row["status"]),
            at=moment(row["at"]),
            run=row["run"] or "",
            figures=_figures(row["figures"]),
        )


@strawberry.type(description="A page of results, the newest first; the last 50 of each test are kept.")
class DataTestResultConnection(Connection[DataTestResult]): ...


@strawberry.type(description="A test of data: of dbt, Great Expectations or Soda.")
class DataTest:
    tested: strawberry.Private[Sequence[str]]
    urn: str = strawberry.field(description="Urn of the job that it is.")
    name: str = strawberry.field(description="Its name.")
    check: str = strawberry.field(description="What it checks in the tool's words, such as not_null.")
    tool: str = strawberry.field(description="The tool that runs it.")
    status: DataTestStatus | None = strawberry.field(
        description="How it went the last time; null where no result is known."
    )
    at: datetime | None = strawberry.field(description="When that was.")
    figures: list[DataTestFigure] = strawberry.field(description="Counts and shares of that time.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            tested=row["subjects"],
            urn=row["urn"],
            name=row["name"] or "",
            check=row["check"] or "",
            tool=row["tool"] or "",
            status=DataTestStatus(row["status"]) if row["status"] else None,
            at=moment(row["at"]),
            figures=_figures(row["figures"]),
        )

    @strawberry.field(description="The test as an asset of the catalogue.")
    async def asset(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")]:
        from graph_api.catalog.types import required_asset

        return await required_asset(info, self.urn)

    @strawberry.field(
        description="The datasets and columns that it tests, at most 100: below an asset, those of that asset."
    )
    async def subjects(
        self, info: Info
    ) -> list[Annotated[Asset, strawberry.lazy("graph_api.catalog.types")]]:
        from graph_api.catalog.types import Asset

        rows = await info.context.loader(loaders.by_urns).load_many(list(self.tested))
        return [Asset.of(row) for row in rows if row is not None]

    @strawberry.field(description="How it went before, the newest first.")
    async def results(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> DataTestResultConnection:
        page = Page.of("results", (str, str), first=first, after=after, last=last, before=before)
        rows = await info.context.loader(results).load((self.urn, page))
        return DataTestResultConnection.of(
            page, rows, key=lambda row: (row["at"], row["id"]), node=DataTestResult.of
        )


@strawberry.type(description="How many data tests stand how by their latest result.")
class DataTestSummary:
    passing: int = strawberry.field(description="PASS.")
    warning: int = strawberry.field(description="WARN.")
    failing: int = strawberry.field(description="FAIL.")
    erring: int = strawberry.field(description="ERROR: they could not be run to their end.")
    skipped: int = strawberry.field(description="SKIPPED.")
    unknown: int = strawberry.field(description="No result is known.")

    @classmethod
    def of(cls, counts: Mapping[str | None, int]) -> Self:
        return cls(
            passing=counts.get("PASS", 0),
            warning=counts.get("WARN", 0),
            failing=counts.get("FAIL", 0),
            erring=counts.get("ERROR", 0),
            skipped=counts.get("SKIPPED", 0),
            unknown=counts.get(None, 0),
        )


@strawberry.type(description="A page of data tests, by urn.")
class DataTestConnection(Connection[DataTest]):
    urn: strawberry.Private[str]
    columns: strawberry.Private[bool]

    @strawberry.field(description="How all tests of the asset stand, whatever their page and statuses.")
    async def summary(self, info: Info) -> DataTestSummary:
        return DataTestSummary.of(await info.context.loader(summaries).load((self.urn, self.columns)))


class TestsOf(NamedTuple):
    """Arguments of a page of data tests."""

    page: Page
    columns: bool
    statuses: tuple[str, ...] | None


async def tests_of_assets(context: Context, keys: list[tuple[str, TestsOf]]) -> Sequence[list[Row]]:
    """Pages of tests by urn and arguments."""

    async def read(urns: list[str], wanted: TestsOf) -> dict[str, list[Row]]:
        page = wanted.page
        return await reads.of_assets(
            context.graph,
            urns,
            context.scope,
            columns=wanted.columns,
            statuses=wanted.statuses,
            **page.keyset_of_one,
        )

    return await by_arguments(keys, read, list)


async def tests_by_urns(context: Context, urns: list[str]) -> Sequence[Row | None]:
    """Tests by their own urns; None for what is none."""
    found = await reads.by_urns(context.graph, urns, context.scope)
    return [found.get(urn) for urn in urns]


async def summaries(context: Context, keys: list[tuple[str, bool]]) -> Sequence[dict[str | None, int]]:
    """Numbers of tests by status."""

    async def read(urns: list[str], columns: bool) -> dict[str, dict[str | None, int]]:
        return await reads.summary(context.graph, urns, context.scope, columns=columns)

    return await by_arguments(keys, read, dict)


async def results(context: Context, keys: list[tuple[str, Page]]) -> Sequence[list[Row]]:
    """Pages of results by the test's urn."""

    async def read(urns: list[str], page: Page) -> dict[str, list[Row]]:
        return await reads.results(
            context.graph,
            urns,
            context.scope,
            **page.keyset,
        )

    return await by_arguments(keys, read, list)


def _figures(stated: str | None) -> list[DataTestFigure]:
    return [
        DataTestFigure(measure=DataTestMeasure(name), value=value)
        for name, value in (stored_json(stated) or {}).items()
    ]
