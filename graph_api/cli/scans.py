"""Commands around scans: start one and watch it, list runs and sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.following import figures, follow_all, summary
from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from schema.domain.identity import EVERYTHING
from schema.domain.scans import FINAL, RunState
from schema.errors import BadRecipe, Conflict
from schema.settings import settings

if TYPE_CHECKING:
    from cypher.session import GraphSession
    from schema.domain.sources import SourceSpec

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Most = Annotated[int, typer.Option("--most", help="How many to list.", min=1, max=10_000)]
_SHOWN_PROBLEMS = 20


def scan(
    recipe: Annotated[Path | None, typer.Argument(metavar="RECIPE", help="A recipe, as YAML.")] = None,
    source: Annotated[
        str | None, typer.Option(help="Name of a registered source, instead of a recipe.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Watch the run until it is over.")] = True,
    json: Json = False,
) -> None:
    if (recipe is None) == (source is None):
        raise typer.BadParameter("name a recipe or a --source, one of them", param_hint="RECIPE")
    spec = None if recipe is None else read_recipe(recipe)

    async def work(graph: GraphSession) -> dict[str, Any]:
        if spec is not None:
            await registered(graph, spec)
        return (await scanned(graph, [spec.name if spec else str(source)], wait=wait))[0]

    run = on_graph(work)
    if json:
        show_json(summary(run) | {"problems": run["problems"]} if wait else {"id": run["id"]})
    elif wait:
        show_run(run)
    else:
        typer.echo(run["id"])
    if wait and run["state"] != RunState.SUCCEEDED:
        raise typer.Exit(1)


def runs(most: Most = 20, source: Annotated[str | None, typer.Option(help="Runs of this source only.")] = None,
         json: Json = False) -> None:  # fmt: skip
    from cypher.runs import reads
    from schema.domain.sources import source_urn

    urn = None if source is None else str(source_urn(source))
    found = on_graph(
        lambda graph: reads.page(
            graph, EVERYTHING, source=urn, states=None, key=None, backward=False, first=most
        )
    )
    if json:
        show_json([summary(run) for run in found])
    else:
        columns = ("id", "source", "state", "stage", "created_at", "finished_at", "problem_count")
        show_table(found, columns)


def sources(most: Most = 1_000, json: Json = False) -> None:
    from cypher.sources import reads

    found = on_graph(
        lambda graph: reads.page(graph, EVERYTHING, registered=True, key=None, backward=False, first=most)
    )
    columns = (
        "name", "connector", "platform", "namespace", "domain", "check_ok", "checked_at", "last_run_state", "last_run_at",
    )  # fmt: skip
    if json:
        show_json([{name: row.get(name) for name in columns} for row in found])
    else:
        show_table(found, columns)


def read_recipe(path: Path) -> SourceSpec:
    """The source in a recipe's file; raises ``BadRecipe``."""
    from ingest.recipes import LARGEST, parse_recipe

    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise BadRecipe(
            f"The recipe cannot be read: {reason}.", path=("recipe",), remedy="Check its path."
        ) from None
    return parse_recipe(text)


async def registered(graph: GraphSession, spec: SourceSpec) -> bool:
    """Register a source, or change it; false where it is registered just so."""
    from ingest.commands import sources as commands

    if await commands.is_registered(graph, spec, config=settings()):
        return False
    await commands.register(graph, operator(), spec, replace=True, config=settings())
    return True


async def scanned(
    graph: GraphSession, names: list[str], *, wait: bool = True, join: bool = False
) -> list[dict[str, Any]]:
    """Ask for a scan of each source, all at once; the runs when they are over, or as they were asked for.

    ``join`` takes a run that is not finished for the one asked for, instead of raising ``Conflict``.
    """
    from graph_api.stack.addresses import addresses
    from ingest.worker import ArqQueue

    redis_url = addresses(settings()).redis_url
    queue = ArqQueue(redis_url)
    try:
        idents = [await _requested(graph, name, join=join) for name in names]
        await queue.signal()
    finally:
        await queue.close()
    return await follow_all(graph, redis_url, idents) if wait else [{"id": ident} for ident in idents]


async def _requested(graph: GraphSession, name: str, *, join: bool) -> str:
    from cypher.runs import reads
    from ingest.commands import scans
    from schema.domain.sources import source_urn

    try:
        return await scans.request(graph, operator(), source=name)
    except Conflict:
        unfinished = [state.value for state in RunState if state not in FINAL]
        urn = str(source_urn(name))
        found = await reads.page(
            graph, EVERYTHING, source=urn, states=unfinished, key=None, backward=False, first=1
        )
        if not join or not found:
            raise
        return str(found[0]["id"])


def show_run(run: dict[str, Any]) -> None:
    """The end of a run for people: counts and the first problems on standard output."""
    counted = figures(run)
    typer.echo(f"{run['source']}: {run['state'].lower()}" + (f", {counted}" if counted else ""))
    if run.get("error"):
        typer.echo(f"  error: {run['error']}")
    worst = [problem for problem in run["problems"] if problem["severity"] != "INFO"]
    for problem in worst[:_SHOWN_PROBLEMS]:
        typer.echo(f"  {problem['severity'].lower()}: {problem['subject']}: {problem['message']}")
    if len(worst) > _SHOWN_PROBLEMS:
        typer.echo(f"  and {len(worst) - _SHOWN_PROBLEMS} more; --json prints all.")
