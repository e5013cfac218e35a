"""``pursight credential``: the secrets of sources. They are read from standard input or typed unseen, and never shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from graph_api.cli.arguments import Reason
from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from schema.errors import NotFound

if TYPE_CHECKING:
    from datetime import datetime

credential = typer.Typer(add_completion=False, no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source.")]
Expires = Annotated[str | None, typer.Option(help="When it ends: 90d, 12h, or a date such as 2030-12-31.")]


@credential.command()
def rotate(
    source: Name,
    field: Annotated[str, typer.Option(help="The setting that is secret.")] = "password",
    reference: Annotated[
        str | None,
        typer.Option(help="A reference such as ${vault:secret/pursight/shop#password} instead of a secret."),
    ] = None,
    expires: Expires = None,
    reason: Reason = "",
) -> None:
    """Put another secret in the place of one, once a connection with it worked; it is read from standard input."""
    from ingest.commands.credentials import rotate as change

    secret = reference or _read(field)
    until = _until(expires)
    report = on_graph(
        lambda graph: change(
            graph, operator(), source=source, secrets={field: secret}, expires_at=until, reason=reason
        )
    )
    typer.echo(f"{source}: {report.version} takes the new {field}.")


@credential.command()
def expiry(
    source: Name,
    expires: Expires = None,
    reason: Reason = "",
) -> None:
    """Say until when the credential of a source is valid; without --expires that it does not end."""
    from ingest.commands.credentials import set_expiry

    until = _until(expires)
    on_graph(lambda graph: set_expiry(graph, operator(), source=source, expires_at=until, reason=reason))
    typer.echo(f"{source}: " + (f"valid until {until:%Y-%m-%d %H:%M} UTC." if until else "no end is known."))


@credential.command()
def show(source: Name, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show where the secrets of a source are kept and until when they are valid."""
    import json as jsonlib

    from cypher.scanning import reads
    from ingest.commands.credentials import secret_fields
    from schema.domain.sources import source_urn

    row = on_graph(lambda graph: reads.source(graph, str(source_urn(source)))) if source else None
    if row is None:
        raise NotFound("source", source, path=("source",))
    secrets = [
        {"name": each.name, "kind": each.kind.value, "reference": each.reference or None}
        for each in secret_fields(row["connector"], jsonlib.loads(row["config"]))
    ]
    names = ("credential_expires_at", "credential_rotated_at", "credential_rotated_by")
    known = {name.removeprefix("credential_"): row.get(name) for name in names}
    if json:
        show_json(known | {"secrets": secrets})
        return
    for name, value in known.items():
        typer.echo(f"{name.replace('_', ' ')}: {value or '-'}")
    show_table(secrets, ("name", "kind", "reference"))


def _read(field: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(f"New {field}", hide_input=True))
    return sys.stdin.read(64 * 1024 + 1).rstrip("\r\n")


def _until(text: str | None) -> datetime | None:
    from graph_api.cli.tokens import expiry as parsed

    return None if text is None else parsed(text)
