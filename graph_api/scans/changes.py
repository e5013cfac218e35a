"""What a run changed and what an undo does about it, as the API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from graph_api.context import Info
from graph_api.enums import RunAction, RunAspect, UndoOutcome, UndoReason
from graph_api.paging import Connection
from graph_api.values import Long
from schema.domain.undo import SAID, Change, Tally

if TYPE_CHECKING:
    from graph_api.catalog.types import Asset


@strawberry.type(description="How much of one kind a run changed.")
class RunChangeCount:
    aspect: RunAspect = strawberry.field(description="What kind of thing.")
    count: Long = strawberry.field(description="How much.")


@strawberry.type(description="What a run made of one attribute of an asset.")
class RunAttributeChange:
    attribute: str = strawberry.field(description="Its name.")
    old: str | None = strawberry.field(description="What it was before the run.")
    new: str | None = strawberry.field(description="What the run made of it.")


@strawberry.type(description="One thing that a run changed.")
class RunChange:
    change: strawberry.Private[Change]
    name: str | None = strawberry.field(
        description="The classification, tag or owner, or the number of the version."
    )
    clashes: list[str] = strawberry.field(description="Attributes that something changed again since.")

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls(change=change, name=change.name, clashes=list(change.clashes))

    @strawberry.field(description="What kind of thing it is.")
    def aspect(self) -> RunAspect:
        return RunAspect(self.change.aspect.value)

    @strawberry.field(description="What the run did to it.")
    def action(self) -> RunAction:
        return RunAction(self.change.action.value)

    @strawberry.field(description="What an undo does about it as things are now.")
    def outcome(self) -> UndoOutcome:
        return UndoOutcome(self.change.outcome.value)

    @strawberry.field(description="Why an undo leaves all or some of it alone.")
    def reason(self) -> UndoReason | None:
        return None if self.change.reason is None else UndoReason(self.change.reason.value)

    @strawberry.field(description="What became another; of assets that were there before.")
    def attributes(self) -> list[RunAttributeChange]:
        row = self.change.row
        was, left = row.get("was"), row.get("left")
        if was is None or left is None:
            return []
        return [
            RunAttributeChange(attribute=name, old=_text(was[name]), new=_text(left[name]))
            for name in SAID
            if (was[name] or None) != (left[name] or None)
        ]

    @strawberry.field(
        description="The asset; of an edge the lower end, of a key the column that refers. Null where an undo hid it from the caller."
    )
    async def asset(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")] | None:
        from graph_api.catalog.types import load_asset

        return await load_asset(info, self.change.urn)

    @strawberry.field(
        description="Of an edge the upper end, of a key the column referred to; null for others."
    )
    async def other(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")] | None:
        from graph_api.catalog.types import load_asset

        return None if self.change.other is None else await load_asset(info, self.change.other)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value in (None, "") else str(value)


@strawberry.type(description="A page of what a run changed.")
class RunChangeConnection(Connection[RunChange]): ...


@strawberry.type(description="How many changes of one kind come to one end.")
class UndoCount:
    aspect: RunAspect = strawberry.field(description="What kind of thing.")
    outcome: UndoOutcome = strawberry.field(description="What the undo does about them.")
    count: Long = strawberry.field(description="How many.")


def undo_counts(tally: Tally) -> list[UndoCount]:
    """By kind and end, what there is none of left out."""
    return [
        UndoCount(aspect=RunAspect(aspect.value), outcome=UndoOutcome(outcome.value), count=Long(count))
        for (aspect, outcome), count in sorted(tally.counts.items())
    ]
