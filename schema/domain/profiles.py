"""What is known of the values in a table and its columns: counts, ranges, lengths and shapes, never the texts themselves."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace

from schema.domain.classifications import Sensitivity
from schema.domain.scans import Problem

SHOWN_UNTIL = Sensitivity.INTERNAL
"""The highest level of a column whose smallest and largest values, numbers or times, may be kept and shown."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
WHOLE_BELOW = 10_000  # rows up to which a table is read whole
SHAPED = 40  # characters of a text that its shape is made of
_GROWTH = 10
_MOST_ROWS = 50_000
_MOST_VALUES = 5_000_000
_SMALL, _LARGE = re.compile("a{4,}"), re.compile("A{4,}")


@dataclass(frozen=True, slots=True)
class ProfileBudget:
    """What profiling one table may cost: ``rows`` at most, ``seconds`` of the source's time in all.

    Views and foreign tables may be anything behind their name: for them the ``unknown_`` limits hold.
    """

    rows: int = _MOST_ROWS
    seconds: float = 60.0
    unknown_rows: int = WHOLE_BELOW
    unknown_seconds: float = 10.0

    def sample_rows(self, rows: int | None, columns: int, *, known: bool = True) -> int:
        """Rows to look at: all up to 10,000, then 10,000 + 10 * sqrt(rows - 10,000); fewer of very wide tables.

        ``known`` is false for what only a query stands behind.
        """
        wanted = WHOLE_BELOW
        if rows is not None and rows > WHOLE_BELOW:
            wanted += int(_GROWTH * math.sqrt(rows - WHOLE_BELOW))
        limit = self.rows if known else self.unknown_rows
        return max(1, min(wanted, limit, _MOST_VALUES // max(1, columns)))


@dataclass(frozen=True, slots=True)
class ProfiledColumn:
    """A column to profile; ``values`` allows the smallest, the largest and the quantiles of numbers and times."""

    name: str
    values: bool = False


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Counts over the sampled values of one column: ``rows`` looked at, ``nulls`` among them, ``distinct`` others.

    ``distinct`` is None where values cannot be compared; ``distinct_estimate`` is that of the whole table. ``minimum``,
    ``maximum`` and ``quantiles`` (of ``QUANTILES``) are of numbers and times, in the source's own spelling; lengths are
    characters of texts; ``shapes`` are (shape, count) pairs, the most frequent first.
    """

    urn: str
    rows: int
    nulls: int
    distinct: int | None
    distinct_estimate: int | None = None
    minimum: str | None = None
    maximum: str | None = None
    quantiles: tuple[str, ...] = ()
    shortest: int | None = None
    longest: int | None = None
    length_quantiles: tuple[int, ...] = ()
    shapes: tuple[tuple[str, int], ...] = ()

    def without_values(self) -> ColumnProfile:
        """The same without anything that was a value."""
        return replace(self, minimum=None, maximum=None, quantiles=())


@dataclass(frozen=True, slots=True)
class TableProfile:
    """``rows`` of the table, counted where ``exact`` and else estimated, of which ``sampled`` were looked at."""

    urn: str
    rows: int | None
    exact: bool
    sampled: int
    columns: tuple[ColumnProfile, ...] = ()
    problems: tuple[Problem, ...] = field(default=(), compare=False)


def distinct_in_all(distinct: int, once: int, sampled: int, rows: int | None) -> int | None:
    """Estimate of the distinct values among ``rows`` from a sample of ``sampled`` values, ``once`` of which occur once.

    Source: Haas and Stokes, "Estimating the Number of Classes in a Finite Population" (1998), the estimator Duj1.
    """
    if rows is None or sampled == 0:
        return None
    if sampled >= rows:
        return distinct
    share = sampled - once + once * sampled / rows
    estimate = sampled * distinct / share if share else rows
    return max(distinct, min(rows, round(estimate)))


def shape_of(text: str) -> str:
    """``2024-05-17`` is ``9999-99-99``, ``Anna`` is ``Aaaa``: the same rule as in the SQL of the engines, for those without one.

    Digits are 9, letters A and a, more than three small or large letters in a row ``a+`` and ``A+``; all that is not ASCII is ``~``.
    """
    found: list[str] = []
    for letter in text[:SHAPED]:
        kind = "9" if letter in "0123456789" else letter
        if letter.isascii() and letter.isalpha():
            kind = "A" if letter.isupper() else "a"
        elif not " " <= letter <= "~":
            kind = "~"
        found.append(kind)
    return _LARGE.sub("A+", _SMALL.sub("a+", "".join(found)))
