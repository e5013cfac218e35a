"""Counters that only ever grow, turned into what was new at each reading."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ingest.connectors.base import Counter, Counters
from schema.domain.scans import Problem, ScanStage, Severity
from schema.domain.usage import LoggedUse, UsageLog

COUNTERS = "counters"
"""Name of the reader of a server's own counters."""


def differences(found: Counters, position: str) -> UsageLog:
    """What was counted behind ``position``, on the day of this reading: a counter does not say on which.

    A position holds the last reading's counts. At the first reading only what began today counts; all else is the ground
    that the next one starts from, and tells of lineage. Where the server forgot its counts, they start from nothing.
    """
    before: dict[str, Any] = json.loads(position) if position else {}
    reset = bool(before) and before["reset"] != found.reset
    known: dict[str, int] = {} if reset else before.get("calls", {})
    uses = tuple(
        LoggedUse(
            counter.sql,
            found.at.date().isoformat(),
            _new(counter, known, found, first=not before),
            counter.account,
            None,
            counter.last or found.at,
            counter.database,
        )
        for counter in found.counters
        if counter.calls != known.get(counter.key)
    )
    fell = any(counter.calls < known.get(counter.key, 0) for counter in found.counters)
    after = {"reset": found.reset, "calls": {counter.key: counter.calls for counter in found.counters}}
    same = bool(before) and after == before
    return UsageLog(
        COUNTERS,
        position,
        position if same else json.dumps(after, sort_keys=True),
        uses,
        tuple(_problems(found, reset or fell)),
    )


def _new(counter: Counter, known: dict[str, int], found: Counters, *, first: bool) -> int:
    if counter.key in known:
        last = known[counter.key]
        return counter.calls - last if counter.calls >= last else counter.calls
    if first and (counter.since is None or counter.since.date() != found.at.date()):
        return 0
    return counter.calls


def _problems(found: Counters, forgotten: bool) -> Iterator[Problem]:
    if forgotten:
        told = "The server forgot counts since the last reading; what came before that is not known."
        yield Problem(ScanStage.LINEAGE, "COUNTERS_RESET", COUNTERS, told, Severity.INFO)
    if found.unreadable:
        told = f"{found.unreadable} statements of other accounts are hidden from this one; grant pg_read_all_stats."
        yield Problem(ScanStage.LINEAGE, "STATEMENTS_HIDDEN", COUNTERS, told)
