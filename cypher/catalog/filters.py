"""What a list or a search of assets may be narrowed to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from schema.domain.catalog import AssetKind, AssetStatus

# In the order of their urns, so that lists by kind are lists by urn.
KINDS = tuple(
    sorted((kind.value for kind in AssetKind), key=lambda kind: kind.replace("_", "").lower() + ":")
)


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """All of it must hold; None asks nothing. Names compare without regard to case; stale assets are left out by default."""

    kinds: tuple[str, ...] | None = None
    subtypes: tuple[str, ...] | None = None
    source: str | None = None
    not_source: str | None = None
    platform: str | None = None
    name_prefix: str | None = None
    name_contains: str | None = None
    tag: str | None = None
    classification: str | None = None
    owner: str | None = None
    domain: str | None = None
    at_least: int | None = None
    at_most: int | None = None
    status: str | None = AssetStatus.ACTIVE.value
    stub: bool | None = None

    def parameters(self) -> dict[str, Any]:
        """The map ``filter`` of the queries that include ``cypher.catalog/_filter``."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        for name in ("kinds", "subtypes"):
            found[name] = None if found[name] is None else list(found[name])
        for name in ("name_prefix", "name_contains"):
            found[name] = found[name].lower() if found[name] else None
        return found

    def ordered_kinds(self) -> list[str]:
        """The kinds that are asked for, in the order of their urns."""
        return [kind for kind in KINDS if self.kinds is None or kind in self.kinds]

    def anchor(self) -> dict[str, Any] | None:
        """The narrowest index to start at, if one beats the lists by kind: one entry of four."""
        names = ("tag", "classification", "owner", "name_prefix")
        values = self.parameters()
        chosen = next((name for name in names if values[name]), None)
        return None if chosen is None else {name: values[name] if name == chosen else None for name in names}
