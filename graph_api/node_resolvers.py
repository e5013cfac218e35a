"""``node(id)`` and ``nodes(ids)``, resolved by type name to a batching loader."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from graph_api.catalog import anchors
from graph_api.compiled.field import Compiled
from graph_api.context import Context, Info
from graph_api.node import MAX_NODES, Node, parsed
from schema.errors import InvalidInput


@strawberry.type
class NodeQueries:
    @strawberry.field(
        description="The object with this id; null where there is none or the caller may not see it.",
        extensions=[Compiled(anchors.node)],
    )
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Opaque id.")]
    ) -> Node | None:
        found: Node | None = (await _load(info.context, [id]))[0]
        return found

    @strawberry.field(
        description="The objects with these ids, in their order; null for each that is not to be seen.",
        extensions=[Compiled(anchors.nodes)],
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
    known = [parsed(ident) for ident in ids]
    wanted: dict[str, list[int]] = {}
    for found in known:
        if found is not None and found[0] in context.node_loaders:
            wanted.setdefault(found[0], []).append(found[1])
    objects: dict[tuple[str, int], Any] = {}
    for typename, keys in wanted.items():
        distinct = list(dict.fromkeys(keys))
        rows = await context.node_loaders[typename](context, distinct)
        objects.update({(typename, key): row for key, row in zip(distinct, rows, strict=True)})
    return [None if found is None else objects.get(found) for found in known]
