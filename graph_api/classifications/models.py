"""Versions of the trained model, as the API shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry

from cypher.models import reads
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import ModelStatus
from graph_api.paging import After, Before, Connection, First, Last, Page
from ingest.commands import models as commands
from schema.domain.models import Paired
from schema.domain.time import moment

NEEDS = "Needs CLASSIFY in all domains and up to RESTRICTED."


@strawberry.type(
    description="How the model and the one that was in force did on verdicts that neither had learnt from."
)
class HeldOutFigures:
    verdicts: int = strawberry.field(description="How many verdicts of people were held out.")
    right: int = strawberry.field(description="About how many of them the model is right.")
    present_right: int = strawberry.field(description="About how many the model was that it had to beat.")
    better: int = strawberry.field(description="About how many it alone is right.")
    worse: int = strawberry.field(description="About how many the other alone.")
    chance: float = strawberry.field(
        description="Probability that chance alone gives it as many of those; one-sided, exact (McNemar)."
    )
    difference: float = strawberry.field(description="Difference of the shares of right verdicts, -1 to 1.")
    difference_low: float = strawberry.field(description="Lower end of its 95% interval.")
    difference_high: float = strawberry.field(description="Upper end of its 95% interval.")

    @classmethod
    def of(cls, row: Mapping[str, int]) -> Self:
        paired = Paired(**row)
        difference, low, high = paired.difference
        return cls(
            verdicts=paired.verdicts,
            right=paired.candidate_right,
            present_right=paired.present_right,
            better=paired.better,
            worse=paired.worse,
            chance=paired.chance,
            difference=difference,
            difference_low=low,
            difference_high=high,
        )


@strawberry.type(
    description="How a model does on the columns of the built-in evaluation that rules leave open."
)
class BuiltInFigures:
    columns: int = strawberry.field(description="How many columns there are.")
    right: int = strawberry.field(description="About how many it is right.")
    nothing: int = strawberry.field(description="How many columns hold nothing that it knows.")
    false_alarms: int = strawberry.field(description="Of how many of those it says something.")

    @classmethod
    def of(cls, row: Mapping[str, int]) -> Self:
        return cls(
            columns=row["columns"], right=row["right"], nothing=row["nothing"], false_alarms=row["false"]
        )


@strawberry.type(description="What people decided about one classification, and how the models did on it.")
class ModelClassFigures:
    classification: str = strawberry.field(description="Name of the classification.")
    confirmed: int = strawberry.field(description="How often people confirmed it.")
    rejected: int = strawberry.field(description="How often they rejected it.")
    learnt: int = strawberry.field(description="How many columns taught it; 0 where there were too few.")
    held_out: int = strawberry.field(description="How many of the verdicts were held out.")
    right: int = strawberry.field(description="About how many of those the model is right.")
    present_right: int = strawberry.field(description="About how many the model was that it had to beat.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            classification=row["classification"],
            confirmed=row["confirmed"],
            rejected=row["rejected"],
            learnt=row["learnt"],
            held_out=row["held_out"],
            right=row["candidate_right"],
            present_right=row["present_right"],
        )


@strawberry.type(description="A version of the trained model, or a training of one.")
class ClassificationModel:
    number: int = strawberry.field(description="Counts from 1; 0 is the model that comes with the product.")
    version: str = strawberry.field(
        description="Name by which verdicts mention it, the beginning of its digest; empty before it is trained."
    )
    digest: str = strawberry.field(
        description="SHA-256 of its artefact; empty for the one of the product and before it is trained."
    )
    status: ModelStatus = strawberry.field(description="Where it stands.")
    requested_at: datetime | None = strawberry.field(description="When its training was asked for.")
    requested_by: str = strawberry.field(description="Who asked; empty for the one of the product.")
    reason: str = strawberry.field(description="Why.")
    started_at: datetime | None = strawberry.field(description="When a worker began.")
    finished_at: datetime | None = strawberry.field(description="When the training ended, however it did.")
    promoted_at: datetime | None = strawberry.field(description="When it was put in force last.")
    promoted_by: str = strawberry.field(description="By whom; empty where it never was.")
    size_bytes: int = strawberry.field(description="Size of the artefact; 0 where there is none.")
    seconds: float | None = strawberry.field(description="How long the training took.")
    memory_mb: int | None = strawberry.field(description="Most memory that its process took, MiB.")
    labels: list[str] = strawberry.field(description="Classifications that it knows.")
    divided_by: str = strawberry.field(
        description="What divides verdicts to learn from and those held out: source or dataset; empty before."
    )
    learnt_verdicts: int = strawberry.field(description="How many verdicts it learnt from.")
    held_out: HeldOutFigures | None = strawberry.field(
        description="How it did on verdicts held out; null before it is trained."
    )
    built_in: BuiltInFigures | None = strawberry.field(
        description="How it does on the built-in evaluation; null before it is trained."
    )
    present_built_in: BuiltInFigures | None = strawberry.field(
        description="How the model did there that it had to beat."
    )
    shipped_built_in: BuiltInFigures | None = strawberry.field(
        description="How the model of the product does there, which is the measure."
    )
    classes: list[ModelClassFigures] = strawberry.field(description="Figures by classification, by name.")
    gate_reasons: list[str] = strawberry.field(
        description="Why it passed the gate, or did not, a sentence for each rule; or why there is no model."
    )
    fault: str | None = strawberry.field(
        description="Why it cannot be used although it is in force: the one of the product judges instead; null where it can."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        figures = json.loads(row.get("figures") or "{}")
        digest = row.get("digest") or ""
        shipped = _shipped() if row["number"] == 0 else {}
        return cls(
            number=row["number"],
            version=str(shipped.get("version") or digest[:12]),
            digest=digest,
            status=ModelStatus(row["status"]),
            requested_at=moment(row.get("requested_at")),
            requested_by=row.get("requested_by") or "",
            reason=row.get("reason") or "",
            started_at=moment(row.get("started_at")),
            finished_at=moment(row.get("finished_at")),
            promoted_at=moment(row.get("promoted_at")),
            promoted_by=row.get("promoted_by") or "",
            size_bytes=row.get("size") or 0,
            seconds=row.get("seconds"),
            memory_mb=row.get("memory_mb"),
            labels=list(shipped.get("labels") or row.get("labels") or ()),
            divided_by=row.get("divided_by") or "",
            learnt_verdicts=row.get("learnt_verdicts") or 0,
            held_out=HeldOutFigures.of(figures["held_out"]) if figures else None,
            built_in=BuiltInFigures.of(figures["candidate"]) if figures else None,
            present_built_in=BuiltInFigures.of(figures["present"]) if figures else None,
            shipped_built_in=BuiltInFigures.of(figures["shipped"]) if figures else None,
            classes=[ModelClassFigures.of(each) for each in json.loads(row.get("classes") or "[]")],
            gate_reasons=list(row.get("gate_reasons") or ()),
            fault=row.get("fault"),
        )


def _shipped() -> dict[str, Any]:
    from ml.classify.trained import NONE, card

    told = card()
    labels: Any = told["labels"]
    return {"version": told["version"], "labels": [label for label in labels if label != NONE]}


@strawberry.type(description="A page of versions of the trained model, the newest first.")
class ClassificationModelConnection(Connection[ClassificationModel]): ...


@strawberry.type
class ModelQueries:
    @strawberry.field(
        description=f"Versions of the trained model and trainings of it, the newest first, down to the model of the product. {NEEDS}",
        extensions=[Compiled()],
    )
    async def classification_models(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ClassificationModelConnection:
        commands.require(info.context.principal)
        page = Page.of("classificationModels", (int,), first=first, after=after, last=last, before=before)
        rows = await reads.page(info.context.graph, **page.keyset_of_one)
        return ClassificationModelConnection.of(
            page, rows, key=lambda row: (row["number"],), node=ClassificationModel.of
        )

    @strawberry.field(
        description=f"One version of the trained model; null where there is none. {NEEDS}",
        extensions=[Compiled()],
    )
    async def classification_model(
        self,
        info: Info,
        number: Annotated[int, strawberry.argument(description="Its number; 0 for the one of the product.")],
    ) -> ClassificationModel | None:
        commands.require(info.context.principal)
        row = await reads.by_number(info.context.graph, number)
        return None if row is None else ClassificationModel.of(row)
