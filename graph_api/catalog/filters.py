"""What lists and searches of assets can be narrowed to."""

from __future__ import annotations

import strawberry

from cypher.catalog.filters import AssetFilter as Filter
from graph_api.enums import AssetKind, AssetStatus, AssetSubtype, Sensitivity
from schema.errors import InvalidInput

MOST = 20


@strawberry.input(description="Narrows a list of assets; all that is given must hold.")
class AssetFilter:
    kinds: list[AssetKind] | None = strawberry.field(default=None, description="One of these kinds.")
    subtypes: list[AssetSubtype] | None = strawberry.field(default=None, description="One of these subtypes.")
    source: str | None = strawberry.field(default=None, description="Name of the source.")
    platform: str | None = strawberry.field(
        default=None, description="Name of the platform, such as postgres."
    )
    name_prefix: str | None = strawberry.field(
        default=None, description="Beginning of the name, in any letter case."
    )
    name_contains: str | None = strawberry.field(
        default=None, description="Part of the name, in any letter case."
    )
    tag: str | None = strawberry.field(default=None, description="Carries this tag.")
    classification: str | None = strawberry.field(
        default=None,
        description="Is classified as this or as what is narrower, by its stable name, and nobody rejected it.",
    )
    owner: str | None = strawberry.field(default=None, description="Is owned by the person of this name.")
    domain: str | None = strawberry.field(default=None, description="Belongs to this domain; empty for none.")
    sensitivity_at_least: Sensitivity | None = strawberry.field(
        default=None, description="This level or higher."
    )
    sensitivity_at_most: Sensitivity | None = strawberry.field(
        default=None, description="This level or lower."
    )
    status: AssetStatus | None = strawberry.field(
        default=None,
        description="This status alone; where absent, stale assets are left out unless includeStale is set.",
    )
    include_stale: bool = strawberry.field(
        default=False, description="Also what its source did not show any more."
    )
    stub: bool | None = strawberry.field(
        default=None, description="Only stubs, or only what a scan described."
    )


def wanted(given: AssetFilter | None) -> Filter:
    """The filter for the graph; raise ``InvalidInput`` where a list is too long."""
    if given is None:
        return Filter()
    for name, values in (("kinds", given.kinds), ("subtypes", given.subtypes)):
        if values is not None and len(values) > MOST:
            raise InvalidInput(
                f"At most {MOST} values, not {len(values)}.", path=("filter", name), remedy="Name fewer."
            )
    status = given.status.value if given.status else None if given.include_stale else AssetStatus.ACTIVE.value
    return Filter(
        kinds=None if given.kinds is None else tuple(kind.value for kind in given.kinds),
        subtypes=None if given.subtypes is None else tuple(each.value for each in given.subtypes),
        source=given.source,
        platform=given.platform,
        name_prefix=given.name_prefix,
        name_contains=given.name_contains,
        tag=given.tag,
        classification=given.classification,
        owner=given.owner,
        domain=given.domain,
        at_least=given.sensitivity_at_least.value if given.sensitivity_at_least else None,
        at_most=given.sensitivity_at_most.value if given.sensitivity_at_most else None,
        status=status,
        stub=given.stub,
    )
