"""What scans of a source do not find any more and what becomes of it, as the API shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from graph_api.context import Context, Info
from graph_api.enums import StaleOutcome, StalePolicy, StaleReason
from graph_api.paging import Connection, Page
from graph_api.values import Long, by_arguments
from ingest.commands import stale
from ingest.orchestration.rules import plan_of
from schema.domain import stale as domain
from schema.errors import InvalidInput
from schema.ports import SystemClock

if TYPE_CHECKING:
    from graph_api.catalog.types import Asset


@strawberry.type(description="An asset that is not found any more; a dataset stands for all its columns.")
class StaleAsset:
    found: strawberry.Private[stale.StaleAsset]
    since: datetime = strawberry.field(description="When the first scan did not find it.")
    due_at: datetime | None = strawberry.field(
        description="When its days of grace are over; null where nothing ever becomes of it."
    )

    @classmethod
    def of(cls, found: stale.StaleAsset) -> Self:
        return cls(found=found, since=found.judged.since, due_at=found.judged.due_at)

    @strawberry.field(description="What the next complete scan does about it.")
    def outcome(self) -> StaleOutcome:
        return StaleOutcome(self.found.judged.outcome.value)

    @strawberry.field(description="Why it is kept; null where it is not, or where nothing would delete it.")
    def reason(self) -> StaleReason | None:
        reason = self.found.judged.reason
        return None if reason is None else StaleReason(reason.value)

    @strawberry.field(description="The asset.")
    async def asset(self, info: Info) -> Annotated[Asset, strawberry.lazy("graph_api.catalog.types")]:
        from graph_api.catalog.types import required_asset

        return await required_asset(info, self.found.urn)


@strawberry.type(description="A page of assets that are not found any more, by urn.")
class StaleAssetConnection(Connection[StaleAsset]): ...


@strawberry.type(description="How many assets that are not found any more come to one end.")
class StaleCount:
    key: strawberry.Private[tuple[domain.StaleOutcome, domain.KeptBecause | None]]
    count: Long = strawberry.field(description="How many.")

    @strawberry.field(description="What the next complete scan does about them.")
    def outcome(self) -> StaleOutcome:
        return StaleOutcome(self.key[0].value)

    @strawberry.field(description="Why they are kept; null where they are not.")
    def reason(self) -> StaleReason | None:
        return None if self.key[1] is None else StaleReason(self.key[1].value)


def rule_of(
    source: Mapping[str, Any], policy: StalePolicy | None, after_days: int | None
) -> domain.StaleRule:
    """The rule of the plan of a source, with what is given in its place; raises ``InvalidInput``."""
    rule = plan_of(source.get("plan")).stale
    try:
        return domain.StaleRule(
            rule.policy if policy is None else domain.StalePolicy(policy.value),
            rule.after_days if after_days is None else after_days,
        )
    except InvalidInput as error:
        error.path = ("afterDays",)
        raise


async def pages(
    context: Context, keys: list[tuple[str, tuple[Page, domain.StaleRule]]]
) -> Sequence[list[stale.StaleAsset]]:
    async def read(
        names: list[str], wanted: tuple[Page, domain.StaleRule]
    ) -> dict[str, list[stale.StaleAsset]]:
        page, rule = wanted
        key, now = None if page.key is None else str(page.key[0]), SystemClock().now()
        return {
            name: await stale.page(
                context.graph,
                context.scope,
                source=name,
                rule=rule,
                now=now,
                key=key,
                first=page.limit,
                backward=page.backward,
            )
            for name in names
        }

    return await by_arguments(keys, read, list)


async def counts(context: Context, keys: list[tuple[str, domain.StaleRule]]) -> Sequence[list[StaleCount]]:
    async def read(names: list[str], rule: domain.StaleRule) -> dict[str, list[StaleCount]]:
        return {name: await counted(context, name, rule) for name in names}

    return await by_arguments(keys, read, list)


async def counted(context: Context, source: str, rule: domain.StaleRule) -> list[StaleCount]:
    """What ``preview`` tells, counted."""
    found: Counter[tuple[domain.StaleOutcome, domain.KeptBecause | None]] = Counter()
    async for each in stale.preview(
        context.graph, context.scope, source=source, rule=rule, now=SystemClock().now()
    ):
        found[each.judged.outcome, each.judged.reason] += 1
    return [
        StaleCount(key=key, count=Long(count))
        for key, count in sorted(found.items(), key=lambda each: str(each))
    ]
