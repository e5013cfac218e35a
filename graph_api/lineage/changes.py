"""What a change would break, before anybody makes it; nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice, pairwise

import strawberry

from cypher.catalog import reads as catalog
from cypher.catalog.filters import AssetFilter
from cypher.governance import reads as governance
from cypher.lineage import reads
from cypher.lineage.reads import UNLIMITED, Walk
from graph_api.catalog.types import Asset
from graph_api.context import Context
from graph_api.lineage.walks import reach, unread
from schema.domain.classifications import VerdictStatus
from schema.domain.lineage import Incomplete, Transformation
from schema.domain.time import AsOf
from schema.errors import InvalidInput, NotFound

MAX_CHANGES = 10
MAX_EFFECTS = 100
MAX_READERS = 200


@strawberry.enum(description="What is to be changed.")
class ChangeKind(Enum):
    DROP_COLUMN = strawberry.enum_value("DROP_COLUMN", description="A column goes.")
    RENAME_COLUMN = strawberry.enum_value("RENAME_COLUMN", description="A column gets another name.")
    RETYPE_COLUMN = strawberry.enum_value("RETYPE_COLUMN", description="A column gets another type.")
    DROP_DATASET = strawberry.enum_value("DROP_DATASET", description="A dataset goes.")
    MOVE_SOURCE = strawberry.enum_value(
        "MOVE_SOURCE", description="A source, with all that it contains, gets another address."
    )
    CHANGE_CLASSIFICATION = strawberry.enum_value(
        "CHANGE_CLASSIFICATION", description="A column is classified as something else."
    )


@strawberry.enum(description="What a change does to an asset.")
class Effect(Enum):
    BREAKS = strawberry.enum_value("BREAKS", description="It is made from what changes.")
    WARNS = strawberry.enum_value(
        "WARNS", description="It may come out differently: indirect use, or a change that it may bear."
    )


@dataclass(frozen=True, slots=True)
class _Rule:
    """Over which edges a change breaks, over which it warns; None is all that carry a value.

    With ``contained`` all that the asset contains changes with it. What is further than ``breaks_within`` hops is warned.
    """

    asset: str
    breaks: tuple[Transformation, ...] | None
    warns_indirectly: bool = True
    contained: bool = False
    breaks_within: int = UNLIMITED


_COPIES = (Transformation.IDENTITY, Transformation.CAST, Transformation.EXPRESSION, Transformation.AGGREGATE)
# A mask bears any type. A classification goes wherever the value itself goes, and breaks nothing.
_RULES = {
    ChangeKind.DROP_COLUMN: _Rule("COLUMN", None),
    ChangeKind.RENAME_COLUMN: _Rule("COLUMN", None),
    ChangeKind.RETYPE_COLUMN: _Rule("COLUMN", _COPIES),
    ChangeKind.DROP_DATASET: _Rule("DATASET", None, contained=True),
    # What reads the source itself looks for it at the old address; what reads that does not notice until it is stale.
    ChangeKind.MOVE_SOURCE: _Rule("SOURCE", None, contained=True, breaks_within=1),
    ChangeKind.CHANGE_CLASSIFICATION: _Rule("COLUMN", (), warns_indirectly=False),
}
_CARRIES = (*_COPIES, Transformation.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Affected:
    """One asset that a change reaches, with one shortest path of urns."""

    urn: str
    effect: Effect
    hops: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """A test or report that reads what a change reaches, with the path that ends at what it reads."""

    urn: str
    is_report: bool
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All of one change: what it reaches, whose that is, which jobs carry it, and what may be missing."""

    affected: list[Affected]
    owners: list[str]
    tags: list[str]
    classifications: list[str]
    jobs: list[Asset]
    readers: list[Reader]
    lacks: Incomplete | None
    limit: int | None


