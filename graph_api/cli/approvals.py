"""``pursight approvals``: who may decide about runs in whose place."""

from __future__ import annotations

from typing import Annotated

import typer

from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table

approvals = typer.Typer(add_completion=False, no_args_is_help=True)
Reason = Annotated[str, typer.Option(help="Why, for the audit trail.")]
_COLUMNS = ("id", "giver", "holder", "starts_at", "ends_at", "revoked_at", "reason")
_MOST = 1_000


@approvals.command()
def delegate(
    to: Annotated[str, typer.Option(help="Id of the token that stands in.")],
    until: Annotated[str, typer.Option(help="When it ends: 14d, 12h, or a date such as 2030-12-31.")],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Let a token decide about runs in your place for a time."""
    from graph_api.cli.tokens import expiry
    from ingest.commands.delegations import delegate as give

    ends_at = expiry(until)
    ident = on_graph(
        lambda graph: give(graph, operator(), holder=to, starts_at=None, ends_at=ends_at, reason=reason)
    )
    typer.echo(ident)


@approvals.command("list")
def list_delegations(
    ended: Annotated[bool, typer.Option("--ended", help="Those that are over too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List who stands in for whom, newest first."""
    from cypher.delegations import reads
    from schema.domain.time import stored
    from schema.ports import SystemClock

    at = None if ended else stored(SystemClock().now())
    rows = on_graph(lambda graph: reads.page(graph, party=None, at=at, key=None, backward=False, first=_MOST))
    if json:
        show_json(rows)
    else:
        show_table([{name: row.get(name) for name in _COLUMNS} for row in rows], _COLUMNS)


@approvals.command()
def revoke(
    ident: Annotated[str, typer.Argument(metavar="ID", help="Id of the delegation.")], reason: Reason = ""
) -> None:
    """End a delegation at once."""
    from ingest.commands.delegations import revoke as take_back

    on_graph(lambda graph: take_back(graph, operator(), ident=ident, reason=reason))
    typer.echo("Revoked.", err=True)
