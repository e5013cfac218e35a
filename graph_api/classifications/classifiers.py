"""Changing the vocabulary of classifications: classifiers of one's own, switches."""

from __future__ import annotations

from typing import Annotated

import strawberry

from cypher.classifiers import reads
from graph_api.arguments import Reason
from graph_api.classifications.changing import changed, classification_now
from graph_api.classifications.types import Classification
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.errors import (
    BadClassifierError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
)
from ingest.commands import classifiers as commands

Name = Annotated[str, strawberry.argument(description="Stable name of the classification.")]
Documents = Annotated[
    str, strawberry.argument(description="Classifiers as YAML, divided by lines of three dashes.")
]
NEEDS = "Needs CLASSIFY in all domains and up to RESTRICTED."


@strawberry.type(description="The classifier is saved; what is judged from now on is judged by it.")
class ClassifierSaveSuccess:
    classification: Classification = strawberry.field(description="What it finds, as it is now.")


@strawberry.type(description="The classifier judges nothing more.")
class ClassifierDeleteSuccess:
    name: str = strawberry.field(description="Name of the classifier that was.")
    withdrawn: int = strawberry.field(description="How many verdicts went with it.")


@strawberry.type(description="What an import changes, or would change; by name.")
class ClassifierImportSuccess:
    dry_run: bool = strawberry.field(description="Whether nothing was written.")
    added: list[str] = strawberry.field(description="New classifiers.")
    changed: list[str] = strawberry.field(description="Classifiers whose text is another.")
    unchanged: list[str] = strawberry.field(description="Classifiers that say what they said.")
    removed: list[str] = strawberry.field(description="Classifiers of one's own that are deleted.")


@strawberry.type(description="The classification is given again.")
class ClassificationEnableSuccess:
    classification: Classification = strawberry.field(description="The classification as it is now.")


@strawberry.type(description="The classification is given no more.")
class ClassificationDisableSuccess:
    classification: Classification = strawberry.field(description="The classification as it is now.")


ClassifierSaveResult = Annotated[
    ClassifierSaveSuccess | BadClassifierError | ConflictError | ForbiddenError,
    strawberry.union("ClassifierSaveResult", description="The classification, or why nothing was saved."),
]
ClassifierDeleteResult = Annotated[
    ClassifierDeleteSuccess | NotFoundError | ConflictError | ForbiddenError,
    strawberry.union("ClassifierDeleteResult", description="That it is gone, or why it is not."),
]
ClassifierImportResult = Annotated[
    ClassifierImportSuccess | BadClassifierError | ConflictError | ForbiddenError,
    strawberry.union("ClassifierImportResult", description="What changed, or why nothing did."),
]
ClassificationEnableResult = Annotated[
    ClassificationEnableSuccess | NotFoundError | ForbiddenError,
    strawberry.union("ClassificationEnableResult", description="The classification, or why not."),
]
ClassificationDisableResult = Annotated[
    ClassificationDisableSuccess | NotFoundError | ForbiddenError,
    strawberry.union("ClassificationDisableResult", description="The classification, or why not."),
]


@strawberry.type
class ClassifierQueries:
    @strawberry.field(
        description="Classifiers as YAML, divided by lines of three dashes, as `classifierImport` takes them.",
        extensions=[Compiled()],
    )
    async def classifier_export(
        self,
        info: Info,
        built_in: Annotated[
            bool,
            strawberry.argument(description="Also those that the product brings, to begin one's own from."),
        ] = False,
    ) -> str:
        own = {
            row["name"]: row["text"] for row in (await reads.vocabulary(info.context.graph))["definitions"]
        }
        return commands.documents(await commands.shipped() | own if built_in else own)


@strawberry.type
class ClassifierMutations:
    @strawberry.mutation(
        description=f"Save a classifier under the name in its text, as its next version. Its examples have to pass, its counter-examples to fail. {NEEDS}"
    )
    async def classifier_save(
        self,
        info: Info,
        yaml: Annotated[str, strawberry.argument(description="The text of the classifier.")],
        expected_version: Annotated[
            int | None,
            strawberry.argument(
                description="The version that the text was made from, 0 for a new classifier; any where null."
            ),
        ] = None,
        reason: Reason = "",
    ) -> ClassifierSaveResult:
        context = info.context
        row = await context.command(
            commands.save, text=yaml, expected_version=expected_version, reason=reason
        )
        return ClassifierSaveSuccess(classification=await classification_now(info, row["name"]))

    @strawberry.mutation(
        description=f"Delete a classifier of one's own. Its versions are kept, and what it found stays in the history. {NEEDS}"
    )
    async def classifier_delete(
        self,
        info: Info,
        name: Name,
        withdraw_verdicts: Annotated[
            bool,
            strawberry.argument(
                description="Delete it although assets carry it: its verdicts end now, people's too."
            ),
        ] = False,
        reason: Reason = "",
    ) -> ClassifierDeleteResult:
        context = info.context
        withdrawn = await context.command(
            commands.delete, name=name, withdraw=withdraw_verdicts, reason=reason
        )
        return ClassifierDeleteSuccess(name=name, withdrawn=withdrawn)

    @strawberry.mutation(
        description=f"Save many classifiers at once, or none where one of them is wrong. {NEEDS}"
    )
    async def classifier_import(
        self,
        info: Info,
        yaml: Documents,
        remove: Annotated[
            bool,
            strawberry.argument(description="Delete the classifiers of one's own that are not in the text."),
        ] = False,
        dry_run: Annotated[
            bool, strawberry.argument(description="Only tell what would change; nothing is written.")
        ] = False,
        reason: Reason = "",
    ) -> ClassifierImportResult:
        context = info.context
        if dry_run:
            found = await context.command(commands.compare, text=yaml, remove=remove)
        else:
            found = await context.command(commands.import_all, text=yaml, remove=remove, reason=reason)
        return ClassifierImportSuccess(
            dry_run=dry_run,
            added=found.added,
            changed=found.changed,
            unchanged=found.unchanged,
            removed=found.removed,
        )

    @strawberry.mutation(
        description=f"Give a classification again that was switched off; scans from now on do. {NEEDS}"
    )
    async def classification_enable(
        self, info: Info, name: Name, reason: Reason = ""
    ) -> ClassificationEnableResult:
        found = await changed(info, commands.set_enabled, name, enabled=True, reason=reason)
        return ClassificationEnableSuccess(classification=found)

    @strawberry.mutation(
        description=f"Switch a classification off, also one that is built in; scans from now on do not give it, and take it back where it stood. {NEEDS}"
    )
    async def classification_disable(
        self, info: Info, name: Name, reason: Reason = ""
    ) -> ClassificationDisableResult:
        found = await changed(info, commands.set_enabled, name, enabled=False, reason=reason)
        return ClassificationDisableSuccess(classification=found)
