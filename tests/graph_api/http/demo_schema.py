"""A small catalogue in memory, to test the transport with: lists, a recursive type, a connection, failures, subscriptions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated

import strawberry

from graph_api.context import Context, Info
from graph_api.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from graph_api.node import Node, global_id
from graph_api.node_resolvers import NodeQueries
from graph_api.paging import After, Before, Connection, First, Last, Page
from schema.domain.identity import Permission
from schema.errors import Conflict, GraphUnavailable, InvalidInput, NotFound, QueryTimeout

COUNT = 1_000
SECRET = "neo4j://user:hunter2@10.0.0.5 refused"


@strawberry.type(description="A thing of the demonstration.")
class Asset(Node):
    key: strawberry.Private[int]
    name: str
    kind: str
    owner: str
    score: float
    note: str | None

    @strawberry.field(description="Its parent.")
    def parent(self) -> Asset | None:
        return ASSETS[0]

    @strawberry.field(description="Its children.")
    def children(self, first: int = 3) -> list[Asset]:
        return ASSETS[:first]


ASSETS = [
    Asset(
        id=global_id("Asset", i),
        key=i,
        name=f"asset {i}",
        kind="TABLE",
        owner=f"owner{i % 17}",
        score=i * 0.5,
        note="even" if i % 2 == 0 else None,
    )
    for i in range(COUNT)
]


@strawberry.type(description="A page of things.")
class AssetConnection(Connection[Asset]): ...


@strawberry.type(description="It has the new name.")
class RenameSuccess:
    asset: Asset = strawberry.field(description="The renamed thing.")


RenameResult = Annotated[
    RenameSuccess | InvalidInputError | NotFoundError | ConflictError | ForbiddenError,
    strawberry.union("RenameResult", description="The renamed thing, or why it kept its name."),
]


@strawberry.type
class Query(NodeQueries):
    @strawberry.field
    def hello(self) -> str:
        return "world"

    @strawberry.field
    def assets(self, first: int = COUNT) -> list[Asset]:
        return ASSETS[:first]

    @strawberry.field
    def asset(self, id: strawberry.ID) -> Asset | None:
        return next((asset for asset in ASSETS if id in (asset.id, f"id-{asset.key}")), None)

    @strawberry.field
    def asset_list(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> AssetConnection:
        page = Page.of("asset_list", (int,), first=first, after=after, last=last, before=before)
        ordered = ASSETS[::-1] if page.backward else ASSETS
        if page.key is not None:
            (key,) = page.key
            assert isinstance(key, int)
            ordered = [asset for asset in ordered if (asset.key < key if page.backward else asset.key > key)]
        return AssetConnection.of(
            page, ordered[: page.limit], key=lambda row: (row.key,), node=lambda row: row
        )

    @strawberry.field
    async def loaded(self, info: Info, keys: list[int]) -> list[str]:
        return await info.context.loader(load_names).load_many(keys)

    @strawberry.field
    def boom(self) -> str | None:
        raise RuntimeError(SECRET)

    @strawberry.field
    def must_boom(self) -> str:
        raise RuntimeError(SECRET)

    @strawberry.field
    def wrong_number(self) -> int | None:
        return SECRET  # type: ignore[return-value]

    @strawberry.field
    def missing(self) -> str | None:
        raise NotFound("asset", "x")

    @strawberry.field
    def unavailable(self) -> str | None:
        raise GraphUnavailable("The graph database does not answer.", remedy="Try again shortly.")

    @strawberry.field
    def slow_query(self) -> str | None:
        raise QueryTimeout("The query ran into its time limit.", remedy="Ask for less.")

    @strawberry.field
    def who(self, info: Info) -> str:
        return info.context.principal.id


@strawberry.type
class Mutation:
    @strawberry.mutation
    def rename(self, info: Info, id: strawberry.ID, name: str) -> RenameResult:
        info.context.require(Permission.EDIT)
        if not name:
            raise InvalidInput("A name has at least one character.", path=("name",), remedy="Pass a name.")
        if name == "taken":
            raise Conflict("Another asset has this name.", path=("name",), remedy="Choose another.")
        if id == "unknown":
            raise NotFound("asset", id, path=("id",))
        if name == "boom":
            raise RuntimeError(SECRET)
        return RenameSuccess(asset=ASSETS[0])


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int = 3) -> AsyncGenerator[int, None]:
        for i in range(to):
            yield i
            await asyncio.sleep(0)

    @strawberry.subscription
    async def firehose(self, size: int = 1024) -> AsyncGenerator[str, None]:
        while True:
            yield "x" * size
            await asyncio.sleep(0)

    @strawberry.subscription
    async def idle(self) -> AsyncGenerator[int, None]:
        await asyncio.sleep(3600)
        yield 1

    @strawberry.subscription
    async def breaking(self) -> AsyncGenerator[int, None]:
        yield 1
        raise RuntimeError(SECRET)


LOADED: list[list[int]] = []


async def load_names(context: Context, keys: list[int]) -> Sequence[str]:
    LOADED.append(list(keys))
    return [ASSETS[key].name for key in keys]


async def load_assets(context: Context, keys: list[int]) -> Sequence[Asset | None]:
    return [ASSETS[key] if key < COUNT else None for key in keys]


NODE_LOADERS = {"Asset": load_assets}
