"""Catalogue entry points: parse, read or command, map."""

from __future__ import annotations

from typing import Annotated

import strawberry

from cypher.catalog import reads
from graph_api.as_of import When, past
from graph_api.catalog import anchors, loaders
from graph_api.catalog.filters import AssetFilter, wanted
from graph_api.catalog.past import past_asset, past_asset_by_key
from graph_api.catalog.types import (
    MOST_COUNTED,
    Asset,
    AssetConnection,
    Tag,
    TagConnection,
    load_asset,
    required_asset,
)
from graph_api.compiled.field import Compiled
from graph_api.context import Info
from graph_api.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from graph_api.node import key_of
from graph_api.paging import After, Before, First, Last, Page
from ingest.commands import catalog as commands

Urn = Annotated[str, strawberry.argument(description="Urn of the asset.")]
Urns = Annotated[
    list[str], strawberry.argument(description="Urns of 1 to 100 assets; all are changed, or none.")
]
TagName = Annotated[str, strawberry.argument(description="The tag, 1 to 100 printable characters.")]


@strawberry.type
class CatalogQueries:
    @strawberry.field(
        description="One asset by its opaque id, on request as it was; null where there is none, was none, or the caller may not see it.",
        extensions=[Compiled(anchors.asset)],
    )
    async def asset(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Opaque id of an asset.")],
        as_of: When = None,
    ) -> Asset | None:
        key, point = key_of("Asset", id), past(as_of)
        if point is not None:
            return await past_asset_by_key(info, key, point)
        row = await info.context.loader(loaders.by_keys).load(key)
        return None if row is None else Asset.of(row)

    @strawberry.field(
        description="One asset by its urn, on request as it was; null where there is none, was none, or the caller may not see it.",
        extensions=[Compiled(anchors.asset_by_urn)],
    )
    async def asset_by_urn(self, info: Info, urn: Urn, as_of: When = None) -> Asset | None:
        point = past(as_of)
        return await load_asset(info, urn) if point is None else await past_asset(info, urn, point)

    @strawberry.field(
        description="Assets by urn, narrowed by a filter.", extensions=[Compiled(anchors.assets)]
    )
    async def assets(
        self,
        info: Info,
        filter: Annotated[AssetFilter | None, strawberry.argument(description="Narrows the list.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> AssetConnection:
        page = Page.of("assets", (str,), first=first, after=after, last=last, before=before)
        narrowed, graph, scope = wanted(filter), info.context.graph, info.context.scope
        rows = await reads.page(
            graph,
            narrowed,
            scope,
            **page.keyset_of_one,
        )

        async def count() -> int:
            return await reads.count(graph, narrowed, scope, bound=MOST_COUNTED + 1)

        return AssetConnection.of(page, rows, key=lambda row: (row["urn"],), node=Asset.of, count=count)

    @strawberry.field(description="Tags in use, by name.", extensions=[Compiled()])
    async def tags(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> TagConnection:
        page = Page.of("tags", (str,), first=first, after=after, last=last, before=before)
        rows = await reads.tags(
            info.context.graph,
            info.context.scope,
            **page.keyset_of_one,
        )
        return TagConnection.of(
            page,
            rows,
            key=lambda row: (row["tag"]["name"],),
            node=lambda row: Tag.of(row["tag"], row["assets"]),
        )


@strawberry.type(description="The asset as it is now described.")
class AssetDescribeSuccess:
    asset: Asset = strawberry.field(description="The asset after the change.")


@strawberry.type(description="The assets that carry the tag now.")
class TagApplySuccess:
    assets: list[Asset] = strawberry.field(description="The assets after the change.")


@strawberry.type(description="The assets that no longer carry the tag.")
class TagRemoveSuccess:
    assets: list[Asset] = strawberry.field(description="The assets after the change.")


AssetDescribeResult = Annotated[
    AssetDescribeSuccess | NotFoundError | ConflictError | InvalidInputError | ForbiddenError,
    strawberry.union("AssetDescribeResult", description="The described asset, or why it was not changed."),
]
TagApplyResult = Annotated[
    TagApplySuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union("TagApplyResult", description="The tagged assets, or why none was tagged."),
]
TagRemoveResult = Annotated[
    TagRemoveSuccess | NotFoundError | InvalidInputError | ForbiddenError,
    strawberry.union("TagRemoveResult", description="The assets without the tag, or why none was changed."),
]


async def _changed(info: Info, urns: list[str]) -> list[Asset]:
    info.context.loaders.clear()  # what was read before the change is out of date
    return [await required_asset(info, urn) for urn in urns]


@strawberry.type
class CatalogMutations:
    @strawberry.mutation(description="Describe an asset in a person's words. Needs EDIT.")
    async def asset_describe(
        self,
        info: Info,
        urn: Urn,
        description: Annotated[
            str | None,
            strawberry.argument(description="The new text; null gives the source's comment back its place."),
        ],
        version: Annotated[
            int | None,
            strawberry.argument(
                description="Version that was read; a change since then is a conflict. Null overwrites."
            ),
        ] = None,
    ) -> AssetDescribeResult:
        context = info.context
        await commands.describe(
            context.graph, context.principal, urn=urn, description=description, version=version
        )
        return AssetDescribeSuccess(asset=(await _changed(info, [urn]))[0])

    @strawberry.mutation(description="Put a tag on assets. Needs EDIT.")
    async def tag_apply(self, info: Info, urns: Urns, tag: TagName) -> TagApplyResult:
        found = await commands.apply_tag(info.context.graph, info.context.principal, urns=urns, tag=tag)
        return TagApplySuccess(assets=await _changed(info, found))

    @strawberry.mutation(description="Take a tag off assets. Needs EDIT.")
    async def tag_remove(self, info: Info, urns: Urns, tag: TagName) -> TagRemoveResult:
        found = await commands.remove_tag(info.context.graph, info.context.principal, urns=urns, tag=tag)
        return TagRemoveSuccess(assets=await _changed(info, found))
