"""Lineage of SQL texts, without a server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ingest.sql_lineage.model import Conventions

_DEFAULTS = Conventions()


def sql_lineage(
    file: Annotated[
        Path | None, typer.Argument(help="A file of SQL; standard input if none is named.")
    ] = None,
    dialect: Annotated[
        str, typer.Option(help="Dialect of the file, as sqlglot names it; detected if none is given.")
    ] = "",
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read requests, one JSON object a line, and answer each with one.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    timeout: Annotated[float, typer.Option(help="Longest that one text or line may take, seconds.")] = 10.0,
    steering_edges: Annotated[
        bool, typer.Option(help="Columns of CASE conditions and window keys feed the value's column.")
    ] = _DEFAULTS.steering_edges,
    unused_ctes: Annotated[
        bool, typer.Option(help="A CTE that nobody reads counts as an upstream.")
    ] = _DEFAULTS.unused_ctes,
    self_upstream: Annotated[
        bool, typer.Option(help="A table written from its own values is its own upstream.")
    ] = _DEFAULTS.self_upstream,
    open_stars: Annotated[
        bool, typer.Option(help="A star over unknown columns is an edge from source.* to target.*.")
    ] = _DEFAULTS.open_stars,
    drop_writes: Annotated[
        bool, typer.Option(help="DROP names its object as written.")
    ] = _DEFAULTS.drop_writes,
    count_star: Annotated[bool, typer.Option(help="count(*) depends on all columns.")] = _DEFAULTS.count_star,
    collapse_temporary: Annotated[
        bool, typer.Option(help="Temporary tables are replaced by what feeds them.")
    ] = _DEFAULTS.collapse_temporary,
    struct_paths: Annotated[
        bool | None,
        typer.Option(help="The upstream of a.b.c on a struct is the whole path; else a. By the dialect."),
    ] = _DEFAULTS.struct_paths,
    lateral_aliases: Annotated[
        bool | None,
        typer.Option(help="A name that an earlier item of the SELECT defines means it. By the dialect."),
    ] = _DEFAULTS.lateral_aliases,
) -> None:
    import io
    from json import dumps, loads

    from graph_api.cli.output import show_json, show_table
    from ingest.sql_lineage.jsonl import serve

    settings = Conventions(
        steering_edges=steering_edges,
        unused_ctes=unused_ctes,
        self_upstream=self_upstream,
        open_stars=open_stars,
        drop_writes=drop_writes,
        count_star=count_star,
        collapse_temporary=collapse_temporary,
        struct_paths=struct_paths,
        lateral_aliases=lateral_aliases,
    )
    if jsonl:
        serve(sys.stdin, sys.stdout, settings, timeout_s=timeout)
        return
    text = file.read_text("utf-8") if file else sys.stdin.read()
    out = io.StringIO()
    serve([dumps({"sql": text, "dialect": dialect})], out, settings, timeout_s=timeout)
    found = loads(out.getvalue())
    if json:
        show_json(found)
        return
    kinds = {(up, down): ", ".join(names) for up, down, names in found["kinds"]}
    masked = {(up, down) for up, down in found["masked"]}
    rows = [
        {
            "upstream": up,
            "downstream": down,
            "kinds": kinds[up, down] + (" (masked)" if (up, down) in masked else ""),
        }
        for up, down in found["columns"]
    ]
    rows += [
        {"upstream": up, "downstream": down, "kinds": "table"}
        for up, down in found["tables"]
        if up is not None
    ]
    show_table(rows, ["upstream", "downstream", "kinds"])
    for code, line, _, subject in found["reasons"]:
        place = f" at line {line}" if line else ""
        typer.echo(f"may lack something: {code}{place}{f' ({subject})' if subject else ''}", err=True)
    for column, tables in found["candidates"]:
        typer.echo(f"{column} may come from: {', '.join(tables)}", err=True)
