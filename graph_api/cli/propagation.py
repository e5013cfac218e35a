"""``pursight propagation``: what columns inherit along lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table

if TYPE_CHECKING:
    from cypher.session import GraphSession

propagation = typer.Typer(add_completion=False, no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Why = Annotated[str, typer.Option("--reason", help="Why; kept, and in the audit trail.")]
_PAGE = 1_000


@propagation.command()
def state(json: Json = False) -> None:
    """Show what waits to be looked at, since when, and what was last done."""
    from cypher.propagation import reads

    row = on_graph(reads.state)
    noted = row["state"] or {}
    found = {
        "pending": row["pending"],
        "since": row["since"],
        "whole": bool(noted.get("whole")),
        "last_run_at": noted.get("ended_at"),
        "last_looked_at": noted.get("looked_at", 0),
        "last_changed": noted.get("changed", 0),
    }
    if json:
        show_json(found)
        return
    for name, value in found.items():
        typer.echo(f"{name.replace('_', ' ')}: {'' if value is None else value}")


@propagation.command()
def blocks(json: Json = False) -> None:
    """List what must not be inherited where, newest first."""
    found = on_graph(_blocks)
    if json:
        show_json(found)
        return
    for row in found:
        row["under"] = row["under"] or "everywhere"
    show_table(found, ("id", "classification", "under", "by", "at", "reason"))


async def _blocks(graph: GraphSession) -> list[dict[str, Any]]:
    from cypher.propagation import reads
    from schema.domain.identity import EVERYTHING

    found: list[dict[str, Any]] = []
    while True:
        key = (found[-1]["at"], found[-1]["id"]) if found else None
        rows = await reads.blocks(graph, EVERYTHING, key=key, backward=False, first=_PAGE)
        found += [{"under": None} | row for row in rows]
        if len(rows) < _PAGE:
            return found


@propagation.command()
def block(
    classification: Annotated[str, typer.Argument(metavar="CLASSIFICATION", help="Its name.")],
    reason: Why,
    under: Annotated[
        str | None, typer.Option(metavar="URN", help="Only in this asset; else everywhere.")
    ] = None,
) -> None:
    """Have a classification inherited by nothing in an asset, or by nothing at all; print the block's id."""
    from ingest.commands import propagation as commands

    ident = on_graph(
        lambda graph: commands.block(
            graph, operator(), classification=classification, under=under, reason=reason
        )
    )
    typer.echo(ident)


@propagation.command()
def unblock(
    ident: Annotated[str, typer.Argument(metavar="ID", help="As `blocks` lists it.")],
    reason: Why = "",
) -> None:
    """Take a block away."""
    from ingest.commands import propagation as commands

    on_graph(lambda graph: commands.unblock(graph, operator(), ident=ident, reason=reason))
    typer.echo("Unblocked.", err=True)


@propagation.command("set")
def set_(
    up: Annotated[str, typer.Argument(metavar="FROM", help="Urn of the column that feeds.")],
    down: Annotated[str, typer.Argument(metavar="TO", help="Urn of the column that is fed.")],
    reason: Why,
    enabled: Annotated[
        bool, typer.Option("--on/--off", help="Whether classifications pass from the one to the other.")
    ],
) -> None:
    """Let classifications pass along an edge of lineage, or not; kept when the lineage is read again."""
    from ingest.commands import propagation as commands

    changed = on_graph(
        lambda graph: commands.set_propagation(
            graph, operator(), up=up, down=down, enabled=enabled, reason=reason
        )
    )
    typer.echo("Set." if changed else "It was so before.", err=True)


@propagation.command()
def recompute(
    preview: Annotated[bool, typer.Option("--preview", help="Only tell what it would change.")] = False,
    reason: Why = "",
    json: Json = False,
) -> None:
    """Have a worker compute anew what all columns inherit."""
    from ingest.commands import propagation as commands
    from ingest.propagation import plan_all
    from schema.settings import settings

    if not preview:
        on_graph(lambda graph: commands.request_recompute(graph, operator(), reason=reason))
        typer.echo("A worker will do it; see `pursight propagation state`.", err=True)
        return
    planned = on_graph(lambda graph: plan_all(graph, settings().propagation_confidence))
    found = {"columns": planned.looked_at, **planned.counts}
    if json:
        show_json(found)
        return
    typer.echo(f"{found['columns']:,} columns were looked at. Inherited classifications that would be")
    for name in ("given", "changed", "withdrawn"):
        typer.echo(f"  {name}: {found[name]:,}")
