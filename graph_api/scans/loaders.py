"""Batched reads of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cypher.runs import reads
from cypher.undo import reads as undo
from graph_api.context import Context
from graph_api.paging import Page
from graph_api.values import by_arguments
from schema.domain.forecasts import NEWEST, Forecast, PastRun, forecast
from schema.domain.undo import Aspect, Change, plan
from schema.ports import SystemClock

Row = dict[str, Any]


async def by_ids(context: Context, ids: list[str]) -> Sequence[Row | None]:
    found = await reads.by_ids(context.graph, ids, context.scope)
    return [found.get(ident) for ident in ids]


async def by_keys(context: Context, keys: list[int]) -> Sequence[Row | None]:
    found = await reads.by_keys(context.graph, keys, context.scope)
    return [found.get(key) for key in keys]


async def forecasts(context: Context, keys: list[str]) -> Sequence[Forecast]:
    """How long runs of these sources take; what is not known of one rests on the others."""
    found = await reads.durations(context.graph, keys, context.scope, first=NEWEST)
    past = {urn: [past_run(row) for row in reversed(rows)] for urn, rows in found.items()}
    now = SystemClock().now()
    return [
        forecast(
            past.get(urn, []),
            now,
            others=[run for other, runs in past.items() if other != urn for run in runs],
        )
        for urn in keys
    ]


def past_run(row: Row) -> PastRun:
    """A row of ``durations`` as what forecasts are made from."""
    started = datetime.fromisoformat(row["started_at"])
    return PastRun(started, max(row["finished_ms"] / 1_000 - started.timestamp(), 0.0), row["objects"])


async def stages(context: Context, ids: list[str]) -> Sequence[list[Row]]:
    found = await reads.stages(context.graph, ids, context.scope)
    return [found.get(ident, []) for ident in ids]


async def tasks(
    context: Context, keys: list[tuple[str, tuple[Page, tuple[str, ...] | None]]]
) -> Sequence[list[Row]]:
    async def read(ids: list[str], wanted: tuple[Page, tuple[str, ...] | None]) -> dict[str, list[Row]]:
        page, states = wanted
        return await reads.tasks(context.graph, ids, context.scope, states=states, **page.keyset_of_one)

    return await by_arguments(keys, read, list)


async def problems(context: Context, keys: list[tuple[str, Page]]) -> Sequence[list[Row]]:
    async def read(ids: list[str], page: Page) -> dict[str, list[Row]]:
        return await reads.problems(context.graph, ids, context.scope, **page.keyset_of_one)

    return await by_arguments(keys, read, list)


async def changes(context: Context, keys: list[tuple[str, tuple[Page, str]]]) -> Sequence[list[Change]]:
    async def read(ids: list[str], wanted: tuple[Page, str]) -> dict[str, list[Change]]:
        page, name = wanted
        aspect = Aspect(name)
        return {
            ident: [
                plan(aspect, ident, row)
                for row in await undo.changes(
                    context.graph,
                    aspect,
                    ident,
                    context.scope,
                    **page.keyset_of_one,
                )
            ]
            for ident in ids
        }

    return await by_arguments(keys, read, list)


async def change_counts(context: Context, ids: list[str]) -> Sequence[Mapping[Aspect, int]]:
    return [await undo.counts(context.graph, ident, context.scope) for ident in ids]
