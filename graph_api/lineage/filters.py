"""What walks over lineage can be narrowed to."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import strawberry

from cypher.catalog.filters import AssetFilter
from cypher.lineage.reads import UNLIMITED, Walk
from graph_api.as_of import AsOf, past
from graph_api.catalog.filters import MOST
from graph_api.context import Context
from graph_api.enums import AssetKind, Direction, EdgeOrigin, Sensitivity, Transformation
from graph_api.lineage.walks import checked_walk
from schema.domain import lineage
from schema.errors import InvalidInput


@strawberry.input(description="Which edges a walk passes; what lies behind others is not reached.")
class LineageEdgeFilter:
    origins: list[EdgeOrigin] | None = strawberry.field(
        default=None, description="Only edges that one of these asserts."
    )
    transformations: list[Transformation] | None = strawberry.field(
        default=None, description="Only edges on which one of these happens to the value."
    )


@strawberry.input(
    description="Which of the assets that are reached to tell of; the walk passes the others all the same. All that is given must hold."
)
class ImpactFilter:
    kinds: list[AssetKind] | None = strawberry.field(default=None, description="One of these kinds.")
    domain: str | None = strawberry.field(default=None, description="Belongs to this domain; empty for none.")
    owner: str | None = strawberry.field(default=None, description="Is owned by the person of this name.")
    tag: str | None = strawberry.field(default=None, description="Carries this tag.")
    classification: str | None = strawberry.field(
        default=None,
        description="Is classified as this or as what is narrower, by its stable name, and nobody rejected it.",
    )
    sensitivity_at_least: Sensitivity | None = strawberry.field(
        default=None, description="This level or higher."
    )
    sensitivity_at_most: Sensitivity | None = strawberry.field(
        default=None, description="This level or lower."
    )


def narrowed(given: ImpactFilter | None) -> AssetFilter | None:
    """The filter for the graph, None where all is told of; raise ``InvalidInput`` where a list is too long."""
    if given is None:
        return None
    return AssetFilter(
        kinds=_values(given.kinds, "filter", "kinds"),
        domain=given.domain,
        owner=given.owner,
        tag=given.tag,
        classification=given.classification,
        at_least=given.sensitivity_at_least.value if given.sensitivity_at_least else None,
        at_most=given.sensitivity_at_most.value if given.sensitivity_at_most else None,
        status=None,
    )


def walk_of(
    context: Context,
    urn: str,
    direction: Direction,
    max_hops: int | None,
    indirect: bool = False,
    edges: LineageEdgeFilter | None = None,
    as_of: AsOf | None = None,
) -> Walk:
    """The walk that is asked for, without an end for no ``max_hops``; raise ``InvalidInput`` where it may go nowhere."""
    return checked_walk(
        Walk(
            urn,
            lineage.Direction(direction.value),
            UNLIMITED if max_hops is None else max_hops,
            indirect,
            _values(edges.origins, "edges", "origins") if edges else None,
            _values(edges.transformations, "edges", "transformations") if edges else None,
            past(as_of),
            context.walks_past_hidden,
        )
    )


def _values(given: Sequence[Enum] | None, *path: str) -> tuple[str, ...] | None:
    if given is not None and len(given) > MOST:
        raise InvalidInput(f"At most {MOST} values, not {len(given)}.", path=path, remedy="Name fewer.")
    return None if given is None else tuple(each.value for each in given)
