"""``pursight limits``: what all workers together may do to the sources."""

from __future__ import annotations

from typing import Annotated

import typer

from graph_api.cli.arguments import Reason
from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json

limits = typer.Typer(add_completion=False, no_args_is_help=True)


@limits.command()
def show(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show the limits, and what was used of them today."""
    from cypher.orchestration import reads
    from ingest.orchestration.holds import day, limits_of
    from schema.ports import SystemClock

    row = on_graph(lambda graph: reads.limits(graph, day(SystemClock().now())))
    found = limits_of(row["limits"])
    if json:
        show_json(
            {
                "seconds_per_day": found.seconds_per_day,
                "rows_per_day": found.rows_per_day,
                "tasks_per_kind": dict(found.tasks_per_kind),
                "seconds_used": row["used_ms"] / 1_000,
                "rows_used": row["used_rows"],
            }
        )
        return
    for name, used, most in (
        ("seconds", row["used_ms"] / 1_000, found.seconds_per_day),
        ("rows", row["used_rows"], found.rows_per_day),
    ):
        typer.echo(f"{name} today: {used:,.0f} of {'any number' if most is None else f'{most:,}'}")
    for kind, tasks in sorted(found.tasks_per_kind.items()):
        typer.echo(f"{kind}: {tasks} tasks at once")


@limits.command("set")
def set_(
    seconds_per_day: Annotated[
        int | None, typer.Option(help="How long all sources together may be read in a day.")
    ] = None,
    rows_per_day: Annotated[int | None, typer.Option(help="How many rows may be sampled in a day.")] = None,
    tasks: Annotated[
        list[str] | None, typer.Option(metavar="KIND=N", help="Tasks at once of a kind; may be repeated.")
    ] = None,
    reason: Reason = "",
) -> None:
    """Put these limits in the place of those that there are; what is left out has none."""
    from ingest.commands.limits import set_limits
    from schema.domain.limits import QueueLimits

    of_kind: dict[str, int] = {}
    for each in tasks or ():
        kind, _, number = each.partition("=")
        if not number.isdigit():
            raise typer.BadParameter("write KIND=N, such as postgres=4", param_hint="--tasks")
        of_kind[kind] = int(number)
    wanted = QueueLimits(seconds_per_day, rows_per_day, of_kind)
    on_graph(lambda graph: set_limits(graph, operator(), wanted, reason=reason))
    typer.echo("Set.", err=True)
