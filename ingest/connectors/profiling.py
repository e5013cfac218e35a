"""Profiles computed by a source's own engine: one statement of plain SQL over a bounded sample for up to fifty columns.

Each column is grouped by its values; counts, quantiles and what occurs once come from the groups, so that nothing but
figures leaves the engine: numbers and times where the caller allows it, lengths and shapes of texts, and no text.
"""

# ruff: noqa: S608 - names of columns and tables are quoted by their connector; all else is this module's words and numbers

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.connectors.figures import Dialect, Family, branches, family_of
from schema.domain.catalog import DiscoveredDataset, Subtype
from schema.domain.profiles import (
    QUANTILES,
    ColumnProfile,
    ProfileBudget,
    ProfiledColumn,
    TableProfile,
    distinct_in_all,
)
from schema.domain.scans import Problem, ScanStage
from schema.errors import ConnectionFailed

_TOGETHER = 50  # columns of one statement
# A statement may take this part of the time of its table, so that a slow column leaves some to others.
_PATIENCE = 3
_STORED = (Subtype.TABLE, Subtype.MATERIALIZED_VIEW, Subtype.FILE, Subtype.FOLDER)
# Said of one column, these mean the connection, and the next one would only say it again.
_OF_THE_PLACE = ("UNREACHABLE", "CREDENTIALS", "NOT_FOUND", "MISSING_DRIVER", "BLOCKED_ADDRESS")


Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Target:
    """One table as its engine shows it.

    ``select`` gives statements that yield ``c0, c1, ...`` of at most so many rows, best first; all but the last draw by
    block, the last reads from the top. ``run`` executes within seconds and raises ``ConnectionFailed``. ``rows`` is the
    engine's estimate. ``distinct`` are its own estimates of distinct values, a negative one being a share of the rows.
    """

    dialect: Dialect
    rows: int | None
    select: Callable[[Sequence[str], int], list[str]]
    run: Callable[[str, float], Sequence[Row]]
    families: Mapping[str, Family] = field(default_factory=dict)
    distinct: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    family: Family


def _of_nothing(column: _Asked) -> Row:
    """What the engine would say of a column without rows."""
    distinct = -1 if column.family is Family.OPAQUE else 0
    return (0, 1, 0, 0, distinct, 0, *[None] * (2 + len(QUANTILES)))


def profiled(
    dataset: DiscoveredDataset,
    columns: Sequence[ProfiledColumn],
    budget: ProfileBudget,
    target: Target,
    waited: Callable[[], float] = lambda: 0.0,
) -> TableProfile:
    """The profile of a table; a column that breaks costs itself alone. Raises ``ConnectionFailed`` where none works.

    Seconds that the source ``waited`` for its turn are not among those of the budget.
    """
    return _Profiling(dataset, budget, target, waited).of(columns)


