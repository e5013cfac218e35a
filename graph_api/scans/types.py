"""Runs and what they report, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import strawberry

from graph_api.context import Info
from graph_api.enums import RunState, ScanStage, Severity
from graph_api.node import Node, global_id
from graph_api.paging import After, Before, Connection, First, Last, Page
from graph_api.scans import loaders
from graph_api.sources import loaders as source_loaders
from graph_api.sources.types import Source
from graph_api.values import Long
from schema.domain.time import moment

_COUNT = "count_"


@strawberry.type(description="Something a run could not do.")
class ScanProblem:
    stage: ScanStage = strawberry.field(description="The stage it happened in.")
    code: str = strawberry.field(description="Stable name of the problem, for programs.")
    subject: str = strawberry.field(description="The object it is about.")
    message: str = strawberry.field(description="What happened; no data value and no secret.")
    severity: Severity = strawberry.field(description="How bad it is.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            stage=ScanStage(row["stage"]),
            code=row["code"],
            subject=row["subject"],
            message=row["message"],
            severity=Severity(row["severity"]),
        )


@strawberry.type(description="A page of problems, in the order they were met.")
class ScanProblemConnection(Connection[ScanProblem]): ...


@strawberry.type(description="How many of one thing a run counted.")
class RunCount:
    name: str = strawberry.field(description="What was counted.")
    count: Long = strawberry.field(description="How many.")


@strawberry.type(description="One scan of one source.")
class Run(Node):
    row: strawberry.Private[Mapping[str, Any]]
    run_id: str = strawberry.field(description="Readable identity, as the command line and logs show it.")
    done: Long = strawberry.field(description="Objects of the present stage that are done.")
    total: Long | None = strawberry.field(description="Objects of the present stage; null while unknown.")
    attempt: int = strawberry.field(description="How many workers took it, the present one included.")
    requested_by: str = strawberry.field(description="Who asked for it.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When a worker first took it.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")
    error: str | None = strawberry.field(description="Why it failed.")
    problem_count: int = strawberry.field(description="How many problems it met.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        created = moment(row["created_at"])
        assert created is not None
        return cls(
            id=global_id("Run", row["key"]),
            row=row,
            run_id=row["id"],
            done=Long(row.get("done") or 0),
            total=None if row.get("total") is None else Long(row["total"]),
            attempt=row.get("attempt") or 0,
            requested_by=row.get("requested_by") or "",
            created_at=created,
            started_at=moment(row.get("started_at")),
            finished_at=moment(row.get("finished_at")),
            error=row.get("error"),
            problem_count=row.get("problem_count") or 0,
        )

    @strawberry.field(description="Where it stands.")
    def state(self) -> RunState:
        return RunState(self.row["state"])

    @strawberry.field(description="The present or last stage; null before the first.")
    def stage(self) -> ScanStage | None:
        return ScanStage(self.row["stage"]) if self.row.get("stage") else None

    @strawberry.field(description="What it counted, by name; empty before its end.")
    def counts(self) -> list[RunCount]:
        return [
            RunCount(name=name.removeprefix(_COUNT), count=Long(value))
            for name, value in sorted(self.row.items())
            if name.startswith(_COUNT)
        ]

    @strawberry.field(description="The source it scans.")
    async def source(self, info: Info) -> Source | None:
        row = await info.context.loader(source_loaders.by_urns).load(self.row["source_urn"])
        return None if row is None else Source.of(row)

    @strawberry.field(description="What it could not do.")
    async def problems(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ScanProblemConnection:
        page = Page.of("problems", (int,), first=first, after=after, last=last, before=before)
        rows = await info.context.loader(loaders.problems).load((self.run_id, page))
        return ScanProblemConnection.of(page, rows, key=lambda row: (row["seq"],), node=ScanProblem.of)


@strawberry.type(description="A page of runs, newest first.")
class RunConnection(Connection[Run]): ...
