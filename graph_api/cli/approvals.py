"""``pursight approvals``: samples that somebody else has to approve, and who may decide in whose place."""

from __future__ import annotations

from typing import Annotated

import typer

from graph_api.cli.arguments import Reason
from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from schema.domain.sample_requests import SampleRequestState

approvals = typer.Typer(add_completion=False, no_args_is_help=True)
_COLUMNS = ("id", "giver", "holder", "starts_at", "ends_at", "revoked_at", "reason")
_REQUESTED = (
    "id",
    "state",
    "requested_by",
    "source",
    "dataset",
    "columns",
    "purpose",
    "reason",
    "expires_at",
)
_MOST = 1_000


@approvals.command()
def delegate(
    to: Annotated[str, typer.Option(help="Id of the token that stands in.")],
    until: Annotated[str, typer.Option(help="When it ends: 14d, 12h, or a date such as 2030-12-31.")],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Let a token decide about runs and samples in your place for a time."""
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


@approvals.command()
def request(
    asset: Annotated[str, typer.Argument(metavar="ASSET", help="Urn of a dataset or column.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    columns: Annotated[
        list[str] | None, typer.Option("--column", help="A column to read; all if none is named.")
    ] = None,
    purpose: Annotated[str, typer.Option(help="What they are for; the sample has to state the same.")] = "",
) -> None:
    """Ask that somebody else approves samples."""
    from graph_api.cli.sample import acting_for
    from ingest.commands.sample_requests import request as ask

    who = acting_for(purpose)
    typer.echo(
        on_graph(
            lambda graph: ask(graph, who, urn=asset, columns=columns or (), purpose=purpose, reason=reason)
        )
    )


@approvals.command()
def requests(
    state: Annotated[
        SampleRequestState | None,
        typer.Option(help="How they stand; all if not given.", case_sensitive=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List requests for samples, newest first."""
    from ingest.commands.sample_requests import visible

    rows = on_graph(lambda graph: visible(graph, operator(), state=state, first=_MOST))
    if json:
        show_json([{name: row.get(name) for name in _REQUESTED} for row in rows])
    else:
        show_table([row | {"columns": " ".join(row["columns"])} for row in rows], _REQUESTED)


@approvals.command()
def approve(
    ident: Annotated[str, typer.Argument(metavar="ID", help="Id of the request.")],
    until: Annotated[str, typer.Option(help="When it ends: 7d, 12h, or a date; up to 30 days ahead.")],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Let who asked for samples read them, masked, for a time."""
    from graph_api.cli.tokens import expiry
    from ingest.commands.sample_requests import decide

    ends = expiry(until)
    on_graph(
        lambda graph: decide(graph, operator(), request=ident, approved=True, reason=reason, expires_at=ends)
    )
    typer.echo("Approved.", err=True)


@approvals.command()
def reject(
    ident: Annotated[str, typer.Argument(metavar="ID", help="Id of the request.")],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Say no to a request for samples, or take an approval back."""
    from ingest.commands.sample_requests import decide

    on_graph(lambda graph: decide(graph, operator(), request=ident, approved=False, reason=reason))
    typer.echo("Rejected.", err=True)
