"""``pursight workflow``: workflows of one's own and those that are built in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.arguments import Reason
from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from schema.errors import BadWorkflow, InvalidInput, NotFound
from schema.settings import settings

if TYPE_CHECKING:
    from cypher.session import GraphSession

workflow = typer.Typer(add_completion=False, no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the workflow.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A workflow, as YAML.")]
_COLUMNS = ("name", "version", "built_in", "saved_at", "saved_by", "description")


@workflow.command("list")
def list_workflows(json: Json = False) -> None:
    """List workflows by name."""
    from cypher.workflows import reads
    from ingest.commands.workflows import MOST_WORKFLOWS
    from ingest.workflows.library import standards

    own = on_graph(lambda graph: reads.page(graph, key=None, backward=False, first=MOST_WORKFLOWS))
    rows = [{name: row.get(name) for name in _COLUMNS} | {"built_in": False} for row in own]
    for name, each in standards().items():
        blank = dict.fromkeys(_COLUMNS)
        rows.append(blank | {"name": name, "built_in": True, "description": each.description})
    rows.sort(key=lambda row: str(row["name"]))
    if json:
        show_json(rows)
    else:
        show_table(rows, _COLUMNS)


@workflow.command()
def show(name: Name) -> None:
    """Print the text of a workflow as it is now."""
    from cypher.workflows import reads
    from ingest.workflows.library import BUILT_IN, text_of

    if name in BUILT_IN:
        typer.echo(text_of(name), nl=False)
        return
    row = on_graph(lambda graph: reads.by_names(graph, [name])).get(name)
    if row is None:
        raise NotFound("workflow", name, path=("name",))
    typer.echo(row["text"], nl=False)


@workflow.command()
def check(file: File, json: Json = False) -> None:
    """Tell all that is wrong in a workflow; write nothing."""
    from ingest.commands.workflows import validate

    text = _read(file)
    try:
        found = on_graph(lambda graph: validate(graph, text))
    except BadWorkflow as error:
        _tell(error, json=json)
        raise typer.Exit(1) from None
    if json:
        show_json({"ok": True, "name": found.name, "mistakes": []})
    else:
        typer.echo(f"{found.name} is fine: {', '.join(stage.name for stage in found.stages)}.")


@workflow.command()
def save(
    file: File,
    expected_version: Annotated[
        int | None, typer.Option(help="The version that the file was made from; 0 for a new workflow.")
    ] = None,
    reason: Reason = "",
) -> None:
    """Save a workflow as its next version; what runs already goes on as it began."""
    from ingest.commands import workflows

    text = _read(file)
    try:
        row = on_graph(
            lambda graph: workflows.save(
                graph, operator(), text=text, expected_version=expected_version, reason=reason
            )
        )
    except BadWorkflow as error:
        _tell(error, json=False)
        raise typer.Exit(1) from None
    typer.echo(f"{row['name']} is at version {row['version']}.")


@workflow.command()
def delete(name: Name, reason: Reason = "") -> None:
    """Delete a workflow that no plan and no other workflow uses."""
    from ingest.commands import workflows

    on_graph(lambda graph: workflows.delete(graph, operator(), name=name, reason=reason))
    typer.echo(f"{name} is deleted.")


@workflow.command()
def start(
    name: Name,
    source: Annotated[str, typer.Option(help="Name of the registered source to run it over.")],
    given: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="An input; may be repeated.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Watch the run until it is over.")] = True,
    reason: Reason = "",
) -> None:
    """Run a workflow over a source."""
    from graph_api.cli.following import follow_all
    from graph_api.cli.scans import show_run
    from graph_api.stack.addresses import addresses
    from ingest.commands import runs
    from ingest.worker import ArqQueue
    from schema.domain.scans import RunState

    inputs = dict(map(_input, given or []))

    async def work(graph: GraphSession) -> dict[str, Any]:
        redis_url = addresses(settings()).redis_url
        ident = await runs.request(
            graph, operator(), source=source, workflow=name, inputs=inputs, reason=reason
        )
        queue = ArqQueue(redis_url)
        await queue.signal()
        await queue.close()
        return (await follow_all(graph, redis_url, [ident]))[0] if wait else {"id": ident}

    run = on_graph(work)
    if not wait:
        typer.echo(run["id"])
        return
    show_run(run)
    if run["state"] != RunState.SUCCEEDED:
        raise typer.Exit(1)


def _input(text: str) -> tuple[str, Any]:
    """``key=value``; the value is read as YAML would read it, so that 3 is a number and true a truth."""
    import yaml

    key, sign, value = text.partition("=")
    if not (key and sign):
        raise InvalidInput(
            "An input is no KEY=VALUE.", path=("set",), remedy="Write it like --set most_gone=10."
        )
    try:
        read = yaml.safe_load(value)
    except yaml.YAMLError:
        read = value
    return key, read if isinstance(read, bool | int | float) else value


def _read(file: Path) -> str:
    from ingest.workflows.definition import LARGEST

    try:
        with file.open(encoding="utf-8") as opened:
            return opened.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise BadWorkflow(
            f"The workflow cannot be read: {reason}.", path=("file",), remedy="Check its path."
        ) from None


def _tell(error: BadWorkflow, *, json: bool) -> None:
    mistakes = (error, *error.others)
    if json:
        rows = [
            {"line": e.line, "column": e.column, "message": e.message, "remedy": e.remedy} for e in mistakes
        ]
        show_json({"ok": False, "name": None, "mistakes": rows})
        return
    for each in mistakes:
        typer.echo(f"{each.message}\n  {each.remedy}", err=True)
