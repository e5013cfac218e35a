"""Lineage of SQL texts, without a server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def sql_lineage(
    file: Annotated[
        Path | None, typer.Argument(help="A file of SQL; standard input if none is named.")
    ] = None,
    dialect: Annotated[str, typer.Option(help="Dialect of the file, as sqlglot names it.")] = "ansi",
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read requests, one JSON object a line, and answer each with one.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    from graph_api.cli.output import show_json, show_table
    from ingest.sql_lineage.jsonl import answer, serve

    if jsonl:
        serve(sys.stdin, sys.stdout)
        return
    text = file.read_text("utf-8") if file else sys.stdin.read()
    found = answer({"sql": text, "dialect": dialect})
    if json:
        show_json(found)
        return
    kinds = {(up, down): ", ".join(names) for up, down, names in found["kinds"]}
    rows = [
        {"upstream": up, "downstream": down, "kinds": kinds.get((up, down), "")}
        for up, down in found["columns"]
    ]
    rows += [
        {"upstream": up, "downstream": down, "kinds": "table"}
        for up, down in found["tables"]
        if up is not None
    ]
    show_table(rows, ["upstream", "downstream", "kinds"])
    for reason in found["reasons"]:
        typer.echo(f"may lack something: {reason}", err=True)
