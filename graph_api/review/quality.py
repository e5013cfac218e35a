"""How good classifiers are by what people made of their verdicts, and which thresholds follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

import strawberry

from cypher.review import reads
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import VerdictGroup, VerdictOrigin
from graph_api.paging import After, Before, Connection, First, Last, Page
from schema.domain.verdict_figures import Proposal, Share, Thresholds, evidence_of, needed, proposed

Source = Annotated[str | None, strawberry.argument(description="Name of a source; null for all.")]
OfClassification = Annotated[
    str | None, strawberry.argument(description="Name of a classification; null for all.")
]


@strawberry.type(description="A share with its 95 % interval (Wilson score).")
class ShareEstimate:
    value: float = strawberry.field(description="The share, 0 to 1.")
    low: float = strawberry.field(description="Lower bound of the interval.")
    high: float = strawberry.field(description="Upper bound of the interval.")
    n: int = strawberry.field(description="Of how many.")

    @classmethod
    def of(cls, share: Share) -> Self | None:
        if share.n == 0:
            return None
        return cls(value=share.share, low=share.low, high=share.high, n=share.n)


@strawberry.type(description="How good verdicts of machines are, by what people made of them.")
class ClassifierQuality:
    classification: str | None = strawberry.field(description="The classification; null where not asked for.")
    source: str | None = strawberry.field(
        description="The source, empty for assets of none; null where not asked for."
    )
    tier: int | None = strawberry.field(
        description="The tier; null where not asked for, and for what people added."
    )
    origin: VerdictOrigin | None = strawberry.field(description="The origin; null where not asked for.")
    confirmed: int = strawberry.field(description="Verdicts of machines that people confirmed.")
    rejected: int = strawberry.field(description="Verdicts of machines that people rejected.")
    added: int = strawberry.field(description="What people added, since no machine had said it.")
    precision: ShareEstimate | None = strawberry.field(
        description="Of decided verdicts of machines the share that was confirmed; null where none was decided. People decide what is doubtful first, so it tends to be below that of all verdicts."
    )
    recall: ShareEstimate | None = strawberry.field(
        description="Of what people confirmed or added the share that a machine had found; null where nothing is known, and by tier or origin, since what nobody found belongs to none. What nobody looked at is not known, so that it tends to be above the true recall."
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        confirmed, rejected, added = row["confirmed"], row["rejected"], row["added"]
        apart = row["tier"] is not None or row["origin"] is not None
        return cls(
            classification=row["classification"],
            source=row["source"],
            tier=row["tier"],
            origin=None if row["origin"] is None else VerdictOrigin(row["origin"]),
            confirmed=confirmed,
            rejected=rejected,
            added=added,
            precision=ShareEstimate.of(Share(confirmed, confirmed + rejected)),
            recall=None if apart else ShareEstimate.of(Share(confirmed, confirmed + added)),
        )


@strawberry.type(description="A page of figures, by classification, source, tier and origin.")
class ClassifierQualityConnection(Connection[ClassifierQuality]): ...


@strawberry.type(description="A threshold that verdicts of people bear out.")
class ThresholdProposal:
    at: float = strawberry.field(description="The confidence.")
    evidence: ShareEstimate = strawberry.field(
        description="Of the decided verdicts on its side the share in which people agreed."
    )

    @classmethod
    def of(cls, found: Proposal | None) -> Self | None:
        evidence = None if found is None else ShareEstimate.of(found.evidence)
        return None if found is None or evidence is None else cls(at=found.at, evidence=evidence)


@strawberry.type(description="The thresholds that people's verdicts propose for one classification.")
class ClassifierThresholds:
    classification: str = strawberry.field(description="Name of the classification.")
    decided: int = strawberry.field(description="How many verdicts of machines people decided.")
    accept_at: ThresholdProposal | None = strawberry.field(
        description="From this confidence on verdicts were right often enough to be accepted unseen; null where no confidence bears that out."
    )
    reject_at: ThresholdProposal | None = strawberry.field(
        description="Below this confidence verdicts were wrong often enough to be rejected unseen; null likewise."
    )
    needed: int = strawberry.field(
        description="How many verdicts without a single mistake the target takes at least."
    )

    @classmethod
    def of(cls, name: str, found: Thresholds, least: int) -> Self:
        return cls(
            classification=name,
            decided=found.decided,
            accept_at=ThresholdProposal.of(found.accept),
            reject_at=ThresholdProposal.of(found.reject),
            needed=least,
        )


@strawberry.type(description="A page of proposed thresholds, by classification.")
class ClassifierThresholdsConnection(Connection[ClassifierThresholds]): ...


@strawberry.type
class QualityQueries:
    @strawberry.field(
        description="Precision and recall of classifiers by what people made of their verdicts, on assets that the caller may see.",
        extensions=[Compiled()],
    )
    async def classifier_quality(
        self,
        info: Info,
        by: Annotated[
            list[VerdictGroup] | None,
            strawberry.argument(description="By what they are counted; by classification where null."),
        ] = None,
        source: Source = None,
        classification: OfClassification = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ClassifierQualityConnection:
        page = Page.of(
            "classifierQuality", (str, str, int, str), first=first, after=after, last=last, before=before
        )
        groups = [each.value for each in by or [VerdictGroup.CLASSIFICATION]]
        rows = await reads.figures(
            info.context.graph,
            info.context.scope,
            by=groups,
            source=source,
            classification=classification,
        )
        return ClassifierQualityConnection.cut(page, rows, key=_group, node=ClassifierQuality.of)

    @strawberry.field(
        description="Thresholds that would have reached a precision on the verdicts that people decided, by the lower bound of the 95 % interval. They are proposed, not applied.",
        extensions=[Compiled()],
    )
    async def threshold_proposals(
        self,
        info: Info,
        target_precision: Annotated[
            float, strawberry.argument(description="The precision to be reached, 0.5 to 0.999.")
        ] = 0.95,
        source: Source = None,
        classification: OfClassification = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ClassifierThresholdsConnection:
        least = needed(target_precision)
        page = Page.of("thresholdProposals", (str,), first=first, after=after, last=last, before=before)
        found = await reads.evidence(
            info.context.graph, info.context.scope, source=source, classification=classification
        )
        return ClassifierThresholdsConnection.cut(
            page,
            found,
            key=lambda name: (name,),
            node=lambda name: ClassifierThresholds.of(
                name, proposed(evidence_of(found[name]), target_precision), least
            ),
        )


def _group(row: Mapping[str, Any]) -> tuple[object, ...]:
    return (row["classification"] or "", row["source"] or "", row["tier"] or 0, row["origin"] or "")
