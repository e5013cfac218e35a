"""The command that prints the public contract."""

from __future__ import annotations

import typer


def export_schema() -> None:
    from graph_api.roots import sdl

    typer.echo(sdl(), nl=False)