class _Profiling:
    def __init__(
        self, dataset: DiscoveredDataset, budget: ProfileBudget, target: Target, waited: Callable[[], float]
    ) -> None:
        self._dataset, self._target = dataset, target
        self._stored = dataset.subtype in _STORED
        self._budget = budget
        self._seconds = budget.seconds if self._stored else budget.unknown_seconds
        self._waited = waited
        self._until = time.monotonic() - waited() + self._seconds
        self._problems: list[Problem] = []
        self._error: ConnectionFailed | None = None
        self._way = 0
        self._ways = 1
        self._wanted = 0

    def of(self, columns: Sequence[ProfiledColumn]) -> TableProfile:
        types = {column.name: column.data_type for column in self._dataset.columns}
        asked = [self._asked(column, types.get(column.name, "")) for column in columns]
        self._wanted = self._budget.sample_rows(self._target.rows, len(asked), known=self._stored)
        rows: dict[str, list[Row]] = {}
        for start in range(0, len(asked), _TOGETHER):
            some = asked[start : start + _TOGETHER]
            found = self._measured(some)
            if start == 0 and found and self._is_short(found):
                self._way += 1
                found = self._measured(some)
            rows |= found
            if self._is_empty(found):
                rows |= {column.name: [_of_nothing(column)] for column in asked[start + _TOGETHER :]}
                break
        if asked and not rows and self._error is not None:
            raise self._error
        sampled = max((int(first[2] or 0) for first, *_ in rows.values()), default=0)
        exact = bool(rows) and self._is_last_way and sampled < self._wanted
        total = sampled if exact else None if self._target.rows is None else max(self._target.rows, sampled)
        profiles = tuple(self._column(name, parts, total) for name, parts in rows.items())
        return TableProfile(str(self._dataset.urn), total, exact, sampled, profiles, tuple(self._problems))

    def _asked(self, column: ProfiledColumn, data_type: str) -> _Asked:
        family = self._target.families.get(column.name) or family_of(data_type)
        if family in (Family.NUMBER, Family.TIME) and not column.values:
            family = Family.COMPARED
        return _Asked(column.name, family)

    @property
    def _is_last_way(self) -> bool:
        return self._way + 1 >= self._ways

    def _is_short(self, found: Mapping[str, list[Row]]) -> bool:
        """Whether blocks gave too few rows, as of a table that shrank."""
        return not self._is_last_way and max(int(f[0][2] or 0) for f in found.values()) < self._wanted // 2

    def _is_empty(self, found: Mapping[str, list[Row]]) -> bool:
        """Whether there is no row, which is the same for every other column."""
        return bool(found) and self._is_last_way and not any(int(f[0][2] or 0) for f in found.values())

    def _measured(self, columns: Sequence[_Asked]) -> dict[str, list[Row]]:
        """Name to the rows that tell of a column, its figures first; columns that break are sought by halves."""
        left = self._until - (time.monotonic() - self._waited())
        if left <= 0:
            self._problem(
                "PROFILE_TIMEOUT", None, "The time for this table was over before all columns were profiled."
            )
            return {}
        try:
            found = self._target.run(self._statement(columns), min(left, self._seconds / _PATIENCE))
        except ConnectionFailed as error:
            if error.cause in _OF_THE_PLACE:
                raise
            self._error = error
            return self._apart(columns, error)
        told: dict[str, list[Row]] = {}
        for row in sorted(found, key=lambda row: (row[0], row[1])):
            told.setdefault(columns[int(row[0])].name, []).append(row)
        return told

    def _apart(self, columns: Sequence[_Asked], error: ConnectionFailed) -> dict[str, list[Row]]:
        if len(columns) > 1:
            half = len(columns) // 2
            return self._measured(columns[:half]) | self._measured(columns[half:])
        [column] = columns
        self._problem(
            f"PROFILE_{error.cause}", column.name, f"This column cannot be profiled: {error.message}"
        )
        if column.family is Family.OPAQUE or error.cause == "PERMISSION":
            return {}
        return self._measured([_Asked(column.name, Family.OPAQUE)])

    def _problem(self, code: str, column: str | None, message: str) -> None:
        subject = self._dataset.urn if column is None else self._dataset.column_urn(column)
        found = Problem(ScanStage.SAMPLE, code, str(subject), message)
        if found not in self._problems:
            self._problems.append(found)

    # The statement

    def _statement(self, columns: Sequence[_Asked]) -> str:
        select, rows = self._target.select, self._wanted
        if self._target.dialect.shared:
            sample = self._chosen(select([column.name for column in columns], rows))
            parts = [
                b
                for k, c in enumerate(columns)
                for b in branches(k, c.family, f"SELECT c{k} AS c FROM s", self._target.dialect)
            ]
            return f"WITH s AS MATERIALIZED ({sample}) {' UNION ALL '.join(parts)}"
        parts = []
        for k, column in enumerate(columns):
            own = f"SELECT c0 AS c FROM ({self._chosen(select([column.name], rows))}) s"
            parts += branches(k, column.family, own, self._target.dialect)
        return " UNION ALL ".join(parts)

    def _chosen(self, ways: Sequence[str]) -> str:
        self._ways = len(ways)
        return ways[self._way]

    # The answer

    def _column(self, name: str, parts: list[Row], rows: int | None) -> ColumnProfile:
        (_, _, count, nulls, distinct, once, least, most, *quantiles), *shapes = parts
        count, nulls, distinct, once = (int(each or 0) for each in (count, nulls, distinct, once))
        family = Family.TEXT if shapes else self._family(name)
        measured = [str(each) for each in quantiles if each is not None]
        of_text = family is Family.TEXT and least is not None
        return ColumnProfile(
            urn=str(self._dataset.column_urn(name)),
            rows=count,
            nulls=nulls,
            distinct=None if distinct < 0 else distinct,
            distinct_estimate=None
            if distinct < 0
            else self._in_all(name, distinct, once, count, count - nulls, rows),
            minimum=None if of_text or least is None else str(least),
            maximum=None if of_text or most is None else str(most),
            quantiles=() if of_text else tuple(measured),
            shortest=int(least) if of_text else None,
            longest=int(most) if of_text else None,
            length_quantiles=tuple(map(int, measured)) if of_text else (),
            shapes=tuple(
                sorted(((str(row[6]), int(row[2])) for row in shapes), key=lambda pair: (-pair[1], pair[0]))
            ),
        )

    def _family(self, name: str) -> Family:
        types = {column.name: column.data_type for column in self._dataset.columns}
        return self._target.families.get(name) or family_of(types.get(name, ""))

    def _in_all(
        self, name: str, distinct: int, once: int, count: int, present: int, rows: int | None
    ) -> int | None:
        if rows is None or count >= rows:
            return distinct if rows is not None else None
        known = self._target.distinct.get(name)
        if known:
            return max(distinct, round(known if known > 0 else -known * rows))
        return distinct_in_all(distinct, once, present, round(rows * present / count) if count else 0)
