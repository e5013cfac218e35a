"""What became of verdicts: of one asset, and of all between two times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from cypher.review import reads
from graph_api.classifications.inherited import InheritanceOrigin
from graph_api.classifications.types import ClassificationVerdict
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import ClassificationChangeKind, VerdictStatus
from graph_api.paging import After, Before, Connection, First, Last, Page
from graph_api.review import loaders
from schema.domain.time import moment, stored
from schema.errors import InvalidInput

if TYPE_CHECKING:
    from graph_api.catalog.types import Asset

JOB = "system"  # keeps what is inherited
_ENDED = "Nothing that it comes from says so any more, or something stops it."
_OTHERWISE = "From then on it was inherited for other reasons."
Inherited = Annotated[
    bool | None,
    strawberry.argument(
        description="Only what is inherited along lineage (true), or only what was said of assets themselves (false); both where null."
    ),
]


@strawberry.type(description="A verdict and the time in which it stood.")
class ClassificationPeriod:
    verdict: ClassificationVerdict = strawberry.field(description="What was said, by whom or what, and why.")
    valid_from: datetime | None = strawberry.field(description="From when on it held.")
    valid_to: datetime | None = strawberry.field(description="Until when; null where it still holds.")
    recorded_at: datetime | None = strawberry.field(description="Since when the catalogue had it so.")
    closed_at: datetime | None = strawberry.field(
        description="Since when the catalogue has it that it ended; null where it stands."
    )
    inherited: bool = strawberry.field(
        description="Whether the asset inherited it along lineage, beside what was said of it itself."
    )
    origins: list[InheritanceOrigin] = strawberry.field(
        description="Where it was inherited from, the nearest five; empty for what was said of the asset itself."
    )
    run: str | None = strawberry.field(
        description="The run that found it; null for people, and for what is inherited."
    )
    closed_by: str | None = strawberry.field(
        description="The run or person that ended it, `system` for what is inherited; null where it stands or that was not kept."
    )
    closed_reason: str | None = strawberry.field(
        description="Why it ended, where an exception did that or it was inherited; null otherwise."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        verdict, inherited = row["verdict"], row["inherited"]
        decided, ended = verdict.get("decided_at"), verdict.get("closed_at")
        by, why = verdict.get("closed_run") or verdict.get("closed_by"), verdict.get("closed_reason")
        if inherited and ended:
            by, why = JOB, _OTHERWISE if row["otherwise"] else _ENDED
        return cls(
            verdict=ClassificationVerdict.of(row),
            valid_from=moment(decided or verdict.get("valid_from")),
            valid_to=moment(verdict.get("valid_to")),
            recorded_at=moment(row["position"][0] or None),
            closed_at=moment(ended),
            inherited=inherited,
            origins=[InheritanceOrigin.of(reason) for reason in row["reasons"]],
            run=None if decided else verdict.get("recorded_run"),
            closed_by=by,
            closed_reason=why,
        )


@strawberry.type(description="A page of verdicts with their times, the newest first.")
class ClassificationPeriodConnection(Connection[ClassificationPeriod]): ...


async def periods_of(
    info: Info,
    urn: str,
    *,
    inherited: bool | None,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> ClassificationPeriodConnection:
    """A page of what stood of one asset."""
    page = Page.of(
        "classificationHistory", (str, str, str, str), first=first, after=after, last=last, before=before
    )
    rows = await info.context.loader(loaders.periods).load((urn, loaders.PeriodsOf(page, inherited)))
    return ClassificationPeriodConnection.of(
        page, rows, key=lambda row: tuple(row["position"]), node=ClassificationPeriod.of
    )


@strawberry.type(description="A verdict that began, or ended without another in its place.")
class ClassificationChange:
    at: datetime = strawberry.field(description="Since when the catalogue has it so.")
    kind: ClassificationChangeKind = strawberry.field(description="What happened.")
    urn: str = strawberry.field(description="Urn of the asset.")
    inherited: bool = strawberry.field(
        description="Whether it is about what the asset inherits along lineage, beside what is said of it itself."
    )
    origins: list[InheritanceOrigin] = strawberry.field(
        description="Where it was inherited from, the nearest five; empty for what was said of the asset itself."
    )
    verdict: ClassificationVerdict = strawberry.field(
        description="The verdict that began, as it is or was at its end, or the one that ended."
    )
    before: VerdictStatus | None = strawberry.field(description="What stood before; null for nothing.")
    by: str | None = strawberry.field(
        description="The run or person that did it, `system` for what is inherited; null where that was not kept."
    )
    reason: str = strawberry.field(description="Why.")

    @strawberry.field(description="The asset as it is now.")
    async def asset(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")]:
        from graph_api.catalog.types import required_asset

        return await required_asset(info, self.urn)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        verdict, was, ended = row["verdict"], row["was"], row["what"] == "ENDED"
        inherited = row["inherited"]
        if inherited:
            by, reason = JOB, _ENDED if ended else verdict["reason"]
        elif ended:
            by = verdict.get("closed_run") or verdict.get("closed_by")
            reason = verdict.get("closed_reason") or "It was not found again."
        else:
            by = verdict.get("decided_by") or verdict.get("recorded_run")
            reason = verdict.get("decided_reason") or verdict.get("reason") or ""
        return cls(
            at=datetime.fromisoformat(row["at"]),
            kind=_inherited_kind(was, ended)
            if inherited
            else ClassificationChangeKind("WITHDRAWN" if ended else verdict["status"]),
            urn=row["urn"],
            inherited=inherited,
            origins=[InheritanceOrigin.of(each) for each in row["reasons"]],
            verdict=ClassificationVerdict.of(row),
            before=None if was is None else VerdictStatus(was["status"]),
            by=by,
            reason=reason,
        )


def _inherited_kind(was: Mapping[str, Any] | None, ended: bool) -> ClassificationChangeKind:
    if ended:
        return ClassificationChangeKind.INHERITANCE_ENDED
    return ClassificationChangeKind.INHERITED if was is None else ClassificationChangeKind.INHERITED_OTHERWISE


@strawberry.type(description="A page of changes of verdicts, the newest first.")
class ClassificationChangeConnection(Connection[ClassificationChange]): ...


@strawberry.type
class ClassificationChangeQueries:
    @strawberry.field(
        description="What changed of classifications between two times, and why: verdicts that began, were decided, or ended, and what was inherited along lineage, of assets that the caller may see.",
        extensions=[Compiled()],
    )
    async def classification_changes(
        self,
        info: Info,
        since: Annotated[
            datetime, strawberry.argument(description="From then on; without an offset it is UTC.")
        ],
        until: Annotated[
            datetime | None, strawberry.argument(description="Before then; null for now.")
        ] = None,
        source: Annotated[str | None, strawberry.argument(description="Name of a source.")] = None,
        under: Annotated[str | None, strawberry.argument(description="Urn of what holds the assets.")] = None,
        classification: Annotated[
            str | None, strawberry.argument(description="Name of a classification.")
        ] = None,
        inherited: Inherited = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ClassificationChangeConnection:
        begin, end = stored(since), None if until is None else stored(until)
        if end is not None and end <= begin:
            raise InvalidInput(
                "The time ends before it begins.", path=("until",), remedy="Give a later time, or none."
            )
        page = Page.of(
            "classificationChanges", (str, str), first=first, after=after, last=last, before=before
        )
        rows = await reads.changes(
            info.context.graph,
            info.context.scope,
            since=begin,
            until=end,
            key=None if page.key is None else (str(page.key[0]), str(page.key[1])),
            backward=page.backward,
            first=page.limit,
            inherited=inherited,
            source=source,
            classification=classification,
            under=under,
        )
        return ClassificationChangeConnection.of(
            page, rows, key=lambda row: (row["at"], row["id"]), node=ClassificationChange.of
        )
