"""What a change would break, before anybody makes it; nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise

import strawberry

from cypher.catalog import reads as catalog
from cypher.lineage import reads
from cypher.lineage.reads import Walk
from graph_api.catalog.types import Asset
from graph_api.context import Context
from graph_api.lineage.walks import reach, unread
from schema.domain.lineage import Incomplete, Transformation
from schema.errors import InvalidInput, NotFound

MAX_CHANGES = 10
MAX_EFFECTS = 100


@strawberry.enum(description="What is to be changed.")
class ChangeKind(Enum):
    DROP_COLUMN = strawberry.enum_value("DROP_COLUMN", description="A column goes.")
    RENAME_COLUMN = strawberry.enum_value("RENAME_COLUMN", description="A column gets another name.")
    RETYPE_COLUMN = strawberry.enum_value("RETYPE_COLUMN", description="A column gets another type.")
    DROP_DATASET = strawberry.enum_value("DROP_DATASET", description="A dataset goes.")
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
    """Over which edges a change breaks, over which it warns; None is all that carry a value."""

    asset: str
    breaks: tuple[Transformation, ...] | None
    warns_indirectly: bool = True


_COPIES = (Transformation.IDENTITY, Transformation.CAST, Transformation.EXPRESSION, Transformation.AGGREGATE)
# A mask bears any type. A classification goes wherever the value itself goes, and breaks nothing.
_RULES = {
    ChangeKind.DROP_COLUMN: _Rule("COLUMN", None),
    ChangeKind.RENAME_COLUMN: _Rule("COLUMN", None),
    ChangeKind.RETYPE_COLUMN: _Rule("COLUMN", _COPIES),
    ChangeKind.DROP_DATASET: _Rule("DATASET", None),
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
class Report:
    """All of one change: what it reaches, whose that is, which jobs carry it, and what may be missing."""

    affected: list[Affected]
    owners: list[str]
    tags: list[str]
    jobs: list[Asset]
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
    breaks = replace(walk, transformations=_names(rule.breaks))
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
        reached = await reach(context, each, first=MAX_EFFECTS + 1)
        unknown = [hit.urn for hit in reached.hits if hit.path is None]
        ways = await reads.paths(context.graph, reached.walk, unknown, context.scope) if unknown else {}
        for hit in reached.hits:
            path = tuple(ways.get(hit.urn, ())) if hit.path is None else hit.path
            found.setdefault(hit.urn, Affected(hit.urn, effect, hit.hops, path))
        lacks.append(Incomplete.LIMIT if len(reached.hits) > MAX_EFFECTS else reached.lacks)
    affected = sorted(found.values(), key=lambda each: (each.effect.value, each.hops, each.urn))
    cut = Incomplete.LIMIT in lacks or len(affected) > MAX_EFFECTS
    affected = affected[:MAX_EFFECTS]
    reason = Incomplete.LIMIT if cut else next((each for each in lacks if each), None)
    reason, (owners, tags), jobs = await asyncio.gather(
        _or_unread(context, warns, reason), _labels(context, affected), _jobs(context, affected)
    )
    limit = {Incomplete.LIMIT: MAX_EFFECTS, Incomplete.HOPS: walk.max_hops}.get(reason) if reason else None
    return Report(affected, owners, tags, jobs, reason, limit)


def _names(given: Sequence[Transformation] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(each.value for each in given)


async def _or_unread(context: Context, walk: Walk, reason: Incomplete | None) -> Incomplete | None:
    return reason or await unread(context, walk)


async def _labels(context: Context, affected: Sequence[Affected]) -> tuple[list[str], list[str]]:
    rows = await catalog.labels(context.graph, [each.urn for each in affected], context.scope)
    owners = {owner["name"] for _, held in rows.values() for owner in held}
    tags = {tag["name"] for held, _ in rows.values() for tag in held}
    return sorted(owners), sorted(tags)


async def _jobs(context: Context, affected: Sequence[Affected]) -> list[Asset]:
    steps = {step for each in affected for step in pairwise(each.path)}
    urns = sorted({urn for step in steps for urn in step})
    rows = await reads.edges_between(context.graph, urns, context.scope, indirect=True)
    named = {edge.get("job") for row in rows if (row["up"], row["down"]) in steps for edge in row["edges"]}
    found = await catalog.by_urns(context.graph, sorted(urn for urn in named if urn), context.scope)
    return [Asset.of(found[urn]) for urn in sorted(found)]
