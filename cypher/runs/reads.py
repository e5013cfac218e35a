"""Reading runs as one reader may see them: those of sources in his scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.paging import TimePages
from cypher.session import GraphSession
from schema.domain.identity import Scope

_PAGES = TimePages.of(__package__)
_BY_IDS = load(__package__, "by_ids")
_BY_KEYS = load(__package__, "by_keys")
_PROBLEMS = load(__package__, "problems")
_STAGES = load(__package__, "stages")
_TASKS = load(__package__, "tasks")
_DURATIONS = load(__package__, "durations")
_TIMINGS = load(__package__, "timings")
_TIMES = load(__package__, "times")
_RULE_TIMES = load(__package__, "rule_times")
_PLANNED = load(__package__, "planned")
_LOG = load(__package__, "log")

Row = dict[str, Any]


def _run(row: Mapping[str, Any]) -> Row:
    return {**row["run"], "source_urn": row["source"]}


async def page(
    graph: GraphSession,
    scope: Scope,
    *,
    source: str | None,
    states: Sequence[str] | None,
    key: tuple[str, str] | None,
    backward: bool,
    first: int,
) -> list[Row]:
    """Runs by (time of the request, id), newest first; ``source`` is a urn. Each has ``source_urn`` besides its properties."""
    rows = await _PAGES.rows(
        graph,
        key=key,
        backward=backward,
        first=first,
        states=states,
        source=source,
        **scope.parameters(),
    )
    return [_run(row) for row in rows]


async def by_ids(graph: GraphSession, ids: Sequence[str], scope: Scope) -> dict[str, Row]:
    rows = await graph.rows(_BY_IDS, ids=list(ids), **scope.parameters())
    return {row["run"]["id"]: _run(row) for row in rows}


async def by_keys(graph: GraphSession, keys: Sequence[int], scope: Scope) -> dict[int, Row]:
    rows = await graph.rows(_BY_KEYS, keys=list(keys), **scope.parameters())
    return {row["run"]["key"]: _run(row) for row in rows}


async def problems(
    graph: GraphSession, ids: Sequence[str], scope: Scope, *, key: int | None, backward: bool, first: int
) -> dict[str, list[Row]]:
    """Run id to a page of its problems, in order."""
    rows = await graph.rows(
        _PROBLEMS, ids=list(ids), key=key, backward=backward, first=first, **scope.parameters()
    )
    return {row["id"]: row["problems"] for row in rows}


async def stages(graph: GraphSession, ids: Sequence[str], scope: Scope) -> dict[str, list[Row]]:
    """Run id to its stages in order."""
    rows = await graph.rows(_STAGES, ids=list(ids), **scope.parameters())
    return {row["id"]: row["stages"] for row in rows}


async def tasks(
    graph: GraphSession,
    ids: Sequence[str],
    scope: Scope,
    *,
    states: Sequence[str] | None,
    key: str | None,
    backward: bool,
    first: int,
) -> dict[str, list[Row]]:
    """Run id to a page of its tasks by id; each has ``attempts``, the last one first, no more than twenty."""
    rows = await graph.rows(
        _TASKS,
        ids=list(ids),
        states=None if states is None else list(states),
        key=key,
        backward=backward,
        first=first,
        **scope.parameters(),
    )
    return {row["id"]: row["tasks"] for row in rows}


async def durations(
    graph: GraphSession, sources: Sequence[str], scope: Scope, *, first: int
) -> dict[str, list[Row]]:
    """Urn of a source to its newest runs that succeeded, the newest first: ``started_at``, ``finished_ms``, ``objects``."""
    rows = await graph.rows(_DURATIONS, sources=list(sources), first=first, **scope.parameters())
    return {row["source"]: row["runs"] for row in rows}


async def timings(graph: GraphSession, scope: Scope, *, since: str, first: int) -> list[Row]:
    """Waits and works of tries since a time, milliseconds, the newest first."""
    return await graph.rows(_TIMINGS, since=since, first=first, **scope.parameters())


async def times(graph: GraphSession, scope: Scope, *, since: str, by: str, first: int) -> list[Row]:
    """What tries took since a time by STAGE, SOURCE, WORKER or RULE, the longest in all first, milliseconds."""
    if by == "RULE":
        return await graph.rows(_RULE_TIMES, since=since, first=first, **scope.parameters())
    return await graph.rows(_TIMES, since=since, by=by, first=first, **scope.parameters())


async def planned(graph: GraphSession, scope: Scope, *, first: int) -> list[Row]:
    """Sources that are scanned by themselves: ``source``, ``name``, ``plan``, ``interval_s``."""
    return await graph.rows(_PLANNED, first=first, **scope.parameters())


async def log(graph: GraphSession, ident: str, scope: Scope, *, since_ms: int) -> Row | None:
    """``run``, ``stages`` and the ``tasks`` of which something happened since then, for ``schema.domain.run_log``."""
    return await graph.one(_LOG, id=ident, since_ms=since_ms, **scope.parameters())
