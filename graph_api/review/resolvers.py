"""The review queue and decisions: parse, read or command, map."""

from __future__ import annotations

from typing import Annotated

import strawberry

from cypher.review import reads
from graph_api.arguments import Reason
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.enums import VerdictStatus
from graph_api.errors import ConflictError, ForbiddenError, InvalidInputError
from graph_api.paging import After, Before, First, Last, Page
from graph_api.review.types import (
    DecisionAnswer,
    DecisionCount,
    ReviewConnection,
    ReviewFilter,
    ReviewItem,
    VerdictsCsv,
    wanted,
)
from ingest.commands import review as commands
from schema.domain import classifications
from schema.domain.review import Decision
from schema.errors import InvalidInput
from schema.ids import decode_cursor, encode_cursor

MOST_ITEMS = 1_000
_QUEUE = "reviewQueue"

Filter = Annotated[ReviewFilter | None, strawberry.argument(description="Narrows the suggestions.")]
DryRun = Annotated[
    bool, strawberry.argument(description="Only tell what would become of each; write nothing.")
]
Overrule = Annotated[
    bool, strawberry.argument(description="Also decide what somebody else decided otherwise.")
]


@strawberry.input(description="One decision: whether an asset holds a kind of data.")
class DecisionInput:
    asset: str = strawberry.field(description="Urn of the asset.")
    classification: str = strawberry.field(description="Name of the classification.")
    verdict: VerdictStatus = strawberry.field(description="CONFIRMED or REJECTED.")
    reason: str = strawberry.field(default="", description="Why; remembered with the verdict.")


