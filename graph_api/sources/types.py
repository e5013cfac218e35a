"""Sources, as the API shows them: no secret is part of them, sealed or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry
from strawberry.scalars import JSON

from graph_api.context import Info
from graph_api.enums import RunState, SourceCapability, StalePolicy
from graph_api.node import Node, global_id
from graph_api.paging import After, Before, Connection, First, Last, Page
from graph_api.values import stored_json
from ingest.connectors.base import CheckReport
from schema.domain.sources import ScanOptions
from schema.domain.time import moment

if TYPE_CHECKING:
    from graph_api.health.types import Credential, SourceHealth
    from graph_api.scans.plans import ScanPlan
    from graph_api.scans.types import Run
    from graph_api.sources.stale import StaleAssetConnection, StaleCount

SEALED = "(sealed)"

Policy = Annotated[
    StalePolicy | None, strawberry.argument(description="Instead of what the plan of the source says.")
]
AfterDays = Annotated[
    int | None, strawberry.argument(description="Days of grace instead of those of the plan, 0 to 3,650.")
]


@strawberry.type(description="What a scan of a source does besides reading the structure.")
class SourceOptions:
    include: list[str] = strawberry.field(description="Globs over dotted names; nothing else is read.")
    exclude: list[str] = strawberry.field(description="Globs over dotted names that are left out.")
    sample_rows: int = strawberry.field(description="Rows sampled per dataset; 0 reads no values.")
    classify: bool = strawberry.field(description="Whether columns are classified.")
    lineage: bool = strawberry.field(description="Whether lineage is read from definitions.")
    embed: bool = strawberry.field(description="Whether vectors for search by meaning are made.")
    profile: bool = strawberry.field(description="Whether the source computes figures of its columns.")
    usage: bool = strawberry.field(
        description="Whether queries that its server has counted are counted, and lineage that a warehouse records is read."
    )

    @classmethod
    def of(cls, stored: str | None) -> Self | None:
        found = stored_json(stored)
        return None if found is None else cls(**(asdict(ScanOptions()) | found))


@strawberry.type(description="What the last attempt to connect found.")
class SourceCheck:
    ok: bool = strawberry.field(description="Whether the connection worked.")
    cause: str = strawberry.field(description="Why not, as a code; empty where it worked.")
    at: datetime | None = strawberry.field(description="When it was tried.")
    latency_ms: float | None = strawberry.field(description="How long it took, in milliseconds.")


@strawberry.type(description="A registered source, or an instance that somebody's lineage mentions.")
class Source(Node):
    row: strawberry.Private[Mapping[str, Any]]
    urn: str = strawberry.field(description="Stable readable identity.")
    name: str = strawberry.field(description="Name it is registered under, or its namespace.")
    connector: str | None = strawberry.field(
        description="Kind of connector; null where it is not registered."
    )
    platform: str = strawberry.field(description="Platform, such as postgres.")
    namespace: str = strawberry.field(description="OpenLineage namespace of the instance.")
    description: str = strawberry.field(description="What it holds, for people.")
    domain: str = strawberry.field(description="Domain its assets belong to; empty if none.")
    registered: bool = strawberry.field(description="Whether it can be scanned.")
    first_seen: datetime | None = strawberry.field(description="When it became known.")
    last_seen: datetime | None = strawberry.field(
        description="When it was last registered or mentioned by a scan."
    )
    last_run_at: datetime | None = strawberry.field(description="When its last scan ended.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            id=global_id("Source", row["key"]),
            row=row,
            urn=row["urn"],
            name=row["name"] or "",
            connector=row["connector"],
            platform=row["platform"] or "other",
            namespace=row["namespace"] or "",
            description=row["description"] or row["comment"] or "",
            domain=row["domain"] or "",
            registered=bool(row["registered"]),
            first_seen=moment(row["first_seen"]),
            last_seen=moment(row["last_seen"]),
            last_run_at=moment(row["last_run_at"]),
        )

    @strawberry.field(description="What a scan of it does; null where it is not registered.")
    def options(self) -> SourceOptions | None:
        return SourceOptions.of(self.row["options"])

    @strawberry.field(
        description='Connection settings; each secret reads "(sealed)". Null where it is not registered.'
    )
    def config(self) -> JSON | None:
        stored = stored_json(self.row["config"])
        return None if stored is None else JSON(without_secrets(stored))

    @strawberry.field(description="What the last attempt to connect found; null where there was none.")
    def check(self) -> SourceCheck | None:
        row = self.row
        if row["check_ok"] is None:
            return None
        return SourceCheck(
            ok=row["check_ok"],
            cause=row["check_cause"] or "",
            at=moment(row["checked_at"]),
            latency_ms=row["check_latency_ms"],
        )

    @strawberry.field(description="How well it does; null where it is not registered.")
    async def health(
        self, info: Info
    ) -> Annotated[SourceHealth, strawberry.lazy("graph_api.health.types")] | None:
        from graph_api.health.types import health_of_source

        return await health_of_source(info, self.row)

    @strawberry.field(
        description="Where its secrets are kept and until when they are valid; null where it is not registered."
    )
    def credential(
        self, info: Info
    ) -> Annotated[Credential, strawberry.lazy("graph_api.health.types")] | None:
        from graph_api.health.types import credential_of_source

        return credential_of_source(info, self.row)

    @strawberry.field(description="How its scans are run.")
    def plan(self) -> Annotated[ScanPlan, strawberry.lazy("graph_api.scans.plans")]:
        from graph_api.scans.plans import ScanPlan

        return ScanPlan.of(self.row)

    @strawberry.field(
        description="What its scans do not find any more, of what the caller may see, and what the next complete one does about it. Nothing is written."
    )
    async def stale_assets(
        self,
        info: Info,
        policy: Policy = None,
        after_days: AfterDays = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Annotated[StaleAssetConnection, strawberry.lazy("graph_api.sources.stale")]:
        from graph_api.sources import stale

        page = Page.of("staleAssets", (str,), first=first, after=after, last=last, before=before)
        rule = stale.rule_of(self.row, policy, after_days)
        found = await info.context.loader(stale.pages).load((self.name, (page, rule)))
        return stale.StaleAssetConnection.of(
            page, found, key=lambda each: (each.urn,), node=stale.StaleAsset.of
        )

    @strawberry.field(
        description="How much of it comes to which end: datasets with all their columns count once."
    )
    async def stale_counts(
        self, info: Info, policy: Policy = None, after_days: AfterDays = None
    ) -> list[Annotated[StaleCount, strawberry.lazy("graph_api.sources.stale")]]:
        from graph_api.sources import stale

        rule = stale.rule_of(self.row, policy, after_days)
        return list(await info.context.loader(stale.counts).load((self.name, rule)))

    @strawberry.field(description="How its last finished scan ended; null where there was none.")
    def last_run_state(self) -> RunState | None:
        return RunState(self.row["last_run_state"]) if self.row["last_run_state"] else None

    @strawberry.field(description="Its last finished scan.")
    async def last_run(self, info: Info) -> Annotated[Run, strawberry.lazy("graph_api.scans.types")] | None:
        from graph_api.scans import loaders
        from graph_api.scans.types import Run

        if not self.row["last_run"]:
            return None
        row = await info.context.loader(loaders.by_ids).load(self.row["last_run"])
        return None if row is None else Run.of(row)


def without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        if "sealed" in value:
            return SEALED
        return {name: without_secrets(each) for name, each in value.items()}
    return [without_secrets(each) for each in value] if isinstance(value, list) else value


@strawberry.type(description="A page of sources, by urn.")
class SourceConnection(Connection[Source]): ...


@strawberry.type(description="Whether one thing works with the rights of a connection.")
class SourceFinding:
    capability: SourceCapability = strawberry.field(description="What was tried.")
    ok: bool = strawberry.field(description="Whether it works.")
    message: str = strawberry.field(description="Why not, and what to do.")


@strawberry.type(description="What an attempt to connect found.")
class SourceReport:
    namespace: str = strawberry.field(description="OpenLineage namespace of the instance.")
    version: str = strawberry.field(description="What the engine calls itself.")
    latency_ms: float = strawberry.field(description="How long it took to connect, in milliseconds.")
    findings: list[SourceFinding] = strawberry.field(description="What works with these rights.")

    @classmethod
    def of(cls, report: CheckReport) -> Self:
        return cls(
            namespace=report.namespace,
            version=report.version,
            latency_ms=report.latency_ms,
            findings=[
                SourceFinding(
                    capability=SourceCapability(finding.capability.value),
                    ok=finding.ok,
                    message=finding.message,
                )
                for finding in report.findings
            ],
        )
