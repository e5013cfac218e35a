"""Suggestions that wait for people, decisions and exceptions, as the API shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from cypher.review import reads
from graph_api.classifications.types import ClassificationVerdict
from graph_api.context import Info
from graph_api.enums import DecisionOutcome, Sensitivity, VerdictStatus
from graph_api.paging import Connection
from graph_api.review import loaders
from schema.domain.review import Decided
from schema.domain.time import moment

if TYPE_CHECKING:
    from graph_api.catalog.types import Asset


@strawberry.input(description="Narrows the suggestions; all that is given must hold.")
class ReviewFilter:
    source: str | None = strawberry.field(default=None, description="Name of the source of the asset.")
    classification: str | None = strawberry.field(default=None, description="Name of the classification.")
    category: str | None = strawberry.field(default=None, description="Category of the classification.")
    min_confidence: float | None = strawberry.field(
        default=None, description="The machine is at least as sure, 0 to 1."
    )
    under: str | None = strawberry.field(
        default=None, description="Urn of what holds the asset, such as a dataset or schema."
    )
    owner: str | None = strawberry.field(
        default=None, description="Who owns the asset, or something that holds it."
    )


def wanted(given: ReviewFilter | None) -> reads.ReviewFilter:
    """The filter as reads take it."""
    return reads.ReviewFilter() if given is None else reads.ReviewFilter(**vars(given))


@strawberry.type(description="A suggestion that nobody decided yet.")
class ReviewItem:
    urn: str = strawberry.field(description="Urn of the asset.")
    verdict: ClassificationVerdict = strawberry.field(description="What is suggested, by what, and why.")
    score: float = strawberry.field(
        description="How useful an answer is: uncertainty, which is 1 at a confidence of 0.5, times reach, which is 1 plus the logarithms of assets downstream and of queries of a month, as of the last scan of the source."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(urn=row["urn"], verdict=ClassificationVerdict.of(row), score=reads.score(row))

    @strawberry.field(description="The asset.")
    async def asset(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")]:
        from graph_api.catalog.types import required_asset

        return await required_asset(info, self.urn)

    @strawberry.field(
        description="How many assets that the caller may see lie downstream within five hops, at most a thousand: what a decision reaches."
    )
    async def downstream(self, info: Info) -> int:
        return await info.context.loader(loaders.downstream).load(self.urn)

    @strawberry.field(description="The level of the asset's own verdicts if this one is confirmed.")
    async def sensitivity_if_confirmed(self, info: Info) -> Sensitivity:
        return Sensitivity((await self._levels(info))[1])

    @strawberry.field(description="The level of the asset's own verdicts if this one is rejected.")
    async def sensitivity_if_rejected(self, info: Info) -> Sensitivity:
        return Sensitivity((await self._levels(info))[0])

    async def _levels(self, info: Info) -> tuple[int, int]:
        return await info.context.loader(loaders.levels).load((self.urn, self.verdict.classification.name))


@strawberry.type(description="A page of suggestions, the most useful to decide first.")
class ReviewConnection(Connection[ReviewItem]): ...


@strawberry.type(
    description="Suggestions as CSV, to be decided in a spreadsheet and given to verdictsImport."
)
class VerdictsCsv:
    text: str = strawberry.field(
        description="UTF-8 with a header; the columns verdict and comment are empty. Cells that look like formulas have an apostrophe in front."
    )
    row_count: int = strawberry.field(description="Rows without the header.")
    end_cursor: str | None = strawberry.field(
        description="Pass it as `after` for the rows that follow; null where there are none."
    )


@strawberry.type(description="What becomes of one decision.")
class DecisionAnswer:
    urn: str = strawberry.field(description="Urn of the asset as it was given.")
    classification: str = strawberry.field(description="Name of the classification as it was given.")
    outcome: DecisionOutcome = strawberry.field(description="What becomes of it.")
    before: VerdictStatus | None = strawberry.field(description="What stood before; null for nothing.")
    message: str = strawberry.field(
        description="Why nothing is written, such as who said otherwise; empty where it is."
    )
    line: int | None = strawberry.field(
        description="On which line of the file the row begins, from 1; null without a file."
    )

    @classmethod
    def of(cls, each: Decided, line: int | None = None) -> Self:
        return cls(
            urn=each.decision.urn,
            classification=each.decision.classification,
            outcome=DecisionOutcome(each.outcome.value),
            before=None if each.before is None else VerdictStatus(each.before.value),
            message=each.message,
            line=line,
        )


@strawberry.type(description="How many decisions had one outcome.")
class DecisionCount:
    outcome: DecisionOutcome = strawberry.field(description="The outcome.")
    count: int = strawberry.field(description="How many.")

    @classmethod
    def all_of(cls, decided: Sequence[Decided]) -> list[Self]:
        found = Counter(each.outcome.value for each in decided)
        return [cls(outcome=DecisionOutcome(name), count=count) for name, count in sorted(found.items())]


@strawberry.type(description="Where machines may not say that something holds a kind of data.")
class ClassificationException:
    exception_id: str = strawberry.field(description="Its id; empty in a preview.")
    classification: str = strawberry.field(description="Name of the classification.")
    pattern: str | None = strawberry.field(
        description="Names it is about, with * for any text; null for all."
    )
    under: str | None = strawberry.field(description="Urn of what holds them; null for anything.")
    source: str | None = strawberry.field(description="Name of the source; null for all.")
    reason: str = strawberry.field(description="Why.")
    created_by: str = strawberry.field(description="Who said so; empty in a preview.")
    created_at: datetime | None = strawberry.field(description="When; null in a preview.")
    expires_at: datetime | None = strawberry.field(description="Until when it holds; null for ever.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            exception_id=row.get("id", ""),
            classification=row["classification"],
            pattern=row.get("pattern"),
            under=row.get("under"),
            source=row.get("source"),
            reason=row["reason"],
            created_by=row.get("created_by", ""),
            created_at=moment(row.get("created_at")),
            expires_at=moment(row.get("expires_at")),
        )


@strawberry.type(description="A page of exceptions, the newest first.")
class ClassificationExceptionConnection(Connection[ClassificationException]): ...
