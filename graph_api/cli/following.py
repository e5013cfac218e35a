"""Watching runs until they are over: a bar for each on a terminal, else a line whenever one enters a stage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import typer

from schema.domain.identity import EVERYTHING
from schema.domain.scans import FINAL, RunState

if TYPE_CHECKING:
    from cypher.session import GraphSession

_UNTAKEN_S = 15.0
_PROBLEMS = 1_000


class Shown(Protocol):
    def __call__(self, run: Mapping[str, Any]) -> None:
        """Show where a run stands."""


async def follow(graph: GraphSession, redis_url: str, ident: str, show: Shown) -> dict[str, Any]:
    """The run when it is over, with ``problems``."""
    from cypher.runs import reads
    from ingest.progress import signals

    warn_at: float | None = time.monotonic() + _UNTAKEN_S
    async for _ in signals(redis_url, ident):
        run = (await reads.by_ids(graph, [ident], EVERYTHING))[ident]
        show(run)
        if RunState(run["state"]) in FINAL:
            break
        if warn_at and run["state"] == RunState.QUEUED and time.monotonic() > warn_at:
            warn_at = None
            typer.echo(
                f"{run['source']}: no worker takes this run; does one run? See `pursight status`.", err=True
            )
    found = await reads.problems(graph, [ident], EVERYTHING, key=None, backward=False, first=_PROBLEMS)
    return {**run, "problems": found.get(ident, [])}


async def follow_all(graph: GraphSession, redis_url: str, idents: Sequence[str]) -> list[dict[str, Any]]:
    """Several runs at once, in the order of ``idents``."""
    with progress() as show:
        return list(await asyncio.gather(*(follow(graph, redis_url, ident, show) for ident in idents)))


@contextmanager
def progress() -> Iterator[Shown]:
    """A function that shows one state of one run after the other."""
    import sys

    if not sys.stderr.isatty():
        told: dict[str, str] = {}

        def line(run: Mapping[str, Any]) -> None:
            step = str(
                run["state"] if run["state"] != RunState.RUNNING else run["stage"] or run["state"]
            ).lower()
            if told.get(run["id"]) != step:
                told[run["id"]] = step
                reason = f" ({run['error']})" if run.get("error") else ""
                typer.echo(f"{run['source']}: {step}{reason}", err=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.fields[step]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def bar(run: Mapping[str, Any]) -> None:
            if run["id"] not in tasks:
                tasks[run["id"]] = bars.add_task(str(run["source"]), total=None, step="queued")
            over = RunState(run["state"]) in FINAL
            step = str(run["state"] if over else run["stage"] or run["state"]).lower()
            total = run.get("total") or (1 if over else None)
            done = total if over else run["done"]
            bars.update(tasks[run["id"]], step=f"{step:10}", completed=done or 0, total=total)

        yield bar


def summary(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run as commands print it in JSON."""
    kept = ("id", "source", "state", "stage", "created_at", "started_at", "finished_at", "attempt", "error")
    return {name: run.get(name) for name in kept} | {
        "counts": counts(run),
        "problem_count": run.get("problem_count", 0),
    }


def figures(run: Mapping[str, Any]) -> str:
    """What a run counted, for people: the largest things first, and nothing that there was none of."""
    counted = counts(run)
    order = (
        "datasets",
        "columns",
        "changed",
        "unchanged",
        "retired",
        "jobs",
        "edges",
        "closed_edges",
        "verdicts",
        "embeddings",
    )
    names = [*order, *(name for name in counted if name not in order)]
    return ", ".join(f"{counted[name]} {name.replace('_', ' ')}" for name in names if counted.get(name))


def counts(run: Mapping[str, Any]) -> dict[str, int]:
    return {name.removeprefix("count_"): run[name] for name in sorted(run) if name.startswith("count_")}
