"""``pursight doctor``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from graph_api.cli.output import show_json
from schema.settings import settings

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    from graph_api.stack.doctor import examine

    found = examine(settings())
    if json:
        show_json([asdict(finding) for finding in found])
    else:
        for finding in found:
            typer.secho(f"{finding.verdict:4} ", fg=_COLOURS[finding.verdict], nl=False)
            typer.echo(f"{finding.check}: {finding.detail}")
            if finding.remedy:
                typer.echo(f"     remedy: {finding.remedy}")
    if any(finding.verdict == "fail" for finding in found):
        raise typer.Exit(1)
