"""Commands on runs: what waits and who works, one run in detail, and decisions about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.arguments import Reason
from graph_api.cli.following import figures, summary
from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from schema.domain.identity import EVERYTHING
from schema.domain.time import stored
from schema.errors import NotFound
from schema.settings import settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cypher.session import GraphSession

    Rows = list[dict[str, Any]]

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Ident = Annotated[str, typer.Argument(metavar="RUN", help="Id of the run, as `pursight runs` lists it.")]
_MOST_TASKS, _MOST_TIMES, _MOST_PROBLEMS = 10_000, 200, 50


class By(StrEnum):
    STAGE = "stage"
    SOURCE = "source"
    WORKER = "worker"
    RULE = "rule"


run = typer.Typer(add_completion=False, no_args_is_help=True)


def queue(json: Json = False) -> None:
    from cypher.orchestration.reads import queue_state

    found = on_graph(queue_state)
    if json:
        show_json(found)
        return
    typer.echo(f"{found['running']} tasks run, {found['lost']} lost their worker")
    for band in found["ready"]:
        wait_s = band["longest_ms"] / 1_000
        typer.echo(
            f"{band['band'].value}: {band['tasks']} wait"
            + (f", the first for {wait_s:.1f} s" if band["tasks"] else "")
        )
    for held in found["parked"]:
        typer.echo(f"put aside, {held['held']}: {held['tasks']}")
    show_table(found["workers"], ("id", "slots", "busy", "quiet_ms"))


def times(
    by: Annotated[By, typer.Option(help="What to tell apart.", case_sensitive=False)] = By.STAGE,
    days: Annotated[int, typer.Option(help="How many days back.", min=1, max=31)] = 7,
    json: Json = False,
) -> None:
    from cypher.runs import reads

    since = stored(datetime.now(UTC) - timedelta(days=days))
    rows = on_graph(
        lambda graph: reads.times(graph, EVERYTHING, since=since, by=by.value.upper(), first=_MOST_TIMES)
    )
    if json:
        show_json(rows)
        return
    seconds = [
        {"name": row["name"], "tries": row["tries"], "failed": row["failed"]}
        | {
            f"{name}_s": round(row[f"{of}_ms"] / 1_000, 2)
            for name, of in (
                ("busy", "took"), ("median", "middle"), ("p95", "long"), ("queued", "queued"), ("slot", "slot"),
                ("limited", "limited"),
            )
        }
        for row in rows
    ]  # fmt: skip
    show_table(
        seconds, ("name", "tries", "failed", "busy_s", "median_s", "p95_s", "queued_s", "slot_s", "limited_s")
    )


@run.command(help="Show a run with its stages, every try at its tasks, and its problems.")
def show(ident: Ident, json: Json = False) -> None:
    from cypher.runs import reads

    async def work(graph: GraphSession) -> tuple[dict[str, Any], Rows, Rows, Rows]:
        row = (await reads.by_ids(graph, [ident], EVERYTHING)).get(ident)
        if row is None:
            raise NotFound("run", ident, path=("run",))
        stages = await reads.stages(graph, [ident], EVERYTHING)
        tasks = await reads.tasks(
            graph, [ident], EVERYTHING, states=None, key=None, backward=False, first=_MOST_TASKS
        )
        problems = await reads.problems(
            graph, [ident], EVERYTHING, key=None, backward=False, first=_MOST_PROBLEMS
        )
        return row, stages.get(ident, []), tasks.get(ident, []), problems.get(ident, [])

    row, stages, tasks, problems = on_graph(work)
    if json:
        show_json(summary(row) | {"stages": stages, "tasks": tasks, "problems": problems})
        return
    typer.echo(f"{row['source']}: {str(row['state']).lower()}{_why(row)}")
    if counted := figures(row):
        typer.echo(counted)
    show_table(stages, ("name", "state", "batches", "done", "failed", "started_at", "finished_at", "reason"))
    unfinished = [task for task in tasks if task["state"] not in ("SUCCEEDED", "CANCELLED")]
    show_table(unfinished, ("id", "state", "held", "tries", "error"))
    show_table(problems, ("severity", "code", "subject", "message"))


def _why(row: dict[str, Any]) -> str:
    reason = row.get("error") or (row["state"] == "AWAITING_APPROVAL" and row.get("approval_why"))
    return f" ({reason})" if reason else ""


@run.command(help="Ask a run to stop.")
def cancel(ident: Ident, reason: Reason = "") -> None:
    from ingest.commands import runs

    _change(lambda graph: runs.cancel(graph, operator(), run=ident, reason=reason))


@run.command(help="Begin nothing more of a run until it is resumed.")
def pause(ident: Ident, reason: Reason = "") -> None:
    from ingest.commands import runs

    _change(lambda graph: runs.pause(graph, operator(), run=ident, reason=reason))


@run.command(help="Go on with a paused run.")
def resume(ident: Ident, reason: Reason = "") -> None:
    from ingest.commands import runs

    _change(lambda graph: runs.resume(graph, operator(), run=ident, reason=reason))


@run.command(help="Try the dead letters of a run again.")
def replay(ident: Ident, reason: Reason = "") -> None:
    from ingest.commands import runs

    _change(lambda graph: runs.replay(graph, operator(), run=ident, reason=reason))


@run.command(help="Let a run that waits for approval begin; not by who asked for it.")
def approve(ident: Ident, reason: Annotated[str, typer.Option(help="Why it may.")]) -> None:
    from ingest.commands import runs

    _change(lambda graph: runs.approve(graph, operator(), run=ident, approved=True, reason=reason))


@run.command(help="End a run that waits for approval.")
def reject(ident: Ident, reason: Annotated[str, typer.Option(help="Why it may not.")]) -> None:
    from ingest.commands import runs

    _change(lambda graph: runs.approve(graph, operator(), run=ident, approved=False, reason=reason))


@run.command(help="Take back what a run changed and nothing changed since.")
def undo(
    ident: Ident,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be done; write nothing.")
    ] = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    from ingest.commands.undo import undo_run

    done = on_graph(lambda graph: undo_run(graph, operator(), run=ident, dry_run=dry_run, reason=reason))
    counts = [
        {"aspect": aspect.value, "outcome": outcome.value, "count": count}
        for (aspect, outcome), count in sorted(done.tally.counts.items())
    ]
    conflicts = [
        {"aspect": each.aspect.value, "urn": each.urn, "name": each.name, "reason": each.reason}
        for each in done.tally.conflicts
    ]
    if json:
        show_json({"run": ident, "dry_run": dry_run, "counts": counts, "conflicts": conflicts})
        return
    show_table(counts, ("aspect", "outcome", "count"))
    if conflicts:
        typer.echo("Left alone, because of something later:")
        show_table(conflicts, ("aspect", "urn", "name", "reason"))
    typer.echo("Nothing was written." if dry_run else "Undone.")


def _change(change: Callable[[GraphSession], Awaitable[Any]]) -> None:
    from graph_api.stack.addresses import addresses
    from ingest.worker import ArqQueue

    async def work(graph: GraphSession) -> str:
        state = await change(graph)
        signal = ArqQueue(addresses(settings()).redis_url)
        await signal.signal()
        await signal.close()
        return str(state.value)

    typer.echo(on_graph(work).lower())
