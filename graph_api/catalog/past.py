"""Assets as they were: the same type, whose fields are answered as of a point on the two axes of time.

What nobody keeps (counts, samples, usage, runs of jobs) is null; foreign keys are as they are now.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self, TypeVar

from cypher.catalog import reads
from cypher.governance import reads as governance
from cypher.lineage import reads as lineage
from cypher.session import GraphSession
from graph_api.catalog.loaders import ChildrenOf, NeighboursOf, Row
from graph_api.catalog.types import Asset, Neighbour, required_asset
from graph_api.catalog.usage import AssetUsage
from graph_api.context import Context, Info
from graph_api.values import by_arguments
from schema.domain.identity import Scope
from schema.domain.time import AsOf

V = TypeVar("V")
Key = tuple[str, AsOf]
Read = Callable[[GraphSession, Sequence[str], Scope, AsOf], Awaitable[Mapping[str, V]]]


class PastNeighboursOf(NamedTuple):
    """Arguments of a page of those who were direct neighbours."""

    as_of: AsOf
    wanted: NeighboursOf


class PastChildrenOf(NamedTuple):
    """Arguments of a page of what an asset contained."""

    as_of: AsOf
    wanted: ChildrenOf


def _batched(read: Read[V], default: Callable[[], V]) -> Callable[[Context, list[Key]], Awaitable[list[V]]]:
    async def load(context: Context, keys: list[Key]) -> list[V]:
        async def each(urns: list[str], as_of: AsOf) -> Mapping[str, V]:
            return await read(context.graph, urns, context.scope, as_of)

        return await by_arguments(keys, each, default)

    return load


_ancestors = _batched(reads.ancestors, list[Row])
_definitions = _batched(reads.definitions, lambda: None)
_content_sensitivity = _batched(reads.content_sensitivity, lambda: 0)
_labels = _batched(reads.labels, lambda: ([], []))
_verdicts = _batched(governance.verdicts, list[Row])


async def _children(context: Context, keys: list[tuple[str, PastChildrenOf]]) -> list[list[Row]]:
    async def each(urns: list[str], of: PastChildrenOf) -> Mapping[str, list[Row]]:
        page = of.wanted.page
        return await reads.children(
            context.graph,
            urns,
            context.scope,
            kind=of.wanted.kind,
            stale=of.wanted.stale,
            **page.keyset,
            as_of=of.as_of,
        )

    return await by_arguments(keys, each, list)


async def _assets(context: Context, keys: list[Key]) -> list[Row | None]:
    async def each(urns: list[str], as_of: AsOf) -> Mapping[str, Row | None]:
        return await reads.by_urns(context.graph, urns, context.scope, as_of)

    return await by_arguments(keys, each, lambda: None)


async def _neighbours(context: Context, keys: list[tuple[str, PastNeighboursOf]]) -> list[list[Row]]:
    async def each(urns: list[str], of: PastNeighboursOf) -> Mapping[str, list[Row]]:
        page = of.wanted.page
        return await lineage.neighbours(
            context.graph,
            urns,
            of.wanted.direction,
            context.scope,
            indirect=of.wanted.indirect,
            **page.keyset_of_one,
            as_of=of.as_of,
        )

    return await by_arguments(keys, each, list)


class PastNeighbour(Neighbour):
    """A neighbour in lineage as of ``as_of``."""

    as_of: AsOf

    async def _asset(self, info: Info) -> Asset:
        row = await info.context.loader(_assets).load((self.urn, self.as_of))
        return await required_asset(info, self.urn) if row is None else PastAsset.at(self.as_of, row)


class PastAsset(Asset):
    """An asset as of ``as_of``; so is all that it leads to, as far as history is kept."""

    as_of: AsOf

    @classmethod
    def at(cls, as_of: AsOf, row: Mapping[str, Any]) -> Self:
        found = cls.of(row)
        found.as_of = as_of
        return found

    async def _content_sensitivity(self, info: Info) -> int:
        below = await info.context.loader(_content_sensitivity).load((self.urn, self.as_of))
        return max(below, int(self.row["sensitivity"]))

    async def _definition(self, info: Info) -> str | None:
        return await info.context.loader(_definitions).load((self.urn, self.as_of))

    async def _above(self, info: Info) -> list[Asset]:
        rows = await info.context.loader(_ancestors).load((self.urn, self.as_of))
        return [PastAsset.at(self.as_of, row) for row in rows]

    async def _contained(self, info: Info, wanted: ChildrenOf) -> list[Asset]:
        rows = await info.context.loader(_children).load((self.urn, PastChildrenOf(self.as_of, wanted)))
        return [PastAsset.at(self.as_of, row) for row in rows]

    async def _labels(self, info: Info) -> tuple[list[Row], list[Row]]:
        return await info.context.loader(_labels).load((self.urn, self.as_of))

    async def _linked(self, info: Info, wanted: NeighboursOf) -> list[Neighbour]:
        rows = await info.context.loader(_neighbours).load((self.urn, PastNeighboursOf(self.as_of, wanted)))
        found = [PastNeighbour.of(row) for row in rows]
        for each in found:
            each.as_of = self.as_of
        return [*found]

    async def _usage(self, info: Info) -> AssetUsage | None:
        return None

    @property
    def _now(self) -> None:
        return None

    async def _verdicts(self, info: Info) -> list[Row]:
        return await info.context.loader(_verdicts).load((self.urn, self.as_of))


async def past_asset(info: Info, urn: str, as_of: AsOf) -> Asset | None:
    """The asset as it was; None where it was not there, or the caller may not see it now."""
    row = await info.context.loader(_assets).load((urn, as_of))
    return None if row is None else PastAsset.at(as_of, row)


async def past_asset_by_key(info: Info, key: int, as_of: AsOf) -> Asset | None:
    """The same by the key of its opaque id."""
    row = (await reads.by_keys(info.context.graph, [key], info.context.scope, as_of)).get(key)
    return None if row is None else PastAsset.at(as_of, row)
