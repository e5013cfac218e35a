"""Source entry points: parse, read or command, map."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from cypher.catalog import reads as catalog
from cypher.sources import reads
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.errors import (
    BadRecipeError,
    BadWorkflowError,
    ConflictError,
    ConnectionFailedError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from graph_api.paging import After, Before, First, Last, Page
from graph_api.sources import loaders
from graph_api.sources.types import Source, SourceConnection, SourceReport
from ingest.commands import sources as commands
from schema.domain.identity import Permission
from schema.domain.sources import ScanOptions, SourceSpec, source_urn
from schema.errors import Conflict, InvalidInput, NotFound

Name = Annotated[str, strawberry.argument(description="Name the source is registered under.")]


@strawberry.type
class SourceQueries:
    @strawberry.field(description="Sources, by urn.", extensions=[Compiled()])
    async def sources(
        self,
        info: Info,
        registered: Annotated[
            bool | None,
            strawberry.argument(description="Only registered ones, or only instances that lineage mentions."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> SourceConnection:
        page = Page.of("sources", (str,), first=first, after=after, last=last, before=before)
        rows = await reads.page(
            info.context.graph,
            info.context.scope,
            registered=registered,
            **page.keyset_of_one,
        )
        return SourceConnection.of(page, rows, key=lambda row: (row["urn"],), node=Source.of)

    @strawberry.field(
        description="One source by its name; null where there is none or the caller may not see it.",
        extensions=[Compiled()],
    )
    async def source(self, info: Info, name: Name) -> Source | None:
        return await _source(info, name)


async def _source(info: Info, name: str) -> Source | None:
    row = await info.context.loader(loaders.by_urns).load(str(source_urn(name))) if name else None
    return None if row is None else Source.of(row)


async def _require_mine(info: Info, spec: SourceSpec, *, replace: bool) -> None:
    """Nobody registers into a domain he cannot see, or replaces a source he cannot see."""
    scope = info.context.scope
    if scope.domains is not None and spec.domain not in scope.domains:
        raise InvalidInput(
            "You have no access to this domain.", path=("domain",), remedy="Name a domain of your own token."
        )
    if replace and await catalog.hidden(info.context.graph, [str(spec.urn)], scope):
        raise Conflict(
            f"There is a source called {spec.name}.", path=("name",), remedy="Choose another name."
        )


@strawberry.input(description="What a scan of a source does besides reading the structure.")
class SourceOptionsInput:
    include: list[str] = strawberry.field(
        default_factory=list, description="Globs over dotted names; nothing else is read."
    )
    exclude: list[str] = strawberry.field(
        default_factory=list, description="Globs over dotted names that are left out."
    )
    sample_rows: int = strawberry.field(
        default=500, description="Rows sampled per dataset, 0 to 100,000; 0 reads no values."
    )
    classify: bool = strawberry.field(default=True, description="Whether to classify columns.")
    lineage: bool = strawberry.field(default=True, description="Whether to read lineage from definitions.")
    embed: bool = strawberry.field(default=True, description="Whether to make vectors for search by meaning.")
    profile: bool = strawberry.field(
        default=True, description="Whether the source computes figures of its columns."
    )
    usage: bool = strawberry.field(
        default=True,
        description="Whether to count the queries that its server has counted, and to read the lineage that a warehouse records.",
    )

    def options(self) -> ScanOptions:
        if not 0 <= self.sample_rows <= 100_000:
            raise InvalidInput(
                f"{self.sample_rows} rows cannot be sampled.",
                path=("options", "sampleRows"),
                remedy="Use 0 to 100,000.",
            )
        return ScanOptions(
            tuple(self.include),
            tuple(self.exclude),
            self.sample_rows,
            self.classify,
            self.lineage,
            self.embed,
            self.profile,
            self.usage,
        )


@strawberry.input(description="A source to connect to: by its fields, or by a recipe alone.")
class SourceInput:
    name: str | None = strawberry.field(default=None, description="Name to register it under.")
    connector: str | None = strawberry.field(default=None, description="Kind of connector, such as postgres.")
    config: JSON | None = strawberry.field(
        default=None,
        description="Connection settings of that kind; secrets are sealed before they are stored.",
    )
    description: str = strawberry.field(default="", description="What it holds, for people.")
    domain: str = strawberry.field(default="", description="Domain its assets belong to.")
    options: SourceOptionsInput | None = strawberry.field(default=None, description="What a scan of it does.")
    recipe: str | None = strawberry.field(
        default=None, description="All of that as a YAML recipe; goes with no other field."
    )

    def spec(self) -> SourceSpec:
        """Raises ``BadRecipe`` or ``InvalidInput``."""
        if self.recipe is not None:
            if self.name is not None or self.connector is not None or self.config is not None:
                raise InvalidInput(
                    "A recipe was given beside other fields.",
                    path=("recipe",),
                    remedy="Give the recipe alone, or name, connector and config.",
                )
            from ingest.recipes import parse_recipe

            return parse_recipe(self.recipe)
        for name in ("name", "connector"):
            if not getattr(self, name):
                raise InvalidInput(f"The {name} is missing.", path=(name,), remedy="Give it, or a recipe.")
        if self.config is not None and not isinstance(self.config, dict):
            raise InvalidInput(
                "The settings are no object.", path=("config",), remedy='Give {"url": …} or the like.'
            )
        return SourceSpec(
            name=self.name or "",
            connector=self.connector or "",
            config=self.config or {},
            description=self.description,
            domain=self.domain,
            options=(self.options or SourceOptionsInput()).options(),
        )


@strawberry.type(description="The source is registered; its connection works.")
class SourceRegisterSuccess:
    source: Source = strawberry.field(description="The registered source.")
    report: SourceReport = strawberry.field(description="What the connection found.")


@strawberry.type(description="The connection works.")
class SourceTestSuccess:
    report: SourceReport = strawberry.field(description="What the connection found.")


@strawberry.type(description="The connection of the registered source works.")
class SourceCheckSuccess:
    source: Source = strawberry.field(description="The source.")
    report: SourceReport = strawberry.field(description="What the connection found.")


SourceRegisterResult = Annotated[
    SourceRegisterSuccess
    | BadWorkflowError
    | InvalidInputError
    | ConflictError
    | ConnectionFailedError
    | BadRecipeError
    | ForbiddenError,
    strawberry.union(
        "SourceRegisterResult", description="The registered source, or why it was not registered."
    ),
]
SourceTestResult = Annotated[
    SourceTestSuccess | InvalidInputError | ConnectionFailedError | BadRecipeError | ForbiddenError,
    strawberry.union("SourceTestResult", description="What the connection found, or why there is none."),
]
SourceCheckResult = Annotated[
    SourceCheckSuccess | NotFoundError | InvalidInputError | ConnectionFailedError | ForbiddenError,
    strawberry.union("SourceCheckResult", description="What the connection found, or why there is none."),
]
Input = Annotated[SourceInput, strawberry.argument(description="The source.")]


@strawberry.type
class SourceMutations:
    @strawberry.mutation(description="Test a connection and register it as a source. Needs SCAN.")
    async def source_register(
        self,
        info: Info,
        input: Input,
        replace: Annotated[
            bool, strawberry.argument(description="Replace a source of the same name instead of refusing.")
        ] = False,
    ) -> SourceRegisterResult:
        context = info.context
        context.require(Permission.SCAN)
        spec = input.spec()
        await _require_mine(info, spec, replace=replace)
        report = await context.command(
            commands.register, spec, replace=replace, config=context.services.get("settings")
        )
        source = await _source(info, spec.name)
        if source is None:
            raise NotFound("source", spec.name, path=("domain",))
        return SourceRegisterSuccess(source=source, report=SourceReport.of(report))

    @strawberry.mutation(description="Test a connection without registering anything. Needs SCAN.")
    async def source_test(self, info: Info, input: Input) -> SourceTestResult:
        info.context.require(Permission.SCAN)
        report = await commands.try_connection(
            info.context.principal, input.spec(), config=info.context.services.get("settings")
        )
        return SourceTestSuccess(report=SourceReport.of(report))

    @strawberry.mutation(
        description="Test the connection of a registered source again, and keep what was found. Needs SCAN."
    )
    async def source_check(self, info: Info, name: Name) -> SourceCheckResult:
        info.context.require(Permission.SCAN)
        if await _source(info, name) is None:
            raise NotFound("source", name, path=("name",))
        report = await info.context.command(
            commands.check, name, config=info.context.services.get("settings")
        )
        source = await _source(info, name)
        if source is None:
            raise NotFound("source", name, path=("name",))
        return SourceCheckSuccess(source=source, report=SourceReport.of(report))
