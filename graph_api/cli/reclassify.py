"""``pursight reclassify``: judge anew what a change of the vocabulary, of thresholds or of models concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.following import counts, figures, follow_all, summary
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
    apply: Annotated[
        str | None, typer.Option("--apply", metavar="RUN", help="Write what the preview of this run shows.")
    ] = None,
    state: Annotated[bool, typer.Option("--state", help="Only tell how many datasets wait, where.")] = False,
    most: Annotated[int, typer.Option("--most", help="How many changes to list.", min=0)] = 50,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the audit trail.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    if preview + (apply is not None) + state > 1:
        raise typer.BadParameter("choose one of --preview, --apply and --state")
    if apply is not None and len(source or ()) > 1:
        raise typer.BadParameter("a preview is of one source", param_hint="SOURCE")
    if state:
        _show_state(on_graph(_waiting), json)
        return

    async def work(graph: GraphSession) -> list[dict[str, Any]]:
        names = await _names(graph, source, apply)
        runs = await _run(graph, names, preview=preview, apply=apply or "", reason=reason)
        for run in runs:
            run["changes"] = await _changes(graph, run["id"], most) if preview else []
        return runs

    runs = on_graph(work)
    if json:
        show_json([summary(run) | {"problems": run["problems"], "changes": run["changes"]} for run in runs])
    else:
        for run in runs:
            _show(run, preview)
        if not runs:
            typer.echo("Nothing waits to be judged anew.", err=True)
    if any(run["state"] != RunState.SUCCEEDED for run in runs):
        raise typer.Exit(1)


async def _waiting(graph: GraphSession) -> list[dict[str, Any]]:
    from cypher.reclassification import reads
    from ingest.reclassification import current_basis

    basis = await current_basis(graph, settings().classify_tiers)
    return await reads.state(graph, basis.ident, EVERYTHING)


async def _names(graph: GraphSession, given: list[str] | None, apply: str | None) -> list[str]:
    if apply is not None:
        from cypher.runs import reads

        found = await reads.by_ids(graph, [apply], EVERYTHING)
        return [str(found[apply]["source"])] if apply in found and not given else list(given or [apply])
    return given or [row["source"] for row in await _waiting(graph)]


async def _run(
    graph: GraphSession, names: list[str], *, preview: bool, apply: str, reason: str
) -> list[dict[str, Any]]:
    from graph_api.stack.addresses import addresses
    from ingest.commands import reclassification as commands
    from ingest.worker import ArqQueue

    redis_url = addresses(settings()).redis_url
    queue = ArqQueue(redis_url)
    try:
        idents = [
            await commands.request(
                graph, operator(), source=name, dry_run=preview, preview=apply, reason=reason
            )
            for name in names
        ]
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


def _show_state(rows: list[dict[str, Any]], json: bool) -> None:
    if json:
        show_json(rows)
    else:
        show_table(rows, ("source", "waiting", "since"))


def _show(run: dict[str, Any], preview: bool) -> None:
    counted = figures(run)
    typer.echo(f"{run['source']}: {run['state'].lower()}" + (f", {counted}" if counted else ""), err=True)
    if run.get("error"):
        typer.echo(f"  error: {run['error']}", err=True)
    for problem in run["problems"][:20]:
        typer.echo(f"  {problem['severity'].lower()}: {problem['subject']}: {problem['message']}", err=True)
    if not preview:
        return
    show_table(run["changes"], _COLUMNS)
    if (more := counts(run).get("changes", 0) - len(run["changes"])) > 0:
        typer.echo(f"  and {more} more; --most lists them.", err=True)
    typer.echo(f"  write it: pursight reclassify --apply {run['id']}", err=True)
