"""Masking entry points: parse, read or command, map."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph_api.arguments import Reason
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import Mask, MaskingSubject
from graph_api.errors import (
    ApprovalRequiredError,
    ConnectionFailedError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from graph_api.masking.types import AssetSampleSuccess, MaskingRule, MaskingRuleConnection
from graph_api.paging import After, Before, First, Last, Page
from ingest.commands import masking as commands
from ingest.commands import samples
from schema.domain import masking

Subject = Annotated[MaskingSubject, strawberry.argument(description="What the rule is about.")]
Name = Annotated[
    str,
    strawberry.argument(description="Name of the classification, category or level; empty for free text."),
]
Purposes = Annotated[
    list[str], strawberry.argument(description="Purposes, such as fraud-prevention; none takes all away.")
]


@strawberry.type
class MaskingQueries:
    @strawberry.field(
        description="The rules by which values of samples are masked, by subject and name.",
        extensions=[Compiled()],
    )
    async def masking_rules(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> MaskingRuleConnection:
        page = Page.of("maskingRules", (str,), first=first, after=after, last=last, before=before)
        rules = (await commands.rules(info.context.graph)).all
        return MaskingRuleConnection.cut(page, rules, key=lambda rule: (rule.id,), node=MaskingRule.of)


@strawberry.input(description="Which rows to show, and what for.")
class AssetSampleInput:
    urn: str = strawberry.field(description="Urn of a dataset, or of one of its columns.")
    columns: list[str] = strawberry.field(
        default_factory=list,
        description="Names of columns, at most 200; all that the caller may see if none.",
    )
    first: int = strawberry.field(default=10, description="How many rows, 1 to 50.")
    purpose: str = strawberry.field(
        default="",
        description="What the caller acts for, one of his purposes; empty for nothing in particular.",
    )
    reason: str = strawberry.field(default="", description="Why, for the audit trail.")


@strawberry.type(description="The rule was set.")
class MaskingRuleSetSuccess:
    rule: MaskingRule = strawberry.field(description="The rule.")


@strawberry.type(description="The rule is as shipped again.")
class MaskingRuleResetSuccess:
    subject: MaskingSubject = strawberry.field(description="What it was about.")
    name: str = strawberry.field(
        description="Name of the classification, category or level; empty for free text."
    )


@strawberry.type(description="The classification is bound to these purposes.")
class ClassificationPurposesSetSuccess:
    classification: str = strawberry.field(description="Name of the classification.")
    purposes: list[str] = strawberry.field(
        description="What alone its values are shown for; empty for anything."
    )


@strawberry.type(description="The token is for these purposes.")
class TokenPurposesSetSuccess:
    token_id: str = strawberry.field(description="Identity of the token.")
    purposes: list[str] = strawberry.field(description="What its holder may say he acts for.")


AssetSampleResult = Annotated[
    AssetSampleSuccess
    | InvalidInputError
    | NotFoundError
    | ApprovalRequiredError
    | ConnectionFailedError
    | ForbiddenError,
    strawberry.union("AssetSampleResult", description="The rows, or why there are none."),
]
MaskingRuleSetResult = Annotated[
    MaskingRuleSetSuccess | InvalidInputError | NotFoundError | ForbiddenError,
    strawberry.union("MaskingRuleSetResult", description="The rule, or why it was not set."),
]
MaskingRuleResetResult = Annotated[
    MaskingRuleResetSuccess | NotFoundError | ForbiddenError,
    strawberry.union("MaskingRuleResetResult", description="The rule, or why nothing was reset."),
]
ClassificationPurposesSetResult = Annotated[
    ClassificationPurposesSetSuccess | InvalidInputError | NotFoundError | ForbiddenError,
    strawberry.union(
        "ClassificationPurposesSetResult", description="The purposes now, or why they are as they were."
    ),
]
TokenPurposesSetResult = Annotated[
    TokenPurposesSetSuccess | InvalidInputError | NotFoundError | ForbiddenError,
    strawberry.union("TokenPurposesSetResult", description="The purposes now, or why they are as they were."),
]


@strawberry.type
class MaskingMutations:
    @strawberry.mutation(
        description="Read some rows of a dataset at its source and show them, masked by the caller's clearance, permissions and "
        "purpose. Nothing of them is stored; the audit trail tells who saw which columns, how masked, and what for. Needs SAMPLE, and the "
        "approval of somebody else where the plan of the source asks for it."
    )
    async def asset_sample(
        self,
        info: Info,
        input: Annotated[AssetSampleInput, strawberry.argument(description="Which rows, and what for.")],
    ) -> AssetSampleResult:
        found = await info.context.command(
            samples.sample,
            urn=input.urn,
            columns=input.columns,
            rows=input.first,
            purpose=input.purpose,
            reason=input.reason,
            config=info.context.services.get("settings"),
        )
        return AssetSampleSuccess.of(found)

    @strawberry.mutation(
        description="Mask values of a classification, category or level, or free text, otherwise from now on. Needs ADMIN."
    )
    async def masking_rule_set(
        self,
        info: Info,
        subject: Subject,
        mask: Annotated[Mask, strawberry.argument(description="What becomes of the values.")],
        name: Name = "",
        reason: Reason = "",
    ) -> MaskingRuleSetResult:
        rule = await info.context.command(
            commands.set_rule,
            subject=masking.MaskingSubject(subject.value),
            name=name,
            mask=masking.Mask(mask.value),
            reason=reason,
        )
        return MaskingRuleSetSuccess(rule=MaskingRule.of(rule))

    @strawberry.mutation(description="Mask as shipped again what a rule was set for. Needs ADMIN.")
    async def masking_rule_reset(
        self, info: Info, subject: Subject, name: Name = "", reason: Reason = ""
    ) -> MaskingRuleResetResult:
        await info.context.command(
            commands.reset_rule,
            subject=masking.MaskingSubject(subject.value),
            name=name,
            reason=reason,
        )
        return MaskingRuleResetSuccess(subject=subject, name=name)

    @strawberry.mutation(
        description="Say for which purposes alone values of a classification of CONFIDENTIAL or more are shown in samples. Needs ADMIN."
    )
    async def classification_purposes_set(
        self,
        info: Info,
        classification: Annotated[str, strawberry.argument(description="Stable name of the classification.")],
        purposes: Purposes,
        reason: Reason = "",
    ) -> ClassificationPurposesSetResult:
        now = await info.context.command(
            commands.bind_classification,
            classification=classification,
            purposes=purposes,
            reason=reason,
        )
        return ClassificationPurposesSetSuccess(classification=classification, purposes=list(now))

    @strawberry.mutation(
        description="Say what the holder of a token may act for when he asks for rows. Needs ADMIN."
    )
    async def token_purposes_set(
        self,
        info: Info,
        id: Annotated[str, strawberry.argument(description="The tokenId of a token.")],
        purposes: Purposes,
        reason: Reason = "",
    ) -> TokenPurposesSetResult:
        now = await info.context.command(commands.bind_token, token=id, purposes=purposes, reason=reason)
        return TokenPurposesSetSuccess(token_id=id, purposes=list(now))