async def report(context: Context, kind: ChangeKind, walk: Walk) -> Report:
    """What ``kind`` of change of the walk's start reaches; raise ``NotFound``, or ``InvalidInput`` on an asset of another kind."""
    rule, urn = _RULES[kind], walk.urn
    start = (await catalog.by_urns(context.graph, [urn], context.scope)).get(urn)
    if start is None:
        raise NotFound("asset", urn, path=("changes", "urn"))
    if start["kind"] != rule.asset:
        raise InvalidInput(
            f"This change is one of a {rule.asset.lower()}.", path=("changes", "urn"), remedy="Name one."
        )
    breaks = replace(walk, transformations=_names(rule.breaks), contained=rule.contained)
    elsewhere = (
        AssetFilter(not_source=start["source"], status=None) if kind is ChangeKind.MOVE_SOURCE else None
    )
    warns = (
        replace(breaks, indirect=True, transformations=None)
        if rule.warns_indirectly
        else replace(breaks, transformations=_names(_CARRIES))
    )
    found: dict[str, Affected] = {}
    lacks: list[Incomplete | None] = []
    for each, effect in ((breaks, Effect.BREAKS), (warns, Effect.WARNS)):
        if each.transformations == ():
            continue
        reached = await reach(context, each, narrowed=elsewhere, first=MAX_EFFECTS + 1)
        unknown = [hit.urn for hit in reached.hits if hit.path is None]
        ways = await reads.paths(context.graph, reached.walk, unknown, context.scope) if unknown else {}
        for hit in reached.hits:
            path = tuple(ways.get(hit.urn, ())) if hit.path is None else hit.path
            does = effect if hit.hops <= rule.breaks_within else Effect.WARNS
            found.setdefault(hit.urn, Affected(hit.urn, does, hit.hops, path))
        lacks.append(Incomplete.LIMIT if len(reached.hits) > MAX_EFFECTS else reached.lacks)
    affected = sorted(found.values(), key=lambda each: (each.effect.value, each.hops, each.urn))
    cut = Incomplete.LIMIT in lacks or len(affected) > MAX_EFFECTS
    affected = affected[:MAX_EFFECTS]
    reason = Incomplete.LIMIT if cut else next((each for each in lacks if each), None)
    reason, (owners, tags), classified, jobs, readers = await asyncio.gather(
        _or_unread(context, warns, reason),
        _labels(context, affected),
        _classifications(context, affected),
        _jobs(context, affected, walk.as_of),
        _readers(context, urn, affected),
    )
    limit = {Incomplete.LIMIT: MAX_EFFECTS, Incomplete.HOPS: walk.max_hops}.get(reason) if reason else None
    return Report(affected, owners, tags, classified, jobs, readers, reason, limit)


def _names(given: Sequence[Transformation] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(each.value for each in given)


async def _or_unread(context: Context, walk: Walk, reason: Incomplete | None) -> Incomplete | None:
    return reason or await unread(context, walk)


async def _labels(context: Context, affected: Sequence[Affected]) -> tuple[list[str], list[str]]:
    rows = await catalog.labels(context.graph, [each.urn for each in affected], context.scope)
    owners = {owner["name"] for _, held in rows.values() for owner in held}
    tags = {tag["name"] for held, _ in rows.values() for tag in held}
    return sorted(owners), sorted(tags)


async def _classifications(context: Context, affected: Sequence[Affected]) -> list[str]:
    rows = await governance.verdicts(context.graph, [each.urn for each in affected], context.scope)
    return sorted(
        {
            row["classification"]["name"]
            for held in rows.values()
            for row in held
            if row["verdict"]["status"] != VerdictStatus.REJECTED
        }
    )


async def _readers(context: Context, changed: str, affected: Sequence[Affected]) -> list[Reader]:
    """Tests and reports over what changes and over what that reaches, each with the shortest of its paths."""
    paths = {changed: (changed,), **{each.urn: each.path for each in affected}}
    rows = await reads.readers(context.graph, list(paths), context.scope)
    rows.sort(key=lambda row: (len(paths[row["urn"]]), row["urn"]))
    found: dict[str, Reader] = {}
    for row in rows:
        found.setdefault(row["reader"], Reader(row["reader"], row["is_report"], paths[row["urn"]]))
    nearest = islice(found.values(), MAX_READERS)
    return sorted(nearest, key=lambda reader: reader.urn)


async def _jobs(context: Context, affected: Sequence[Affected], as_of: AsOf | None) -> list[Asset]:
    steps = {step for each in affected for step in pairwise(each.path)}
    urns = sorted({urn for step in steps for urn in step})
    rows = await reads.edges_between(context.graph, urns, context.scope, indirect=True, as_of=as_of)
    named = {edge.get("job") for row in rows if (row["up"], row["down"]) in steps for edge in row["edges"]}
    found = await catalog.by_urns(context.graph, sorted(urn for urn in named if urn), context.scope)
    return [Asset.of(found[urn]) for urn in sorted(found)]
