"""How commands speak: results on stdout, steps and errors on stderr, colour and movement on a terminal only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from schema.errors import PursightError


def show_json(value: Any) -> None:
    import orjson

    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def show_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """A table on a terminal, tab-separated lines otherwise."""
    import sys

    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(_cell(row.get(column)) for column in columns))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(column))) for column in columns))
    Console().print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def show_error(error: PursightError) -> None:
    """What went wrong, where, and what to do about it."""
    typer.secho(f"error: {error.message}", fg="red", err=True)
    if error.path:
        typer.echo(f"where: {'.'.join(error.path)}", err=True)
    if error.remedy:
        typer.echo(f"remedy: {error.remedy}", err=True)


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """A function that tells the present step: a spinner on a terminal, one line per step otherwise."""
    import sys

    if not sys.stderr.isatty():
        yield lambda text: typer.echo(text, err=True)
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("") as spinner:

        def tell(text: str) -> None:
            console.print(text, markup=False, highlight=False)
            spinner.update(f"{text} …")

        yield tell
