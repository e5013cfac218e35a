"""Masked rows and the rules of masking, as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from graph_api.enums import Mask, MaskingSubject, MaskReason
from graph_api.paging import Connection
from ingest.commands.samples import MaskedSample
from schema.domain import masking
from schema.domain.masking import MaskedColumn
from schema.domain.time import moment


@strawberry.type(description="How values of one kind, category or level are masked in samples.")
class MaskingRule:
    subject: MaskingSubject = strawberry.field(description="What it is about.")
    name: str = strawberry.field(
        description="Name of the classification, category or level; empty for free text."
    )
    mask: Mask = strawberry.field(description="What becomes of the values.")
    is_shipped: bool = strawberry.field(description="Whether it is as the product ships it.")
    set_by: str | None = strawberry.field(description="Who set it; null as shipped.")
    set_at: datetime | None = strawberry.field(description="When that was.")

    @classmethod
    def of(cls, rule: masking.MaskingRule) -> Self:
        return cls(
            subject=MaskingSubject(rule.subject.value),
            name=rule.name,
            mask=Mask(rule.mask.value),
            is_shipped=rule.set_by is None,
            set_by=rule.set_by,
            set_at=moment(rule.set_at),
        )


@strawberry.type(description="A page of rules of masking, by subject and name.")
class MaskingRuleConnection(Connection[MaskingRule]): ...


@strawberry.type(description="One column of a sample: how its values are masked, and what is left of them.")
class SampleColumn:
    name: str = strawberry.field(description="Name of the column.")
    mask: Mask = strawberry.field(description="What became of its values.")
    reason: MaskReason = strawberry.field(description="Why.")
    values: list[str | None] = strawberry.field(
        description="One text per row; null where there is no value or it is not shown."
    )

    @classmethod
    def of(cls, column: MaskedColumn) -> Self:
        return cls(
            name=column.name,
            mask=Mask(column.masking.mask.value),
            reason=MaskReason(column.masking.reason.value),
            values=list(column.values),
        )


@strawberry.type(description="Some rows of a dataset, masked for the caller. Nothing of them was stored.")
class AssetSampleSuccess:
    urn: str = strawberry.field(description="Urn of the dataset.")
    source: str = strawberry.field(description="The source they were read from.")
    purpose: str = strawberry.field(description="What the caller said he acts for; empty for nothing.")
    row_count: int = strawberry.field(description="How many rows there are.")
    columns: list[SampleColumn] = strawberry.field(
        description="The columns, in the order they were asked for."
    )

    @classmethod
    def of(cls, sample: MaskedSample) -> Self:
        return cls(
            urn=sample.urn,
            source=sample.source,
            purpose=sample.purpose,
            row_count=sample.rows,
            columns=[SampleColumn.of(column) for column in sample.columns],
        )
