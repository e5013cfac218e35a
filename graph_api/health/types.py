"""How well a source does, as the API shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import strawberry

from graph_api.context import Info
from graph_api.enums import CredentialState, HealthCause, HealthGrade, SecretKind
from graph_api.health import loaders
from graph_api.paging import After, Before, Connection, First, Last, Page
from graph_api.values import stored_json
from ingest.health.facts import figures_in, source_health
from schema.domain import health as domain
from schema.domain.time import moment
from schema.settings import Settings, settings


@strawberry.type(description="What lowers the score of a source.")
class HealthReason:
    points: int = strawberry.field(description="How many of 100 points it takes away.")
    message: str = strawberry.field(description="Why, for people.")
    code: strawberry.Private[str]

    @strawberry.field(description="What it is.")
    def cause(self) -> HealthCause:
        return HealthCause(self.code)


@strawberry.type(
    description="Shares of the checks that succeeded, 0 to 1; null where nothing was checked in that time."
)
class HealthAvailability:
    day: float | None = strawberry.field(description="Of the last 24 hours.")
    week: float | None = strawberry.field(description="Of the last 7 days.")
    month: float | None = strawberry.field(description="Of the last 30 days.")


@strawberry.type(
    description="How long successful checks took in the last 24 hours, milliseconds; null where there were none."
)
class HealthLatency:
    median_ms: float | None = strawberry.field(description="Half of them took no longer.")
    p95_ms: float | None = strawberry.field(description="Of a hundred, 95 took no longer.")
    p99_ms: float | None = strawberry.field(description="Of a hundred, 99 took no longer.")
    baseline_ms: float | None = strawberry.field(
        description="What is usual: the median of the hourly medians before, up to 30 days back; null until there are six."
    )


@strawberry.type(description="Checks of a source in one hour.")
class HealthHour:
    start: datetime = strawberry.field(description="When the hour began, UTC.")
    checks: int = strawberry.field(description="How many checks there were.")
    succeeded: int = strawberry.field(description="How many of them succeeded.")
    median_ms: float | None = strawberry.field(
        description="How long those took, the median in milliseconds; null where none succeeded."
    )
    p95_ms: float | None = strawberry.field(
        description="How long 95 of a hundred took at most; null likewise."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        latencies = row["latencies"]
        return cls(
            start=datetime.fromisoformat(row["hour"]),
            checks=row["checks"],
            succeeded=row["ok"],
            median_ms=domain.quantile(latencies, 0.5) if latencies else None,
            p95_ms=domain.quantile(latencies, 0.95) if latencies else None,
        )


@strawberry.type(description="A page of hours, the newest first.")
class HealthHourConnection(Connection[HealthHour]): ...


@strawberry.type(description="One check of a source.")
class HealthCheck:
    at: datetime = strawberry.field(description="When it was made.")
    ok: bool = strawberry.field(description="Whether it succeeded.")
    cause: str = strawberry.field(description="Why not, as a code; empty where it succeeded.")
    latency_ms: float | None = strawberry.field(
        description="How long it took, milliseconds; null where it failed."
    )
    by: str = strawberry.field(description="Whoever asked for it; `system` for those on schedule.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            at=datetime.fromisoformat(row["at"]),
            ok=row["ok"],
            cause=row["cause"],
            latency_ms=row.get("latency_ms"),
            by=row["by"],
        )


@strawberry.type(description="A page of the latest checks, the newest first; a hundred are kept.")
class HealthCheckConnection(Connection[HealthCheck]): ...


@strawberry.type(description="How well a source does.")
class SourceHealth:
    row: strawberry.Private[Mapping[str, Any]]
    known: strawberry.Private[domain.Health]
    score: int = strawberry.field(description="100 less the points of the reasons, at least 0.")
    reasons: list[HealthReason] = strawberry.field(description="What lowers the score, the most first.")
    availability: HealthAvailability = strawberry.field(description="How often checks succeeded.")
    latency: HealthLatency = strawberry.field(description="How long they took.")
    next_check_at: datetime | None = strawberry.field(
        description="When it is checked next; null where it never is."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any], dead_letters: int, *, now: datetime, config: Settings) -> Self:
        warning = timedelta(days=config.credential_warning_days)
        known = source_health(row, dead_letters, now=now, warning=warning)
        figures, due_ms = figures_in(row["health_figures"]), row["next_check_ms"]
        return cls(
            row=row,
            known=known,
            score=known.score,
            reasons=[
                HealthReason(code=each.cause.value, points=each.points, message=each.message)
                for each in known.reasons
            ],
            availability=HealthAvailability(day=figures.day, week=figures.week, month=figures.month),
            latency=HealthLatency(
                median_ms=figures.median_ms,
                p95_ms=figures.p95_ms,
                p99_ms=figures.p99_ms,
                baseline_ms=figures.baseline_ms,
            ),
            next_check_at=None if due_ms is None else datetime.fromtimestamp(due_ms / 1_000, UTC),
        )

    @strawberry.field(description="What the score means.")
    def grade(self) -> HealthGrade:
        return HealthGrade(self.known.grade.value)

    @strawberry.field(description="Its checks by hour, the newest first.")
    async def history(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> HealthHourConnection:
        page = Page.of("healthHours", (str,), first=first, after=after, last=last, before=before)
        rows = await info.context.loader(loaders.history).load((self.row["urn"], page))
        return HealthHourConnection.of(page, rows, key=lambda row: (row["hour"],), node=HealthHour.of)

    @strawberry.field(description="Its latest checks one by one, the newest first.")
    async def checks(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> HealthCheckConnection:
        page = Page.of("healthChecks", (str, str), first=first, after=after, last=last, before=before)
        rows = await info.context.loader(loaders.checks).load((self.row["urn"], page))
        return HealthCheckConnection.of(
            page, rows, key=lambda row: (row["at"], row["id"]), node=HealthCheck.of
        )


@strawberry.type(description="A setting of a source that is secret, and where it is kept; never what it is.")
class CredentialSecret:
    name: str = strawberry.field(description="Name of the setting.")
    reference: str | None = strawberry.field(
        description="What it refers to, such as ${vault:mount/path#field}; null where it is sealed."
    )
    where: strawberry.Private[str]

    @strawberry.field(description="Where it is kept.")
    def kind(self) -> SecretKind:
        return SecretKind(self.where)


@strawberry.type(description="What a source is signed in to with.")
class Credential:
    expires_at: datetime | None = strawberry.field(
        description="Until when it is valid; null where nobody said."
    )
    rotated_at: datetime | None = strawberry.field(description="When its secrets were last rotated here.")
    rotated_by: str | None = strawberry.field(description="Who did that.")
    secrets: list[CredentialSecret] = strawberry.field(description="Its secrets, by the settings they are.")
    at: strawberry.Private[datetime]
    config: strawberry.Private[Settings]

    @classmethod
    def of(cls, row: Mapping[str, Any], *, now: datetime, config: Settings) -> Self:
        from ingest.commands.credentials import secret_fields

        fields = secret_fields(row["connector"], stored_json(row["config"]) or {})
        return cls(
            expires_at=moment(row["credential_expires_at"]),
            rotated_at=moment(row["credential_rotated_at"]),
            rotated_by=row["credential_rotated_by"],
            secrets=[
                CredentialSecret(name=each.name, reference=each.reference or None, where=each.kind.value)
                for each in fields
            ],
            at=now,
            config=config,
        )

    @strawberry.field(description="Whether it is valid, and for how long.")
    def state(self) -> CredentialState:
        from schema.domain.credentials import credential_state

        warning = timedelta(days=self.config.credential_warning_days)
        return CredentialState(credential_state(self.expires_at, self.at, warning).value)


async def health_of_source(info: Info, row: Mapping[str, Any]) -> SourceHealth | None:
    """The health of a source that was read; None where it is not registered."""
    if not row["registered"]:
        return None
    context = info.context
    dead_letters = await context.loader(loaders.dead_letters).load(row["urn"])
    return SourceHealth.of(row, dead_letters, now=context.clock.now(), config=config_of(info))


def credential_of_source(info: Info, row: Mapping[str, Any]) -> Credential | None:
    """What a source is signed in to with; None where it is not registered."""
    if not row["registered"]:
        return None
    return Credential.of(row, now=info.context.clock.now(), config=config_of(info))


def config_of(info: Info) -> Settings:
    found: Settings = info.context.services.get("settings") or settings()
    return found
