"""Classifications and verdicts, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import strawberry

from graph_api.classifications import loaders
from graph_api.context import Info
from graph_api.enums import Sensitivity, VerdictOrigin, VerdictStatus
from graph_api.node import Node, global_id
from graph_api.paging import Connection
from schema.domain.time import moment


@strawberry.type(description="A kind of data, such as an e-mail address, with its sensitivity.")
class Classification(Node):
    name: str = strawberry.field(description="Stable name, as filters and mutations take it.")
    title: str = strawberry.field(description="Name for people.")
    description: str = strawberry.field(description="What belongs to it.")
    category: str = strawberry.field(description="The group it belongs to.")
    sensitivity: Sensitivity = strawberry.field(description="How sensitive data of this kind is.")
    version: str = strawberry.field(description="Version of its definition.")
    purposes: list[str] = strawberry.field(
        description="What alone its values are shown for in samples; empty for anything."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            id=global_id("Classification", row["key"]),
            name=row["name"],
            title=row["title"] or row["name"],
            description=row["description"] or "",
            category=row["category"] or "",
            sensitivity=Sensitivity(row["sensitivity"] or 0),
            version=row["version"] or "",
            purposes=list(row["purposes"] or ()),
        )

    @strawberry.field(
        description="How many assets carry it that the caller may see; rejected verdicts do not count."
    )
    async def asset_count(self, info: Info) -> int:
        return await info.context.loader(loaders.asset_counts).load(self.name)


@strawberry.type(description="A page of classifications, by name.")
class ClassificationConnection(Connection[Classification]): ...


@strawberry.type(description="One classification of one asset: what, how sure, who or what says so, and why.")
class ClassificationVerdict:
    classification: Classification = strawberry.field(description="The kind of data.")
    status: VerdictStatus = strawberry.field(description="What people made of it.")
    origin: VerdictOrigin = strawberry.field(description="Who or what found it.")
    tier: int = strawberry.field(description="1 rules and people, 2 trained model, 3 embeddings.")
    confidence: float = strawberry.field(description="How sure the finder was, 0 to 1.")
    reason: str = strawberry.field(description="Why, in counts and shapes; never a value.")
    classifier: str = strawberry.field(description="The rule or model that found it; empty for people.")
    classifier_version: str = strawberry.field(description="Its version.")
    decided_by: str | None = strawberry.field(description="Who confirmed or rejected it.")
    decided_at: datetime | None = strawberry.field(description="When that was.")
    decided_reason: str | None = strawberry.field(description="What he gave as the reason.")
    valid_from: datetime | None = strawberry.field(description="Since when it holds.")
    last_seen: datetime | None = strawberry.field(description="When it was last found.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        verdict = row["verdict"]
        return cls(
            classification=Classification.of(row["classification"]),
            status=VerdictStatus(verdict["status"]),
            origin=VerdictOrigin(verdict.get("origin") or "RULE"),
            tier=verdict.get("tier") or 1,
            confidence=float(verdict.get("confidence") or 0.0),
            reason=verdict.get("reason") or "",
            classifier=verdict.get("classifier") or "",
            classifier_version=verdict.get("classifier_version") or "",
            decided_by=verdict.get("decided_by"),
            decided_at=moment(verdict.get("decided_at")),
            decided_reason=verdict.get("decided_reason"),
            valid_from=moment(verdict.get("valid_from")),
            last_seen=moment(verdict.get("last_seen")),
        )
