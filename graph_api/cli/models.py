"""``pursight model``: versions of the trained model."""

from __future__ import annotations

import json as text
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.arguments import Reason
from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from schema.errors import NotFound

if TYPE_CHECKING:
    from cypher.session import GraphSession

model = typer.Typer(add_completion=False, no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As `list` shows it.")]
_PAGE = 1_000
_LOOK_S = 1.0


@model.command("list")
def list_models(json: Json = False) -> None:
    """List versions and trainings, the newest first; 0 is the model that comes with the product."""
    from cypher.models import reads

    rows = on_graph(lambda graph: reads.page(graph, key=None, backward=False, first=_PAGE))
    found = [_line(row) for row in rows]
    if json:
        show_json(found)
    else:
        show_table(
            found, ("number", "status", "version", "requested_at", "by", "held out", "alone right", "why")
        )


def _line(row: dict[str, Any]) -> dict[str, Any]:
    held = text.loads(row.get("figures") or "{}").get("held_out") or {}
    return {
        "number": row["number"],
        "status": row["status"],
        "version": (row.get("digest") or "")[:12],
        "requested_at": row.get("requested_at") or "",
        "by": row.get("requested_by") or "",
        "held out": sum(held.values()) if held else "",
        "alone right": f"{held['better']} to {held['worse']}" if held else "",
        "why": row.get("fault") or (row.get("gate_reasons") or [""])[0],
    }


@model.command()
def show(number: Number, json: Json = False) -> None:
    """Show one version: how it did, on what, and why it was promoted or refused."""
    row = on_graph(lambda graph: _read(graph, number))
    told = {name: value for name, value in row.items() if name not in ("figures", "classes")}
    figures, classes = text.loads(row.get("figures") or "{}"), text.loads(row.get("classes") or "[]")
    if json:
        show_json(told | {"figures": figures, "classes": classes})
        return
    for name, value in sorted(told.items()):
        if name not in ("gate_reasons", "labels", "lock"):
            typer.echo(f"{name.replace('_', ' ')}: {value}")
    for reason in row.get("gate_reasons") or ():
        typer.echo(f"- {reason}")
    if classes:
        show_table(classes, tuple(classes[0]))


async def _read(graph: GraphSession, number: int) -> dict[str, Any]:
    from cypher.models import reads

    row = await reads.by_number(graph, number)
    if row is None:
        raise NotFound("model", str(number), path=("number",))
    return row


@model.command()
def train(
    promote: Annotated[
        bool,
        typer.Option("--promote/--keep", help="Put it in force if it passes the gate, or keep it beside."),
    ] = True,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is done, and show how it did.")] = False,
    reason: Reason = "",
) -> None:
    """Have a worker train a model by what people confirmed and rejected; print its number."""
    number = on_graph(lambda graph: _train(graph, promote, wait, reason))
    typer.echo(str(number))
    if wait:
        show(number)


async def _train(graph: GraphSession, promote: bool, wait: bool, reason: str) -> int:
    import asyncio

    from ingest.commands import models as commands
    from schema.domain.models import AT_WORK

    number = await commands.request(graph, operator(), promote=promote, reason=reason)
    status = ""
    while wait and (not status or status in AT_WORK):
        await asyncio.sleep(_LOOK_S)
        status = (await _read(graph, number))["status"]
    return number


@model.command()
def cancel(number: Number, reason: Reason = "") -> None:
    """End a training that waits or is at work."""
    from ingest.commands import models as commands

    on_graph(lambda graph: commands.cancel(graph, operator(), number=number, reason=reason))
    typer.echo("Cancelled.", err=True)


@model.command()
def promote(number: Number, reason: Reason = "") -> None:
    """Put a candidate in force that passed the gate."""
    from ingest.commands import models as commands

    on_graph(lambda graph: commands.promote(graph, operator(), number=number, reason=reason))
    typer.echo(f"Model {number} judges from now on.", err=True)


@model.command("roll-back")
def roll_back(
    to: Annotated[
        int | None, typer.Option(help="This one, 0 for that of the product; else the one before the present.")
    ] = None,
    reason: Reason = "",
) -> None:
    """Put a model in force again that was."""
    from ingest.commands import models as commands

    row = on_graph(lambda graph: commands.roll_back(graph, operator(), to=to, reason=reason))
    typer.echo(f"Model {row['number']} judges from now on.", err=True)