@strawberry.type
class ReviewQueries:
    @strawberry.field(
        description="Suggestions that nobody decided yet, the most useful to decide first. Inherited ones are not asked about: what they come from is.",
        extensions=[Compiled()],
    )
    async def review_queue(
        self,
        info: Info,
        filter: Filter = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ReviewConnection:
        page = Page.of(_QUEUE, (str,), first=first, after=after, last=last, before=before)
        rows = await reads.queue(info.context.graph, info.context.scope, wanted(filter), **page.keyset_of_one)
        return ReviewConnection.of(page, rows, key=reads.place, node=ReviewItem.of)

    @strawberry.field(
        description="The same as CSV, for a spreadsheet; the command `pursight review export` writes all of it.",
        extensions=[Compiled()],
    )
    async def verdicts_csv(
        self,
        info: Info,
        filter: Filter = None,
        rows: Annotated[int, strawberry.argument(description="Rows to return, 1 to 1000.")] = MOST_ITEMS,
        after: After = None,
    ) -> VerdictsCsv:
        from ingest.commands.verdicts_csv import verdicts_csv

        if not 1 <= rows <= MOST_ITEMS:
            raise InvalidInput(
                f"A file of {rows} rows is not possible.",
                path=("rows",),
                remedy=f"Ask for 1 to {MOST_ITEMS}.",
            )
        key = None if after is None else str(decode_cursor(_QUEUE, after, (str,))[0])
        found = await reads.queue(
            info.context.graph, info.context.scope, wanted(filter), key=key, first=rows + 1
        )
        kept = found[:rows]
        more = len(found) > rows
        return VerdictsCsv(
            text=verdicts_csv(kept),
            row_count=len(kept),
            end_cursor=encode_cursor(_QUEUE, reads.place(kept[-1])) if more else None,
        )


@strawberry.type(description="What became of the decisions, or would.")
class ClassificationsDecideSuccess:
    dry_run: bool = strawberry.field(description="Whether nothing was written.")
    counts: list[DecisionCount] = strawberry.field(description="How many decisions had which outcome.")
    answers: list[DecisionAnswer] = strawberry.field(description="One for each decision, in their order.")


@strawberry.type(
    description="The suggestions that are meant; decided where the token of their preview was given."
)
class SuggestionsDecideSuccess:
    decided: bool = strawberry.field(description="Whether they were decided; else this is the preview.")
    count: int = strawberry.field(description="How many there are.")
    token: str = strawberry.field(
        description="Pass it with the same arguments to decide just these; it fits no other set."
    )
    some: list[ReviewItem] = strawberry.field(description="The first twenty of them.")


@strawberry.type(description="What became of the rows, or would.")
class VerdictsImportSuccess:
    dry_run: bool = strawberry.field(description="Whether nothing was written.")
    counts: list[DecisionCount] = strawberry.field(description="How many rows had which outcome.")
    open: int = strawberry.field(description="How many rows leave the verdict open.")
    answers: list[DecisionAnswer] = strawberry.field(
        description="One for each row that says a verdict, with its line."
    )


ClassificationsDecideResult = Annotated[
    ClassificationsDecideSuccess | InvalidInputError | ForbiddenError,
    strawberry.union("ClassificationsDecideResult", description="The outcomes, or why none was written."),
]
SuggestionsDecideResult = Annotated[
    SuggestionsDecideSuccess | InvalidInputError | ConflictError | ForbiddenError,
    strawberry.union(
        "SuggestionsDecideResult", description="The suggestions, or why none of them was decided."
    ),
]
VerdictsImportResult = Annotated[
    VerdictsImportSuccess | InvalidInputError | ForbiddenError,
    strawberry.union("VerdictsImportResult", description="The outcomes, or why no row was written."),
]


def _status(verdict: VerdictStatus) -> classifications.VerdictStatus:
    return classifications.VerdictStatus(verdict.value)


@strawberry.type
class ReviewMutations:
    @strawberry.mutation(
        description="Decide up to a thousand classifications in one transaction; what conflicts with others or is not known is left out and told. Needs CLASSIFY."
    )
    async def classifications_decide(
        self,
        info: Info,
        items: Annotated[list[DecisionInput], strawberry.argument(description="The decisions.")],
        dry_run: DryRun = False,
        overrule: Overrule = False,
        reason: Reason = "",
    ) -> ClassificationsDecideResult:
        if len(items) > MOST_ITEMS:
            raise InvalidInput(
                f"{len(items)} decisions are too many.",
                path=("items",),
                remedy=f"Send at most {MOST_ITEMS:,}, or a file to `pursight review import`.",
            )
        context = info.context
        found = await context.command(
            commands.decide_all,
            [Decision(each.asset, each.classification, _status(each.verdict), each.reason) for each in items],
            dry_run=dry_run,
            overrule=overrule,
            reason=reason,
        )
        return ClassificationsDecideSuccess(
            dry_run=dry_run,
            counts=DecisionCount.all_of(found),
            answers=[DecisionAnswer.of(each) for each in found],
        )

    @strawberry.mutation(
        description="Decide all suggestions of one classification that a filter means: first a preview, then with its token. Needs CLASSIFY."
    )
    async def suggestions_decide(
        self,
        info: Info,
        filter: Annotated[
            ReviewFilter,
            strawberry.argument(description="Which suggestions; the classification has to be named."),
        ],
        verdict: Annotated[VerdictStatus, strawberry.argument(description="CONFIRMED or REJECTED.")],
        reason: Annotated[str, strawberry.argument(description="Why; remembered with each verdict.")] = "",
        token: Annotated[
            str | None, strawberry.argument(description="The token of the preview; null for the preview.")
        ] = None,
    ) -> SuggestionsDecideResult:
        context = info.context
        found = await context.command(
            commands.decide_suggestions, wanted(filter), _status(verdict), reason=reason, token=token
        )
        return SuggestionsDecideSuccess(
            decided=found.decided,
            count=found.count,
            token=found.token,
            some=[ReviewItem.of(row) for row in found.some],
        )

    @strawberry.mutation(
        description="Take decisions from CSV as verdictsCsv gives it, with CONFIRMED or REJECTED in the column verdict; all in one transaction. Needs CLASSIFY."
    )
    async def verdicts_import(
        self,
        info: Info,
        csv: Annotated[
            str, strawberry.argument(description="The text of the file, at most 10,000 verdicts.")
        ],
        dry_run: DryRun = False,
        overrule: Overrule = False,
        reason: Reason = "",
    ) -> VerdictsImportResult:
        from ingest.commands.verdicts_csv import import_verdicts

        context = info.context
        found = await context.command(import_verdicts, csv, dry_run=dry_run, overrule=overrule, reason=reason)
        return VerdictsImportSuccess(
            dry_run=dry_run,
            counts=DecisionCount.all_of([row.decided for row in found.rows]),
            open=found.open,
            answers=[DecisionAnswer.of(row.decided, row.line) for row in found.rows],
        )
