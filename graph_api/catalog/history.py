"""What changed of an asset: when, since when it holds, who says so, and what it was before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self

import strawberry

from cypher.catalog import reads
from graph_api.context import Context, Info
from graph_api.enums import AssetAttribute, AssetChangeKind
from graph_api.paging import Connection, Page
from graph_api.values import by_arguments
from schema.domain.time import moment, stored
from schema.errors import InvalidInput

if TYPE_CHECKING:
    from graph_api.catalog.types import Asset


_GOVERNED = [each for each in AssetAttribute if each.value not in ("tag", "owner", "verdict", "inherited")]


@strawberry.type(description="One attribute before and after a change.")
class AttributeChange:
    attribute: AssetAttribute = strawberry.field(description="Which one.")
    of: str | None = strawberry.field(
        description="Name of the tag, owner or classification; null for anything else."
    )
    old: str | None = strawberry.field(description="Its value before; null for none.")
    new: str | None = strawberry.field(description="Its value from then on; null for none.")


@strawberry.type(description="One change of one asset.")
class AssetChange:
    urn: str = strawberry.field(description="Urn of the asset, or of its column.")
    kind: AssetChangeKind = strawberry.field(description="What happened.")
    valid_from: datetime | None = strawberry.field(description="From when on it holds.")
    recorded_at: datetime | None = strawberry.field(description="Since when the catalogue has it so.")
    actor: str | None = strawberry.field(
        description="The principal that recorded it; null where that was not kept."
    )
    run: str | None = strawberry.field(
        description="The run that found it, or the batch that brought it; null for people's changes."
    )
    reason: str | None = strawberry.field(
        description="Why, of a classification; null for anything else, or where nobody said."
    )
    attributes: list[AttributeChange] = strawberry.field(description="What became another, and how.")

    @strawberry.field(description="The asset as it is now.")
    async def asset(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")]:
        from graph_api.catalog.types import required_asset

        return await required_asset(info, self.urn)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        kind, attributes = _said(row)
        return cls(
            urn=row["urn"],
            kind=kind,
            valid_from=moment(row["valid_from"]),
            recorded_at=moment(row["at"]),
            actor=row["by"],
            run=row["run"],
            reason=row["reason"],
            attributes=attributes,
        )


@strawberry.type(description="A page of changes, the newest first.")
class AssetChangeConnection(Connection[AssetChange]): ...


def _said(row: Mapping[str, Any]) -> tuple[AssetChangeKind, list[AttributeChange]]:
    now, was = row["is"], row["was"]
    if now is None:
        attribute = AssetAttribute(row["what"].partition(" ")[0])
        return AssetChangeKind.CHANGED, [
            AttributeChange(attribute=attribute, of=row["of"], old=row["old"], new=row["new"])
        ]
    changed = [
        AttributeChange(attribute=each, of=None, old=old, new=new)
        for each in _GOVERNED
        for old, new in [(_text(was and was[each.value]), _text(now[each.value]))]
        if old != new
    ]
    if was is None:
        return AssetChangeKind.APPEARED, changed
    if was["status"] != now["status"]:
        if now["status"] == "DELETED":
            return AssetChangeKind.DELETED, changed
        if now["status"] == "ACTIVE":
            return AssetChangeKind.RETURNED, changed
        if was["status"] == "ACTIVE":
            return AssetChangeKind.GONE, changed
    return AssetChangeKind.CHANGED, changed


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value in (None, "") else str(value)


class HistoryOf(NamedTuple):
    """Arguments of a page of changes."""

    page: Page
    columns: bool
    since: str | None
    until: str | None

    @classmethod
    def between(cls, page: Page, columns: bool, since: datetime | None, until: datetime | None) -> Self:
        """Raises ``InvalidInput`` where the time ends before it begins."""
        begin = None if since is None else stored(since)
        end = None if until is None else stored(until)
        if begin and end and end <= begin:
            raise InvalidInput(
                "The time ends before it begins.", path=("until",), remedy="Give a later time, or none."
            )
        return cls(page, columns, begin, end)


async def histories(context: Context, keys: list[tuple[str, HistoryOf]]) -> Sequence[list[dict[str, Any]]]:
    """Pages of changes by urn and arguments."""

    async def read(urns: list[str], wanted: HistoryOf) -> dict[str, list[dict[str, Any]]]:
        page = wanted.page
        return await reads.history(
            context.graph,
            urns,
            context.scope,
            columns=wanted.columns,
            since=wanted.since,
            until=wanted.until,
            **page.keyset,
        )

    return await by_arguments(keys, read, list)
