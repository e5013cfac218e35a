"""Query logs in files: JSON lines or CSV with one statement a line.

Fields: ``timestamp`` (ISO 8601, UTC where it names no zone, or seconds since 1970) and ``sql`` are needed; ``user``,
``database`` and ``schema`` are used where they are there; ``duration`` and ``rows`` are accepted and not kept.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schema.domain.scans import Problem, ScanStage
from schema.domain.time import stored
from schema.domain.usage import LoggedUse, UsageLog
from schema.errors import BadDocument

LONGEST = 200_000  # characters of a statement that is read
_MOST_TEXTS = 50_000
_MOST_STRETCHES = 1_000
_NAMES = {
    "timestamp": ("timestamp", "time", "at", "start_time"),
    "sql": ("sql", "query", "statement", "query_text"),
    "user": ("user", "user_name", "account"),
    "database": ("database", "database_name"),
    "schema": ("schema", "schema_name"),
}


def read_log(path: Path, position: str, *, reader: str = "log") -> UsageLog:
    """What the file holds outside of the stretches of time that were counted before; raises ``BadDocument``.

    A position is those stretches as JSON, both ends counted. Whoever reads a log twice, or after it grew, counts nothing twice.
    """
    covered = [tuple(each) for each in json.loads(position or "[]")]
    counting = _Counting(covered)
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            rows = csv.DictReader(file) if path.suffix.lower() == ".csv" else _objects(file)
            for row in rows:
                counting.add(row)
    except (OSError, csv.Error):
        raise BadDocument(
            "The log cannot be read.",
            path=("log",),
            remedy="Give JSON lines or CSV in UTF-8, readable to this process.",
        ) from None
    problems = counting.problems(reader)
    return UsageLog(reader, position, counting.position(), tuple(counting.uses()), tuple(problems))


def _objects(lines: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        if line.strip():
            try:
                found = json.loads(line)
            except ValueError:
                found = {}
            yield found if isinstance(found, dict) else {}


class _Counting:
    def __init__(self, covered: list[tuple[str, ...]]) -> None:
        self._covered = covered
        self._texts: dict[tuple[str, str, str], dict[tuple[str, str], list[Any]]] = {}
        self._first: str | None = None
        self._last: str | None = None
        self._bad = self._long = self._many = 0

    def add(self, row: Mapping[str, Any]) -> None:
        found = {name: _field(row, names) for name, names in _NAMES.items()}
        at = _moment(found["timestamp"])
        if at is None or not found["sql"]:
            self._bad += 1
            return
        text = stored(at)
        self._first = text if self._first is None else min(self._first, text)
        self._last = text if self._last is None else max(self._last, text)
        if any(start <= text <= end for start, end in self._covered):
            return
        if len(found["sql"]) > LONGEST:
            self._long += 1
            return
        key = (found["sql"], found["database"], found["schema"])
        if key not in self._texts and len(self._texts) >= _MOST_TEXTS:
            self._many += 1
            return
        uses = self._texts.setdefault(key, {})
        use = uses.setdefault((text[:10], found["user"]), [0, at, at])
        use[0] += 1
        use[1], use[2] = min(use[1], at), max(use[2], at)

    def uses(self) -> Iterator[LoggedUse]:
        for (sql, database, schema), uses in self._texts.items():
            for (day, user), (calls, first, last) in uses.items():
                yield LoggedUse(sql, day, calls, user, first, last, database, schema)

    def position(self) -> str:
        """The stretches counted before and now, those that touch as one."""
        stretches = [*self._covered]
        if self._first is not None and self._last is not None:
            stretches.append((self._first, self._last))
        whole: list[tuple[str, ...]] = []
        for start, end in sorted(stretches):
            if whole and start <= whole[-1][1]:
                whole[-1] = (whole[-1][0], max(whole[-1][1], end))
            else:
                whole.append((start, end))
        return json.dumps(whole[-_MOST_STRETCHES:])

    def problems(self, reader: str) -> Iterator[Problem]:
        told = (
            ("MALFORMED_LINES", self._bad, "lines have no timestamp or no SQL"),
            ("LONG_STATEMENTS", self._long, f"statements have more than {LONGEST:,} characters"),
            (
                "MANY_STATEMENTS",
                self._many,
                f"lines came after the first {_MOST_TEXTS:,} different statements",
            ),
        )
        for code, count, what in told:
            if count:
                yield Problem(ScanStage.LINEAGE, code, reader, f"{count} {what}; they were left out.")


def _field(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(row[name]) for name in names if row.get(name) not in (None, "")), "")


def _moment(text: str) -> datetime | None:
    try:
        at = (
            datetime.fromtimestamp(float(text), UTC)
            if text.replace(".", "", 1).isdigit()
            else datetime.fromisoformat(text)
        )
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
