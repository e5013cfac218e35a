"""Which columns that went are which columns that came: by name, type, place, words and counts, one to one.

A pair gets a score between 0 and 1. Weights and threshold were set on one part of the schemas that
``tests/schema/rename_evaluation.py`` edits, and are reported on the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from schema.domain.column_types import Retyping, parse_type, retyping

THRESHOLD = 0.66
_NAME, _TYPE, _PLACE = 0.50, 0.20, 0.30
_WORDS, _COUNTS = 0.15, 0.10
_NEAR = 0.10  # shares of nulls and of distinct values that differ by less are alike
_SIMILAR = 0.6
_MOST_PAIRS = 2_500  # of more, as where a whole table was remade, only the likeliest are looked at
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Evidence(StrEnum):
    """Why a column is taken for another one renamed."""

    NAME = "NAME"
    TYPE = "TYPE"
    PLACE = "PLACE"
    DESCRIPTION = "DESCRIPTION"
    PROFILE = "PROFILE"
    CONFIRMED = "CONFIRMED"


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts over a sample of a column."""

    rows: int
    nulls: int
    distinct: int


@dataclass(frozen=True, slots=True)
class SchemaColumn:
    """One column of a schema; ``identity`` is its name as its platform compares names.

    ``renamed_to`` is the identity of the column that a person said it is now.
    """

    name: str
    identity: str
    data_type: str = ""
    nullable: bool | None = None
    description: str | None = None
    profile: Profile | None = None
    renamed_to: str | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """A column and what it is called now."""

    before: SchemaColumn
    after: SchemaColumn
    confidence: float
    evidence: tuple[Evidence, ...]


def renames(
    before: Sequence[SchemaColumn],
    after: Sequence[SchemaColumn],
    *,
    platform: str,
    ordered: bool,
    threshold: float = THRESHOLD,
) -> list[Rename]:
    """Pairs of columns that only one of both schemas has, the surest first; none below ``threshold``."""
    old, new = {c.identity for c in before}, {c.identity for c in after}
    gone = [c for c in before if c.identity not in new]
    came = [c for c in after if c.identity not in old]
    if not gone or not came:
        return []
    places = (_places(before, new), _places(after, old)) if ordered else None
    few = len(gone) * len(came) <= _MOST_PAIRS
    pairs = ((one, other) for one in gone for other in came if few or _likely(one, other, places))
    candidates = [
        found
        for one, other in pairs
        if (found := _scored(one, other, platform, places)).confidence >= threshold
    ]
    candidates.sort(
        key=lambda each: (
            Evidence.CONFIRMED not in each.evidence,
            -each.confidence,
            each.before.identity,
            each.after.identity,
        )
    )
    taken: set[tuple[str, str]] = set()
    chosen: list[Rename] = []
    for each in candidates:
        ends = {("before", each.before.identity), ("after", each.after.identity)}
        if not taken & ends:
            taken |= ends
            chosen.append(each)
    return chosen


_Place = tuple[str, int, int]
_Places = tuple[Mapping[str, _Place], Mapping[str, _Place]]


def _likely(one: SchemaColumn, other: SchemaColumn, places: _Places | None) -> bool:
    if one.renamed_to == other.identity:
        return True
    same = places is not None and places[0][one.identity][:2] == places[1][other.identity][:2]
    return same or _plain(one.name) == _plain(other.name)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _places(columns: Sequence[SchemaColumn], kept: set[str]) -> dict[str, _Place]:
    """Identity to the kept column before it, how far behind that it stands, and how many stand there in all."""
    found: dict[str, tuple[str, int]] = {}
    sizes: dict[str, int] = {}
    anchor = ""
    for column in columns:
        if column.identity in kept:
            anchor = column.identity
        else:
            found[column.identity] = (anchor, sizes.get(anchor, 0))
            sizes[anchor] = sizes.get(anchor, 0) + 1
    return {identity: (at, offset, sizes[at]) for identity, (at, offset) in found.items()}


