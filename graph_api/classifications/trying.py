"""Trying classifiers on values and columns, explaining columns, and making patterns; what was read is told in counts and shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from cypher.governance import reads
from graph_api.classifications.types import ClassificationVerdict
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import Sensitivity, ValueOutcome
from graph_api.errors import (
    BadClassifierError,
    ConflictError,
    ConnectionFailedError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from ingest.commands import classifier_trials as trials
from schema.domain.identity import Permission
from schema.errors import InvalidInput

if TYPE_CHECKING:
    from ml.classify import explain, trial
    from ml.classify.spec import ClassifierSpec
    from ml.classify.zero_shot import Near


@strawberry.type(
    description="A classification that there is evidence for in a column: what speaks for it, and what against it."
)
class ConsideredClassification:
    name: str = strawberry.field(description="Stable name; of a draft the one in its text.")
    title: str = strawberry.field(description="Name for people.")
    sensitivity: Sensitivity = strawberry.field(description="How sensitive data of this kind is.")
    given: bool = strawberry.field(description="Whether the column gets it as a verdict.")
    confidence: float = strawberry.field(
        description="How sure the verdict is, 0 to 1; of what is not given, what its evidence alone amounts to."
    )
    reason: str = strawberry.field(description="What speaks for it, in counts and shapes; never a value.")
    against: list[str] = strawberry.field(description="What spoke against it; empty for a verdict.")
    phrase: str | None = strawberry.field(description="What the name or the comment says, where it does.")
    name_score: float = strawberry.field(description="How far the name says it, 0 to 1.")
    distinct_values: int = strawberry.field(description="How many distinct values were looked at.")
    form: str | None = strawberry.field(description="The form that most of them have; null for none.")
    form_share: float = strawberry.field(description="Share of them that have the form, 0 to 1.")
    pass_share: float = strawberry.field(description="Share that passes the check of the form as well.")
    word_share: float = strawberry.field(description="Share that holds a word of the dictionary.")

    @classmethod
    def of(cls, found: explain.Considered) -> Self:
        return cls(
            name=found.name,
            title=found.title,
            sensitivity=Sensitivity(int(found.sensitivity)),
            given=found.given,
            confidence=found.confidence,
            reason=found.reason,
            against=list(found.against),
            phrase=found.phrase,
            name_score=found.name_score,
            distinct_values=found.distinct,
            form=found.form,
            form_share=found.formed,
            pass_share=found.passed,
            word_share=found.words,
        )


@strawberry.type(description="What became of one value that was sent.")
class ClassifierTestOutcome:
    index: int = strawberry.field(description="Its place among the values, from 0.")
    outcome: ValueOutcome = strawberry.field(description="What became of it.")
    form: str | None = strawberry.field(description="The form it has; null for none.")


@strawberry.type(description="How many values one classification takes.")
class ClassifierTestCounts:
    name: str = strawberry.field(description="Stable name of the classification.")
    matched: int = strawberry.field(description="Values that have a form and pass its check, or are known.")
    failed_check: int = strawberry.field(description="Values that have a form and fail its check.")
    unmatched: int = strawberry.field(description="Values of no form.")
    outcomes: list[ClassifierTestOutcome] = strawberry.field(
        description="Value by value, in their order; empty where the values were read from a source."
    )

    @classmethod
    def of(cls, name: str, found: trial.Trial, *, each: bool) -> Self:
        counts = {str(outcome): count for outcome, count in found.counts(name).items()}
        listed = found.outcomes.get(name, ()) if each else ()
        return cls(
            name=name,
            matched=counts.get("MATCHED", 0),
            failed_check=counts.get("FAILED_CHECK", 0),
            unmatched=counts.get("NO_MATCH", 0),
            outcomes=[
                ClassifierTestOutcome(index=n, outcome=ValueOutcome[str(outcome)], form=form or None)
                for n, (outcome, form) in enumerate(listed)
            ],
        )


@strawberry.type(description="What the column would be classified as, and why.")
class ClassifierTestSuccess:
    considered: list[ConsideredClassification] = strawberry.field(
        description="Verdicts first, then what is tried, then near misses."
    )
    counts: list[ClassifierTestCounts] = strawberry.field(
        description="What the values are to what is tried; where that is everything, to each verdict."
    )
    elapsed_ms: float = strawberry.field(description="How long the judgement took, without reading.")

    @classmethod
    def of(cls, found: trial.Trial, *, each: bool) -> Self:
        return cls(
            considered=[ConsideredClassification.of(one) for one in found.considered],
            counts=[ClassifierTestCounts.of(name, found, each=each) for name in found.outcomes],
            elapsed_ms=found.elapsed_ms,
        )


ClassifierTestResult = Annotated[
    ClassifierTestSuccess
    | BadClassifierError
    | NotFoundError
    | InvalidInputError
    | ConflictError
    | ConnectionFailedError
    | ForbiddenError,
    strawberry.union("ClassifierTestResult", description="What was found, or why nothing was tried."),
]


@strawberry.type(
    description="A classification whose meaning is near to the text of a column: its name, table and comment (tier 3)."
)
class NearMeaning:
    name: str = strawberry.field(description="Stable name of the classification.")
    title: str = strawberry.field(description="Name for people.")
    sensitivity: Sensitivity = strawberry.field(description="How sensitive data of this kind is.")
    nearness: float = strawberry.field(
        description="Cosine between the text of the column and the nearest text of the meaning, -1 to 1."
    )
    ahead: float = strawberry.field(
        description="By how much it is nearer than whatever means something else; below 0 where another is nearer."
    )
    probability: float = strawberry.field(
        description="How likely that makes it, 0 to 1, as calibrated; from 0.5 on the tier suggests it, where it is asked."
    )

    @classmethod
    def of(cls, spec: ClassifierSpec, near: Near) -> Self:
        return cls(
            name=spec.name,
            title=spec.title,
            sensitivity=Sensitivity(int(spec.sensitivity)),
            nearness=round(near.nearness, 3),
            ahead=round(near.ahead, 3),
            probability=round(near.probability, 3),
        )


@strawberry.type(description="Why a column is classified as it is.")
class ClassificationExplanation:
    basis: list[str] = strawberry.field(
        description="What is known of the column, and what its profile counted."
    )
    verdicts: list[ClassificationVerdict] = strawberry.field(
        description="The verdicts that stand, each with the reason from when it was given."
    )
    considered: list[ConsideredClassification] = strawberry.field(
        description="What its name, type and comment say now, by the present vocabulary; near misses behind."
    )
    nearest: list[NearMeaning] = strawberry.field(
        description="The classifications whose meaning is nearest to its text now, best first, at most 5, whatever the other tiers say; empty where the embedding model is not on the server."
    )


@strawberry.type(description="A pattern made from examples.")
class ClassifierPattern:
    pattern: str = strawberry.field(description="RE2, for whole values; as classifiers take it.")
    alternatives: int = strawberry.field(
        description="How many forms stand side by side in it; 1 where all examples have one form."
    )


@strawberry.type
class TrialQueries:
    @strawberry.field(
        description="Why a column is classified as it is, and what else was considered, by its name, type and comment; null where it is no column or not to be seen. `classifierTest` asks its values too.",
        extensions=[Compiled()],
    )
    async def classification_explanation(
        self, info: Info, urn: Annotated[str, strawberry.argument(description="Urn of the column.")]
    ) -> ClassificationExplanation | None:
        context = info.context
        found = await trials.explain_column(
            context.graph, context.scope, urn, context.services.get("embedder")
        )
        if found is None:
            return None
        verdicts = await reads.verdicts(context.graph, [urn], context.scope)
        return ClassificationExplanation(
            basis=list(found.basis),
            verdicts=[ClassificationVerdict.of(row) for row in verdicts.get(urn, [])],
            considered=[ConsideredClassification.of(each) for each in found.considered],
            nearest=[NearMeaning.of(spec, near) for spec, near in found.nearest],
        )

    @strawberry.field(
        description="A pattern that takes all examples and no counter-example. Needs CLASSIFY.",
        extensions=[Compiled()],
    )
    async def classifier_pattern(
        self,
        info: Info,
        examples: Annotated[list[str], strawberry.argument(description="Values it has to take, 1 to 200.")],
        counter_examples: Annotated[
            list[str] | None, strawberry.argument(description="Values it must not take, at most 200.")
        ] = None,
    ) -> ClassifierPattern:
        info.context.require(Permission.CLASSIFY)
        found = await trials.pattern_of(examples, counter_examples or [])
        return ClassifierPattern(pattern=found.pattern, alternatives=found.alternatives)


@strawberry.type
class TrialMutations:
    @strawberry.mutation(
        description="Try a classifier, saved or not, or all of them, on values or on a column, whose values are read from its source as a scan samples them. Nothing is changed; that a source was read is in the audit trail. Needs CLASSIFY."
    )
    async def classifier_test(
        self,
        info: Info,
        yaml: Annotated[
            str | None, strawberry.argument(description="Text of a classifier, which need not be saved.")
        ] = None,
        name: Annotated[
            str | None,
            strawberry.argument(description="Stable name of a classification; all where neither is given."),
        ] = None,
        values: Annotated[
            list[str] | None,
            strawberry.argument(
                description="Values as those of one column, at most 1,000 of 4,096 characters."
            ),
        ] = None,
        column: Annotated[str, strawberry.argument(description="Name of that column.")] = "",
        table: Annotated[str, strawberry.argument(description="Name of its table.")] = "",
        data_type: Annotated[str, strawberry.argument(description="Its type; text where empty.")] = "",
        comment: Annotated[str | None, strawberry.argument(description="Its comment.")] = None,
        urn: Annotated[
            str | None, strawberry.argument(description="A column of the catalogue, instead of values.")
        ] = None,
        rows: Annotated[
            int,
            strawberry.argument(
                description="Rows to read from its source, at most 1,000 and what its scans sample."
            ),
        ] = 500,
    ) -> ClassifierTestResult:
        context = info.context
        subject = trials.Subject(yaml, name)
        if urn is not None:
            if values is not None:
                raise InvalidInput("Both values and a column.", path=("values",), remedy="Give one of them.")
            config = context.services.get("settings")
            found = await context.command(trials.try_asset, subject, urn=urn, rows=rows, config=config)
        else:
            found = await context.command(
                trials.try_values,
                subject,
                values=values or [],
                column=column,
                table=table,
                data_type=data_type,
                comment=comment,
            )
        return ClassifierTestSuccess.of(found, each=urn is None)
