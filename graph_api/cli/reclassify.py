"""``pursight reclassify``: judge anew what a change of the vocabulary, of thresholds or of models concerns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.arguments import Reason
from graph_api.cli.classifier_files import ClassifierFiles, told
from graph_api.cli.following import figures, follow_all, summary
from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from schema.domain.identity import EVERYTHING
from schema.domain.scans import RunState
from schema.settings import settings

if TYPE_CHECKING:
    from cypher.session import GraphSession

_PAGE = 1_000
_COLUMNS = ("path", "classification", "kind", "before", "after", "decided", "reason_after")


def reclassify(
    source: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE]...", help="Names of sources; all in which something waits if none."),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only tell what would change; the source is sampled for it.")
    ] = False,
    classifier: Annotated[
        Path | None,
        typer.Option(
            "--classifier",
            metavar="PATH",
            help="With --preview: what saving this classifier, or a folder of them, would change; all sources that were judged if none is named.",
        ),
    ] = None,
    apply: Annotated[
        str | None, typer.Option("--apply", metavar="RUN", help="Write what the preview of this run shows.")
    ] = None,
    state: Annotated[bool, typer.Option("--state", help="Only tell how many datasets wait, where.")] = False,
    most: Annotated[int, typer.Option("--most", help="How many changes to list.", min=0)] = 50,
    reason: Reason = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    if preview + (apply is not None) + state > 1:
        raise typer.BadParameter("choose one of --preview, --apply and --state")
    if apply is not None and len(source or ()) > 1:
        raise typer.BadParameter("a preview is of one source", param_hint="SOURCE")
    if classifier is not None and not preview:
        raise typer.BadParameter(
            "it can only be previewed before it is saved: add --preview", param_hint="--classifier"
        )
    files = None if classifier is None else ClassifierFiles.at(classifier)
    if state:
        _show_state(on_graph(_waiting), json)
        return

    async def work(graph: GraphSession) -> list[dict[str, Any]]:
        names = await _names(graph, source, apply, every=files is not None)
        request = _asked(graph, files, preview=preview, apply=apply or "", reason=reason)
        runs = await _run(graph, names, request)
        for run in runs:
            run["changes"] = await _changes(graph, run["id"], most) if preview else []
            run["change_count"] = await _count(graph, run["id"]) if preview else 0
        return runs

    runs = on_graph(work) if files is None else told(lambda: on_graph(work), files.place)
    if json:
        keys = ("problems", "changes", "change_count")
        show_json([summary(run) | {key: run[key] for key in keys} for run in runs])
    else:
        for run in runs:
            _show(run, preview, classifier)
        if not runs:
            typer.echo("Nothing waits to be judged anew.", err=True)
    if any(run["state"] != RunState.SUCCEEDED for run in runs):
        raise typer.Exit(1)


async def _waiting(graph: GraphSession) -> list[dict[str, Any]]:
    from cypher.reclassification import reads
    from ingest.reclassification import current_basis

    basis = await current_basis(graph, settings().classify_tiers)
    return await reads.state(graph, basis.ident, EVERYTHING)


async def _judged(graph: GraphSession) -> list[dict[str, Any]]:
    from cypher.reclassification import reads

    return await reads.state(graph, "", EVERYTHING)


async def _names(
    graph: GraphSession, given: list[str] | None, apply: str | None, *, every: bool
) -> list[str]:
    """The sources to work on; ``every`` means all that were judged by anything, where none is given."""
    if apply is not None:
        from cypher.runs import reads

        found = await reads.by_ids(graph, [apply], EVERYTHING)
        return [str(found[apply]["source"])] if apply in found and not given else list(given or [apply])
    return given or [row["source"] for row in await (_judged(graph) if every else _waiting(graph))]


def _asked(
    graph: GraphSession, files: ClassifierFiles | None, *, preview: bool, apply: str, reason: str
) -> Callable[[str], Awaitable[str]]:
    """What queues the run of a source and returns its id."""
    from ingest.commands import classifier_drafts
    from ingest.commands import reclassification as commands

    if files is not None:
        text = files.text
        return lambda name: classifier_drafts.preview(
            graph, operator(), source=name, text=text, reason=reason
        )
    return lambda name: commands.request(
        graph, operator(), source=name, dry_run=preview, preview=apply, reason=reason
    )


async def _run(
    graph: GraphSession, names: list[str], request: Callable[[str], Awaitable[str]]
) -> list[dict[str, Any]]:
    from graph_api.stack.addresses import addresses
    from ingest.worker import ArqQueue

    redis_url = addresses(settings()).redis_url
    queue = ArqQueue(redis_url)
    try:
        idents = [await request(name) for name in names]
        await queue.signal()
    finally:
        await queue.close()
    return await follow_all(graph, redis_url, idents)


async def _changes(graph: GraphSession, run: str, most: int) -> list[dict[str, Any]]:
    from cypher.reclassification import reads

    found: list[dict[str, Any]] = []
    while len(found) < most:
        key = found[-1]["id"] if found else None
        first = min(_PAGE, most - len(found))
        rows = await reads.changes(
            graph, run, EVERYTHING, kinds=None, classification=None, key=key, backward=False, first=first
        )
        found += rows
        if len(rows) < first:
            break
    return found


async def _count(graph: GraphSession, run: str) -> int:
    from cypher.reclassification import reads

    return sum(row["columns"] for row in await reads.change_counts(graph, run, EVERYTHING))


def _show_state(rows: list[dict[str, Any]], json: bool) -> None:
    if json:
        show_json(rows)
    else:
        show_table(rows, ("source", "waiting", "since"))


def _show(run: dict[str, Any], preview: bool, classifier: Path | None) -> None:
    counted = figures(run)
    typer.echo(f"{run['source']}: {run['state'].lower()}" + (f", {counted}" if counted else ""), err=True)
    if run.get("error"):
        typer.echo(f"  error: {run['error']}", err=True)
    for problem in run["problems"][:20]:
        typer.echo(f"  {problem['severity'].lower()}: {problem['subject']}: {problem['message']}", err=True)
    if not preview:
        return
    show_table(run["changes"], _COLUMNS)
    if (more := run["change_count"] - len(run["changes"])) > 0:
        typer.echo(f"  and {more} more; --most lists them.", err=True)
    if classifier is not None:
        typer.echo(f"  save it first: pursight classifier import {classifier}", err=True)
    typer.echo(f"  write it: pursight reclassify --apply {run['id']}", err=True)