def _place_alike(one: _Place, other: _Place) -> float:
    """1 where both alone stand between the same columns, or equally far in equally long gaps; 0 between others."""
    if one[0] != other[0]:
        return 0.0
    if one[2] == other[2]:
        return 1.0 if one[1] == other[1] else 0.3
    return 0.6 if one[1] == other[1] else 0.3


def _scored(
    one: SchemaColumn,
    other: SchemaColumn,
    platform: str,
    places: _Places | None,
) -> Rename:
    if one.renamed_to is not None and one.renamed_to == other.identity:
        return Rename(one, other, 1.0, (Evidence.CONFIRMED,))
    name = name_similarity(one.name, other.name)
    kind = _type_alike(platform, one.data_type, other.data_type)
    place = 0.0 if places is None else _place_alike(places[0][one.identity], places[1][other.identity])
    whole = _NAME + _TYPE + (_PLACE if places is not None else 0.0)
    score = (_NAME * name + _TYPE * kind + _PLACE * place) / whole
    words = bool(one.description) and one.description == other.description
    counts = _counts_alike(one.profile, other.profile)
    score += _WORDS * words + _COUNTS * counts
    evidence = [
        each
        for each, there in (
            (Evidence.NAME, name >= _SIMILAR),
            (Evidence.TYPE, kind == 1.0),
            (Evidence.PLACE, place == 1.0),
            (Evidence.DESCRIPTION, words),
            (Evidence.PROFILE, counts),
        )
        if there
    ]
    return Rename(one, other, round(min(score, 1.0), 3), tuple(evidence))


def _type_alike(platform: str, one: str, other: str) -> float:
    if not one or not other:
        return 0.5
    if retyping(platform, one, other) is Retyping.SAME:
        return 1.0
    return 0.5 if parse_type(platform, one).family is parse_type(platform, other).family else 0.0


def _counts_alike(one: Profile | None, other: Profile | None) -> bool:
    """Whether shares of nulls and of distinct values are alike; a column of one value is like any other."""
    if (
        one is None
        or other is None
        or not one.rows
        or not other.rows
        or min(one.distinct, other.distinct) < 2
    ):
        return False
    return (
        abs(one.nulls / one.rows - other.nulls / other.rows) < _NEAR
        and abs(one.distinct / one.rows - other.distinct / other.rows) < _NEAR
    )


def name_similarity(one: str, other: str) -> float:
    """How alike two names are, 0 to 1: equal words in any case and style are 1, abbreviations and affixes nearly."""
    mine, theirs = _tokens(one), _tokens(other)
    if not mine or not theirs:
        return 0.0
    if "".join(mine) == "".join(theirs):
        return 1.0
    shorter, longer = sorted((mine, theirs), key=len)
    if len(shorter) == 1 and len(longer) > 1 and shorter[0] == "".join(word[0] for word in longer):
        return 0.85  # dob, date_of_birth
    words = _aligned(shorter, longer)
    letters = SequenceMatcher(None, "".join(mine), "".join(theirs), autojunk=False).ratio()
    return round(max(words, 0.9 * letters), 4)


def _tokens(name: str) -> list[str]:
    return [token.lower() for token in _TOKEN.findall(name)] or ([name.lower()] if name else [])


def _aligned(shorter: Sequence[str], longer: Sequence[str]) -> float:
    """Share of words that meet one alike, of the mean of both counts; surplus words count half."""
    left = list(longer)
    met = 0.0
    for word in shorter:
        best = max(left, key=lambda each: _word_alike(word, each), default=None)
        if best is not None and (alike := _word_alike(word, best)) > 0:
            met += alike
            left.remove(best)
    return met / (len(shorter) + (len(longer) - len(shorter)) / 2)


def _word_alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) >= 2 and short[0] == long[0]:
        if long.startswith(short):
            return 0.9
        rest = iter(long)
        if all(letter in rest for letter in short):  # qty, quantity: its letters in order
            return 0.85
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return ratio if ratio >= 0.8 else 0.0
