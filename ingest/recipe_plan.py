"""The ``plan`` of a recipe: how scans of its source are run, by the fields of ``scanPlanSet``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from schema.domain.dispatch import Band
from schema.domain.intervals import Criticality
from schema.domain.plans import ApprovalRule, ScanPlan, plan_from
from schema.domain.stale import StalePolicy, StaleRule


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


def _chosen(kind: type[Any]) -> BeforeValidator:
    def choose(value: object) -> object:
        known = {each.value.lower(): each for each in kind}
        if not isinstance(value, str) or value.lower() not in known:
            raise ValueError(f"write one of {', '.join(known)}")
        return known[value.lower()]

    return BeforeValidator(choose)


class BlackoutPart(_Strict):
    """When the source is not read."""

    start: str = Field(description="Cron expression of its beginnings.")
    minutes: float = Field(description="How long it lasts, 1 minute to 7 days.")
    zone: str = Field("UTC", description="IANA name of the time zone.")


class PlanPart(_Strict):
    """How scans of the source are run: by cron, or with bounds by what is observed, or neither."""

    cron: str | None = Field(None, description="When to scan: minute, hour, day, month, day of week.")
    zone: str = Field("UTC", description="IANA name of the time zone.")
    jitter_minutes: float = Field(0.0, description="Spread over so many minutes after each time.")
    paused: bool = Field(False, description="Whether the schedule rests.")
    catch_up_minutes: float = Field(
        1_440.0, description="For how long a scan that did not take place is made up for."
    )
    shortest_minutes: float | None = Field(
        None, description="Let the interval follow what is observed, from this length on."
    )
    longest_minutes: float | None = Field(None, description="And up to this one.")
    blackouts: list[BlackoutPart] = Field([], description="When not to read it.")
    band: Annotated[Band, _chosen(Band)] = Field(Band.NORMAL, description="How urgent its scans are.")
    criticality: Annotated[Criticality, _chosen(Criticality)] = Field(
        Criticality.NORMAL, description="How much it matters that the catalogue knows it as it is."
    )
    most_tasks: int = Field(2, description="How many tasks read it at once, 1 to 64.")
    after: list[str] = Field([], description="Sources whose waiting scans come first.")
    seconds_per_day: int | None = Field(None, description="How long it may be read in a day, UTC.")
    rows_per_day: int | None = Field(None, description="How many rows may be sampled in a day, UTC.")
    requests_per_minute: int | None = Field(
        None, description="How many requests all tasks together may send it in a minute, 1 to 100,000."
    )
    approval: Annotated[ApprovalRule, _chosen(ApprovalRule)] = Field(
        ApprovalRule.NEVER, description="Which of its scans need approval."
    )
    approval_from: int | None = Field(
        None, ge=0, le=4, description="From which sensitivity of what it holds scans need approval."
    )
    sample_approval_from: int | None = Field(
        None, ge=0, le=4, description="From which effective sensitivity of columns samples need approval."
    )
    check_minutes: float = Field(
        15.0, description="How often its connection is checked, 1 to 1,440 minutes; 0 is never."
    )
    stale: Annotated[StalePolicy, _chosen(StalePolicy)] = Field(
        StalePolicy.RETAIN, description="What becomes of what a complete scan does not find any more."
    )
    stale_after_days: int = Field(StaleRule().after_days, description="And after how many days, 0 to 3,650.")

    def plan(self, source: str, workflow: str) -> ScanPlan:
        """Raises ``InvalidInput``; ``place_of`` tells the key at fault."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        blackouts = [(each.start, each.minutes, each.zone) for each in self.blackouts]
        return plan_from(source, **given | {"blackouts": blackouts, "workflow": workflow})


# What the domain calls by another name.
_KEYS: Mapping[str, str] = {
    "bounds": "shortest_minutes",
    "jitter": "jitter_minutes",
    "catch_up": "catch_up_minutes",
}


def place_of(path: tuple[str, ...]) -> tuple[str, ...]:
    """The key of a recipe that an error of the plan is about."""
    last = re.sub(r"(?<=[a-z])([A-Z])", lambda found: f"_{found[1].lower()}", path[-1]) if path else ""
    key = _KEYS.get(last, last)
    return ("plan", key) if key in PlanPart.model_fields else ("plan",)


def tree_of(plan: ScanPlan) -> dict[str, Any]:
    """The keys of which ``PlanPart`` makes the same plan; what is usual is left out."""
    usual = ScanPlan()
    tree: dict[str, Any] = {}
    if (schedule := plan.schedule) is not None:
        tree |= {
            "cron": schedule.cron,
            "zone": schedule.zone,
            "jitter_minutes": schedule.jitter_s / 60,
            "paused": schedule.paused,
            "catch_up_minutes": schedule.catch_up_s / 60,
        }
    if (bounds := plan.bounds) is not None:
        tree |= {"shortest_minutes": bounds.shortest_s / 60, "longest_minutes": bounds.longest_s / 60}
    if plan.blackouts:
        tree["blackouts"] = [
            {"start": each.start, "minutes": each.duration_s / 60, "zone": each.zone}
            for each in plan.blackouts
        ]
    if plan.check_every_s != usual.check_every_s:
        tree["check_minutes"] = plan.check_every_s / 60
    if plan.stale.policy is not usual.stale.policy:
        tree["stale"] = plan.stale.policy.value
    if plan.stale.after_days != usual.stale.after_days:
        tree["stale_after_days"] = plan.stale.after_days
    for name in (
        "band",
        "criticality",
        "most_tasks",
        "after",
        "seconds_per_day",
        "rows_per_day",
        "requests_per_minute",
        "approval",
        "approval_from",
        "sample_approval_from",
    ):
        value = getattr(plan, name)
        if value != getattr(usual, name):
            tree[name] = list(value) if isinstance(value, tuple) else getattr(value, "value", value)
    return tree
