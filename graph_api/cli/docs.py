"""Writing the reference pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export_docs(
    folder: Annotated[Path, typer.Argument(help="Where the pages go.")] = Path("docs/reference"),
) -> None:
    from graph_api.reference import pages

    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, "utf-8")
        typer.echo(folder / name)
