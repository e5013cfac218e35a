"""How scans of a source are run, as the API takes and shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from graph_api.arguments import Reason
from graph_api.context import Info
from graph_api.enums import ApprovalRule, Band, Criticality, StalePolicy
from graph_api.errors import BadWorkflowError, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from graph_api.sources import loaders as source_loaders
from ingest.commands import plans as commands
from ingest.orchestration.rules import plan_of
from ingest.workflows.library import SCAN
from schema.domain import dispatch, intervals, stale
from schema.domain import plans as domain
from schema.domain.identity import Permission

if TYPE_CHECKING:
    from graph_api.sources.types import Source

_ZONE = "IANA name of the time zone the times are meant in."


@strawberry.type(description="When a source is not read: from each start for some time.")
class ScanBlackout:
    start: str = strawberry.field(description="Cron expression of its beginnings.")
    minutes: float = strawberry.field(description="How long it lasts, minutes.")
    zone: str = strawberry.field(description=_ZONE)


@strawberry.input(description="When a source is not read: from each start for some time.")
class ScanBlackoutInput:
    start: str = strawberry.field(description="Cron expression of its beginnings.")
    minutes: float = strawberry.field(description="How long it lasts, 1 minute to 7 days.")
    zone: str = strawberry.field(default="UTC", description=_ZONE)


@strawberry.type(description="How scans of a source are run.")
class ScanPlan:
    row: strawberry.Private[Mapping[str, Any]]
    plan: strawberry.Private[domain.ScanPlan]
    cron: str | None = strawberry.field(description="When it is scanned; null without a fixed schedule.")
    zone: str = strawberry.field(description=_ZONE)
    jitter_minutes: float = strawberry.field(
        description="Over how many minutes after each time sources with one cron are spread."
    )
    paused: bool = strawberry.field(description="Whether the schedule rests.")
    catch_up_minutes: float = strawberry.field(
        description="For how long after its time a scan that did not take place is made up for, once."
    )
    shortest_minutes: float | None = strawberry.field(
        description="Where the interval follows what is observed: the shortest it may be."
    )
    longest_minutes: float | None = strawberry.field(description="And the longest.")
    interval_minutes: float | None = strawberry.field(description="What it is at present.")
    interval_reason: str | None = strawberry.field(description="Why, with the numbers it follows from.")
    next_run_at: datetime | None = strawberry.field(description="When it is due; null where it never is.")
    most_tasks: int = strawberry.field(description="How many tasks, each with a connection, read it at once.")
    after: list[str] = strawberry.field(description="Sources whose waiting scans come first.")
    seconds_per_day: int | None = strawberry.field(description="How long it may be read in a day, UTC.")
    rows_per_day: int | None = strawberry.field(description="How many rows may be sampled in a day, UTC.")
    requests_per_minute: int | None = strawberry.field(
        description="How many requests all tasks together may send it in a minute; null without a limit."
    )
    approval_from: int | None = strawberry.field(
        description="From which sensitivity of what it holds scans need approval, 0 to 4."
    )
    sample_approval_from: int | None = strawberry.field(
        description="From which effective sensitivity of columns samples of them need approval, 0 to 4; null where none do."
    )
    workflow: str = strawberry.field(description="Name of the workflow that its scans follow.")
    check_minutes: float = strawberry.field(
        description="How often its connection is checked, minutes; 0 is never."
    )
    stale_after_days: int = strawberry.field(
        description="Days of grace before what is not found any more is deprecated or deleted."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        plan = plan_of(row.get("plan"))
        schedule, bounds = plan.schedule, plan.bounds
        due, interval = row.get("next_due_ms"), row.get("interval_s")
        return cls(
            row=row,
            plan=plan,
            cron=schedule.cron if schedule else None,
            zone=schedule.zone if schedule else "UTC",
            jitter_minutes=schedule.jitter_s / 60 if schedule else 0.0,
            paused=bool(schedule and schedule.paused),
            catch_up_minutes=schedule.catch_up_s / 60 if schedule else 0.0,
            shortest_minutes=bounds.shortest_s / 60 if bounds else None,
            longest_minutes=bounds.longest_s / 60 if bounds else None,
            interval_minutes=None if interval is None else interval / 60,
            interval_reason=row.get("interval_reason"),
            next_run_at=None if due is None else datetime.fromtimestamp(due / 1_000, UTC),
            most_tasks=plan.most_tasks,
            after=list(plan.after),
            seconds_per_day=plan.seconds_per_day,
            rows_per_day=plan.rows_per_day,
            requests_per_minute=plan.requests_per_minute,
            approval_from=plan.approval_from,
            sample_approval_from=plan.sample_approval_from,
            workflow=plan.workflow or SCAN,
            check_minutes=plan.check_every_s / 60,
            stale_after_days=plan.stale.after_days,
        )

    @strawberry.field(description="How urgent its scans are where nobody says otherwise.")
    def band(self) -> Band:
        return Band(self.plan.band.value)

    @strawberry.field(description="How much it matters that the catalogue knows it as it is.")
    def criticality(self) -> Criticality:
        return Criticality(self.plan.criticality.value)

    @strawberry.field(description="Which of its scans need approval.")
    def approval(self) -> ApprovalRule:
        return ApprovalRule(self.plan.approval.value)

    @strawberry.field(description="What becomes of what a complete scan does not find any more.")
    def stale(self) -> StalePolicy:
        return StalePolicy(self.plan.stale.policy.value)

    @strawberry.field(description="When it is not read.")
    def blackouts(self) -> list[ScanBlackout]:
        return [
            ScanBlackout(start=b.start, minutes=b.duration_s / 60, zone=b.zone) for b in self.plan.blackouts
        ]


@strawberry.input(
    description="How scans of a source are run. By cron, or with bounds by what is observed, or neither."
)
class ScanPlanInput:
    cron: str | None = strawberry.field(
        default=None, description="When to scan: minute, hour, day of month, month, day of week."
    )
    zone: str = strawberry.field(default="UTC", description=_ZONE)
    jitter_minutes: float = strawberry.field(
        default=0.0, description="Spread over so many minutes after each time, 0 to 1,440."
    )
    paused: bool = strawberry.field(default=False, description="Whether the schedule rests.")
    catch_up_minutes: float = strawberry.field(
        default=1_440.0, description="For how long a scan that did not take place is made up for."
    )
    shortest_minutes: float | None = strawberry.field(
        default=None, description="Let the interval follow what is observed, from this length on."
    )
    longest_minutes: float | None = strawberry.field(default=None, description="And up to this one.")
    blackouts: list[ScanBlackoutInput] = strawberry.field(
        default_factory=list, description="When not to read it."
    )
    band: Band = strawberry.field(default=Band.NORMAL, description="How urgent its scans are.")
    criticality: Criticality = strawberry.field(
        default=Criticality.NORMAL, description="How much it matters that the catalogue knows it as it is."
    )
    most_tasks: int = strawberry.field(default=2, description="How many tasks read it at once, 1 to 64.")
    after: list[str] = strawberry.field(
        default_factory=list, description="Sources whose waiting scans come first."
    )
    seconds_per_day: int | None = strawberry.field(
        default=None, description="How long it may be read in a day, UTC."
    )
    rows_per_day: int | None = strawberry.field(
        default=None, description="How many rows may be sampled in a day, UTC."
    )
    requests_per_minute: int | None = strawberry.field(
        default=None,
        description="How many requests all tasks together may send it in a minute, 1 to 100,000: HTTP requests of stores and registries, statements of databases.",
    )
    approval: ApprovalRule = strawberry.field(
        default=ApprovalRule.NEVER, description="Which of its scans need approval."
    )
    approval_from: int | None = strawberry.field(
        default=None, description="From which sensitivity of what it holds scans need approval, 0 to 4."
    )
    sample_approval_from: int | None = strawberry.field(
        default=None,
        description="From which effective sensitivity of columns samples of them need approval, 0 to 4.",
    )
    workflow: str | None = strawberry.field(
        default=None, description="Name of the workflow that its scans follow; null for the usual one."
    )
    check_minutes: float = strawberry.field(
        default=15.0, description="How often its connection is checked, 1 to 1,440 minutes; 0 is never."
    )
    stale: StalePolicy = strawberry.field(
        default=StalePolicy.RETAIN,
        description="What becomes of what a complete scan does not find any more.",
    )
    stale_after_days: int = strawberry.field(
        default=30, description="And after how many days since it was missed first, 0 to 3,650."
    )

    def plan(self, source: str) -> domain.ScanPlan:
        """Raises ``InvalidInput`` that names the field."""
        return domain.plan_from(
            source,
            cron=self.cron,
            zone=self.zone,
            jitter_minutes=self.jitter_minutes,
            paused=self.paused,
            catch_up_minutes=self.catch_up_minutes,
            shortest_minutes=self.shortest_minutes,
            longest_minutes=self.longest_minutes,
            blackouts=[(b.start, b.minutes, b.zone) for b in self.blackouts],
            band=dispatch.Band(self.band.value),
            criticality=intervals.Criticality(self.criticality.value),
            most_tasks=self.most_tasks,
            after=self.after,
            seconds_per_day=self.seconds_per_day,
            rows_per_day=self.rows_per_day,
            requests_per_minute=self.requests_per_minute,
            approval=domain.ApprovalRule(self.approval.value),
            approval_from=self.approval_from,
            sample_approval_from=self.sample_approval_from,
            workflow=self.workflow or "",
            check_minutes=self.check_minutes,
            stale=stale.StalePolicy(self.stale.value),
            stale_after_days=self.stale_after_days,
        )


@strawberry.type(description="The plan was set.")
class ScanPlanSetSuccess:
    source: Annotated[Source, strawberry.lazy("graph_api.sources.types")] = strawberry.field(
        description="The source with its plan."
    )


ScanPlanSetResult = Annotated[
    ScanPlanSetSuccess
    | NotFoundError
    | InvalidInputError
    | ForbiddenError
    | ConflictError
    | BadWorkflowError,
    strawberry.union("ScanPlanSetResult", description="The source, or why its plan stays as it was."),
]


@strawberry.type
class ScanPlanMutations:
    @strawberry.mutation(description="Say how scans of a source are run. Needs SCAN.")
    async def scan_plan_set(
        self,
        info: Info,
        source: Annotated[str, strawberry.argument(description="Name of the source.")],
        plan: Annotated[
            ScanPlanInput, strawberry.argument(description="All of its plan; what is left out is as usual.")
        ],
        reason: Reason = "",
    ) -> ScanPlanSetResult:
        from graph_api.sources.types import Source

        context = info.context
        context.require(Permission.SCAN)
        await source_loaders.visible(context, source)
        await context.command(commands.set_plan, source=source, plan=plan.plan(source), reason=reason)
        return ScanPlanSetSuccess(source=Source.of(await source_loaders.visible(context, source)))
