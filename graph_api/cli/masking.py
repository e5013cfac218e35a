"""``pursight masking``: the rules by which values of samples are masked, and what they are for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from graph_api.cli.arguments import Reason
from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from schema.domain.masking import Mask, MaskingSubject

masking = typer.Typer(add_completion=False, no_args_is_help=True)
Subject = Annotated[MaskingSubject, typer.Argument(help="What the rule is about.", case_sensitive=False)]
Name = Annotated[
    str, typer.Argument(help="Name of the classification, category or level; none for free text.")
]
Purposes = Annotated[
    list[str] | None, typer.Argument(help="Purposes, such as fraud-prevention; none takes all away.")
]


@masking.command("list")
def list_rules(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the rules in force."""
    from ingest.commands import masking as commands

    rules = [asdict(rule) for rule in on_graph(commands.rules).all]
    if json:
        show_json(rules)
    else:
        show_table(rules, ("subject", "name", "mask", "set_by", "set_at"))


@masking.command("set")
def set_rule(
    subject: Subject,
    mask: Annotated[Mask, typer.Option(help="What becomes of the values.", case_sensitive=False)],
    name: Name = "",
    reason: Reason = "",
) -> None:
    """Mask values otherwise from now on."""
    from ingest.commands import masking as commands

    on_graph(
        lambda graph: commands.set_rule(
            graph, operator(), subject=subject, name=name, mask=mask, reason=reason
        )
    )
    typer.echo("Set.", err=True)


@masking.command("reset")
def reset_rule(subject: Subject, name: Name = "", reason: Reason = "") -> None:
    """Mask as shipped again."""
    from ingest.commands import masking as commands

    on_graph(lambda graph: commands.reset_rule(graph, operator(), subject=subject, name=name, reason=reason))
    typer.echo("Reset.", err=True)


@masking.command("bind")
def bind_classification(
    classification: Annotated[str, typer.Argument(help="Name of the classification.")],
    purposes: Purposes = None,
    reason: Reason = "",
) -> None:
    """Say for which purposes alone values of a classification are shown."""
    from ingest.commands import masking as commands

    on_graph(
        lambda graph: commands.bind_classification(
            graph, operator(), classification=classification, purposes=purposes or (), reason=reason
        )
    )
    typer.echo("Bound." if purposes else "For any purpose.", err=True)


@masking.command("allow")
def bind_token(
    token: Annotated[str, typer.Argument(metavar="ID", help="Id of the token, not its text.")],
    purposes: Purposes = None,
    reason: Reason = "",
) -> None:
    """Say what the holder of a token may act for."""
    from ingest.commands import masking as commands

    on_graph(
        lambda graph: commands.bind_token(
            graph, operator(), token=token, purposes=purposes or (), reason=reason
        )
    )
    typer.echo("Allowed." if purposes else "For nothing in particular.", err=True)
