"""Schemas of datasets and how they differ: what came, went, was renamed, retyped, moved, and whom that breaks.

A change is breaking where somebody who reads the dataset may fail, or read something else, without having changed anything.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schema.domain.column_types import Retyping, retyping
from schema.domain.renames import Evidence, Rename, SchemaColumn, renames


class ChangeKind(StrEnum):
    """What happened to a column, or to the whole dataset."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    RENAMED = "RENAMED"
    RETYPED = "RETYPED"
    NULLABILITY = "NULLABILITY"
    MOVED = "MOVED"
    DROPPED = "DROPPED"
    RETURNED = "RETURNED"


@dataclass(frozen=True, slots=True)
class DatasetSchema:
    """The columns of a dataset in their order, as one source told them at one time.

    ``ordered`` is false where the source lists columns in any order, as documents do. ``by_position`` is true of files
    without names that hold, such as CSV, where a column is found by its place. ``gone`` is a dataset that is not there.
    """

    columns: tuple[SchemaColumn, ...] = ()
    platform: str = "other"
    ordered: bool = True
    by_position: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One difference of two schemas; ``position`` is the column's place afterwards, from 1, where places mean something.

    ``confidence`` and ``evidence`` say how sure a rename is.
    """

    kind: ChangeKind
    breaking: bool
    reason: str
    before: SchemaColumn | None = None
    after: SchemaColumn | None = None
    position: int | None = None
    retyping: Retyping | None = None
    confidence: float | None = None
    evidence: tuple[Evidence, ...] = ()


_REASONS = {
    Retyping.WIDENED: "Every value of the old type is one of the new.",
    Retyping.NARROWED: "Values of the old type may not fit; who reads it may meet others than before.",
    Retyping.CONVERTED: "Who reads it by name gets values of another kind.",
}


def digest(schema: DatasetSchema) -> str:
    """Equal for schemas of equal columns; by name, type, nullability and, where places mean something, order."""
    columns = [(c.identity, " ".join(c.data_type.lower().split()), c.nullable) for c in schema.columns]
    if not schema.ordered:
        columns.sort(key=lambda each: each[0])
    body = json.dumps([schema.gone, columns], separators=(",", ":"))
    return hashlib.blake2b(body.encode(), digest_size=16).hexdigest()


def diff(before: DatasetSchema, after: DatasetSchema) -> tuple[Change, ...]:
    """What changed from ``before`` to ``after``: the dataset first, then its columns in the order of ``after``, gone ones last."""
    if after.gone:
        return () if before.gone else (_dropped(),)
    changes: list[Change] = []
    if before.gone:
        changes.append(
            Change(ChangeKind.RETURNED, False, "The dataset is there again; nobody could read it before.")
        )
    ordered = before.ordered and after.ordered
    renamed = renames(before.columns, after.columns, platform=after.platform, ordered=ordered)
    called = {each.after.identity: each for each in renamed}
    old = {column.identity: column for column in before.columns}
    origin = {
        column.identity: called[column.identity].before if column.identity in called else old[column.identity]
        for column in after.columns
        if column.identity in called or column.identity in old
    }
    moved = _moved(before, after, origin) if ordered else set()
    settled = len(after.columns) - _added_at_end(after, origin)
    for position, column in enumerate(after.columns, start=1):
        at = position if ordered else None
        if column.identity not in origin:
            changes.append(_added(column, at, after, inside=position <= settled))
            continue
        was = origin[column.identity]
        if column.identity in called:
            changes.append(_renamed(called[column.identity], at, after.by_position))
        changes += _altered(was, column, after.platform, at)
        if column.identity in moved:
            changes.append(_moved_change(was, column, at, after.by_position))
    kept = {column.identity for column in origin.values()}
    changes += [_removed(column) for column in before.columns if column.identity not in kept]
    return tuple(changes)


def _dropped() -> Change:
    return Change(ChangeKind.DROPPED, True, "The dataset is not there any more; whoever reads it fails.")


def _removed(column: SchemaColumn) -> Change:
    return Change(ChangeKind.REMOVED, True, "Who reads it by name fails.", before=column)


def _added(column: SchemaColumn, at: int | None, schema: DatasetSchema, *, inside: bool) -> Change:
    if schema.by_position and schema.ordered and inside:
        reason = "It stands before others: who reads by position gets another column."
        return Change(ChangeKind.ADDED, True, reason, after=column, position=at)
    reason = (
        "Readers do not notice; who writes rows without it fails unless it has a default."
        if column.nullable is False
        else "Readers by name do not notice."
    )
    return Change(ChangeKind.ADDED, False, reason, after=column, position=at)


def _renamed(found: Rename, at: int | None, by_position: bool) -> Change:
    reason = (
        "Who reads by position does not notice; who reads it by name fails."
        if by_position
        else "Who reads it by name fails."
    )
    return Change(
        ChangeKind.RENAMED,
        True,
        reason,
        found.before,
        found.after,
        at,
        confidence=found.confidence,
        evidence=found.evidence,
    )


def _altered(was: SchemaColumn, column: SchemaColumn, platform: str, at: int | None) -> Iterator[Change]:
    kind = retyping(platform, was.data_type, column.data_type)
    if kind is not Retyping.SAME:
        breaking = kind is not Retyping.WIDENED
        yield Change(ChangeKind.RETYPED, breaking, _REASONS[kind], was, column, at, retyping=kind)
    if None in (was.nullable, column.nullable) or was.nullable == column.nullable:
        return
    if column.nullable:
        reason = "Who counts on a value meets nulls."
    else:
        reason = "Readers do not notice; who writes nulls fails."
    yield Change(ChangeKind.NULLABILITY, bool(column.nullable), reason, was, column, at)


def _moved_change(was: SchemaColumn, column: SchemaColumn, at: int | None, by_position: bool) -> Change:
    reason = (
        "Who reads by position gets another column."
        if by_position
        else "Who reads by name does not notice; who counts on the order of columns does."
    )
    return Change(ChangeKind.MOVED, by_position, reason, was, column, at)


def _added_at_end(after: DatasetSchema, origin: dict[str, SchemaColumn]) -> int:
    count = 0
    for column in reversed(after.columns):
        if column.identity in origin:
            break
        count += 1
    return count


def _moved(before: DatasetSchema, after: DatasetSchema, origin: dict[str, SchemaColumn]) -> set[str]:
    """The fewest columns that have to move to come from one order to the other."""
    ranks = {column.identity: rank for rank, column in enumerate(before.columns)}
    identities = [column.identity for column in after.columns if column.identity in origin]
    stay = _longest_rise([ranks[origin[identity].identity] for identity in identities])
    return {identity for place, identity in enumerate(identities) if place not in stay}


def _longest_rise(values: Sequence[int]) -> set[int]:
    """Places of one longest rising run of distinct ``values``; patience sorting."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int] = []
    for place, value in enumerate(values):
        pile = bisect_left(tails, value)
        previous.append(ends[pile - 1] if pile else -1)
        if pile == len(tails):
            tails.append(value)
            ends.append(place)
        else:
            tails[pile], ends[pile] = value, place
    found: set[int] = set()
    place = ends[-1] if ends else -1
    while place >= 0:
        found.add(place)
        place = previous[place]
    return found
