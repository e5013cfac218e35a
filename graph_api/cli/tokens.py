"""``pursight token``: access tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from schema.domain.identity import Role, Scope

if TYPE_CHECKING:
    from datetime import datetime

token = typer.Typer(add_completion=False, no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_COLUMNS = (
    "id",
    "name",
    "role",
    "clearance",
    "domains",
    "purposes",
    "state",
    "expires_at",
    "created_at",
    "created_by",
)


@token.command()
def create(
    name: Annotated[str, typer.Option(help="What the token is for.")],
    role: Annotated[Role, typer.Option(help="What it may do.", case_sensitive=False)] = Role.READER,
    clearance: Annotated[int, typer.Option(help="Highest sensitivity it may see.", min=0, max=4)] = 4,
    domains: Annotated[
        str | None, typer.Option(help="Domains it may see, separated by commas; all if not given.")
    ] = None,
    purposes: Annotated[
        list[str] | None,
        typer.Option(
            "--purpose", help="What its holder may act for, such as fraud-prevention; may be repeated."
        ),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="When it ends: 90d, 12h, or a date such as 2030-12-31.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a token and print it, this once."""
    from ingest.commands.identity import create_token

    seen = None if domains is None else tuple(each.strip() for each in domains.split(","))
    until = None if expires is None else expiry(expires)
    ident, text = on_graph(
        lambda graph: create_token(
            graph,
            operator(),
            name=name,
            role=role,
            scope=Scope(clearance, seen),
            purposes=purposes or (),
            expires_at=until,
        )
    )
    if json:
        show_json({"id": ident, "token": text, "expires_at": until.isoformat() if until else None})
    else:
        typer.echo(text)
        typer.echo(f"This is token {ident}; it is not shown again.", err=True)


@token.command("list")
def list_tokens(json: Json = False) -> None:
    """List all tokens; their texts are not kept."""
    from cypher.identity import reads

    rows = [{**row, "state": _state(row)} for row in on_graph(reads.tokens)]
    if json:
        show_json(rows)
    else:
        lists = ("domains", "purposes")
        shown = [{**row, **{name: row[name] and ",".join(row[name]) for name in lists}} for row in rows]
        show_table(shown, _COLUMNS)


@token.command()
def revoke(
    ident: Annotated[str, typer.Argument(metavar="ID", help="Id of the token, not its text.")],
) -> None:
    """Revoke a token; the API turns it away within two seconds."""
    from ingest.commands.identity import revoke_token

    on_graph(lambda graph: revoke_token(graph, operator(), ident=ident))
    typer.echo("Revoked.", err=True)


def expiry(text: str) -> datetime:
    """The moment that a span (``90d``, ``12h``) or an ISO 8601 date means; raises ``BadParameter`` where it is not ahead."""
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    try:
        if text[-1:] in ("d", "h"):
            found = now + timedelta(hours=float(text[:-1]) * (24 if text[-1] == "d" else 1))
        else:
            found = datetime.fromisoformat(text)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            "write 90d, 12h or a date such as 2030-12-31", param_hint="--expires"
        ) from None
    if found <= now:
        raise typer.BadParameter("this lies in the past", param_hint="--expires")
    return found


def _state(row: dict[str, object]) -> str:
    from datetime import UTC, datetime

    if row["revoked_at"] is not None:
        return "revoked"
    ends = row["expires_at"]
    return (
        "expired" if ends is not None and datetime.fromisoformat(str(ends)) <= datetime.now(UTC) else "valid"
    )
