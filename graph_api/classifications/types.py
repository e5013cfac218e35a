"""Classifications and verdicts, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry

from graph_api.classifications import loaders
from graph_api.classifications.inherited import PropagationReason, reasons_of
from graph_api.context import Info
from graph_api.enums import Sensitivity, VerdictOrigin, VerdictStatus
from graph_api.node import Node, global_id
from graph_api.paging import After, Before, Connection, First, Last, Page
from ingest.commands.classifiers import shipped
from schema.domain.time import moment


@strawberry.type(description="The text of one version of a classifier of one's own.")
class ClassifierVersion:
    number: int = strawberry.field(description="Counts from 1; verdicts name it.")
    yaml: str = strawberry.field(description="The text; save it again to return to it.")
    saved_at: datetime | None = strawberry.field(description="When it was saved.")
    saved_by: str = strawberry.field(description="Who saved it.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            number=row["number"],
            yaml=row["text"],
            saved_at=moment(row["saved_at"]),
            saved_by=row["saved_by"],
        )


@strawberry.type(description="A page of versions, the newest first.")
class ClassifierVersionConnection(Connection[ClassifierVersion]): ...


@strawberry.type(description="A kind of data, such as an e-mail address, with its sensitivity.")
class Classification(Node):
    name: str = strawberry.field(description="Stable name, as filters and mutations take it.")
    title: str = strawberry.field(description="Name for people.")
    description: str = strawberry.field(description="What belongs to it.")
    category: str = strawberry.field(description="The group it belongs to.")
    sensitivity: Sensitivity = strawberry.field(description="How sensitive data of this kind is.")
    version: str = strawberry.field(
        description="Version of its definition; of a classifier of one's own its number."
    )
    regulations: list[str] = strawberry.field(
        description="Regulations it hints at, such as GDPR or PCI_DSS; those of wider ones among them."
    )
    group: str = strawberry.field(description="Of the classifications in one group a column gets one only.")
    priority: int = strawberry.field(
        description="Within the group the highest wins, whatever is surer; 0 where nothing is said."
    )
    accept_at: float | None = strawberry.field(
        description="A machine's verdict as sure as this is accepted without a person; null is never."
    )
    reject_at: float | None = strawberry.field(
        description="A machine's verdict less sure than this is not given; null is never."
    )
    built_in: bool = strawberry.field(description="Whether the product brings it.")
    enabled: bool = strawberry.field(description="Whether it is given to what is judged from now on.")
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
            regulations=row.get("regulations") or [],
            group=row.get("group") or "",
            priority=row.get("priority") or 0,
            accept_at=row.get("accept_at"),
            reject_at=row.get("reject_at"),
            built_in=bool(row.get("built_in", True)),
            enabled=bool(row.get("enabled", True)),
            purposes=list(row.get("purposes") or ()),
        )

    @strawberry.field(
        description="How many assets carry it itself that the caller may see; rejected verdicts do not count."
    )
    async def asset_count(self, info: Info) -> int:
        return await info.context.loader(loaders.asset_counts).load(self.name)

    @strawberry.field(
        description="How many assets carry it or one that is narrower, each once, that the caller may see; rejected verdicts do not count."
    )
    async def asset_count_with_narrower(self, info: Info) -> int:
        return await info.context.loader(loaders.asset_counts_below).load(self.name)

    @strawberry.field(description="The wider classification it is a kind of; null at the top.")
    async def parent(self, info: Info) -> Self | None:
        row = await info.context.loader(loaders.parents).load(self.name)
        return None if row is None else self.of(row)

    @strawberry.field(description="The classifications that are kinds of it, by name; the next level alone.")
    async def narrower(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Annotated[ClassificationConnection, strawberry.lazy("graph_api.classifications.types")]:
        page = Page.of("narrower", (str,), first=first, after=after, last=last, before=before)
        rows = await info.context.loader(loaders.narrower).load((self.name, page))
        return ClassificationConnection.of(page, rows, key=lambda row: (row["name"],), node=Classification.of)

    @strawberry.field(
        description="The text of its classifier, as `classifierSave` takes it; null where there is none any more."
    )
    async def yaml(self, info: Info) -> str | None:
        row = await info.context.loader(loaders.definitions).load(self.name)
        return (await shipped()).get(self.name) if row is None else str(row["text"])

    @strawberry.field(
        description="The versions of its classifier, the newest first; none of one that is built in."
    )
    async def versions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ClassifierVersionConnection:
        page = Page.of("classifierVersions", (int,), first=first, after=after, last=last, before=before)
        rows = await info.context.loader(loaders.versions).load((self.name, page))
        return ClassifierVersionConnection.of(
            page, rows, key=lambda row: (row["number"],), node=ClassifierVersion.of
        )


@strawberry.type(description="A page of classifications, by name.")
class ClassificationConnection(Connection[Classification]): ...


@strawberry.type(description="One classification of one asset: what, how sure, who or what says so, and why.")
class ClassificationVerdict:
    urn: strawberry.Private[str | None]
    classification: Classification = strawberry.field(description="The kind of data.")
    status: VerdictStatus = strawberry.field(description="What people made of it.")
    auto_accepted: bool = strawberry.field(
        description="Whether it was so sure that nobody has to look: at or above acceptAt of its classification, and not decided by a person."
    )
    origin: VerdictOrigin = strawberry.field(description="Who or what found it.")
    tier: int = strawberry.field(
        description="1 rules and people, 2 trained model, 3 embeddings against the meaning of the classification, 4 language model."
    )
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
    def of(cls, row: Mapping[str, Any], urn: str | None = None) -> Self:
        """``urn`` is the asset's, None as of a past instant."""
        verdict = row["verdict"]
        return cls(
            urn=urn,
            classification=Classification.of(row["classification"]),
            status=VerdictStatus(verdict["status"]),
            auto_accepted=bool(verdict.get("auto_accepted")) and verdict.get("decided_by") is None,
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

    @strawberry.field(
        description="Why it is inherited, nearest first, where its origin is PROPAGATED; empty for others, and as of a past instant."
    )
    async def reasons(self, info: Info) -> list[PropagationReason]:
        if self.urn is None or self.origin is not VerdictOrigin.PROPAGATED:
            return []
        return await reasons_of(info, self.urn, self.classification.name)
