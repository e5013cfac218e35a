"""Root fields that are one statement: where it starts, and what it selects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType, get_named_type, get_nullable_type, is_list_type

from cypher.catalogue import Query
from graph_api.compiled.plan import Plan
from graph_api.compiled.rows import asset_plan, connection_plan
from graph_api.compiled.selection import Selection, Unknown
from graph_api.context import Context
from graph_api.paging import Page


@dataclass(frozen=True, slots=True)
class Start:
    """Where a root field starts: its anchor with parameters, and what makes it a list or a page.

    ``keys`` name the assets of a list in its order, None for one that is not there; ``count`` is of the whole list.
    """

    query: Query
    params: Mapping[str, Any]
    page: Page | None = None
    keys: list[int | None] | None = None
    count: Callable[[], Awaitable[int | None]] | None = None


Anchor = Callable[..., Start | None]
"""Finds the start from the context and the field's arguments; None where only the resolver knows."""


def anchored_plan(selection: Selection) -> Plan:
    """The plan of a root field that returns an asset, a list or a connection of them; raises ``Unknown``."""
    raw = selection.raw
    returned = get_named_type(raw.return_type)
    if isinstance(returned, GraphQLObjectType) and "pageInfo" in returned.fields:
        return connection_plan(selection, returned)
    kind = raw.schema.type_map.get("Asset")
    if not isinstance(kind, GraphQLObjectType):
        raise Unknown(returned.name)
    many = is_list_type(get_nullable_type(raw.return_type))
    return asset_plan(selection, kind, selection.root(), by="key" if many else None)


async def read(
    context: Context, plan: Plan, start: Start, pages: list[Page], params: Mapping[str, Any]
) -> tuple[list[Any], int | None]:
    """The rows of the statement, and the length of the whole list where that is wanted."""
    query = plan.query(start.query, pages)
    found = await context.graph.one(query, **start.params, **params, **context.scope.parameters())
    total = await start.count() if plan.wants_count and start.count is not None else None
    return (found["rows"] if found else []), total


def shaped(plan: Plan, start: Start, pages: list[Page], rows: list[Any], total: int | None) -> Any:
    """The answer in the shape of the response; None where there is none."""
    if start.page is not None:
        return plan.shape(rows, [start.page, *pages, total])
    found = plan.shape(rows, pages)
    if start.keys is None or plan.key_index is None:
        return found
    by_key = {row[plan.key_index]: one for row, one in zip(rows, found, strict=True)}
    return [None if key is None else by_key.get(key) for key in start.keys]
