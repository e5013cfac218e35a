"""Where compiled root fields of the catalogue start; arguments are checked as the resolvers check them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cypher.catalog import reads
from graph_api.as_of import AsOf, past
from graph_api.catalog.filters import AssetFilter, wanted
from graph_api.catalog.types import MOST_COUNTED
from graph_api.compiled.anchored import Start
from graph_api.context import Context
from graph_api.node import MAX_NODES, key_of, parsed
from graph_api.paging import Page

if TYPE_CHECKING:
    import strawberry


def asset(context: Context, id: strawberry.ID, as_of: AsOf | None = None) -> Start | None:
    if past(as_of) is not None:
        return None
    return Start(reads.BY_KEYS, {"keys": [key_of("Asset", id)]})


def asset_by_urn(context: Context, urn: str, as_of: AsOf | None = None) -> Start | None:
    if past(as_of) is not None:
        return None
    return Start(reads.BY_URNS, {"urns": [urn]})


def node(context: Context, id: strawberry.ID) -> Start | None:
    found = parsed(id)
    return Start(reads.BY_KEYS, {"keys": [found[1]]}) if found and found[0] == "Asset" else None


def nodes(context: Context, ids: list[strawberry.ID]) -> Start | None:
    found = [parsed(each) for each in ids]
    if len(ids) > MAX_NODES or any(each is not None and each[0] != "Asset" for each in found):
        return None
    keys = [None if each is None else each[1] for each in found]
    distinct = list(dict.fromkeys(key for key in keys if key is not None))
    return Start(reads.BY_KEYS, {"keys": distinct}, keys=keys)


def assets(
    context: Context,
    filter: AssetFilter | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Start:
    page = Page.of("assets", (str,), first=first, after=after, last=last, before=before)
    narrowed = wanted(filter)
    query, params = reads.page_query(
        narrowed,
        **page.keyset_of_one,
    )

    async def count() -> int | None:
        total = await reads.count(context.graph, narrowed, context.scope, bound=MOST_COUNTED + 1)
        return total if total <= MOST_COUNTED else None

    return Start(query, params, page=page, count=count)
