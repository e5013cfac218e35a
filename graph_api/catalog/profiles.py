"""What the source's engine told of columns and tables: counts, ranges, lengths and shapes over a sample."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import strawberry

from graph_api.values import Long, stored_json
from schema.domain.profiles import SHOWN_UNTIL
from schema.domain.time import moment


def figure(stored: str | None, name: str) -> Any:
    """One figure of a stored profile; None where it has no such."""
    return (stored_json(stored) or {}).get(name)


def value(stored: str | None, sensitivity: int | None, name: str) -> Any:
    """The same of a figure that was a value: not told of columns that became too sensitive since it was read."""
    return figure(stored, name) if (sensitivity or 0) <= SHOWN_UNTIL else None


@strawberry.type(description="How often texts of one shape occur in a sample.")
class ValueShape:
    shape: str = strawberry.field(
        description="Digits as 9, letters as A and a, more than three of them in a row as A+ and a+, all that is not ASCII as ~."
    )
    count: Long = strawberry.field(description="How many of the values looked at have it.")


@strawberry.type(description="What a sample told of a column. No text is ever among it.")
class ColumnProfile:
    rows: Long = strawberry.field(description="Values that were looked at.")
    nulls: Long = strawberry.field(description="How many of them were null.")
    distinct: Long | None = strawberry.field(
        description="How many of them differed; null where values of the type cannot be compared."
    )
    distinct_estimate: Long | None = strawberry.field(
        description="Distinct values of the whole column: counted where all rows were looked at, else estimated."
    )
    minimum: str | None = strawberry.field(
        description="The smallest number or time looked at; null for texts, and above the level INTERNAL."
    )
    maximum: str | None = strawberry.field(description="The largest, likewise.")
    quantiles: list[str] = strawberry.field(
        description="Numbers or times that 5, 25, 50, 75 and 95 percent of the values do not exceed, likewise."
    )
    shortest: int | None = strawberry.field(description="Characters of the shortest text.")
    longest: int | None = strawberry.field(description="Characters of the longest text.")
    length_quantiles: list[int] = strawberry.field(
        description="Lengths that 5, 25, 50, 75 and 95 percent of the texts do not exceed."
    )
    shapes: list[ValueShape] = strawberry.field(
        description="The most frequent shapes of texts, at most five, the most frequent first."
    )
    at: datetime | None = strawberry.field(description="When the sample was taken.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        stored, level = row["profile"], row["sensitivity"]
        return cls(
            rows=Long(row["sampled_rows"]),
            nulls=Long(row["sampled_nulls"] or 0),
            distinct=row["sampled_distinct"],
            distinct_estimate=figure(stored, "distinct_estimate"),
            minimum=value(stored, level, "minimum"),
            maximum=value(stored, level, "maximum"),
            quantiles=value(stored, level, "quantiles") or [],
            shortest=figure(stored, "shortest"),
            longest=figure(stored, "longest"),
            length_quantiles=figure(stored, "length_quantiles") or [],
            shapes=[ValueShape(shape=shape, count=Long(n)) for shape, n in figure(stored, "shapes") or ()],
            at=moment(row["sampled_at"]),
        )


@strawberry.type(description="How many rows a table has, and of how many its columns were profiled.")
class TableProfile:
    rows: Long | None = strawberry.field(description="Rows of the table; null where nothing tells.")
    rows_are_exact: bool = strawberry.field(
        description="True where all rows were counted, false where their number is the engine's estimate."
    )
    sampled_rows: Long = strawberry.field(description="Rows that were looked at.")
    at: datetime | None = strawberry.field(description="When that was.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        stored = row["table_profile"]
        return cls(
            rows=figure(stored, "rows"),
            rows_are_exact=bool(figure(stored, "exact")),
            sampled_rows=Long(figure(stored, "sampled") or 0),
            at=moment(row["sampled_at"]),
        )
