"""Relay's global object identification: ``Node``, ``node(id)`` and ``nodes(ids)``, resolved by type name to a batching loader."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from graph_api.context import Context, Info
from schema.errors import InvalidInput
from schema.ids import node_id, parse_node_id

MAX_NODES = 100
_MAX_DIGITS = 19


@strawberry.interface(description="An object that has an identity of its own.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Opaque identifier, the same for the life of the object."
    )


def global_id(typename: str, key: int) -> strawberry.ID:
    """The opaque id of the object of ``typename`` with this key."""
    return strawberry.ID(node_id(typename, key))


def key_of(typename: str, ident: str, *, path: tuple[str, ...] = ("id",)) -> int:
    """The key in an opaque id of ``typename``; raise ``InvalidInput`` on any other text."""
    found = _parse(ident)
    if found is None or found[0] != typename:
        raise InvalidInput(
            f"Not an id of {typename}.", path=path, remedy="Copy the id from an answer of the API."
        )
    return found[1]


@strawberry.type
class NodeQueries:
    @strawberry.field(
        description="The object with this id; null where there is none or the caller may not see it."
    )
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Opaque id.")]
    ) -> Node | None:
        found: Node | None = (await _load(info.context, [id]))[0]
        return found

    @strawberry.field(
        description="The objects with these ids, in their order; null for each that is not to be seen."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Opaque ids, at most 100.")],
    ) -> list[Node | None]:
        if len(ids) > MAX_NODES:
            raise InvalidInput(
                f"At most {MAX_NODES} ids at once, not {len(ids)}.",
                path=("ids",),
                remedy="Ask in several requests.",
            )
        return await _load(info.context, ids)


async def _load(context: Context, ids: list[strawberry.ID]) -> list[Any]:
    parsed = [_parse(ident) for ident in ids]
    wanted: dict[str, list[int]] = {}
    for found in parsed:
        if found is not None and found[0] in context.node_loaders:
            wanted.setdefault(found[0], []).append(found[1])
    objects: dict[tuple[str, int], Any] = {}
    for typename, keys in wanted.items():
        distinct = list(dict.fromkeys(keys))
        rows = await context.node_loaders[typename](context, distinct)
        objects.update({(typename, key): row for key, row in zip(distinct, rows, strict=True)})
    return [None if found is None else objects.get(found) for found in parsed]


def _parse(ident: str) -> tuple[str, int] | None:
    found = parse_node_id(ident)
    if found is None or not (found[1].isascii() and found[1].isdigit() and len(found[1]) <= _MAX_DIGITS):
        return None
    return found[0], int(found[1])
